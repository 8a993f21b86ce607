"""A taxonomy's diff: the stored history judged under both, as analysing twice would."""

import dataclasses
import json
import pickle
from collections import Counter
from datetime import UTC, datetime
from functools import partial

import pytest
from small_company import SAYINGS, SETTINGS, TAXONOMY, company, contact, lines, opened, ran

from insights.config.load import load
from insights.config.models import Taxonomy
from insights.config.toml import parse_toml
from insights.domain import Decision, Kind
from insights.flow import replay
from insights.flow.analyse import recipe_of
from insights.flow.correct import Saying, change_from, correct, desk_of
from insights.flow.replay import NOTHING, diff
from insights.store import Store

MORE = (
    *SAYINGS,
    "My money has not come back.",
    "The wifi keeps dropping and I am still waiting for my refund.",
    "We moved to Acme, they were cheaper.",
    "The wifi keeps dropping. My refund has not come. Nobody told me.",
)
NO_CALL = '\n[topic.no_call]\nlabel = "No call"\nkind = "process_failure"\nany = ["nobody calls|told"]\n'
VARIANTS = {
    "a topic more": TAXONOMY + NO_CALL,
    "a topic renamed": TAXONOMY.replace("refund_late", "money_late"),
    "narrowed": TAXONOMY.replace('"wifi keeps dropping|cutting", ', ""),
    "a product for it": TAXONOMY.replace('any = ["wifi', 'product = "hub"\nany = ["wifi')
    + '\n[product.hub]\nlabel = "Hub"\naliases = ["wifi"]\n',
    "a rival": TAXONOMY + '\n[competitor.acme]\nlabel = "Acme"\n',
    "another kind": TAXONOMY.replace('kind = "product_issue"', 'kind = "process_failure"'),
    "nothing": "",
}


def taxonomy(text):
    return parse_toml(text, Taxonomy, shown="taxonomy.toml")


@pytest.fixture(scope="module")
def analysed(tmp_path_factory):
    """Gives the findings that are a yes of a company analysed under a taxonomy: contact to kinds and topics."""
    known = {}

    def under(text):
        if text not in known:
            root = tmp_path_factory.mktemp("w") / "w"
            company(root, 0)
            (root / "data" / "calls.jsonl").write_text(lines(contact(n, MORE[n % len(MORE)]) for n in range(24)))
            (root / "taxonomy.toml").write_text(text)
            (root / "ownership.toml").write_text('triage = "care"\n[unit.care]\nname = "Care"\n')
            ran(root, only="ingest")
            ran(root, only="analyse")
            with opened(root)[1] as store:
                found = {id: store.insights_of(id) for id in store.interaction_ids()}
            yes = {id: {(one.kind, one.topic) for one in own if one.decision is Decision.YES} for id, own in found.items()}
            known[text] = root, yes
        return known[text]

    return under


def replayed(root, new, **options):
    loaded, store = opened(root)
    with store:
        return diff(loaded, store, loaded.taxonomy, taxonomy(new), workers=1, **options)


@pytest.mark.parametrize("name", VARIANTS)
def test_the_counts_are_those_of_analysing_twice(analysed, name):
    """Contacts before and after, what is gained and lost, and the sums of every row agree with two separate analyses."""
    root, before = analysed(TAXONOMY)
    _, after = analysed(VARIANTS[name])
    found = replayed(root, VARIANTS[name])
    assert (found.interactions, found.failed) == (24, 0)
    assert found.changed == sum(before[id] != after[id] for id in before)
    rows = {(row.kind, row.topic): row for row in found.topics}
    for key in {row for own in (*before.values(), *after.values()) for row in own}:
        had, has = ({id for id, own in side.items() if key in own} for side in (before, after))
        row = rows.get(key)
        if row is None:
            assert had == has
            continue
        assert (row.gained + row.moved_in, row.lost + row.moved_out) == (len(has - had), len(had - has))
        if key[1] is not None:
            assert (row.before, row.after) == (len(had), len(has))
    kinds = Counter()
    for _, old, new, count in found.moves:
        kinds["moved" if NOTHING not in (old, new) else "alone"] += count
    assert sum(kinds.values()) == sum(row.gained + row.lost for row in found.topics) + sum(row.moved_in for row in found.topics)


def test_a_renamed_topic_moves(analysed):
    """What one topic loses and another of its kind gains on the same words is moved, nothing is gained or lost."""
    root, before = analysed(TAXONOMY)
    count = sum((Kind.PROCESS_FAILURE, "refund_late") in own for own in before.values())
    found = replayed(root, VARIANTS["a topic renamed"])
    assert found.moves == ((Kind.PROCESS_FAILURE, "refund_late", "money_late", count),)


