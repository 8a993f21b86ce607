"""Rows of the store that are no nouns of the domain: cursors, dead letters, runs, topic vectors, a unit's topics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from insights.domain import Counts, Kind, Severity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far one file has been read, saved in the transaction of the rows it accounts for.

    Attributes:
        source: Name of the feed.
        file: Name of the file as shown to people.
        file_hash: Hash of its content.
        options_hash: Hash of the reader, mapping and options it was read with.
        records: Readings taken from the file so far, this batch included.
        counts: How they fared. Handed to ``ingest`` it holds what came *before* the batch; read back, the batch is in it.
        done: Whether the file's end was reached.
    """

    source: str
    file: str
    file_hash: str
    options_hash: str
    records: int = 0
    counts: Counts = field(default_factory=Counts)
    done: bool = False


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record set aside, without its text: what to mend, where, and why.

    Attributes:
        id: Hash of source, locator and reason, so that a fault met twice is one letter.
        source: Name of the feed.
        locator: ``file:line`` or ``file#n``.
        stage: Room that refused it.
        reason: One line.
        digest: Keyed hash (hex) of the record's bytes.
        excerpt: Masked by the caller before it comes here.
        at: When it was set aside.
        status: ``open``, ``replayed`` or ``dropped``.
    """

    id: str
    source: str
    locator: str
    stage: str
    reason: str
    digest: str
    excerpt: str
    at: datetime
    status: str = "open"


@dataclass(frozen=True, slots=True)
class RunStep:
    """One finished step of a run: the hash of all its inputs, and how many records went in, out and aside."""

    step: str
    fingerprint: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a pipeline with its manifest: hashes of inputs, configuration, taxonomy and model."""

    id: str
    pipeline: str
    as_of: datetime
    status: str
    manifest: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[RunStep, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class TopicRecord:
    """A discovered topic as discovery needs it: ``centroid`` has shape (d,), ``exemplars`` (m, d), float32."""

    id: str
    label: str
    centroid: NDArray[np.float32]
    exemplars: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class DigestRecord:
    """A digest once made, with its content as JSON."""

    id: str
    unit: str
    period: str
    start: datetime
    end: datetime
    run_id: str
    at: datetime
    content: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """An undecided finding; ``like`` counts the contacts with a decided finding of its topic, or else of its kind and subject."""

    id: str
    kind: Kind
    subject: str
    confidence: float
    severity: Severity
    like: int


@dataclass(frozen=True, slots=True)
class UnitTopic:
    """One topic of a unit in a period.

    Attributes:
        topic_id: ``T-0042``, or empty for insights without a topic (then one row a kind).
        label: Its label, or empty.
        kind: Kind of the topic, or of the insights without one.
        contacts: Distinct contacts.
        customers: Distinct customers; a contact without a customer counts as one.
        severity: Of the worst insight.
        reason: Why of the commonest route.
        owns: False where the unit only follows.
        first_seen, last_seen: Of the topic over all time and all units.
    """

    topic_id: str
    label: str
    kind: Kind
    contacts: int
    customers: int
    severity: Severity
    reason: str
    owns: bool
    first_seen: datetime
    last_seen: datetime
