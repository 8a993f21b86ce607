"""Commands about the model: train, evaluate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from insights.cli import output, talk
from insights.cli.workspace import cores

GoldArgument = Annotated[list[Path], typer.Argument(metavar="GOLD", help="Labelled interactions, JSON Lines.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command("train")(train)
    app.command("evaluate")(evaluate)


def train(
    recipe: Annotated[
        Path, typer.Argument(metavar="RECIPE", help="TOML that names the model, its sources with their licences, and its settings.")
    ],
    data: Annotated[list[Path], typer.Option("--data", help="Labelled interactions, JSON Lines; may be given more than once.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the model; beside the recipe otherwise.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same model.")] = 0,
) -> None:
    """Makes a model with its card from labelled interactions."""
    from insights.flow.train import train as flow

    folder = out or recipe.with_suffix("")
    with talk.progress() as progress:
        manifest = flow(recipe, data, folder, seed=seed, progress=progress)
    talk.say(f"made {manifest.id} in {folder}; its figures stand in {folder / 'CARD.md'}")


def evaluate(
    gold: GoldArgument,
    taxonomy: Annotated[Path | None, typer.Option("--taxonomy", help="A taxonomy.toml with your topics, products and competitors.")] = None,
    format: Annotated[str, typer.Option("--format", "-f", help="text or json")] = "text",
    file: output.OutputOption = None,
) -> None:
    """Measures the model on labelled interactions: precision, recall and F1 a kind with intervals, in all and by source."""
    from insights.flow.evaluate import as_json, as_text
    from insights.flow.evaluate import evaluate as flow

    with talk.progress() as progress:
        report = flow(gold, taxonomy=taxonomy, workers=cores(), progress=progress)
    output.write_text(as_json(report) if format == "json" else as_text(report), file)
