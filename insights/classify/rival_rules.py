"""``rivals.toml`` made ready for matching."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources

from insights.classify.phrases import PhraseIndex, parse_phrases, tokens_of, word_set

RIVAL, PRICE, BETTER = "[rival]", "[price]", "[better]"
"""Marks that stand in a line of words for the rival, a sum of money and a comparative."""
DEPTHS = ("phrases", "weak", "signals")
"""Of a role: what tells it, what does where a rival is meant, what only hints at it."""
STRONG, WEAK, SIGNAL = range(3)


@dataclass(frozen=True, slots=True)
class RivalRules:
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
def rival_rules() -> RivalRules:
    """Returns the rules, read once."""
    data = tomllib.loads(resources.files("insights.classify").joinpath("rivals.toml").read_text(encoding="utf-8"))

    def written(texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(text.format_map(data["groups"]) for text in texts)

    meaning = [(role, depth) for role in data["role"] for depth in range(len(DEPTHS))]
    groups = [written(data["role"][role].get(DEPTHS[depth], ())) for role, depth in meaning]
    meaning += [("threat", STRONG), ("unless", STRONG)]
    groups += [written(data["leverage"]["threat"]), written(data["unless"]["phrases"])]
    what = "".join(data["unnamed"]["what"].split())
    unnamed = [
        [f"{data['unnamed']['which']} {what}", f"{data['unnamed']['which']} * {what}", *data["unnamed"]["phrases"]],
        [f"{data['unnamed']['before']} {what}"],
        data["unnamed"]["not"],
        [text.format(what=what) for text in data["unnamed"]["near"]],
    ]
    known = {tokens_of(name.strip()).words: name.strip() for name in data["names"]["known"].replace("\n", " ").split(",")}
    return RivalRules(
        PhraseIndex([parse_phrases(group) for group in groups]),
        tuple(meaning),
        tuple(groups),
        PhraseIndex([parse_phrases(group) for group in unnamed]),
        PhraseIndex([parse_phrases([data["groups"]["money"], PRICE.upper()])]),
        PhraseIndex([parse_phrases(written(data["leverage"]["phrases"]))]),
        word_set(data["names"]["everyday"]),
        known,
        word_set(data["names"]["never"]),
        word_set(data["groups"]["worse"].replace("|", " ")),
    )
