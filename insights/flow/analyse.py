"""Interactions into insights, over the store or over a stream."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from insights import engine
from insights.classify import Classifier
from insights.classify.annotate import Annotator
from insights.classify.learnt import LearntTopics
from insights.classify.placing import TopicPlacer
from insights.classify.statistical import SentenceModel
from insights.classify.taxonomy import compile_taxonomy
from insights.config.load import Loaded
from insights.config.models import ClassifyTable, Taxonomy, TextTable, TopicRule
from insights.domain import Effort, Insight, Interaction, Reading, digest_of
from insights.encoder import Encoder, load_encoder
from insights.errors import InsightsError, ModelError
from insights.flow.corrections import corrector_of
from insights.flow.ingest import BATCH, batches
from insights.flow.learnt import learners_encoder, learnt_topics
from insights.flow.prepare import Prepared, Storable, make_preparer
from insights.flow.progress import Progress, silent
from insights.registry import find_model
from insights.store import DeadLetter, Store
from insights.text.language import code_of, is_read
from insights.text.segment import Segmenter

_STAGE = "analyse"


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides what is found: picklable, so that every process of a pool builds the same analyser."""

    taxonomy: Taxonomy
    classify: ClassifyTable
    text: TextTable
    model_folder: Path
    learnt: LearntTopics | None = None


@dataclass(frozen=True, slots=True)
class Analysed:
    """What was found in one interaction; ``failure`` says why nothing could be, ``language`` that it was not looked at for being in that."""

    interaction_id: str
    insights: tuple[Insight, ...] = ()
    failure: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class AnalyseReport:
    """Interactions analysed, insights found, records that failed, and contacts a language that were left alone, the most first."""

    analysed: int
    insights: int
    undecided: int
    set_aside: int
    languages: tuple[tuple[str, int], ...] = ()


Analyser = Callable[[Sequence[Interaction]], list[Analysed]]


def recipe_of(loaded: Loaded) -> Recipe:
    """Returns what decides the findings in a workspace; topics with new examples are learnt first.

    Raises:
        ConfigError: Phrases of the taxonomy that cannot be read, with their lines.
        ModelError: The model it names does not exist.
    """
    settings = loaded.settings
    compile_taxonomy(loaded.taxonomy, shown=settings.taxonomy, lines=loaded.lines[settings.taxonomy])
    folder = find_model(settings.classify.model, workspace=loaded.root)
    return Recipe(loaded.taxonomy, settings.classify, settings.text, folder, learnt_topics(loaded.root, loaded.taxonomy))


def default_recipe() -> Recipe:
    """Returns the recipe of the stateless commands: the shipped model, no company's own words."""
    classify = ClassifyTable()
    return Recipe(Taxonomy(), classify, TextTable(), find_model(classify.model))


def classifier_of(recipe: Recipe, annotator: Annotator | None = None) -> Classifier:
    """Builds the classifier of a recipe; several may share an annotator."""
    model = SentenceModel.load(recipe.model_folder)
    settings = recipe.classify
    taxonomy = compile_taxonomy(recipe.taxonomy)
    return Classifier(
        taxonomy,
        model,
        encoder=encoder_of(model, recipe.model_folder) if settings.effort is not Effort.FAST else None,
        effort=settings.effort,
        precisions=settings.precision,
        thresholds=settings.thresholds,
        review_margin=settings.review_margin,
        annotator=annotator,
        placer=TopicPlacer(recipe.learnt, taxonomy, learners_encoder) if recipe.learnt else None,
    )


def encoder_of(model: SentenceModel, folder: Path) -> Encoder | None:
    """Returns the encoder a model was trained with, from the model's own place or the shipped ones; None where it has none.

    Raises:
        ModelError: It is not there, or is another than the model was trained with.
    """
    name, wanted = model.encoder
    if not name:
        return None
    encoder = load_encoder(find_model(name, workspace=folder.parent.parent))
    if encoder.id != wanted:
        raise ModelError(
            f"model {folder.name} was trained with the encoder {wanted}, but {encoder.id} is there", "train it again with `insights train`"
        )
    return encoder


def recipe_name(recipe: Recipe) -> str:
    """Returns a name that changes whenever a finding could: with the model, the taxonomy, the thresholds and the company's boilerplate."""
    languages = ("languages", *sorted(recipe.text.languages))
    settings = digest_of(recipe.classify.model_dump_json(exclude={"model", "workers"}), *recipe.text.boilerplate, *languages, size=4)
    return f"{classifier_of(recipe).made_by}+{settings}"


def make_analyser(recipe: Recipe) -> Analyser:
    """Builds the function that analyses batches of stored interactions."""
    segmenter = Segmenter(boilerplate=recipe.text.boilerplate, max_characters=recipe.text.max_characters)
    return partial(_analyse_read, segmenter, classifier_of(recipe), frozenset(recipe.text.languages))


def _analyse_read(segmenter: Segmenter, classifier: Classifier, languages: frozenset[str], batch: Sequence[Interaction]) -> list[Analysed]:
    """Analyses those of a batch that are in a language the engine reads; no other is forced into a kind."""
    able = [interaction for interaction in batch if is_read(interaction.language, languages)]
    analysed = iter(_analyse_batch(segmenter, classifier, able) if able else [])
    return [
        next(analysed) if is_read(interaction.language, languages) else Analysed(interaction.id, language=code_of(interaction.language))
        for interaction in batch
    ]


