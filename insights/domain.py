"""The nouns: frozen values every room speaks in. Standard library only.

Times are aware and in UTC. Ids of things read or found are hashes of natural keys, so that doing a thing twice
changes nothing. Offsets are half-open counts of code points into the *stored* (redacted) text of a turn.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """The six kinds of insight of the codebook; fixed."""

    PRODUCT_ISSUE = "product_issue"
    PROCESS_FAILURE = "process_failure"
    COMPETITIVE_MENTION = "competitive_mention"
    IMPROVEMENT_IDEA = "improvement_idea"
    MARKET_OPPORTUNITY = "market_opportunity"
    TESTIMONIAL = "testimonial"


PROBLEM_KINDS = frozenset({Kind.PRODUCT_ISSUE, Kind.PROCESS_FAILURE})


class Role(StrEnum):
    """Who speaks in a turn."""

    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"
    SYSTEM = "system"
    UNKNOWN = "unknown"


class Visibility(StrEnum):
    """Whether the customer could see a turn; ``internal`` is an agents' note."""

    PUBLIC = "public"
    INTERNAL = "internal"


class Severity(StrEnum):
    """How bad it is, by the codebook."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low to 3 for critical."""
        return tuple(Severity).index(self)


class Expectation(StrEnum):
    """The ten customer expectations of the contact-centre literature."""

    BE_ACCESSIBLE = "be_accessible"
    TREAT_ME_COURTEOUSLY = "treat_me_courteously"
    BE_RESPONSIVE = "be_responsive"
    DO_WHAT_I_ASK_PROMPTLY = "do_what_i_ask_promptly"
    WELL_TRAINED_INFORMED_EMPLOYEES = "well_trained_informed_employees"
    TELL_ME_WHAT_TO_EXPECT = "tell_me_what_to_expect"
    MEET_COMMITMENTS = "meet_commitments"
    DO_IT_RIGHT_FIRST_TIME = "do_it_right_first_time"
    SOCIALLY_RESPONSIBLE_ETHICAL = "socially_responsible_ethical"
    FOLLOW_UP = "follow_up"


class RivalRole(StrEnum):
    """What a rival is spoken of for, in a ``competitive_mention``; what says more comes first."""

    LEVERAGE = "leverage"
    SWITCHING_TO = "switching_to"
    SWITCHED_FROM = "switched_from"
    COMPARED_PRICE = "compared_price"
    COMPARED_WORSE = "compared_worse"
    COMPARED_BETTER = "compared_better"
    MENTIONED = "mentioned"


class Decision(StrEnum):
    """What the engine says of a finding: yes, or neither yes nor no."""

    YES = "yes"
    UNDECIDED = "undecided"


class Effort(StrEnum):
    """How much is done to understand a contact.

    ``fast`` goes by words alone; ``balanced`` has the encoder read the sentences in which words leave room for a finding; ``best`` has
    it read all.
    """

    FAST = "fast"
    BALANCED = "balanced"
    BEST = "best"


