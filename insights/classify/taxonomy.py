"""A taxonomy made ready for matching: topics with their phrases, names of products and competitors, and a hash."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from insights.classify.phrases import Phrase, PhraseError, parse_phrase, tokens_of
from insights.config.models import CompetitorRule, ProductRule, Taxonomy, TopicRule
from insights.config.toml import line_of
from insights.domain import Expectation, Kind, Severity
from insights.errors import ConfigError, Fault


@dataclass(frozen=True, slots=True)
class CompiledTopic:
    """A declared topic with its phrases read; ``severity`` and ``product`` are None where the topic leaves them open."""

    key: str
    label: str
    kind: Kind
    any: tuple[Phrase, ...]
    all: tuple[Phrase, ...]
    unless: tuple[Phrase, ...]
    severity: Severity | None
    expectations: tuple[Expectation, ...]
    product: str | None


@dataclass(frozen=True, slots=True)
class Names:
    """Names of products or competitors as people write them.

    Attributes:
        labels: Key to label.
        first_words: First word of every name: a sentence without any of them holds no name.
        pattern: Finds a name as whole words, longest first; None where there are no names.
        keys: Normalised name to key.
    """

    labels: dict[str, str]
    first_words: frozenset[str]
    pattern: re.Pattern[str] | None
    keys: dict[str, str]

    def find(self, text: str, words: Iterable[str] | None = None) -> list[tuple[str, int, int]]:
        """Returns (key, start, end) of every name in ``text``, in order; ``words`` are its normalised words where known."""
        if self.pattern is None:
            return []
        if self.first_words.isdisjoint(tokens_of(text).words if words is None else words):
            return []
        found = ((self.keys.get(_name_key(match.group())), match) for match in self.pattern.finditer(text))
        return [(key, *match.span()) for key, match in found if key is not None]


@dataclass(frozen=True, slots=True)
class Rival:
    """When a competitor's name counts: an ambiguous name needs a hint nearby, and no name counts beside ``unless``."""

    key: str
    label: str
    ambiguous: bool
    hints: tuple[Phrase, ...]
    unless: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class CompiledTaxonomy:
    """Topics, products and competitors ready for matching; ``hash`` changes whenever the taxonomy's content does."""

    hash: str
    topics: tuple[CompiledTopic, ...]
    products: Names
    competitors: Names
    rivals: dict[str, Rival]

    @property
    def protected_names(self) -> tuple[str, ...]:
        """Every label and alias of products and competitors: names that are no personal data and must stay readable."""
        names = {*self.products.labels.values(), *self.competitors.labels.values(), *self.products.keys, *self.competitors.keys}
        return tuple(sorted(names))

    def product_key(self, text: str | None) -> str | None:
        """Returns the key of the first product named in ``text``, by key, label or alias; None where none is."""
        return _first_key(self.products, text)

    def competitor_key(self, text: str | None) -> str | None:
        """Returns the key of the first competitor named in ``text``, by key, label or alias; None where none is."""
        return _first_key(self.competitors, text)

    def topic(self, key: str) -> CompiledTopic | None:
        """Returns the topic of that key, or None."""
        return next((topic for topic in self.topics if topic.key == key), None)


def _first_key(names: Names, text: str | None) -> str | None:
    if not text or text in names.labels:
        return text or None
    found = names.find(text)
    return found[0][0] if found else None


def compile_taxonomy(
    taxonomy: Taxonomy, *, shown: str = "taxonomy.toml", lines: Mapping[tuple[str | int, ...], int] | None = None
) -> CompiledTaxonomy:
    """Reads the phrases and names of a taxonomy.

    Args:
        taxonomy: As it was written.
        shown: The file's name in faults.
        lines: Lines of its keys, from ``config.toml.locate``; without them a fault names no line.

    Raises:
        ConfigError: Phrases that cannot be read, all of them told at once.
    """
    reading = _Reading(shown, dict(lines or {}), [])
    topics = tuple(_topic(key, rule, reading) for key, rule in sorted(taxonomy.topic.items()))
    rivals = {key: _rival(key, rule, reading) for key, rule in sorted(taxonomy.competitor.items())}
    if reading.faults:
        raise ConfigError(sorted(reading.faults, key=lambda fault: fault.line))
    return CompiledTaxonomy(_hash(taxonomy), topics, _names(taxonomy.product), _names(taxonomy.competitor), rivals)


