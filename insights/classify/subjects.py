"""What an insight is about, in the words themselves: a process step every trade has, or the thing that is complained of, praised or asked for.

No trained grammar: short rules over the words of a clause and lists of words that cannot be the name of a thing (``subjects.toml``). The
result is shown and searched, never part of an id: rules may become better without a correction losing what it corrects.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources

from insights.classify.phrases import PhraseIndex, Tokens, parse_phrases, word_set
from insights.domain import PROBLEM_KINDS, Kind

_MOST_WORDS = 4  # of a thing, without what a preposition adds
_STOP = re.compile(r"[,;:.!?()\n–—\"]|\s-+\s")
_ADDING = word_set("of to in on for with at")  # prepositions that add to a thing: "the export to Excel"
_ASKING = word_set("why does do did is are was were has have can could will would how come what when where")
_VERB_FOLLOWS = word_set(
    "to i you we they cant cannot couldnt can could wont will would dont didnt doesnt must should shouldnt let please not unable"
)
_NAMING = word_set("the a an my your our")  # what follows these is no verb: "the left speaker"
_NO_GROUP: frozenset[str] = frozenset()
_QUANTITIES = word_set("half most some one two all none lot lots many few any much part both each rest")
_FIRST_OF_TWO = word_set(
    "sales savings customs sports claims news goods series gas terms games parts records benefits points rewards returns accounts complaints services"
)
_LIKE_VERBS = word_set("speed need feed seed breed")
_LIKE_ADVERBS = word_set("family reply supply assembly anomaly butterfly jelly belly ally daily weekly monthly")


def subject_of(kind: Kind, text: str, tokens: Tokens) -> str:
    """Returns what a sentence of evidence is about, as its words have it, or an empty text.

    Args:
        kind: The kind it is evidence for: a wish is about what is wished for, a complaint about what fails. Not a competitive
            mention, which is about its rival.
        text: The sentence.
        tokens: Its words.
    """
    rules = _rules()
    if kind is Kind.PROCESS_FAILURE and (found := rules.steps.find(tokens.words)):
        return rules.step_names[found[0].owner]
    if kind in PROBLEM_KINDS and (found := rules.functions.find(tokens.words)):
        return rules.function_names[found[0].owner]
    sentence = _Sentence(text, tokens)
    if kind in PROBLEM_KINDS:
        return _begun_with(sentence) or _object(sentence) or _pointed_at(sentence, Kind.PRODUCT_ISSUE) or _any_thing(sentence)
    if kind is Kind.TESTIMONIAL:
        return _begun_with(sentence) or _pointed_at(sentence, kind) or _object(sentence) or _any_thing(sentence)
    return _pointed_at(sentence, kind) or _begun_with(sentence) or _object(sentence) or _any_thing(sentence)


@dataclass(frozen=True, slots=True)
class _Rules:
    """``subjects.toml`` made ready."""

    steps: PhraseIndex
    step_names: tuple[str, ...]
    functions: PhraseIndex
    function_names: tuple[str, ...]
    after: Mapping[Kind, PhraseIndex]
    verb: Mapping[Kind, PhraseIndex]
    groups_of: Mapping[str, frozenset[str]]


@functools.cache
def _rules() -> _Rules:
    data = tomllib.loads(resources.files("insights.classify").joinpath("subjects.toml").read_text(encoding="utf-8"))

    groups = {name: word_set(words) for name, words in data["words"].items()}

    def indexed(tables: Iterable[Mapping[str, list[str]]]) -> PhraseIndex:
        return PhraseIndex([parse_phrases(table["phrases"]) for table in tables])

    return _Rules(
        indexed(data["step"]),
        tuple(step["name"] for step in data["step"]),
        indexed(data["function"]),
        tuple(function["name"] for function in data["function"]),
        {Kind(name): indexed([table]) for name, table in data["after"].items()},
        {Kind(name): indexed([table]) for name, table in data["verb"].items()},
        {word: frozenset(name for name, words in groups.items() if word in words) for word in frozenset().union(*groups.values())},
    )


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence with what its words can be."""

    text: str
    tokens: Tokens

    def word(self, place: int) -> str:
        return self.tokens.words[place] if 0 <= place < len(self.tokens.words) else ""

    def is_a(self, place: int, *groups: str) -> bool:
        return not _rules().groups_of.get(self.word(place), _NO_GROUP).isdisjoint(groups)

    def breaks_before(self, place: int) -> bool:
        """Whether a mark of punctuation stands between a word and the one before it."""
        return (
            0 < place < len(self.tokens.words)
            and _STOP.search(self.text, self.tokens.ends[place - 1], self.tokens.starts[place]) is not None
        )

    def is_verb(self, place: int) -> bool:
        """Whether a word is a verb here: by the list, by its ending, or by what stands around it."""
        word = self.word(place)
        if self.word(place - 1) in _NAMING and not self.breaks_before(place):
            return False
        if self.is_a(place, "verbs") or (len(word) > 4 and word.endswith("ed") and word not in _LIKE_VERBS):
            return True
        named = self.word(place - 1) == "to" and self.text[self.tokens.starts[place]].isupper()
        if (
            self.word(place - 1) in _VERB_FOLLOWS
            and not named
            and not self.breaks_before(place)
            and not self.is_a(place, "articles", "prepositions", "adverbs")
        ):
            return True
        objects = self.is_a(place + 1, "articles", "pronouns", "adverbs") and not self.breaks_before(place + 1)
        return word.endswith("s") and not word.endswith("ss") and objects and place > 0 and self.is_thing(place - 1)

    def is_thing(self, place: int) -> bool:
        """Whether a word can be part of a thing's name."""
        word = self.word(place)
        if not word or word.startswith("[") or self.is_a(place, "articles", "pronouns", "prepositions", "joins", "adverbs"):
            return False
        return word in _LIKE_ADVERBS or not (len(word) > 4 and word.endswith("ly"))

    def shown(self, start: int, end: int) -> str:
        """The words as written, a capital at the beginning of a sentence undone where it says nothing."""
        quote = self.text[self.tokens.starts[start] : self.tokens.ends[end - 1]]
        quote = re.sub(r"['’]s\b$", "", " ".join(quote.split()))
        if self.text.isupper():
            return quote.lower()
        begins = start == 0 or self.breaks_before(start)
        first = quote.split(" ")[0]
        return quote[:1].lower() + quote[1:] if begins and first[1:].islower() else quote