def digest_of(*parts: str, size: int = 12) -> str:
    """Returns a hex BLAKE2b digest of ``parts``, unambiguous in their boundaries.

    Args:
        parts: The natural key.
        size: Bytes of the digest; the text has twice as many characters.
    """
    joined = json.dumps(parts, ensure_ascii=True, separators=(",", ":"))
    return hashlib.blake2b(joined.encode("ascii"), digest_size=size).hexdigest()


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance, message or note.

    Attributes:
        index: 0-based position in the interaction.
        role: Who speaks.
        text: The words; redacted once stored.
        at: When it was said, UTC, or None.
        visibility: ``internal`` for notes the customer never saw.
    """

    index: int
    role: Role
    text: str
    at: datetime | None = None
    visibility: Visibility = Visibility.PUBLIC


@dataclass(frozen=True, slots=True)
class Interaction:
    """One whole contact: a call, chat, e-mail thread, ticket with its notes, review or survey answer.

    Attributes:
        id: ``interaction_id(source, source_ref)``.
        source: Name of the feed it came from.
        source_ref: The id its source gave; what outputs show and commands accept.
        received_at: When the engine received it (an argument, never the clock).
        channel: ``call``, ``chat``, ``email``, ``ticket``, ``note``, ``review``, ``social``, ``survey`` or another word.
        started_at: When the contact began, UTC, or None where the source does not say.
        turns: In order.
        language: BCP 47 code or None.
        customer_ref: The source's customer id; a keyed pseudonym (``cust-`` and hex) once stored.
        product: Product named by the source, or None.
        queue: Queue or team that handled it, or None.
        meta: Every other field of the source as text; never reaches a model.
        repairs: What was odd and mended on reading, such as ``nul replaced``.
    """

    id: str
    source: str
    source_ref: str
    received_at: datetime
    channel: str
    turns: tuple[Turn, ...]
    started_at: datetime | None = None
    language: str | None = None
    customer_ref: str | None = None
    product: str | None = None
    queue: str | None = None
    meta: Mapping[str, str] = field(default_factory=dict)
    repairs: tuple[str, ...] = ()

    @property
    def when(self) -> datetime:
        """Event time, or the time received where the source gives none (such contacts stay outside rates)."""
        return self.started_at or self.received_at


@dataclass(frozen=True, slots=True)
class SetAside:
    """A record that could not be read: it goes to the dead letter.

    Attributes:
        locator: ``file:line`` or ``file#n`` of the record.
        reason: One line, without the record's text.
        stage: Room that refused it, such as ``read`` or ``redact``.
        content: The bytes refused (at most some kilobytes), for the hash and the masked excerpt; never stored as it is.
    """

    locator: str
    reason: str
    stage: str = "read"
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that is no customer contact, such as an auto-reply or a bounce."""

    locator: str
    reason: str


Reading = Interaction | SetAside | Skipped


