"""Topics, declared and discovered: short ids that are never reused, and which insights they hold."""

# ruff: noqa: S608 - statements are put together from this room's own constants; every value is bound.

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from insights.domain import Kind, Topic
from insights.errors import NotFoundError, StoreError, UsageError, nearest
from insights.store.connection import Database, Row, storable
from insights.store.ingest import turn_id
from insights.store.records import TopicRecord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def shown_id(number: int) -> str:
    """Returns a topic's id as people see it, such as ``T-0042``."""
    return f"T-{number:04d}"


def declare_topics(store: Database, declared: Sequence[tuple[str, str, Kind, tuple[str, ...]]], *, made_by: str) -> dict[str, str]:
    """Makes the taxonomy's topics known; a key met before keeps its id, whatever else changed.

    Args:
        store: Open for writing.
        declared: Key, label, kind and keywords of each.
        made_by: Taxonomy hash.

    Returns:
        Topic id of each key.
    """
    with store.writing():
        return {
            key: shown_id(_declare(store, key, storable(label), kind, _json(keywords), made_by)) for key, label, kind, keywords in declared
        }


def _declare(store: Database, key: str, label: str, kind: Kind, keywords: str, made_by: str) -> int:
    row = store.row("SELECT number, label, lineage FROM topic WHERE key = ?", (key,))
    if row is None:
        return _insert(store, (key, label, kind, keywords, "[]", _json(["declared"]), made_by, None, None))
    number, earlier, lineage = row
    events = json.loads(lineage) + ([f'renamed from "{earlier}"'] if earlier != label else [])
    store.run(
        "UPDATE topic SET label = ?, kind = ?, keywords = ?, lineage = ?, made_by = ? WHERE number = ?",
        (label, kind, keywords, _json(events), made_by, number),
    )
    return int(number)


def add_topic(
    store: Database,
    *,
    label: str,
    kind: Kind,
    keywords: Sequence[str],
    centroid: NDArray[np.float32],
    exemplars: NDArray[np.float32],
    examples: Sequence[str],
    born: date,
    made_by: str,
) -> Topic:
    """Keeps a discovered topic under the next free id.

    Args:
        store: Open for writing.
        label: Readable name.
        kind: Kind of its insights.
        keywords: Most telling first.
        centroid: Shape (d,), float32.
        exemplars: Shape (m, d), float32: vectors of its most central insights.
        examples: Ids of those insights.
        born: Date of the run's as-of time.
        made_by: Discovery recipe.

    Returns:
        The topic with its id; nothing is assigned to it yet.
    """
    with store.writing():
        number = _insert(
            store,
            (
                None,
                storable(label),
                kind,
                _json(keywords),
                _json(examples),
                _json([f"born {born.isoformat()}"]),
                made_by,
                _packed(centroid),
                _packed(exemplars),
            ),
        )
        return _select(store, "t.number = ?", (number,))[0]


def topics(store: Database) -> list[Topic]:
    """Returns every topic with the number of its YES insights, by id."""
    with store.reading():
        return _select(store, "1")


def topic(store: Database, ref: str) -> Topic:
    """Returns a topic by id, key or exact label.

    Raises:
        NotFoundError: There is none; the hint names the nearest.
        UsageError: Several have the label.
    """
    with store.reading():
        found = _select(store, "printf('T-%04d', t.number) = ?1 OR t.key = ?1", (ref,)) or _select(store, "t.label = ?", (storable(ref),))
        if len(found) > 1:
            raise UsageError(f'"{ref}" is the label of several topics', "say which: " + ", ".join(one.id for one in found))
        if not found:
            raise NotFoundError(f'there is no topic "{ref}"', nearest(ref, _names(store)))
        return found[0]


def known_topics(store: Database, kind: Kind) -> list[TopicRecord]:
    """Returns the discovered topics of a kind with their vectors, by id."""
    rows = store.rows(
        "SELECT number, label, centroid, exemplars FROM topic WHERE kind = ? AND centroid IS NOT NULL ORDER BY number", (kind,)
    )
    return [_record(row) for row in rows]


def unassigned(store: Database, kind: Kind) -> list[tuple[str, str]]:
    """Returns id and primary quote of the YES insights of a kind that have no topic, by insight id."""
    rows = store.rows(
        "SELECT id, interaction, evidence FROM insight WHERE topic IS NULL AND kind = ? AND decision = 'yes' ORDER BY id", (kind,)
    )
    return [(id, quote_of(store, interaction, json.loads(evidence)[0])) for id, interaction, evidence in rows]


