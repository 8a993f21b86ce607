"""Rows of any table become interactions, in each of the three layouts.

In the layout ``turn`` the rows of an interaction should stand together. Interactions that are written interleaved (an export
by time) are still joined as long as no more than ``OPEN`` of them are unfinished at once. A row whose interaction was
already handed on is set aside and says so: joining it would need the whole file in memory, and reading it as an interaction
of its own would replace the first. To notice such rows a reader keeps eight bytes for each interaction handed on.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from insights.domain import Interaction, Reading, SetAside
from insights.readers.opening import refused
from insights.readers.options import ReadOptions
from insights.readers.plan import Plan
from insights.readers.record import NO_ID, Fields, interaction_of
from insights.readers.values import RefusedError, label

OPEN = 1000
"""Interactions of turns that may be unfinished at once."""

OPEN_ROWS = 100_000
"""Rows that may wait in unfinished interactions."""

STRAY = "a turn of an interaction that ended earlier in the file; sort the file by interaction and read it again"
TOO_DEEP = "nested too deeply"
FIELDS_DIFFER = "fields that differ between turns: the first kept"
FILE_ORDER = "turn order taken from the file"


@dataclass(frozen=True, slots=True)
class Row:
    """One row or object of a source.

    Attributes:
        locator: For the dead letter.
        place: Its id where the source gives none.
        fields: Source field to value.
        raw: Its bytes; None where they are made from the fields.
        repairs: What was mended so far.
    """

    locator: str
    place: str
    fields: Fields
    raw: bytes | None = None
    repairs: tuple[str, ...] = ()

    def refused(self, reason: str) -> SetAside:
        """Returns this row set aside."""
        return refused(self.locator, reason, json.dumps(self.fields, default=str) if self.raw is None else self.raw)


def readings(rows: Iterable[Row | SetAside], plan: Plan, options: ReadOptions, *, channel: str) -> Iterator[Reading]:
    """Yields what each row, or each group of rows, becomes; a row that cannot be read costs itself."""
    if options.trace is not None:
        options.trace.layout = plan.layout
    if plan.layout == "turn":
        yield from _grouped(rows, plan, options, channel)
        return
    for row in rows:
        yield row if isinstance(row, SetAside) else _read(row, plan, options, channel, row.repairs)


def _read(row: Row, plan: Plan, options: ReadOptions, channel: str, repairs: tuple[str, ...], said: list[Fields] | None = None) -> Reading:
    try:
        return interaction_of(row.fields, plan, options, place=row.place, channel=channel, repairs=repairs, rows=said or ())
    except RefusedError as error:
        return row.refused(error.reason)
    except RecursionError:
        return refused(row.locator, TOO_DEEP, row.raw or b"")


@dataclass(slots=True)
class _Group:
    """An interaction whose turns are still being collected."""

    first: Row
    said: list[Fields] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    repairs: dict[str, None] = field(default_factory=dict)

    def add(self, row: Row, plan: Plan) -> None:
        of_turn = {*plan.text, plan.role, plan.at, plan.visibility, plan.turn_index}
        self.said.append({name: value for name, value in row.fields.items() if name in of_turn})
        self.repairs.update(dict.fromkeys(row.repairs))
        for name, value in row.fields.items():
            if value in (None, "") or (name in of_turn and name != plan.at):
                continue
            if self.fields.setdefault(name, value) != value and name != plan.at:
                self.repairs[FIELDS_DIFFER] = None


def _grouped(rows: Iterable[Row | SetAside], plan: Plan, options: ReadOptions, channel: str) -> Iterator[Reading]:
    waiting: OrderedDict[str, _Group] = OrderedDict()
    done = _Seen()
    held = 0
    for row in rows:
        if isinstance(row, SetAside):
            yield row
            continue
        try:
            key = label(row.fields.get(plan.fields.get("id", "")), "id", {})
        except RefusedError as error:
            yield row.refused(error.reason)
            continue
        if not key:
            yield row.refused(NO_ID)
            continue
        if key not in waiting:
            if key in done:
                yield row.refused(STRAY)
                continue
            waiting[key] = _Group(row)
        waiting[key].add(row, plan)
        waiting.move_to_end(key)
        held += 1
        while len(waiting) > OPEN or (held > OPEN_ROWS and len(waiting) > 1):
            oldest, group = waiting.popitem(last=False)
            held -= len(group.said)
            done.add(oldest)
            yield _close(group, plan, options, channel)
    for group in waiting.values():
        yield _close(group, plan, options, channel)


def _close(group: _Group, plan: Plan, options: ReadOptions, channel: str) -> Reading:
    said = _in_order(group, plan)
    first = Row(group.first.locator, group.first.place, group.fields, group.first.raw)
    reading = _read(first, plan, options, channel, tuple(group.repairs), said)
    if isinstance(reading, Interaction) or len(group.said) == 1:
        return reading
    return SetAside(
        reading.locator, f"{reading.reason} (an interaction of {len(group.said)} rows)", "read", getattr(reading, "content", b"")
    )


def _in_order(group: _Group, plan: Plan) -> list[Fields]:
    if plan.turn_index is None:
        return group.said
    try:
        places = [float(row[plan.turn_index]) for row in group.said]
    except (TypeError, ValueError, KeyError):
        group.repairs[FILE_ORDER] = None
        return group.said
    return [group.said[index] for index in sorted(range(len(places)), key=places.__getitem__)]


class _Seen:
    """A set of texts that takes eight bytes for each: sorted runs of hashes, merged as they grow."""

    _RECENT = 4096

    def __init__(self) -> None:
        self._recent: set[int] = set()
        self._runs: list[Any] = []

    def __contains__(self, text: str) -> bool:
        key = self._hash(text)
        return key in self._recent or any(self._holds(run, key) for run in self._runs)

    def add(self, text: str) -> None:
        self._recent.add(self._hash(text))
        if len(self._recent) >= self._RECENT:
            self._merge()

    @staticmethod
    def _hash(text: str) -> int:
        return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")

    @staticmethod
    def _holds(run: Any, key: int) -> bool:
        place = bisect_left(run, key)
        return bool(place < len(run) and run[place] == key)

    def _merge(self) -> None:
        """Adds the recent hashes as a run; runs of like size are joined, so that there are never many."""
        import numpy as np

        run = np.fromiter(self._recent, dtype=np.uint64, count=len(self._recent))
        run.sort()
        self._recent = set()
        while self._runs and len(self._runs[-1]) <= len(run):
            run = np.concatenate([self._runs.pop(), run])
            run.sort()
        self._runs.append(run)
