"""Whether a taxonomy keeps its word: its examples, its names, and topics that get in each other's way."""

from __future__ import annotations

from collections.abc import Callable

from insights.classify.annotate import Annotator
from insights.classify.patterns import PatternMatcher
from insights.classify.phrases import tokens_of
from insights.classify.taxonomy import CompiledTaxonomy, names_of
from insights.config.models import Taxonomy
from insights.config.toml import Path_, line_of
from insights.domain import Role, Sentence
from insights.errors import Fault, nearest

_Fault = Callable[..., Fault]


def faults_of(taxonomy: Taxonomy, compiled: CompiledTaxonomy, *, shown: str, lines: dict[Path_, int]) -> list[Fault]:
    """Returns every fault, in the order of the taxonomy.

    Args:
        taxonomy: As it was written.
        compiled: The same, compiled.
        shown: The file's name in messages.
        lines: Key paths to lines.
    """

    def fault(path: tuple[str, ...], problem: str, hint: str = "") -> Fault:
        return Fault(shown, line_of(lines, path), ".".join(path), problem, hint)

    found: list[Fault] = []
    matcher, annotator = PatternMatcher(compiled), Annotator()

    def recognised(text: str) -> dict[str, str]:
        """Topics found in an example, each with what guards it."""
        row = annotator.read(Sentence(0, 0, len(text), text, Role.CUSTOMER))
        return {hit.topic.key: hit.guard for hit in matcher.find([row]) if hit.topic}

    for key, topic in taxonomy.topic.items():
        path = ("topic", key)
        if not topic.any and not topic.all:
            found.append(fault(path, "no phrase recognises it", "give it phrases under any or all"))
        if topic.product and topic.product not in taxonomy.product:
            found.append(fault((*path, "product"), f'no product "{topic.product}"', nearest(topic.product, taxonomy.product)))
        for text in topic.match:
            hits = recognised(text)
            if hits.get(key, "none"):
                why = f"it is {hits[key]}" if key in hits else "no phrase fits"
                found.append(fault((*path, "match"), f'not recognised: "{text}"', why))
            for other in sorted(hits):
                if other != key and not hits[other] and taxonomy.topic[other].kind is topic.kind and key in hits:
                    hint = "make one of them narrower, or forbid the other's words under unless"
                    found.append(fault((*path, "match"), f'"{text}" is also recognised as {other}', hint))
        for text in topic.no_match:
            if recognised(text).get(key, "none") == "":
                found.append(
                    fault(
                        (*path, "no_match"), f'recognised, but should not be: "{text}"', "narrow the phrases or forbid words under unless"
                    )
                )
    return found + _name_faults(taxonomy, fault)


def _name_faults(taxonomy: Taxonomy, fault: _Fault) -> list[Fault]:
    found: list[Fault] = []
    taken: dict[str, str] = {}
    for table, rules in (("product", taxonomy.product), ("competitor", taxonomy.competitor)):
        for key, rule in rules.items():
            for name in names_of(rule):
                path = (table, key, "aliases" if name != rule.label else "label")
                normal = " ".join(name.casefold().split())
                if not tokens_of(name).words:
                    found.append(fault(path, f'the name "{name}" holds no word and can never be found', "write it as people do"))
                elif taken.setdefault(normal, f"{table}.{key}") != f"{table}.{key}":
                    found.append(fault(path, f'"{name}" is also a name of {taken[normal]}', "a name may stand for one thing only"))
    for key, competitor in taxonomy.competitor.items():
        if competitor.ambiguous and not competitor.hints:
            found.append(fault(("competitor", key), "is ambiguous but has no hints", "give words that must stand nearby under hints"))
    return found
