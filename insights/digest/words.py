"""Figures, dates and names in words, and customers' text made harmless for any page.

Customers' text is hostile: what could break a line, reorder what is read or stack marks over its neighbours is taken
out here, before any rendering escapes the rest in its own way.
"""

from __future__ import annotations

import math
import re
import shlex
from datetime import datetime, timedelta, tzinfo

from insights.domain import PROBLEM_KINDS, Kind, KindCount, Line, Period, Prevalence, Quote, Role, Severity, Visibility

KINDS = {
    Kind.PRODUCT_ISSUE: "Product issue",
    Kind.PROCESS_FAILURE: "Process failure",
    Kind.COMPETITIVE_MENTION: "Competitor mention",
    Kind.IMPROVEMENT_IDEA: "Improvement idea",
    Kind.MARKET_OPPORTUNITY: "Market opportunity",
    Kind.TESTIMONIAL: "Praise",
}
PLURALS = {
    Kind.PRODUCT_ISSUE: "Product issues",
    Kind.PROCESS_FAILURE: "Process failures",
    Kind.COMPETITIVE_MENTION: "Competitor mentions",
    Kind.IMPROVEMENT_IDEA: "Improvement ideas",
    Kind.MARKET_OPPORTUNITY: "Market opportunities",
    Kind.TESTIMONIAL: "Praise",
}
ARROWS = {"up": "▲ up", "down": "▼ down"}
SEVERITIES = {
    Severity.LOW: "low severity",
    Severity.MEDIUM: "medium severity",
    Severity.HIGH: "high severity",
    Severity.CRITICAL: "critical",
}
SPEAKERS = {Role.CUSTOMER: "customer", Role.AGENT: "agent", Role.BOT: "bot", Role.SYSTEM: "system", Role.UNKNOWN: "speaker unknown"}
QUOTE = 320
"""Most characters of a quote shown; JSON keeps all of it."""

MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]

UNSEEN = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff"
"""Characters, for a regular expression, that nobody sees and that may reorder or hide what is read."""

_UNSEEN = re.compile(f"[{UNSEEN}]")
_UNREADABLE = re.compile("[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_STACKED = re.compile(
    "([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]{3})[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]+"
)


def clean(text: str, limit: int = 0) -> str:
    """Returns text on one line without controls, direction overrides, hidden characters or piled-up marks.

    Args:
        text: Anything.
        limit: Most characters, cut at a word where one ends near; 0 for no limit.
    """
    seen = _UNREADABLE.sub("\ufffd", _UNSEEN.sub("", text))
    line = " ".join(_STACKED.sub(r"\1", seen).split())
    if not limit or len(line) <= limit:
        return line
    cut = line[: limit - 1]
    space = cut.rfind(" ", limit * 2 // 3)
    return (cut[:space] if space > 0 else cut).rstrip(" ,;:-–") + "…"


def number(value: int) -> str:
    """Returns ``1,482``."""
    return f"{value:,}"


def counted(value: int, noun: str) -> str:
    """Returns ``1 contact`` or ``1,482 contacts``."""
    return f"{number(value)} {noun}" if value == 1 else f"{number(value)} {noun}s"


def rate(per_1000: float) -> str:
    """Returns a rate per 1,000 with two telling digits: ``0.05``, ``0.8``, ``8.1``, ``34``."""
    if per_1000 >= 9.95 or per_1000 == 0:
        return f"{per_1000:,.0f}"
    return f"{per_1000:.1f}" if per_1000 >= 0.095 else f"{per_1000:.2f}"


def times(ratio: float) -> str:
    """Returns a ratio of rates with two telling digits: ``0.04``, ``0.6``, ``2.3``, ``18``."""
    if ratio >= 9.95:
        return f"{ratio:,.0f}"
    return f"{ratio:.1f}" if ratio >= 0.95 else f"{ratio:.2f}"


def direction(low: float | None, high: float | None) -> str:
    """Returns ``up`` or ``down`` where the interval of a ratio of rates excludes no change, else an empty text."""
    if low is not None and low > 1:
        return "up"
    if high is not None and high < 1:
        return "down"
    return ""


def change(line: Line, span: str) -> tuple[str, str]:
    """Returns how a topic's rate compares with the period before: what is to be said of it, and the figures for it.

    An arrow stands only where the 95 % interval excludes no change: ``▲ up ×2.3`` and ``(1.2–4.4)``, but
    ``no clear change`` and ``×1.1 (0.40–3.0)``. The figures may be empty.
    """
    if line.before.handled == 0:
        return "nothing to compare with", ""
    if line.ratio is None or not math.isfinite(line.ratio):
        return (f"none in the {span} before" if line.before.count == 0 else "no clear change"), ""
    ratio, interval = f"×{times(line.ratio)}", ""
    if line.low is not None and line.high is not None:
        interval = f"({times(line.low)}–{times(line.high)})" if math.isfinite(line.high) else f"(at least {times(line.low)})"
    arrow = ARROWS.get(direction(line.low, line.high), "")
    return (f"{arrow} {ratio}", interval) if arrow else ("no clear change", f"{ratio} {interval}".rstrip())


def changed(line: Line, span: str) -> str:
    """Returns ``change`` as one phrase."""
    said, shown = change(line, span)
    return f"{said}{' ' if shown.startswith('(') else ', '}{shown}" if shown else said


def figures(line: Line, section: str, span: str) -> str:
    """Returns a topic's count with its denominator and the count before, as one sentence."""
    contacts = counted(line.now.count, "contact")
    customers = counted(line.customers, "customer")
    if section == "undated":
        return f"{contacts} without a date, from {customers}; outside the rates."
    before = (
        f" In the {span} before: {number(line.before.count)} of {number(line.before.handled)}, {rate(line.before.per_1000)} per 1,000."
        if line.before.handled
        else ""
    )
    return f"{contacts} of {number(line.now.handled)}, {rate(line.now.per_1000)} per 1,000, from {customers}.{before}"


KIND_COUNTS = "How common, over all contacts"
"""Title of the sentences on how common each kind is."""


def kind_counted(kind: Kind, common: KindCount, span: str) -> str:
    """Returns how common a kind is, as one sentence: counted, corrected with its interval, and changed only where that is clear."""
    now, before = common.now, common.before
    said = f"{PLURALS[kind]}: counted in {number(now.count)} of {counted(now.handled, 'contact')}{_corrected(now)}"
    if not before.handled:
        return said + "."
    if common.direction:
        than = f"{number(before.count)} of {number(before.handled)}{_corrected(before)}"
        return f"{said}. {ARROWS[common.direction]} from {than} in the {span} before."
    return f"{said}; no clear change from the {span} before."


def _corrected(prevalence: Prevalence) -> str:
    about, low, high = prevalence.about, prevalence.low, prevalence.high
    if about is None or low is None or high is None:
        return ""
    return (
        f", about {number(round(about))} ({number(math.floor(low))} to {number(math.ceil(high))}) after correction for the model's errors"
    )


def day(at: datetime | None, zone: tzinfo) -> str:
    """Returns ``3 March 2026`` in the zone, or ``no date``."""
    if at is None:
        return "no date"
    local = at.astimezone(zone)
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}"


