"""Teaches the encoder what evidence is, and writes it as a file that runs without torch. Needs the extra ``train``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from insights.classify.annotate import Annotator
from insights.classify.training import Labelled, tabulate
from insights.errors import ModelError
from insights.flow.progress import Progress, silent
from insights.registry import Manifest

if TYPE_CHECKING:
    from insights.flow.train import RecipeEncoder, TrainingRecipe


def make_encoder(
    recipe: TrainingRecipe, labelled: Sequence[Labelled], folder: Path, *, seed: int = 0, progress: Progress = silent
) -> Manifest:
    """Fine-tunes the published network on the recipe's sources and writes it with manifest and card.

    Raises:
        ModelError: Torch or the published weights are not installed, or the file would give other vectors than the network.
    """
    try:
        from insights.classify.finetune import TuneSettings, fine_tune
        from insights.encoder.build import published, write_encoder
    except ImportError as error:
        raise ModelError(f"{error.name} is not installed", "install the extra: pip install 'insights-engine[train]'") from error
    wanted = _wanted(recipe)
    weights, tokenizer = published()
    settings = TuneSettings(**wanted.model_dump(include=set(TuneSettings.__dataclass_fields__)))
    examples = examples_of([item for item in labelled if item.source in wanted.sources])
    tuned = fine_tune(weights, tokenizer, examples, settings, seed=seed, told=lambda done, of: progress("teach the encoder", done, of))
    details: dict[str, Any] = {
        "licence": "Apache-2.0",
        "source": "all-MiniLM-L6-v2, fine-tuned",
        "recipe": wanted.model_dump(mode="json"),
        "contacts": len(examples),
        "loss": round(tuned.loss, 4),
        "seed": seed,
    }
    manifest = write_encoder(
        folder, wanted.name, tuned.encoder, tokenizer, version=wanted.version, title=f"{wanted.name} of all-MiniLM-L6-v2", details=details
    )
    (folder / "CARD.md").write_text(_card(recipe, manifest), encoding="utf-8", newline="\n")
    return manifest


def examples_of(labelled: Sequence[Labelled]) -> list[Any]:
    """Returns contacts as sentences turn by turn with the kinds each proves; what people were not sure of does not count."""
    from insights.classify.finetune import Example

    table = tabulate(labelled, Annotator())
    found = []
    for contact, places in table.contacts_of(np.arange(len(table.rows))):
        turns: dict[int, list[str]] = {}
        for place in places:
            turns.setdefault(table.rows[place].sentence.turn, []).append(table.rows[place].sentence.text)
        weights = np.repeat(table.scored[contact][None].astype(np.float32), len(places), axis=0)
        found.append(Example(list(turns.values()), table.marked[places].astype(np.float32), weights))
    return found


def _wanted(recipe: TrainingRecipe) -> RecipeEncoder:
    if recipe.encoder is None:
        raise ModelError(f"the recipe {recipe.name} has no encoder", "add a table [encoder] with its name and sources")
    real = {source.name for source in recipe.source if not source.written}
    if shared := sorted(real.intersection(recipe.encoder.sources)):
        raise ModelError(
            f"the encoder would learn from {', '.join(shared)}, on which it is measured", "teach it by sources with written = true"
        )
    return recipe.encoder


def _card(recipe: TrainingRecipe, manifest: Manifest) -> str:
    details = manifest.details
    taught = details["recipe"]
    sources = "\n".join(
        f"| {source.name} | {source.licence} | {source.what} |" for source in recipe.source if source.name in taught["sources"]
    )
    return f"""# {manifest.name}: an encoder taught what evidence is

Gives each sentence of a contact a vector of {details["dimensions"]} numbers in which the six kinds of insight lie apart; the outputs that
tell them stand in the model that uses it. Made by `insights train models/{recipe.name}.toml --encoder`; this card is generated. Id `{manifest.id}`.

| | |
| --- | --- |
| origin | all-MiniLM-L6-v2 (Apache-2.0, the sentence-transformers authors), every layer but the word table fine-tuned |
| taught by | {details["contacts"]:,} labelled contacts: {taught["epochs"]} readings, {taught["batch"]} word pieces a step, rate {taught["rate"]} |
| size | matrices in seven-bit and word table in eight-bit whole numbers; agreement with the 32-bit network: cosine {details["cosine_to_fp32"]["mean"]} |

| source | licence | what |
| --- | --- | --- |
{sources}

**It has seen no contact of a real customer**: whatever real contacts it is measured on, they are new to it. A sentence's vector is the mean
of its own word pieces after reading up to 128 of them together.

**Limits**: English. What it was never shown (legal letters, medical notes, trades with words of their own) it reads as its origin does.
"""
