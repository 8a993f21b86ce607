"""Taking in: rows, cursor and dead letters of a batch in one transaction, so that a kill loses and doubles nothing."""

# ruff: noqa: S608 - statements are put together from this room's own constants; every value is bound.

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from insights.domain import Counts, Interaction, Turn
from insights.errors import NotFoundError, StoreError, nearest
from insights.store.connection import Database, Row, Values, micros, moment, storable
from insights.store.records import Cursor, DeadLetter
from insights.store.schema import TURN_BITS

_MENDED = "character the store cannot hold replaced"


@dataclass(frozen=True, slots=True)
class _Arrival:
    """An interaction to be written under ``seq``; ``replaces`` says whether rows stand there already."""

    interaction: Interaction
    content_hash: str
    seq: int
    replaces: bool


def ingest(
    store: Database, batch: Sequence[tuple[Interaction, str]], *, letters: Sequence[DeadLetter], skipped: int, cursor: Cursor
) -> Counts:
    """Stores a batch of readings with the cursor that accounts for them, all or nothing.

    Args:
        store: Open for writing.
        batch: Redacted interactions, each with the keyed hash of its content. A known id with the same hash is
            left alone; with another hash it replaces the stored one and all that was found in it.
        letters: Records set aside. One met before is not doubled; replayed in vain it is open again; dropped it stays dropped.
        skipped: Records that are no contacts.
        cursor: Where the file stands after this batch; its ``counts`` are those before the batch.

    Returns:
        How the records of this batch fared. The same reference twice in a batch: the later one replaces.
    """
    with store.writing():
        arrivals, counts = _sort_out(store, batch)
        counts += Counts(read=skipped + len(letters), skipped=skipped, set_aside=len(letters))
        _forget(store, [arrival.seq for arrival in arrivals if arrival.replaces])
        _insert(store, arrivals)
        save_letters(store, letters)
        _save_cursor(store, replace(cursor, counts=cursor.counts + counts))
    return counts


def cursor(store: Database, source: str, file_hash: str, options_hash: str) -> Cursor | None:
    """Returns how far a file was read with these options, or None."""
    row = store.row(
        "SELECT file, records, counts, done FROM cursor WHERE source = ? AND file_hash = ? AND options_hash = ?",
        (source, file_hash, options_hash),
    )
    if row is None:
        return None
    file, records, counts, done = row
    return Cursor(source, file, file_hash, options_hash, records, Counts(*json.loads(counts)), bool(done))


def dead_letters(store: Database, status: str | None = "open") -> list[DeadLetter]:
    """Returns the dead letters with a status (None: all), by source, time and place."""
    where = "" if status is None else " WHERE status = ?"
    values = () if status is None else (status,)
    found = store.rows(f"SELECT {_LETTER_COLUMNS} FROM dead_letter{where} ORDER BY source, at, locator, id", values)
    return [_letter(row) for row in found]


def dead_letter(store: Database, id: str) -> DeadLetter:
    """Returns one dead letter by its id.

    Raises:
        NotFoundError: There is none.
    """
    row = store.row(f"SELECT {_LETTER_COLUMNS} FROM dead_letter WHERE id = ?", (id,))
    if row is None:
        known = (letter for (letter,) in store.rows("SELECT id FROM dead_letter ORDER BY id LIMIT 1000"))
        raise NotFoundError(f"there is no dead letter {id}", nearest(id, known))
    return _letter(row)


def mark_letters(store: Database, ids: Iterable[str], status: str) -> None:
    """Sets the status of dead letters to ``open``, ``replayed`` or ``dropped``."""
    with store.writing():
        store.run_many("UPDATE dead_letter SET status = ? WHERE id = ?", [(status, id) for id in ids])


def _sort_out(store: Database, batch: Sequence[tuple[Interaction, str]]) -> tuple[list[_Arrival], Counts]:
    """Tells new, changed and unchanged apart, in the order of the batch."""
    known = {
        id: (seq, content_hash)
        for id, seq, content_hash in store.rows(
            "SELECT id, seq, content_hash FROM interaction WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps([interaction.id for interaction, _ in batch]),),
        )
    }
    next_seq = int(store.value("SELECT ifnull(max(seq), 0) FROM interaction")) + 1
    arrivals: dict[str, _Arrival] = {}
    stored = replaced = unchanged = 0
    for interaction, content_hash in batch:
        earlier, row = arrivals.get(interaction.id), known.get(interaction.id)
        if earlier or row:
            if content_hash == (earlier.content_hash if earlier else row[1] if row else ""):
                unchanged += 1
                continue
            replaced += 1
            seq = earlier.seq if earlier else row[0] if row else 0
        else:
            stored += 1
            seq, next_seq = next_seq, next_seq + 1
        arrivals[interaction.id] = _Arrival(interaction, content_hash, seq, row is not None)
    return list(arrivals.values()), Counts(len(batch), stored, replaced, unchanged)