@dataclass(frozen=True, slots=True)
class _Reading:
    """Reads phrases and keeps the faults of those that cannot be read."""

    shown: str
    lines: dict[tuple[str | int, ...], int]
    faults: list[Fault]

    def phrases(self, path: tuple[str, ...], texts: Sequence[str]) -> tuple[Phrase, ...]:
        phrases = []
        for index, text in enumerate(texts):
            try:
                phrases.append(parse_phrase(text))
            except PhraseError as error:
                line = line_of(self.lines, (*path, index))
                self.faults.append(Fault(self.shown, line, ".".join(path), f'phrase "{text}" {error}', error.hint))
        return tuple(phrases)


def names_of(rule: ProductRule | CompetitorRule) -> tuple[str, ...]:
    """Returns label and aliases, each once."""
    return tuple(dict.fromkeys((rule.label, *rule.aliases)))


def _topic(key: str, rule: TopicRule, reading: _Reading) -> CompiledTopic:
    some, every, never = (
        reading.phrases(("topic", key, part), texts) for part, texts in (("any", rule.any), ("all", rule.all), ("unless", rule.unless))
    )
    return CompiledTopic(key, rule.label, rule.kind, some, every, never, rule.severity, tuple(rule.expectations), rule.product)


def _rival(key: str, rule: CompetitorRule, reading: _Reading) -> Rival:
    hints, never = (reading.phrases(("competitor", key, part), texts) for part, texts in (("hints", rule.hints), ("unless", rule.unless)))
    return Rival(key, rule.label, rule.ambiguous, hints, never)


def _names(rules: Mapping[str, ProductRule | CompetitorRule]) -> Names:
    labels: dict[str, str] = {}
    keys: dict[str, str] = {}
    first_words: set[str] = set()
    for key, rule in sorted(rules.items()):
        labels[key] = rule.label
        for name in names_of(rule):
            words = tokens_of(name).words
            if words:
                keys.setdefault(_name_key(name), key)
                first_words |= {words[0], words[0] + "s"}  # "Netflix's" is one word
    expressions = [_name_expression(name) for name in sorted(keys, key=lambda name: (-len(name), name))]
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(expressions) + r")(?!\w)", re.IGNORECASE) if expressions else None
    return Names(labels, frozenset(first_words), pattern, keys)


def _name_key(name: str) -> str:
    return " ".join(name.casefold().replace("’", "'").split())


def _name_expression(name: str) -> str:
    return r"\s+".join(re.escape(part).replace("'", "['’]") for part in name.split())


def _hash(taxonomy: Taxonomy) -> str:
    content = json.dumps(taxonomy.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(content.encode("utf-8")).hexdigest()[:12]


def check_taxonomy(
    taxonomy: Taxonomy, compiled: CompiledTaxonomy, *, shown: str, lines: Mapping[tuple[str | int, ...], int]
) -> list[Fault]:
    """Returns faults and warnings of a taxonomy that can be read: its examples, its rules and its names, in the order of lines."""
    from insights.classify.examples import example_faults
    from insights.classify.names import name_faults
    from insights.classify.reach import rule_faults

    def fault(path: tuple[str | int, ...], problem: str, hint: str, *, warning: bool = False) -> Fault:
        key = ".".join(part for part in path if isinstance(part, str))
        return Fault(shown, line_of(known, path), key, problem, hint, warning)

    known = dict(lines)
    found = [*example_faults(taxonomy, compiled, fault), *rule_faults(taxonomy, compiled, fault), *name_faults(taxonomy, fault)]
    return sorted(found, key=lambda one: one.line)
