"""Corrections stand after every re-run, or are listed; nothing depends on when they were made."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import pytest
from corrected_company import PRAISE, REFUND, SAID, VERSIONS, WIFI, WITHOUT_REFUNDS, analysed, corrected_company, of, say, standing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_company import OWNERSHIP, RECEIVED, contact, lines, opened

from insights.classify.corrected import apply_corrections
from insights.config.load import load
from insights.domain import Decision, Kind, Ruling, Severity
from insights.errors import InsightsError, NotFoundError, UsageError
from insights.flow import analyse
from insights.flow.ask import why
from insights.flow.check import check_workspace
from insights.flow.correct import change_from
from insights.flow.corrections import conflicts, gold_rows, known_of, labelled_from_corrections, listed, owners_in
from insights.flow.gold import read_gold
from insights.flow.ingest import configured_feeds, ingest
from insights.flow.owners import explained
from insights.flow.route import route_contact, route_store, router_of, rules_hash


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """Four contacts, analysed and routed by the first version of the engine."""
    loaded, store = corrected_company(tmp_path / "w")
    with store:
        analysed(monkeypatch, loaded, store, "one")
        yield loaded, store


def states(loaded, store):
    return [row["state"] for row in listed(loaded, store)]


def test_what_is_no_finding_is_gone_at_once_and_stays_away(workplace, monkeypatch):
    """--not takes the finding away, now and after every other version that says the same of the same words."""
    loaded, store = workplace
    assert say(loaded, store, of(store, "c-0")["process_failure Refund not paid"].id, Ruling.NOT) == 1
    for version in VERSIONS:
        assert not any(REFUND in one.evidence[0].quote and one.kind is Kind.PROCESS_FAILURE for one in of(store, "c-0").values())
        assert states(loaded, store) == ["applied"]
        analysed(monkeypatch, loaded, store, version)
    assert any(one.kind is Kind.PROCESS_FAILURE for one in of(store, "c-2").values()) is False  # "moved" finds none there


def test_another_finding_beside_it_is_left_alone(workplace, monkeypatch):
    """Only what was said to be none is taken away, not a finding that stood beside it."""
    loaded, store = workplace
    say(loaded, store, of(store, "c-2")["testimonial"].id, Ruling.NOT)
    assert list(of(store, "c-2")) == ["process_failure Refund not paid"]
    analysed(monkeypatch, loaded, store, "renamed")
    assert list(of(store, "c-2")) == ["process_failure Refunds"]


def test_an_undecided_finding_is_confirmed(workplace, monkeypatch):
    """A yes makes it a finding like any other: sure, decided, routed; and it stays where a later version is blind to it."""
    loaded, store = workplace
    undecided = of(store, "c-1")["product_issue"]
    assert store.routes_of(undecided.id) == []
    say(loaded, store, undecided.id)
    for version in VERSIONS:
        (insight,) = of(store, "c-1").values()
        assert (insight.decision, insight.confidence, insight.evidence[0].quote) == (Decision.YES, 1.0, WIFI)
        assert insight.votes[0].by == "person:anna"
        assert [route.unit_id for route in store.routes_of(insight.id) if route.owns] == ["hub"]
        analysed(monkeypatch, loaded, store, version)


def test_a_finding_is_moved_to_another_kind(workplace, monkeypatch):
    """The kind a person gives holds under every version; the finding keeps its words and is never there twice."""
    loaded, store = workplace
    say(loaded, store, of(store, "c-2")["process_failure Refund not paid"].id, kind=Kind.PRODUCT_ISSUE, topic="wifi_drops")
    for version in VERSIONS:
        refunds = [one for one in of(store, "c-2").values() if one.evidence[0].quote == REFUND]
        assert [(one.kind, one.topic) for one in refunds] == [(Kind.PRODUCT_ISSUE, "wifi_drops")], version
        analysed(monkeypatch, loaded, store, version)


def test_a_moved_finding_is_known_by_both_ids(workplace):
    """What is said of the moved finding, under its new id or its old one, is said of the same."""
    loaded, store = workplace
    old = of(store, "c-2")["process_failure Refund not paid"].id
    say(loaded, store, old, kind=Kind.IMPROVEMENT_IDEA)
    moved = of(store, "c-2")["improvement_idea"].id
    say(loaded, store, moved, severity=Severity.HIGH)
    say(loaded, store, old[:8], owner="hub")
    (insight,) = [one for one in of(store, "c-2").values() if one.kind is Kind.IMPROVEMENT_IDEA]
    assert (insight.id, insight.severity) == (moved, Severity.HIGH)
    assert store.routes_of(moved)[0].unit_id == "hub"
    assert states(loaded, store) == ["applied"] * 3
    assert {row["now"] for row in listed(loaded, store)} == {moved}
    assert why(store, old)["corrections"][2] == "corrected by anna on 2026-03-30: owner hub"
    say(loaded, store, moved, Ruling.UNDO)
    assert "process_failure Refund not paid" in of(store, "c-2")
    assert states(loaded, store) == ["taken back"] * 3 + ["applied"]


def test_a_move_onto_another_finding_makes_one(workplace):
    """Two findings that have become the same are one, with the words of both; taking it away takes both."""
    loaded, store = workplace
    both = of(store, "c-0")
    say(loaded, store, both["process_failure Refund not paid"].id, kind=Kind.PRODUCT_ISSUE)
    (merged,) = of(store, "c-0").values()
    assert {span.quote for span in merged.evidence} == {REFUND, WIFI}
    assert say(loaded, store, merged.id, Ruling.NOT) == 2
    assert of(store, "c-0") == {}
    assert say(loaded, store, both["product_issue"].id, Ruling.UNDO) == 1
    assert list(of(store, "c-0")) == ["product_issue"]


def test_the_owner_a_person_names_beats_every_rule(workplace, monkeypatch):
    """Routing heeds it at once and in every later run, says who said so, and goes back to the rules once it is taken back."""
    loaded, store = workplace
    insight = of(store, "c-0")["process_failure Refund not paid"]
    say(loaded, store, insight.id, owner="hub", note="the hub team promised it")
    for _ in range(2):
        (route,) = store.routes_of(insight.id)
        assert (route.unit_id, route.rule) == ("hub", "correction")
        assert route.why == "corrected by anna on 2026-03-30: owner hub (the hub team promised it)"
        (loaded.root / "ownership.toml").write_text(OWNERSHIP.replace("Refunds pays them", "They pay"))
        loaded = load(loaded.root)
        route_store(loaded, store, at=RECEIVED)
    assert explained(loaded, store, insight.id)["owner"] == "hub"
    say(loaded, store, insight.id, Ruling.UNDO)
    assert store.routes_of(insight.id)[0].unit_id == "refunds"


def test_followers_of_the_corrected_owner_still_read_it(workplace):
    """Whom the rule lets follow follows, the owner does not follow itself."""
    loaded, store = workplace
    say(loaded, store, of(store, "c-1")["product_issue"].id, owner="care")
    (insight,) = of(store, "c-1").values()
    assert [(route.unit_id, route.owns) for route in store.routes_of(insight.id)] == [("care", True)]


def test_a_finding_nobody_made_is_added(workplace, monkeypatch):
    """The words given are its evidence; it is there after every analysis, once, also where the engine finds it by itself."""
    loaded, store = workplace
    say(loaded, store, "c-3", kind=Kind.IMPROVEMENT_IDEA, quote="When do you open")
    (added,) = of(store, "c-3").values()
    assert (added.kind, added.evidence[0].quote, added.severity) == (Kind.IMPROVEMENT_IDEA, "When do you open", Severity.LOW)
    say(loaded, store, "c-2", kind=Kind.PRODUCT_ISSUE, quote=REFUND)
    for version in VERSIONS:
        analysed(monkeypatch, loaded, store, version)
        assert list(of(store, "c-3")) == ["improvement_idea"]
        assert [one.kind for one in of(store, "c-2").values()].count(Kind.PRODUCT_ISSUE) == 1
    assert say(loaded, store, "c-3", kind=Kind.IMPROVEMENT_IDEA, quote="you open") == 0


def test_adding_what_is_undecided_confirms_it(workplace):
    """Words the engine hesitates about are the same finding, not a second one."""
    loaded, store = workplace
    say(loaded, store, "c-1", kind=Kind.PRODUCT_ISSUE, quote=WIFI)
    (insight,) = of(store, "c-1").values()
    assert (insight.decision, insight.votes[-1].by) == (Decision.YES, "engine")


def test_nothing_of_a_kind_in_a_contact(workplace, monkeypatch):
    """Said of a contact, it holds against every version, until somebody says later that there is one."""
    loaded, store = workplace
    say(loaded, store, "c-0", Ruling.NOT, kind=Kind.PRODUCT_ISSUE)
    for version in VERSIONS:
        assert all(one.kind is not Kind.PRODUCT_ISSUE for one in of(store, "c-0").values())
        analysed(monkeypatch, loaded, store, version)
    say(loaded, store, "c-0", kind=Kind.PRODUCT_ISSUE, quote=WIFI)
    assert [one.evidence[0].quote for one in of(store, "c-0").values() if one.kind is Kind.PRODUCT_ISSUE] == [WIFI]
    say(loaded, store, "c-0", Ruling.NOT, kind=Kind.PRODUCT_ISSUE)
    assert all(one.kind is not Kind.PRODUCT_ISSUE for one in of(store, "c-0").values())
    assert states(loaded, store) == ["superseded", "superseded", "applied"]
    say(loaded, store, "c-0", Ruling.UNDO, kind=Kind.PRODUCT_ISSUE)
    assert any(one.kind is Kind.PRODUCT_ISSUE for one in of(store, "c-0").values())


def test_saying_it_twice_keeps_it_once(workplace):
    """What stands already is not kept again; the newest word on a thing counts."""
    loaded, store = workplace
    insight = of(store, "c-0")["process_failure Refund not paid"].id
    assert [say(loaded, store, insight, owner=unit) for unit in ("hub", "hub", "care", "hub")] == [1, 0, 1, 1]
    assert [say(loaded, store, insight, Ruling.NOT) for _ in range(2)] == [1, 0]
    assert [say(loaded, store, insight, Ruling.UNDO) for _ in range(2)] == [1, 0]
    assert states(loaded, store) == ["taken back"] * 4 + ["applied"]


def test_a_topic_that_is_gone_is_a_conflict(workplace, monkeypatch):
    """The rest of the correction holds; check and list tell what does not, and a topic that comes back is honoured again."""
    loaded, store = workplace
    undecided = of(store, "c-1")["product_issue"].id
    say(loaded, store, undecided, kind=Kind.PROCESS_FAILURE, topic="refund_late", severity=Severity.HIGH)
    before = (loaded.root / "taxonomy.toml").read_text()
    (loaded.root / "taxonomy.toml").write_text(WITHOUT_REFUNDS)
    (loaded.root / "ownership.toml").write_text(OWNERSHIP.replace("refund_late", "refunds_slow"))
    changed = load(loaded.root)
    analysed(monkeypatch, changed, store, "blind")
    (insight,) = of(store, "c-1").values()
    assert (insight.kind, insight.topic, insight.severity) == (Kind.PROCESS_FAILURE, None, Severity.HIGH)
    (row,) = listed(changed, store, only_conflicts=True)
    assert row["why"] == 'there is no topic "refund_late" any more'
    assert [fault.problem for fault in check_workspace(changed) if fault.key.startswith("correction")] == [
        'there is no topic "refund_late" any more: kind process_failure, topic refund_late, severity high'
    ]
    (loaded.root / "taxonomy.toml").write_text(before)
    (loaded.root / "ownership.toml").write_text(OWNERSHIP)
    analysed(monkeypatch, load(loaded.root), store, "one")
    assert [one.topic for one in of(store, "c-1").values()] == ["refund_late"]
    assert conflicts(load(loaded.root), store) == []


def test_a_topic_of_another_kind_is_a_conflict(workplace, monkeypatch):
    """A topic that holds findings of another kind now cannot hold this one."""
    loaded, store = workplace
    say(loaded, store, of(store, "c-1")["product_issue"].id, topic="wifi_drops")
    taxonomy = (loaded.root / "taxonomy.toml").read_text()
    (loaded.root / "taxonomy.toml").write_text(taxonomy.replace('kind = "product_issue"', 'kind = "improvement_idea"'))
    changed = load(loaded.root)
    analysed(monkeypatch, changed, store, "blind")
    assert [row["why"] for row in listed(changed, store, only_conflicts=True)] == ['the topic "wifi_drops" is of kind improvement_idea now']


def test_a_unit_that_is_gone_is_a_conflict(workplace):
    """The rules decide again, and the list says so."""
    loaded, store = workplace
    insight = of(store, "c-0")["process_failure Refund not paid"].id
    say(loaded, store, insight, owner="hub")
    (loaded.root / "ownership.toml").write_text(OWNERSHIP.replace("[unit.hub]", "[unit.box]").replace('owner = "hub"', 'owner = "box"'))
    changed = load(loaded.root)
    route_store(changed, store, at=RECEIVED)
    assert store.routes_of(insight)[0].unit_id == "refunds"
    assert [(row["state"], row["why"]) for row in listed(changed, store)] == [("conflict", 'there is no unit "hub" any more')]


def replaced(loaded, store, *texts):
    (loaded.root / "data" / "calls.jsonl").write_text(lines(contact(number, text) for number, text in enumerate(texts)))
    ingest(loaded, store, configured_feeds(loaded), received_at=RECEIVED, workers=1)


def test_words_that_moved_are_found_again(workplace, monkeypatch):
    """A thread that grew keeps its corrections: the words are looked for by their hash."""
    loaded, store = workplace
    say(loaded, store, "c-3", kind=Kind.IMPROVEMENT_IDEA, quote="you open")
    replaced(loaded, store, *SAID[:3], "Good morning. " + SAID[3])
    assert listed(loaded, store)[0]["state"] == "applied"
    analysed(monkeypatch, loaded, store, "blind")
    assert [one.evidence[0].quote for one in of(store, "c-3").values()] == ["you open"]


def test_words_that_are_gone_are_a_conflict(workplace, monkeypatch):
    """A finding whose words were replaced stands no more and is listed; one that only took something away needs no words."""
    loaded, store = workplace
    say(loaded, store, "c-3", kind=Kind.IMPROVEMENT_IDEA, quote="you open")
    say(loaded, store, of(store, "c-1")["product_issue"].id, Ruling.NOT)
    replaced(loaded, store, SAID[0], "All is well.", SAID[2], "All is well here too.")
    analysed(monkeypatch, loaded, store, "one")
    assert of(store, "c-3") == {}
    assert states(loaded, store) == ["conflict", "applied"]
    assert listed(loaded, store)[0]["why"] == "the words it rests on are not in the contact any more"


def test_an_erased_contact_is_a_conflict_without_its_words(workplace):
    """Of a contact that is gone only who said what is left, no word of the customer's."""
    loaded, store = workplace
    say(loaded, store, "c-3", kind=Kind.IMPROVEMENT_IDEA, quote="When do you open", note="Jane Canary, my name is Jane Canary, asked")
    store.run("DELETE FROM interaction WHERE source_ref = 'c-3'")
    (row,) = listed(loaded, store)
    assert (row["state"], row["why"]) == ("conflict", "the contact is not stored any more")
    kept = json.dumps(store.rows("SELECT * FROM correction"))
    assert "open" not in kept
    assert "Canary" not in kept


