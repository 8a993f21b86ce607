"""The router: one owner, the last match wins, and a reason for everything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.config.models import Ownership
from insights.domain import Insight, Interaction, Kind, Severity
from insights.errors import ConfigError
from insights.route import Router

AT = datetime(2026, 3, 2, tzinfo=UTC)
UNITS = {name: {"name": name.title()} for name in ("billing", "network", "care", "sales", "quality")}
PRODUCTS = {"fibre 500": "fibre", "f500": "fibre", "tv box": "tv"}
RIVALS = {"rivalcom": "rivalcom"}


def contact(
    *, channel: str = "call", product: str | None = None, queue: str | None = None, meta: Mapping[str, str] | None = None
) -> Interaction:
    return Interaction("i1", "crm", "1", AT, channel, (), product=product, queue=queue, meta=meta or {})


def finding(kind: str = "process_failure", *, topic: str | None = None, subject: str = "", severity: str = "medium") -> Insight:
    return Insight("n1", "i1", Kind(kind), topic, subject, (), 0.9, Severity(severity), (), (), "m")


def router(*rules: Mapping[str, object], **more: object) -> Router:
    ownership = Ownership.model_validate({"unit": UNITS, "rule": list(rules), **more})
    return Router(
        ownership,
        product_key=lambda text: PRODUCTS.get(text.casefold()),
        competitor_key=lambda text: RIVALS.get(text.casefold()),
    )


def owner(rules: Router, insight: Insight, interaction: Interaction) -> str:
    return rules.route(insight, interaction, at=AT)[0].unit_id


@pytest.mark.parametrize(
    ("rule", "insight", "interaction", "matches"),
    [
        ({"kind": "process_failure"}, finding(), contact(), True),
        ({"kind": "product_issue"}, finding(), contact(), False),
        ({"kind": ["product_issue", "process_failure"]}, finding(), contact(), True),
        ({"kind": "pro*"}, finding("product_issue"), contact(), True),
        ({"kind": "pro*"}, finding("testimonial"), contact(), False),
        ({"topic": "refund_*"}, finding(topic="refund_late"), contact(), True),
        ({"topic": "refund_*"}, finding(topic="late_refund"), contact(), False),
        ({"topic": "refund_*"}, finding(), contact(), False),
        ({"topic": "*"}, finding(topic="T-0042"), contact(), True),
        ({"topic": "*"}, finding(), contact(), False),
        ({"topic": "t-0042"}, finding(topic="T-0042"), contact(), True),
        ({"product": "fibre"}, finding(), contact(product="Fibre 500"), True),
        ({"product": "fibre  500"}, finding(), contact(product="FIBRE 500"), True),
        ({"product": "Fibre 500"}, finding(), contact(product="F500"), True),
        ({"product": "Fibre*"}, finding(), contact(product="F500"), True),
        ({"product": "mortgage*"}, finding(), contact(product="Mortgage (fixed)"), True),
        ({"product": "fibre"}, finding(subject="TV Box"), contact(product="Fibre 500"), False),
        ({"product": "tv"}, finding(subject="TV Box"), contact(product="Fibre 500"), True),
        ({"product": "fibre"}, finding(subject="refund step"), contact(product="Fibre 500"), True),
        ({"product": "fibre"}, finding("competitive_mention", subject="TV Box"), contact(product="Fibre 500"), True),
        ({"competitor": "rivalcom"}, finding("competitive_mention", subject="RivalCom"), contact(), True),
        ({"competitor": "rivalcom"}, finding("product_issue", subject="RivalCom"), contact(), False),
        ({"competitor": "*"}, finding("competitive_mention"), contact(), False),
        ({"channel": "Email"}, finding(), contact(channel="email"), True),
        ({"queue": "business*"}, finding(), contact(queue="Business Support"), True),
        ({"queue": "business*"}, finding(), contact(), False),
        ({"severity": "high"}, finding(severity="critical"), contact(), False),
        ({"severity": ">=high"}, finding(severity="critical"), contact(), True),
        ({"severity": ">=high"}, finding(severity="medium"), contact(), False),
        ({"meta": {"region": "north*"}}, finding(), contact(meta={"region": "North-West"}), True),
        ({"meta": {"region": "north*"}}, finding(), contact(meta={"Region": "North-West"}), True),
        ({"meta": {"region": "north*"}}, finding(), contact(meta={"region": " "}), False),
        ({"kind": "process_failure", "queue": "vip"}, finding(), contact(queue="standard"), False),
        ({"kind": []}, finding(), contact(), False),
        ({}, finding(), contact(), True),
    ],
)
def test_a_rule_matches_when_every_condition_holds(
    rule: dict[str, object], insight: Insight, interaction: Interaction, matches: bool
) -> None:
    """Each field is compared as documented; an unknown value matches nothing, not even a star."""
    assert owner(router({**rule, "owner": "billing"}), insight, interaction) == ("billing" if matches else "triage")


def test_the_last_matching_rule_wins() -> None:
    """As in CODEOWNERS, a later rule beats an earlier one that is more specific."""
    rules = router(
        {"topic": "refund_late", "owner": "billing"},
        {"kind": "process_failure", "owner": "care"},
        {"kind": "testimonial", "owner": "sales"},
    )
    assert owner(rules, finding(topic="refund_late"), contact()) == "care"


def test_a_route_names_its_rule_and_reason() -> None:
    """A made reason tells the conditions; a reason of the rule's own stands as it is."""
    rules = router(
        {"kind": "process_failure", "topic": ["refund_*", "charge_*"], "severity": ">=high", "owner": "billing"},
        {"queue": "vip", "owner": "care", "why": "VIPs are  cared for\nby care"},
    )
    made = rules.route(finding(topic="refund_late", severity="high"), contact(), at=AT)[0]
    own = rules.route(finding(), contact(queue="VIP"), at=AT)[0]
    assert (made.rule, made.at, made.owns) == ("ownership.toml:rule 1", AT, True)
    assert made.why == "rule 1: kind process_failure and topic refund_* or charge_* and severity high or worse → billing"
    assert own.why == "VIPs are cared for by care"


