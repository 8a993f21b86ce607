"""Which rival a customer speaks of, declared or not, and in which role: rules over the words (``rivals.toml``).

Names that are everyday words ("three times", "the orange cable") count only where they are written or used as names.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from insights.classify.cues import built_in_cues
from insights.classify.phrases import PhraseIndex, Tokens, parse_phrases, word_set
from insights.domain import RivalRole

_RIVAL, _PRICE, _BETTER = "[rival]", "[price]", "[better]"
_MOST_NAME_WORDS = 4
_CURRENCY = re.compile(r"[£$€]\s?\Z")
_MONEY_WORDS = word_set("pounds pound quid dollars dollar bucks euros euro pence p usd gbp eur")
_NUMBERS = word_set(
    "ten twelve fifteen sixteen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred fiver tenner"
)
_BEFORE_PRICE = word_set("quoted quote only just its pay pays paying paid want wants charge charges under for at do does")
_PERIODS = word_set("month pm year annum week")
_JOINED = re.compile(r"\s?&\s?|[-. ]")
_STOP = re.compile(r"[,;:.!?()\n–—\"]|\s-+\s")
# What may follow a name directly; anything else after "three" or "orange" makes them a number and a colour.
_AFTER_NAME = word_set(
    "a an the and or but so as at if in on for from of to with by because since before after when while until instead now then too also either though although next this last"
    " is are was were has have had do does did dont doesnt didnt can could will would wont wouldnt offer offers offered quoted quote charge charges give gives gave let lets never always"
    " who which that it its they their them you your we i im ive my me not just both again ever soon already today tomorrow yesterday later please"
)
_BEFORE_NAME = word_set("to from than with at on by join joined joining for of via")
_DEPTHS = ("phrases", "weak", "signals")  # of a role: what tells it, what does where a rival is meant, what only hints at it
_STRONG, _SIGNAL = 0, 2
_STREETS = word_set("street road lane avenue park square hill mall centre center drive close")
_NOT_COMPARATIVES = word_set(
    "never ever over after other another under rather later further either whether however number answer customer offer order letter router computer"
)
_NEUTRAL_QUESTIONS = word_set("do does did is are was can could will would may have has")
_ARTICLES = word_set("a an the my your our")
_DETERMINERS = word_set(
    "a an the my your our his her their this that these those some any every each another other two four five all both no one"
)


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


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Words that may name a rival; ``sure`` where it is one by the name alone, ``initial`` where a capital says nothing, ``left`` for "my old bank"."""

    name: str
    start: int
    end: int
    declared: bool = False
    named: bool = True
    sure: bool = False
    initial: bool = False
    left: bool = False


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
        for candidate in _candidates(text, tokens, declared, certain=certain):
            role, why = _role(text, tokens, candidate, certain=certain, demands=demands)
            if role is None or (role is RivalRole.MENTIONED and not (candidate.declared or certain)):
                continue
            rival = Rival(candidate.name, role, candidate.declared, (candidate.start, candidate.end), why)
            bare = role is RivalRole.MENTIONED
            ranked.append(
                ((not candidate.declared, candidate.initial, bare, not candidate.named, _rank(role), row, candidate.start), rival)
            )
    return min(ranked, key=lambda pair: pair[0])[1] if ranked else None


def words_of(tokens: Tokens, start: int, end: int) -> tuple[int, int]:
    """Returns the words, half-open, that stand in a stretch of code points; none where it holds no word."""
    inside = [place for place in range(len(tokens.words)) if tokens.starts[place] < end and tokens.ends[place] > start]
    return (inside[0], inside[-1] + 1) if inside else (0, 0)


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


def may_be_name(text: str, tokens: Tokens, first: int, last: int) -> bool:
    """Whether a name that is also an everyday word may be one by its capital or by what follows it; arguments as for ``stands_as_name``."""
    start, end = words_of(tokens, first, last)
    return _has_capital(text, tokens, start) or _may_end_name(text, tokens, end)


def _has_capital(text: str, tokens: Tokens, start: int) -> bool:
    """Whether a word has a capital that a name alone gives it."""
    return text[tokens.starts[start]].isupper() and not text.isupper() and not _begins_sentence(text, tokens, start)


def _is_name(text: str, tokens: Tokens, start: int, end: int, *, certain: bool = False) -> bool:
    name = " ".join(tokens.words[start:end])
    if name.removesuffix("s") not in _rules().everyday and name not in _rules().everyday:
        return True
    candidate = _Candidate(name, start, end)
    capital = text[tokens.starts[start]].isupper() and not text.isupper()
    if _has_capital(text, tokens, start):
        return True
    if certain and capital and _may_end_name(text, tokens, end):
        return True
    if not _may_end_name(text, tokens, end) or (start > 0 and tokens.words[start - 1] in _DETERMINERS and not capital):
        return False
    role, _ = _role(text, tokens, candidate, certain=certain, demands=False)
    if role in (None, RivalRole.MENTIONED):
        return False
    # "Signal is hopeless", "three is better": only what governs the word makes a name of it.
    governed = start > 0 and tokens.words[start - 1] in _BEFORE_NAME
    return governed or role not in (RivalRole.COMPARED_BETTER, RivalRole.COMPARED_WORSE)


