"""People's corrections over the store: applied to every analysis, told with what became of them, and turned into labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from insights.classify.corrected import Corrected, Known, apply_corrections, said, told
from insights.config.load import Loaded
from insights.config.models import Taxonomy, TopicRule
from insights.domain import Correction, Insight, Kind, Ruling
from insights.errors import Fault, StoreError
from insights.flow.keys import keyed_hash, workspace_key
from insights.route.router import units_of
from insights.store import Store

if TYPE_CHECKING:
    from insights.flow.gold import GoldInteraction

COLUMNS = ("id", "interaction", "insight", "what", "by", "at", "note", "state", "why", "now")
Findings = Sequence[Insight]


@dataclass(frozen=True, slots=True)
class Corrector:
    """All corrections of a workspace by contact, and what they may name today."""

    by_contact: Mapping[str, Sequence[Correction]]
    known: Known

    def over(self, store: Store, results: Sequence[tuple[str, Findings]]) -> tuple[list[tuple[str, Findings]], dict[str, Findings]]:
        """Returns results of an analysis as people corrected them, and the engine's own for the contacts they corrected."""
        originals = {contact: found for contact, found in results if contact in self.by_contact}
        contacts = {one.id: one for one in store.interactions(list(originals))} if originals else {}
        corrected: list[tuple[str, Findings]] = []
        for contact, found in results:
            if contact in originals:
                found = apply_corrections(found, self.by_contact[contact], contacts.get(contact), self.known).insights
            corrected.append((contact, found))
        return corrected, originals

    def states(self, store: Store, wanted: Sequence[str] | None = None) -> dict[str, Corrected]:
        """Returns what stands in each corrected contact (of those wanted), by id."""
        ids = [id for id in (self.by_contact if wanted is None else wanted) if id in self.by_contact]
        contacts = {one.id: one for one in store.interactions(ids)}
        found = store.originals(ids)
        return {id: apply_corrections(found.get(id, ()), self.by_contact[id], contacts.get(id), self.known) for id in ids}


def corrector_of(loaded: Loaded, store: Store, contacts: Sequence[str] | None = None) -> Corrector:
    """Returns the corrections of a workspace (or of some contacts) with what they may name under its present configuration."""
    by_contact: defaultdict[str, list[Correction]] = defaultdict(list)
    for correction in store.corrections(contacts):
        by_contact[correction.scope.interaction_id].append(correction)
    return Corrector(dict(by_contact), known_of(loaded, store) if by_contact else Known({}, {}, (), str))


def known_of(loaded: Loaded, store: Store) -> Known:
    """Returns the topics and units corrections may name, and the workspace's hash of words."""
    declared = {key: rule.kind for key, rule in loaded.taxonomy.topic.items()}
    found = {topic.id: topic.kind for topic in store.topics() if not topic.key}
    subjects = {key: _subject(loaded.taxonomy, rule) for key, rule in loaded.taxonomy.topic.items()}
    return Known(declared | found, subjects, frozenset(units_of(loaded.ownership)), partial(_hash, workspace_key(loaded.root)))


def _subject(taxonomy: Taxonomy, rule: TopicRule) -> str:
    product = taxonomy.product.get(rule.product or "")
    return product.label if product else rule.label


def _hash(key: bytes, words: str) -> str:
    return keyed_hash(words.encode("utf-8", "surrogatepass"), key)


def engine_findings(store: Store, contact: str, known: Known) -> list[Insight]:
    """Returns what the engine alone found in a contact, without the topics that discovery gave later."""
    if store.corrected_contacts([contact]):
        return store.originals([contact]).get(contact, [])
    discovered = known.topics.keys() - known.subjects.keys()
    return [replace(insight, topic=None) if insight.topic in discovered else insight for insight in store.insights_of(contact)]


