"""Commands that need no workspace and write only what they are asked for: analyse, redact, discover."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli import output, talk
from insights.cli.workspace import cores, now
from insights.domain import Effort
from insights.errors import UsageError

if TYPE_CHECKING:
    from insights.domain import Effort, Reading
    from insights.flow.stateless import Aside

FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="Interactions in any format a reader knows; - is standard input.")]
ReaderOption = Annotated[str | None, typer.Option("--reader", help="Name of the reader, where the content should not decide.")]
MappingOption = Annotated[Path | None, typer.Option("--mapping", help="TOML file that says which column is what.")]
ZoneOption = Annotated[str | None, typer.Option("--timezone", help="Zone of times that carry none, such as Europe/Dublin.")]
TaxonomyOption = Annotated[Path | None, typer.Option("--taxonomy", help="A taxonomy.toml with your topics, products and competitors.")]

EffortOption = Annotated[Effort | None, typer.Option("--effort", help="fast, balanced (what is usual) or best.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command("analyse")(analyse)
    app.command("redact")(redact)
    app.command("discover")(discover)


def analyse(
    file: FileArgument = "-",
    taxonomy: TaxonomyOption = None,
    effort: EffortOption = None,
    with_text: Annotated[bool, typer.Option("--with-text", help="Add the redacted turns.")] = False,
    reader: ReaderOption = None,
    mapping: MappingOption = None,
    timezone: ZoneOption = None,
    out: output.OutputOption = None,
) -> None:
    """Finds insights in interactions, statelessly: NDJSON, a line an interaction."""
    from insights.flow import stateless as flow

    recipe = flow.recipe(taxonomy, effort)
    with _readings(file, reader, mapping, timezone) as readings:
        aside = flow.Aside()
        rows = flow.analyse(readings, recipe, with_text=with_text, workers=cores(), aside=aside)
        output.write_lines((json.dumps(row, ensure_ascii=False) for row in rows), out)
    _tell(aside)


def redact(
    file: FileArgument = "-",
    taxonomy: TaxonomyOption = None,
    reader: ReaderOption = None,
    mapping: MappingOption = None,
    timezone: ZoneOption = None,
    out: output.OutputOption = None,
) -> None:
    """Replaces personal data by typed marks: NDJSON, the same interactions with where they were redacted."""
    from insights.flow import stateless as flow

    recipe = flow.recipe(taxonomy)
    with _readings(file, reader, mapping, timezone) as readings:
        aside = flow.Aside()
        rows = flow.redact(readings, recipe, aside=aside)
        output.write_lines((json.dumps(row, ensure_ascii=False) for row in rows), out)
    _tell(aside)


def discover(
    file: Annotated[Path, typer.Argument(metavar="FILE", help='JSON Lines of {"id", "text"}.')],
    topics: Annotated[str, typer.Option("--topics", help="auto, or how many.")] = "auto",
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same topics.")] = 0,
    summary: Annotated[Path | None, typer.Option("--summary", help="Write the topics and the share of outliers to this file.")] = None,
    out: output.OutputOption = None,
) -> None:
    """Finds topics in texts: NDJSON, a line a text."""
    from insights.flow import stateless as flow

    with talk.stopwatch() as seconds:
        aside = flow.Aside()
        found = flow.discover(file, topics=topics, seed=seed, refused=aside.refused)
        output.write_lines((json.dumps(row, ensure_ascii=False) for row in found.rows), out)
        if found.reason:
            talk.say(found.reason)
        if summary:
            output.write_text(json.dumps({**found.summary, "seconds": round(seconds(), 1)}, ensure_ascii=False, indent=1), summary)
    _tell(aside)


@contextmanager
def _readings(file: str, reader: str | None, mapping: Path | None, timezone: str | None) -> Iterator[Iterable[Reading]]:
    """Readings of a file, or of standard input."""
    from insights.flow import stateless as flow

    if file != "-":
        yield flow.readings(Path(file), reader=reader, mapping=mapping, timezone=timezone, received_at=now())
        return
    with _stdin_in_memory() as path:
        yield flow.readings(path, reader=reader, mapping=mapping, timezone=timezone, received_at=now())


@contextmanager
def _stdin_in_memory() -> Iterator[Path]:
    """Standard input as a file that never touches a disk: what comes in is not redacted yet."""
    if not hasattr(os, "memfd_create"):
        raise UsageError("standard input cannot be read on this system without touching the disk", "name the file instead of -")
    descriptor = os.memfd_create("stdin")
    try:
        while piece := sys.stdin.buffer.read(1 << 20):
            os.write(descriptor, piece)
        # A link gives it a name: ids and messages would speak of a number otherwise.
        with tempfile.TemporaryDirectory() as folder:
            link = Path(folder) / "stdin"
            link.symlink_to(f"/proc/self/fd/{descriptor}")
            yield link
    finally:
        os.close(descriptor)


def _tell(aside: Aside) -> None:
    for line in aside.skipped:
        talk.say(line)
    for line in aside.refused:
        talk.warn(line)
    if aside.refused:
        raise typer.Exit(3)
