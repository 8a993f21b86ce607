"""Commands about a changed taxonomy: diff, adopt, rollback, log; and what is learnt from its examples: learn, place."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insights.cli import output, talk
from insights.cli.corrections import ByOption, author
from insights.cli.workspace import now, opened, opened_store, workers_of

if TYPE_CHECKING:
    from insights.config.load import Loaded
    from insights.domain import Interaction
    from insights.flow.adopt import Version
    from insights.flow.replay import Flip, TaxonomyDiff, Topic
    from insights.flow.taxonomy import TaxonomyFile

TOPIC_COLUMNS = ("kind", "topic", "before", "after", "gained", "lost", "moved_in", "moved_out")
MOVE_COLUMNS = ("kind", "from", "to", "contacts")
FLIP_COLUMNS = ("interaction", "kind", "from", "to", "quote", "why_before", "why_after")
CONFLICT_COLUMNS = ("interaction", "correction", "why")
LEARN_COLUMNS = ("topic", "examples", "recognised", "given", "taken_for")
PLACE_COLUMNS = ("id", "topic", "best", "probability", "like")
LOG_COLUMNS = ("number", "action", "restores", "by", "at", "hash", "note")

NoteOption = Annotated[str, typer.Option("--note", help="Why, in your own words.")]

taxonomy = typer.Typer(help="A changed taxonomy: what it would do, taking it up, going back.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.add_typer(taxonomy, name="taxonomy")


@taxonomy.command("diff")
def diff(
    named: Annotated[
        list[str],
        typer.Argument(metavar="[OLD] NEW", help="Files, or numbers of `insights taxonomy log`; OLD is the one in force where left out."),
    ],
    flips: Annotated[int, typer.Option("--flips", min=0, max=1000, help="How many changed contacts to show for reading.")] = 20,
    format: output.FormatOption = None,
    file: output.OutputOption = None,
) -> None:
    """Replays the stored history under two taxonomies: what NEW would gain, lose and move; changes nothing."""
    from insights.errors import UsageError
    from insights.flow.adopt import adoption_faults
    from insights.flow.replay import diff as flow

    if len(named) > 2:
        raise UsageError(f"expected NEW or OLD NEW, got {len(named)} names", "insights taxonomy diff NEW.toml")
    loaded = opened()
    one, other = _read(loaded, named[0] if len(named) == 2 else None), _read(loaded, named[-1])
    with opened_store(loaded, read_only=True) as store, talk.stopwatch() as seconds, talk.progress() as progress:
        found = flow(loaded, store, one.taxonomy, other.taxonomy, workers=workers_of(loaded), flips=flips, progress=progress)
        contacts = {contact.id: contact for contact in store.interactions(_named(found))}
        took = seconds()
    output.emit_sections(_sections(found, contacts), format=format, output=file, schema="insights.taxonomy-diff/1")
    talk.say(f"{found.interactions} contacts replayed, {found.changed} would change, took {took:.1f} s")
    if faults := adoption_faults(loaded, other):
        talk.say(f"{other.shown} has {len(faults)} to mend before it can be adopted: insights taxonomy adopt names them")


@taxonomy.command("adopt")
def adopt(
    new: Annotated[str, typer.Argument(metavar="NEW", help="The file to put in force.")], by: ByOption = None, note: NoteOption = ""
) -> None:
    """Puts a taxonomy in force if it has no fault; the one before it is kept, and the next run analyses anew."""
    from insights.flow.adopt import adopt as flow
    from insights.flow.lock import alone

    loaded = opened()
    with alone(loaded.root):
        version = flow(loaded, _read(loaded, new), by=author(by), note=note, at=now())
    talk.say(
        f"version {version.number} of the taxonomy is in force; `insights run` analyses with it, `insights taxonomy rollback` goes back"
    )


@taxonomy.command("rollback")
def rollback(
    number: Annotated[
        int | None, typer.Argument(metavar="N", help="A number of the log; the version before the present one where left out.")
    ] = None,
    by: ByOption = None,
    note: NoteOption = "",
) -> None:
    """Puts an earlier taxonomy in force again, byte for byte."""
    from insights.flow.adopt import roll_back
    from insights.flow.lock import alone

    loaded = opened()
    with alone(loaded.root):
        version = roll_back(loaded, number, by=author(by), note=note, at=now())
    talk.say(f"version {version.restores} of the taxonomy is in force again, as version {version.number}; `insights run` analyses with it")


@taxonomy.command("learn")
def learn(
    history: Annotated[bool, typer.Option("--history/--no-history", help="Learn also from the words of stored findings.")] = True,
    format: output.FormatOption = None,
    file: output.OutputOption = None,
) -> None:
    """Learns the topics that have examples, and tells how well each is told from the others on examples left out."""
    from insights.flow.learnt import figures_of, learn_again
    from insights.flow.lock import alone

    loaded = opened()
    stored = history and loaded.store_path.is_file()
    with alone(loaded.root), talk.stopwatch() as seconds, talk.progress() as progress:
        with opened_store(loaded, read_only=True) if stored else nullcontext() as store:
            model = learn_again(loaded.root, loaded.taxonomy, store, progress=progress)
        took = seconds()
    output.emit([asdict(row) for row in figures_of(model)], LEARN_COLUMNS, format=format, output=file, schema="insights.taxonomy-learn/1")
    details = model.details
    told = f"{details['examples']} examples and {details['history']} stored sentences learnt in {took:.1f} s: {model.id}"
    talk.say(f"{told}; of examples left out {details['accuracy']:.0%} recognised; `insights run` analyses with it")


@taxonomy.command("place")
def place(
    texts: Annotated[Path, typer.Argument(metavar="FILE", help='JSON Lines of {"id", "text"}.')],
    format: output.FormatOption = None,
    file: output.OutputOption = None,
) -> None:
    """Says which learnt topic each text is about, how probable that is, and which example it is like."""
    from insights.flow.stateless import place as flow

    refused: list[str] = []
    with talk.progress() as progress:
        rows = flow(texts, opened(), refused=refused, progress=progress)
    output.emit(rows, PLACE_COLUMNS, format=format, output=file, schema="insights.taxonomy-place/1")
    for line in refused:
        talk.say(line)
    if refused:
        raise typer.Exit(3)


@taxonomy.command("log")
def log(format: output.FormatOption = None, file: output.OutputOption = None) -> None:
    """Lists the taxonomies that were in force, the newest first."""
    from insights.flow.adopt import versions

    rows = [_version_row(version) for version in reversed(versions(opened().root))]
    output.emit(rows, LOG_COLUMNS, format=format, output=file, schema="insights.taxonomy-log/1")


def _version_row(version: Version) -> output.Row:
    return asdict(version) | {"restores": version.restores or None, "hash": version.hash[:12]}


def _read(loaded: Loaded, named: str | None) -> TaxonomyFile:
    """The taxonomy in force, one by its number in the log, or one by its file."""
    from insights.flow.adopt import kept_taxonomy
    from insights.flow.taxonomy import read_taxonomy

    if named is None:
        return read_taxonomy(loaded.root / loaded.settings.taxonomy, shown=loaded.settings.taxonomy)
    if named.isdecimal() and not Path(named).exists():
        return kept_taxonomy(loaded.root, int(named))
    return read_taxonomy(Path(named))


def _named(found: TaxonomyDiff) -> list[str]:
    return [*(flip.interaction_id for flip in found.flips), *(contact for contact, _, _ in found.conflicts)]


def _sections(found: TaxonomyDiff, contacts: dict[str, Interaction]) -> list[output.Section]:
    topics = [asdict(topic) | {"topic": _shown(topic.topic)} for topic in found.topics if topic.changed]
    moves = [dict(zip(MOVE_COLUMNS, (kind, _shown(old), _shown(new), count), strict=True)) for kind, old, new, count in found.moves]
    conflicts = [
        dict(zip(CONFLICT_COLUMNS, (contacts[contact].source_ref, what, why), strict=True)) for contact, what, why in found.conflicts
    ]
    return [
        output.Section("topics", TOPIC_COLUMNS, topics),
        output.Section("moves", MOVE_COLUMNS, moves),
        output.Section("flips", FLIP_COLUMNS, [_flip_row(flip, contacts[flip.interaction_id]) for flip in found.flips]),
        output.Section("conflicts", CONFLICT_COLUMNS, conflicts),
    ]


def _flip_row(flip: Flip, contact: Interaction) -> dict[str, Any]:
    return {
        "interaction": contact.source_ref,
        "kind": flip.kind,
        "from": _shown(flip.old),
        "to": _shown(flip.new),
        "quote": flip.evidence.quote,
        "why_before": flip.old_why,
        "why_after": flip.new_why,
    }


def _shown(topic: Topic) -> str:
    return "(no topic)" if topic is None else topic or "(nothing)"
