"""The command line: parse, call flow, print; no logic of its own."""

from __future__ import annotations

import io
import os
import sys


def main() -> None:
    """Runs ``insights`` with the arguments of the process and leaves with its exit status."""
    _prepare_streams()
    from insights.cli.app import run

    status = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError:
        # Told already; the interpreter must not tell it again when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(status)


def _prepare_streams() -> None:
    """Makes output UTF-8 whatever the terminal says, and stands in for a stream the caller has closed."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - open for as long as the process
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.BytesIO())
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