def test_what_matches_nothing_goes_to_triage_and_says_so() -> None:
    """The triage unit exists even where the file does not declare it."""
    rules = router({"topic": "x", "owner": "care"})
    (route,) = rules.route(finding(), contact(), at=AT)
    assert (route.unit_id, route.rule) == ("triage", "ownership.toml:triage")
    assert "no rule matches" in route.why
    assert rules.units["triage"].name == "Triage"
    assert list(rules.units) == [*UNITS, "triage"]


def test_a_declared_triage_unit_is_kept() -> None:
    """A triage unit may be any declared unit, under its own name."""
    rules = router(triage="care")
    assert owner(rules, finding(), contact()) == "care"
    assert rules.units["care"].name == "Care"


def test_followers_come_once_and_never_twice_the_owner() -> None:
    """Followers of the rule come first, then units that follow the owner; the owner is no follower of its own."""
    units = {**UNITS, "quality": {"name": "Quality", "follows": ["billing", "quality"]}, "network": {"name": "N", "follows": ["billing"]}}
    ownership = {"unit": units, "rule": [{"owner": "billing", "followers": ["care", "billing", "network", "care"]}]}
    routes = Router(Ownership.model_validate(ownership)).route(finding(), contact(), at=AT)
    assert [(route.unit_id, route.owns) for route in routes] == [("billing", True), ("care", False), ("network", False), ("quality", False)]
    assert routes[1].why.startswith("follower by rule 1")
    assert routes[3].why == "follows billing"


def test_only_the_winning_rule_brings_its_followers() -> None:
    """A rule that lost has no say at all."""
    rules = router({"owner": "billing", "followers": ["quality"]}, {"kind": "process_failure", "owner": "care"})
    assert [route.unit_id for route in rules.route(finding(), contact(), at=AT)] == ["care"]


def test_units_that_follow_each_other_are_harmless() -> None:
    """Following is one step deep, so a cycle ends."""
    units = {"a": {"name": "A", "follows": ["b"]}, "b": {"name": "B", "follows": ["a"]}, "c": {"name": "C", "follows": ["b"]}}
    rules = Router(Ownership.model_validate({"unit": units, "rule": [{"owner": "a"}]}))
    assert [route.unit_id for route in rules.route(finding(), contact(), at=AT)] == ["a", "b"]


def test_a_rule_for_an_unknown_unit_is_refused() -> None:
    """An insight can never be sent to a unit that is not there."""
    with pytest.raises(ConfigError) as caught:
        router({"owner": "biling"}, {"owner": "care", "followers": ["nobody"]})
    assert [fault.key for fault in caught.value.faults] == ["rule 1.owner", "rule 2.followers"]
    assert caught.value.faults[0].hint == 'did you mean "billing"?'


def test_the_hash_follows_the_rules_and_nothing_else() -> None:
    """Insights are routed again when a rule changes, not when a unit is renamed."""
    first = router({"kind": "testimonial", "owner": "sales"})
    renamed = router({"kind": "testimonial", "owner": "sales"}, unit={**UNITS, "sales": {"name": "Sales and more", "cadence": "daily"}})
    changed = router({"kind": "testimonial", "owner": "care"})
    followed = router({"kind": "testimonial", "owner": "sales"}, unit={**UNITS, "care": {"name": "Care", "follows": ["sales"]}})
    assert first.hash == renamed.hash
    assert len({first.hash, changed.hash, followed.hash}) == 3


def test_examples_of_the_file_are_run() -> None:
    """A test names what it expected, what it got and why."""
    tests = [
        {"kind": "process_failure", "product": "Fibre 500", "owner": "network"},
        {"kind": "competitive_mention", "competitor": "RivalCom", "owner": "sales"},
        {"kind": "testimonial", "owner": "sales"},
    ]
    results = router({"product": "fibre", "owner": "network"}, {"competitor": "rivalcom", "owner": "sales"}, test=tests).test()
    assert [result.passed for result in results] == [True, True, False]
    assert (results[2].number, results[2].expected, results[2].got) == (3, "sales", "triage")


