"""What stands in a sentence: its words, the cues with what guards them, and the numbers a model reads."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from insights.classify.cues import Cues, built_in_cues
from insights.classify.features import normal_words
from insights.classify.guards import guard, is_script, line_of
from insights.classify.phrases import PhraseIndex, Tokens, tokens_of, word_set
from insights.domain import Kind, Role, Sentence

_NEAR = 3  # words before a word of praise in which a negator turns it
_MOST = 2.0
_NEGATORS = word_set("not no never without hardly isnt wasnt arent werent dont didnt doesnt cant couldnt wont wouldnt nothing")


@dataclass(frozen=True, slots=True)
class CueHit:
    """A cue's phrase in a sentence: positions of cue and phrase, words ``start`` to ``end``, and what guards it, if anything."""

    cue: int
    phrase: int
    start: int
    end: int
    guard: str


@dataclass(frozen=True, slots=True)
class Annotated:
    """A sentence that may give evidence, read once for all annotators.

    Attributes:
        sentence: The sentence.
        tokens: Its words with offsets into the sentence.
        line: The words, each between blanks.
        words: The words the model knows.
        hits: Cues found.
        colour: n_colours counts and signs; see ``Annotator.colours``.
    """

    sentence: Sentence
    tokens: Tokens
    line: str
    words: tuple[str, ...]
    hits: tuple[CueHit, ...]
    colour: tuple[float, ...]


class Annotator:
    """Reads sentences.

    Args:
        cues: The cues; the built-in ones where None.
    """

    def __init__(self, cues: Cues | None = None) -> None:
        self.cues = cues or built_in_cues()
        self._index = PhraseIndex([phrases for cue in self.cues.cues for phrases in (cue.phrases, cue.unless)])
        # Every phrase is a feature of its own and adds to its cue's count.
        self.phrase_offsets = (0, *itertools.accumulate(len(cue.phrases) for cue in self.cues.cues))

        self._groups = tuple(sorted(self.cues.words))
        self._positive, self._negative, self._toward = (self._groups.index(name) for name in ("positive", "negative", "toward"))
        self._groups_of: dict[str, tuple[int, ...]] = {}
        for number, name in enumerate(self._groups):
            for word in self.cues.words[name]:
                self._groups_of[word] = (*self._groups_of.get(word, ()), number)

    @property
    def colours(self) -> tuple[str, ...]:
        """Names of the entries of ``Annotated.colour``."""
        groups = tuple(f"words:{name}" for name in self._groups)
        cues = tuple(f"cue:{cue.key}" for cue in self.cues.cues)
        return (
            *groups,
            "praise turned round",
            "praise alone",
            "question",
            "exclamation",
            "toward a name",
            *cues,
            *(f"guarded {name}" for name in cues),
        )

    def read(self, sentence: Sentence) -> Annotated:
        """Returns the sentence with its words, cues and colours."""
        tokens = tokens_of(sentence.text)
        line = line_of(tokens)
        hits = self._hits(sentence.text, tokens)
        return Annotated(sentence, tokens, line, normal_words(tokens), hits, self._colour(sentence.text, tokens, hits))

    def _hits(self, text: str, tokens: Tokens) -> tuple[CueHit, ...]:
        all_found = self._index.find(tokens.words)
        silenced = {found.owner - 1 for found in all_found if found.owner % 2}
        hits = []
        for found in all_found:
            if found.owner % 2 == 0:
                kind = self.cues.cues[found.owner // 2].kind
                why_not = "silenced" if found.owner in silenced else guard(kind, text, tokens, found.start, found.end)
                hits.append(CueHit(found.owner // 2, found.phrase, found.start, found.end, why_not))
        return tuple(hits)

    def _colour(self, text: str, tokens: Tokens, hits: Sequence[CueHit]) -> tuple[float, ...]:
        scale = max(len(tokens.words), 1) ** -0.5
        counts = [0.0] * len(self._groups)
        turned, lead = 0, False
        for place, word in enumerate(tokens.words):
            for group in self._groups_of.get(word, ()):
                counts[group] += scale
                if group == self._positive and not _NEGATORS.isdisjoint(tokens.words[max(0, place - _NEAR) : place]):
                    turned += 1
                lead = lead or (group == self._toward and _name_follows(text, tokens, place))
        praise_alone = counts[self._positive] > 0 and not counts[self._negative] and not turned
        number = len(self.cues.cues)
        cues = [0.0] * (2 * number)
        for hit in hits:
            place = hit.cue + (number if hit.guard else 0)
            cues[place] = min(cues[place] + 1, _MOST)
        return (*counts, turned * scale, float(praise_alone), float("?" in text), float("!" in text), float(lead), *cues)


def _name_follows(text: str, tokens: Tokens, place: int) -> bool:
    """Whether a name, written with a capital as names are, stands shortly after a word such as "joining" or "than"."""
    if text.isupper():
        return False
    after = range(place + 1, min(place + 1 + _NEAR, len(tokens.words)))
    return any(text[tokens.starts[follower]].isupper() and tokens.words[follower][0] != "i" for follower in after)


def script_turns(sentences: Sequence[Annotated]) -> frozenset[int]:
    """Returns the turns of unknown speakers that sound like an agent's script."""
    return frozenset(item.sentence.turn for item in sentences if item.sentence.role is Role.UNKNOWN and is_script(item.line))


def kinds_of(hits: Sequence[CueHit], cues: Cues) -> frozenset[Kind]:
    """Returns the kinds for which a cue speaks unguarded."""
    return frozenset(cues.cues[hit.cue].kind for hit in hits if not hit.guard)
