"""Commands about what people say of findings: review, correct, corrections."""

from __future__ import annotations

import getpass
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli import output, talk
from insights.cli.workspace import now, opened, opened_store
from insights.domain import Change, Kind, Ruling, Severity

if TYPE_CHECKING:
    from insights.config.load import Loaded
    from insights.store import Store

_SHOWN = 20
_KEYS = dict(zip("123456", Kind, strict=True))

ByOption = Annotated[str | None, typer.Option("--by", help="Who says it; your user name otherwise.")]
AtOption = Annotated[
    datetime | None,
    typer.Option("--at", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"], help="When it was said; now otherwise."),
]
KindOption = Annotated[Kind | None, typer.Option("--kind", help="The kind it is of.")]

corrections = typer.Typer(help="What people said of findings; it outlives models and taxonomies.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command("review")(review)
    app.command("correct")(correct)
    app.add_typer(corrections, name="corrections")


def review(
    hours: Annotated[float | None, typer.Option("--hours", min=0.0, help="As many as can be read in this time.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Most findings; 20 unless --hours is given.")] = None,
    kind: Annotated[Kind | None, typer.Option("--kind", help="Only findings of this kind.")] = None,
    ask: Annotated[bool, typer.Option("--ask", help="Ask one after another on the terminal: y, n, 1 to 6 for a kind, s to skip.")] = False,
    answers: Annotated[
        Path | None, typer.Option("--answers", metavar="FILE", help="Take the answers of a queue written as CSV: yes, no, or a kind.")
    ] = None,
    by: ByOption = None,
    at: AtOption = None,
    format: output.FormatOption = None,
    file: output.OutputOption = None,
) -> None:
    """Shows what could be either, ordered by what an answer is worth, and takes the answers."""
    from insights.flow import review as flow
    from insights.flow.lock import alone

    loaded = opened()
    if answers is not None:
        with alone(loaded.root), opened_store(loaded) as store, talk.progress() as progress:
            rows = flow.take_answers(loaded, store, answers, by=author(by), at=_moment(loaded, at), progress=progress)
        output.emit(rows, flow.ANSWER_COLUMNS, format=format, output=file, schema="insights.answers/1")
        if any(row["result"] not in {"kept", "said before"} for row in rows):
            raise typer.Exit(3)
        return
    with opened_store(loaded, read_only=not ask) as store:
        found = flow.queue(loaded, store, limit=limit or (None if hours is not None else _SHOWN), hours=hours, kind=kind)
        if ask:
            with alone(loaded.root):
                _ask(loaded, store, found.rows, author(by), at)
            return
    columns = flow.TABLE_COLUMNS if output.format_of(format, file) == "table" else flow.COLUMNS
    output.emit(found.rows, columns, format=format, output=file, schema="insights.review/1")
    talk.say(f"{len(found.rows)} of {found.waiting} undecided findings, about {found.seconds / 3600:.1f} hours to read")


def _ask(loaded: Loaded, store: Store, rows: list[output.Row], by: str, at: datetime | None) -> None:
    """Asks about one finding after another; each answer is kept at once."""
    from insights.errors import UsageError
    from insights.flow.correct import Saying, desk_of
    from insights.flow.correct import correct as flow
    from insights.flow.review import questions

    if not sys.stdin.isatty():
        raise UsageError("--ask needs a terminal", "write the queue into a file: insights review --format csv -o FILE")
    talk.say("y yes, n no, s skip, q leave; " + ", ".join(f"{key} {kind}" for key, kind in _KEYS.items()))
    meaning = {"y": Change(Ruling.YES), "n": Change(Ruling.NOT), **{key: Change(Ruling.YES, kind=kind) for key, kind in _KEYS.items()}}
    desk = desk_of(loaded, store)
    for row, question in zip(rows, questions(rows), strict=True):
        talk.say("\n" + output.harmless(question))
        key = ""
        while key not in {*meaning, "s", "q"}:
            key = typer.prompt("y/n/s/q/1-6", prompt_suffix="? ", err=True).strip().lower()[:1]
        if key == "q":
            return
        if key in meaning:
            flow(desk, Saying(row["id"], meaning[key], by, _moment(loaded, at)))


def correct(
    reference: Annotated[
        str, typer.Argument(metavar="ID", help="A finding; or a contact, to add a finding nobody made or to say it holds none of a kind.")
    ],
    kind: KindOption = None,
    is_not: Annotated[bool, typer.Option("--not", help="It is no finding; of a contact with --kind: it holds none of that kind.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="It is one, as it stands.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take back what was said of it before.")] = False,
    topic: Annotated[str | None, typer.Option("--topic", help="The topic it belongs to: key, T-0001 or label.")] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="The unit that owns it, over any rule.")] = None,
    severity: Annotated[Severity | None, typer.Option("--severity", help="How bad it is.")] = None,
    quote: Annotated[
        str | None, typer.Option("--quote", help="Words of the contact, letter by letter, that hold a finding of --kind.")
    ] = None,
    subject: Annotated[str, typer.Option("--subject", help="What an added finding is about: a product or a competitor.")] = "",
    note: Annotated[str, typer.Option("--note", help="Why, for others; personal data in it is masked.")] = "",
    by: ByOption = None,
    at: AtOption = None,
    format: output.FormatOption = None,
    file: output.OutputOption = None,
) -> None:
    """Corrects a finding for good: the correction outlives models and taxonomies, and stands at once."""
    from insights.flow import corrections as told
    from insights.flow.correct import Saying, change_from, desk_of
    from insights.flow.correct import correct as flow
    from insights.flow.lock import alone

    what = change_from(yes=yes, is_not=is_not, undo=undo, kind=kind, topic=topic, owner=owner, severity=severity, quote=quote)
    loaded = opened()
    saying = Saying(reference, what, author(by), _moment(loaded, at), note, quote, subject)
    with alone(loaded.root), opened_store(loaded) as store:
        made = {one.id for one in flow(desk_of(loaded, store), saying)}
        rows = [row for row in told.listed(loaded, store) if row["id"] in made]
    output.emit(rows, told.COLUMNS, format=format, output=file, schema="insights.corrections/1")
    if not made:
        talk.say("that was said before, and stands")


@corrections.command("list")
def list_corrections(
    conflicts: Annotated[bool, typer.Option("--conflicts", help="Only those that cannot be honoured any more.")] = False,
    format: output.FormatOption = None,
    file: output.OutputOption = None,
) -> None:
    """Lists what people said of findings, and whether it is applied, superseded, taken back or in conflict."""
    from insights.flow import corrections as flow

    loaded = opened()
    with opened_store(loaded, read_only=True) as store:
        rows = flow.listed(loaded, store, only_conflicts=conflicts)
    output.emit(rows, flow.COLUMNS, format=format, output=file, schema="insights.corrections/1")


@corrections.command("export")
def export_corrections(file: output.OutputOption = None) -> None:
    """Writes the corrected contacts as labelled interactions, JSON Lines, for train and evaluate; what nobody judged is uncertain."""
    from insights.flow import corrections as flow

    loaded = opened()
    with opened_store(loaded, read_only=True) as store:
        labelled = flow.labelled_from_corrections(loaded, store)
    output.write_lines((json.dumps(row, ensure_ascii=False) for row in flow.gold_rows(labelled)), file)
    talk.say(f"{len(labelled)} labelled interactions")


def author(by: str | None) -> str:
    """Returns who says it; the only place of the command line that asks who is logged in."""
    if by is not None:
        return by
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # nobody is, as in some containers
        return ""


def _moment(loaded: Loaded, at: datetime | None) -> datetime:
    return now().replace(microsecond=0) if at is None else at if at.tzinfo else at.replace(tzinfo=loaded.zone)
