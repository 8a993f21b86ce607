"""Whether the names of a taxonomy can be found, and stand for one thing each."""

from __future__ import annotations

from collections.abc import Callable

from insights.classify.phrases import PhraseIndex, parse_phrases, tokens_of
from insights.classify.taxonomy import names_of
from insights.config.models import CompetitorRule, Taxonomy
from insights.errors import Fault


def name_faults(taxonomy: Taxonomy, fault: Callable[..., Fault]) -> list[Fault]:
    """Returns faults of product and competitor names.

    Args:
        taxonomy: One whose phrases can be read.
        fault: Makes a fault of a key's path, a problem and a hint.
    """
    found: list[Fault] = []
    taken: dict[str, str] = {}
    for table, rules in (("product", taxonomy.product), ("competitor", taxonomy.competitor)):
        for key, rule in rules.items():
            for name in names_of(rule):
                own = ("label",) if name == rule.label else ("aliases", rule.aliases.index(name))
                path = (table, key, *own)
                normal = " ".join(name.casefold().replace("’", "'").split())
                if not tokens_of(name).words:
                    found.append(fault(path, f'the name "{name}" holds no word and can never be found', "write it as people do"))
                elif taken.setdefault(normal, f"{table}.{key}") != f"{table}.{key}":
                    found.append(fault(path, f'"{name}" is also a name of {taken[normal]}', "a name may stand for one thing only"))
    for key, competitor in taxonomy.competitor.items():
        if competitor.ambiguous and not competitor.hints:
            found.append(fault(("competitor", key), "is ambiguous but has no hints", "give words that must stand nearby under hints"))
        found += _forbidden_names(key, competitor, fault)
    return found


def _forbidden_names(key: str, competitor: CompetitorRule, fault: Callable[..., Fault]) -> list[Fault]:
    """Names that never count, because a phrase under unless stands in the name itself."""
    index = PhraseIndex([parse_phrases(competitor.unless)])
    found = []
    for name in names_of(competitor):
        for one in index.find(tokens_of(name).words)[:1]:
            own = ("label",) if name == competitor.label else ("aliases", competitor.aliases.index(name))
            phrase = competitor.unless[one.phrase]
            problem = f'"{name}" can never count: "{phrase}" under unless stands in it'
            found.append(fault(("competitor", key, *own), problem, "narrow the unless, or take the name away"))
    return found
