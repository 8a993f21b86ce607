"""Commands that make, check and run a workspace: demo, init, check, run."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from insights.cli import output, talk

if TYPE_CHECKING:
    from insights.config.load import Loaded
    from insights.errors import Fault
    from insights.flow.pipeline import Order, RunReport
    from insights.store import Store

FAULT_COLUMNS = ("level", "file", "line", "key", "problem", "hint")
STEP_COLUMNS = ("step", "in", "out", "set_aside", "note")


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
    app.command("demo")(demo)
    app.command("init")(init)
    app.command("check")(check)
    app.command("run")(run)


def opened() -> Loaded:
    """Returns the configuration of the workspace this call is about."""
    from insights.config.load import SETTINGS_FILE, find_root, load
    from insights.errors import NotFoundError

    folder = talk.chosen_workspace()
    if folder and not (folder / SETTINGS_FILE).is_file():
        raise NotFoundError(f"no {SETTINGS_FILE} in {folder}", f"make a workspace with `insights init {folder}`, or name another")
    return load(folder.resolve() if folder else find_root(Path.cwd()))


def opened_store(loaded: Loaded, *, create: bool = False, read_only: bool = False) -> Store:
    """Opens the workspace's store."""
    from insights.store import Store

    return Store.open(loaded.store_path, create=create, read_only=read_only)


def now() -> datetime:
    """Returns the present time; the only place of the command line that reads the clock."""
    return datetime.now(UTC)


def workers_of(loaded: Loaded) -> int:
    """Returns how many processes to use: as configured, else one a core."""
    return loaded.settings.classify.workers or cores()


def cores() -> int:
    """Returns how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to make it; a demo that is there already is used again.")] = Path(
        "insights-demo"
    ),
) -> None:
    """Makes the sample company's workspace, runs the daily pipeline on it, and says what to look at next."""
    from insights.config.load import load
    from insights.flow.demo import DEMO_RECEIVED_AT, make_demo
    from insights.flow.pipeline import Order

    root = make_demo(folder).resolve()
    loaded = load(root)
    talk.say(f"half a year of an invented company's customers, in {folder}/data:")
    report = _run(loaded, "daily", Order(received_at=DEMO_RECEIVED_AT, workers=workers_of(loaded)))
    _tell_steps(report, None, None)
    talk.say("")
    talk.say("what to look at next:")
    talk.say(f"  open {folder}/out/index.html            the digests, one a unit")
    if shutil.which("insights") is None:
        talk.say(f"  source {Path(sys.prefix) / 'bin' / 'activate'}")
    talk.say(f"  cd {folder}")
    talk.say("  insights query 'kind:process_failure refund' --limit 5")
    talk.say("  insights query 'since:2026-06-01' --group-by topic")
    talk.say("  insights digest --unit billing --period 2026-W25 --format md")
    talk.say("  insights issues list")


def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")]) -> None:
    """Makes an empty, commented workspace."""
    from insights.flow.demo import make_workspace

    for path in make_workspace(folder):
        talk.say(f"made {path}")
    talk.say(f"next: name your feeds in {folder}/insights.toml, then `insights --workspace {folder} check`")


def check(format: output.FormatOption = None, file: output.OutputOption = None) -> None:
    """Validates all configuration, runs the taxonomy's examples and the ownership tests; exit 1 if anything is wrong.

    Warnings come after the faults: what deserves a look, such as a phrase that decides nothing of its own, and fails nothing.
    """
    from insights.errors import ConfigError
    from insights.flow.check import check_workspace

    try:
        faults = check_workspace(opened())
    except ConfigError as error:
        faults = list(error.faults)
    wrong = sum(not fault.warning for fault in faults)
    if faults:
        rows = [fault_row(fault) for fault in sorted(faults, key=lambda fault: fault.warning)]
        output.emit(rows, FAULT_COLUMNS, format=format, output=file, schema="insights.check/1")
        talk.say(f"{wrong} to mend, {len(faults) - wrong} to look at")
    else:
        talk.say("everything is in order")
    if wrong:
        raise typer.Exit(1)


def fault_row(fault: Fault) -> output.Row:
    """Returns a fault or a warning as a row."""
    told = {"level": "warning" if fault.warning else "fault", "file": fault.file, "line": fault.line}
    return told | {"key": fault.key, "problem": fault.problem, "hint": fault.hint}