@dataclass(frozen=True, slots=True)
class Redaction:
    """A span of the *original* text that was replaced by a typed mark.

    ``turn`` is the turn's index, ``type`` such as ``EMAIL`` (the mark in the text is ``[EMAIL]``).
    """

    turn: int
    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a turn that may be analysed; ``text == turn.text[start:end]``."""

    turn: int
    start: int
    end: int
    text: str
    role: Role
    visibility: Visibility = Visibility.PUBLIC


@dataclass(frozen=True, slots=True)
class Evidence:
    """A verbatim span that proves a finding: always ``quote == turn.text[start:end]`` of the stored turn."""

    interaction_id: str
    turn: int
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Vote:
    """One annotator's opinion (weak supervision); an annotator that says nothing abstains.

    Attributes:
        by: Annotator, such as ``pattern:refund_late`` or ``model:default``.
        kind: The kind voted for.
        topic: Declared topic key, or None.
        evidence: The words the vote rests on.
        score: In [0, 1].
        why: One line for people.
    """

    by: str
    kind: Kind
    topic: str | None
    evidence: Evidence
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class Insight:
    """One finding with its evidence.

    Attributes:
        id: ``insight_id(interaction_id, kind, subject)``.
        interaction_id: Where it was found.
        kind: One of the six.
        topic: Declared topic's key or discovered topic's id (``T-0042``), or None while unassigned.
        subject: Product, topic or competitor it is about by the taxonomy or the source; empty when none could be told.
        evidence: At least one span. The first is the shortest that alone convinces; the others support it and are listed apart.
        confidence: Calibrated probability in [0, 1].
        severity: By the codebook.
        missed_expectations: Those the evidence shows missed.
        votes: What was said for it.
        made_by: Model id and taxonomy hash.
        decision: ``yes``, or ``undecided`` for the review queue.
        about: The process step, thing or rival it is about in the words themselves. Rules read it out of the evidence and may
            become better, so it is no part of the id: what people said of a finding must outlive that.
        role: What the rival of a ``competitive_mention`` is spoken of for; None for other kinds and where no rival is told.
    """

    id: str
    interaction_id: str
    kind: Kind
    topic: str | None
    subject: str
    evidence: tuple[Evidence, ...]
    confidence: float
    severity: Severity
    missed_expectations: tuple[Expectation, ...]
    votes: tuple[Vote, ...]
    made_by: str
    decision: Decision = Decision.YES
    about: str = ""
    role: RivalRole | None = None

    @property
    def named(self) -> str:
        """What people read as its subject: the declared one, else the words themselves."""
        return self.subject or self.about


@dataclass(frozen=True, slots=True)
class Topic:
    """What insights are about, declared in the taxonomy or discovered; its id outlives every refit.

    Attributes:
        id: ``T-0042``; never reused.
        key: The taxonomy's key for a declared topic, empty for a discovered one.
        label: Short readable name.
        kind: The kind its insights have.
        keywords: Most telling words first.
        examples: Insight ids of its most central evidence.
        size: Insights assigned.
        lineage: Events such as ``born 2026-03-02``, oldest first.
        made_by: Taxonomy hash or discovery recipe.
    """

    id: str
    key: str
    label: str
    kind: Kind
    keywords: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    size: int = 0
    lineage: tuple[str, ...] = ()
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class Trend:
    """A count with its denominator over one period.

    Attributes:
        period: Label such as ``2026-W40``.
        count: Contacts with the topic in the period.
        handled: Contacts handled in the period.
        per_1000: ``1000 * count / handled``; 0.0 when nothing was handled.
        expected: Count expected from the baseline, or None without one.
        upper: Upper limit of the expected count, or None.
        ratio: ``count / expected``, or None.
        p_value: Probability of so high a count by chance, or None.
        method: Short name of the method, such as ``quasi-poisson``.
    """

    period: str
    count: int
    handled: int
    per_1000: float
    expected: float | None = None
    upper: float | None = None
    ratio: float | None = None
    p_value: float | None = None
    method: str = ""


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """How a model fared on labelled contacts, for one kind.

    Where it was measured on other sources than it is used on, the numbers are those of as many contacts as the measurement is
    worth: fewer than were labelled, because the rates differ from source to source.

    Attributes:
        sensitivity: Contacts with the kind: those it found, those it missed.
        specificity: Contacts without the kind: those it left alone, those in which it found one.
    """

    sensitivity: tuple[float, float]
    specificity: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Prevalence:
    """Contacts with a kind in a period, as counted and as corrected for the model's errors.

    Attributes:
        period: Label such as ``2026-W40``.
        count: Contacts in which the model found it.
        handled: Contacts handled in the period, in a language that is read.
        about: Corrected count in [0, ``handled``], or None where it cannot be corrected.
        low, high: 95 % interval of ``about``, or None.
    """

    period: str
    count: int
    handled: int
    about: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class KindCount:
    """How common a kind is over all contacts: now and in the period before.

    ``direction`` is ``up`` or ``down`` where the 95 % interval of the ratio of the two rates excludes no change, else empty.
    """

    now: Prevalence
    before: Prevalence
    direction: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """A human fact: the cause of an issue was removed on a date.

    ``target`` is the reduction promised, a fraction in (0, 1].
    """

    issue_id: str
    date: date
    target: float = 0.3


class Ruling(StrEnum):
    """What a person says of a finding: there is one, there is none, or what was said before is taken back."""

    YES = "yes"
    NOT = "not"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Change:
    """What a correction says. What is None stays as it is; whoever gives a finding another kind, topic, owner or severity confirms it.

    ``topic`` is a declared topic's key or a discovered one's id, ``owner`` a unit's key.
    """

    ruling: Ruling
    kind: Kind | None = None
    topic: str | None = None
    owner: str | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """Words of a stored turn without the words: half-open offsets and a keyed hash, so that an erased text leaves no copy."""

    turn: int
    start: int
    end: int
    hash: str


@dataclass(frozen=True, slots=True)
class Scope:
    """Which finding a correction speaks of, and enough of it to find it under another name or to make it again.

    Attributes:
        interaction_id: The contact.
        insight_id: The finding as the engine, or who added it, named it; empty for every finding of ``kind`` in the contact.
        kind: Its kind before any correction.
        subject: Its subject.
        topic: The declared topic the engine gave it, or None.
        severity: Its severity.
        missed_expectations: Those its evidence shows missed.
        words: Its evidence.
        beside: Ids of the other findings of the contact at that time; whatever is not among them is new since.
        added: Whether a person found it.
    """

    interaction_id: str
    insight_id: str
    kind: Kind
    subject: str = ""
    topic: str | None = None
    severity: Severity = Severity.LOW
    missed_expectations: tuple[Expectation, ...] = ()
    words: tuple[Anchor, ...] = ()
    beside: tuple[str, ...] = ()
    added: bool = False


@dataclass(frozen=True, slots=True)
class Correction:
    """A human fact about a finding; it outlives every re-run, and is taken back only by a further one.

    Attributes:
        id: Of this fact.
        what: What is said.
        by: Who says it.
        at: When, UTC.
        scope: Of which finding.
        note: Why, for people; redacted.
    """

    id: str
    what: Change
    by: str
    at: datetime
    scope: Scope
    note: str = ""


class Outcome(StrEnum):
    """What a verdict says of a fix."""

    VERIFIED = "verified"
    PARTIAL = "partial"
    INEFFECTIVE = "ineffective"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a fix worked: the ratio of the rates after and before, with a 95 % interval.

    ``ratio`` and its limits are None where too little was seen.
    """

    issue_id: str
    outcome: Outcome
    ratio: float | None
    low: float | None
    high: float | None
    weeks: int
    as_of: date
    why: str


