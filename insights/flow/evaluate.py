"""How good the findings are on labelled interactions, judged by the same steps that analyse every interaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from insights.domain import Insight
from insights.evaluate import Said, Scores, Truth, by_group, said_of, score
from insights.flow.analyse import Recipe, make_analyser
from insights.flow.gold import read_gold


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures over all labelled interactions and by source, with the findings they rest on (the source's id to its insights)."""

    total: Scores
    by_source: Mapping[str, Scores]
    found: Mapping[str, tuple[Insight, ...]]


def evaluate(paths: Sequence[Path], recipe: Recipe, *, seed: int = 0) -> Evaluation:
    """Analyses labelled interactions and compares the findings with what people found.

    Args:
        paths: Labelled interactions, JSON Lines.
        recipe: What decides the findings.
        seed: Of the bootstrap behind the intervals.

    Raises:
        UsageError: A file is missing or a line is no labelled interaction.
    """
    gold = read_gold(paths)
    analysed = make_analyser(recipe)([item.interaction for item in gold])
    truths = [Truth(item.interaction.source_ref, item.evidence, item.uncertain, item.source) for item in gold]
    found = {item.interaction.source_ref: result.insights for item, result in zip(gold, analysed, strict=True)}
    said: dict[str, Said] = {reference: said_of(insights) for reference, insights in found.items()}
    return Evaluation(score(truths, said, seed=seed), by_group(truths, said, seed=seed), found)