def _thing_from(sentence: _Sentence, place: int, *, adding: bool) -> tuple[int, int] | None:
    """The thing that begins at or shortly after a word: articles, adverbs and opinions are passed over; None where none begins."""
    if sentence.word(place + 1) == "of" and sentence.word(place) in _QUANTITIES:
        place += 2
    while sentence.is_a(place, "articles", "adverbs", "opinions") and not (place and sentence.breaks_before(place + 1)):
        place += 1
    end = place
    while (
        end - place < _MOST_WORDS
        and sentence.is_thing(end)
        and not sentence.is_verb(end)
        and not (end > place and sentence.breaks_before(end))
    ):
        end += 1
    while end > place and sentence.is_a(end - 1, "opinions"):
        end -= 1
    if end == place or all(sentence.word(one).isdigit() for one in range(place, end)):
        return None
    if adding and sentence.word(end) in _ADDING and not sentence.breaks_before(end):
        more = end + 1
        while sentence.is_a(more, "articles"):
            more += 1
        last = more
        while (
            last - more < _MOST_WORDS
            and sentence.is_thing(last)
            and not sentence.is_verb(last)
            and not (last > more and sentence.breaks_before(last))
        ):
            last += 1
        if last > more:
            end = last
    return place, end


def _begun_with(sentence: _Sentence) -> str:
    """The thing a clause begins with, where a verb follows."""
    for start in _clause_starts(sentence):
        place = start
        while (sentence.is_a(place, "adverbs", "joins") or sentence.word(place) in _ASKING) and sentence.word(place + 1) != "of":
            place += 1
        if sentence.is_a(place, "prepositions") and (when := _thing_from(sentence, place + 1, adding=False)):
            place = when[1]  # "since Tuesday the heating is …"
        if sentence.is_a(place, "pronouns") and not sentence.is_thing(place + 1):
            continue
        thing = _without_verb(sentence, _thing_from(sentence, place, adding=True))
        if thing and thing[0] - place <= 3 and _verb_follows(sentence, thing):
            return sentence.shown(*thing)
    return ""