def evidence_texts(store: Database, kinds: Sequence[Kind], *, limit: int) -> list[str]:
    """Returns the primary quotes of the YES insights of some kinds, each text once: those of the newest contacts, in an order of their own."""
    rows = store.rows(
        "SELECT i.interaction, i.evidence FROM insight i JOIN interaction c ON c.seq = i.interaction "
        "WHERE i.decision = 'yes' AND i.kind IN (SELECT value FROM json_each(?)) "
        "ORDER BY coalesce(c.started_at, c.received_at) DESC, i.id LIMIT ?",
        (json.dumps(list(kinds)), limit),
    )
    return sorted({quote_of(store, interaction, json.loads(evidence)[0]) for interaction, evidence in rows})


def quote_of(store: Database, interaction: int, span: Sequence[int]) -> str:
    """Returns the words at (turn, start, end) of a contact by row number."""
    turn, start, end = span
    text = store.value("SELECT text FROM turn WHERE id = ?", (turn_id(interaction, turn),))
    return str(text)[start:end]


def assign_topics(store: Database, pairs: Sequence[tuple[str, str, float]]) -> None:
    """Puts insights under topics; an insight whose topic changes loses its routes and is routed again.

    Args:
        store: Open for writing.
        pairs: Insight id, topic id and confidence in [0, 1].

    Raises:
        StoreError: A topic or an insight is unknown.
    """
    with store.writing():
        numbers = {topic: number_of(store, topic) for topic in sorted({topic for _, topic, _ in pairs})}
        for id, topic, confidence in pairs:
            row = store.row("SELECT seq, topic FROM insight WHERE id = ?", (id,))
            if row is None:
                raise StoreError(f"insight {id} is not stored", "its interaction was replaced meanwhile; run the step again")
            seq, earlier = row
            store.run("UPDATE insight SET topic = ?, topic_confidence = ? WHERE seq = ?", (numbers[topic], confidence, seq))
            if earlier != numbers[topic]:
                store.run("DELETE FROM route WHERE insight = ?", (seq,))
                store.run("UPDATE insight SET routed_by = 0 WHERE seq = ?", (seq,))


def number_of(store: Database, name: str) -> int:
    """Returns the row number of a topic by key or id.

    Raises:
        StoreError: There is none.
    """
    number = store.value("SELECT number FROM topic WHERE key = ?1 OR printf('T-%04d', number) = ?1", (name,))
    if number is None:
        raise StoreError(f'there is no topic "{name}"', "declare the taxonomy's topics before insights are saved")
    return int(number)


def _insert(store: Database, values: Sequence[object]) -> int:
    number = store.next_number("topic")
    store.run(
        "INSERT INTO topic (number, key, label, kind, keywords, examples, lineage, made_by, centroid, exemplars)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (number, *values),
    )
    return number


def _select(store: Database, where: str, values: Sequence[object] = ()) -> list[Topic]:
    rows = store.rows(
        "SELECT t.number, t.key, t.label, t.kind, t.keywords,"
        # Examples whose contact was replaced or erased are gone.
        " (SELECT json_group_array(e.value) FROM json_each(t.examples) e JOIN insight n ON n.id = e.value),"
        " (SELECT count(*) FROM insight n WHERE n.topic = t.number AND n.decision = 'yes'), t.lineage, t.made_by"
        f" FROM topic t WHERE {where} ORDER BY t.number",
        values,
    )
    return [_topic(row) for row in rows]


def _topic(row: Row) -> Topic:
    number, key, label, kind, keywords, examples, size, lineage, made_by = row
    return Topic(
        id=shown_id(number),
        key=key or "",
        label=label,
        kind=Kind(kind),
        keywords=tuple(json.loads(keywords)),
        examples=tuple(json.loads(examples)),
        size=size,
        lineage=tuple(json.loads(lineage)),
        made_by=made_by,
    )


def _names(store: Database) -> list[str]:
    return [
        str(name) for row in store.rows("SELECT printf('T-%04d', number), key, label FROM topic ORDER BY number") for name in row if name
    ]


def _record(row: Row) -> TopicRecord:
    import numpy as np

    number, label, centroid, exemplars = row
    middle = np.frombuffer(centroid, dtype="<f4").astype(np.float32)
    return TopicRecord(shown_id(number), label, middle, np.frombuffer(exemplars, dtype="<f4").astype(np.float32).reshape(-1, len(middle)))


def _packed(array: NDArray[np.float32]) -> bytes:
    return array.astype("<f4").tobytes()  # row by row, whatever the order in memory


def _json(values: Iterable[str]) -> str:
    return json.dumps([storable(value) for value in values], ensure_ascii=False)