@dataclass(frozen=True, slots=True)
class _Rules:
    """``rivals.toml`` made ready: phrases by role, then what silences and what demands; names by their normalised words."""

    index: PhraseIndex
    meaning: tuple[tuple[str, int], ...]
    texts: tuple[tuple[str, ...], ...]
    unnamed: PhraseIndex
    money: PhraseIndex
    demands: PhraseIndex
    everyday: frozenset[str]
    known: Mapping[tuple[str, ...], str]
    never: frozenset[str]
    worse: frozenset[str]


@functools.cache
def _rules() -> _Rules:
    from insights.classify.phrases import tokens_of

    data = tomllib.loads(resources.files("insights.classify").joinpath("rivals.toml").read_text(encoding="utf-8"))

    def written(texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(text.format_map(data["groups"]) for text in texts)

    meaning = [(role, depth) for role in data["role"] for depth in range(len(_DEPTHS))]
    groups = [written(data["role"][role].get(_DEPTHS[depth], ())) for role, depth in meaning]
    meaning += [("threat", _STRONG), ("unless", _STRONG)]
    groups += [written(data["leverage"]["threat"]), written(data["unless"]["phrases"])]
    what = "".join(data["unnamed"]["what"].split())
    unnamed = [
        [f"{data['unnamed']['which']} {what}", f"{data['unnamed']['which']} * {what}", *data["unnamed"]["phrases"]],
        [f"{data['unnamed']['before']} {what}"],
        data["unnamed"]["not"],
        [text.format(what=what) for text in data["unnamed"]["near"]],
    ]
    known = {tokens_of(name.strip()).words: name.strip() for name in data["names"]["known"].replace("\n", " ").split(",")}
    return _Rules(
        PhraseIndex([parse_phrases(group) for group in groups]),
        tuple(meaning),
        tuple(groups),
        PhraseIndex([parse_phrases(group) for group in unnamed]),
        PhraseIndex([parse_phrases([data["groups"]["money"], _PRICE.upper()])]),
        PhraseIndex([parse_phrases(written(data["leverage"]["phrases"]))]),
        word_set(data["names"]["everyday"]),
        known,
        word_set(data["names"]["never"]),
        word_set(data["groups"]["worse"].replace("|", " ")),
    )


def _by_signals(text: str, tokens: Tokens, candidate: _Candidate, signals: Counter[str]) -> RivalRole | None:
    """The role most signals hint at; without any, a rival that does something is held up as the better one, unless we are praised."""
    if "?" in text and tokens.words[0] in _NEUTRAL_QUESTIONS:
        return None
    if signals:
        best = max(signals.values())
        return next(RivalRole(name) for name, _ in _rules().meaning if signals[name] == best)
    words = set(tokens.words)
    tone = built_in_cues().words
    if words & tone["positive"] and not words & tone["negative"]:
        return RivalRole.COMPARED_WORSE
    acts = candidate.start == 0 or (tokens.words[candidate.start - 1] in {"at", "on", "the"} and candidate.start < 2)
    return RivalRole.COMPARED_BETTER if acts else None


def _rank(role: RivalRole) -> int:
    return tuple(RivalRole).index(role)


def _demands(words: Sequence[str]) -> bool:
    return bool(_rules().demands.find(words))


def _role(text: str, tokens: Tokens, candidate: _Candidate, *, certain: bool, demands: bool) -> tuple[RivalRole | None, str]:
    """The role a candidate has and why; None where it is no rival at all."""
    rules = _rules()
    line = _line(text, tokens, candidate)
    found: dict[str, str] = {}
    matches = sorted((rules.meaning[one.owner][1], one.owner, one.phrase) for one in rules.index.find(line))
    signals: Counter[str] = Counter()
    for depth, owner, phrase in matches:
        name = rules.meaning[owner][0]
        if depth == _SIGNAL:
            signals[name] += 1
        elif depth == _STRONG or (not found and (certain or not candidate.named)):
            found.setdefault(name, rules.texts[owner][phrase])
    if "unless" in found and not candidate.declared and not certain:
        return None, ""
    if not candidate.named and "unless" in found:
        return None, ""
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


_LEVERS = frozenset({RivalRole.COMPARED_PRICE, RivalRole.COMPARED_BETTER, RivalRole.SWITCHING_TO, None})


def _line(text: str, tokens: Tokens, candidate: _Candidate) -> list[str]:
    """The words with the candidate and sums of money replaced by their marks."""
    line: list[str] = []
    for place, word in enumerate(tokens.words):
        if place == candidate.start:
            if line and line[-1] in _ARTICLES:
                line.pop()
            line.append(_RIVAL)
        if not candidate.start <= place < candidate.end:
            line.append(_PRICE if _is_price(text, tokens, place) else _BETTER if _compares(tokens, place) else word)
    return line


def _compares(tokens: Tokens, place: int) -> bool:
    """Whether a word is a comparative, by its ending and the "than" that follows."""
    word = tokens.words[place]
    if not word.endswith("er") or len(word) < 5 or word in _NOT_COMPARATIVES:
        return False
    rules = _rules()
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
    return before in _BEFORE_PRICE and (not after or after[0] in _AFTER_NAME)


def _candidates(text: str, tokens: Tokens, declared: Sequence[tuple[str, int, int]], *, certain: bool) -> list[_Candidate]:
    """Everything in a sentence that may name a rival, in the order of the words, none overlapping another."""
    found: list[_Candidate] = []
    taken: set[int] = set()
    for candidate in (*_declared(tokens, declared), *_unnamed(tokens), *_names(text, tokens, certain=certain)):
        words = range(candidate.start, candidate.end)
        if taken.isdisjoint(words):
            taken.update(words)
            found.append(candidate)
    return found


def _declared(tokens: Tokens, declared: Sequence[tuple[str, int, int]]) -> Iterable[_Candidate]:
    for label, start, end in declared:
        first, last = words_of(tokens, start, end)
        if last > first:
            yield _Candidate(label, first, last, declared=True, sure=True)


def _names(text: str, tokens: Tokens, *, certain: bool) -> Iterable[_Candidate]:
    """Well-known names however they are written, and others by their capitals."""
    shouted = text.isupper()
    place = 0
    while place < len(tokens.words):
        known = _known_at(tokens, place)
        end = place + known if known else place
        if not shouted:
            while end < len(tokens.words) and end - place < _MOST_NAME_WORDS and _continues(text, tokens, place, end):
                end += 1
        if end == place:
            place += 1
            continue
        initial = _begins_sentence(text, tokens, place) and not known
        spelt = _rules().known.get(_plain(tokens.words[place:end])) or _bare(text[tokens.starts[place] : tokens.ends[end - 1]])
        if end - place > 1 and tokens.words[end - 1] in _STREETS and not known:
            place = end
            continue
        if known and not _is_name(text, tokens, place, end, certain=certain):
            place = end
            continue
        yield _Candidate(spelt, place, end, sure=bool(known), initial=initial)
        place = end


def _known_at(tokens: Tokens, place: int) -> int:
    """How many words from ``place`` on are a well-known name; the longest counts."""
    known = _rules().known
    return next(
        (
            size
            for size in range(_MOST_NAME_WORDS - 1, 0, -1)
            if _plain(tokens.words[place : place + size]) in known and place + size <= len(tokens.words)
        ),
        0,
    )


def _plain(words: Sequence[str]) -> tuple[str, ...]:
    """Words of a name without the s of a possessive."""
    own = tuple(words)
    return (*own[:-1], own[-1][:-1]) if own and own not in _rules().known and own[-1].endswith("s") else own


def _continues(text: str, tokens: Tokens, start: int, place: int) -> bool:
    """Whether the word at ``place`` belongs to a name that begins at ``start``, by its capital."""
    word = tokens.words[place]
    first = text[tokens.starts[place]]
    if not first.isupper() or word in _rules().never or word[0] == "[":
        return False
    if place > start:
        if _begins_sentence(text, tokens, start) and _known_at(tokens, place):
            return False
        return _JOINED.fullmatch(text, tokens.ends[place - 1], tokens.starts[place]) is not None and not tokens.words[place - 1].endswith(
            "s'"
        )
    if _begins_sentence(text, tokens, place):
        return word not in _AFTER_NAME and word not in _DETERMINERS and not word.endswith(("ing", "ly", "ed"))
    return True


def _begins_sentence(text: str, tokens: Tokens, place: int) -> bool:
    return place == 0 or re.search(r"[.!?\n:]", text[tokens.ends[place - 1] : tokens.starts[place]]) is not None


def _bare(name: str) -> str:
    """A name as people spell it, without a possessive."""
    name = " ".join(re.sub(r"['’]s?$", "", name).split())
    return name if name[:1].isupper() else name.title()


def _unnamed(tokens: Tokens) -> Iterable[_Candidate]:
    found = _rules().unnamed.find(tokens.words)
    if any(one.owner == 2 for one in found):
        return
    for one in sorted(found, key=lambda one: (one.owner, one.start, -one.end)):
        yield _Candidate(" ".join(tokens.words[one.start : one.end]), one.start, one.end, named=False, sure=True, left=one.owner == 1)


def _may_end_name(text: str, tokens: Tokens, end: int) -> bool:
    """Whether a name may end before word ``end``: at a break, or before a word that follows names."""
    if end >= len(tokens.words) or _STOP.search(text, tokens.ends[end - 1], tokens.starts[end]):
        return True
    return tokens.words[end] in _AFTER_NAME or tokens.words[end].endswith(("ed", "ing"))
