"""The model measured on labelled interactions, which go the way of every interaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from insights import engine
from insights.charts import line_chart
from insights.config.load import Loaded
from insights.domain import Effort, Interaction, interaction_id
from insights.errors import NotFoundError
from insights.evaluate import Report, Said, Truth, as_markdown, as_text, kind_table, report, said_of
from insights.evaluate.calibration import BINS, Calibration, Coverage
from insights.evaluate.report import EXAMPLES, TARGET
from insights.flow.analyse import Recipe, make_analyser, recipe_name, recipe_of
from insights.flow.gold import GoldInteraction, Stored, read_gold
from insights.flow.ingest import BATCH
from insights.flow.progress import Progress, silent
from insights.flow.stateless import recipe
from insights.store import Store

FORMATS = ("text", "json", "md")
# A curve of fewer findings is noise with a line through it.
_LEAST_DRAWN = 30


def evaluate(
    paths: Sequence[Path],
    *,
    taxonomy: Path | None = None,
    effort: Effort | None = None,
    loaded: Loaded | None = None,
    store: Store | None = None,
    target: float = TARGET,
    examples: int = EXAMPLES,
    seed: int = 0,
    workers: int = 1,
    progress: Progress = silent,
) -> Report:
    """Analyses labelled interactions and compares what was found with what people found.

    Args:
        paths: Labelled interactions, JSON Lines.
        taxonomy: A company's own words, or None for the shipped model alone.
        effort: How much is done, where not the usual.
        loaded: A workspace whose model, taxonomy and thresholds are measured instead.
        store: Its store, which holds the words of lines that have none.
        target: Precision at which coverage is told, in (0, 1].
        examples: Most false alarms and most misses shown of each kind.
        seed: Of the bootstrap.
        workers: Processes.
        progress: Told after each batch.

    Raises:
        UsageError: A file is missing or a line is no labelled interaction.
    """
    chosen = recipe_of(loaded) if loaded else recipe(taxonomy)
    if effort:
        chosen = replace(chosen, classify=chosen.classify.model_copy(update={"effort": effort}))
    gold = read_gold(paths, stored=stored_in(store)) if store else read_gold(paths)
    said = _said(gold, chosen, workers, progress)
    return report(truths_of(gold), said, made_by=recipe_name(chosen), target=target, most_examples=examples, seed=seed)


def stored_in(store: Store) -> Stored:
    """Returns what finds a stored interaction by source and id."""

    def find(source: str, reference: str) -> Interaction | None:
        try:
            return store.interaction(interaction_id(source, reference) if source else reference)
        except NotFoundError:
            return None

    return find


def truths_of(gold: Sequence[GoldInteraction]) -> list[Truth]:
    """Returns what people found, in the form that is scored; excerpts are redacted where they stand in a single turn."""
    return [_truth(item) for item in gold]


def _truth(item: GoldInteraction) -> Truth:
    turns = {turn.index: turn.text for turn in item.interaction.turns}
    redacted = {kind: " … ".join(turns[turn][start:end] for turn, start, end in spans) for kind, spans in item.spans.items() if spans}
    return Truth(
        item.interaction.id,
        {**item.evidence, **redacted},
        item.uncertain,
        source=item.source,
        channel=item.interaction.channel,
        severity=item.severity,
        expectations=item.expectations,
        hidden=frozenset(item.evidence.keys() - redacted.keys()),
        shown_as=item.interaction.source_ref,
    )


def _said(gold: Sequence[GoldInteraction], chosen: Recipe, workers: int, progress: Progress) -> dict[str, Said]:
    known = {item.interaction.id: item.interaction for item in gold}
    interactions = list(known.values())
    pieces = (interactions[start : start + BATCH] for start in range(0, len(interactions), BATCH))
    said: dict[str, Said] = {}
    for results in engine.run(partial(make_analyser, chosen), pieces, workers=workers):
        said |= {result.interaction_id: said_of(result.insights, known[result.interaction_id]) for result in results}
        progress("evaluate", len(said), len(interactions))
    return said


def rendered(found: Report, format: str) -> str:
    """Returns the figures as ``text``, ``json`` or ``md``."""
    return as_json(found) if format == "json" else as_markdown(found) if format == "md" else as_text(found)


def as_json(found: Report) -> str:
    """The figures for programs."""
    return json.dumps({"schema": "insights.evaluate/2", **asdict(found)}, indent=1, ensure_ascii=False)


def figures_for_card(found: Report) -> str:
    """Returns the figures a model card holds, as Markdown: each kind with intervals, then evidence, calibration and coverage in sentences."""
    sentences = []
    if told := found.all.evidence:
        sentences.append(
            f"Evidence: of {told.found} kinds rightly found, {told.half} share at least half of their content words (F1) with what people "
            f"marked, {told.missed} none; {told.words:g} words are quoted in the median."
        )
    told_errors = ", ".join(f"{one.kind or 'all kinds'} {one.error}" for one in found.calibration)
    if told_errors:
        sentences.append(f"Calibration error: {told_errors}.")
    kept = [_kept(one) for one in found.coverage if one.threshold is not None and one.kept]
    if kept:
        sentences.append(f"At a precision of {found.coverage[0].target:.2f}: {'; '.join(kept)}. Other kinds do not reach it.")
    if found.severity:
        one = found.severity
        sentences.append(
            f"Severity: quadratic kappa {one.kappa}, the same level {one.same}; always the commonest would be right {one.guess_same:.3f}."
        )
    if found.expectations:
        sentences.append(
            f"Missed expectations: micro F1 {found.expectations.f1}; the best constant guess {found.expectations.guess_f1:.3f}."
        )
    return kind_table(found.all) + "".join(f"\n{sentence}\n" for sentence in sentences)


def _kept(one: Coverage) -> str:
    return f"{one.kind} from a confidence of {one.threshold:.2f}, precision {one.precision}, {one.share} of its findings kept"


def write(found: Report, folder: Path) -> list[Path]:
    """Writes report.json, report.md and the reliability curves into a folder, which is made where it is missing.

    Returns:
        The files, in the order written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    charts = reliability_charts(found.calibration)
    pictures = [(name, f"Reliability of {_named(one)}") for name, (one, _) in charts.items()]
    files = {
        "report.json": as_json(found) + "\n",
        "report.md": as_markdown(found, charts=pictures),
        **{name: svg + "\n" for name, (_, svg) in charts.items()},
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return [folder / name for name in files]


def reliability_charts(curves: Sequence[Calibration]) -> Mapping[str, tuple[Calibration, str]]:
    """Returns file name to curve and SVG: the share right beside the confidence given, in tenths of confidence with 95 % intervals."""
    drawn = {}
    for one in curves:
        if one.findings >= _LEAST_DRAWN:
            name = f"reliability-{one.kind}.svg" if one.kind else "reliability.svg"
            drawn[name] = (one, _reliability(one))
    return drawn


def _reliability(one: Calibration) -> str:
    bins: dict[int, tuple[float, float, float, float]] = {
        round(part.low * BINS): (part.right, part.confidence, part.least, part.most) for part in one.bins
    }
    right, sure, least, most = ([bins[place][part] if place in bins else None for place in range(BINS)] for part in range(4))
    told = "; ".join(
        f"of {part.count} findings with confidence {part.low:.1f} to {part.low + 1 / BINS:.1f}, {part.right:.0%} are right"
        for part in one.bins
    )
    return line_chart(
        [("share that is right", right), ("confidence given", sure)],
        title=f"Reliability of {_named(one)}",
        description=f"Calibration error {one.error.value:.3f}: {told}.",
        labels=[f"{place / BINS:.1f}–{(place + 1) / BINS:.1f}" for place in range(BINS)],
        unit="share of findings, by confidence",
        band=(least, most),
        band_name="95 % interval",
    )


def _named(one: Calibration) -> str:
    return one.kind.value if one.kind else "all kinds"
