"""Making corrections: what a person says of a finding or a contact becomes a fact, and stands at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from insights.classify.corrected import Corrected, Known, Rule, anchored, apply_corrections, overlap, rules_of
from insights.classify.phrases import tokens_of
from insights.classify.severity import expectations_of, severity_of
from insights.config.load import Loaded
from insights.domain import Change, Correction, Evidence, Insight, Interaction, Kind, Ruling, Scope, Severity, digest_of, insight_id
from insights.errors import NotFoundError, UsageError, nearest
from insights.flow.corrections import engine_findings, known_of, owners_in
from insights.flow.route import route_contact, router_of, rules_hash
from insights.route import Router
from insights.store import Store

_LONGEST_NOTE = 400


@dataclass(frozen=True, slots=True)
class Saying:
    """What a person says, of which finding or contact.

    Attributes:
        reference: A finding by its id, or a contact by any name of it: for a finding nobody made, or for nothing of a kind.
        what: The change.
        by: Who says it.
        at: When.
        note: Why, for people.
        quote: Words of the contact that hold a finding nobody made; None where the finding is there.
        subject: What an added finding is about.
    """

    reference: str
    what: Change
    by: str
    at: datetime
    note: str = ""
    quote: str | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class _Contact:
    """A contact as it stands: what the engine found, what people said, what both make."""

    interaction: Interaction
    findings: Sequence[Insight]
    corrections: Sequence[Correction]
    state: Corrected

    @property
    def rules(self) -> tuple[dict[str, Rule], dict[Kind, Rule]]:
        return rules_of(self.corrections)


def change_from(
    *,
    yes: bool = False,
    is_not: bool = False,
    undo: bool = False,
    kind: Kind | None = None,
    topic: str | None = None,
    owner: str | None = None,
    severity: Severity | None = None,
    quote: str | None = None,
) -> Change:
    """Returns what the parts of a correction say together.

    Raises:
        UsageError: They say nothing, or contradict each other.
    """
    given = [
        name for name, value in (("--topic", topic), ("--owner", owner), ("--severity", severity), ("--quote", quote)) if value is not None
    ]
    if sum((yes, is_not, undo)) > 1:
        raise UsageError("--yes, --not and --undo say different things", "give one of them")
    if (is_not or undo) and given:
        raise UsageError(f"what is {'no finding' if is_not else 'taken back'} needs no {given[0]}", f"leave out {' and '.join(given)}")
    if not (yes or is_not or undo or kind or given):
        raise UsageError("nothing is corrected", "say --yes, --not, --kind, --topic, --owner, --severity or --undo")
    return Change(Ruling.NOT if is_not else Ruling.UNDO if undo else Ruling.YES, kind, topic, owner, severity)


@dataclass(frozen=True, slots=True)
class Desk:
    """What it takes to make corrections in a workspace, built once for many: the open store, what may be named, and how it is routed."""

    loaded: Loaded
    store: Store
    known: Known
    router: Router
    rules: str


def desk_of(loaded: Loaded, store: Store) -> Desk:
    """Returns the desk of a workspace whose store is open for writing."""
    return Desk(loaded, store, known_of(loaded, store), router_of(loaded), rules_hash(loaded))


def correct(desk: Desk, saying: Saying) -> list[Correction]:
    """Keeps what a person says and applies it; saying again what stands already keeps nothing.

    Args:
        desk: Of the workspace.
        saying: What is said.

    Returns:
        The facts kept: one, or one for each finding that earlier corrections made one; none where nothing is new.

    Raises:
        NotFoundError: No such finding, contact, topic or unit.
        UsageError: The words are not in the contact, the topic is of another kind, or the parts do not go together.
    """
    what = _known_names(desk, saying.what)
    contact, scopes = _meant(desk, saying, what)
    author, note = " ".join(saying.by.split()), _redacted(desk.loaded, saying.note)
    if not author:
        raise UsageError("a correction needs an author", "name one with --by")
    made: list[Correction] = []
    for scope in scopes:
        if _stands_already(contact, scope, what):
            continue
        _same_kind(desk, contact, scope, what)
        number = str(len(contact.corrections) + len(made))
        id = digest_of("correction", scope.interaction_id, scope.insight_id, scope.kind, number, size=6)
        made.append(Correction(id, what, author, saying.at, scope, note))
    if made:
        state = apply_corrections(contact.findings, [*contact.corrections, *made], contact.interaction, desk.known)
        desk.store.save_corrections(made, contact.findings, state.insights)
        route_contact(desk.store, desk.router, desk.rules, contact.interaction, owners_in(state), at=saying.at)
    return made


def _known_names(desk: Desk, what: Change) -> Change:
    """The change with its topic by key or id; a unit that is not declared is refused."""
    if what.owner is not None and what.owner not in desk.known.units:
        raise NotFoundError(f'no unit named "{what.owner}"', nearest(what.owner, desk.known.units))
    return what if what.topic is None else Change(what.ruling, what.kind, _topic(desk, what.topic), what.owner, what.severity)


def _topic(desk: Desk, name: str) -> str:
    declared, store = desk.loaded.taxonomy.topic, desk.store
    if name in declared:
        if all(topic.key != name for topic in store.topics()):
            from insights.flow.analyse import declare_topics

            declare_topics(desk.loaded, store)
        return name
    topic = store.topic(name)
    if topic.key and topic.key not in declared:
        raise NotFoundError(f'the topic "{topic.key}" is not in the taxonomy any more', nearest(topic.key, declared))
    return topic.key or topic.id


def _meant(desk: Desk, saying: Saying, what: Change) -> tuple[_Contact, list[Scope]]:
    """The contact and the findings a person speaks of."""
    if saying.quote is not None:
        contact = _contact(desk, desk.store.interaction(saying.reference))
        return contact, [_added(desk, contact, saying, what)]
    if what.kind is not None and what.ruling is not Ruling.YES:
        contact = _contact(desk, _whole_contact(desk.store, saying.reference, what.ruling))
        return contact, [Scope(contact.interaction.id, "", what.kind)]
    contact, ids = _finding(desk, saying.reference)
    return contact, [_scope(desk, contact, id) for id in ids]


def _whole_contact(store: Store, reference: str, ruling: Ruling) -> Interaction:
    """With a kind, a whole contact is spoken of."""
    try:
        return store.interaction(reference)
    except NotFoundError:
        store.insight(reference)
    raise UsageError(f"of a finding --{ruling} is said without --kind", "leave out --kind, or name the contact")


def _contact(desk: Desk, interaction: Interaction) -> _Contact:
    findings, corrections = engine_findings(desk.store, interaction.id, desk.known), desk.store.corrections([interaction.id])
    return _Contact(interaction, findings, corrections, apply_corrections(findings, corrections, interaction, desk.known))


def _finding(desk: Desk, reference: str) -> tuple[_Contact, tuple[str, ...]]:
    """The contact of a finding and the ids of the findings it comes from; one taken away or moved is known by its old id too."""
    store = desk.store
    try:
        insight = store.insight(reference)
    except NotFoundError as error:
        try:
            contact_id, finding = store.corrected_finding(reference)
            return _contact(desk, store.interaction(contact_id)), (finding,)
        except NotFoundError:
            raise NotFoundError(
                error.problem, error.hint + "; of a contact say --kind with --quote for a finding, or with --not for none"
            ) from None
    contact = _contact(desk, store.interaction(insight.interaction_id))
    return contact, contact.state.roots.get(insight.id, (insight.id,))


def _scope(desk: Desk, contact: _Contact, root: str) -> Scope:
    """What a correction must know of a finding: of the engine's own where there is one, else what was known before."""
    finding = next((one for one in contact.findings if one.id == root), None)
    rule = contact.rules[0].get(root)
    if finding is None:
        earlier = [correction.scope for correction in contact.corrections if correction.scope.insight_id == root]
        return rule.scope if rule else earlier[-1]
    if rule is not None and rule.ruling is Ruling.YES:
        return rule.scope  # the words a person has read stay the words it rests on
    beside = tuple(sorted(one.id for one in contact.findings if one.id != root))
    return Scope(
        interaction_id=contact.interaction.id,
        insight_id=root,
        kind=finding.kind,
        subject=finding.subject,
        topic=finding.topic,
        severity=finding.severity,
        missed_expectations=finding.missed_expectations,
        words=anchored(finding.evidence, desk.known.hash),
        beside=beside,
    )


