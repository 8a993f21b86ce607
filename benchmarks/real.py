"""Three public data sets through the whole product: counts a step, time, memory, and how well complaints reach their product's owner."""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from pathlib import Path

from benchmarks.measure import insights
from insights.config.load import load
from insights.domain import Decision, Severity
from insights.store import Store

_HERE = Path(__file__).resolve().parent / "real"
FILES = ("support_threads.parquet", "complaints_products.parquet", "telecom_complaints_dated.parquet")


def report(data: Path, folder: Path) -> None:
    """Makes the workspace in ``folder``, runs it and prints the figures."""
    shutil.copytree(_HERE, folder, dirs_exist_ok=True)
    (folder / "data").mkdir(exist_ok=True)
    for name in FILES:
        shutil.copyfile(data / name, folder / "data" / name)
    shutil.copytree(Path("pipelines"), folder / "pipelines", dirs_exist_ok=True)
    measured = insights("--workspace", str(folder), "run", "--format", "table")
    print(measured.output.rstrip())
    print(f"{measured.seconds:.1f} s, peak {measured.peak_mib:.0f} MiB over all processes")
    again = insights("--workspace", str(folder), "run", "--only", "ingest", "--format", "table")
    print("the same files again:\n" + again.output.rstrip())
    _judge_routing(data / FILES[1], folder)


def _judge_routing(labels: Path, folder: Path) -> None:
    import pandas as pd

    loaded = load(folder)
    unit_of = {product.label: key for key, product in loaded.taxonomy.product.items()}
    rows = pd.read_parquet(labels)
    confusion: dict[str, Counter[str]] = defaultdict(Counter)
    with Store.open(loaded.store_path, read_only=True) as store:
        for complaint in rows.itertuples():
            confusion[str(complaint.label)][_owner(store, str(complaint.id))] += 1
    right = sum(counts[unit_of[label]] for label, counts in confusion.items())
    without = sum(counts[""] for counts in confusion.values())
    triage = sum(counts[loaded.ownership.triage] for counts in confusion.values())
    total = len(rows)
    print(
        f"complaints {total}: strongest insight with the right owner {right / total:.3f}, no insight {without / total:.3f}, in triage {triage / total:.3f}"
    )
    for label, counts in sorted(confusion.items(), key=lambda item: -sum(item[1].values())):
        told = ", ".join(f"{owner or 'no insight'} {count}" for owner, count in counts.most_common(5))
        print(f"  {label:26s} {sum(counts.values()):4d}: {told}")


def _owner(store: Store, reference: str) -> str:
    found = [insight for insight in store.insights_of(store.interaction(reference).id) if insight.decision is Decision.YES]
    if not found:
        return ""
    strongest = max(found, key=lambda insight: (tuple(Severity).index(insight.severity), insight.confidence, insight.id))
    return next(route.unit_id for route in store.routes_of(strongest.id) if route.owns)
