"""What people found in an interaction, and what was said of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from insights.domain import PROBLEM_KINDS, Decision, Expectation, Insight, Interaction, Kind, Role, Severity, Visibility

KINDS = tuple(Kind)
MAIN = KINDS[:3]
_SCRIPTED = frozenset({Role.AGENT, Role.BOT})


@dataclass(frozen=True, slots=True)
class Truth:
    """What people found in one interaction.

    Attributes:
        id: The interaction's id.
        evidence: Kind to the excerpt that proves it.
        uncertain: Kinds that are not scored.
        source: Feed it comes from.
        channel: Its channel.
        severity: Of its strongest problem, or None where people told none.
        expectations: Those missed, or None where people were not asked.
        hidden: Kinds whose excerpt is not redacted: it is compared, never shown.
        shown_as: What people call the interaction; its id where empty.
    """

    id: str
    evidence: Mapping[Kind, str]
    uncertain: frozenset[Kind] = frozenset()
    source: str = ""
    channel: str = ""
    severity: Severity | None = None
    expectations: frozenset[Expectation] | None = None
    hidden: frozenset[Kind] = frozenset()
    shown_as: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What was predicted for one interaction; only a yes is a claim.

    Attributes:
        quotes: Kind claimed to its quotes, the most convincing first.
        confidences: Kind to confidence, for yes and undecided alike.
        severity: Of the strongest problem claimed; ``low`` for other kinds alone, None where nothing is claimed.
        expectations: Those the problems claimed show missed.
        verbatim: Quotes of claims that stand in the stored text where they are said to stand.
        scripted: Kinds claimed on nothing but what an agent or bot said to the customer.
        roles_marked: Whether it is known which turns are an agent's or bot's.
    """

    quotes: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)
    confidences: Mapping[Kind, float] = field(default_factory=dict)
    severity: Severity | None = None
    expectations: frozenset[Expectation] = frozenset()
    verbatim: int = 0
    scripted: frozenset[Kind] = frozenset()
    roles_marked: bool = False


NOTHING = Said()


def said_of(insights: Iterable[Insight], interaction: Interaction | None = None) -> Said:
    """Returns what the insights of one interaction say, in the form that is scored.

    Args:
        insights: Of one interaction.
        interaction: As it was analysed; without it nothing is known of roles and places.
    """
    found = list(insights)
    claims = [insight for insight in found if insight.decision is Decision.YES]
    problems = [insight for insight in claims if insight.kind in PROBLEM_KINDS]
    confidences: dict[Kind, float] = {}
    for insight in found:
        confidences[insight.kind] = max(insight.confidence, confidences.get(insight.kind, 0.0))
    quotes: dict[Kind, tuple[str, ...]] = {}
    for insight in claims:
        quotes[insight.kind] = (*quotes.get(insight.kind, ()), *(one.quote for one in insight.evidence[:1]))
    severities = [insight.severity for insight in problems] or [Severity.LOW] * bool(claims)
    turns = {turn.index: turn for turn in interaction.turns} if interaction else {}
    scripted = {index for index, turn in turns.items() if turn.role in _SCRIPTED and turn.visibility is Visibility.PUBLIC}
    spans = [(insight.kind, evidence) for insight in claims for evidence in insight.evidence]
    return Said(
        quotes,
        confidences,
        severity=max(severities, key=lambda severity: severity.rank, default=None),
        expectations=frozenset(expectation for insight in problems for expectation in insight.missed_expectations),
        verbatim=sum(
            one.turn in turns and turns[one.turn].text[one.start : one.end] == one.quote
            for insight in claims
            for one in insight.evidence[:1]
        ),
        scripted=frozenset(quotes) - {kind for kind, one in spans if one.turn not in scripted},
        roles_marked=any(turn.role in _SCRIPTED for turn in turns.values()),
    )
