"""How soon the command line answers."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from benchmarks.measure import command


def report(runs: int = 11) -> None:
    """Prints the median and the range of ``insights --help``."""
    program = str(Path(sys.executable).parent / "insights")
    times = sorted(command([program, "--help"]).seconds for _ in range(runs))
    print(f"insights --help: median {statistics.median(times):.3f} s, {times[0]:.3f} to {times[-1]:.3f} s over {runs} runs")
