"""Ad hoc questions: every field, injection-proof words, groups with their denominators."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_samples import MONDAY, analyse, contact, found, send, take_in

from insights.domain import (
    AllOf,
    AnyOf,
    Decision,
    Expectation,
    FieldMatch,
    Insight,
    Interaction,
    Issue,
    IssueStatus,
    Kind,
    Not,
    QueryNode,
    Severity,
    Signal,
    Words,
)
from insights.errors import UsageError
from insights.store import Store

DUBLIN = ZoneInfo("Europe/Dublin")
NOW = MONDAY + timedelta(days=40)
COLUMNS = [
    "id",
    "interaction",
    "source",
    "channel",
    "started_at",
    "kind",
    "topic",
    "topic_label",
    "subject",
    "severity",
    "confidence",
    "decision",
    "owner",
    "missed_expectations",
    "quote",
    "turn",
    "start",
    "end",
    "role",
]

CONTACTS = {
    "a": contact("a", "My refund is late", "refunds!", customer="cust-1", product="Fibre 500", region="West Coast"),
    "b": contact("b", "the Café router broke", at=MONDAY + timedelta(days=8), channel="call", customer="cust-2"),
    "c": contact("c", "cancelled twice NEAR(refund late)", at=MONDAY + timedelta(days=20), channel="call", customer="cust-1"),
    "d": contact("d", "undated refund", at=None, source="Mail"),
}
INSIGHTS = {
    "a1": found(CONTACTS["a"], topic="refund", severity=Severity.HIGH, confidence=0.9, expectations=(Expectation.FOLLOW_UP,), end=9),
    "a2": found(CONTACTS["a"], kind=Kind.COMPETITIVE_MENTION, subject="Árd Net", confidence=0.6, turn=1),
    "b1": found(CONTACTS["b"], kind=Kind.PRODUCT_ISSUE, topic="router", severity=Severity.CRITICAL, confidence=0.8, start=9),
    "c1": found(CONTACTS["c"], topic="refund", severity=Severity.LOW, confidence=0.7, expectations=tuple(Expectation)[:2]),
    "c2": found(CONTACTS["c"], kind=Kind.TESTIMONIAL, confidence=0.4, decision=Decision.UNDECIDED),
    "d1": found(CONTACTS["d"], topic="refund", confidence=0.75),
}
NAMES = {insight.id: name for name, insight in INSIGHTS.items()}
OWNERS = {"a1": "billing", "a2": "product", "b1": "network", "c1": "billing", "d1": "billing"}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Four contacts, six insights, one issue on refunds."""
    path: Path = tmp_path_factory.mktemp("search") / "insights.db"
    with Store.open(path, create=True) as store:
        store.declare_topics(
            [("refund", "Late Refund", Kind.PROCESS_FAILURE, ()), ("router", "Broken router", Kind.PRODUCT_ISSUE, ())], made_by="t"
        )
        take_in(store, *CONTACTS.values())
        analyse(store, *INSIGHTS.values())
        for name, owner in OWNERS.items():
            send(store, INSIGHTS[name], owner)
        refunds = Issue(
            *("ISS-000001", "Refunds", Kind.PROCESS_FAILURE, "T-0001", IssueStatus.OPEN, Signal.EMERGING, "billing"), MONDAY, MONDAY, 3, 2
        )
        store.save_issues([refunds, replace(refunds, id="ISS-000002", topic="T-0002", status=IssueStatus.ARCHIVED)])
        yield store


def names(store: Store, tree: QueryNode) -> list[str]:
    """Short names of the insights found."""
    return sorted(NAMES[str(row["id"])] for row in store.search(tree, now=NOW, zone=DUBLIN, limit=-1))


