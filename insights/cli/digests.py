"""Commands about what goes out: digest, deliver, outbox."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from insights.cli import output, talk
from insights.cli.workspace import now, opened, opened_store

STATUSES = ("pending", "sent", "failed", "dropped")
OUTBOX_COLUMNS = ("key", "destination", "status", "attempts", "at", "error")

outbox = typer.Typer(help="What was sent, what waits, what failed.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command("digest")(digest)
    app.command("deliver")(deliver)
    app.add_typer(outbox, name="outbox")


def digest(
    unit: Annotated[str, typer.Option("--unit", help="Key of a unit in ownership.toml, such as billing.")],
    period: Annotated[
        str | None,
        typer.Option("--period", help="Such as 2026-W40, 2026-10 or 2026-10-05; the last complete one of the unit's cadence otherwise."),
    ] = None,
    format: Annotated[str, typer.Option("--format", "-f", help="html, md, txt or json")] = "txt",
    file: output.OutputOption = None,
) -> None:
    """Makes one unit's digest of a period; nothing is stored or sent."""
    from insights.flow import digest as flow

    loaded = opened()
    with opened_store(loaded, read_only=True) as store:
        text = flow.one_digest(loaded, store, unit, period, format=format)
    output.write_text(text, file)


def deliver(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent, and send nothing.")] = False,
    format: output.FormatOption = None,
    file: output.OutputOption = None,
) -> None:
    """Sends what is due, exactly once by key; exit 3 if something failed."""
    from insights.flow import deliver as flow

    loaded = opened()
    if dry_run:
        with opened_store(loaded, read_only=True) as store:
            rows = [
                {"key": delivery.key, "destination": delivery.destination, "subject": message.subject}
                for delivery, message in flow.due(store, at=now())
            ]
        output.emit(rows, ("key", "destination", "subject"), format=format, output=file, schema="insights.deliver/1")
        return
    with opened_store(loaded) as store, talk.progress() as progress:
        report = flow.deliver(loaded, store, at=now(), secret=flow.secret_resolver(os.environ, loaded.root), progress=progress)
    output.emit(
        [{"due": report.due, "sent": report.sent, "failed": report.failed}],
        ("due", "sent", "failed"),
        format=format,
        output=file,
        schema="insights.deliver/1",
    )
    for line in report.errors:
        talk.say(f"not delivered: {line}")
    if report.failed:
        raise typer.Exit(3)


@outbox.command("list")
def list_outbox(
    status: Annotated[str | None, typer.Option("--status", help="pending, sent, failed or dropped")] = None,
    format: output.FormatOption = None,
    file: output.OutputOption = None,
) -> None:
    """Lists deliveries and how they fared."""
    if status is not None:
        output.known_choice("status", status, STATUSES)
    with opened_store(opened(), read_only=True) as store:
        rows = [{column: getattr(delivery, column) for column in OUTBOX_COLUMNS} for delivery in store.outbox(status)]
    output.emit(rows, OUTBOX_COLUMNS, format=format, output=file, schema="insights.outbox/1")


@outbox.command("retry")
def retry(key: Annotated[str, typer.Argument(metavar="KEY", help="As `insights outbox list` shows it.")]) -> None:
    """Makes a failed delivery due again."""
    with opened_store(opened()) as store:
        store.retry(key)
    talk.say(f"{key} is due again: insights deliver")


@outbox.command("drop")
def drop(key: Annotated[str, typer.Argument(metavar="KEY", help="As `insights outbox list` shows it.")]) -> None:
    """Gives a delivery up."""
    with opened_store(opened()) as store:
        store.drop(key)
    talk.say(f"{key} is given up")
