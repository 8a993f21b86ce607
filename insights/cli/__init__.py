"""The command line: parse, call flow, print; no logic of its own."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Runs ``insights`` with the arguments of the process and leaves with its exit status."""
    from insights.cli.app import run

    # A closed pipe must not be noticed again when the interpreter flushes at its end.
    status = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)