def run(
    pipeline: Annotated[str, typer.Argument(metavar="PIPELINE", help="Name of a file under pipelines/ (daily), or a path.")] = "daily",
    start: Annotated[str | None, typer.Option("--from", help="Begin with this step of the pipeline, such as route.")] = None,
    only: Annotated[str | None, typer.Option("--only", help="Run this step of the pipeline alone.")] = None,
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="The day it speaks of; the newest received data otherwise.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    history: Annotated[bool, typer.Option("--history", help="List past runs with their manifests instead.")] = False,
    format: output.FormatOption = None,
    file: output.OutputOption = None,
) -> None:
    """Runs a declared pipeline; unchanged steps are skipped, an interrupted run goes on where it stopped."""
    from insights.flow.pipeline import Order

    loaded = opened()
    if history:
        _tell_history(loaded, format, file)
        return
    moment = datetime.combine(as_of.date(), time(12), tzinfo=loaded.zone) if as_of else None
    order = Order(received_at=now(), as_of=moment, start=start, only=only, workers=workers_of(loaded))
    if dry_run:
        _plan(loaded, pipeline, order, format, file)
        return
    report = _run(loaded, pipeline, order)
    _tell_steps(report, format, file)
    for line in report.failed_deliveries:
        talk.say(f"not delivered: {line}")
    if report.open_letters:
        talk.say("some records are set aside: insights dead-letter list")
    if report.conflicts:
        noun = "correction" if report.conflicts == 1 else "corrections"
        talk.say(f"{report.conflicts} {noun} cannot be honoured any more: insights corrections list --conflicts")
    if not report.whole:
        raise typer.Exit(3)


def _run(loaded: Loaded, name: str, order: Order) -> RunReport:
    from insights.config.load import load_pipeline
    from insights.flow.deliver import secret_resolver
    from insights.flow.lock import alone
    from insights.flow.pipeline import run as run_pipeline

    pipeline = load_pipeline(loaded.root, name)
    with alone(loaded.root), talk.stopwatch() as seconds, opened_store(loaded, create=True) as store, talk.progress() as progress:
        report = run_pipeline(loaded, store, pipeline, order, secret=secret_resolver(os.environ, loaded.root), progress=progress)
        talk.say(f"run {report.run_id}, as of {report.as_of.astimezone(loaded.zone):%Y-%m-%d %H:%M}, took {seconds():.1f} s")
    return report


def _tell_steps(report: RunReport, format: str | None, file: Path | None) -> None:
    rows = [
        {
            "step": step.step,
            "in": step.taken,
            "out": step.given,
            "set_aside": step.set_aside,
            "note": "nothing new" if step.unchanged else step.note,
        }
        for step in report.steps
    ]
    output.emit(rows, STEP_COLUMNS, format=format, output=file, schema="insights.run/1")


def _tell_history(loaded: Loaded, format: str | None, file: Path | None) -> None:
    with opened_store(loaded, read_only=True) as store:
        rows = [
            {
                "run": run.id,
                "pipeline": run.pipeline,
                "as_of": run.as_of,
                "status": run.status,
                "steps": [
                    f"{step.step}: {step.counts['in']} in, {step.counts['out']} out, {step.counts['set_aside']} aside" for step in run.steps
                ],
                "manifest": [f"{name}: {value}" for name, value in run.manifest.items()],
            }
            for run in store.runs()
        ]
    columns = ("run", "pipeline", "as_of", "status", "steps", "manifest")
    output.emit(rows, columns, format=format, output=file, schema="insights.runs/1")


def _plan(loaded: Loaded, name: str, order: Order, format: str | None, file: Path | None) -> None:
    from insights.config.load import load_pipeline
    from insights.flow.ingest import configured_feeds
    from insights.flow.pipeline import chosen_steps

    rows: list[output.Row] = []
    for step in chosen_steps(load_pipeline(loaded.root, name), order):
        note = ", ".join(f"{feed.source}: {feed.path.name}" for feed in configured_feeds(loaded)) if step == "ingest" else "would run"
        rows.append({"step": step, "note": note})
    output.emit(rows, ("step", "note"), format=format, output=file, schema="insights.plan/1")
