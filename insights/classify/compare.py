"""The same interactions under two taxonomies: read once, judged twice, and by the model only where the taxonomies differ."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from insights.classify import Classifier
from insights.classify.annotate import Annotated, Annotator
from insights.classify.guards import admits, may_speak
from insights.classify.patterns import PatternMatcher
from insights.classify.taxonomy import CompiledTaxonomy, CompiledTopic, Names
from insights.domain import PROBLEM_KINDS, Insight, Interaction, Role, Sentence

Reading = tuple[Interaction, Sequence[Sentence]]


@dataclass(frozen=True, slots=True)
class Compared:
    """What two taxonomies find in one interaction.

    Attributes:
        old: Findings under the one.
        new: Findings under the other; the same kinds, topics and decisions as ``old`` where not ``whole``.
        whole: False where both agree and the model was not asked: then only what a taxonomy recognises is listed.
    """

    old: tuple[Insight, ...]
    new: tuple[Insight, ...]
    whole: bool


class Comparer:
    """Compares two classifiers that differ in their taxonomies alone.

    A finding follows from what the taxonomy recognises and from what the model says of the sentences that may speak. Where the taxonomies
    recognise the same and let the same sentences speak, the model's word is the same too and need not be asked for.

    Args:
        old: Classifier of the one taxonomy.
        new: Classifier of the other, with the same model and thresholds.
        taxonomies: The two, compiled.
        annotator: Reads each sentence once; the classifiers may share it.
    """

    def __init__(
        self, old: Classifier, new: Classifier, taxonomies: tuple[CompiledTaxonomy, CompiledTaxonomy], annotator: OnceAnnotator
    ) -> None:
        self._whole = (old, new)
        self._annotator = annotator
        self._declared = tuple(Classifier(taxonomy, None, annotator=self._annotator) for taxonomy in taxonomies)
        self._matchers = tuple(PatternMatcher(taxonomy) for taxonomy in taxonomies)
        self._changed = tuple(map(PatternMatcher, _changed(*taxonomies)))
        self._same_rivals = (
            _said_alike(taxonomies[0].competitors, taxonomies[1].competitors) and taxonomies[0].rivals == taxonomies[1].rivals
        )
        self._taxonomies = taxonomies
        self._same_names = _said_alike(taxonomies[0].products, taxonomies[1].products)

    def compare(self, batch: Sequence[Reading], *, wholly: Collection[str] = ()) -> list[Compared]:
        """Returns what both find, in the order of the batch.

        Args:
            batch: Redacted interactions, each with its sentences.
            wholly: Ids of interactions of which all findings are wanted even where both agree.
        """
        self._annotator.forget()
        old = self._declared[0].classify(batch)
        new = list(old)
        touched = [place for place, reading in enumerate(batch) if not self._untouched(reading)]
        for place, other in zip(touched, self._declared[1].classify([batch[place] for place in touched]), strict=True):
            new[place] = other
        asked = [
            place
            for place, (reading, one, other) in enumerate(zip(batch, old, new, strict=True))
            if reading[0].id in wholly or not self._agree(reading, one, other)
        ]
        compared = [Compared(one, other, whole=False) for one, other in zip(old, new, strict=True)]
        again = [batch[place] for place in asked]
        for place, one, other in zip(asked, *(classifier.classify(again) for classifier in self._whole), strict=True):
            compared[place] = Compared(one, other, whole=True)
        return compared

    def _agree(self, reading: Reading, old: Sequence[Insight], new: Sequence[Insight]) -> bool:
        """Whether the model would say the same of both, and what it says would have the same subject and learnt topic."""
        if len({classifier.learnt for classifier in self._whole}) > 1:
            return False
        if not all(classifier.patterns_suffice for classifier in self._whole) or _said(old) != _said(new):
            return False
        interaction, sentences = reading
        return self._admit_the_same(sentences) and (self._same_names or self._name_the_same(interaction, sentences))

    def _untouched(self, reading: Reading) -> bool:
        """Whether no topic that differs between the taxonomies is recognised differently in any sentence that may be looked at."""
        if not self._same_rivals:
            return False
        old, new = self._changed
        return all(_recognised(old, item) == _recognised(new, item) for item in self._looked_at(reading[1]))

    def _looked_at(self, sentences: Sequence[Sentence]) -> Iterator[Annotated]:
        return (self._annotator.read(one) for one in sentences if may_speak(one) or one.role is Role.AGENT)

    def _admit_the_same(self, sentences: Sequence[Sentence]) -> bool:
        """Whether the same of an agent's sentences may speak: those that admit what a taxonomy knows as a problem."""
        for item in self._looked_at(sentences):
            if not may_speak(item.sentence) and admits(item.line) and len({_is_problem(matcher, item) for matcher in self._matchers}) > 1:
                return False
        return True

    def _name_the_same(self, interaction: Interaction, sentences: Sequence[Sentence]) -> bool:
        old, new = self._taxonomies
        if _label(old, interaction.product) != _label(new, interaction.product):
            return False
        return all(_labels(old.products, item) == _labels(new.products, item) for item in self._looked_at(sentences))


class OnceAnnotator(Annotator):
    """Reads each sentence of a batch once, for whoever asks."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[Sentence, Annotated] = {}

    def read(self, sentence: Sentence) -> Annotated:
        """Returns the sentence as it was read before, or reads it."""
        item = self._seen.get(sentence)
        if item is None:
            item = self._seen[sentence] = super().read(sentence)
        return item

    def forget(self) -> None:
        """Drops what was read: sentences of one batch do not come again in the next."""
        self._seen.clear()


def _said(insights: Sequence[Insight]) -> set[tuple[str, str | None, str]]:
    return {(insight.kind, insight.topic, insight.subject) for insight in insights}


def _changed(*taxonomies: CompiledTaxonomy) -> tuple[CompiledTaxonomy, ...]:
    """The taxonomies without the topics that mean the same in both, and without names; a topic's product stands by its label."""

    def meant(taxonomy: CompiledTaxonomy) -> dict[str, CompiledTopic]:
        labels = taxonomy.products.labels
        return {topic.key: replace(topic, product=labels.get(topic.product or "")) for topic in taxonomy.topics}

    old, new = map(meant, taxonomies)
    nameless = Names({}, frozenset(), None, {})
    return tuple(
        replace(
            taxonomy,
            topics=tuple(topic for key, topic in own.items() if other.get(key) != topic),
            competitors=nameless,
            rivals={},
        )
        for taxonomy, own, other in zip(taxonomies, (old, new), (new, old), strict=True)
    )


def _recognised(matcher: PatternMatcher, item: Annotated) -> list[tuple[object, ...]]:
    return [(hit.kind, hit.topic, hit.guard, hit.start, hit.end) for hit in matcher.find([item])]


def _is_problem(matcher: PatternMatcher, item: Annotated) -> bool:
    return any(not hit.guard and hit.kind in PROBLEM_KINDS for hit in matcher.find([item]))


def _said_alike(old: Names, new: Names) -> bool:
    return old.keys == new.keys and old.labels == new.labels


def _label(taxonomy: CompiledTaxonomy, product: str | None) -> str | None:
    key = taxonomy.product_key(product)
    return taxonomy.products.labels[key] if key else product


def _labels(names: Names, item: Annotated) -> list[str]:
    return [names.labels[key] for key, _, _ in names.find(item.sentence.text, item.tokens.words)]
