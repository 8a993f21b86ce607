"""Choice and ranking: from a unit's facts of a period to its digest. Pure; the same facts give the same digest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from insights.digest import headline as headlines
from insights.digest import words
from insights.digest.record import identity
from insights.domain import (
    BusinessUnit,
    Counts,
    Digest,
    Kind,
    KindCount,
    Line,
    Outcome,
    Period,
    Quote,
    Role,
    Section,
    Severity,
    Trend,
    Verdict,
    Visibility,
    digest_of,
)

TITLES: Mapping[str, str] = {
    "new": "Seen for the first time",
    "growing": "Growing",
    "recurring": "Recurring",
    "fixed": "Fixed",
    "praised": "Praised",
    "undated": "Without a date",
}
"""Keys of the sections in reading order, with their titles."""

_UNTOLD = {"und": "not told"}  # BCP 47's code for a language that is not known
_FIXED = (Outcome.VERIFIED, Outcome.PARTIAL)


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """What is known of one topic for one unit and period.

    Attributes:
        topic: Topic id or key.
        label: Name of the topic.
        kind: Kind of its insights.
        severity: Of its worst insight in the period.
        customers: Distinct customers in the period.
        reason: Why it comes to this unit.
        owns: False when the unit only follows it.
        now, before: Trends of the period and of the one before.
        ratio: Rate now over rate before, or None.
        low, high: 95 % interval of ``ratio``, or None.
        series: Rates per 1,000 of the last periods, oldest first, this period last.
        first_seen: Event time of its first contact ever, or None where it is not known.
        quotes: Candidates, the most convincing first.
        issue: Issue id, or empty.
        verdict: What is known of its fix, or None.
        drift: Rate of the last four periods over the four that came four before them, with its 95 % interval, or None.
        query: The search that lists what stands behind the number.
    """

    topic: str
    label: str
    kind: Kind
    severity: Severity
    customers: int
    reason: str
    owns: bool
    now: Trend
    before: Trend
    ratio: float | None
    low: float | None
    high: float | None
    series: tuple[float, ...]
    first_seen: datetime | None
    quotes: tuple[Quote, ...]
    issue: str = ""
    verdict: Verdict | None = None
    drift: tuple[float, float, float] | None = None
    query: str = ""


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """What is known for one unit and period.

    Attributes:
        handled: Contacts handled in the period.
        handled_before: Contacts handled in the period before.
        topics: Every topic with dated contacts in the period, and those with a verdict; in any order.
        undated: Topics of contacts without a time that were received in the period; counts only, no rates.
        read: How all records read so far fared, over every file.
        set_aside: Records that wait in the dead letter now.
        undecided: Findings for this unit that are neither yes nor no.
        unassigned: Contacts of the period with a finding for this unit that is in no topic yet.
        below_minimum: Topics the caller left out as too small already, and their contacts.
        languages: Contacts of the period a language that were read and not analysed, the most first.
        made_by: Model and taxonomy that made the findings, for the footer.
        kinds: How common each kind is over all contacts, whoever owns them.
        errors: One sentence on what the corrections of ``kinds`` rest on.
    """

    handled: int
    handled_before: int
    topics: tuple[TopicFacts, ...]
    undated: tuple[TopicFacts, ...] = ()
    read: Counts = field(default_factory=Counts)
    set_aside: int = 0
    undecided: int = 0
    unassigned: int = 0
    below_minimum: tuple[int, int] = (0, 0)
    languages: tuple[tuple[str, int], ...] = ()
    made_by: str = ""
    kinds: Mapping[Kind, KindCount] = field(default_factory=dict)
    errors: str = ""


def compose(unit: BusinessUnit, period: Period, facts: DigestFacts, *, items: int, quotes: int, min_contacts: int, run_id: str) -> Digest:
    """Chooses and ranks what a unit reads about a period.

    A topic stands in one section only. Own topics come before followed ones; within them the weight is severity times
    contacts (for growing topics, the contacts beyond what the rate before would have brought). A topic with fewer than
    ``min_contacts`` contacts is no line of its own, unless its fix has a verdict; it is counted in the footer, as is
    what exceeds ``items``.

    Args:
        unit: Who reads it.
        period: What it is about.
        facts: What is known.
        items: Most topics in a section.
        quotes: Most quotes a topic.
        min_contacts: Least contacts of a line of its own.
        run_id: The run that makes it.
    """
    buckets, small = _buckets(period, facts, min_contacts)
    sections = tuple(
        Section(key, title, tuple(_line(unit, period, key, topic, quotes) for topic in buckets[key][:items]))
        for key, title in TITLES.items()
        if buckets[key]
    )
    totals = {key: len(topics) for key, topics in buckets.items()}
    digest = Digest(
        id="",
        unit=unit,
        period=period,
        headline=headlines.headline(sections, totals, period, facts.handled_before, min_contacts),
        sections=sections,
        handled=facts.handled,
        handled_before=facts.handled_before,
        footer=tuple(_footer(unit, period, facts, buckets, small, items, min_contacts)),
        run_id=run_id,
        kinds=_kinds(sections, facts),
    )
    return replace(digest, id=identity(digest))


def section_of(topic: TopicFacts, period: Period) -> str:
    """Returns the key of the one section a dated topic belongs to.

    A topic grows where its rate is clearly above the period before, above what its own past leads one to expect, or has
    crept up over two months. One that clearly grows is never called fixed, whatever was found of its fix before.
    """
    if topic.kind is Kind.TESTIMONIAL:
        return "praised"
    if _is_new(topic, period):
        return "new"
    if words.direction(topic.low, topic.high) == "up" or _above_expected(topic) or _has_crept_up(topic):
        return "growing"
    if topic.verdict is not None and topic.verdict.outcome in _FIXED:
        return "fixed"
    return "recurring"


def _above_expected(topic: TopicFacts) -> bool:
    return topic.now.upper is not None and topic.now.count > topic.now.upper


def _has_crept_up(topic: TopicFacts) -> bool:
    return topic.drift is not None and topic.drift[1] > 1


def _is_new(topic: TopicFacts, period: Period) -> bool:
    if topic.first_seen is not None:
        return topic.first_seen >= period.start
    return topic.before.count == 0 and not any(topic.series[:-1])


def _kinds(sections: Iterable[Section], facts: DigestFacts) -> tuple[tuple[Kind, KindCount], ...]:
    """How common the kinds of the dated topics shown are."""
    shown = {line.kind for section in sections if section.key != "undated" for line in section.lines}
    return tuple((kind, facts.kinds[kind]) for kind in Kind if kind in shown and kind in facts.kinds)


def _buckets(period: Period, facts: DigestFacts, min_contacts: int) -> tuple[dict[str, list[TopicFacts]], list[TopicFacts]]:
    """Returns each section's topics, ranked, and the topics too small for a line."""
    buckets: dict[str, list[TopicFacts]] = {key: [] for key in TITLES}
    small: list[TopicFacts] = []
    for topic in facts.topics:
        key = section_of(topic, period)
        if topic.now.count >= min_contacts or key == "fixed":
            buckets[key].append(topic)
        elif topic.now.count:
            small.append(topic)
    for topic in facts.undated:
        (buckets["undated"] if topic.now.count >= min_contacts else small).append(topic)
    for key, topics in buckets.items():
        topics.sort(key=lambda topic: _rank(topic, growing=key == "growing"))
    return buckets, small


