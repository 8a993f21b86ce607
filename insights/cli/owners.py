"""Commands about who owns what: owners list, explain, test."""

from __future__ import annotations

from typing import Annotated

import typer

from insights.cli import output, talk
from insights.cli.workspace import opened, opened_store

owners = typer.Typer(help="Who owns what, and by which rule.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.add_typer(owners, name="owners")


@owners.command("list")
def list_owners(format: output.FormatOption = None, file: output.OutputOption = None) -> None:
    """Lists the rules in the order they are tried; the last that matches wins."""
    from insights.flow import owners as flow

    output.emit(flow.rules(opened()), flow.RULE_COLUMNS, format=format, output=file, schema="insights.owners/1")


@owners.command("explain")
def explain(
    reference: Annotated[str, typer.Argument(metavar="ID", help="Of an insight, as `insights query` shows it.")],
    format: output.FormatOption = None,
    file: output.OutputOption = None,
) -> None:
    """Says which rule sent an insight to its owner, which others matched, and the smallest change that would reroute it."""
    from insights.flow import owners as flow

    loaded = opened()
    with opened_store(loaded, read_only=True) as store:
        row = flow.explained(loaded, store, reference)
    output.emit([row], tuple(row), format=format, output=file, schema="insights.owners-explain/1")


@owners.command("test")
def run_examples(format: output.FormatOption = None, file: output.OutputOption = None) -> None:
    """Runs the examples of the ownership file; exit 1 if one goes to another owner."""
    from insights.flow import owners as flow

    failures, total = flow.tested(opened())
    if failures:
        output.emit(failures, tuple(failures[0]), format=format, output=file, schema="insights.owners-test/1")
        raise typer.Exit(1)
    talk.say(f"{total} examples go to the owner they name")
