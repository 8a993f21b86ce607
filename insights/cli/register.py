"""Commands over what lasts: topics and issues."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from insights.cli import output
from insights.cli.workspace import opened, opened_store

TOPIC_COLUMNS = ("id", "key", "label", "kind", "size", "keywords")
ISSUE_COLUMNS = ("id", "title", "kind", "topic", "status", "signal", "owner", "first_seen", "last_seen", "contacts", "customers")

topics = typer.Typer(help="The topics, declared and discovered.", no_args_is_help=True)
issues = typer.Typer(help="The recurring issues.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.add_typer(topics, name="topics")
    app.add_typer(issues, name="issues")


@topics.command("list")
def list_topics(format: output.FormatOption = None, file: output.OutputOption = None) -> None:
    """Lists the topics, the largest first."""
    with opened_store(opened(), read_only=True) as store:
        found = sorted(store.topics(), key=lambda topic: (-topic.size, topic.id))
    output.emit([_row(topic, TOPIC_COLUMNS) for topic in found], TOPIC_COLUMNS, format=format, output=file, schema="insights.topics/1")


@topics.command("show")
def show_topic(
    reference: Annotated[str, typer.Argument(metavar="ID", help="T-0001, its key, or its label.")],
    format: output.FormatOption = None,
    file: output.OutputOption = None,
) -> None:
    """Shows one topic with its lineage and examples."""
    columns = (*TOPIC_COLUMNS, "examples", "lineage", "made_by")
    with opened_store(opened(), read_only=True) as store:
        found = store.topic(reference)
    output.emit([_row(found, columns)], columns, format=format, output=file, schema="insights.topics/1")


@issues.command("list")
def list_issues(format: output.FormatOption = None, file: output.OutputOption = None) -> None:
    """Lists the issues, those with the most customers first."""
    with opened_store(opened(), read_only=True) as store:
        found = sorted(store.issues(), key=lambda issue: (-issue.customers, issue.id))
    output.emit([_row(issue, ISSUE_COLUMNS) for issue in found], ISSUE_COLUMNS, format=format, output=file, schema="insights.issues/1")


@issues.command("show")
def show_issue(
    reference: Annotated[str, typer.Argument(metavar="ID", help="ISS-000001")],
    format: output.FormatOption = None,
    file: output.OutputOption = None,
) -> None:
    """Shows one issue with its fixes and history."""
    columns = (*ISSUE_COLUMNS, "fixes", "history")
    with opened_store(opened(), read_only=True) as store:
        found = store.issue(reference)
    row = _row(found, columns) | {"fixes": [f"{fix.date.isoformat()} target {fix.target:.0%}" for fix in found.fixes]}
    output.emit([row], columns, format=format, output=file, schema="insights.issues/1")


def _row(item: Any, columns: tuple[str, ...]) -> output.Row:
    return {column: getattr(item, column) for column in columns}
