"""The store: one SQLite file, one transaction a batch, the only SQL in the house."""

from __future__ import annotations

from insights.store import corrections as _corrections
from insights.store import figures as _figures
from insights.store import ingest as _ingest
from insights.store import insights as _insights
from insights.store import interactions as _interactions
from insights.store import issues as _issues
from insights.store import outbox as _outbox
from insights.store import overview as _overview
from insights.store import review as _review
from insights.store import routes as _routes
from insights.store import runs as _runs
from insights.store import search as _search
from insights.store import topics as _topics
from insights.store.connection import Database
from insights.store.records import Cursor, DeadLetter, DigestRecord, Run, RunStep, TopicRecord, UnitTopic, Waiting
from insights.store.search import COLUMNS as SEARCH_COLUMNS

__all__ = ["SEARCH_COLUMNS", "Cursor", "DeadLetter", "DigestRecord", "Run", "RunStep", "Store", "TopicRecord", "UnitTopic", "Waiting"]


class Store(Database):
    """An open store; ``Store.open(path)`` in a ``with`` block.

    Its methods are the functions of the room's modules, sorted by theme. Each that changes something is one transaction.
    """

    start_run = _runs.start_run
    last_fingerprint = _runs.last_fingerprint
    finish_step = _runs.finish_step
    finish_run = _runs.finish_run
    runs = _runs.runs

    ingest = _ingest.ingest
    cursor = _ingest.cursor
    dead_letters = _ingest.dead_letters
    dead_letter = _ingest.dead_letter
    mark_letters = _ingest.mark_letters

    interaction = _interactions.interaction
    counts = _interactions.counts
    newest_time = _interactions.newest_time

    unanalysed_ids = _overview.unanalysed_ids
    interaction_ids = _overview.interaction_ids
    interactions = _overview.interactions
    add_letters = _overview.add_letters
    received = _overview.received
    newest_receipt = _overview.newest_receipt
    topic_owners = _overview.topic_owners
    topic_spans = _overview.topic_spans

    save_insights = _insights.save_insights
    insight = _insights.insight
    insights_of = _insights.insights_of

    corrections = _corrections.corrections
    corrected_contacts = _corrections.corrected_contacts
    corrected_finding = _corrections.corrected_finding
    originals = _corrections.originals
    save_corrections = _corrections.save_corrections

    declare_topics = _topics.declare_topics
    add_topic = _topics.add_topic
    topics = _topics.topics
    topic = _topics.topic
    known_topics = _topics.known_topics
    unassigned = _topics.unassigned
    assign_topics = _topics.assign_topics
    evidence_texts = _topics.evidence_texts

    undecided = _review.undecided
    found_of_kind = _review.found_of_kind

    unrouted = _routes.unrouted
    save_routes = _routes.save_routes
    routes_of = _routes.routes_of

    handled = _figures.handled
    languages = _figures.languages
    topic_series = _figures.topic_series
    kind_series = _figures.kind_series
    unit_topics = _figures.unit_topics
    undated = _figures.undated
    quotes = _figures.quotes

    issues = _issues.issues
    issue = _issues.issue
    next_issue_number = _issues.next_issue_number
    save_issues = _issues.save_issues

    save_digest = _outbox.save_digest
    digests = _outbox.digests
    due = _outbox.due
    lease = _outbox.lease
    mark_sent = _outbox.mark_sent
    mark_failed = _outbox.mark_failed
    outbox = _outbox.outbox
    retry = _outbox.retry
    drop = _outbox.drop

    search = _search.search
    sql_of = _search.sql_of
    count = _search.count
    group = _search.group
