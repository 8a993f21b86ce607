"""Commands about what comes in: ingest, dead-letter."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from insights.cli import output, talk
from insights.cli.workspace import now, opened, opened_store, workers_of

COUNT_COLUMNS = ("file", "source", "read", "stored", "replaced", "unchanged", "skipped", "set_aside")
LETTER_COLUMNS = ("id", "status", "source", "locator", "stage", "reason", "excerpt")

letters = typer.Typer(help="Records that could not be read, kept aside with file, line and reason.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command("ingest")(ingest)
    app.add_typer(letters, name="dead-letter")


def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Files and folders.")],
    reader: Annotated[str | None, typer.Option("--reader", help="Name of the reader, where the content should not decide.")] = None,
    source: Annotated[
        str | None,
        typer.Option(
            "--source", help="Name of the feed; one in insights.toml lends its mapping, channel and zone. The reader's name otherwise."
        ),
    ] = None,
    mapping: Annotated[Path | None, typer.Option("--mapping", help="TOML file that says which column is what.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Store nothing; show how the files would be read.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="The same as --dry-run: the reader, and what becomes of each field.")] = False,
    format: output.FormatOption = None,
    file: output.OutputOption = None,
) -> None:
    """Reads files and folders into the store; doing it twice changes nothing."""
    from insights.config.load import read_mapping
    from insights.flow import ingest as flow
    from insights.flow.lock import alone

    loaded = opened()
    feeds = flow.named_feeds(loaded, paths, source=source, reader=reader, mapping=read_mapping(mapping) if mapping else None)
    if dry_run or explain:
        rows, columns = flow.explained(feeds, received_at=now()), flow.EXPLAIN_COLUMNS
        output.emit(rows, columns, format=format, output=file, schema="insights.explain/1")
        for line in flow.remarks(feeds, received_at=now()):
            talk.say(line)
        return
    with alone(loaded.root), opened_store(loaded, create=True) as store, talk.progress() as progress:
        reports = flow.ingest(loaded, store, feeds, received_at=now(), workers=workers_of(loaded), progress=progress)
        waiting = store.counts()["dead_letters"]
    rows = [{"file": str(report.path), "source": report.source, **flow.numbers(report.counts)} for report in reports]
    output.emit(rows, COUNT_COLUMNS, format=format, output=file, schema="insights.ingest/1")
    if waiting and any(report.counts.set_aside for report in reports):
        talk.say("some records were set aside: insights dead-letter list")
        raise typer.Exit(3)


@letters.command("list")
def list_letters(
    all_of_them: Annotated[bool, typer.Option("--all", help="Also those replayed or dropped.")] = False,
    format: output.FormatOption = None,
    file: output.OutputOption = None,
) -> None:
    """Lists the records set aside, the open ones first."""
    with opened_store(opened(), read_only=True) as store:
        found = store.dead_letters(None if all_of_them else "open")
    rows = [{column: getattr(letter, column) for column in LETTER_COLUMNS} for letter in found]
    output.emit(rows, LETTER_COLUMNS, format=format, output=file, schema="insights.dead-letter/1")


@letters.command("show")
def show_letter(
    letter: Annotated[str, typer.Argument(metavar="ID", help="As `insights dead-letter list` shows it.")],
    format: output.FormatOption = None,
    file: output.OutputOption = None,
) -> None:
    """Shows one record set aside."""
    with opened_store(opened(), read_only=True) as store:
        found = store.dead_letter(letter)
    columns = (*LETTER_COLUMNS, "digest", "at")
    output.emit(
        [{column: getattr(found, column) for column in columns}], columns, format=format, output=file, schema="insights.dead-letter/1"
    )


@letters.command("replay")
def replay_letters(format: output.FormatOption = None, file: output.OutputOption = None) -> None:
    """Reads the mended files again; each record that is stored now leaves the list."""
    from insights.flow import ingest as flow
    from insights.flow.lock import alone

    loaded = opened()
    with alone(loaded.root), opened_store(loaded) as store, talk.progress() as progress:
        rows = flow.replay(loaded, store, received_at=now(), workers=workers_of(loaded), progress=progress)
    output.emit(rows, ("source", "file", "replayed", "still_open"), format=format, output=file, schema="insights.replay/1")
    if any(row["still_open"] for row in rows):
        raise typer.Exit(3)


@letters.command("drop")
def drop_letters(ids: Annotated[list[str], typer.Argument(metavar="ID", help="As `insights dead-letter list` shows it.")]) -> None:
    """Takes records off the list for good; that they were dropped stays noted."""
    with opened_store(opened()) as store:
        store.mark_letters([store.dead_letter(letter).id for letter in ids], "dropped")
    talk.say(f"dropped {len(ids)}")
