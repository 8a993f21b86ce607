"""Which rival a customer speaks of, declared or not, and in which role: rules over the words (``rivals.toml``).

Names that are everyday words ("three times", "the orange cable") count only where they are written or used as names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from insights.classify.cues import built_in_cues
from insights.classify.phrases import Tokens, word_set
from insights.classify.rival_names import AFTER_NAME, DETERMINERS, Candidate, candidates_in, has_capital, may_end_name, words_of
from insights.classify.rival_rules import BETTER, PRICE, RIVAL, SIGNAL, STRONG, rival_rules
from insights.domain import RivalRole

_CURRENCY = re.compile(r"[£$€]\s?\Z")
_MONEY_WORDS = word_set("pounds pound quid dollars dollar bucks euros euro pence p usd gbp eur")
_NUMBERS = word_set(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
    " twenty thirty forty fifty sixty seventy eighty ninety hundred fiver tenner"
)
_BEFORE_PRICE = word_set("quoted quote only just its pay pays paying paid want wants charge charges under for at do does")
_PERIODS = word_set("month pm year annum week")
_BEFORE_NAME = word_set("to from than with at on by join joined joining for of via")
_NOT_COMPARATIVES = word_set(
    "never ever over after other another under rather later further either whether however number answer customer offer order letter router computer"
)
_NEUTRAL_QUESTIONS = word_set("do does did is are was can could will would may have has")
_ACTS = word_set("is are was were has have had does do did can could would will looks seems gives gave lets takes took")
_SHORT = {"2": "to", "4": "for", "w": "with", "frm": "from"}  # as people type before a name
_ARTICLES = word_set("a an the my your our")


@dataclass(frozen=True, slots=True)
class Rival:
    """A rival in a sentence.

    Attributes:
        name: The declared label, the name as people spell it, or the words for one that is not named ("another bank").
        role: What it is there for.
        declared: Whether the taxonomy declares it.
        words: The words, half-open, of the sentence.
        why: One line for people.
    """

    name: str
    role: RivalRole
    declared: bool
    words: tuple[int, int]
    why: str


def best_rival(
    sentences: Sequence[tuple[str, Tokens, Sequence[tuple[str, int, int]]]], around: Iterable[Sequence[str]] = (), *, certain: bool
) -> Rival | None:
    """Returns the rival the sentences are about, or None.

    A declared name comes before others, a role before a bare mention, a name before "another bank".

    Args:
        sentences: Text, words and declared rivals (label, start and end in code points) of each.
        around: Normalised words of the contact's other sentences, where the demand may stand that makes an offer a lever.
        certain: Whether it is known that the sentences speak of a rival: a bare name then suffices.
    """
    demands = any(_demands(words) for words in (*(tokens.words for _, tokens, _ in sentences), *around))
    ranked: list[tuple[tuple[int, ...], Rival]] = []
    for row, (text, tokens, declared) in enumerate(sentences):
        for candidate in candidates_in(text, tokens, declared):
            if not candidate.declared and not _is_name(text, tokens, candidate.start, candidate.end, certain=certain):
                continue
            role, why = _role(text, tokens, candidate, certain=certain, demands=demands)
            if role is None or (role is RivalRole.MENTIONED and not (candidate.declared or certain)):
                continue
            rival = Rival(candidate.name, role, candidate.declared, (candidate.start, candidate.end), why)
            bare = role is RivalRole.MENTIONED
            ranked.append(
                ((not candidate.declared, candidate.initial, bare, not candidate.named, _rank(role), row, candidate.start), rival)
            )
    return min(ranked, key=lambda pair: pair[0])[1] if ranked else None


def stands_as_name(text: str, tokens: Tokens, first: int, last: int, *, certain: bool = False) -> bool:
    """Whether a name is used as one and not as the everyday word it also is.

    Args:
        text: The sentence.
        tokens: Its words.
        first: Code point at which the name begins.
        last: Code point at which it ends.
        certain: Whether it is known that the sentence speaks of a rival.
    """
    return _is_name(text, tokens, *words_of(tokens, first, last), certain=certain)


def _is_name(text: str, tokens: Tokens, start: int, end: int, *, certain: bool = False) -> bool:
    name = " ".join(tokens.words[start:end])
    if name.removesuffix("s") not in rival_rules().everyday and name not in rival_rules().everyday:
        return True
    candidate = Candidate(name, start, end)
    capital = text[tokens.starts[start]].isupper() and not text.isupper()
    if has_capital(text, tokens, start):
        return True
    if certain and capital and may_end_name(text, tokens, end):
        return True
    if not may_end_name(text, tokens, end) or (start > 0 and tokens.words[start - 1] in DETERMINERS and not capital):
        return False
    role, _ = _role(text, tokens, candidate, certain=certain, demands=False)
    if role in (None, RivalRole.MENTIONED):
        return False
    # "Signal is hopeless", "three is better": only what governs the word makes a name of it.
    governed = start > 0 and tokens.words[start - 1] in _BEFORE_NAME
    return governed or role not in (RivalRole.COMPARED_BETTER, RivalRole.COMPARED_WORSE)


def _by_signals(text: str, tokens: Tokens, candidate: Candidate, signals: Counter[str]) -> RivalRole | None:
    """The role most signals hint at; without any, a rival that does something is held up as the better one, unless we are praised."""
    if "?" in text and tokens.words[0] in _NEUTRAL_QUESTIONS:
        return None
    if signals:
        best = max(signals.values())
        return next(RivalRole(name) for name, _ in rival_rules().meaning if signals[name] == best)
    tone = built_in_cues().words
    positive, negative = tone["positive"].intersection(tokens.words), tone["negative"].intersection(tokens.words)
    acts = tokens.words[candidate.end : candidate.end + 1]
    if acts and acts[0] in _ACTS:
        said = tokens.words[candidate.end : candidate.end + 8]
        return RivalRole.COMPARED_WORSE if negative.intersection(said) else RivalRole.COMPARED_BETTER
    if positive and not negative:
        return RivalRole.COMPARED_WORSE
    return RivalRole.COMPARED_BETTER if candidate.start == 0 else None


def _rank(role: RivalRole) -> int:
    return tuple(RivalRole).index(role)


def _demands(words: Sequence[str]) -> bool:
    return bool(rival_rules().demands.find(words))


def _role(text: str, tokens: Tokens, candidate: Candidate, *, certain: bool, demands: bool) -> tuple[RivalRole | None, str]:
    """The role a candidate has and why; None where it is no rival at all."""
    rules = rival_rules()
    line = _line(text, tokens, candidate)
    found: dict[str, str] = {}
    matches = sorted((rules.meaning[one.owner][1], one.owner, one.phrase) for one in rules.index.find(line))
    signals: Counter[str] = Counter()
    for depth, owner, phrase in matches:
        name = rules.meaning[owner][0]
        if depth == SIGNAL:
            signals[name] += 1
        elif depth == STRONG or (candidate.sure and candidate.named and name in _MOVES) or (not found and (certain or not candidate.named)):
            found.setdefault(name, rules.texts[owner][phrase])
    if "unless" in found and not candidate.declared and not certain:
        return None, ""
    if not candidate.named and "unless" in found:
        return None, ""
    if {rules.meaning[owner][0] for depth, owner, _ in matches if depth == STRONG} == {"unless"}:
        return RivalRole.MENTIONED, f"rival named: '{candidate.name}'"
    role = next((RivalRole(name) for name, _ in rules.meaning if name in found and name not in ("unless", "threat")), None)
    if role in (RivalRole.COMPARED_BETTER, RivalRole.COMPARED_WORSE) and rules.money.find(line):
        role, found["compared_price"] = RivalRole.COMPARED_PRICE, found[role]
    if role is None and candidate.left:
        role = RivalRole.SWITCHED_FROM
    if role is None and certain:
        role = _by_signals(text, tokens, candidate, signals)
    if "threat" in found or (demands and role in _LEVERS):
        return RivalRole.LEVERAGE, f"rival as a lever: '{candidate.name}'"
    return role or RivalRole.MENTIONED, f"rival {role or 'named'}: '{found.get(role or '', candidate.name)}'"


_MOVES = frozenset({"switching_to", "switched_from"})
_LEVERS = frozenset({RivalRole.COMPARED_PRICE, RivalRole.COMPARED_BETTER, RivalRole.SWITCHING_TO, None})


def _line(text: str, tokens: Tokens, candidate: Candidate) -> list[str]:
    """The words with the candidate and sums of money replaced by their marks."""
    line: list[str] = []
    for place, word in enumerate(tokens.words):
        if place == candidate.start:
            if line and line[-1] in _ARTICLES:
                line.pop()
            if line and line[-1] in _SHORT:
                line.append(_SHORT[line.pop()])
            line.append(RIVAL)
        if not candidate.start <= place < candidate.end:
            line.append(PRICE if _is_price(text, tokens, place) else BETTER if _compares(tokens, place) else word)
    return line


def _compares(tokens: Tokens, place: int) -> bool:
    """Whether a word is a comparative, by its ending and the "than" that follows."""
    word = tokens.words[place]
    if not word.endswith("er") or len(word) < 5 or word in _NOT_COMPARATIVES:
        return False
    rules = rival_rules()
    return "than" in tokens.words[place + 1 : place + 6] and word not in rules.worse and not rules.money.find([word])


def _is_price(text: str, tokens: Tokens, place: int) -> bool:
    word, after = tokens.words[place], tokens.words[place + 1 : place + 4]
    if not word[0].isdigit() and word not in _NUMBERS:
        return False
    if _CURRENCY.search(text, 0, tokens.starts[place]) or text[tokens.ends[place] : tokens.ends[place] + 1] in {"£", "$", "€"}:
        return True
    if word[0].isdigit() and (word.endswith("p") or re.match(r"[.,]\d\d?\b", text[tokens.ends[place] :])):
        return True
    if after[:1] and (after[0] in _MONEY_WORDS or (len(after) > 1 and after[0] in {"a", "per"} and after[1] in _PERIODS)):
        return True
    before = tokens.words[place - 1] if place else ""
    return before in _BEFORE_PRICE and (not after or after[0] in AFTER_NAME)