def test_a_contact_not_analysed_yet_waits_for_its_analysis(tmp_path, monkeypatch):
    """What is said before the first analysis is kept, and stands with it."""
    loaded, store = corrected_company(tmp_path / "w")
    with store:
        say(loaded, store, "c-3", kind=Kind.IMPROVEMENT_IDEA, quote="you open")
        assert of(store, "c-3") == {}
        analysed(monkeypatch, loaded, store, "one")
        assert list(of(store, "c-3")) == ["improvement_idea"]


REFUSED = [
    ("c-3", {"kind": Kind.TESTIMONIAL, "quote": "you are great"}, UsageError, "these words do not stand"),
    ("c-3", {"kind": Kind.TESTIMONIAL, "quote": "  "}, UsageError, "these words do not stand"),
    ("c-3", {"quote": "you open"}, UsageError, "needs its kind"),
    ("c-9", {"kind": Kind.TESTIMONIAL, "quote": "you open"}, NotFoundError, "no interaction"),
    ("c-3", {"kind": Kind.TESTIMONIAL}, NotFoundError, "no insight c-3"),
    ("FINDING", {"topic": "wifi_drops"}, UsageError, "is of kind product_issue"),
    ("FINDING", {"topic": "nonsense"}, NotFoundError, "no topic"),
    ("FINDING", {"owner": "nobody"}, NotFoundError, "no unit"),
    ("FINDING", {"ruling": Ruling.NOT, "kind": Kind.TESTIMONIAL}, UsageError, "without --kind"),
    ("FINDING", {"by": " "}, UsageError, "needs an author"),
    ("", {}, NotFoundError, "no insight"),
    ("c-0", {"kind": Kind.PROCESS_FAILURE, "quote": "Hello", "subject": "Refund not paid"}, UsageError, "already, in other words"),
]


