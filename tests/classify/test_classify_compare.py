"""Two taxonomies over the same contacts: what the comparison leaves out changes nothing."""

from __future__ import annotations

import pytest
from classify_contacts import TAXONOMY, interaction, model_of, sentences, taxonomy_of

from insights.classify import Classifier
from insights.classify.compare import Comparer, OnceAnnotator
from insights.classify.statistical import SentenceModel
from insights.domain import Decision, Insight, Interaction, Kind, Role

MODEL = {"awful": {Kind.PROCESS_FAILURE: 9.0}, "buffers": {Kind.PRODUCT_ISSUE: 9.0}}
CONTACTS = (
    interaction("The hub is awful", product="hub"),
    interaction("I am still waiting for my refund and it is awful"),
    interaction("It buffers and nobody came"),
    interaction("Acme is cheaper than you"),
    interaction("How do I switch it off?", (Role.AGENT, "I can see that nobody came to you.")),
    interaction((Role.AGENT, "I can see that it buffers and nobody came to you."), "thanks, it buffers"),
    interaction("all is well"),
    interaction("My router drops every night", "The hub is fine, the staff were wonderful"),
)
EXTRA = '\n[topic.no_show]\nlabel = "No show"\nkind = "process_failure"\nany = ["nobody came"]\n'
VARIANTS = {
    "same": TAXONOMY,
    "a topic more": TAXONOMY + EXTRA,
    "another label": TAXONOMY.replace('label = "Hub', 'label = "New hub'),
    "other names": TAXONOMY.replace("Acme", "Akme").replace("hub", "gateway"),
    "nothing": "",
}


def told(insights: tuple[Insight, ...]) -> set[tuple[str, str | None, str]]:
    return {(one.kind, one.topic, one.subject) for one in insights if one.decision is Decision.YES}


def model(thresholds: float) -> SentenceModel:
    return model_of(MODEL, dict.fromkeys(Kind, thresholds))


@pytest.mark.parametrize("threshold", [0.5, 0.97])
@pytest.mark.parametrize("old", VARIANTS)
@pytest.mark.parametrize("new", VARIANTS)
def test_comparing_finds_what_classifying_twice_finds(old: str, new: str, threshold: float) -> None:
    """Where both are listed in full they are what each classifier finds alone; where not, both classifiers agree."""
    taxonomies = taxonomy_of(VARIANTS[old]), taxonomy_of(VARIANTS[new])
    alone = [Classifier(taxonomy, model(threshold)) for taxonomy in taxonomies]
    batch = [(contact, sentences(contact)) for contact in CONTACTS]
    wanted = list(zip(*(classifier.classify(batch) for classifier in alone), strict=True))
    for found, (one, other) in zip(Comparer(alone[0], alone[1], taxonomies, OnceAnnotator()).compare(batch), wanted, strict=True):
        if found.whole:
            assert (found.old, found.new) == (one, other)
        else:
            assert told(one) == told(other)
            assert {row for row in told(one) if row[1]} == {row for row in told(found.old) if row[1]}


class _Asked(SentenceModel):
    """Counts the sentences it is asked for."""

    __slots__ = ()
    asked: list[int] = []

    def score(self, sentences, annotator, table):  # type: ignore[no-untyped-def]
        self.asked.append(len(sentences))
        return super().score(sentences, annotator, table)


def test_the_model_is_asked_only_where_the_taxonomies_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    """A topic more costs the model the contacts it is found in, twice, and no other; those wanted in full besides."""
    plain = model(0.5)
    counting = _Asked(*(getattr(plain, name) for name in SentenceModel.__dataclass_fields__))
    monkeypatch.setattr(_Asked, "asked", [])
    taxonomies = taxonomy_of(), taxonomy_of(TAXONOMY + EXTRA)
    comparer = Comparer(*(Classifier(taxonomy, counting) for taxonomy in taxonomies), taxonomies, OnceAnnotator())
    batch: list[tuple[Interaction, tuple]] = [(contact, sentences(contact)) for contact in CONTACTS[:4]]
    assert [one.whole for one in comparer.compare(batch)] == [False, False, True, False]
    assert _Asked.asked == [1, 1]
    assert all(one.whole for one in comparer.compare(batch, wholly={CONTACTS[0].id}))