def is_(field: str, *values: str, op: str = "=") -> FieldMatch:
    return FieldMatch(field, op, values)


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (AllOf(()), "a1 a2 b1 c1 d1"),
        (AnyOf(()), ""),
        (is_("kind", "product_issue", "testimonial"), "b1"),
        (is_("kind", "comp*"), "a2"),
        (is_("topic", "refund"), "a1 c1 d1"),
        (is_("topic", "t-0002"), "b1"),
        (is_("topic", "late refund"), "a1 c1 d1"),
        (is_("topic", "*r"), ""),
        (is_("issue", "iss-000001"), "a1 c1 d1"),
        (is_("subject", "árd*"), "a2"),
        (is_("subject", "ÁRD NET"), "a2"),
        (is_("owner", "billing"), "a1 c1 d1"),
        (is_("unit", "NETWORK", "product"), "a2 b1"),
        (is_("channel", "CALL"), "b1 c1"),
        (is_("source", "mail"), "d1"),
        (is_("product", "fibre*"), "a1 a2"),
        (Not(is_("product", "fibre 500")), "b1 c1 d1"),
        (is_("queue", "x"), ""),
        (is_("language", "*"), ""),
        (is_("customer", "cust-1"), "a1 a2 c1"),
        (is_("severity", "high", "low"), "a1 c1"),
        (is_("severity", "high", op=">="), "a1 b1"),
        (is_("severity", "high", op=">"), "b1"),
        (is_("severity", "medium", op="<"), "c1"),
        (is_("severity", "low", "high", op=".."), "a1 a2 c1 d1"),
        (is_("severity", "", "low", op=".."), "c1"),
        (is_("severity", "cri*"), "b1"),
        (is_("expectation", "follow_up"), "a1"),
        (is_("expectation", "be_*", "treat*"), "c1"),
        (is_("confidence", "0.75", op=">="), "a1 b1 d1"),
        (is_("confidence", "0.6", "0.75", op=".."), "a2 c1 d1"),
        (is_("confidence", "0.9"), "a1"),
        (is_("decision", "undecided"), "c2"),
        (is_("decision", "*"), "a1 a2 b1 c1 c2 d1"),
        (is_("is", "undecided"), "c2"),
        (AnyOf((is_("is", "undecided"), is_("kind", "product_issue"))), "b1 c2"),
        (is_("is", "undated"), "d1"),
        (is_("is", "recurring"), "a1 c1 d1"),
        (is_("is", "emerging", "new"), "a1 c1 d1"),
        (is_("is", "new"), ""),
        (is_("has", "quote"), "a1 a2 b1 c1 d1"),
        (Not(is_("has", "topic")), "a2"),
        (is_("has", "issue"), "a1 b1 c1 d1"),
        (Not(is_("has", "customer")), "d1"),
        (is_("has", "product", "owner"), "a1 a2 b1 c1 d1"),
        (is_("id", INSIGHTS["a1"].id[:10] + "*"), "a1"),
        (is_("interaction", "a"), "a1 a2"),
        (is_("interaction", "Mail/d"), "d1"),
        (is_("interaction", CONTACTS["b"].id), "b1"),
        (is_("meta.region", "west coast"), "a1 a2"),
        (is_("meta.region", "West*"), "a1 a2"),
        (Not(is_("meta.region", "*")), "b1 c1 d1"),
        (is_("meta.x' OR 1=1 --", "*"), ""),
        (is_("since", "2026-03-10"), "b1 c1"),
        (is_("until", "2026-03-10"), "a1 a2 b1"),
        (is_("since", "21d"), "c1"),
        (is_("since", "6w"), "a1 a2 b1 c1"),
        (is_("on", "2026-W11"), "b1"),
        (is_("on", "2026-w10", "2026-W12"), "a1 a2 c1"),
        (is_("on", "2026-03-01", "2026-03-10", op=".."), "a1 a2 b1"),
        (is_("on", "", "2026-03-02", op=".."), "a1 a2"),
        (is_("on", "30d"), "c1"),
        (is_("received", "2027"), "a1 a2 b1 c1 d1"),
        (Words("refund"), "a1 a2 c1 d1"),
        (Words("refund is"), "a1 a2"),
        (Words("cafe"), "b1"),
        (Words("rout", prefix=True), "b1"),
        (Words("cancel"), "c1"),
        (AllOf((Words("refund"), Words("late"))), "a1 a2 c1"),
        (AllOf((Words("refund"), Not(Words("late")))), "d1"),
        (AnyOf((Words("router"), AllOf((Words("refund"), is_("severity", "low"))))), "b1 c1"),
    ],
)
def test_every_field_finds_what_it_says(scene: Store, tree: QueryNode, expected: str) -> None:
    """One line a field: the insights it finds in a scene of six."""
    assert names(scene, tree) == expected.split()
    assert scene.count(tree, now=NOW, zone=DUBLIN) == len(expected.split())


