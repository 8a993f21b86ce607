"""The model measured on labelled interactions, which go the way of every interaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from insights import engine
from insights.evaluate import Said, Scores, Truth, by_group, said_of, score, table
from insights.flow.analyse import make_analyser
from insights.flow.gold import GoldInteraction, read_gold
from insights.flow.ingest import BATCH
from insights.flow.progress import Progress, silent
from insights.flow.stateless import recipe


@dataclass(frozen=True, slots=True)
class Report:
    """Figures in all, and by source."""

    all: Scores
    by_source: dict[str, Scores]


def evaluate(paths: Sequence[Path], *, taxonomy: Path | None = None, workers: int = 1, progress: Progress = silent) -> Report:
    """Analyses labelled interactions and compares what was found with what people found.

    Args:
        paths: Labelled interactions, JSON Lines.
        taxonomy: A company's own words, or None for the shipped model alone.
        workers: Processes.
        progress: Told after each batch.

    Raises:
        UsageError: A file is missing or a line is no labelled interaction.
    """
    gold = read_gold(paths)
    said = _said(gold, taxonomy, workers, progress)
    truths = [Truth(item.interaction.id, item.evidence, item.uncertain, item.source) for item in gold]
    return Report(score(truths, said), by_group(truths, said))


def _said(gold: Sequence[GoldInteraction], taxonomy: Path | None, workers: int, progress: Progress) -> dict[str, Said]:
    pieces = ([item.interaction for item in gold[start : start + BATCH]] for start in range(0, len(gold), BATCH))
    said: dict[str, Said] = {}
    for results in engine.run(partial(make_analyser, recipe(taxonomy)), pieces, workers=workers):
        said |= {result.interaction_id: said_of(result.insights) for result in results}
        progress("evaluate", len(said), len(gold))
    return said


def as_text(report: Report) -> str:
    """The figures for people: a table in all, then one a source."""
    parts = [table(report.all)] + [f"\n{source}\n{table(scores)}" for source, scores in sorted(report.by_source.items())]
    return "\n".join(parts)


def as_json(report: Report) -> str:
    """The figures for programs."""
    found = {
        "schema": "insights.evaluate/1",
        "all": asdict(report.all),
        "by_source": {name: asdict(one) for name, one in report.by_source.items()},
    }
    return json.dumps(found, indent=1, ensure_ascii=False)
