"""How bad it is, and which of the customer's expectations were missed: rules over the words of the evidence and beside it."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterable
from importlib import resources

from insights.classify.phrases import PhraseIndex, parse_phrases
from insights.domain import PROBLEM_KINDS, Expectation, Kind, Severity


@functools.cache
def _rules() -> tuple[PhraseIndex, tuple[Severity | Expectation, ...]]:
    """The phrases of ``severity.toml`` with what each group of them shows."""
    data = _data()
    groups: list[tuple[Severity | Expectation, list[str]]] = [(Severity(name), texts) for name, texts in data["severity"].items()]
    groups += [(Expectation(name), texts) for name, texts in data["expectation"].items()]
    return PhraseIndex([parse_phrases(texts) for _, texts in groups]), tuple(meaning for meaning, _ in groups)


@functools.cache
def _losses() -> PhraseIndex:
    """The phrases of high severity alone: all that counts beside the evidence."""
    return PhraseIndex([parse_phrases(_data()["severity"]["high"])])


def _data() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(resources.files("insights.classify").joinpath("severity.toml").read_text(encoding="utf-8"))


def severity_of(kind: Kind, evidence: Iterable[tuple[str, ...]], around: Iterable[tuple[str, ...]], declared: Severity | None) -> Severity:
    """Returns the severity by the codebook.

    Args:
        kind: Ideas, opportunities, praise and mentions of rivals alone are low, unless the customer is leaving.
        evidence: Normalised words of each evidence sentence.
        around: Those of the customer's other sentences: a loss told beside the evidence counts, safety and law do not.
        declared: Severity the taxonomy gives the topic: the least it has.
    """
    least = declared or Severity.LOW
    if kind not in PROBLEM_KINDS:
        return least
    found = shown_by(evidence)
    if Severity.CRITICAL in found:
        measured = Severity.CRITICAL
    elif Severity.HIGH in found or any(_losses().find(words) for words in around):
        measured = Severity.HIGH
    elif kind is Kind.PROCESS_FAILURE or Severity.MEDIUM in found:
        measured = Severity.MEDIUM
    else:
        measured = Severity.LOW
    return max(measured, least, key=lambda severity: severity.rank)


def expectations_of(kind: Kind, evidence: Iterable[tuple[str, ...]], declared: Iterable[Expectation]) -> tuple[Expectation, ...]:
    """Returns the expectations missed, in the codebook's order; only problems miss any."""
    if kind not in PROBLEM_KINDS:
        return ()
    missed = {*declared, *(meaning for meaning in shown_by(evidence) if isinstance(meaning, Expectation))}
    return tuple(expectation for expectation in Expectation if expectation in missed)


def shown_by(sentences: Iterable[tuple[str, ...]]) -> frozenset[Severity | Expectation]:
    """Returns what the sentences' words show."""
    index, meanings = _rules()
    return frozenset(meanings[found.owner] for words in sentences for found in index.find(words))
