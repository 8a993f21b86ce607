"""Rules that can never decide: phrases that others always forestall, words no text holds, topics another topic covers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from insights.classify.phrases import GAP_WORDS, Phrase, Step
from insights.classify.taxonomy import CompiledTaxonomy, CompiledTopic
from insights.config.models import Taxonomy, TopicRule
from insights.errors import Fault

# Above so many states a phrase is taken to be reachable: the check may miss a dead rule, never accuse a live one.
_MOST_STATES = 20_000
_CLITICS = ("n't", "'s", "'ve", "'re", "'ll", "'d", "'m", "'t")

_Position = tuple[int, int]  # a sequence of steps, and the step that is awaited
_MakeFault = Callable[..., Fault]


def rule_faults(taxonomy: Taxonomy, compiled: CompiledTaxonomy, fault: _MakeFault) -> list[Fault]:
    """Returns faults of rules that can never decide, and warnings of those that decide nothing of their own.

    Args:
        taxonomy: As it was written.
        compiled: The same, compiled.
        fault: Makes a fault of a key's path, a problem and a hint; a warning on wish.
    """
    found: list[Fault] = []
    by_key = {topic.key: topic for topic in compiled.topics}
    for key, rule in taxonomy.topic.items():
        for place, problem, hint in _dead(by_key[key]):
            found.append(fault(("topic", key, *place), problem, hint))
        idle = [*_idle(by_key[key]), *_never_a_word(rule)]
        found += [fault(("topic", key, *place), problem, hint, warning=True) for place, problem, hint in idle]
    for key, other in _covered_topics(compiled.topics):
        problem = f"every phrase of it is found by {other} too, so it never stands alone"
        found.append(fault(("topic", key), problem, "take the words from one of them, or make them one topic", warning=True))
    return found


def always_found(phrase: Phrase, others: Sequence[Phrase], *, from_start: bool = False) -> bool:
    """Whether every run of words that ``phrase`` finds holds one of ``others``.

    The words are followed step by step, all readings at once, as in a proof that one automaton's language lies in another's. Where the
    answer cannot be proved it is no.

    Args:
        phrase: The phrase.
        others: Phrases, one of which has to be found in the same words.
        from_start: It has to begin with the phrase's own first word: what guards a match looks at the words before it.
    """
    wanted = [_drawn_out(variant) for other in others for variant in other.variants]
    walk = _Walk(wanted, frozenset().union(*(_ahead(wanted, (number, 0)) for number in range(len(wanted)))), from_start)
    return bool(wanted) and all(walk.always(_drawn_out(variant)) for variant in phrase.variants)


@dataclass(frozen=True, slots=True)
class _Walk:
    """Follows the words of one phrase and keeps where in the wanted sequences they may stand."""

    wanted: Sequence[Sequence[Step]]
    begins: frozenset[_Position]
    from_start: bool

    def always(self, steps: Sequence[Step]) -> bool:
        waiting: list[tuple[int, frozenset[_Position]]] = [(0, self.begins)]
        seen = set(waiting)
        while waiting:
            place, at = waiting.pop()
            if place == len(steps):
                return False
            for following in self._after(place, steps[place], at):
                if following[1] is not None and following not in seen:
                    seen.add(following)
                    waiting.append(following)
            if len(seen) > _MOST_STATES:
                return False
        return True

    def _after(self, place: int, step: Step, at: frozenset[_Position]) -> Iterator[tuple[int, frozenset[_Position]]]:
        if step.optional:
            yield place + 1, at
        for word, is_prefix in _readings(step):
            moved: set[_Position] = set() if self.from_start else set(self.begins)
            done = False
            for number, awaited in at:
                if _accepts(self.wanted[number][awaited], word, is_prefix):
                    moved |= _ahead(self.wanted, (number, awaited + 1))
                    done = done or self._is_done(number, awaited + 1)
            if not done:
                yield place + 1, frozenset(moved)

    def _is_done(self, number: int, awaited: int) -> bool:
        return all(step.optional for step in self.wanted[number][awaited:])


def _drawn_out(variant: Sequence[Step]) -> list[Step]:
    """A gap is so many words that may be missing."""
    drawn: list[Step] = []
    for step in variant:
        drawn += [Step(optional=True)] * GAP_WORDS if step.is_gap else [step]
    return drawn


def _ahead(wanted: Sequence[Sequence[Step]], position: _Position) -> frozenset[_Position]:
    """The steps that may be awaited at a position: the next one, and those behind steps that may be missing."""
    number, awaited = position
    found = []
    for place in range(awaited, len(wanted[number])):
        found.append((number, place))
        if not wanted[number][place].optional:
            break
    return frozenset(found)


def _readings(step: Step) -> list[tuple[str, bool]]:
    """The words a step may stand for: each word, each beginning (True), or any word at all ("")."""
    return [("", True)] if step.is_gap else [*((word, False) for word in step.words), *((prefix, True) for prefix in step.prefixes)]


def _accepts(step: Step, word: str, is_prefix: bool) -> bool:
    """Whether a step takes every word of a reading."""
    if step.is_gap:
        return True
    return (not is_prefix and word in step.words) or any(word.startswith(prefix) for prefix in step.prefixes)


def _dead(topic: CompiledTopic) -> Iterator[tuple[tuple[str, int], str, str]]:
    """Phrases that can never make the topic, because what forbids it stands in all they find."""
    for part, phrases in (("any", topic.any), ("all", topic.all)):
        for index, phrase in enumerate(phrases):
            for never in topic.unless:
                if always_found(phrase, [never]):
                    problem = f'"{phrase.text}" can never decide: unless "{never.text}" stands in all it finds'
                    yield (part, index), problem, "narrow the unless, or take the phrase away"
                    break


def _idle(topic: CompiledTopic) -> Iterator[tuple[tuple[str, int], str, str]]:
    """Phrases whose removal would change nothing: other phrases of the same list find all they find."""
    for part, phrases in (("any", topic.any), ("all", topic.all), ("unless", topic.unless)):
        for index, phrase in enumerate(phrases):
            earlier = next((other for other in phrases[:index] if other.variants == phrase.variants), None)
            if earlier is not None:
                yield (part, index), f'"{phrase.text}" stands twice', "take one of them away"
            elif part != "all" and (others := _alike(phrase, phrases, index)) and always_found(phrase, others, from_start=part == "any"):
                names = ", ".join(f'"{other.text}"' for other in _needed(phrase, others, from_start=part == "any"))
                yield (part, index), f'"{phrase.text}" decides nothing of its own: {names} finds all it finds', "take it away"


def _alike(phrase: Phrase, phrases: Sequence[Phrase], index: int) -> list[Phrase]:
    """The other phrases that may find what a phrase finds; of twins only the earlier."""
    return [
        other
        for number, other in enumerate(phrases)
        if number != index and not (other.variants == phrase.variants and number > index) and _may_meet(phrase, other)
    ]


def _may_meet(phrase: Phrase, other: Phrase) -> bool:
    """Whether some step of ``phrase`` has a word for some step of ``other``: without one it cannot find the same."""
    own = [reading for variant in phrase.variants for step in variant if not step.is_gap for reading in _readings(step)]
    steps = [step for variant in other.variants for step in variant if not step.is_gap]
    return any(_accepts(step, *reading) for reading in own for step in steps)


def _needed(phrase: Phrase, others: Sequence[Phrase], *, from_start: bool) -> list[Phrase]:
    """As few of the others as suffice, the first of several."""
    kept = list(others)
    for other in others:
        without = [one for one in kept if one is not other]
        if always_found(phrase, without, from_start=from_start):
            kept = without
    return kept


def _never_a_word(rule: TopicRule) -> Iterator[tuple[tuple[str, int], str, str]]:
    """Words that no text holds once its words are made alike, such as an "n't" of its own."""
    parts: Mapping[str, Sequence[str]] = {"any": rule.any, "all": rule.all, "unless": rule.unless}
    for name, texts in parts.items():
        for index, text in enumerate(texts):
            alone = [choice for part in text.replace("’", "'").split() for choice in part.rstrip("?*").split("|") if choice in _CLITICS]
            for choice in alone:
                problem = f'"{choice}" in "{text}" is never a word of its own: it belongs to the word before it'
                yield (name, index), problem, f"write the whole word, such as {_WHOLE.get(choice, 'it' + choice)}"


_WHOLE = {"n't": "hasn't", "'t": "hasn't", "'m": "i'm"}


def _covered_topics(topics: Sequence[CompiledTopic]) -> Iterator[tuple[str, str]]:
    """Topics of which another of the same kind, with no more conditions, finds all they find."""
    for topic in topics:
        for other in topics:
            if other is topic or other.kind is not topic.kind or other.all or not other.any or not topic.any:
                continue
            forbids = {phrase.text for phrase in topic.unless}
            if any(phrase.text not in forbids for phrase in other.unless):
                continue
            if all(_may_meet(phrase, _joined(other)) and always_found(phrase, other.any, from_start=True) for phrase in topic.any):
                yield topic.key, other.key
                break


def _joined(topic: CompiledTopic) -> Phrase:
    return Phrase("", tuple(variant for phrase in topic.any for variant in phrase.variants))
