"""Labelled interactions read from JSON Lines: what the model learns from and is measured by.

A line is an interaction of the interchange format with ``source``, ``insights`` (kind and evidence) and ``uncertain`` (kinds that
are not scored), perhaps with ``severity`` and ``missed_expectations``. It goes the way of every interaction: roles inferred, personal
data redacted. A line without words names a stored interaction by ``source`` and ``id``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from insights.domain import Expectation, Interaction, Kind, Redaction, Role, Severity, Turn, interaction_id
from insights.errors import UsageError
from insights.text.redact import Redactor
from insights.text.roles import infer_roles

_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)  # labels need no time of receipt


@dataclass(frozen=True, slots=True)
class GoldInteraction:
    """An interaction with what people found in it.

    Attributes:
        interaction: Redacted.
        source: Where it comes from.
        evidence: Kind to its excerpts as people marked them, before redaction, joined by " … ".
        spans: Kind to the (turn, start, end) of its excerpts in the redacted turns, where they stand in a single turn.
        uncertain: Kinds that are not scored.
        severity: Of its strongest problem, or None.
        expectations: Those missed, or None where the line says nothing of them.
    """

    interaction: Interaction
    source: str
    evidence: dict[Kind, str]
    spans: dict[Kind, tuple[tuple[int, int, int], ...]]
    uncertain: frozenset[Kind]
    severity: Severity | None = None
    expectations: frozenset[Expectation] | None = None


Stored = Callable[[str, str], Interaction | None]
"""Source and id to the stored interaction, None where there is none."""


def _nowhere(source: str, reference: str) -> None:  # noqa: ARG001
    return None


def read_gold(paths: Iterable[Path], *, stored: Stored = _nowhere) -> list[GoldInteraction]:
    """Reads labelled interactions.

    Args:
        paths: JSON Lines.
        stored: Finds the interactions of lines that hold no words.

    Raises:
        UsageError: A file is missing, a line is no labelled interaction, or it has no words and nothing is stored under its name;
            file and line are named.
    """
    redactor = Redactor()
    found = []
    for path in paths:
        if not path.is_file():
            raise UsageError(f"no such file: {path}", "name a file of labelled interactions, JSON Lines")
        with path.open(encoding="utf-8") as handle:
            for number, line in enumerate(handle, start=1):
                if line.strip():
                    found.append(_labelled(line, f"{path.name}:{number}", redactor, stored))
    return found


def _labelled(line: str, place: str, redactor: Redactor, stored: Stored) -> GoldInteraction:
    try:
        row = json.loads(line)
        original = infer_roles(_interaction(row)) if "turns" in row or "text" in row else None
        excerpts: dict[Kind, list[str]] = {}
        for item in row["insights"]:
            excerpts.setdefault(Kind(item["kind"]), []).append(str(item["evidence"]))
        uncertain = frozenset(Kind(kind) for kind in row.get("uncertain") or ())
        source, reference = str(row.get("source", "")), str(row["id"])
        severity, expectations = _severity(row), _expectations(row)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{place} is no labelled interaction", 'a line holds "id", "turns" and "insights" with kind and evidence'
        ) from error
    if original is not None:
        redacted, redactions = redactor.redact(original)
    elif (kept := stored(source, reference)) is not None:
        redacted, redactions, original = kept, (), kept
    else:
        raise UsageError(
            f'{place} holds neither "turns" nor "text", and nothing is stored under its name', "name its source as the workspace does"
        )
    placed = {kind: [_place(original.turns, text, redactions) for text in texts] for kind, texts in excerpts.items()}
    spans = {kind: tuple(span for span in some if span) for kind, some in placed.items()}
    evidence = {kind: " … ".join(texts) for kind, texts in excerpts.items()}
    return GoldInteraction(redacted, source, evidence, spans, uncertain, severity, expectations)


def _interaction(row: dict[str, Any]) -> Interaction:
    said = row["turns"] if "turns" in row else [{"role": "customer", "text": row["text"]}]
    turns = tuple(Turn(index, _role(turn.get("role")), str(turn["text"])) for index, turn in enumerate(said))
    source, reference = str(row.get("source", "")), str(row["id"])
    return Interaction(interaction_id(source, reference), source, reference, _NO_TIME, str(row.get("channel") or "unknown"), turns)


def _severity(row: dict[str, Any]) -> Severity | None:
    """Severity of the interaction, or the worst of its findings where each has its own."""
    if row.get("severity"):
        return Severity(row["severity"])
    each = [Severity(item["severity"]) for item in row["insights"] if item.get("severity")]
    return max(each, key=lambda severity: severity.rank, default=None)


def _expectations(row: dict[str, Any]) -> frozenset[Expectation] | None:
    """Missed expectations of the interaction, or those of all its findings; None where neither says anything of them."""
    told = [part["missed_expectations"] for part in (row, *row["insights"]) if "missed_expectations" in part]
    return frozenset(Expectation(name) for names in told for name in names) if told or not row["insights"] else None


def _role(name: object) -> Role:
    return next((role for role in Role if role == name), Role.UNKNOWN)


def _place(turns: Sequence[Turn], text: str, redactions: Sequence[Redaction]) -> tuple[int, int, int] | None:
    """Where an excerpt of the original stands after redaction; None where it runs over turns."""
    for turn in turns:
        start = turn.text.find(text)
        if text and start >= 0:
            own = [redaction for redaction in redactions if redaction.turn == turn.index]
            return turn.index, _moved(start, own), _moved(start + len(text), own)
    return None


def _moved(offset: int, redactions: Sequence[Redaction]) -> int:
    """An offset into the original as one into the redacted turn; inside a mark it is the mark's beginning."""
    moved = offset
    for redaction in redactions:
        if redaction.end <= offset:
            moved += len(f"[{redaction.type}]") - (redaction.end - redaction.start)
        elif redaction.start < offset:
            moved -= offset - redaction.start
    return moved