HOSTILE = [
    '"',
    '""',
    "a AND b",
    "NEAR(refund late)",
    "text:refund",
    "-refund",
    "refund*",
    "^refund",
    "{",
    "(",
    "a' OR '1'='1",
    "\x00",
    "\ud800",
    "",
    "🙂",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("prefix", [False, True])
def test_words_are_never_operators(scene: Store, text: str, prefix: bool) -> None:
    """Whatever is searched for is looked up as words: no error, no column filter, no operator."""
    found_names = names(scene, Words(text, prefix))
    assert set(found_names) <= (
        {"c1"} if "NEAR" in text else {"a1", "a2", "c1", "d1"} if "refund" in text and "text" not in text else set()
    )


@pytest.mark.parametrize(
    "tree",
    [
        is_("nosuch", "x"),
        is_("kind", "x", op=">="),
        is_("topic", "x", op=".."),
        is_("severity", "awful", op=">="),
        is_("confidence", "much"),
        is_("confidence", "1", op="!="),
        is_("is", "nosuch"),
        is_("has", "nosuch"),
        is_("since", "2026-13"),
        is_("since", "2026-03", op=">="),
        is_("on", "soon"),
        is_("on", "9999-12-31"),
        is_("since", "999999y"),
        is_("since", "999999999999d"),
        is_("until", "2026-W60"),
        is_("on", "0000"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(scene: Store, tree: QueryNode) -> None:
    """Also when a tree comes from elsewhere than the grammar."""
    with pytest.raises(UsageError) as caught:
        scene.search(tree, now=NOW, zone=DUBLIN)
    assert caught.value.hint


def test_rows_have_stable_columns_and_the_primary_quote(scene: Store) -> None:
    """Ready for a table, JSON or CSV."""
    (row,) = scene.search(is_("id", INSIGHTS["a1"].id), now=NOW, zone=DUBLIN)
    assert list(row) == COLUMNS
    assert row == dict(
        zip(
            COLUMNS,
            [
                *(INSIGHTS["a1"].id, "a", "chats", "chat", "2026-03-02T00:00:00Z", "process_failure", "refund", "Late Refund", "", "high"),
                *(0.9, "yes", "billing", ["follow_up"], "My refund", 0, 0, 9, None),
            ],
            strict=True,
        )
    )


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("-started_at", "c1 b1 a1 a2 d1"),
        ("started_at,-confidence", "a1 a2 b1 c1 d1"),
        ("-severity,confidence", "b1 a1 a2 d1 c1"),
        ("owner, confidence", "c1 d1 a1 b1 a2"),
    ],
)
def test_rows_come_in_the_order_asked_for(scene: Store, sort: str, expected: str) -> None:
    """What is not known comes last; ties go by id."""
    rows = [NAMES[str(row["id"])] for row in scene.search(AllOf(()), now=NOW, zone=DUBLIN, limit=-1, sort=sort)]
    if sort == "-started_at":
        rows[2:4] = sorted(rows[2:4])
    assert rows == expected.split()
    first = scene.search(AllOf(()), now=NOW, zone=DUBLIN, limit=1, sort=sort)
    assert len(first) == 1


@pytest.mark.parametrize("sort", ["nosuch", "quote", "", "id; DROP TABLE insight", "-"])
def test_rows_are_sorted_by_known_columns_only(scene: Store, sort: str) -> None:
    """A column's name cannot be bound, so only names from our list enter the statement."""
    with pytest.raises(UsageError, match="sorted"):
        scene.search(AllOf(()), now=NOW, zone=DUBLIN, sort=sort)


def _groups(store: Store, tree: QueryNode, *by: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in store.group(tree, by=by, now=NOW, zone=DUBLIN)]


def test_groups_carry_their_own_denominator(scene: Store) -> None:
    """Contacts, customers, insights, contacts handled in the same stretch and channel, rate a thousand."""
    assert _groups(scene, AllOf(()), "week") == [
        (None, 1, 1, 1, None, None),
        ("2026-W10", 1, 1, 2, 1, 1000.0),
        ("2026-W11", 1, 1, 1, 1, 1000.0),
        ("2026-W12", 1, 1, 1, 1, 1000.0),
    ]
    assert _groups(scene, is_("kind", "process_failure"), "channel") == [
        ("chat", 2, 2, 2, 1, 1000.0),
        ("call", 1, 1, 1, 2, 500.0),
    ]
    assert _groups(scene, AllOf(()), "topic") == [
        ("refund", 3, 2, 3, 3, pytest.approx(2000 / 3)),
        (None, 1, 1, 1, 3, pytest.approx(1000 / 3)),
        ("router", 1, 1, 1, 3, pytest.approx(1000 / 3)),
    ]
    assert _groups(scene, AllOf((is_("topic", "refund"), is_("since", "2026-03-05"))), "month", "owner") == [
        ("2026-03", "billing", 1, 1, 1, 2, 500.0)
    ]
    assert _groups(scene, is_("meta.region", "west*"), "meta.region", "severity") == [
        ("West Coast", "high", 1, 1, 1, 1, 1000.0),
        ("West Coast", "medium", 1, 1, 1, 1, 1000.0),
    ]


def test_an_insight_that_missed_two_expectations_is_in_both_groups(scene: Store) -> None:
    """And one that missed none is in no group of expectations."""
    rows = _groups(scene, AllOf(()), "expectation")
    assert [row[0] for row in rows] == sorted([str(name) for name in tuple(Expectation)[:2]] + ["follow_up"])
    assert {row[1] for row in rows} == {1}


@pytest.mark.parametrize(("unit", "label"), [("day", "2026-03-10"), ("week", "2026-W11"), ("quarter", "2026-Q1"), ("year", "2026")])
def test_times_are_grouped_in_the_zone(scene: Store, unit: str, label: str) -> None:
    """Every calendar unit has the label people use for it."""
    assert [row[0] for row in _groups(scene, is_("topic", "router"), unit)] == [label]


def test_days_follow_the_clocks_of_the_zone(store: Store) -> None:
    """Half past eleven in the evening in UTC is the next day of an Irish summer."""
    late = contact("late", at=datetime.fromisoformat("2026-06-30T23:30:00+00:00"))
    take_in(store, late)
    analyse(store, found(late))
    for zone, day in [(DUBLIN, "2026-07-01"), (ZoneInfo("UTC"), "2026-06-30")]:
        (row,) = store.group(is_("on", day), by=["day"], now=NOW, zone=zone)
        assert (row["day"], row["handled"]) == (day, 1)


@pytest.mark.parametrize("by", [(), ("nosuch",), ("kind", "kind"), ("meta.",), ("kind); DROP TABLE insight",)])
def test_groups_are_known_names(scene: Store, by: tuple[str, ...]) -> None:
    """Each once, from our list."""
    with pytest.raises(UsageError):
        scene.group(AllOf(()), by=by, now=NOW, zone=DUBLIN)


def test_the_statement_shown_is_the_one_that_runs_and_holds_no_typed_text(scene: Store) -> None:
    """Everything people type is bound."""
    tree = AllOf((Words("se'cret\""), is_("owner", "se'cret"), is_("meta.se'cret", "se'cret*"), is_("subject", "se'cret")))
    sql, values = scene.sql_of(tree, now=NOW, zone=DUBLIN)
    assert "cret" not in sql
    assert sum("cret" in str(value) for value in values) == 5
    assert scene.rows(sql, values) == []


# A second, plain reading of trees over the scene: what SQL finds must agree with it.
def _matches(tree: QueryNode, insight: Insight, interaction: Interaction) -> bool:
    match tree:
        case AllOf(children):
            return all(_matches(child, insight, interaction) for child in children)
        case AnyOf(children):
            return any(_matches(child, insight, interaction) for child in children)
        case Not(child):
            return not _matches(child, insight, interaction)
        case Words(text):
            return any(text in re.findall(r"\w+", turn.text.casefold()) for turn in interaction.turns)
        case FieldMatch("kind", _, values):
            return insight.kind in values
        case FieldMatch("channel", _, values):
            return interaction.channel in values
        case FieldMatch("customer", _, values):
            return interaction.customer_ref in values
        case FieldMatch("owner", _, values):
            return OWNERS.get(NAMES[insight.id]) in values
        case FieldMatch("severity", _, (least,)):
            return insight.severity.rank >= Severity(least).rank
        case _:
            raise AssertionError(tree)


LEAVES = st.one_of(
    st.sampled_from([Words("late"), Words("router"), Words("the"), Words("nothing")]),
    st.builds(lambda value: is_("kind", value), st.sampled_from(["process_failure", "testimonial", "competitive_mention"])),
    st.builds(lambda value: is_("channel", value), st.sampled_from(["chat", "call"])),
    st.builds(lambda *values: is_("customer", *values), st.sampled_from(["cust-1", "x"]), st.just("cust-2")),
    st.builds(lambda value: is_("owner", value), st.sampled_from(["billing", "network"])),
    st.builds(lambda value: is_("severity", str(value), op=">="), st.sampled_from(Severity)),
)
TREES: st.SearchStrategy[QueryNode] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda children: AllOf(tuple(children)), st.lists(inner, max_size=3)),
        st.builds(lambda children: AnyOf(tuple(children)), st.lists(inner, max_size=3)),
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(tree=TREES)
def test_search_agrees_with_a_plain_reading_of_the_tree(scene: Store, tree: QueryNode) -> None:
    """Any combination of and, or and not finds exactly what a loop over all insights would."""
    contacts = {one.id: one for one in CONTACTS.values()}
    expected = [
        name
        for name, insight in INSIGHTS.items()
        if insight.decision is Decision.YES and _matches(tree, insight, contacts[insight.interaction_id])
    ]
    assert names(scene, tree) == sorted(expected)