def _added(desk: Desk, contact: _Contact, saying: Saying, what: Change) -> Scope:
    """A finding nobody made; where one of the kind rests on these words already, that one is meant."""
    if what.kind is None or what.ruling is not Ruling.YES:
        raise UsageError("--quote adds a finding and needs its kind", f"name one with --kind: {', '.join(Kind)}")
    span = _verbatim(contact.interaction, saying.quote or "")
    there = [one for one in contact.state.insights if one.kind is what.kind]
    if same := next((one for one in there if any(overlap(span, own) for own in one.evidence)), None):
        return _scope(desk, contact, contact.state.roots.get(same.id, (same.id,))[0])
    subject = " ".join(saying.subject.split())
    id = insight_id(contact.interaction.id, what.kind, subject)
    if any(one.id == id for one in there):
        about = f' about "{subject}"' if subject else ""
        raise UsageError(
            f"there is a {what.kind}{about} in this contact already, in other words", "say what this one is about with --subject"
        )
    words = [tokens_of(span.quote).words]
    return Scope(
        interaction_id=contact.interaction.id,
        insight_id=id,
        kind=what.kind,
        subject=subject,
        severity=severity_of(what.kind, words, (), None),
        missed_expectations=expectations_of(what.kind, words, ()),
        words=anchored([span], desk.known.hash),
        beside=tuple(sorted(one.id for one in contact.findings)),
        added=True,
    )