def _analyse_batch(segmenter: Segmenter, classifier: Classifier, batch: Sequence[Interaction]) -> list[Analysed]:
    """Analyses a batch; where one interaction breaks it, each is tried alone so that only the broken one is lost."""
    try:
        found = classifier.classify([(interaction, segmenter.sentences(interaction)) for interaction in batch])
    except Exception as error:  # noqa: BLE001 - one document must never cost the others
        if len(batch) > 1:
            return [analysed for interaction in batch for analysed in _analyse_batch(segmenter, classifier, [interaction])]
        reason = error.problem if isinstance(error, InsightsError) else f"analysis failed: {type(error).__name__}"
        return [Analysed(batch[0].id, failure=reason)]
    return [Analysed(interaction.id, insights) for interaction, insights in zip(batch, found, strict=True)]


def analyse_store(loaded: Loaded, store: Store, *, at: datetime, workers: int, progress: Progress = silent) -> AnalyseReport:
    """Analyses every stored interaction that this model and taxonomy have not seen yet.

    Args:
        loaded: The workspace.
        store: Open for writing.
        at: Time noted in dead letters.
        workers: Processes.
        progress: Told after each batch.
    """
    declare_topics(loaded, store)
    recipe = recipe_of(loaded)
    made_by = recipe_name(recipe)
    ids = store.unanalysed_ids(made_by)
    failed_before = {letter.id for letter in store.dead_letters("open") if letter.stage == _STAGE}
    pieces = (store.interactions(ids[start : start + BATCH]) for start in range(0, len(ids), BATCH))
    analysed = insights = undecided = failed = 0
    foreign: Counter[str] = Counter()
    corrector = corrector_of(loaded, store)
    for results in engine.run(partial(make_analyser, recipe), pieces, workers=workers):
        standing, originals = corrector.over(store, [(result.interaction_id, result.insights) for result in results])
        store.save_insights(made_by, standing, originals)
        failures = _letters(store, {result.interaction_id: result.failure for result in results if result.failure}, at)
        store.add_letters(failures)
        found = [insight for _, insights_of in standing for insight in insights_of]
        analysed += len(results)
        foreign.update(result.language for result in results if result.language)
        insights += sum(insight.decision == "yes" for insight in found)
        undecided += sum(insight.decision != "yes" for insight in found)
        failed += len(failures)
        mended = [_letter_id(result.interaction_id) for result in results if not result.failure]
        store.mark_letters(sorted(failed_before.intersection(mended)), "replayed")
        progress("analyse", analysed, len(ids))
    return AnalyseReport(analysed, insights, undecided, failed, tuple(sorted(foreign.items(), key=lambda item: (-item[1], item[0]))))


def declare_topics(loaded: Loaded, store: Store) -> None:
    """Gives each topic of the taxonomy its lasting id."""
    declared = [(key, rule.label, rule.kind, _keywords(rule)) for key, rule in sorted(loaded.taxonomy.topic.items())]
    store.declare_topics(declared, made_by=compile_taxonomy(loaded.taxonomy).hash)


def _keywords(rule: TopicRule) -> tuple[str, ...]:
    """The words its examples share most, for people: phrases are for the machine."""
    counted = Counter(word for text in rule.match for word in set(re.findall(r"[a-z][a-z'-]{3,}", text.lower())))
    return tuple(word for word, _ in sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:6])


def _letters(store: Store, failures: Mapping[str, str], at: datetime) -> list[DeadLetter]:
    """A letter for each interaction that is stored and could not be analysed, by the id its source gave."""
    return [
        DeadLetter(_letter_id(found.id), found.source, found.source_ref, _STAGE, failures[found.id], "", "", at)
        for found in store.interactions(list(failures))
    ]


def _letter_id(interaction_id: str) -> str:
    return digest_of("letter", _STAGE, interaction_id)


@dataclass(frozen=True, slots=True)
class Streamed:
    """One record of a stateless run: refused, or redacted and analysed."""

    prepared: Prepared
    analysed: Analysed | None = None


def analyse_stream(
    readings: Iterable[Reading], recipe: Recipe, *, protected: tuple[str, ...], key: bytes, workers: int
) -> Iterator[Streamed]:
    """Redacts and analyses a stream without a store, keeping its order.

    Args:
        readings: From a reader.
        recipe: What decides.
        protected: Names redaction must leave readable.
        key: Key of pseudonyms (a fixed one will do: nothing is stored).
        workers: Processes.
    """
    make = partial(_make_streamer, recipe, protected, key)
    for results in engine.run(make, batches(iter(readings)), workers=workers):
        yield from results


def redact_stream(readings: Iterable[Reading], *, protected: tuple[str, ...], key: bytes, max_characters: int) -> Iterator[Prepared]:
    """Redacts a stream without a store, keeping its order."""
    prepare = make_preparer(protected, key, max_characters)
    for batch in batches(iter(readings)):
        yield from prepare(batch)


def _make_streamer(recipe: Recipe, protected: tuple[str, ...], key: bytes) -> Callable[[Sequence[Reading]], list[Streamed]]:
    prepare = make_preparer(protected, key, recipe.text.max_characters)
    analyse = make_analyser(recipe)

    def stream(batch: Sequence[Reading]) -> list[Streamed]:
        prepared = prepare(batch)
        kept = [item.interaction for item in prepared if isinstance(item, Storable)]
        found = iter(analyse(kept) if kept else [])
        return [Streamed(item, next(found) if isinstance(item, Storable) else None) for item in prepared]

    return stream