@pytest.mark.parametrize(("reference", "said", "error", "told"), REFUSED)
def test_what_cannot_be_is_refused_and_nothing_kept(workplace, reference, said, error, told):
    """An error tells what is wrong without a customer's word, and leaves no fact."""
    loaded, store = workplace
    named = of(store, "c-0")["process_failure Refund not paid"].id if reference == "FINDING" else reference
    with pytest.raises(error) as raised:
        say(loaded, store, named, **said)
    assert told in raised.value.problem
    assert raised.value.hint
    assert "great" not in raised.value.problem + raised.value.hint
    assert store.corrections() == []


@pytest.mark.parametrize(
    "parts",
    [{}, {"yes": True, "is_not": True}, {"undo": True, "topic": "x"}, {"is_not": True, "quote": "x"}, {"is_not": True, "undo": True}],
)
def test_parts_that_do_not_go_together_are_refused(parts):
    """A correction says one thing."""
    with pytest.raises(UsageError):
        change_from(**parts)


def test_a_topic_declared_since_the_last_run_may_be_named(workplace):
    """A topic just written into the taxonomy is known at once."""
    loaded, store = workplace
    with (loaded.root / "taxonomy.toml").open("a") as handle:
        handle.write('\n[topic.opening]\nlabel = "Opening hours"\nkind = "improvement_idea"\nany = ["opening hours"]\n')
    loaded = load(loaded.root)
    say(loaded, store, "c-3", kind=Kind.IMPROVEMENT_IDEA, topic="opening", quote="you open")
    assert [one.topic for one in of(store, "c-3").values()] == ["opening"]