def _rank(topic: TopicFacts, *, growing: bool) -> tuple[bool, float, int, str, str]:
    contacts: float = topic.now.count
    if growing:
        contacts -= topic.before.per_1000 * topic.now.handled / 1000
    return (not topic.owns, -contacts * (topic.severity.rank + 1), -topic.now.count, topic.label, topic.topic)


def _line(unit: BusinessUnit, period: Period, section: str, topic: TopicFacts, quotes: int) -> Line:
    dated = section != "undated"
    return Line(
        id=digest_of("line", unit.id, period.label, topic.topic, "dated" if dated else "undated", size=4),
        topic=topic.topic,
        label=topic.label,
        kind=topic.kind,
        now=topic.now,
        before=topic.before,
        ratio=topic.ratio if dated else None,
        low=topic.low if dated else None,
        high=topic.high if dated else None,
        severity=topic.severity,
        customers=topic.customers,
        reason=topic.reason,
        quotes=_choose_quotes(topic.quotes, quotes, internal=not unit.customer_facing),
        series=topic.series if dated else (),
        issue=topic.issue,
        note=" ".join(_notes(topic, words.span(period))) if dated else "",
        query=topic.query,
        owns=topic.owns,
    )


def _choose_quotes(candidates: Sequence[Quote], most: int, *, internal: bool) -> tuple[Quote, ...]:
    """Returns up to ``most`` quotes, customers' own words first, no contact and no wording twice."""
    chosen: list[Quote] = []
    seen: set[str] = set()
    for quote in sorted(candidates, key=lambda quote: quote.role is not Role.CUSTOMER):
        wording = " ".join(quote.text.casefold().split())
        hidden = quote.visibility is Visibility.INTERNAL and not internal
        if hidden or not wording or wording in seen or quote.interaction_id in seen:
            continue
        seen.update((wording, quote.interaction_id))
        chosen.append(quote)
    return tuple(chosen[:most])


