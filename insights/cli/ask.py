"""Commands that answer questions: query, show, explain, prevalence."""

from __future__ import annotations

import json
from datetime import datetime, time
from typing import Annotated

import typer

from insights.cli import output, talk
from insights.cli.workspace import opened, opened_store


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command("query")(query)
    app.command("show")(show)
    app.command("explain")(explain)
    app.command("prevalence")(prevalence)


def query(
    text: Annotated[str, typer.Argument(metavar="QUERY", help='Such as: kind:product_issue since:30d owner:billing "refund"')] = "",
    group_by: Annotated[str | None, typer.Option("--group-by", help="Count by these fields, such as week,topic.")] = None,
    columns: Annotated[
        str | None, typer.Option("--columns", help="Only these columns, in this order; a table shows the most telling ones otherwise.")
    ] = None,
    sort: Annotated[str, typer.Option("--sort", help="Column, with - before it for descending.")] = "-started_at",
    limit: Annotated[int, typer.Option("--limit", min=1, help="Most rows.")] = 50,
    count: Annotated[bool, typer.Option("--count", help="Only how many.")] = False,
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="The day from which 30d and the like are counted; the newest data otherwise."),
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show how the query was understood, and its SQL.")] = False,
    format: output.FormatOption = None,
    file: output.OutputOption = None,
) -> None:
    """Searches insights by fields and words."""
    from insights.flow import ask as flow

    loaded = opened()
    moment = datetime.combine(as_of.date(), time(23, 59, 59), tzinfo=loaded.zone) if as_of else None
    with opened_store(loaded, read_only=True) as store:
        question = flow.Question(text, tuple(group_by.split(",")) if group_by else (), sort, limit, moment)
        if explain:
            output.write_text(json.dumps(flow.explained(loaded, store, question), ensure_ascii=False, indent=1), file)
        elif count:
            output.write_text(str(flow.count(loaded, store, question)), file)
        else:
            rows, names = flow.answer(loaded, store, question)
            # A table of every column is too wide to read.
            narrow = output.format_of(format, file) == "table" and not question.group_by
            chosen = flow.chosen_columns(names, columns) if columns or not narrow else flow.TABLE_COLUMNS
            output.emit(rows, chosen, format=format, output=file, schema="insights.query/1")


def show(
    reference: Annotated[str, typer.Argument(metavar="ID", help="Of an interaction, as its source calls it or as outputs show it.")],
    format: Annotated[str, typer.Option("--format", "-f", help="text or json")] = "text",
    file: output.OutputOption = None,
) -> None:
    """Shows an interaction with its evidence marked."""
    from insights.flow import ask as flow

    output.known_choice("format", format, ("text", "json"))
    loaded = opened()
    with opened_store(loaded, read_only=True) as store:
        shown = flow.shown(loaded, store, reference)
    output.write_text(json.dumps(shown, ensure_ascii=False, indent=1) if format == "json" else flow.as_text(shown), file)


def explain(
    reference: Annotated[str, typer.Argument(metavar="ID", help="Of an insight, a topic (T-0001) or an issue (ISS-000001).")],
    format: Annotated[str, typer.Option("--format", "-f", help="text or json")] = "text",
    file: output.OutputOption = None,
) -> None:
    """Says why: an insight's votes and route, a topic's keywords and lineage, an issue's history."""
    from insights.flow import ask as flow

    output.known_choice("format", format, ("text", "json"))
    loaded = opened()
    with opened_store(loaded, read_only=True) as store:
        why = flow.why(store, reference)
    output.write_text(json.dumps(why, ensure_ascii=False, indent=1) if format == "json" else flow.why_as_text(why), file)


def prevalence(
    kind: Annotated[str | None, typer.Option("--kind", help="Only this kind, such as process_failure.")] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="Such as 90d, 2026-06-01 or 2026-W20; the last 13 periods otherwise.")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="day, week or month; complete ones only")] = "week",
    format: output.FormatOption = None,
    file: output.OutputOption = None,
) -> None:
    """Counts the contacts with each kind a period, corrected for the model's measured errors, with a 95 % interval."""
    from insights.flow import prevalence as flow

    loaded = opened()
    measured = flow.measured_errors(loaded)
    with opened_store(loaded, read_only=True) as store:
        rows = list(flow.prevalence(loaded, store, kind=kind, since=since, by=by, measured=measured))
    talk.say(measured.note)
    output.emit(rows, flow.COLUMNS, format=format, output=file, schema="insights.prevalence/1")