def span(period: Period) -> str:
    """Returns ``day``, ``week`` or ``month`` by the length of the period, ``period`` for any other."""
    hours = (period.end - period.start) / timedelta(hours=1)
    for name, shortest, longest in (("day", 22, 26), ("week", 166, 170), ("month", 27.9 * 24, 31.1 * 24)):
        if shortest <= hours <= longest:
            return name
    return "period"


def dates(period: Period, zone: tzinfo) -> str:
    """Returns the days of a period: ``28 September to 4 October 2026``, or the one day."""
    first, last = period.start.astimezone(zone), (period.end - timedelta(microseconds=1)).astimezone(zone)
    end = f"{last.day} {MONTHS[last.month - 1]} {last.year}"
    if first.date() == last.date():
        return end
    start = f"{first.day}"
    if (first.year, first.month) != (last.year, last.month):
        start += f" {MONTHS[first.month - 1]}"
    if first.year != last.year:
        start += f" {first.year}"
    return f"{start} to {end}"


def last_labels(period: Period, zone: tzinfo, count: int) -> list[str]:
    """Returns short labels of ``count`` periods that end with this one: ``W39``, ``28 Sep``, ``Sep`` or ``-1``."""
    first, name = period.start.astimezone(zone).date(), span(period)
    labels = []
    for back in range(count - 1, -1, -1):
        if name == "week":
            labels.append(f"W{(first - timedelta(weeks=back)).isocalendar().week}")
        elif name == "day":
            day_then = first - timedelta(days=back)
            labels.append(f"{day_then.day} {MONTHS[day_then.month - 1][:3]}")
        elif name == "month":
            labels.append(MONTHS[(first.month - 1 - back) % 12][:3])
        else:
            labels.append(f"-{back}" if back else "now")
    return labels


def cadence(period: Period) -> str:
    """Returns ``daily``, ``weekly``, ``monthly`` or an empty text, by the length of the period."""
    return {"day": "daily", "week": "weekly", "month": "monthly"}.get(span(period), "")


def what(line: Line) -> str:
    """Returns kind and severity in words."""
    kind = KINDS[line.kind]
    return f"{kind}, {severity(line)}" if severity(line) else kind


def severity(line: Line) -> str:
    """Returns the severity in words, empty for praise, ideas and the like that carry no problem."""
    return SEVERITIES[line.severity] if line.kind in PROBLEM_KINDS or line.severity is not Severity.LOW else ""


def speaker(quote: Quote) -> str:
    """Returns who speaks, and whether it is a note the customer never saw."""
    return "internal note" if quote.visibility is Visibility.INTERNAL else SPEAKERS[quote.role]


def command(query: str) -> str:
    """Returns the command that lists what stands behind a number, quoted for a shell."""
    return f"insights query {shlex.quote(clean(query, 300))}"


def why_here(line: Line) -> str:
    """Returns the words before the reason for a route."""
    return "Why it is yours" if line.owns else "Followed; why you see it"
