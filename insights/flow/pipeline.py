"""A declared pipeline, step by step: each reads the store and writes the store, unchanged steps are skipped.

A run that is interrupted resumes by being started again: every step does only what is not done yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from insights import __version__
from insights.config.calendar import local_day, midnight
from insights.config.examples import example_files
from insights.config.load import Loaded
from insights.config.models import Pipeline
from insights.domain import Counts, digest_of
from insights.errors import UsageError, nearest
from insights.flow.analyse import analyse_store, recipe_name, recipe_of
from insights.flow.corrections import conflicts
from insights.flow.deliver import Secret, deliver
from insights.flow.digest import make_digests
from insights.flow.discover import ENCODER, discover_topics
from insights.flow.ingest import Feed, configured_feeds, ingest
from insights.flow.progress import Progress, silent
from insights.flow.route import route_store, rules_hash
from insights.flow.track import track_store
from insights.registry import find_model, read_manifest, sha256_of
from insights.store import Store

# What each step reads of the store: while none of it changes, the step has nothing to do.
_READS: Mapping[str, tuple[str, ...]] = {
    "analyse": ("interactions",),
    "discover": ("interactions", "insights", "undecided", "corrections"),
    "route": ("interactions", "insights", "undecided", "topics", "corrections"),
    "track": ("interactions", "insights", "topics", "unaccounted", "corrections"),
    "digest": ("interactions", "insights", "topics", "unaccounted", "issues", "dead_letters", "corrections"),
}


# A feed whose newest contact was received later than this after it began is an archive.
_LIVE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class StepReport:
    """How a step fared: records in, out and set aside; ``unchanged`` when there was nothing to do."""

    step: str
    taken: int
    given: int
    set_aside: int = 0
    unchanged: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class RunReport:
    """A finished run.

    Attributes:
        run_id: Hash of pipeline, inputs, configuration and model.
        as_of: The time it speaks of.
        steps: In order.
        counts: Of the ingest, zero where there was none.
        failed_deliveries: One line each.
        open_letters: Records set aside that nobody has mended or dropped yet.
        conflicts: Corrections that cannot be honoured.
    """

    run_id: str
    as_of: datetime
    steps: tuple[StepReport, ...]
    counts: Counts
    failed_deliveries: tuple[str, ...] = ()
    open_letters: int = 0
    conflicts: int = 0

    @property
    def whole(self) -> bool:
        """Whether nothing waits for a person: no open dead letter, no failed delivery. What a person dropped waits no longer."""
        return not self.open_letters and not self.failed_deliveries


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asks of a run.

    Attributes:
        received_at: Time of receipt of new records, and of deliveries.
        as_of: The time the run speaks of; the newest received data where None.
        start: First step, or None for the pipeline's first.
        only: The one step, or None for all.
        workers: Processes.
    """

    received_at: datetime
    as_of: datetime | None = None
    start: str | None = None
    only: str | None = None
    workers: int = 1


def chosen_steps(pipeline: Pipeline, order: Order) -> list[str]:
    """Returns the steps to run.

    Raises:
        UsageError: A step that the pipeline does not have.
    """
    steps: list[str] = list(pipeline.steps)
    for name in (order.start, order.only):
        if name is not None and name not in steps:
            raise UsageError(f'the pipeline {pipeline.name} has no step "{name}"', nearest(name, steps))
    if order.only:
        return [order.only]
    return steps[steps.index(order.start) :] if order.start else steps


def manifest_of(loaded: Loaded, feeds: Sequence[Feed]) -> dict[str, str]:
    """Returns what a run was made from: hashes of inputs, configuration, taxonomy and models."""
    inputs = {f"input {feed.source} {feed.path.name}": sha256_of(feed.path) for feed in feeds}
    configuration = {f"configuration {name}": digest for name, digest in sorted(loaded.hashes.items())}
    models = {
        f"model {name}": read_manifest(find_model(name, workspace=loaded.root)).id for name in (loaded.settings.classify.model, ENCODER)
    }
    for name in (loaded.settings.track.fixes, loaded.settings.track.errors):
        if name and (loaded.root / name).is_file():
            configuration[f"configuration {name}"] = sha256_of(loaded.root / name)
    for path in example_files(loaded.taxonomy, loaded.root):
        configuration[f"configuration {path.relative_to(loaded.root).as_posix()}"] = sha256_of(path)
    return {"version": __version__, **configuration, **models, **inputs}


def run(loaded: Loaded, store: Store, pipeline: Pipeline, order: Order, *, secret: Secret, progress: Progress = silent) -> RunReport:
    """Runs a pipeline.

    Args:
        loaded: The workspace.
        store: Open for writing.
        pipeline: The steps.
        order: What was asked.
        secret: Resolves references to secrets.
        progress: Told after each batch.

    Raises:
        UsageError: An unknown step, or a source that is not there.
    """
    steps = chosen_steps(pipeline, order)
    feeds = configured_feeds(loaded) if "ingest" in steps else []
    manifest = manifest_of(loaded, feeds)
    run_id = digest_of(pipeline.name, str(order.as_of), *(f"{key}={value}" for key, value in sorted(manifest.items())), size=6)
    store.start_run(run_id, pipeline=pipeline.name, as_of=order.as_of or order.received_at, manifest=manifest)
    configuration = digest_of(*(f"{name}={value}" for name, value in manifest.items() if name.startswith(("configuration", "model"))))
    made_by, rules = recipe_name(recipe_of(loaded)), rules_hash(loaded)
    job = _Job(loaded, store, pipeline, order, feeds, run_id, secret, progress, configuration, made_by, rules)
    report = job.work(steps)
    store.start_run(run_id, pipeline=pipeline.name, as_of=report.as_of, manifest=manifest)
    store.finish_run(run_id, "done" if report.whole else "partial")
    return report