def _forget(store: Database, seqs: Sequence[int]) -> None:
    """Removes interactions with their turns, words, insights and routes."""
    for seq in seqs:
        span = turn_span(seq)
        # The full-text index holds no text of its own: it must be told the words it is to forget.
        store.run("INSERT INTO turn_words (turn_words, rowid, text) SELECT 'delete', id, text FROM turn WHERE id BETWEEN ? AND ?", span)
        store.run("DELETE FROM turn WHERE id BETWEEN ? AND ?", span)
        store.run("DELETE FROM interaction WHERE seq = ?", (seq,))


def _insert(store: Database, arrivals: Sequence[_Arrival]) -> None:
    turns = [row for arrival in arrivals for row in _turn_rows(arrival)]
    store.run_many(_INTERACTION, map(_interaction_row, arrivals))
    store.run_many("INSERT INTO turn (id, role, text, at, visibility) VALUES (?, ?, ?, ?, ?)", turns)
    store.run_many("INSERT INTO turn_words (rowid, text) VALUES (?, ?)", [(row[0], row[2]) for row in turns])


_INTERACTION = (
    "INSERT INTO interaction (seq, id, source, source_ref, content_hash, received_at, started_at, channel, language,"
    " customer_ref, product, queue, meta, repairs) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def _interaction_row(arrival: _Arrival) -> Values:
    interaction = arrival.interaction
    repairs = interaction.repairs + ((_MENDED,) if any(storable(turn.text) != turn.text for turn in interaction.turns) else ())
    return (
        arrival.seq,
        interaction.id,
        storable(interaction.source),
        storable(interaction.source_ref),
        arrival.content_hash,
        micros(interaction.received_at),
        None if interaction.started_at is None else micros(interaction.started_at),
        storable(interaction.channel),
        _storable_or_none(interaction.language),
        _storable_or_none(interaction.customer_ref),
        _storable_or_none(interaction.product),
        _storable_or_none(interaction.queue),
        json.dumps({storable(key): storable(value) for key, value in interaction.meta.items()}, ensure_ascii=False, sort_keys=True),
        json.dumps(repairs, ensure_ascii=False),
    )


def _turn_rows(arrival: _Arrival) -> list[Values]:
    turns = arrival.interaction.turns
    if len(turns) >= 1 << TURN_BITS or any(turn.index != place for place, turn in enumerate(turns)):
        raise StoreError(f"the turns of interaction {arrival.interaction.id} are not numbered 0 to {len(turns) - 1}", "mend the reader")
    return [_turn_row(arrival.seq, turn) for turn in turns]


def _turn_row(seq: int, turn: Turn) -> Values:
    at = None if turn.at is None else micros(turn.at)
    return (turn_id(seq, turn.index), turn.role, storable(turn.text), at, turn.visibility)


def turn_id(seq: int, index: int) -> int:
    """Returns the row id of an interaction's turn."""
    return (seq << TURN_BITS) + index


def turn_span(seq: int) -> tuple[int, int]:
    """Returns the first and the last row id an interaction's turns can have."""
    return turn_id(seq, 0), turn_id(seq + 1, 0) - 1


def _storable_or_none(text: str | None) -> str | None:
    return None if text is None else storable(text)


_LETTER_COLUMNS = "id, source, locator, stage, reason, digest, excerpt, at, status"
_LETTER = (
    f"INSERT INTO dead_letter ({_LETTER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
    " digest = excluded.digest, excerpt = excluded.excerpt, at = excluded.at,"
    " status = iif(status = 'dropped', 'dropped', excluded.status)"
)


def save_letters(store: Database, letters: Iterable[DeadLetter]) -> None:
    """Writes dead letters inside the caller's transaction."""
    store.run_many(_LETTER, (_letter_row(letter) for letter in letters))


def _letter_row(letter: DeadLetter) -> Values:
    words = (letter.id, letter.source, letter.locator, letter.stage, letter.reason, letter.digest, letter.excerpt)
    return (*map(storable, words), micros(letter.at), letter.status)


def _letter(row: Row) -> DeadLetter:
    id, source, locator, stage, reason, digest, excerpt, at, status = row
    return DeadLetter(id, source, locator, stage, reason, digest, excerpt, moment(at), status)


def _save_cursor(store: Database, cursor: Cursor) -> None:
    counts = cursor.counts
    tally = (counts.read, counts.stored, counts.replaced, counts.unchanged, counts.skipped, counts.set_aside)
    store.run(
        "INSERT OR REPLACE INTO cursor (source, file_hash, options_hash, file, records, counts, done) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (cursor.source, cursor.file_hash, cursor.options_hash, storable(cursor.file), cursor.records, json.dumps(tally), int(cursor.done)),
    )