class Signal(StrEnum):
    """What the figures say of an issue; computed each run, never set by hand."""

    NEW = "new"
    STEADY = "steady"
    EMERGING = "emerging"
    FALLING = "falling"
    SILENT = "silent"
    REGRESSED = "regressed"


class IssueStatus(StrEnum):
    """Where an issue stands in its workflow."""

    CANDIDATE = "candidate"
    OPEN = "open"
    KNOWN = "known"
    FIXING = "fixing"
    VERIFYING = "verifying"
    CLOSED = "closed"
    ARCHIVED = "archived"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Issue:
    """A recurring problem followed over time (ITIL: problem record).

    Attributes:
        id: ``ISS-000123``; never reused.
        title: Readable name.
        kind: Kind of its insights.
        topic: Topic id it joins.
        status: Workflow.
        signal: Computed.
        owner: Unit id.
        first_seen, last_seen: Event times.
        contacts: Distinct contacts.
        customers: Distinct customers (a contact without a customer counts as one).
        fixes: Declared fixes, oldest first.
        history: One line an event, oldest first.
    """

    id: str
    title: str
    kind: Kind
    topic: str
    status: IssueStatus
    signal: Signal
    owner: str
    first_seen: datetime
    last_seen: datetime
    contacts: int
    customers: int
    fixes: tuple[Fix, ...] = ()
    history: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BusinessUnit:
    """Who receives digests: an owner of insights.

    Attributes:
        id: Short key, such as ``billing``.
        name: For people.
        cadence: ``daily``, ``weekly`` or ``monthly``.
        destinations: Names of destinations in the configuration.
        follows: Kinds, topics or units it reads without owning them.
        customer_facing: Digests to it never quote internal notes.
    """

    id: str
    name: str
    cadence: str = "weekly"
    destinations: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    customer_facing: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """Where an insight goes and why; each insight has exactly one route that owns.

    Attributes:
        insight_id: The insight.
        unit_id: The unit.
        rule: Place of the rule that decided, such as ``ownership.toml:rule 7``.
        why: One line for people.
        at: As-of time of the run.
        owns: False for a follower.
    """

    insight_id: str
    unit_id: str
    rule: str
    why: str
    at: datetime
    owns: bool = True


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open stretch of time, ``start <= t < end`` in UTC, with the label people use for it."""

    label: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Quote:
    """A customer's words in a digest, with the interaction that holds them."""

    interaction_id: str
    source_ref: str
    channel: str
    at: datetime | None
    text: str
    role: Role
    visibility: Visibility = Visibility.PUBLIC