def _notes(topic: TopicFacts, span: str) -> Iterable[str]:
    """What a number alone does not say: an unexpected count, a slow rise, the verdict of a fix."""
    if _above_expected(topic) and topic.now.expected is not None:
        expected = words.rate(topic.now.expected)
        yield f"By its own past {expected} contacts were to be expected, and at most {words.number(int(topic.now.upper or 0))}."
    if _has_crept_up(topic) and topic.drift:
        ratio, low, high = map(words.times, topic.drift)
        yield f"Over the last four {span}s the rate is {ratio} times that of two months before (95 % interval {low}–{high})."
    if topic.verdict:
        yield _note(topic.verdict)


def _note(verdict: Verdict) -> str:
    opening = {
        Outcome.VERIFIED: "The fix is verified",
        Outcome.PARTIAL: "The fix has helped in part",
        Outcome.INEFFECTIVE: "The fix has not worked",
        Outcome.INCONCLUSIVE: "Whether the fix worked cannot be told yet",
    }[verdict.outcome]
    if verdict.ratio is None:
        return f"{opening}, {words.counted(verdict.weeks, 'week')} after it."
    interval = ""
    if verdict.low is not None and verdict.high is not None:
        # Each limit is one-sided: the verdict was decided by one of them.
        interval = f" (at least {words.times(verdict.low)} and at most {words.times(verdict.high)}, each with 95 % confidence)"
    return (
        f"{opening}: {words.counted(verdict.weeks, 'week')} after it, "
        f"the rate is {words.times(verdict.ratio)} times what it was before{interval}."
    )


def _footer(
    unit: BusinessUnit,
    period: Period,
    facts: DigestFacts,
    buckets: Mapping[str, Sequence[TopicFacts]],
    small: Sequence[TopicFacts],
    items: int,
    min_contacts: int,
) -> Iterable[str]:
    span = words.span(period)
    for key, topics in buckets.items():
        if rest := topics[items:]:
            yield f"{TITLES[key]}: {_summed(len(rest), sum(t.now.count for t in rest), 'further ')}."
    topics_left, contacts_left = facts.below_minimum
    topics_left, contacts_left = topics_left + len(small), contacts_left + sum(topic.now.count for topic in small)
    if topics_left:
        worst = sum(topic.severity is Severity.CRITICAL for topic in small)
        critical = f"; {words.number(worst)} of them critical" if worst else ""
        yield f"Below {words.counted(min_contacts, 'contact')} each: {_summed(topics_left, contacts_left)}{critical}."
    if facts.unassigned:
        yield f"{words.counted(facts.unassigned, 'contact')} with a finding that is in no topic yet."
    if facts.undecided:
        yield f"{words.counted(facts.undecided, 'finding')} could be either yes or no; held back for review and not counted here."
    if held := _held_back(unit, facts):
        yield f"{words.counted(held, 'internal note')} not quoted, because this digest may reach customers."
    yield (
        f"Rates are per 1,000 contacts handled: {words.number(facts.handled)} in this {span}, "
        f"{words.number(facts.handled_before)} in the {span} before. Intervals are 95 %. "
        "A contact counts once for each topic it raises."
    )
    if facts.kinds and facts.errors:
        yield facts.errors
    if facts.languages:
        yield _other_languages(facts.languages)
    yield _read(facts.read)
    if facts.set_aside:
        yield f"Waiting in the dead letter: {words.counted(facts.set_aside, 'record')} that could not be read."
    if facts.made_by:
        yield f"Findings by {words.clean(facts.made_by, 160)}."


def _summed(topics: int, contacts: int, which: str = "") -> str:
    return f"{words.counted(topics, which + 'topic')} with {words.counted(contacts, 'contact')} in all"


def _other_languages(languages: Sequence[tuple[str, int]]) -> str:
    """What was handled and can be in no other number of the digest."""
    told = ", ".join(f"{_UNTOLD.get(code, code)} {words.number(count)}" for code, count in languages)
    total = sum(count for _, count in languages)
    return f"{words.counted(total, 'contact')} in other languages ({told}) {'was' if total == 1 else 'were'} read, not analysed."


def _read(read: Counts) -> str:
    fared = [
        (read.stored, "stored"),
        (read.replaced, "replaced an earlier version"),
        (read.unchanged, "known already"),
        (read.skipped, "skipped (auto-replies, bounces)"),
        (read.set_aside, "set aside as unreadable"),
    ]
    parts = ", ".join(f"{words.number(count)} {what}" for count, what in fared if count)
    return f"Read so far, over all files: {words.counted(read.read, 'record')}" + (f", of which {parts}." if parts else ".")


def _held_back(unit: BusinessUnit, facts: DigestFacts) -> int:
    if not unit.customer_facing:
        return 0
    quotes = (quote for topic in (*facts.topics, *facts.undated) for quote in topic.quotes)
    return len({(quote.interaction_id, quote.text) for quote in quotes if quote.visibility is Visibility.INTERNAL})
