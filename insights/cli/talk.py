"""Talk on stderr: warnings, summaries, progress bars, errors. Results never go here, customers' words neither."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Manner:
    """How the program talks in this call."""

    workspace: Path | None = None
    quiet: bool = False
    verbose: bool = False
    as_json: bool = False
    debug: bool = False


_manner = Manner()


def configure(*, workspace: Path | None, quiet: bool, verbose: bool, as_json: bool, debug: bool) -> None:
    """Sets how to talk; called once, by the command line's own callback."""
    global _manner
    _manner = Manner(workspace, quiet, verbose, as_json, debug)


def chosen_workspace() -> Path | None:
    """Returns the folder named on the line or in the environment."""
    return _manner.workspace


def debugging() -> bool:
    """Whether a traceback is wanted."""
    return _manner.debug


def say(text: str, **fields: object) -> None:
    """Tells something worth knowing, unless asked to be quiet."""
    if not _manner.quiet:
        _write("info", text, fields)


def detail(text: str, **fields: object) -> None:
    """Tells something only who asked for more wants to know."""
    if _manner.verbose:
        _write("debug", text, fields)


def error(problem: str, hint: str) -> None:
    """Tells an error and its mend; also when asked to be quiet."""
    if _manner.as_json:
        _write("error", problem, {"hint": hint})
        return
    sys.stderr.write(f"error: {_harmless(problem)}\n")
    if hint:
        sys.stderr.write(f"hint: {_harmless(hint)}\n")


def _write(level: str, text: str, fields: Mapping[str, object]) -> None:
    if _manner.as_json:
        text = json.dumps({"level": level, "message": text, **fields}, default=str, ensure_ascii=False)
    sys.stderr.write(_harmless(text) + "\n")


def _harmless(text: str) -> str:
    """A file may be called anything; its name must not steer the terminal."""
    return "".join(sign if sign == "\n" or sign.isprintable() else " " for sign in text)


@contextmanager
def progress() -> Iterator[Callable[[str, int, int | None], None]]:
    """Gives a function that draws a bar a step on a terminal and is silent in a pipe."""
    if _manner.quiet or _manner.as_json or not sys.stderr.isatty():
        yield _silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True, no_color=bool(os.environ.get("NO_COLOR")))) as bars:
        tasks: dict[str, TaskID] = {}

        def draw(step: str, done: int, total: int | None) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield draw


def _silent(step: str, done: int, total: int | None) -> None:
    """Draws nothing."""


@contextmanager
def stopwatch() -> Iterator[Callable[[], float]]:
    """Gives a function that returns the seconds since the beginning."""
    start = time.perf_counter()
    yield lambda: time.perf_counter() - start


def warn(text: str, **fields: object) -> None:
    """Tells of a record that was lost to the results; also when asked to be quiet."""
    _write("warning", text, fields)
