"""Votes of the taxonomy: declared topics and competitors found in sentences, unless a guard takes their force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from insights.classify.annotate import Annotated
from insights.classify.guards import guard
from insights.classify.phrases import Found, PhraseIndex
from insights.classify.rival_names import may_be_name, words_of
from insights.classify.rivals import stands_as_name
from insights.classify.taxonomy import CompiledTaxonomy, CompiledTopic
from insights.domain import Kind

TOPIC_PRIOR = 0.9  # probability that an unguarded declared pattern is right; a person wrote it with its examples
COMPETITOR_PRIOR = 0.8  # a declared rival's name in the customer's mouth


@dataclass(frozen=True, slots=True)
class PatternHit:
    """A declared topic or competitor in a sentence.

    Attributes:
        row: Position of the sentence among those read.
        by: Annotator, such as ``pattern:refund_late``.
        kind: The kind it speaks for.
        topic: The declared topic, or None for a bare competitor.
        subject: Label of the competitor, or empty.
        start: First word.
        end: Word after the last.
        score: Probability that it is right.
        why: One line for people.
        guard: What takes its force, or empty.
    """

    row: int
    by: str
    kind: Kind
    topic: CompiledTopic | None
    subject: str
    start: int
    end: int
    score: float
    why: str
    guard: str


class PatternMatcher:
    """Finds the topics and competitors of one taxonomy.

    Args:
        taxonomy: The compiled taxonomy.
    """

    def __init__(self, taxonomy: CompiledTaxonomy) -> None:
        self._taxonomy = taxonomy
        self._topics = PhraseIndex([phrases for topic in taxonomy.topics for phrases in (topic.any, topic.all, topic.unless)])
        self._rivals = list(taxonomy.rivals.values())
        self._hints = PhraseIndex([phrases for rival in self._rivals for phrases in (rival.hints, rival.unless)])

    def find(self, rows: Sequence[Annotated], neighbours: Mapping[int, Sequence[str]] | None = None) -> list[PatternHit]:
        """Returns the hits of one interaction's sentences, guarded ones included, ordered by sentence.

        Args:
            rows: The sentences that may give evidence.
            neighbours: For a row the words of the sentences before and after it, where hints may stand.
        """
        hits = []
        for row, item in enumerate(rows):
            hits += self._topic_hits(row, item)
            hits += self._competitor_hits(row, item, (neighbours or {}).get(row, ()))
        return hits

    def _topic_hits(self, row: int, item: Annotated) -> list[PatternHit]:
        found = self._topics.find(item.tokens.words)
        by_owner: dict[int, list[Found]] = {}
        for one in found:
            by_owner.setdefault(one.owner, []).append(one)
        hits = []
        for number in sorted({owner // 3 for owner in by_owner}):
            topic = self._taxonomy.topics[number]
            some, every, never = (by_owner.get(3 * number + part, []) for part in range(3))
            if never or (topic.any and not some) or len(every) < len(topic.all):
                continue
            hits.append(self._best(row, item, topic, some or every))
        return hits

    def _best(self, row: int, item: Annotated, topic: CompiledTopic, found: Sequence[Found]) -> PatternHit:
        """The first occurrence that no guard reaches, or the first of all with its guard."""
        judged = [(self._guard(topic.kind, item, one), one) for one in found]
        why_not, one = min(judged, key=lambda pair: (bool(pair[0]), pair[1].start, -pair[1].end))
        phrase = (topic.any or topic.all)[one.phrase].text
        return PatternHit(
            row, f"pattern:{topic.key}", topic.kind, topic, "", one.start, one.end, TOPIC_PRIOR, f"pattern {topic.key}: '{phrase}'", why_not
        )

    @staticmethod
    def _guard(kind: Kind, item: Annotated, one: Found) -> str:
        return guard(kind, item.sentence.text, item.tokens, one.start, one.end)

    def _competitor_hits(self, row: int, item: Annotated, near: Sequence[str]) -> list[PatternHit]:
        hits: list[PatternHit] = []
        for key, start, end in self._taxonomy.competitors.find(item.sentence.text, item.tokens.words):
            if any(hit.by == f"competitor:{key}" for hit in hits) or not self._counts(key, item, near, start, end):
                continue
            first = next((place for place, stop in enumerate(item.tokens.ends) if stop > start), 0)
            last = next((place for place, begin in enumerate(item.tokens.starts) if begin >= end), len(item.tokens.words))
            label = self._taxonomy.rivals[key].label
            why = f"competitor {key}: '{item.sentence.text[start:end]}'"
            hits.append(
                PatternHit(
                    row, f"competitor:{key}", Kind.COMPETITIVE_MENTION, None, label, first, max(last, first + 1), COMPETITOR_PRIOR, why, ""
                )
            )
        return hits

    def _counts(self, key: str, item: Annotated, near: Sequence[str], start: int, end: int) -> bool:
        """Whether a competitor's name stands for the competitor: one that is an everyday word too needs a hint, or to be used as a name."""
        number = next(place for place, rival in enumerate(self._rivals) if rival.key == key)
        text, tokens = item.sentence.text, item.tokens
        here = self._hints.find(tokens.words)
        if any(found.owner == 2 * number + 1 for found in here):
            return False
        hints = [found.start for found in here if found.owner == 2 * number]
        hinted = bool(hints) or any(found.owner == 2 * number for found in self._hints.find(near))
        if hinted and (may_be_name(text, tokens, start, end) or words_of(tokens, start, end)[1] in hints):
            return True
        return not self._rivals[number].ambiguous and stands_as_name(text, tokens, start, end)