def test_labels_hold_what_people_judged_and_nothing_else(workplace, tmp_path):
    """Confirmed, moved and added is there; taken away is not; every kind nobody judged is uncertain. The file reads back the same."""
    loaded, store = workplace
    say(loaded, store, of(store, "c-0")["process_failure Refund not paid"].id, kind=Kind.IMPROVEMENT_IDEA)
    say(loaded, store, of(store, "c-1")["product_issue"].id, Ruling.NOT)
    say(loaded, store, of(store, "c-2")["testimonial"].id)
    say(loaded, store, "c-2", Ruling.NOT, kind=Kind.MARKET_OPPORTUNITY)
    say(loaded, store, "c-3", Ruling.NOT, kind=Kind.TESTIMONIAL)
    say(loaded, store, "c-3", Ruling.UNDO, kind=Kind.TESTIMONIAL)
    labelled = labelled_from_corrections(loaded, store)
    unsure = [set(Kind) - item.uncertain for item in labelled]
    assert [item.interaction.source_ref for item in labelled] == ["c-0", "c-1", "c-2"]
    assert [item.evidence for item in labelled] == [{Kind.IMPROVEMENT_IDEA: REFUND}, {}, {Kind.TESTIMONIAL: PRAISE}]
    assert unsure == [
        {Kind.IMPROVEMENT_IDEA, Kind.PROCESS_FAILURE},
        {Kind.PRODUCT_ISSUE},
        {Kind.TESTIMONIAL, Kind.MARKET_OPPORTUNITY},
    ]
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in gold_rows(labelled)))
    again = read_gold([path])
    assert [(item.source, item.evidence, item.spans, item.uncertain) for item in again] == [
        (item.source, item.evidence, item.spans, item.uncertain) for item in labelled
    ]


