"""Errors people can act on: every one is a problem, the place, and the next thing to type.

The command line prints ``error: PROBLEM`` and ``hint: MEND`` and leaves with ``exit_code``.
Standard library only.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class InsightsError(Exception):
    """A problem a person can mend, with the way to mend it.

    Args:
        problem: What is wrong, with the value and the place, in one line.
        hint: What to do or type next, in one line; may be empty.
    """

    exit_code = 2

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint


class UsageError(InsightsError):
    """A wrong argument, a missing path, or a permission refused (exit 2)."""


class NotFoundError(InsightsError):
    """An id, unit, topic or name that does not exist (exit 4)."""

    exit_code = 4


class StoreError(InsightsError):
    """The store is locked, newer than the program, or damaged (exit 5)."""

    exit_code = 5


class ModelError(InsightsError):
    """A model that is missing, tampered with, or of another version (exit 2)."""


class RedactionError(InsightsError):
    """Redaction could not run; the record must not be stored (the caller sets it aside)."""


class DocumentTooLongError(InsightsError):
    """An interaction longer than the workspace takes; it costs itself only (the caller sets it aside)."""


class DeliveryError(InsightsError):
    """A delivery failed.

    Args:
        problem: What the receiver said or what went wrong.
        hint: The mend.
        permanent: True when a further attempt cannot succeed.
    """

    exit_code = 3

    def __init__(self, problem: str, hint: str = "", *, permanent: bool = False) -> None:
        super().__init__(problem, hint)
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a configuration file.

    Attributes:
        file: Path of the file as the user gave it.
        line: 1-based line, 0 when no line can be named.
        key: Dotted key, such as ``topic.refund_late.kind``.
        problem: What is wrong and what was expected.
        hint: The mend, such as the nearest known key; may be empty.
        warning: It deserves a look, and nothing is refused for it.
    """

    file: str
    line: int
    key: str
    problem: str
    hint: str = ""
    warning: bool = False

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        where = f"{place}: {self.key}: " if self.key else f"{place}: "
        return where + self.problem + (f" ({self.hint})" if self.hint else "")


class ConfigError(InsightsError):
    """One or more faults of configuration files, all told at once (exit 2)."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        count = len(faults)
        lines = "\n".join(f"  {fault}" for fault in faults)
        noun = "fault" if count == 1 else "faults"
        super().__init__(f"{count} {noun} in the configuration\n{lines}", "mend them and run `insights check`")
        self.faults = tuple(faults)


def nearest(name: str, known: Iterable[str]) -> str:
    """Returns ``did you mean "x"?`` for the nearest known name, or the list of known names."""
    names = sorted(set(known))
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f'did you mean "{close[0]}"?'
    return "known: " + ", ".join(names[:12]) + (", …" if len(names) > 12 else "") if names else ""
