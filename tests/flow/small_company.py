"""A workspace of a few dozen contacts, and the pieces tests run it with."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from insights.config.load import Loaded, load, load_pipeline
from insights.config.models import Pipeline
from insights.domain import Counts
from insights.flow.ingest import FileReport
from insights.flow.pipeline import Order, RunReport, run
from insights.store import Store

RECEIVED = datetime(2026, 3, 30, 6, 0, tzinfo=UTC)

SETTINGS = """
[workspace]
timezone = "Europe/Dublin"

[[source]]
name = "calls"
path = "data/calls.jsonl"
channel = "call"

[discover]
enabled = false

[classify]
workers = 1

[destination.out]
type = "folder"
path = "out"
"""
TAXONOMY = """
[topic.refund_late]
label = "Refund not paid"
kind = "process_failure"
any = ["still wait* * refund", "refund has|had not * arrived|come", "refund hasn't * arrived|come"]
match = ["I am still waiting for my refund."]
no_match = ["How do I ask for a refund?"]

[topic.wifi_drops]
label = "Wifi drops"
kind = "product_issue"
any = ["wifi keeps dropping|cutting", "wifi drops"]
match = ["The wifi keeps dropping every evening."]
"""
OWNERSHIP = """
triage = "care"

[unit.care]
name = "Customer care"
destinations = ["out"]

[unit.refunds]
name = "Refunds"
destinations = ["out"]

[unit.hub]
name = "Hub team"
destinations = ["out"]

[[rule]]
topic = "refund_late"
owner = "refunds"
why = "Refunds pays them"

[[rule]]
kind = "product_issue"
owner = "hub"
followers = ["care"]
why = "The hub team owns the hub"

[[test]]
kind = "process_failure"
topic = "refund_late"
owner = "refunds"
"""
SAYINGS = (
    "I am still waiting for my refund, it has been five weeks.",
    "The wifi keeps dropping every evening.",
    "What time do you close on Sunday?",
    "My refund has not arrived and nobody calls me back.",
)


def contact(number: int, text: str | None = None, **fields: Any) -> dict[str, Any]:
    """One contact of the interchange format, a few hours after the one before it."""
    at = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(hours=17 * number)
    said = text if text is not None else f"{SAYINGS[number % len(SAYINGS)]} This is call {number}."
    turns = [{"role": "agent", "text": "Thank you for calling, how can I help?"}, {"role": "customer", "text": said}]
    return {"id": f"c-{number}", "started_at": at.isoformat(), "customer": f"cust {number % 9}", "turns": turns, **fields}


def lines(records: Iterable[Any]) -> str:
    """JSON Lines."""
    return "".join((record if isinstance(record, str) else json.dumps(record)) + "\n" for record in records)


def company(root: Path, contacts: int = 36, *, settings: str = SETTINGS) -> Path:
    """Makes the workspace and returns its folder."""
    (root / "data").mkdir(parents=True)
    (root / "pipelines").mkdir()
    (root / "insights.toml").write_text(settings)
    (root / "taxonomy.toml").write_text(TAXONOMY)
    (root / "ownership.toml").write_text(OWNERSHIP)
    steps = ["ingest", "analyse", "discover", "route", "track", "digest", "deliver"]
    (root / "pipelines" / "daily.toml").write_text(f'name = "daily"\nsteps = {json.dumps(steps)}\n')
    (root / "data" / "calls.jsonl").write_text(lines(map(contact, range(contacts))))
    return root


def no_secret(reference: str) -> str:
    """Stands for a resolver where no destination needs one."""
    raise AssertionError(reference)


def opened(root: Path) -> tuple[Loaded, Store]:
    """The configuration and the store, made where it is missing."""
    loaded = load(root)
    return loaded, Store.open(loaded.store_path, create=True)


def ran(root: Path, **asked: Any) -> RunReport:
    """Runs the daily pipeline."""
    loaded, store = opened(root)
    with store:
        return run(loaded, store, daily(loaded), Order(**{"received_at": RECEIVED, **asked}), secret=no_secret)


def daily(loaded: Loaded) -> Pipeline:
    """The pipeline of the workspace."""
    return load_pipeline(loaded.root, "daily")


def total(reports: Iterable[FileReport]) -> Counts:
    """The counts of several files."""
    return sum((report.counts for report in reports), Counts())


def content(store: Store) -> list[tuple[str, list[tuple[Any, ...]]]]:
    """All rows of all tables but those that say when and how often a thing was done; row numbers are left out."""
    tables = {
        "interaction": "id, source, source_ref, content_hash, received_at, started_at, channel, customer_ref, product, queue, meta, repairs",
        "turn": "role, text, at, visibility",
        "dead_letter": "id, source, locator, stage, reason, digest, excerpt, status",
        "insight": "id, kind, subject, confidence, severity, decision, missed, evidence, votes",
        "route": "unit, owns, rule, why",
        "topic": "number, key, label, kind",
        "issue": "*",
        "digest": "unit, period, content",
        "outbox": "key, destination, status",
    }
    found = []
    for table, columns in tables.items():
        rows = store.rows(f"SELECT {columns} FROM {table}")
        found.append((table, sorted(rows, key=repr)))
    return found
