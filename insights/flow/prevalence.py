"""Counts that admit error: how common each kind is, corrected for the measured errors of the model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from insights.config.calendar import last_complete, last_periods, local_day, period_before, period_holding
from insights.config.load import Loaded
from insights.domain import ErrorRates, Kind, KindCount, Period
from insights.errors import UsageError, nearest
from insights.flow.analyse import recipe_name, recipe_of
from insights.flow.track import edges_of
from insights.registry import find_model, read_manifest
from insights.store import Store
from insights.store.periods import Clock
from insights.text.language import is_read
from insights.track.prevalence import error_rates, kind_count

CADENCES = {"day": "daily", "week": "weekly", "month": "monthly"}
COLUMNS = ("period", "kind", "handled", "counted", "corrected", "low", "high", "change")
# Shown where nobody says since when; also how many periods before each one tell how much its counts vary by chance.
_BEFORE = 13
_MOST = 1200
_FIELDS = ("tp", "fp", "fn", "tn")


@dataclass(frozen=True, slots=True)
class Measured:
    """How often the model errs, as far as anybody measured it.

    Attributes:
        rates: Kinds that were measured.
        note: One sentence for people: where it was measured, or why counts stay as they are.
    """

    rates: Mapping[Kind, ErrorRates] = field(default_factory=dict)
    note: str = ""


def measured_errors(loaded: Loaded) -> Measured:
    """Returns the errors of the workspace's model: those measured on its own contacts where it names a file, else the model's own.

    Raises:
        UsageError: The file it names is missing, or is no result of ``insights evaluate``.
        ModelError: The model it names does not exist.
    """
    name = loaded.settings.track.errors
    if name:
        return _own(loaded, name)
    by_effort = read_manifest(find_model(loaded.settings.classify.model, workspace=loaded.root)).details.get("errors") or {}
    found = by_effort.get(loaded.settings.classify.effort) or {}
    decided_here = {*loaded.settings.classify.thresholds, *loaded.settings.classify.precision}
    rates = {Kind(kind): error_rates(_by_source(counts)) for kind, counts in found.items() if Kind(kind) not in decided_here}
    if not rates:
        reason = "with the thresholds set here its errors were not measured" if found else "its errors were not measured"
        return Measured(note=f"Counts are as the model made them: {reason}.")
    return Measured(
        rates, "Corrections rest on the model's errors on labelled contacts of other companies; measured on yours they are surer."
    )


def read_errors(path: Path) -> tuple[dict[Kind, ErrorRates], str]:
    """Reads the errors from a file that ``insights evaluate --out`` wrote, and what they were measured of.

    Raises:
        UsageError: It is missing or no such file.
    """
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
        found = {Kind(kind): _fields(counts) for kind, counts in written["errors"].items()}
        rates = {kind: ErrorRates((tp, fn), (tn, fp)) for kind, (tp, fp, fn, tn) in found.items()}
        return rates, str(written["made_by"])
    except OSError as error:
        raise UsageError(f"cannot read {path.name}: {error.strerror}", "correct track.errors in insights.toml") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path.name} holds no measured errors", "write it with `insights evaluate GOLD --here --out DIR`") from error


def _own(loaded: Loaded, name: str) -> Measured:
    rates, made_by = read_errors(loaded.root / name)
    if made_by != recipe_name(recipe_of(loaded)):
        return Measured(
            note=f"Counts are as the model made them: the errors in {name} were measured with another model, taxonomy or threshold. "
            "Measure again with insights evaluate."
        )
    return Measured(rates, "Corrections rest on the model's errors on labelled contacts of your own.")


def _fields(counts: Mapping[str, Any]) -> tuple[int, int, int, int]:
    tp, fp, fn, tn = (int(counts[name]) for name in _FIELDS)
    if min(tp, fp, fn, tn) < 0:
        raise ValueError("a count is negative")
    return tp, fp, fn, tn


def _by_source(counts: Mapping[str, Any]) -> list[tuple[int, int, int, int]]:
    """The counts of each source, or those of all together where that is all the model says."""
    return [_fields(one) for one in (counts.get("by_source") or {"": counts}).values()]


def looked_at(loaded: Loaded, store: Store, periods: Sequence[Period]) -> list[int]:
    """Returns the dated contacts of each period that are in a language the engine reads: those in which a kind could be found."""
    read = loaded.settings.text.languages
    left = [sum(count for language, count in store.languages(period).items() if not is_read(language, read)) for period in periods]
    return [count - alone for count, alone in zip(store.handled(edges_of(periods)), left, strict=True)]


def kind_counts(
    series: Mapping[Kind, Sequence[int]], handled: Sequence[int], periods: Sequence[Period], rates: Mapping[Kind, ErrorRates]
) -> dict[Kind, KindCount]:
    """Returns how common each kind is in the last of two or more periods, beside the one before."""
    labels = [period.label for period in periods]
    return {kind: kind_count(labels, list(zip(counts, handled, strict=True)), rates.get(kind)) for kind, counts in series.items()}


def prevalence(
    loaded: Loaded, store: Store, *, kind: str | None, since: str | None, by: str, measured: Measured
) -> Iterator[dict[str, Any]]:
    """Yields a row of ``COLUMNS`` for each period and kind, oldest first.

    Args:
        loaded: The workspace.
        store: Open.
        kind: Only this one; all six otherwise.
        since: From the period on that holds this time, such as ``90d`` or ``2026-W20``; the last 13 periods otherwise.
        by: ``day``, ``week`` or ``month``; the newest is the last that is complete.
        measured: From ``measured_errors``.

    Raises:
        UsageError: An unknown kind, period or time.
    """
    if kind is not None and kind not in tuple(Kind):
        raise UsageError(f'there is no kind "{kind}"', nearest(kind, list(Kind)))
    if by not in CADENCES:
        raise UsageError(f'"{by}" is no period', nearest(by, CADENCES))
    shown = _periods(loaded, store, since, by)
    if not shown:
        return
    periods = last_periods(shown[0], CADENCES[by], loaded.zone, _BEFORE + 1)[:-1] + shown
    handled, series = looked_at(loaded, store, periods), store.kind_series(edges_of(periods))
    for place in range(_BEFORE, len(periods)):
        for one in Kind if kind is None else (Kind(kind),):
            upto = slice(place - _BEFORE, place + 1)
            yield _row(one, kind_counts({one: series[one][upto]}, handled[upto], periods[upto], measured.rates)[one])


def _row(kind: Kind, counted: KindCount) -> dict[str, Any]:
    now = counted.now
    values = (now.period, kind.value, now.handled, now.count, *map(_rounded, (now.about, now.low, now.high)), counted.direction)
    return dict(zip(COLUMNS, values, strict=True))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _periods(loaded: Loaded, store: Store, since: str | None, by: str) -> list[Period]:
    """The complete periods asked for, oldest first."""
    newest = store.newest_time()
    if newest is None:
        return []
    # The day of the newest contact counts as over, as it does in a run.
    today = period_holding(local_day(newest, loaded.zone), "daily", loaded.zone)
    last = last_complete(today.end, CADENCES[by], loaded.zone)
    if since is None:
        return last_periods(last, CADENCES[by], loaded.zone, _BEFORE)
    clock = Clock(newest, loaded.zone)
    start = clock.ago(since) or clock.stretch(since)[0]
    periods = [last]
    while periods[-1].start > start and len(periods) < _MOST:
        periods.append(period_before(periods[-1], CADENCES[by], loaded.zone))
    return [period for period in reversed(periods) if period.end > start]
