"""Commands about the model: train, evaluate."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from insights.cli import output, talk
from insights.cli.workspace import cores, opened, opened_store
from insights.domain import Effort
from insights.errors import UsageError

GoldArgument = Annotated[list[Path], typer.Argument(metavar="GOLD", help="Labelled interactions, JSON Lines.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command("train")(train)
    app.command("evaluate")(evaluate)


def train(
    recipe: Annotated[
        Path | None,
        typer.Argument(metavar="RECIPE", help="TOML that names the model, its sources with their licences, and its settings."),
    ] = None,
    data: Annotated[
        list[Path] | None, typer.Option("--data", help="Labelled interactions, JSON Lines; may be given more than once.")
    ] = None,
    corrections: Annotated[
        bool, typer.Option("--corrections", help="Move the workspace's model towards what people corrected, if that is no worse.")
    ] = False,
    measure: Annotated[
        list[Path] | None,
        typer.Option(
            "--measure", help="Labelled interactions that nothing which ships learns from; measured, and learnt from by what is not kept."
        ),
    ] = None,
    encoder: Annotated[bool, typer.Option("--encoder", help="Teach the encoder anew; needs the extra `train`.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the model; beside the recipe otherwise.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same model.")] = 0,
) -> None:
    """Makes a model with its card from labelled interactions, or moves the workspace's model towards its corrections."""
    if corrections:
        _adapt(seed)
        return
    if recipe is None or not data:
        raise UsageError("nothing to learn from", "name a recipe and --data FILE, or --corrections in a workspace")
    from insights.flow.train import train as flow

    folder = out or recipe.with_suffix("")
    with talk.progress() as progress:
        manifest = flow(recipe, data, folder, measure_paths=measure or (), seed=seed, new_encoder=encoder, progress=progress)
    talk.say(f"made {manifest.id} in {folder}; its figures stand in {folder / 'CARD.md'}")


def _adapt(seed: int) -> None:
    from insights.flow.adapt import adapt_model
    from insights.flow.lock import alone

    loaded = opened()
    with alone(loaded.root), opened_store(loaded) as store:
        report = adapt_model(loaded, store, seed=seed)
    told = f"F1 on corrected contacts it had not seen: {report.before:.3f} before, {report.after:.3f} after ({report.contacts} contacts)"
    if report.manifest is None:
        talk.say(f"kept the model as it is. {told}")
    else:
        talk.say(f"made {report.manifest.id}; the next run uses it. {told}")


def evaluate(
    gold: GoldArgument,
    taxonomy: Annotated[Path | None, typer.Option("--taxonomy", help="A taxonomy.toml with your topics, products and competitors.")] = None,
    here: Annotated[
        bool,
        typer.Option(
            "--here", help="Measure the workspace's own model, taxonomy and thresholds; lines without words are looked up in its store."
        ),
    ] = False,
    effort: Annotated[Effort | None, typer.Option("--effort", help="fast, balanced (what is usual) or best.")] = None,
    target: Annotated[float, typer.Option("--target", min=0.01, max=1.0, help="Precision at which coverage is told.")] = 0.9,
    examples: Annotated[int, typer.Option("--examples", min=0, help="Most false alarms and most misses shown of each kind.")] = 5,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for report.json, report.md and the reliability curves.")] = None,
    format: Annotated[str, typer.Option("--format", "-f", help="text, json or md")] = "text",
    file: output.OutputOption = None,
) -> None:
    """Measures the model on labelled interactions: figures a kind, channel and source with intervals, calibration, evidence, mistakes."""
    from insights.flow import evaluate as flow

    output.known_choice("format", format, flow.FORMATS)
    loaded = opened() if here else None
    with opened_store(loaded, read_only=True) if loaded else nullcontext() as store, talk.progress() as progress:
        report = flow.evaluate(
            gold,
            taxonomy=taxonomy,
            effort=effort,
            loaded=loaded,
            store=store,
            target=target,
            examples=examples,
            workers=cores(),
            progress=progress,
        )
    for path in flow.write(report, out) if out else ():
        talk.say(f"wrote {path}")
    output.write_text(flow.rendered(report, format), file)