def corrected_owners(loaded: Loaded, store: Store, contacts: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Returns insight id to the unit a person named as its owner, with the reason, for the insights of some contacts."""
    touched = store.corrected_contacts(contacts)
    states = corrector_of(loaded, store, touched).states(store) if touched else {}
    return {id: named for state in states.values() for id, named in owners_in(state).items()}


def owners_in(state: Corrected) -> dict[str, tuple[str, str]]:
    """Returns insight id to the unit a person named as its owner, with the reason, for the insights of one contact."""
    return {id: (fact.what.owner or "", told(fact)) for id, fact in state.owners.items()}


def listed(loaded: Loaded, store: Store, *, only_conflicts: bool = False) -> list[dict[str, Any]]:
    """Returns a row for each correction, oldest first.

    It tells what is said, whether that is applied, superseded, taken back or in conflict, and the id under which the finding stands now.
    """
    corrector = corrector_of(loaded, store)
    states = corrector.states(store)
    names = {one.id: one.source_ref for one in store.interactions(list(corrector.by_contact))}
    rows = []
    for correction in store.corrections():
        contact = correction.scope.interaction_id
        state, why = _state(correction, corrector.by_contact[contact], states[contact])
        if not only_conflicts or state == "conflict":
            now = next((id for id, roots in states[contact].roots.items() if correction.scope.insight_id in roots), None)
            rows.append(_row(correction, names.get(contact, contact)) | {"state": state, "why": why, "now": now})
    return rows


def _row(correction: Correction, contact: str) -> dict[str, Any]:
    scope = correction.scope
    about = {"id": correction.id, "interaction": contact, "insight": scope.insight_id or None, "what": said(correction)}
    return about | {"by": correction.by, "at": correction.at, "note": correction.note}


def _state(correction: Correction, others: Sequence[Correction], state: Corrected) -> tuple[str, str]:
    if why := next((conflict.why for conflict in state.conflicts if conflict.correction.id == correction.id), ""):
        return "conflict", why
    if correction.id in state.in_force or correction.what.ruling is Ruling.UNDO:
        return "applied", ""
    later = others[others.index(correction) + 1 :]
    taken_back = any(_same_subject(one, correction) and one.what.ruling is Ruling.UNDO for one in later)
    return ("taken back" if taken_back else "superseded"), ""


def _same_subject(one: Correction, other: Correction) -> bool:
    ids = one.scope.insight_id, other.scope.insight_id
    return ids[0] == ids[1] and (bool(ids[0]) or one.scope.kind is other.scope.kind)


def conflicts(loaded: Loaded, store: Store) -> list[tuple[Correction, str]]:
    """Returns the corrections that cannot be honoured today, each with the reason."""
    states = corrector_of(loaded, store).states(store)
    return [(conflict.correction, conflict.why) for state in states.values() for conflict in state.conflicts]


def labelled_from_corrections(loaded: Loaded, store: Store) -> list[GoldInteraction]:
    """Returns the contacts people corrected as labelled interactions, in the order they were first corrected.

    A kind is there where a person confirmed, moved or added a finding of it; it is not there where a person took away what the engine
    had found of it, or said that the contact holds nothing of it. Every kind nobody judged is uncertain.
    """
    from insights.flow.gold import GoldInteraction

    corrector = corrector_of(loaded, store)
    contacts = {one.id: one for one in store.interactions(list(corrector.by_contact))}
    labelled = []
    for id, state in corrector.states(store).items():
        judged = {one.kind: one for one in reversed(state.insights) if one.id in state.confirmed}
        if id not in contacts or not (judged or state.refused):
            continue
        words = {kind: one.evidence[0] for kind, one in judged.items()}
        labelled.append(
            GoldInteraction(
                interaction=contacts[id],
                source=contacts[id].source,
                evidence={kind: words[kind].quote for kind in Kind if kind in words},
                spans={kind: ((words[kind].turn, words[kind].start, words[kind].end),) for kind in Kind if kind in words},
                uncertain=frozenset(set(Kind) - judged.keys() - state.refused),
            )
        )
    return labelled


def gold_rows(labelled: Sequence[GoldInteraction]) -> Iterator[dict[str, Any]]:
    """Yields labelled interactions as the lines that ``insights train`` and ``insights evaluate`` read."""
    for item in labelled:
        yield {
            "id": item.interaction.source_ref,
            "source": item.source,
            "channel": item.interaction.channel,
            "turns": [{"role": turn.role.value, "text": turn.text} for turn in item.interaction.turns],
            "insights": [{"kind": kind.value, "evidence": words} for kind, words in item.evidence.items()],
            "uncertain": [kind.value for kind in Kind if kind in item.uncertain],
        }


def check_corrections(loaded: Loaded) -> list[Fault]:
    """Returns a fault for each correction that names a topic or a unit the configuration does not hold any more.

    A workspace without a store, or with one that cannot be read at present, has none: the run says what is wrong with it.
    """
    if not loaded.store_path.is_file():
        return []
    try:
        with Store.open(loaded.store_path, read_only=True) as store:
            found = conflicts(loaded, store)
    except StoreError:
        return []
    names = {"topic": loaded.settings.taxonomy, "unit": loaded.settings.ownership}
    return [
        Fault(
            names["topic" if "topic" in why else "unit"],
            0,
            f"correction {one.id}",
            f"{why}: {said(one)}",
            f"insights correct {one.scope.insight_id[:8]} with what is there now, or --undo",
        )
        for one, why in found
        if one.what.topic or one.what.owner
    ]