@pytest.fixture(scope="module")
def ingested(tmp_path_factory):
    """A workspace whose contacts are stored and not analysed, to be copied."""
    folder = tmp_path_factory.mktemp("ingested") / "w"
    _, store = corrected_company(folder)
    store.close()
    return folder


def fresh_copy(monkeypatch, ingested, store, version, folder):
    """The same contacts in a new store: the corrections are put over one analysis by the last version."""
    loaded, other = opened(shutil.copytree(ingested, folder))
    with other:
        analysed(monkeypatch, loaded, other, version)
        known = known_of(loaded, other)
        for contact_id in dict.fromkeys(one.scope.interaction_id for one in store.corrections()):
            facts, found = store.corrections([contact_id]), other.insights_of(contact_id)
            state = apply_corrections(found, facts, other.interaction(contact_id), known)
            other.save_corrections(facts, found, state.insights)
            route_contact(other, router_of(loaded), rules_hash(loaded), other.interaction(contact_id), owners_in(state), at=RECEIVED)
        return standing(other)


REFERENCES = st.sampled_from(["c-0", "c-1", "c-2", "c-3"])
SAYINGS = st.one_of(
    st.builds(dict),
    st.builds(lambda: {"ruling": Ruling.NOT}),
    st.builds(lambda: {"ruling": Ruling.UNDO}),
    st.builds(lambda kind: {"kind": kind}, st.sampled_from(list(Kind)[:3])),
    st.builds(lambda topic: {"topic": topic}, st.sampled_from(["refund_late", "wifi_drops"])),
    st.builds(lambda unit: {"owner": unit}, st.sampled_from(["hub", "care"])),
    st.builds(lambda severity: {"severity": severity}, st.sampled_from(Severity)),
)
STEPS = st.one_of(
    st.tuples(st.just("analyse"), st.sampled_from(list(VERSIONS))),
    st.tuples(st.just("finding"), REFERENCES, st.integers(0, 2), SAYINGS),
    st.tuples(st.just("nothing"), REFERENCES, st.sampled_from([Ruling.NOT, Ruling.UNDO]), st.sampled_from(list(Kind)[:2])),
    st.tuples(st.just("add"), REFERENCES, st.sampled_from([REFUND, WIFI, "open"]), st.sampled_from(list(Kind)[:4])),
)


