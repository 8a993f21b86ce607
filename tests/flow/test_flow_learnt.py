"""A company's topics learnt from its lead's examples, from the taxonomy to the owner."""

import json
import shutil

import pytest
from small_company import company, contact, lines, opened, ran

from insights.config.load import load
from insights.errors import UsageError
from insights.flow.analyse import recipe_name, recipe_of
from insights.flow.check import check_workspace
from insights.flow.learnt import ENOUGH, figures_of, learn_again, learnt_topics
from insights.flow.replay import diff
from insights.flow.stateless import place

LATE = (
    "I am still waiting for my refund and it has been weeks.",
    "My money back has not been paid.",
    "You promised the refund within five days and nothing came.",
    "Where is the money you owe me?",
    "The refund for the returned phone never arrived.",
    "It is a month now and my account was not credited.",
    "They keep telling me the repayment is on its way.",
    "I sent the box back in May and have not seen a penny.",
    "No refund, no letter, nothing.",
    "The credit you promised is not on my statement.",
)
VISIT = (
    "The engineer never turned up.",
    "I took a day off and nobody came to fit the line.",
    "Your technician missed the appointment again.",
    "We waited all morning and no engineer arrived.",
    "The installer did not show and did not ring.",
    "The visit was cancelled without telling me.",
    "Third time the man for the installation has not come.",
    "I sat at home until six and no one knocked.",
    "The appointment was at nine, nobody came.",
    "Your fitter went to the wrong house.",
)
WIFI = (
    "The wifi keeps dropping every evening.",
    "My internet cuts out all the time.",
    "The hub loses the connection twice an hour.",
    "We cannot get online since the update.",
    "The signal from the router is gone upstairs.",
    "The broadband goes off whenever it rains.",
    "It disconnects in the middle of every film.",
    "The lights on the router turn red and the net is away.",
    "The connection drops in the middle of my meetings.",
    "My wifi fails as soon as two people use it.",
)
TAXONOMY = "".join(
    f'[topic.{key}]\nlabel = "{label}"\nkind = "{kind}"\n{more}match = {json.dumps(examples)}\n\n'
    for key, label, kind, more, examples in (
        ("refund_late", "Refund not paid", "process_failure", 'severity = "high"\nexpectations = ["meet_commitments"]\n', LATE),
        ("visit_missed", "Engineer did not come", "process_failure", "", VISIT),
        ("wifi_drops", "Wifi drops", "product_issue", "", WIFI),
    )
)
SAYINGS = ("It is terrible: my refund still has not come and nobody calls me back.", "The wifi keeps dropping, it is really broken.")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The small company with three learnt topics, analysed."""
    root = company(tmp_path_factory.mktemp("learnt") / "w", 0)
    (root / "taxonomy.toml").write_text(TAXONOMY)
    (root / "data" / "calls.jsonl").write_text(lines(contact(number, SAYINGS[number % 2]) for number in range(8)))
    ran(root)
    return root


@pytest.fixture
def copy(root, tmp_path):
    return shutil.copytree(root, tmp_path / "w")


def found(root):
    _, store = opened(root)
    with store:
        return [insight for id in store.interaction_ids() for insight in store.insights_of(id)]


def test_a_finding_no_phrase_claims_gets_its_learnt_topic_and_owner(root):
    """The vote quotes the lead's example it is like; the topic's severity and expectations hold, and its owner gets it."""
    insights = [insight for insight in found(root) if insight.topic == "refund_late"]
    assert insights
    vote = insights[0].votes[0]
    assert vote.by == "learnt:refund_late"
    assert any(example[:40] in vote.why for example in LATE)
    assert insights[0].severity.rank >= 2
    assert "meet_commitments" in insights[0].missed_expectations
    _, store = opened(root)
    with store:
        assert {route.unit_id for route in store.routes_of(insights[0].id) if route.owns} == {"refunds"}


def test_topics_are_learnt_once_for_each_state_of_the_examples(copy):
    """What was learnt is read back; another example, another label and no other change is learnt anew under another name."""
    loaded = load(copy)
    kept = sorted((copy / "models").iterdir())
    assert len(kept) == 1
    before = recipe_name(recipe_of(loaded))
    assert recipe_name(recipe_of(load(copy))) == before
    (copy / "taxonomy.toml").write_text(TAXONOMY.replace('severity = "high"\n', ""))
    recipe_of(load(copy))
    assert sorted((copy / "models").iterdir()) == kept
    (copy / "taxonomy.toml").write_text(TAXONOMY.replace("No refund, no letter, nothing.", "No refund and no letter."))
    assert recipe_name(recipe_of(load(copy))) != before
    assert len(list((copy / "models").iterdir())) == 2


def test_learning_again_reads_the_stored_findings_too(copy):
    """The model knows how much history it saw, is another one, and the next run analyses with it."""
    loaded, store = opened(copy)
    before = learnt_topics(loaded.root, loaded.taxonomy)
    with store:
        model = learn_again(loaded.root, loaded.taxonomy, store)
    assert model.details["history"] > 0 == before.details["history"]
    assert model.id != before.id
    assert learnt_topics(loaded.root, loaded.taxonomy).id == model.id
    rows = figures_of(model)
    assert {row.topic for row in rows} == {"refund_late", "visit_missed", "wifi_drops"}
    assert [row.recognised for row in rows] == sorted(row.recognised for row in rows)


def test_a_diff_counts_what_other_examples_would_move(root):
    """Without the examples of a topic its findings lose their topic; the diff says so and changes nothing."""
    loaded, store = opened(root)
    topics = {key: rule for key, rule in loaded.taxonomy.topic.items() if key != "refund_late"}
    with store:
        told = diff(loaded, store, loaded.taxonomy, loaded.taxonomy.model_copy(update={"topic": topics}), workers=1)
    row = next(row for row in told.topics if row.topic == "refund_late")
    assert row.before > 0 == row.after
    assert told.changed == row.before


def test_texts_are_placed_without_being_analysed(copy, tmp_path):
    """Each text gets its topic with the example it is like; a bad line is told and costs itself; what is like nothing gets none."""
    texts = tmp_path / "texts.jsonl"
    texts.write_text('{"id": 1, "text": "no engineer came to us on Friday"}\nno json\n{"id": 2, "text": "Do you sell gift cards?"}\n')
    refused = []
    first, second = place(texts, load(copy), refused=refused)
    assert (first["id"], first["topic"]) == ("1", "visit_missed")
    assert first["like"] in VISIT
    assert second["topic"] is None
    assert len(refused) == 1


def test_without_learnt_topics_nothing_is_learnt(tmp_path):
    """Phrases alone make no model, and asking for one says what is missing."""
    loaded = load(company(tmp_path / "w", 1))
    assert recipe_of(loaded).learnt is None
    assert not (loaded.root / "models").exists()
    with pytest.raises(UsageError, match="no topics to learn"):
        learn_again(loaded.root, loaded.taxonomy, None)


BARE = '[topic.late]\nlabel = "Late"\nkind = "process_failure"\n'
FAULTS = [
    (TAXONOMY.replace(json.dumps(VISIT), json.dumps(VISIT[:3])), "learnt from 3 examples, at least 5", False),
    (TAXONOMY.replace(json.dumps(VISIT), json.dumps(VISIT[:7])), "learnt from 7 examples", True),
    (TAXONOMY.replace(VISIT[0], LATE[0]), "is also an example of refund_late", False),
    ('examples = "nothing/*.csv"\n' + TAXONOMY, "nothing at nothing/*.csv", False),
    ('examples = "data/*.csv"\n' + TAXONOMY, 'no topic "parking"', False),
    (BARE + f"match = {json.dumps(LATE)}\n", "nothing to tell the learnt topic apart from", False),
    (BARE, "no phrase recognises it", False),
]


@pytest.mark.parametrize(("taxonomy", "problem", "warning"), FAULTS)
def test_check_tells_what_cannot_be_learnt(tmp_path, taxonomy, problem, warning):
    """Too few examples, an example of two topics, a table that is not there or names no topic."""
    root = company(tmp_path / "w", 1)
    (root / "taxonomy.toml").write_text(taxonomy)
    (root / "data" / "lead.csv").write_text("topic,text\nparking,There is no parking.\n")
    faults = [fault for fault in check_workspace(load(root)) if problem in fault.problem]
    assert [fault.warning for fault in faults[:1]] == [warning]
    assert faults[0].line > 0


def test_check_accepts_topics_with_enough_examples(tmp_path):
    """Ten examples a topic, no phrases: nothing to mend."""
    root = company(tmp_path / "w", 1)
    (root / "taxonomy.toml").write_text(TAXONOMY)
    assert len(LATE) == ENOUGH
    assert [fault for fault in check_workspace(load(root)) if not fault.warning] == []
