"""Whether a taxonomy keeps its word: its examples are run, each failure with the words that decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from insights.classify.annotate import Annotated
from insights.classify.patterns import PatternHit, PatternMatcher
from insights.classify.phrases import Phrase, PhraseIndex, tokens_of
from insights.classify.taxonomy import CompiledTaxonomy, CompiledTopic
from insights.config.models import Taxonomy, TopicRule
from insights.domain import Role, Sentence
from insights.errors import Fault, nearest

MakeFault = Callable[..., Fault]


def example_faults(taxonomy: Taxonomy, compiled: CompiledTaxonomy, fault: MakeFault) -> list[Fault]:
    """Returns what is wrong with topics by their own examples.

    Args:
        taxonomy: As it was written.
        compiled: The same, compiled.
        fault: Makes a fault of a key's path, a problem and a hint; a warning on wish.
    """
    found: list[Fault] = []
    bench = _Bench(taxonomy, compiled)
    for key, topic in taxonomy.topic.items():
        path = ("topic", key)
        if not topic.any and not topic.all:
            if not topic.match and taxonomy.examples is None:
                hint = "give it phrases under any or all, or ten examples under match to learn it from"
                found.append(fault(path, "no phrase recognises it", hint))
        elif not topic.match:
            hint = "give one or more sentences under match"
            found.append(fault(path, "no example proves its phrases", hint, warning=True))
        if topic.product and topic.product not in taxonomy.product:
            hint = nearest(topic.product, taxonomy.product) or "declare it as [product.KEY]"
            found.append(fault((*path, "product"), f'no product "{topic.product}"', hint))
        found += [fault((*path, *place), problem, hint) for place, problem, hint in bench.failures(key, topic)]
    return found


class _Bench:
    """Runs examples against all topics."""

    def __init__(self, taxonomy: Taxonomy, compiled: CompiledTaxonomy) -> None:
        self._kinds = {key: topic.kind for key, topic in taxonomy.topic.items()}
        self._compiled = {topic.key: topic for topic in compiled.topics}
        self._matcher = PatternMatcher(compiled)

    def failures(self, key: str, topic: TopicRule) -> Iterator[tuple[tuple[str, int], str, str]]:
        """Yields place, problem and hint of each example that does not come out as it should."""
        for index, text in enumerate(topic.match):
            row, hits = self._read(text)
            if (topic.any or topic.all) and (key not in hits or hits[key].guard):
                yield ("match", index), f'not recognised: "{text}"', self._why_not(self._compiled[key], row, hits.get(key))
                continue
            for other in sorted(hits):
                if other != key and not hits[other].guard and self._kinds[other] is topic.kind:
                    hint = f"by {_words(row, hits[other])}; make one of them narrower, or forbid the other's words under unless"
                    yield ("match", index), f'"{text}" is also recognised as {other}', hint
        for index, text in enumerate(topic.no_match):
            row, hits = self._read(text)
            if key in hits and not hits[key].guard:
                hint = f"by {_words(row, hits[key])}; narrow the phrase, or forbid words under unless"
                yield ("no_match", index), f'recognised, but should not be: "{text}"', hint

    def _read(self, text: str) -> tuple[Annotated, dict[str, PatternHit]]:
        # Declared topics rest on the words alone: cues and colours are not looked for.
        row = Annotated(Sentence(0, 0, len(text), text, Role.CUSTOMER), tokens_of(text), "", (), (), ())
        return row, {hit.topic.key: hit for hit in self._matcher.find([row]) if hit.topic}

    @staticmethod
    def _why_not(topic: CompiledTopic, row: Annotated, hit: PatternHit | None) -> str:
        """What keeps a topic from a sentence: a guard, a phrase under unless or all, or no phrase at all."""
        if hit is not None:
            return f"{_words(row, hit)} is {hit.guard}; take a plainer sentence"
        words = row.tokens.words
        forbidden = PhraseIndex([topic.unless]).find(words)
        if forbidden:
            first = forbidden[0]
            said = row.sentence.text[row.tokens.starts[first.start] : row.tokens.ends[first.end - 1]]
            return f"'{said}' is forbidden by unless \"{topic.unless[first.phrase].text}\""
        there = {one.phrase for one in PhraseIndex([topic.all]).find(words)}
        missing = next((phrase.text for number, phrase in enumerate(topic.all) if number not in there), "")
        if missing:
            return f'"{missing}" under all is missing'
        near = _nearest_phrase(topic.any, words)
        return f'no phrase fits; the nearest is "{near}"' if near else "no phrase fits"


def _words(row: Annotated, hit: PatternHit) -> str:
    """The words that decided, and the phrase they fit."""
    said = row.sentence.text[row.tokens.starts[hit.start] : row.tokens.ends[hit.end - 1]]
    return f"'{said}' ({hit.why})"


def _nearest_phrase(phrases: tuple[Phrase, ...], words: tuple[str, ...]) -> str:
    """The phrase of which most places find their word in the sentence, in any order; empty where none finds any."""

    def share(phrase: Phrase) -> float:
        return max(
            sum(any(word in step.words or word.startswith(tuple(step.prefixes)) for word in words) for step in variant if not step.is_gap)
            / sum(not step.is_gap for step in variant)
            for variant in phrase.variants
        )

    best = max(phrases, key=share, default=None)
    return best.text if best is not None and share(best) > 0 else ""