@dataclass(frozen=True, slots=True)
class Line:
    """One topic in a digest.

    Attributes:
        id: Stable within unit and period.
        topic: Topic id.
        label: Name of the topic.
        kind: Kind.
        now: The period's trend.
        before: The trend of the period before.
        ratio: Rate now over rate before, or None.
        low, high: 95 % interval of ``ratio``, or None.
        severity: Of its worst insight.
        customers: Distinct customers in the period.
        reason: Why it came to this unit.
        quotes: Two or three.
        series: Rates per 1,000 of the last periods, oldest first, for a sparkline.
        issue: Issue id, or empty.
        note: One sentence, such as the verdict of a fix.
        query: The search that lists what stands behind the number.
        owns: False when the unit only follows the topic.
    """

    id: str
    topic: str
    label: str
    kind: Kind
    now: Trend
    before: Trend
    ratio: float | None
    low: float | None
    high: float | None
    severity: Severity
    customers: int
    reason: str
    quotes: tuple[Quote, ...]
    series: tuple[float, ...] = ()
    issue: str = ""
    note: str = ""
    query: str = ""
    owns: bool = True


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a digest: ``key`` is ``new``, ``growing``, ``recurring``, ``fixed``, ``praised`` or ``undated``."""

    key: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How records fared: ``read == stored + replaced + unchanged + skipped + set_aside``, always."""

    read: int = 0
    stored: int = 0
    replaced: int = 0
    unchanged: int = 0
    skipped: int = 0
    set_aside: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.read + other.read,
            self.stored + other.stored,
            self.replaced + other.replaced,
            self.unchanged + other.unchanged,
            self.skipped + other.skipped,
            self.set_aside + other.set_aside,
        )

    @property
    def reconciles(self) -> bool:
        """Whether nothing is lost or counted twice."""
        return self.read == self.stored + self.replaced + self.unchanged + self.skipped + self.set_aside


@dataclass(frozen=True, slots=True)
class Digest:
    """What a unit receives for a period.

    Attributes:
        id: Hash of unit, period and content.
        unit: The unit.
        period: The period.
        headline: One sentence.
        sections: In reading order; empty sections are left out.
        handled: Contacts handled in the period.
        handled_before: Contacts handled in the period before.
        footer: Plain sentences: what was read, set aside, left out.
        run_id: The run that made it.
        kinds: How common the kinds of its topics are over all contacts, whoever owns them.
    """

    id: str
    unit: BusinessUnit
    period: Period
    headline: str
    sections: tuple[Section, ...]
    handled: int
    handled_before: int
    footer: tuple[str, ...]
    run_id: str
    kinds: tuple[tuple[Kind, KindCount], ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """A rendered digest on its way to one destination.

    Attributes:
        key: Idempotency key: the same digest to the same destination has the same key.
        unit_id: Receiver.
        period: Label of the period.
        subject: One line, never a customer's words.
        html, text, markdown, json: The four renderings.
        at: As-of time, for headers.
        mail: HTML for mail programs, without SVG and style sheets; empty where there is none.
    """

    key: str
    unit_id: str
    period: str
    subject: str
    html: str
    text: str
    markdown: str
    json: str
    at: datetime
    mail: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An entry of the outbox: ``destination`` is a name in the configuration, never an address or a secret."""

    key: str
    digest_id: str
    destination: str
    status: str
    attempts: int
    at: datetime | None
    error: str = ""


def interaction_id(source: str, source_ref: str) -> str:
    """Returns the id of the interaction that ``source`` calls ``source_ref``."""
    return digest_of("interaction", source, source_ref)


def insight_id(interaction: str, kind: Kind, subject: str) -> str:
    """Returns an insight's id, from interaction, kind and subject alone so that corrections outlive models."""
    return digest_of("insight", interaction, kind, " ".join(subject.casefold().split()))


@dataclass(frozen=True, slots=True)
class Words:
    """Query leaf: words or a quoted phrase to be found in the text; ``prefix`` for a trailing ``*``."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class FieldMatch:
    """Query leaf: a field compared with values.

    Attributes:
        field: Known field name, such as ``kind`` or ``since``.
        op: ``=`` (any of the values, ``*`` at the end of a value is a prefix), ``>=``, ``>``, ``<=``, ``<`` or ``..``.
        values: One or more; exactly two for ``..`` (an empty text is an open end).
    """

    field: str
    op: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Query node: what does not match."""

    child: QueryNode


@dataclass(frozen=True, slots=True)
class AllOf:
    """Query node: every child matches; no children match everything."""

    children: tuple[QueryNode, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Query node: at least one child matches."""

    children: tuple[QueryNode, ...]


QueryNode = Words | FieldMatch | Not | AllOf | AnyOf
