"""Makes the statistical model from labelled interactions, as a recipe says, with its card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from insights.classify.statistical import SentenceModel
from insights.classify.training import Labelled, Settings, train_model
from insights.config.models import Key, Strict, Words
from insights.config.toml import read_toml
from insights.domain import Kind
from insights.errors import UsageError
from insights.flow.gold import GoldInteraction, read_gold
from insights.flow.progress import Progress, silent
from insights.registry import Manifest
from insights.text.segment import Segmenter

_USUAL = Settings()


class RecipeSource(Strict):
    """A source the model may learn from."""

    name: Key
    licence: Words
    what: Words


class RecipeSettings(Strict):
    """Numbers of the training; see ``insights.classify.training.Settings``."""

    strength: float = Field(_USUAL.strength, gt=0)
    balance: float = Field(_USUAL.balance, ge=0, le=1)
    source_balance: float = Field(_USUAL.source_balance, ge=0, le=1)
    min_count: int = Field(_USUAL.min_count, ge=1)
    min_sources: int = Field(_USUAL.min_sources, ge=1)
    piece_weight: float = Field(_USUAL.piece_weight, ge=0)


class TrainingRecipe(Strict):
    """``models/NAME.toml``: what a model is called, learns from, and how."""

    name: Key
    version: Words
    description: Words
    settings: RecipeSettings = RecipeSettings()
    source: list[RecipeSource] = Field(min_length=2)


def train(recipe_path: Path, data_paths: Sequence[Path], out_dir: Path, *, seed: int = 0, progress: Progress = silent) -> Manifest:
    """Trains a model and writes it with manifest and card; the same data and seed give the same bytes.

    Args:
        recipe_path: TOML of a ``TrainingRecipe``.
        data_paths: Labelled interactions, JSON Lines.
        out_dir: Folder of the model.
        seed: Of the solver.
        progress: Told each source left out.

    Raises:
        UsageError: A file is missing or unreadable, a source is not named in the recipe, or fewer than two sources are given.
        ConfigError: The recipe is wrong.
    """
    recipe = read_toml(recipe_path, TrainingRecipe)
    gold = read_gold(data_paths)
    _only_named(recipe, gold)
    segmenter = Segmenter()
    labelled = [
        Labelled(item.interaction, segmenter.sentences(item.interaction), item.spans, frozenset(item.evidence), item.uncertain, item.source)
        for item in gold
    ]
    sources = len({item.source for item in gold})
    done = iter(range(1, sources + 1))
    model = train_model(labelled, Settings(**recipe.settings.model_dump()), seed=seed, told=lambda: progress("train", next(done), sources))
    model = model.with_details({"recipe": recipe.model_dump(mode="json"), "seed": seed, "data": _data(gold), **model.details})
    manifest = model.save(out_dir, recipe.name, version=recipe.version)
    (out_dir / "CARD.md").write_text(card(recipe, model, manifest), encoding="utf-8", newline="\n")
    return manifest


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


def card(recipe: TrainingRecipe, model: SentenceModel, manifest: Manifest) -> str:
    """Returns the model's card as Markdown."""
    details = model.details
    sources = "\n".join(
        f"| {source.name} | {details['data']['interactions'].get(source.name, 0):,} | {source.licence} | {source.what} |"
        for source in recipe.source
    )
    return f"""# {recipe.name}: {recipe.description}

Scores sentences for the six kinds of insight and says how probable it is that an interaction holds each. Made by `insights train
models/{recipe.name}.toml`; this card is generated. Id `{manifest.id}`, recipe version {recipe.version}, seed {details["seed"]}.

**How.** Linear in words, pairs of words, character n-grams (3 to 5, hashed) and built-in cues; positive are the sentences that people
marked as evidence. A second, small logistic model turns an interaction's strongest sentence and cues into a calibrated probability;
it is fitted on scores of interactions the first model has not seen, half of them from sources it has not seen. Words that occur
in one source only are no feature. Plain numbers in `model.npz` and `model.json`; nothing is unpickled.

## Trained on

| source | interactions | licence | what |
| --- | --- | --- | --- |
{sources}

Personal data was redacted before training, as it is before analysis.

## Figures

{_figures_table("Interactions of sources left out of the training", details["figures"]["unseen sources"])}

{_figures_table("Interactions left out, of sources known to the model", details["figures"]["known sources"])}

Thresholds: {", ".join(f"{kind} {model.thresholds[kind]:.2f}" for kind in Kind)}.

## Limits

English; public posts, complaints, reviews, chats and calls of banks, insurers, shops, airlines, telecoms and restaurants. On other
trades expect the figures of sources left out, or less. Rare kinds are found by their cues more than by their words. Irony without
a cue is missed. Probabilities of rare kinds are low, and so are their thresholds: sort by confidence where precision counts.
"""


def _figures_table(title: str, figures: Mapping[str, Mapping[str, float]]) -> str:
    rows = "\n".join(
        f"| {kind} | {one['positives']} | {one['precision']:.2f} | {one['recall']:.2f} | {one['f1']:.2f} |" for kind, one in figures.items()
    )
    return f"{title}:\n\n| kind | positives | precision | recall | F1 |\n| --- | --- | --- | --- | --- |\n{rows}"
