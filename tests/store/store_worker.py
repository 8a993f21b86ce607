"""A process that ingests, analyses, routes and posts, one line a committed transaction; the crash tests kill it.

Started as ``python store_worker.py STORE SOURCE COUNT``: the contacts are numbered 0 to COUNT - 1, five a batch.
"""

from __future__ import annotations

import sys
from pathlib import Path

from store_samples import MONDAY, RULES, contact, digest, found, message

from insights.domain import Route
from insights.store import Cursor, Store

BATCH = 5


def work(path: Path, source: str, count: int) -> None:
    """Goes on from where the store says it stopped."""
    with Store.open(path, create=True) as store:
        cursor = store.cursor(source, "f", "o") or Cursor(source, "a.jsonl", "f", "o")
        for start in range(cursor.records, count, BATCH):
            batch = [
                (contact(f"{source}-{number}", f"refund {number} is late", source=source), "h") for number in range(start, start + BATCH)
            ]
            cursor = store.cursor(source, "f", "o") or cursor
            store.ingest(batch, letters=[], skipped=0, cursor=Cursor(source, "a.jsonl", "f", "o", start + BATCH, cursor.counts))
            said("ingested")
        while waiting := store.interactions(store.unanalysed_ids("m")[:BATCH]):
            store.save_insights("m", [(one.id, [found(one, made_by="m")]) for one in waiting])
            said("analysed")
        while unrouted := store.unrouted(RULES, limit=BATCH):
            store.save_routes(RULES, [Route(insight.id, "billing", "rule 1", "why", MONDAY) for insight, _ in unrouted])
            said("routed")
        for number in range(5):
            store.save_digest(digest(f"d{number}"), "{}", [(message(f"key-{number}"), "mail")], at=MONDAY)
            said("posted")
        said("finished")


def said(word: str) -> None:
    """Tells the parent, which may kill this process at any time from now on."""
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    work(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