def test_explanation_shows_winner_losers_and_the_nearest() -> None:
    """Every rule that matched but lost is listed, and those that nearly matched with what stands in the way."""
    rules = router(
        {"kind": "process_failure", "owner": "care"},
        {"topic": "refund_*", "owner": "billing"},
        {"kind": "process_failure", "queue": "vip", "severity": ">=high", "owner": "quality"},
        {"kind": "product_issue", "queue": "field", "severity": "critical", "owner": "network"},
    )
    told = rules.explain(finding(topic="refund_late", severity="high"), contact())
    assert (told.owner, told.rule) == ("billing", "ownership.toml:rule 2")
    assert [(note.number, note.owner, note.matched) for note in told.lost] == [(1, "care", ("kind process_failure",))]
    assert [note.number for note in told.nearest] == [3, 4]
    assert told.nearest[0].matched == ("kind process_failure", "severity high or worse")
    assert told.nearest[0].missed == ("queue is unknown, not vip",)
    assert ("topic", "refund_late") in told.facts
    assert told.change == "rule 3 would send it to quality if queue were vip (queue is unknown)"


@pytest.mark.parametrize(
    ("rules", "change"),
    [
        (
            [{"kind": "process_failure", "owner": "care"}, {"kind": "pro*", "owner": "billing"}],
            "rule 1 would send it to care if it stood after rule 2",
        ),
        ([{"kind": "testimonial", "owner": "sales"}], "rule 1 would send it to sales if kind were testimonial (kind is process_failure)"),
        (
            [{"queue": "vip", "owner": "care"}, {"kind": "process_failure", "owner": "billing"}],
            'no rule leads elsewhere: add a last [[rule]] with kind = "process_failure" and the other unit as owner',
        ),
        ([], 'no rule leads elsewhere: add a last [[rule]] with kind = "process_failure" and the other unit as owner'),
    ],
)
def test_the_smallest_change_that_reroutes(rules: list[dict[str, str]], change: str) -> None:
    """A rule that would be beaten anyway by a later one is not offered."""
    assert router(*rules).explain(finding(), contact()).change == change


PATTERNS = st.sampled_from(["*", "a", "ab", "a*", "ab*", "b", "x*"])
RULES = st.fixed_dictionaries(
    {"owner": st.sampled_from(sorted(UNITS))},
    optional={
        "kind": st.lists(st.sampled_from([*(kind.value for kind in Kind), "pro*"]), max_size=2),
        "topic": st.lists(PATTERNS, max_size=2),
        "product": PATTERNS,
        "queue": PATTERNS,
        "severity": st.sampled_from(["low", ">=medium", "critical", ">=low"]),
        "meta": st.dictionaries(st.sampled_from(["region", "tier"]), PATTERNS, max_size=2),
        "followers": st.lists(st.sampled_from(sorted(UNITS)), max_size=3),
    },
)
WORDS = st.one_of(st.none(), st.text("abxİß *\x00", max_size=3))


@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    rules=st.lists(RULES, max_size=6),
    follows=st.dictionaries(st.sampled_from(sorted(UNITS)), st.lists(st.sampled_from(sorted(UNITS)), max_size=2)),
    kind=st.sampled_from(list(Kind)),
    severity=st.sampled_from(list(Severity)),
    words=st.tuples(WORDS, WORDS, WORDS, WORDS),
)
def test_every_insight_has_exactly_one_owner(
    rules: list[dict[str, object]],
    follows: dict[str, list[str]],
    kind: Kind,
    severity: Severity,
    words: tuple[str | None, str | None, str | None, str | None],
) -> None:
    """Whatever the rules, there is one owner, it comes first, and it is the one the explanation and the last match name."""
    units = {name: {**unit, "follows": follows.get(name, [])} for name, unit in UNITS.items()}
    made = router(*rules, unit=units)
    topic, product, queue, region = words
    insight = finding(kind, topic=topic, severity=severity)
    interaction = contact(product=product, queue=queue, meta={"region": region or ""})
    routes = made.route(insight, interaction, at=AT)
    told = made.explain(insight, interaction)
    assert [route.owns for route in routes] == [True] + [False] * (len(routes) - 1)
    assert len({route.unit_id for route in routes}) == len(routes)
    assert all(route.unit_id in made.units and route.why and route.rule for route in routes)
    alone = [rule for rule in rules if owner(router(rule), insight, interaction) != "triage"]
    assert routes[0].unit_id == (alone[-1]["owner"] if alone else "triage") == told.owner
    assert len(told.lost) == max(0, len(alone) - 1)


def test_the_same_facts_give_the_same_routes_whatever_the_order() -> None:
    """Remembered decisions change nothing."""
    rules = router({"kind": "testimonial", "owner": "sales"}, {"queue": "vip*", "owner": "care"})
    cases = [(finding(kind), contact(queue=queue)) for kind in Kind for queue in (None, "vip one", "other")]
    forwards = [owner(rules, *case) for case in cases]
    assert [owner(rules, *case) for case in reversed(cases)] == forwards[::-1]
