"""Do the sample company's findings reach the owner its gold labels name? Every misroute is listed with its reason."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import insights
from insights import query
from insights.config.load import load
from insights.domain import Decision, Insight
from insights.flow.demo import DEMO_RECEIVED_AT
from insights.store import Store


@dataclass(frozen=True, slots=True)
class Routed:
    """One gold finding and what became of it; ``got`` is empty where it was not found."""

    contact: str
    kind: str
    topic: str
    expected: str
    got: str
    why: str


def outcomes(root: Path) -> list[Routed]:
    """Compares the store of a demo workspace with its gold labels, a row a gold finding."""
    loaded = load(root)
    rows = []
    with Store.open(loaded.store_path, read_only=True) as store:
        for line in (root / "gold.jsonl").read_text(encoding="utf-8").splitlines():
            gold = json.loads(line)
            if not gold["insights"]:
                continue
            found = store.insights_of(store.interaction(gold["id"]).id)
            rows += [_outcome(store, gold, wanted, found) for wanted in gold["insights"]]
    return rows


def _outcome(store: Store, gold: Mapping[str, object], wanted: Mapping[str, str], found: list[Insight]) -> Routed:
    same = [insight for insight in found if insight.decision is Decision.YES and insight.kind == wanted["kind"]]
    same.sort(key=lambda insight: (insight.topic != wanted["topic"], -insight.confidence, insight.id))
    head = (str(gold["id"]), wanted["kind"], wanted["topic"] or "", wanted["owner"])
    if not same:
        return Routed(*head, "", "not found")
    route = next(route for route in store.routes_of(same[0].id) if route.owns)
    return Routed(*head, route.unit_id, f"{route.rule}: {route.why}; topic {same[0].topic}, subject {same[0].subject}")


def report() -> None:
    """Runs the demo in a temporary folder and prints the shares, then every kind of misroute with an example."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "demo"
        measured = insights("demo", str(root))
        print(f"demo: {measured.seconds:.1f} s, peak {measured.peak_mib:.0f} MiB")
        rows = outcomes(root)
        loaded = load(root)
        triage = loaded.ownership.triage
        with Store.open(loaded.store_path, read_only=True) as store:
            total = store.counts()["insights"]
            waiting = store.count(query.parse(f"owner:{triage}"), now=DEMO_RECEIVED_AT, zone=loaded.zone)
    print(f"all insights {total}, in triage {waiting} ({waiting / total:.3f})")
    found = [row for row in rows if row.got]
    right = sum(row.got == row.expected for row in found)
    unclaimed = sum(row.got == triage for row in found)
    print(f"gold findings {len(rows)}, found {len(found)} ({len(found) / len(rows):.3f})")
    print(
        f"owner right, of those found: {right / len(found):.3f}; to triage: {unclaimed / len(found):.3f}; right of all gold findings: {right / len(rows):.3f}"
    )
    wrong = Counter((row.kind, row.topic, row.expected, row.got) for row in found if row.got != row.expected)
    example = {(row.kind, row.topic, row.expected, row.got): row for row in found}
    for key, count in wrong.most_common():
        row = example[key]
        print(f"  {count:3d} x {row.kind} {row.topic or '(no topic)'}: to {row.got}, not {row.expected}; {row.contact}: {row.why}")
    missed = Counter((row.kind, row.topic) for row in rows if not row.got)
    print("not found: " + ", ".join(f"{kind} {topic or '(no topic)'} {count}" for (kind, topic), count in missed.most_common(20)))