def _verb_follows(sentence: _Sentence, thing: tuple[int, int]) -> bool:
    last = thing[1]
    cut_short = last < len(sentence.tokens.words) and sentence.is_thing(last) and not sentence.breaks_before(last)
    return cut_short or sentence.is_verb(last) or sentence.is_a(last, "adverbs") or sentence.word(last) == "no"


def _without_verb(sentence: _Sentence, thing: tuple[int, int] | None) -> tuple[int, int] | None:
    """Leaves out a last word that can only be the verb: no name of a thing goes on after a plural ("earphones hurt")."""
    if thing is None or thing[1] - thing[0] < 2:
        return thing
    before, last = sentence.word(thing[1] - 2), sentence.word(thing[1] - 1)
    plural = (
        len(before) > 3
        and sentence.is_thing(thing[1] - 2)
        and before.endswith("s")
        and not before.endswith("ss")
        and before not in _FIRST_OF_TWO
    )
    return (thing[0], thing[1] - 1) if plural and not last.endswith("s") and not last[0].isdigit() else thing


def _object(sentence: _Sentence) -> str:
    """What stands after the first verb of a clause."""
    for start in _clause_starts(sentence):
        place, seen = start, False
        while place < len(sentence.tokens.words) and not (place > start and sentence.breaks_before(place)):
            if sentence.is_verb(place):
                seen = True
            elif (
                seen
                and (sentence.is_thing(place) or sentence.is_a(place, "articles"))
                and (thing := _thing_from(sentence, place, adding=False))
            ):
                return sentence.shown(*thing)
            place += 1
    return ""


def _clause_starts(sentence: _Sentence) -> list[int]:
    words = sentence.tokens.words
    return [place for place in range(len(words)) if place == 0 or sentence.breaks_before(place) or sentence.is_a(place - 1, "joins")]


def _pointed_at(sentence: _Sentence, kind: Kind) -> str:
    """The thing, or the thing to do, after words that point at it, such as "please add"."""
    rules = _rules()
    ends = sorted({one.end for one in rules.after[kind].find(sentence.tokens.words)})
    deeds = sorted({one.end for one in rules.verb[kind].find(sentence.tokens.words)}) if kind in rules.verb else []
    for end in ends:
        while sentence.is_a(end, "prepositions") or sentence.is_a(end, "pronouns"):
            end += 1
        if thing := _thing_from(sentence, end, adding=kind is not Kind.TESTIMONIAL):
            deed = _thing_from(sentence, thing[1] + 2, adding=False) if sentence.word(thing[1]) == "to" else None
            return sentence.shown(thing[0], deed[1] if deed and deed[0] - thing[1] <= 4 else thing[1])
    for end in deeds:
        thing = _thing_from(sentence, end + 1, adding=False) if sentence.word(end) else None
        if thing and thing[0] - end <= 4:
            return sentence.shown(end, thing[1])
    return ""


def _any_thing(sentence: _Sentence) -> str:
    """The first thing of the sentence."""
    for place in range(len(sentence.tokens.words)):
        if sentence.is_thing(place) and not sentence.is_verb(place) and (thing := _thing_from(sentence, place, adding=False)):
            return sentence.shown(*thing)
    return ""
