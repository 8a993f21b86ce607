"""A small company whose engine finds what its version says, so that corrections can be tried against any change of mind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from small_company import RECEIVED, SETTINGS, TAXONOMY, company, contact, lines, opened

from insights.config.load import Loaded
from insights.domain import Change, Decision, Evidence, Insight, Interaction, Kind, Ruling, Severity, Vote, insight_id
from insights.flow import analyse
from insights.flow.correct import Saying, correct, desk_of
from insights.flow.ingest import configured_feeds, ingest
from insights.flow.route import route_store
from insights.store import Store

REFUND, WIFI, PRAISE = "still waiting for my refund", "wifi keeps dropping", "lovely people"
SAID = (
    f"Hello, I am {REFUND} and the {WIFI} too.",
    f"The {WIFI} again.",
    f"You are {PRAISE} but I am {REFUND}.",
    "When do you open?",
)
# Version to words, kind, topic, subject and decision of each finding.
VERSIONS: dict[str, tuple[tuple[str, Kind, str | None, str, Decision], ...]] = {
    "one": (
        (REFUND, Kind.PROCESS_FAILURE, "refund_late", "Refund not paid", Decision.YES),
        (WIFI, Kind.PRODUCT_ISSUE, None, "", Decision.UNDECIDED),
        (PRAISE, Kind.TESTIMONIAL, None, "", Decision.YES),
    ),
    # Other subjects: every id is another one.
    "renamed": (
        (REFUND, Kind.PROCESS_FAILURE, "refund_late", "Refunds", Decision.YES),
        (WIFI, Kind.PRODUCT_ISSUE, None, "Hub", Decision.YES),
        (PRAISE, Kind.TESTIMONIAL, None, "", Decision.UNDECIDED),
    ),
    "blind": (),
    # The refund is a product issue to this one, as a person might have said before.
    "moved": ((REFUND, Kind.PRODUCT_ISSUE, "wifi_drops", "Wifi drops", Decision.YES), (WIFI, Kind.PRODUCT_ISSUE, None, "", Decision.YES)),
}


@dataclass(frozen=True)
class Engine:
    """Finds what a version says."""

    version: str

    @property
    def made_by(self) -> str:
        """Of the recipe."""
        return f"engine-{self.version}"

    def classify(self, batch: Sequence[tuple[Interaction, Any]]) -> list[tuple[Insight, ...]]:
        """The findings of each contact."""
        return [tuple(found(one, *rule) for rule in VERSIONS[self.version] if rule[0] in one.turns[-1].text) for one, _ in batch]


class NoSentences:
    """The engine above reads whole turns."""

    def __init__(self, **settings: Any) -> None:
        """Takes what a segmenter takes."""

    def sentences(self, interaction: Interaction) -> tuple[()]:
        """None."""
        return ()


def found(interaction: Interaction, words: str, kind: Kind, topic: str | None, subject: str, decision: Decision) -> Insight:
    """A finding on words of the last turn."""
    turn = interaction.turns[-1]
    start = turn.text.index(words)
    span = Evidence(interaction.id, turn.index, start, start + len(words), words)
    confidence = 0.9 if decision is Decision.YES else 0.4
    return Insight(
        id=insight_id(interaction.id, kind, subject),
        interaction_id=interaction.id,
        kind=kind,
        topic=topic,
        subject=subject,
        evidence=(span,),
        confidence=confidence,
        severity=Severity.MEDIUM,
        missed_expectations=(),
        votes=(Vote("engine", kind, topic, span, confidence, "it says so"),),
        made_by="engine",
        decision=decision,
    )


def corrected_company(folder: Path, said: Sequence[str] = SAID) -> tuple[Loaded, Store]:
    """The workspace with its contacts stored and nothing analysed."""
    root = company(folder, 0, settings=SETTINGS)
    (root / "data" / "calls.jsonl").write_text(lines(contact(number, text) for number, text in enumerate(said)))
    loaded, store = opened(root)
    ingest(loaded, store, configured_feeds(loaded), received_at=RECEIVED, workers=1)
    return loaded, store


def analysed(monkeypatch: Any, loaded: Loaded, store: Store, version: str) -> None:
    """Analyses everything with a version, and routes what it finds."""
    monkeypatch.setattr(analyse, "classifier_of", lambda recipe: Engine(version))
    monkeypatch.setattr(analyse, "Segmenter", NoSentences)
    analyse.analyse_store(loaded, store, at=RECEIVED, workers=1)
    route_store(loaded, store, at=RECEIVED)


def say(loaded: Loaded, store: Store, reference: str, ruling: Ruling = Ruling.YES, **more: Any) -> int:
    """Makes a correction; returns how many facts were kept."""
    names = ("quote", "subject", "note", "by")
    given = {name: more.pop(name) for name in names if name in more}
    return len(correct(desk_of(loaded, store), Saying(reference, Change(ruling, **more), given.pop("by", "anna"), RECEIVED, **given)))


def of(store: Store, reference: str) -> dict[str, Insight]:
    """What stands in a contact, by kind and subject."""
    return {f"{one.kind} {one.subject}".strip(): one for one in store.insights_of(store.interaction(reference).id)}


def standing(store: Store) -> list[tuple[Any, ...]]:
    """All that analyses and corrections make, byte for byte, without row numbers and the names of recipes."""
    insights = store.rows(
        "SELECT id, kind, topic, topic_confidence, subject, confidence, severity, decision, missed, evidence, votes FROM insight ORDER BY id"
    )
    return [*insights, *store.rows("SELECT n.id, unit, owns, rule, why FROM route JOIN insight n ON n.seq = insight ORDER BY n.id, unit")]


WITHOUT_REFUNDS = TAXONOMY.replace("refund_late", "refunds_slow")
