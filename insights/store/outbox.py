"""Digests and their deliveries: written in one transaction, sent at least once, received once by key."""

# ruff: noqa: S608 - statements are put together from this room's own constants; every value is bound.

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from insights.domain import Delivery, Digest, Message
from insights.errors import NotFoundError, UsageError, nearest
from insights.store.connection import Database, Row, micros, moment, moment_or_none, storable
from insights.store.records import DigestRecord

BACK_OFF_MINUTES = (1, 5, 30, 120, 720)


def save_digest(store: Database, digest: Digest, content: str, messages: Sequence[tuple[Message, str]], *, at: datetime) -> int:
    """Keeps a digest and puts its messages into the outbox; what is there already stays as it is.

    Args:
        store: Open for writing.
        digest: The digest.
        content: The digest as JSON.
        messages: Each rendered message with the name of its destination.
        at: When it was made; the messages are due from then on.

    Returns:
        How many messages were not in the outbox before.
    """
    period = digest.period
    with store.writing():
        store.run(
            "INSERT INTO digest (id, unit, period, period_start, period_end, run_id, content, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO NOTHING",
            (
                digest.id,
                digest.unit.id,
                period.label,
                micros(period.start),
                micros(period.end),
                digest.run_id,
                storable(content),
                micros(at),
            ),
        )
        return sum(_put(store, digest.id, message, destination, at) for message, destination in messages)


def _put(store: Database, digest_id: str, message: Message, destination: str, at: datetime) -> int:
    return store.run(
        "INSERT INTO outbox (key, digest_id, destination, unit, period, subject, html, text, markdown, json, mail, message_at, status, next_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?) ON CONFLICT (key) DO NOTHING",
        (
            message.key,
            digest_id,
            destination,
            message.unit_id,
            message.period,
            *map(storable, (message.subject, message.html, message.text, message.markdown, message.json, message.mail)),
            micros(message.at),
            micros(at),
        ),
    )


def digests(store: Database, unit: str | None = None) -> list[DigestRecord]:
    """Returns the digests made (of one unit), by unit, period and order of making."""
    rows = store.rows(
        "SELECT id, unit, period, period_start, period_end, run_id, at, content FROM digest WHERE ?1 IS NULL OR unit = ?1"
        " ORDER BY unit, period_start, seq",
        (unit,),
    )
    return [
        DigestRecord(id, unit, label, moment(start), moment(end), run_id, moment(at), content)
        for id, unit, label, start, end, run_id, at, content in rows
    ]


def due(store: Database, at: datetime, *, limit: int = 100) -> list[tuple[Delivery, Message]]:
    """Returns what is to be sent at ``at`` and not leased, the longest due first; leases that ran out are lifted.

    A read-only store shows the same and lifts nothing.
    """
    now = micros(at)
    lapsed = "SELECT 1 FROM outbox WHERE status = 'pending' AND leased_until <= ? LIMIT 1"
    if not store.read_only and store.value(lapsed, (now,)):
        with store.writing():
            store.run("UPDATE outbox SET leased_until = NULL WHERE leased_until <= ?", (now,))
    rows = store.rows(
        f"SELECT {_DELIVERY}, unit, period, subject, html, text, markdown, json, mail, message_at FROM outbox"
        " WHERE status = 'pending' AND next_at <= ?1 AND (leased_until IS NULL OR leased_until <= ?1) ORDER BY next_at, seq LIMIT ?2",
        (now, limit),
    )
    return [(_delivery(row), _message(row)) for row in rows]


def lease(store: Database, key: str, *, until: datetime) -> bool:
    """Takes a pending delivery for this process alone until a time; False where another has it or it is done.

    A process that dies leaves its lease behind: ``due`` lifts it once its time has passed.
    """
    with store.writing():
        sql = "UPDATE outbox SET leased_until = ? WHERE key = ? AND status = 'pending' AND leased_until IS NULL"
        return store.run(sql, (micros(until), key)) == 1


def mark_sent(store: Database, key: str, *, at: datetime, remote: str) -> None:
    """Notes that a delivery arrived, with the receiver's name for it.

    Raises:
        NotFoundError: There is no such delivery.
    """
    with store.writing():
        _entry(store, key)
        store.run(
            "UPDATE outbox SET status = 'sent', attempts = attempts + 1, last_at = ?, error = '', remote = ?, leased_until = NULL"
            " WHERE key = ?",
            (micros(at), storable(remote), key),
        )


def mark_failed(store: Database, key: str, *, at: datetime, error: str, permanent: bool) -> None:
    """Notes a failed attempt: it is due again after 1, 5, 30, 120 and 720 minutes, then given up.

    Args:
        store: Open for writing.
        key: Idempotency key.
        at: When it failed.
        error: What the receiver said.
        permanent: True gives it up at once.

    Raises:
        NotFoundError: There is no such delivery.
    """
    with store.writing():
        _, attempts = _entry(store, key)
        over = permanent or attempts >= len(BACK_OFF_MINUTES)
        wait = timedelta(minutes=0 if over else BACK_OFF_MINUTES[attempts])
        store.run(
            "UPDATE outbox SET status = ?, attempts = attempts + 1, last_at = ?, next_at = ?, error = ?, leased_until = NULL WHERE key = ?",
            ("failed" if over else "pending", micros(at), micros(at + wait), storable(error), key),
        )


def outbox(store: Database, status: str | None = None) -> list[Delivery]:
    """Returns the deliveries with a status (None: all), oldest first."""
    rows = store.rows(f"SELECT {_DELIVERY} FROM outbox WHERE ?1 IS NULL OR status = ?1 ORDER BY seq", (status,))
    return [_delivery(row) for row in rows]


def retry(store: Database, key: str) -> None:
    """Makes a delivery that is not sent due at once, with all its attempts before it.

    Raises:
        NotFoundError: There is no such delivery.
        UsageError: It was sent.
    """
    _revise(store, key, "status = 'pending', attempts = 0, next_at = message_at, leased_until = NULL, error = ''")


def drop(store: Database, key: str) -> None:
    """Gives up a delivery that is not sent.

    Raises:
        NotFoundError: There is no such delivery.
        UsageError: It was sent.
    """
    _revise(store, key, "status = 'dropped', leased_until = NULL")


def _revise(store: Database, key: str, change: str) -> None:
    with store.writing():
        if _entry(store, key)[0] == "sent":
            raise UsageError(f"delivery {key} was sent already", "list what is not with `insights outbox list`")
        store.run(f"UPDATE outbox SET {change} WHERE key = ?", (key,))


def _entry(store: Database, key: str) -> tuple[str, int]:
    row = store.row("SELECT status, attempts FROM outbox WHERE key = ?", (key,))
    if row is None:
        raise NotFoundError(
            f"there is no delivery {key}", nearest(key, (known for (known,) in store.rows("SELECT key FROM outbox ORDER BY key")))
        )
    return str(row[0]), int(row[1])


_DELIVERY = "key, digest_id, destination, status, attempts, last_at, error"


def _delivery(row: Row) -> Delivery:
    key, digest_id, destination, status, attempts, last_at, error = row[:7]
    return Delivery(key, digest_id, destination, status, attempts, moment_or_none(last_at), error)


def _message(row: Row) -> Message:
    unit_id, period, subject, html, text, markdown, json, mail, at = row[7:]
    return Message(row[0], unit_id, period, subject, html, text, markdown, json, moment(at), mail)
