"""Reading contacts back, by id or by the reference their source gave, and counting what the store holds."""

# ruff: noqa: S608 - statements are put together from this room's own constants; every value is bound.

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from insights.domain import Interaction, Role, Turn, Visibility
from insights.errors import NotFoundError, UsageError, nearest
from insights.store.connection import Database, Row, moment, moment_or_none, storable
from insights.store.ingest import turn_span

PREFIX = 6
_COLUMNS = "seq, id, source, source_ref, received_at, channel, started_at, language, customer_ref, product, queue, meta, repairs"


def interaction(store: Database, ref: str) -> Interaction:
    """Returns a contact by its id, its source's reference, ``source/reference``, or a beginning of the id (6 or more).

    Raises:
        NotFoundError: Nothing is called so; the hint names the nearest reference.
        UsageError: Several are; the hint lists them as ``source/reference``, which is accepted too.
    """
    with store.reading():
        return load(store, [seq_of(store, ref)])[0]


def seq_of(store: Database, ref: str) -> int:
    """Returns the row number of the contact that ``ref`` names; raises as ``interaction`` does."""
    for where, values in _ways(storable(ref)):
        found = store.rows(f"SELECT seq, source, source_ref FROM interaction WHERE {where} ORDER BY source, source_ref LIMIT 9", values)
        if len(found) == 1:
            return int(found[0][0])
        if found:
            names = ", ".join(f"{source}/{source_ref}" for _, source, source_ref in found[:8])
            raise UsageError(f'"{ref}" names several interactions', f"say which: {names}{', …' if len(found) > 8 else ''}")
    raise NotFoundError(f'there is no interaction "{ref}"', _nearest(store, storable(ref)))


def _ways(ref: str) -> list[tuple[str, tuple[str, ...]]]:
    """What a reference may be, the surest first."""
    ways: list[tuple[str, tuple[str, ...]]] = [("id = ?", (ref,)), ("source_ref = ?", (ref,))]
    if "/" in ref:
        ways.append(("source || '/' || source_ref = ?", (ref,)))
    if len(ref) >= PREFIX and set(ref) <= set("0123456789abcdef"):
        ways.append(("id >= ? AND id < ?", (ref, ref + "g")))
    return ways


def _nearest(store: Database, ref: str) -> str:
    begin = ref[:2]
    near = store.rows(
        "SELECT source_ref FROM interaction WHERE source_ref >= ? AND source_ref < ? LIMIT 2000", (begin, begin + "\U0010ffff")
    )
    return nearest(ref, (name for (name,) in near)) if near else "list some with `insights query`"


def load(store: Database, seqs: Sequence[int], *, turns: bool = True) -> list[Interaction]:
    """Returns contacts by row number, in the order asked for; without their turns on wish."""
    rows = store.rows(f"SELECT {_COLUMNS} FROM interaction WHERE seq IN (SELECT value FROM json_each(?))", (json.dumps(list(seqs)),))
    by_seq = {row[0]: _interaction(row, _turns(store, row[0]) if turns else ()) for row in rows}
    return [by_seq[seq] for seq in seqs]


def _interaction(row: Row, turns: tuple[Turn, ...]) -> Interaction:
    _, id, source, source_ref, received_at, channel, started_at, language, customer_ref, product, queue, meta, repairs = row
    return Interaction(
        id=id,
        source=source,
        source_ref=source_ref,
        received_at=moment(received_at),
        channel=channel,
        turns=turns,
        started_at=moment_or_none(started_at),
        language=language,
        customer_ref=customer_ref,
        product=product,
        queue=queue,
        meta=json.loads(meta),
        repairs=tuple(json.loads(repairs)),
    )


def _turns(store: Database, seq: int) -> tuple[Turn, ...]:
    rows = store.rows("SELECT role, text, at, visibility FROM turn WHERE id BETWEEN ? AND ? ORDER BY id", turn_span(seq))
    return tuple(
        Turn(index, Role(role), text, moment_or_none(at), Visibility(visibility)) for index, (role, text, at, visibility) in enumerate(rows)
    )


def counts(store: Database) -> dict[str, int]:
    """Returns how many of each noun the store holds, for summaries."""
    with store.reading():
        return {name: int(store.value(sql)) for name, sql in _COUNTS.items()}


_COUNTS = {
    "interactions": "SELECT count(*) FROM interaction",
    "undated": "SELECT count(*) FROM interaction WHERE started_at IS NULL",
    "turns": "SELECT count(*) FROM turn",
    "insights": "SELECT count(*) FROM insight WHERE decision = 'yes'",
    "undecided": "SELECT count(*) FROM insight WHERE decision = 'undecided'",
    "unaccounted": "SELECT count(*) FROM unaccounted",
    "corrections": "SELECT count(*) FROM correction",
    "topics": "SELECT count(*) FROM topic",
    "issues": "SELECT count(*) FROM issue",
    "digests": "SELECT count(*) FROM digest",
    "deliveries_pending": "SELECT count(*) FROM outbox WHERE status = 'pending'",
    "dead_letters": "SELECT count(*) FROM dead_letter WHERE status = 'open'",
}


def newest_time(store: Database) -> datetime | None:
    """Returns the newest event time, or the newest time received where no contact is dated; None of an empty store.

    A contact said to begin after it was received is left out: a wrong clock must not move the present.
    """
    newest = store.value("SELECT started_at FROM interaction WHERE started_at <= received_at ORDER BY started_at DESC LIMIT 1")
    if newest is None:
        newest = store.value("SELECT max(received_at) FROM interaction WHERE started_at IS NULL")
    return moment_or_none(newest)