def take(monkeypatch, loaded, store, step):
    """Takes one step; what is refused changes nothing."""
    match step:
        case ("analyse", version):
            analysed(monkeypatch, loaded, store, version)
            return
        case ("finding", reference, place, said):
            there = sorted(of(store, reference).values(), key=lambda one: one.id)
            if not there:
                return
            asked = (there[place % len(there)].id, said)
        case ("nothing", reference, ruling, kind):
            asked = (reference, {"ruling": ruling, "kind": kind})
        case ("add", reference, quote, kind):
            asked = (reference, {"quote": quote, "kind": kind})
    before = standing(store)
    try:
        say(loaded, store, asked[0], **asked[1])
    except InsightsError:
        assert standing(store) == before


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=9), last=st.sampled_from(list(VERSIONS)))
def test_no_order_of_corrections_and_analyses_changes_what_stands(ingested, monkeypatch, steps, last):
    """Whenever things were said, the store is what the last analysis gives with all that was said put over it, byte for byte."""
    with tempfile.TemporaryDirectory() as folder:
        loaded, store = opened(shutil.copytree(ingested, Path(folder) / "w"))
        with store:
            for step in (("analyse", "one"), *steps, ("analyse", last)):
                take(monkeypatch, loaded, store, step)
            once = standing(store)
            assert once == fresh_copy(monkeypatch, ingested, store, last, Path(folder) / "copy")
            store.run("UPDATE interaction SET analysed_by = 0")
            analyse.analyse_store(loaded, store, at=RECEIVED, workers=1)
            assert standing(store) == once
            assert {row["state"] for row in listed(loaded, store)} <= {"applied", "superseded", "taken back"}