def as_of_time(loaded: Loaded, store: Store, order: Order) -> datetime:
    """Returns the time a run speaks of: the end of the local day asked for, or the newest data received.

    For a live feed that is the newest receipt, so that a centre closed on Sundays has its week on Monday morning; for an archive that is
    read long after, the end of the day of its newest contact.
    """
    event, receipt = store.newest_time() or order.received_at, store.newest_receipt() or order.received_at
    if order.as_of is None and timedelta() <= receipt - event <= _LIVE:
        return receipt
    return midnight(local_day(order.as_of or event, loaded.zone) + timedelta(days=1), loaded.zone)


@dataclass(frozen=True, slots=True)
class _Job:
    """One run on its way."""

    loaded: Loaded
    store: Store
    pipeline: Pipeline
    order: Order
    feeds: Sequence[Feed]
    run_id: str
    secret: Secret
    progress: Progress
    configuration: str
    made_by: str
    rules: str

    def work(self, steps: Sequence[str]) -> RunReport:
        done: list[StepReport] = []
        counts = Counts()
        failures: tuple[str, ...] = ()
        fingerprint = ""
        for step in steps:
            if step == "ingest":
                report, counts = self._ingest()
            elif step == "deliver":
                report, failures = self._deliver()
            else:
                as_of = as_of_time(self.loaded, self.store, self.order)
                fingerprint = self._fingerprint(step, as_of)
                if self.store.last_fingerprint(step) == fingerprint:
                    done.append(StepReport(step, 0, 0, unchanged=True))
                    continue
                report = self._steps()[step](as_of)
                # What the step wrote is part of what it need not do again.
                fingerprint = self._fingerprint(step, as_of)
            self.store.finish_step(self.run_id, step, fingerprint=fingerprint, counts=_numbers(report))
            done.append(report)
        as_of = as_of_time(self.loaded, self.store, self.order)
        return RunReport(
            self.run_id, as_of, tuple(done), counts, failures, self.store.counts()["dead_letters"], len(conflicts(self.loaded, self.store))
        )

    def _steps(self) -> Mapping[str, Callable[[datetime], StepReport]]:
        return {"analyse": self._analyse, "discover": self._discover, "route": self._route, "track": self._track, "digest": self._digest}

    def _fingerprint(self, step: str, as_of: datetime) -> str:
        """Same fingerprint, same work: data, settings and what decides in this step."""
        decides = self.made_by if step == "analyse" else self.rules if step == "route" else self.configuration
        moment = f"{as_of.isoformat()} {self.pipeline.periods}" if step in {"track", "digest"} else ""
        held, received = self.store.counts(), self.store.received()
        data = [f"{name}={held[name]}" for name in _READS[step]]
        return digest_of(__version__, step, decides, moment, str(received.stored + received.replaced), *data)

    def _ingest(self) -> tuple[StepReport, Counts]:
        reports = ingest(
            self.loaded, self.store, self.feeds, received_at=self.order.received_at, workers=self.order.workers, progress=self.progress
        )
        counts = sum((report.counts for report in reports), Counts())
        note = f"{counts.stored} stored, {counts.replaced} replaced, {counts.unchanged} unchanged, {counts.skipped} skipped"
        return StepReport("ingest", counts.read, counts.stored + counts.replaced, counts.set_aside, note=note), counts

    def _analyse(self, as_of: datetime) -> StepReport:
        report = analyse_store(self.loaded, self.store, at=as_of, workers=self.order.workers, progress=self.progress)
        note = f"{report.insights} insights, {report.undecided} undecided"
        if report.languages:
            told = ", ".join(f"{code} {count}" for code, count in report.languages)
            note += f"; {sum(count for _, count in report.languages)} contacts in other languages ({told}) read, not analysed"
        return StepReport("analyse", report.analysed, report.insights, report.set_aside, note=note)

    def _discover(self, as_of: datetime) -> StepReport:
        report = discover_topics(
            self.loaded, self.store, on=local_day(as_of, self.loaded.zone), workers=self.order.workers, progress=self.progress
        )
        note = f"{report.new_topics} new topics, {report.unassigned} insights stay without a topic"
        return StepReport("discover", report.without_topic, report.joined + report.placed, note=note)

    def _route(self, as_of: datetime) -> StepReport:
        report = route_store(self.loaded, self.store, at=as_of, progress=self.progress)
        return StepReport("route", report.routed, report.routed, note=f"{report.triage} to triage")

    def _track(self, as_of: datetime) -> StepReport:
        report = track_store(self.loaded, self.store, as_of=as_of)
        return StepReport("track", report.topics, report.issues, note=f"{report.open} issues open, {report.closed} closed")

    def _digest(self, as_of: datetime) -> StepReport:
        report = make_digests(
            self.loaded, self.store, as_of=as_of, periods=self.pipeline.periods, run_id=self.run_id, progress=self.progress
        )
        return StepReport("digest", report.units, report.digests, note=f"{report.queued} new in the outbox")

    def _deliver(self) -> tuple[StepReport, tuple[str, ...]]:
        report = deliver(self.loaded, self.store, at=self.order.received_at, secret=self.secret, progress=self.progress)
        return StepReport("deliver", report.due, report.sent, report.failed), report.errors


def _numbers(report: StepReport) -> dict[str, int]:
    return {"in": report.taken, "out": report.given, "set_aside": report.set_aside}