def test_two_equal_taxonomies_have_no_difference(analysed):
    """Nothing changes, and the counts of every topic stand."""
    root, _ = analysed(TAXONOMY)
    found = replayed(root, TAXONOMY)
    assert (found.changed, found.moves, found.flips, found.conflicts) == (0, (), (), ())
    assert all(row.before == row.after and not row.changed for row in found.topics)


def test_flips_are_balanced_and_quote_the_stored_words(analysed):
    """Each way a finding may change has its turn, and a flip shows the customer's words as they are stored."""
    root, _ = analysed(TAXONOMY)
    found = replayed(root, VARIANTS["nothing"], flips=4)
    shown = Counter((flip.kind, flip.old, flip.new) for flip in found.flips)
    assert len(found.flips) == 4
    assert max(shown.values()) - min(shown.values()) <= 1
    with opened(root)[1] as store:
        for flip in found.flips:
            (interaction,) = store.interactions([flip.interaction_id])
            words = interaction.turns[flip.evidence.turn].text[flip.evidence.start : flip.evidence.end]
            assert words == flip.evidence.quote
            assert flip.old_why.startswith("pattern ")


def test_batches_and_processes_change_nothing(analysed, monkeypatch):
    """Small batches give the same answer, flips included, and what judges travels to other processes."""
    root, _ = analysed(TAXONOMY)
    new = taxonomy(VARIANTS["a topic more"])
    once = replayed(root, VARIANTS["a topic more"])
    monkeypatch.setattr(replay, "BATCH", 5)
    loaded, store = opened(root)
    with store:
        assert diff(loaded, store, loaded.taxonomy, new, workers=1) == once
        sent = pickle.loads(
            pickle.dumps(
                partial(replay.make_replayer, recipe_of(loaded), recipe_of(dataclasses.replace(loaded, taxonomy=new)), frozenset())
            )
        )
        assert sent()(store.interactions(store.interaction_ids())).interactions == 24


def test_a_contact_that_breaks_costs_itself_only(analysed, monkeypatch):
    """Where a contact cannot be analysed it is counted as failed, and the others stand."""
    root, _ = analysed(TAXONOMY)
    loaded, store = opened(root)
    with store:
        broken = store.interaction_ids()[3]
        true = replay.Segmenter.sentences

        def sentences(self, interaction):
            if interaction.id == broken:
                raise ValueError
            return true(self, interaction)

        monkeypatch.setattr(replay.Segmenter, "sentences", sentences)
        found = diff(loaded, store, loaded.taxonomy, taxonomy(VARIANTS["nothing"]), workers=1)
    assert (found.interactions, found.failed) == (24, 1)


def test_corrections_hold_under_both_or_are_listed(tmp_path):
    """A correction that names a topic the new taxonomy has not is a conflict; nothing is written by the diff."""
    root = company(tmp_path / "w", 8)
    (root / "taxonomy.toml").write_text(TAXONOMY + NO_CALL)
    ran(root, only="ingest")
    ran(root, only="analyse")
    loaded, store = opened(root)
    with store:
        insight = next(one for id in store.interaction_ids() for one in store.insights_of(id) if one.topic == "refund_late")
        correct(desk_of(loaded, store), Saying(insight.id, change_from(topic="no_call"), "lead", datetime(2026, 4, 1, tzinfo=UTC)))
    before = (root / "insights.db").read_bytes()
    with Store.open(root / "insights.db", read_only=True) as store:
        loaded = load(root)
        kept = diff(loaded, store, loaded.taxonomy, taxonomy(TAXONOMY.replace("Wifi drops", "Wifi") + NO_CALL), workers=1)
        broken = diff(loaded, store, loaded.taxonomy, taxonomy(TAXONOMY), workers=1)
    assert kept.conflicts == ()
    assert [contact for contact, _, _ in broken.conflicts] == [insight.interaction_id]
    assert "no_call" in json.dumps(broken.conflicts)
    assert (root / "insights.db").read_bytes() == before


def test_settings_of_the_workspace_decide_under_both(tmp_path):
    """A threshold above what a pattern is worth leaves the model the last word, in the diff as in the analysis."""
    strict = SETTINGS.replace("workers = 1", "workers = 1\n[classify.thresholds]\nprocess_failure = 0.985\nproduct_issue = 0.985\n")
    root = company(tmp_path / "w", 12, settings=strict)
    ran(root, only="ingest")
    ran(root, only="analyse")
    loaded, store = opened(root)
    with store:
        stored = Counter(
            (one.kind, one.topic)
            for id in store.interaction_ids()
            for one in store.insights_of(id)
            if one.topic and one.decision is Decision.YES
        )
        found = diff(loaded, store, loaded.taxonomy, Taxonomy(), workers=1)
    assert {(row.kind, row.topic): row.before for row in found.topics if row.topic and row.before} == dict(stored)
