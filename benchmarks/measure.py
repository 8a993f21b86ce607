"""Whole commands, timed and weighed from outside."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measured:
    """One command: exit status, wall seconds, peak resident memory of all its processes together in MiB, stdout."""

    status: int
    seconds: float
    peak_mib: float
    output: str


def insights(*arguments: str, folder: Path | None = None) -> Measured:
    """Runs ``insights`` in a process of its own and watches the memory of it and its workers."""
    return command([sys.executable, "-m", "insights", *arguments], folder=folder)


def command(words: Sequence[str], *, folder: Path | None = None) -> Measured:
    """Runs a command, sampling the resident memory of its process tree twenty times a second."""
    start = time.perf_counter()
    process = subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak = [0.0]
    stop = threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, peak, stop))
    watcher.start()
    output, errors = process.communicate()
    stop.set()
    watcher.join()
    if process.returncode not in (0, 3):
        sys.stderr.write(errors)
    return Measured(process.returncode, time.perf_counter() - start, peak[0], output)


def _watch(pid: int, peak: list[float], stop: threading.Event) -> None:
    while not stop.wait(0.05):
        peak[0] = max(peak[0], sum(_resident(child) for child in _tree(pid)))


def _tree(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        current = waiting.pop()
        found.append(current)
        try:
            for task in Path(f"/proc/{current}/task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def _resident(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
