"""Makes the statistical model from labelled interactions, as a recipe says, with its card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from insights.classify import Classifier
from insights.classify.statistical import SentenceModel
from insights.classify.taxonomy import compile_taxonomy
from insights.classify.training import Labelled, Prepared, fold_models, prepare, train_model
from insights.classify.words import Settings
from insights.config.models import Key, Strict, Taxonomy, Words
from insights.config.toml import read_toml
from insights.domain import Effort, Kind
from insights.encoder import Encoder, load_encoder
from insights.errors import UsageError
from insights.evaluate import Report, Said, report, said_of
from insights.flow.evaluate import figures_for_card, truths_of
from insights.flow.gold import GoldInteraction, read_gold
from insights.flow.progress import Progress, silent
from insights.registry import Manifest, find_model
from insights.text.segment import Segmenter

_USUAL = Settings()


class RecipeSource(Strict):
    """A source the model may learn from."""

    name: Key
    licence: Words
    what: Words
    written: bool = Field(False, description="Written for training: teaches, but neither sets thresholds nor is measured.")
    measure_only: bool = Field(False, description="Its licence lets nothing that ships be trained on it: it is left out, and measured on.")


class RecipeSettings(Strict):
    """Numbers of the training; see ``insights.classify.words.Settings``."""

    strength: float = Field(_USUAL.strength, gt=0)
    balance: float = Field(_USUAL.balance, ge=0, le=1)
    source_balance: float = Field(_USUAL.source_balance, ge=0, le=1)
    min_count: int = Field(_USUAL.min_count, ge=1)
    min_sources: int = Field(_USUAL.min_sources, ge=1)
    piece_weight: float = Field(_USUAL.piece_weight, ge=0)
    head_strength: float = Field(_USUAL.head_strength, gt=0)


class RecipeEncoder(Strict):
    """The encoder, and how `--encoder` teaches it; see ``insights.classify.finetune.TuneSettings``."""

    name: Key
    version: Words = "1"
    sources: list[Key] = Field(description="Sources it is taught by; never one that is measured.")
    epochs: int = Field(3, ge=1)
    rate: float = Field(6e-5, gt=0)
    head_rate: float = Field(1e-3, gt=0)
    batch: int = Field(500, ge=128)
    balance: float = Field(0.5, ge=0, le=1)
    keep_empty: float = Field(1.0, ge=0, le=1)
    dropout: float = Field(0.1, ge=0, lt=1)


class TrainingRecipe(Strict):
    """``models/NAME.toml``: what a model is called, learns from, and how."""

    name: Key
    version: Words
    description: Words
    settings: RecipeSettings = RecipeSettings()
    encoder: RecipeEncoder | None = None
    source: list[RecipeSource] = Field(min_length=2)


def train(
    recipe_path: Path,
    data_paths: Sequence[Path],
    out_dir: Path,
    *,
    measure_paths: Sequence[Path] = (),
    seed: int = 0,
    new_encoder: bool = False,
    progress: Progress = silent,
) -> Manifest:
    """Trains a model and writes it with manifest and card; the same data and seed give the same bytes.

    Args:
        recipe_path: TOML of a ``TrainingRecipe``.
        data_paths: Labelled interactions, JSON Lines.
        out_dir: Folder of the model; the encoder stands or is made beside it.
        measure_paths: Labelled interactions that nothing which ships learns from; they teach what is left out, and are measured.
        seed: Of the solver.
        new_encoder: Whether the encoder is taught anew, which needs the extra ``train``.
        progress: Told each source left out.

    Raises:
        UsageError: A file is missing or unreadable, a source is not named in the recipe, or fewer than two sources are given.
        ConfigError: The recipe is wrong.
        ModelError: The encoder is not there, or cannot be made.
    """
    recipe = read_toml(recipe_path, TrainingRecipe)
    gold, more = read_gold(data_paths), read_gold(measure_paths)
    _only_named(recipe, [*gold, *more])
    labelled = labels_of(recipe, gold, more)
    if new_encoder and recipe.encoder:
        from insights.flow.tune import make_encoder

        make_encoder(recipe, labelled, out_dir.parent / recipe.encoder.name, seed=seed, progress=progress)
    prepared = prepared_for(recipe, labelled, encoder=_encoder(recipe, out_dir), seed=seed, progress=progress)
    model = train_model(prepared, encoder_name=recipe.encoder.name if recipe.encoder else "")
    measured = unseen(fold_models(prepared), [*gold, *more], labelled, encoder=prepared.encoder, effort=Effort.BALANCED)
    facts = {"recipe": recipe.model_dump(mode="json"), "seed": seed, "data": _data(gold)}
    model = model.with_details({**facts, **model.details})
    manifest = model.save(out_dir, recipe.name, version=recipe.version)
    (out_dir / "CARD.md").write_text(card(recipe, model, manifest, measured), encoding="utf-8", newline="\n")
    return manifest


def labels_of(recipe: TrainingRecipe, gold: Sequence[GoldInteraction], more: Sequence[GoldInteraction]) -> list[Labelled]:
    """Returns labelled interactions as training takes them; ``more`` teaches nothing that ships."""
    segmenter = Segmenter()
    sources = {source.name: source for source in recipe.source}
    return [
        Labelled(
            item.interaction,
            segmenter.sentences(item.interaction),
            item.spans,
            frozenset(item.evidence),
            item.uncertain,
            item.source,
            real=not sources[item.source].written,
            ships=ships and not sources[item.source].measure_only,
        )
        for ships, items in ((True, gold), (False, more))
        for item in items
    ]


def prepared_for(
    recipe: TrainingRecipe, labelled: Sequence[Labelled], *, encoder: Encoder | None, seed: int = 0, progress: Progress = silent
) -> Prepared:
    """Reads and scores labelled interactions as the recipe says."""
    sources = len({item.source for item in labelled if item.real})
    done = iter(range(1, sources + 1))
    settings = Settings(**recipe.settings.model_dump())
    return prepare(labelled, settings, encoder=encoder, seed=seed, told=lambda: progress("leave out", next(done), sources))


def unseen(
    models: Mapping[str, SentenceModel],
    gold: Sequence[GoldInteraction],
    labelled: Sequence[Labelled],
    *,
    encoder: Encoder | None,
    effort: Effort,
) -> Report:
    """Measures models on the sources each has not seen, predictions pooled.

    Args:
        models: By the source left out.
        gold: What people found.
        labelled: The same interactions as training takes them.
        encoder: The models'.
        effort: How much is done.
    """
    said: dict[str, Said] = {}
    for classifier, held in classifiers(models, labelled, encoder=encoder, effort=effort):
        found = classifier.classify([(item.interaction, item.sentences) for item in held])
        said |= {item.interaction.id: said_of(insights, item.interaction) for item, insights in zip(held, found, strict=True)}
    return report(truths_of([item for item in gold if item.interaction.id in said]), said)


def classifiers(
    models: Mapping[str, SentenceModel], labelled: Sequence[Labelled], *, encoder: Encoder | None, effort: Effort
) -> Iterator[tuple[Classifier, list[Labelled]]]:
    """Yields, for each source left out, the classifier that has not seen it and its interactions."""
    taxonomy = compile_taxonomy(Taxonomy())
    for source, model in sorted(models.items()):
        held = [item for item in labelled if item.real and item.source == source]
        yield Classifier(taxonomy, model, encoder=encoder, effort=effort), held


def _encoder(recipe: TrainingRecipe, out_dir: Path) -> Encoder | None:
    if recipe.encoder is None:
        return None
    return load_encoder(find_model(recipe.encoder.name, workspace=out_dir.parent.parent))


def _only_named(recipe: TrainingRecipe, gold: Sequence[GoldInteraction]) -> None:
    named = {source.name for source in recipe.source}
    found = {item.source for item in gold}
    if unknown := sorted(found - named):
        raise UsageError(
            f"the data holds sources the recipe does not name: {', '.join(unknown)}", "name each with its licence, or leave its rows out"
        )
    if len(found) < 2:
        raise UsageError(
            "the data holds fewer than two sources", "thresholds are set on sources left out; add labelled interactions of another source"
        )


def _data(gold: Sequence[GoldInteraction]) -> dict[str, Any]:
    interactions = Counter(item.source for item in gold)
    kinds = Counter(kind.value for item in gold for kind in item.evidence)
    return {"interactions": dict(sorted(interactions.items())), "kinds": {kind.value: kinds[kind.value] for kind in Kind}}


def card(recipe: TrainingRecipe, model: SentenceModel, manifest: Manifest, measured: Report) -> str:
    """Returns the model's card as Markdown."""
    details = model.details
    thresholds = model.deciders[model.effort(Effort.BALANCED)].thresholds
    sources = "\n".join(
        f"| {source.name} | {details['data']['interactions'].get(source.name, 0):,} | {source.licence} | {source.what} |"
        for source in recipe.source
    )
    return f"""# {recipe.name}: {recipe.description}

Scores sentences for the six kinds of insight and says how probable it is that an interaction holds each. Made by `insights train
models/{recipe.name}.toml`; this card is generated. Id `{manifest.id}`, recipe version {recipe.version}, seed {details["seed"]}.

{_how(recipe, model)}

## Trained on

| source | interactions | licence | what |
| --- | --- | --- | --- |
{sources}

Personal data was redacted before training, as it is before analysis.

## Figures on sources left out

Each source was analysed by a model that had learnt from all others alone, thresholds included; the predictions are pooled. Intervals are
95 %, by bootstrap over interactions. On sources the model knows it does better.

{figures_for_card(measured)}
Thresholds: {", ".join(f"{kind} {thresholds[kind]:.2f}" for kind in Kind)}.

## Limits

English; public posts, complaints, reviews, chats and calls of banks, insurers, shops, airlines, telecoms and restaurants. On other
trades expect the figures of sources left out, or less. Rare kinds are found by their cues more than by their words. Irony without
a cue is missed. Probabilities of rare kinds are low, and so are their thresholds: sort by confidence where precision counts.
"""


def _how(recipe: TrainingRecipe, model: SentenceModel) -> str:
    words = (
        "**How.** By words: linear in words, pairs of words, character n-grams (3 to 5, hashed) and built-in cues; positive are the sentences "
        "that people marked as evidence. Words that occur in one source only are no feature. "
    )
    reading = ""
    if recipe.encoder:
        reading = (
            f"By reading: the encoder `{model.encoder[1]}` (see its own card) reads sentences within their contact, with a logistic output a "
            "kind; at balanced effort it reads those in which words leave room for a finding. "
        )
    return (
        words
        + reading
        + (
            "A second, small logistic model turns a contact's strongest sentences and cues into a calibrated probability; it is fitted on scores "
            "of contacts whose source neither annotator had seen. Plain numbers in `model.npz` and `model.json`; nothing is unpickled."
        )
    )
