"""The built-in cues: what people say, in any trade, when they mean one of the six kinds (``cues.toml``)."""

from __future__ import annotations

import functools
import hashlib
import tomllib
from dataclasses import dataclass
from importlib import resources

from insights.classify.phrases import Phrase, parse_phrases
from insights.domain import Expectation, Kind


@dataclass(frozen=True, slots=True)
class Cue:
    """Phrases that speak for one kind.

    Attributes:
        key: Name, such as ``waiting``.
        kind: The kind they speak for.
        phrases: One is enough.
        unless: Phrases that silence the cue in the sentence.
        expectations: Expectations of the customer that such words show missed.
    """

    key: str
    kind: Kind
    phrases: tuple[Phrase, ...]
    unless: tuple[Phrase, ...]
    expectations: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True)
class Cues:
    """All cues, the groups of words that colour a sentence, and a hash that changes whenever either does."""

    cues: tuple[Cue, ...]
    words: dict[str, frozenset[str]]
    hash: str


@functools.cache
def built_in_cues() -> Cues:
    """Returns the cues and words in the order of the file."""
    text = resources.files("insights.classify").joinpath("cues.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    cues = tuple(
        Cue(
            table["key"],
            Kind(table["kind"]),
            parse_phrases(table["phrases"]),
            parse_phrases(table.get("unless", ())),
            tuple(Expectation(name) for name in table.get("expectations", ())),
        )
        for table in data["cue"]
    )
    words = {name: frozenset(text.split()) for name, text in data["words"].items()}
    return Cues(cues, words, hashlib.sha256(repr(data).encode("utf-8")).hexdigest()[:12])
