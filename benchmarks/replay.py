"""A stored history replayed under two taxonomies: how long, how much memory, the same counts as analysing twice, the same bytes back."""

from __future__ import annotations

import json
import resource as resource_use
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.measure import insights
from benchmarks.scale import interactions
from insights.config.load import load
from insights.config.models import Taxonomy
from insights.config.toml import read_toml
from insights.domain import Decision
from insights.flow.analyse import make_analyser, recipe_of
from insights.registry import resource
from insights.store import Store

_CHECKED = 1_000
_NEW_TOPIC = """
[topic.competitor_price]
label = "Same speed for less elsewhere"
kind = "competitive_mention"
any = ["offers the same speed"]
match = ["Your competitor offers the same speed for ten less."]
owner = "marketing"

[topic.device_usage]
label = "Which device uses the data"
kind = "improvement_idea"
any = ["which device uses"]
match = ["It would help if the app showed which device uses the data."]
owner = "app_web"
"""


def made(folder: Path, count: int, seed: int = 1) -> Path:
    """Makes a workspace of ``count`` interactions, taken in and not analysed, with a changed taxonomy beside its own."""
    folder.mkdir()
    for file in ("taxonomy.toml", "ownership.toml"):
        (folder / file).write_bytes((resource("sample_data") / file).read_bytes())
    (folder / "insights.toml").write_text(
        '[workspace]\ntimezone = "Europe/Dublin"\n[[source]]\nname = "calls"\npath = "calls.jsonl"\n[destination.folder]\ntype = "folder"\npath = "out"\n'
    )
    # Two topics more, one narrowed, one that finds more, and a product known by another name.
    changed = (folder / "taxonomy.toml").read_text(encoding="utf-8") + _NEW_TOPIC
    for old, new in (
        ('"restart|reboot|unplug the|my hub|router", ', '"restart|reboot|unplug the|my hub|router", "loses the connection", '),
        ("[topic.wrong_bill]\n", '[topic.wrong_bill]\nunless = ["nobody has called"]\n'),
        ('aliases = ["hub", "router"', 'aliases = ["gateway", "hub", "router"'),
    ):
        if old not in changed:
            raise ValueError(f"the sample taxonomy has changed: {old}")
        changed = changed.replace(old, new)
    (folder / "new.toml").write_text(changed, encoding="utf-8")
    with (folder / "calls.jsonl").open("w", encoding="utf-8") as handle:
        handle.writelines(line + "\n" for line in interactions(count, seed))
    insights("--workspace", str(folder), "ingest", str(folder / "calls.jsonl"), "--source", "calls", "--quiet")
    return folder


def diffed(folder: Path) -> tuple[float, float, float, dict[str, Any]]:
    """Returns wall seconds, processor seconds of all processes, peak MiB of them together, and the answer of ``insights taxonomy diff``."""
    before = _children_seconds()
    measured = insights("--workspace", str(folder), "taxonomy", "diff", str(folder / "new.toml"), "--format", "json", "--quiet")
    return measured.seconds, _children_seconds() - before, measured.peak_mib, json.loads(measured.output)


def _children_seconds() -> float:
    spent = resource_use.getrusage(resource_use.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def recounted(folder: Path) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """Analyses the whole store twice, separately, and returns contacts by kind and declared topic before and after."""
    loaded = load(folder)
    counts = []
    with Store.open(loaded.store_path, read_only=True) as store:
        contacts = store.interactions(store.interaction_ids())
    for name in ("taxonomy.toml", "new.toml"):
        analyse = make_analyser(recipe_of(replace(loaded, taxonomy=read_toml(folder / name, Taxonomy))))
        found = [result.insights for result in analyse(contacts)]
        rows = [{(one.kind.value, one.topic) for one in own if one.topic and one.decision is Decision.YES} for own in found]
        counts.append(Counter(row for own in rows for row in own))
    return counts[0], counts[1]


def agrees(folder: Path) -> bool:
    """Whether every count before and after that the diff tells is that of analysing twice, and no other topic changes."""
    before, after = recounted(folder)
    rows = [row for row in diffed(folder)[3]["topics"] if row["before"] is not None]
    told = {(row["kind"], row["topic"]): (row["before"], row["after"]) for row in rows}
    changed = {key: (before[key], after[key]) for key in {*before, *after} if before[key] != after[key]}
    return all((before[key], after[key]) == counts for key, counts in told.items()) and set(changed) <= set(told)


def same_bytes_back(folder: Path) -> bool:
    """Whether adopting and rolling back leaves the taxonomy as it was."""
    own = folder / "taxonomy.toml"
    first, second = own.read_bytes(), (folder / "new.toml").read_bytes()
    adopted = insights("--workspace", str(folder), "taxonomy", "adopt", str(folder / "new.toml"), "--by", "bench").status
    between = own.read_bytes()
    back = insights("--workspace", str(folder), "taxonomy", "rollback", "--by", "bench").status
    return (adopted, back) == (0, 0) and between == second and own.read_bytes() == first


def report(count: int) -> None:
    """Prints time, rate and memory of one replay, the check against analysing twice, and of the way back."""
    with tempfile.TemporaryDirectory() as name:
        small = made(Path(name) / "small", _CHECKED)
        print(f"counts equal analysing {_CHECKED:,d} interactions twice: {'yes' if agrees(small) else 'NO'}")
        print(f"rollback restores the same bytes: {'yes' if same_bytes_back(small) else 'NO'}")
        seconds, processor, peak, answer = diffed(made(Path(name) / "large", count))
        changed = sum(row["gained"] + row["lost"] + row["moved_in"] for row in answer["topics"])
        print(
            f"{count:,d} stored interactions of 100 words replayed under two taxonomies: {seconds:.0f} s, {count / seconds:.0f} a second, "
            f"{processor:.0f} s of processor time, peak {peak:.0f} MiB over all processes; {changed:,d} findings change"
        )
        whole, free = (100_000 * spent / count / 60 for spent in (seconds, processor / 2))
        print(f"100,000 at this rate: {whole:.1f} minutes; on two cores that do nothing else: {free:.1f} minutes")
