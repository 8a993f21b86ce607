"""The queue of what could be either: what an answer is worth, how much can be read in the time there is, and the answers.

The worth of an answer is a product:

- uncertainty: 4 p (1 - p) of the calibrated probability p; 1 at even odds, 0 where the engine is sure;
- severity: 1 for low, 2 for medium, 4 for high, 8 for critical;
- reach: 1 + log2(1 + contacts), the contacts with a decided finding of the same topic, or else of the same kind and subject;
- rarity: 1 + log10(findings of the commonest kind / findings of this kind), since of a rare kind each answer teaches more;
- novelty: 1 / sqrt(n) for the n-th in the queue of the same kind and subject, since it teaches less than the first.

Reading takes 20 seconds to decide and the time for the turns quoted, at 200 words a minute.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from insights.config.load import Loaded
from insights.domain import Change, Evidence, Insight, Interaction, Kind, Ruling
from insights.errors import InsightsError, UsageError
from insights.flow.correct import Desk, Saying, correct, desk_of
from insights.flow.progress import Progress, silent
from insights.flow.route import router_of
from insights.readers.encoding import detect
from insights.store import Store, Waiting

COLUMNS = ("value", "id", "interaction", "kind", "confidence", "severity", "subject", "owner", "quote", "around", "why", "answer", "note")
TABLE_COLUMNS = ("value", "id", "kind", "confidence", "owner", "quote", "why")
ANSWER_COLUMNS = ("line", "id", "answer", "result")
_DECIDING_S = 20.0
_WORDS_A_MINUTE = 200.0
_AROUND = 200
_YES, _NO = frozenset({"yes", "y"}), frozenset({"no", "n"})
_OPEN = frozenset({"", "skip", "?"})


@dataclass(frozen=True, slots=True)
class Queue:
    """What to read, the worthiest first, how many wait in all, and the seconds the reading takes."""

    rows: list[dict[str, Any]]
    waiting: int
    seconds: float


def worth(waiting: Waiting, counted: Mapping[Kind, int]) -> float:
    """Returns what an answer is worth where nothing like it is in the queue.

    Args:
        waiting: The finding.
        counted: Decided findings of each kind.
    """
    uncertainty = 4.0 * waiting.confidence * (1.0 - waiting.confidence)
    reach = 1.0 + math.log2(1 + waiting.like)
    rarity = 1.0 + math.log10(max(1, *counted.values()) / max(1, counted[waiting.kind]))
    return uncertainty * 2.0**waiting.severity.rank * reach * rarity


def by_worth(waiting: Sequence[Waiting], counted: Mapping[Kind, int]) -> list[tuple[float, str]]:
    """Returns (worth, id) of each finding, the worthiest first; the n-th of a kind and subject is worth less than the first."""
    met: Counter[tuple[Kind, str]] = Counter()
    found = []
    for value, one in sorted(((worth(one, counted), one) for one in waiting), key=lambda pair: (-pair[0], pair[1].id)):
        met[one.kind, one.subject] += 1
        found.append((value / math.sqrt(met[one.kind, one.subject]), one.id))
    return sorted(found, key=lambda pair: (-pair[0], pair[1]))


def queue(loaded: Loaded, store: Store, *, limit: int | None = None, hours: float | None = None, kind: Kind | None = None) -> Queue:
    """Returns the undecided findings worth most.

    Args:
        loaded: The workspace.
        store: Open.
        limit: Most findings.
        hours: Time there is to read.
        kind: Only of this kind.
    """
    waiting = [one for one in store.undecided() if kind in {None, one.kind}]
    router, rows, seconds = router_of(loaded), [], 0.0
    for value, id in by_worth(waiting, store.found_of_kind())[:limit]:
        insight = store.insight(id)
        interaction = store.interaction(insight.interaction_id)
        cost = reading_seconds(insight, interaction)
        if hours is not None and seconds + cost > hours * 3600:
            break
        seconds += cost
        owner = router.route(insight, interaction, at=interaction.received_at)[0].unit_id
        rows.append(_row(value, insight, interaction, owner))
    return Queue(rows, len(waiting), seconds)


def reading_seconds(insight: Insight, interaction: Interaction) -> float:
    """Returns how long a person takes to decide about a finding."""
    turns = {evidence.turn for evidence in insight.evidence}
    words = sum(len(interaction.turns[turn].text.split()) for turn in turns)
    return _DECIDING_S + 60.0 * words / _WORDS_A_MINUTE


def _row(value: float, insight: Insight, interaction: Interaction, owner: str) -> dict[str, Any]:
    first = insight.evidence[0]
    return {
        "value": round(value, 2),
        "id": insight.id,
        "interaction": interaction.source_ref,
        "kind": insight.kind.value,
        "confidence": round(insight.confidence, 4),
        "severity": insight.severity.value,
        "subject": insight.named,
        "owner": owner,
        "quote": first.quote,
        "around": _around(interaction, first),
        "why": "; ".join(dict.fromkeys(vote.why for vote in insight.votes)),
        "answer": "",
        "note": "",
    }


def _around(interaction: Interaction, span: Evidence) -> str:
    """The quote between » and « with what stands before and after it in its turn."""
    text = interaction.turns[span.turn].text
    before, after = text[max(0, span.start - _AROUND) : span.start], text[span.end : span.end + _AROUND]
    opening = "…" if span.start > _AROUND else ""
    closing = "…" if span.end + _AROUND < len(text) else ""
    return f"{opening}{before}»{span.quote}«{after}{closing}"


def change_of(answer: str) -> Change | None:
    """Returns what an answer says: yes, no, or the kind it is instead; None where it says nothing.

    Raises:
        ValueError: It is none of these.
    """
    word = answer.strip().lower().replace(" ", "_")
    if word in _OPEN:
        return None
    if word in _YES | _NO:
        return Change(Ruling.YES if word in _YES else Ruling.NOT)
    return Change(Ruling.YES, kind=Kind(word))


@dataclass(frozen=True, slots=True)
class _Answer:
    line: int
    id: str
    answer: str
    note: str
    change: Change | None


def take_answers(loaded: Loaded, store: Store, path: Path, *, by: str, at: datetime, progress: Progress = silent) -> list[dict[str, Any]]:
    """Turns the answers of a queue's file into corrections; taking the same file again changes nothing.

    Args:
        loaded: The workspace.
        store: Open for writing.
        path: CSV with ``id`` and ``answer`` (yes, no, a kind, or nothing), as the queue is written; ``note`` is kept where there is one.
        by: Who answered.
        at: When.
        progress: Told after each answer.

    Returns:
        A row an answer: ``kept``, ``said before``, or why it could not be kept.

    Raises:
        UsageError: The file is missing or is no such table, or holds an answer that is none; then nothing is kept.
    """
    answers = [answer for answer in _read_answers(path) if answer.change]
    desk, rows = desk_of(loaded, store), []
    for number, answer in enumerate(answers, start=1):
        result = _kept(desk, answer, by, at)
        rows.append({"line": answer.line, "id": answer.id, "answer": answer.answer, "result": result})
        progress("answers", number, len(answers))
    return rows


def _kept(desk: Desk, answer: _Answer, by: str, at: datetime) -> str:
    if answer.change is None:
        return "open"
    try:
        made = correct(desk, Saying(answer.id, answer.change, by, at, answer.note))
    except InsightsError as error:
        return error.problem
    return "kept" if made else "said before"


def _read_answers(path: Path) -> list[_Answer]:
    if not path.is_file():
        raise UsageError(f"no such file: {path}", "write the queue with `insights review --format csv -o FILE`, fill its column answer")
    content = path.read_bytes()
    encoding = detect(content)
    text = content[encoding.bom :].decode(encoding.name, errors="replace")
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    if missing := {"id", "answer"} - set(rows.fieldnames or ()):
        raise UsageError(f"{path.name} has no column {' and none '.join(sorted(missing))}", "keep the first line of the queue's file")
    answers, wrong = [], []
    try:
        for row in rows:
            id, answer, note = (str(row.get(name) or "").strip() for name in ("id", "answer", "note"))
            try:
                answers.append(_Answer(rows.line_num, id, answer, note, change_of(answer)))
            except ValueError:
                wrong.append(str(rows.line_num))
    except csv.Error as error:
        raise UsageError(f"{path.name} cannot be read as a table after line {rows.line_num}", "write it as CSV again") from error
    if wrong:
        problem = f"{path.name}: no answer that is understood in line {', '.join(wrong[:9])}{', …' if len(wrong) > 9 else ''}"
        raise UsageError(problem, f"write yes, no, nothing, or the kind it is instead: {', '.join(Kind)}")
    return answers


def _delimiter(text: str) -> str:
    """A spreadsheet writes the separator of its country."""
    head = text.partition("\n")[0]
    return max(",;\t", key=lambda sign: head.count(sign))


def questions(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Returns the queue's rows as people read them one by one."""
    return [
        f"{row['kind']}  {row['severity']}  {row['confidence']:.2f}  would go to {row['owner']}  ({row['interaction']})\n"
        f"  {row['around']}\n  {row['why']}"
        for row in rows
    ]
