"""Votes into insights: the only place that knows thresholds.

A declared topic in the customer's own words suffices for a yes. Where the taxonomy is silent, the calibrated probability of
the kind decides: yes from the threshold on, undecided a little below it, else nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insights.classify.annotate import Annotated, Annotator
from insights.classify.features import WordTable
from insights.classify.patterns import PatternHit
from insights.classify.phrases import tokens_of
from insights.classify.rivals import Rival, best_rival, stands_as_name
from insights.classify.severity import expectations_of, severity_of
from insights.classify.spans import best_span
from insights.classify.stacking import KINDS
from insights.classify.subjects import subject_of
from insights.classify.taxonomy import CompiledTaxonomy, CompiledTopic
from insights.domain import Decision, Evidence, Insight, Interaction, Kind, Vote, insight_id

MOST_SPANS = 8
_CONVINCING = -1.0  # least log-odds of a further sentence that supports the finding
_MOST_TOLD = 3  # spans for which the votes are told
_TOLD_WORDS = 3
_LEAST_MOVED = 0.05
_SARCASM = "sarcasm"


@dataclass(frozen=True, slots=True)
class Material:
    """All that was read of one interaction.

    Attributes:
        interaction: The interaction.
        rows: Its sentences that may give evidence.
        scores: (n_rows, n_kinds) log-odds by the model; zeros without one.
        probabilities: (n_kinds,) by the model; zeros without one.
        hits: Declared topics and competitors, guarded ones included.
    """

    interaction: Interaction
    rows: Sequence[Annotated]
    scores: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    hits: Sequence[PatternHit]


@dataclass(frozen=True, slots=True)
class Judge:
    """Turns material into insights.

    Attributes:
        taxonomy: Names and topics.
        annotator: Knows the cues.
        model_id: Of the model, or empty.
        table: The model's table of words, for its reasons; None without a model.
        thresholds: Least probability of a yes, for every kind.
        review_margin: How far below the threshold something is undecided; never more than half of the threshold.
        made_by: Model id and taxonomy hash.
    """

    taxonomy: CompiledTaxonomy
    annotator: Annotator
    model_id: str
    table: WordTable | None
    thresholds: Mapping[Kind, float]
    review_margin: float
    made_by: str

    def decide(self, material: Material) -> tuple[Insight, ...]:
        """Returns the insights of one interaction, in the order of kinds and subjects."""
        found: list[Insight] = []
        for position, kind in enumerate(KINDS):
            groups = self._declared(material, kind)
            for subject in sorted(groups):
                found.append(self._from_patterns(material, position, subject, groups[subject]))
            if not groups and (insight := self._from_model(material, position)):
                found.append(insight)
        return tuple(found)

    def _declared(self, material: Material, kind: Kind) -> dict[str, list[PatternHit]]:
        """Unguarded hits of a kind by subject; a competitor named beside a declared topic is that topic's subject."""
        hits = [hit for hit in material.hits if hit.kind is kind and not hit.guard and not self._vetoed(material.rows[hit.row], kind)]
        groups: dict[str, list[PatternHit]] = {}
        for hit in hits:
            groups.setdefault(self._subject(hit, hits), []).append(hit)
        return groups

    def _subject(self, hit: PatternHit, hits: Sequence[PatternHit]) -> str:
        if hit.topic is None:
            return hit.subject
        if hit.kind is Kind.COMPETITIVE_MENTION:
            beside = [other for other in hits if other.subject]
            same = [other for other in beside if other.row == hit.row] or beside
            return same[0].subject if same else hit.topic.label
        label = self.taxonomy.products.labels.get(hit.topic.product or "")
        return label or hit.topic.label

    def _from_patterns(self, material: Material, position: int, subject: str, hits: Sequence[PatternHit]) -> Insight:
        kind = KINDS[position]
        topics = [hit.topic for hit in hits if hit.topic is not None]
        topic = max(topics, key=lambda one: (sum(other.key == one.key for other in topics), one.key)) if topics else None
        chosen: dict[int, PatternHit] = {}
        for hit in sorted(hits, key=lambda one: (one.topic is not topic, -material.scores[one.row, position], one.row)):
            chosen.setdefault(hit.row, hit)
        quotes = {row: self._quote(material, row, position, (hit.start, hit.end)) for row, hit in list(chosen.items())[:MOST_SPANS]}
        votes = [
            Vote(hit.by, kind, hit.topic.key if hit.topic else None, quotes[hit.row], hit.score, hit.why)
            for hit in hits
            if hit.row in quotes
        ]
        prior = max(hit.score for hit in hits)
        confidence = 1.0 - (1.0 - prior) * (1.0 - float(material.probabilities[position]))
        return self._insight(material, position, quotes, subject, topic, confidence, votes)

    def _from_model(self, material: Material, position: int) -> Insight | None:
        probability = float(material.probabilities[position])
        threshold = self.thresholds[KINDS[position]]
        if probability < threshold - min(self.review_margin, threshold / 2):
            return None
        rows = self._convincing(material, position)
        if not rows:
            return None
        quotes = {row: self._quote(material, row, position, None) for row in rows}
        return self._insight(material, position, quotes, self._named(material, KINDS[position], rows), None, probability, [])

    def _insight(
        self,
        material: Material,
        position: int,
        quotes: Mapping[int, Evidence],
        subject: str,
        topic: CompiledTopic | None,
        confidence: float,
        votes: Sequence[Vote],
    ) -> Insight:
        kind = KINDS[position]
        evidence = [material.rows[row].tokens.words for row in quotes]
        around = [item.tokens.words for row, item in enumerate(material.rows) if row not in quotes]
        rival = self._rival(material, quotes, subject, around) if kind is Kind.COMPETITIVE_MENTION else None
        return Insight(
            id=insight_id(material.interaction.id, kind, subject),
            interaction_id=material.interaction.id,
            kind=kind,
            topic=topic.key if topic else None,
            subject=subject,
            evidence=tuple(quotes.values()),
            confidence=round(confidence, 4),
            severity=severity_of(kind, evidence, around, topic.severity if topic else None),
            missed_expectations=expectations_of(kind, evidence, topic.expectations if topic else ()),
            votes=(*votes, *self._other_votes(material, position, dict(list(quotes.items())[:_MOST_TOLD]))),
            made_by=self.made_by,
            decision=Decision.YES if confidence >= self.thresholds[kind] else Decision.UNDECIDED,
            about=_about(kind, quotes.values()) if kind is not Kind.COMPETITIVE_MENTION else rival.name if rival else "",
            role=rival.role if rival else None,
        )

    def _rival(self, material: Material, quotes: Iterable[int], subject: str, around: Sequence[Sequence[str]]) -> Rival | None:
        """The rival of a competitive mention: the one it is about where that is declared."""
        names = self.taxonomy.competitors
        sentences = []
        for row in quotes:
            item = material.rows[row]
            declared = [(names.labels[key], start, end) for key, start, end in names.find(item.sentence.text, item.tokens.words)]
            if subject in names.labels.values():
                declared = [found for found in declared if found[0] == subject]
            sentences.append((item.sentence.text, item.tokens, declared))
        return best_rival(sentences, around, certain=True)

    def _convincing(self, material: Material, position: int) -> list[int]:
        """The strongest sentence first, then those that would support the finding without it."""
        kind = KINDS[position]
        able = [row for row, item in enumerate(material.rows) if item.words and not self._vetoed(item, kind)]
        ordered = sorted(able, key=lambda row: (-material.scores[row, position], row))
        if not ordered:
            return []
        return [ordered[0], *(row for row in ordered[1:MOST_SPANS] if material.scores[row, position] >= _CONVINCING)]

    def _vetoed(self, item: Annotated, kind: Kind) -> bool:
        """Sarcasm is no praise."""
        cues = self.annotator.cues.cues
        return kind is Kind.TESTIMONIAL and any(cues[hit.cue].key == _SARCASM for hit in item.hits)

    def _named(self, material: Material, kind: Kind, rows: Iterable[int]) -> str:
        """The competitor or product an insight without a declared topic is about, or an empty text.

        A product is looked for in the evidence, then in what the source says, then in the whole contact: people name a thing once and
        complain of it as "it" from there on.
        """
        names = self.taxonomy.competitors if kind is Kind.COMPETITIVE_MENTION else self.taxonomy.products
        for row in rows:
            item = material.rows[row]
            for key, start, end in names.find(item.sentence.text, item.tokens.words):
                if kind is not Kind.COMPETITIVE_MENTION or stands_as_name(item.sentence.text, item.tokens, start, end, certain=True):
                    return names.labels[key]
        if kind is Kind.COMPETITIVE_MENTION:
            return ""
        if product := material.interaction.product:
            declared = self.taxonomy.product_key(product)
            return self.taxonomy.products.labels[declared] if declared else product
        named = Counter(key for item in material.rows for key, _, _ in names.find(item.sentence.text, item.tokens.words))
        return names.labels[max(named, key=lambda key: named[key])] if named else ""

    def _quote(self, material: Material, row: int, position: int, must: tuple[int, int] | None) -> Evidence:
        item = material.rows[row]
        start, end = best_span(item.sentence.text, item.tokens, self._weights(item, position), must=must)
        first, last = item.sentence.start + start, item.sentence.start + end
        return Evidence(material.interaction.id, item.sentence.turn, first, last, item.sentence.text[start:end])

    def _weights(self, item: Annotated, position: int) -> list[float]:
        """How much each word convinces: by the model, and one for each word of a cue of the kind."""
        weights = [0.0] * len(item.tokens.words)
        if self.table is not None:
            weights = [float(self.table.word(word)[position]) for word in item.tokens.words]
        for hit in item.hits:
            if not hit.guard and self.annotator.cues.cues[hit.cue].kind is KINDS[position]:
                for place in range(hit.start, hit.end):
                    weights[place] += 1.0
        return weights

    def _other_votes(self, material: Material, position: int, quotes: Mapping[int, Evidence]) -> list[Vote]:
        """Votes of cues and model for the quoted sentences."""
        kind, votes = KINDS[position], []
        cues = self.annotator.cues.cues
        for row, quote in quotes.items():
            item = material.rows[row]
            told: set[str] = set()
            for hit in item.hits:
                cue = cues[hit.cue]
                if hit.guard or cue.kind is not kind or cue.key in told:
                    continue
                told.add(cue.key)
                words = item.sentence.text[item.tokens.starts[hit.start] : item.tokens.ends[hit.end - 1]]
                votes.append(Vote(f"cue:{cue.key}", kind, None, quote, 0.5, f"cue {kind}/{cue.key}: '{words}'"))
            if self.table is not None:
                score = 1.0 / (1.0 + float(np.exp(-np.clip(material.scores[row, position], -30, 30))))
                votes.append(Vote(f"model:{self.model_id}", kind, None, quote, round(score, 4), _reason(item, position, self.table)))
        return votes


def _about(kind: Kind, quotes: Iterable[Evidence]) -> str:
    """What the evidence is about in its own words; the first span that tells."""
    told = (subject_of(kind, quote.quote, tokens_of(quote.quote)) for quote in quotes)
    return next(filter(None, told), "")


def _reason(item: Annotated, position: int, table: WordTable) -> str:
    """The words that moved the model most towards the kind."""
    moved = table.contributions(item.words, position)
    strongest = sorted(range(len(moved)), key=lambda place: (-moved[place], place))[:_TOLD_WORDS]
    told = [f"'{item.words[place]}' {moved[place]:+.1f}" for place in strongest if moved[place] > _LEAST_MOVED]
    return "model: " + (", ".join(told) if told else "the sentence as a whole")
