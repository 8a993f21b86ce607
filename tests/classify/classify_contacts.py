"""Small interactions, taxonomies and models for the tests of this room."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from insights.classify import Classifier
from insights.classify.annotate import Annotator
from insights.classify.features import PIECES, Vocabulary
from insights.classify.stacking import KINDS, SUMMARY
from insights.classify.statistical import Decider, SentenceModel, Weights
from insights.classify.taxonomy import CompiledTaxonomy, compile_taxonomy
from insights.config.models import Taxonomy
from insights.config.toml import parse_toml
from insights.domain import Effort, Insight, Interaction, Kind, Role, Sentence, Turn, Visibility

_SENTENCE = re.compile(r"[^.!?\n\r]*[.!?]?")
TAXONOMY = """
[product.router]
label = "Hub 5"
aliases = ["hub", "router"]

[competitor.orange]
label = "Orange"
ambiguous = true
hints = ["switch*", "network|provider|deal"]
unless = ["orange juice"]

[competitor.acme]
label = "Acme Mobile"
aliases = ["Acme"]

[topic.refund_late]
label = "Refund late"
kind = "process_failure"
any = ["waiting * refund|money", "refund * not|never * arrived|paid"]
severity = "high"
expectations = ["meet_commitments"]

[topic.router_drops]
label = "Router drops"
kind = "product_issue"
any = ["router|hub * drop*|disconnect*", "drop*|disconnect* * router|hub"]
product = "router"

[topic.praised_staff]
label = "Praised staff"
kind = "testimonial"
any = ["staff|agent|engineer * brilliant|wonderful"]
"""


def taxonomy_of(text: str = TAXONOMY) -> CompiledTaxonomy:
    """Compiles a taxonomy written as TOML."""
    return compile_taxonomy(parse_toml(text, Taxonomy, shown="taxonomy.toml"))


def interaction(*turns: str | tuple[Role, str] | tuple[Role, str, Visibility], product: str | None = None) -> Interaction:
    """An interaction whose turns are the customer's unless a role is given."""
    made = []
    for index, turn in enumerate(turns):
        role, text, *more = (Role.CUSTOMER, turn) if isinstance(turn, str) else turn
        made.append(Turn(index, role, text, None, more[0] if more else Visibility.PUBLIC))
    return Interaction("i-1", "test", "1", datetime(2026, 1, 1, tzinfo=UTC), "chat", tuple(made), product=product)


def sentences(contact: Interaction) -> tuple[Sentence, ...]:
    """Splits turns at full stops and line breaks; every sentence is verbatim."""
    found = []
    for turn in contact.turns:
        for match in _SENTENCE.finditer(turn.text):
            stripped = match.group().strip()
            if stripped:
                start = turn.text.index(stripped, match.start())
                found.append(Sentence(turn.index, start, start + len(stripped), stripped, turn.role, turn.visibility))
    return tuple(found)


def model_of(words: dict[str, dict[Kind, float]], thresholds: dict[Kind, float] | None = None) -> SentenceModel:
    """A model that knows a few words: each moves a sentence's score by its weight; no words leave every kind improbable."""
    annotator = Annotator()
    vocabulary = Vocabulary.of(words)
    terms = np.zeros((len(words), len(KINDS)), dtype=np.float32)
    for word, moves in words.items():
        for kind, move in moves.items():
            terms[vocabulary.places[word], KINDS.index(kind)] = move
    summary = np.zeros((len(KINDS), len(SUMMARY) + 1), dtype=np.float32)
    summary[:, 0] = 1.0
    weights = Weights(
        terms,
        np.zeros((PIECES, len(KINDS)), dtype=np.float32),
        np.zeros((annotator.phrase_offsets[-1], len(KINDS)), dtype=np.float32),
        np.zeros((len(annotator.colours), len(KINDS)), dtype=np.float32),
        np.full(len(KINDS), -5.0, dtype=np.float32),
        np.zeros((0, len(KINDS)), dtype=np.float32),
        np.zeros(len(KINDS), dtype=np.float32),
    )
    decider = Decider(summary, thresholds or dict.fromkeys(Kind, 0.5), {kind: {} for kind in Kind})
    return SentenceModel("toy", vocabulary, weights, {Effort.FAST: decider}, 0.0, ("", ""), annotator.cues.hash)


def found_in(contact: Interaction, *, taxonomy: CompiledTaxonomy | None = None, model: SentenceModel | None = None) -> Sequence[Insight]:
    """Classifies one interaction."""
    return Classifier(taxonomy or taxonomy_of(), model).classify([(contact, sentences(contact))])[0]
