"""People's corrections over what the engine found in a contact: a pure function, so that no order of re-runs changes what stands.

A correction names a finding by its id. Where another model or taxonomy calls the finding differently (its id rests on its subject), it
is known by its words: a finding of that kind on these words that was not there when the person spoke. A finding that a person confirmed
and no model makes any more is made again from the words that person read.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from insights.domain import (
    PROBLEM_KINDS,
    Anchor,
    Correction,
    Decision,
    Evidence,
    Insight,
    Interaction,
    Kind,
    Ruling,
    Scope,
    Vote,
    insight_id,
)

MOST_SPANS = 3
_FIELDS = ("kind", "topic", "owner", "severity")
_KINDS = tuple(Kind)


@dataclass(frozen=True, slots=True)
class Known:
    """What corrections may name today.

    Attributes:
        topics: Declared topics by key and discovered ones by id, with their kinds.
        subjects: Declared topics by key, with the subject each lends to its findings.
        units: Units by key.
        hash: The workspace's keyed hash of some words.
    """

    topics: Mapping[str, Kind]
    subjects: Mapping[str, str]
    units: Collection[str]
    hash: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Rule:
    """All that people said of one finding, put together: the newest word on each thing counts.

    Attributes:
        scope: Of the newest correction.
        ruling: Yes or not.
        holders: Field of ``Change`` to the correction that settles it.
        last: The newest correction.
        place: Its place among those of the contact.
    """

    scope: Scope
    ruling: Ruling
    holders: Mapping[str, Correction]
    last: Correction
    place: int

    @property
    def facts(self) -> tuple[Correction, ...]:
        """The corrections that still say something, each once."""
        return tuple({fact.id: fact for fact in (*self.holders.values(), self.last)}.values())

    @property
    def kind(self) -> Kind:
        """The kind people say it is of."""
        holder = self.holders.get("kind")
        return (holder.what.kind if holder else None) or self.scope.kind


@dataclass(frozen=True, slots=True)
class Conflict:
    """A correction that cannot be honoured today, and why."""

    correction: Correction
    why: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """A contact's findings with all corrections applied.

    Attributes:
        insights: In the order of kinds and subjects.
        owners: Insight id to the correction that names its owner.
        roots: Insight id to the ids of the findings it comes from, for insights a correction moved or made.
        confirmed: Ids of the insights that people confirmed.
        refused: Kinds people took away, of which nothing is left in the contact.
        in_force: Ids of the corrections that still say something.
        conflicts: What cannot be honoured.
    """

    insights: tuple[Insight, ...]
    owners: Mapping[str, Correction] = field(default_factory=dict)
    roots: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()
    refused: frozenset[Kind] = frozenset()
    in_force: frozenset[str] = frozenset()
    conflicts: tuple[Conflict, ...] = ()


@dataclass(frozen=True, slots=True)
class _Ruled:
    """A finding with what people said of it; ``place`` is -1 where nobody said anything."""

    insight: Insight
    root: str
    place: int = -1
    owner: Correction | None = None


def rules_of(corrections: Iterable[Correction]) -> tuple[dict[str, Rule], dict[Kind, Rule]]:
    """Returns the rules in force: by finding, and by kind where a person said that the contact holds nothing of it.

    Args:
        corrections: Of one contact, in the order they were made.
    """
    findings: dict[str, Rule | None] = {}
    kinds: dict[Kind, Rule | None] = {}
    for place, correction in enumerate(corrections):
        scope = correction.scope
        if scope.insight_id:
            findings[scope.insight_id] = _after(findings.get(scope.insight_id), correction, place)
        else:
            kinds[scope.kind] = _after(None, correction, place)
    return {id: rule for id, rule in findings.items() if rule}, {kind: rule for kind, rule in kinds.items() if rule}


def _after(before: Rule | None, correction: Correction, place: int) -> Rule | None:
    what, scope = correction.what, correction.scope
    if what.ruling is Ruling.UNDO:
        return None
    if what.ruling is Ruling.NOT:
        return Rule(scope, Ruling.NOT, {}, correction, place)
    holders = dict(before.holders) if before and before.ruling is Ruling.YES else {}
    if what.kind is not None and before and what.kind is not before.kind:
        holders.pop("topic", None)  # it was a topic of the other kind
    holders |= {name: correction for name in _FIELDS if getattr(what, name) is not None}
    return Rule(scope, Ruling.YES, holders, correction, place)


def apply_corrections(
    findings: Sequence[Insight], corrections: Sequence[Correction], interaction: Interaction | None, known: Known
) -> Corrected:
    """Returns what stands in a contact once people's corrections are applied to what the engine found.

    Args:
        findings: By the engine alone.
        corrections: Of this contact, in the order they were made.
        interaction: The contact, or None where it is not stored any more.
        known: What corrections may name.
    """
    rules, nothing_of = rules_of(corrections)
    standing = {root: rule for root, rule in rules.items() if rule.kind not in nothing_of or rule.place > nothing_of[rule.kind].place}
    facts = [fact for rule in (*standing.values(), *nothing_of.values()) for fact in rule.facts]
    if interaction is None:
        gone = [(fact, "the contact is not stored any more") for fact in facts]
        return _put_together((), frozenset(), facts, gone)
    pairs = _pairs(rules, findings, interaction, known)
    taken = {finding.id for finding in pairs.values()}
    ruled = [_Ruled(finding, finding.id) for finding in findings if finding.id not in taken and finding.kind not in nothing_of]
    conflicts: list[tuple[Correction, str]] = []
    for root, rule in standing.items():
        if rule.ruling is Ruling.YES:
            ruled += _said_yes(root, rule, pairs.get(root), interaction, known, conflicts)
    return _put_together(ruled, _refused(rules.values(), nothing_of), facts, conflicts)


def _refused(rules: Iterable[Rule], nothing_of: Iterable[Kind]) -> frozenset[Kind]:
    """Kinds that people took away from a finding, or from the whole contact."""
    return frozenset({*nothing_of, *(rule.scope.kind for rule in rules if rule.ruling is Ruling.NOT or rule.kind is not rule.scope.kind)})


def _pairs(rules: Mapping[str, Rule], findings: Sequence[Insight], interaction: Interaction, known: Known) -> dict[str, Insight]:
    """The finding each rule speaks of: by its id, or by its words where it is new under this id."""
    by_id = {finding.id: finding for finding in findings}
    pairs = {root: by_id[root] for root in rules if root in by_id}
    free = [finding for finding in findings if finding.id not in pairs]
    for root, rule in rules.items():
        if root in pairs or not free:
            continue
        words = located_words(rule.scope, interaction, known.hash)
        if found := next((finding for finding in free if _is_meant(finding, rule, words)), None):
            pairs[root] = found
            free.remove(found)
    return pairs


def _is_meant(finding: Insight, rule: Rule, words: Sequence[Evidence]) -> bool:
    if finding.kind not in {rule.scope.kind, rule.kind} or finding.id in rule.scope.beside:
        return False
    return any(overlap(one, other) for one in finding.evidence for other in words)


def overlap(one: Evidence, other: Evidence) -> bool:
    """Whether two spans share a character."""
    return one.turn == other.turn and one.start < other.end and other.start < one.end


def _said_yes(
    root: str, rule: Rule, finding: Insight | None, interaction: Interaction, known: Known, conflicts: list[tuple[Correction, str]]
) -> list[_Ruled]:
    """The finding as people want it; nothing where no model finds it and its words are gone."""
    read = located_words(rule.scope, interaction, known.hash)
    evidence = read or (finding.evidence if finding else ())
    if not evidence:
        conflicts += [(fact, "the words it rests on are not in the contact any more") for fact in rule.facts]
        return []
    base = finding or _made_again(rule.scope, evidence)
    votes = tuple(_vote(fact, rule.kind, evidence[0]) for fact in sorted(rule.facts, key=lambda fact: (fact.at, fact.id)))
    severity = rule.holders.get("severity")
    topic = _topic(rule, base, known, conflicts)
    subject = _subject(base, topic, known)
    insight = replace(
        base,
        id=insight_id(interaction.id, rule.kind, subject),
        kind=rule.kind,
        topic=topic,
        subject=subject,
        evidence=evidence,
        confidence=1.0,
        severity=(severity.what.severity if severity else None) or base.severity,
        missed_expectations=base.missed_expectations if rule.kind in PROBLEM_KINDS else (),
        votes=(*votes, *base.votes),
        decision=Decision.YES,
        role=base.role if rule.kind is Kind.COMPETITIVE_MENTION else None,
    )
    owner = rule.holders.get("owner")
    if owner and owner.what.owner not in known.units:
        conflicts.append((owner, f'there is no unit "{owner.what.owner}" any more'))
        owner = None
    return [_Ruled(insight, root, rule.place, owner)]


def _topic(rule: Rule, base: Insight, known: Known, conflicts: list[tuple[Correction, str]]) -> str | None:
    found = base.topic if base.kind is rule.kind and known.topics.get(base.topic or "") is rule.kind else None
    holder = rule.holders.get("topic")
    if holder is None or holder.what.topic is None:
        return found
    wanted = holder.what.topic
    if known.topics.get(wanted) is rule.kind:
        return wanted
    why = (
        f'the topic "{wanted}" is of kind {known.topics[wanted]} now'
        if wanted in known.topics
        else f'there is no topic "{wanted}" any more'
    )
    conflicts.append((holder, why))
    return found


def _subject(base: Insight, topic: str | None, known: Known) -> str:
    """A finding put under another topic is not about what the old one is about."""
    lent = base.topic is not None and base.topic != topic and base.subject == known.subjects.get(base.topic)
    return known.subjects.get(topic or "", "") if lent else base.subject


def _made_again(scope: Scope, evidence: tuple[Evidence, ...]) -> Insight:
    return Insight(
        id=scope.insight_id,
        interaction_id=scope.interaction_id,
        kind=scope.kind,
        topic=scope.topic,
        subject=scope.subject,
        evidence=evidence,
        confidence=1.0,
        severity=scope.severity,
        missed_expectations=scope.missed_expectations,
        votes=(),
        made_by="",
    )


def _vote(correction: Correction, kind: Kind, evidence: Evidence) -> Vote:
    return Vote(f"person:{correction.by}", kind, correction.what.topic, evidence, 1.0, told(correction))


def told(correction: Correction) -> str:
    """Returns a correction as one line for people."""
    note = f" ({correction.note})" if correction.note else ""
    return f"corrected by {correction.by} on {correction.at:%Y-%m-%d}: {said(correction)}{note}"


def said(correction: Correction) -> str:
    """Returns what a correction says, without who and when."""
    what = correction.what
    if what.ruling is not Ruling.YES:
        return f"{what.ruling} {correction.scope.kind}"
    given = [f"{name} {getattr(what, name)}" for name in _FIELDS if getattr(what, name) is not None]
    return ("added " if correction.scope.added else "") + (", ".join(given) or f"yes {correction.scope.kind}")


def _put_together(
    ruled: Sequence[_Ruled], refused: frozenset[Kind], facts: Iterable[Correction], conflicts: Iterable[tuple[Correction, str]]
) -> Corrected:
    """Findings that a move made one are one; what people said comes first."""
    groups: dict[str, list[_Ruled]] = {}
    for one in sorted(ruled, key=lambda one: (-one.place, one.root)):
        groups.setdefault(one.insight.id, []).append(one)
    insights = sorted((_merged(group) for group in groups.values()), key=lambda one: (_KINDS.index(one.kind), one.subject, one.id))
    owners = {id: next((one.owner for one in group if one.owner), None) for id, group in groups.items()}
    return Corrected(
        insights=tuple(insights),
        owners={id: owner for id, owner in owners.items() if owner},
        roots={id: tuple(sorted(one.root for one in group)) for id, group in groups.items() if any(one.place >= 0 for one in group)},
        confirmed=frozenset(id for id, group in groups.items() if group[0].place >= 0),
        refused=refused - {insight.kind for insight in insights},
        in_force=frozenset(fact.id for fact in facts),
        conflicts=_conflicts(conflicts),
    )


def _merged(group: Sequence[_Ruled]) -> Insight:
    first, *others = [one.insight for one in group]
    evidence, votes = list(first.evidence), list(first.votes)
    for other in others:
        evidence += [span for span in other.evidence if not any(overlap(span, own) for own in evidence)]
        votes += [vote for vote in other.votes if vote not in votes]
    topic = next((one.topic for one in (first, *others) if one.topic), None)
    return replace(first, evidence=tuple(evidence[: max(MOST_SPANS, len(first.evidence))]), votes=tuple(votes), topic=topic)


def _conflicts(found: Iterable[tuple[Correction, str]]) -> tuple[Conflict, ...]:
    return tuple(Conflict(correction, why) for correction, why in {(one.id, why): (one, why) for one, why in found}.values())


def anchored(evidence: Iterable[Evidence], hash: Callable[[str], str]) -> tuple[Anchor, ...]:
    """Returns spans without their words."""
    return tuple(Anchor(span.turn, span.start, span.end, hash(span.quote)) for span in evidence)


def located_words(scope: Scope, interaction: Interaction, hash: Callable[[str], str]) -> tuple[Evidence, ...]:
    """Returns where the words of a scope stand in the contact today; words that are gone are left out."""
    return tuple(found for anchor in scope.words if (found := _located(anchor, interaction, hash)))


def _located(anchor: Anchor, interaction: Interaction, hash: Callable[[str], str]) -> Evidence | None:
    """Looks at the old place first, then wherever a word begins: a thread that grew has its words in other turns."""
    length = anchor.end - anchor.start
    old = [(anchor.turn, anchor.start)] if anchor.turn < len(interaction.turns) else []
    others = ((turn.index, start) for turn in interaction.turns for start in _beginnings(turn.text, length))
    for place, start in itertools.chain(old, others):
        quote = interaction.turns[place].text[start : start + length]
        if len(quote) == length and hash(quote) == anchor.hash:
            return Evidence(interaction.id, place, start, start + length, quote)
    return None


def _beginnings(text: str, length: int) -> Iterable[int]:
    return (start for start in range(len(text) - length + 1) if not (start and text[start - 1].isalnum() and text[start].isalnum()))