def _verbatim(interaction: Interaction, quote: str) -> Evidence:
    words = quote.strip()
    for turn in interaction.turns if words else ():
        if (start := turn.text.find(words)) >= 0:
            return Evidence(interaction.id, turn.index, start, start + len(words), words)
    raise UsageError(
        f"these words do not stand in the contact {interaction.source_ref}",
        "copy them letter by letter from one turn of `insights show`: personal data stands there as marks such as [NAME]",
    )


def _stands_already(contact: _Contact, scope: Scope, what: Change) -> bool:
    """Whether a person said just this before, and nothing since then took it back."""
    findings, nothing_of = contact.rules
    rule = findings.get(scope.insight_id) if scope.insight_id else nothing_of.get(scope.kind)
    if rule is None or what.ruling is Ruling.UNDO:
        return rule is None and what.ruling is Ruling.UNDO
    if rule.last.id not in contact.state.in_force or rule.ruling is not what.ruling:
        return False
    if not scope.insight_id:
        return all(other.place < rule.place for other in findings.values() if other.kind is scope.kind)
    held = {name: getattr(holder.what, name) for name, holder in rule.holders.items()} | {"kind": rule.kind}
    wanted = {name: getattr(what, name) for name in ("kind", "topic", "owner", "severity")}
    return all(value is None or held.get(name) == value for name, value in wanted.items())


def _same_kind(desk: Desk, contact: _Contact, scope: Scope, what: Change) -> None:
    """A topic holds findings of its own kind only."""
    if what.topic is None:
        return
    rule = contact.rules[0].get(scope.insight_id)
    kind = what.kind or (rule.kind if rule and rule.ruling is Ruling.YES else scope.kind)
    of_topic = desk.known.topics[what.topic]
    if of_topic is not kind:
        raise UsageError(
            f'the topic "{what.topic}" is of kind {of_topic}, the finding of {kind}', f"add --kind {of_topic} to move it there"
        )


def _redacted(loaded: Loaded, note: str) -> str:
    """A note on one line, without personal data: it outlives the contact."""
    if not note.strip():
        return ""
    from insights.flow.prepare import protected_names
    from insights.text.redact import Redactor

    redactor = Redactor(protected=protected_names(loaded.taxonomy, loaded.settings.workspace.organisations))
    return redactor.redact_text(" ".join(note.split())[:_LONGEST_NOTE])[0]
