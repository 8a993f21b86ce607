"""Faults of an ownership file that its model cannot see."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.config.models import Ownership
from insights.config.toml import locate
from insights.domain import Kind
from insights.errors import Fault
from insights.route import check_ownership
from insights.route.rules import compile_rules

TOPICS = {"refund_late": Kind.PROCESS_FAILURE, "refund_lost": Kind.PROCESS_FAILURE, "no_signal": Kind.PRODUCT_ISSUE}
UNITS = "".join(f'[unit.{name}]\nname = "{name}"\n' for name in ("billing", "network", "care"))
REACHED = '[[rule]]\nowner = "billing"\n[[rule]]\nkind = "testimonial"\nowner = "network"\n[[rule]]\nkind = "market_opportunity"\nowner = "care"\n'


def faults_of(
    text: str, *, products: tuple[str, ...] = ("fibre", "Fibre 500"), competitors: tuple[str, ...] = ("rivalcom",)
) -> list[Fault]:
    return check_ownership(
        Ownership.model_validate(tomllib.loads(text)), lines=locate(text), topics=TOPICS, products=products, competitors=competitors
    )


def test_a_sound_file_has_no_fault() -> None:
    """Patterns, labels, ids of discovered topics and mutual following are all in order."""
    text = (
        UNITS
        + 'follows = ["network"]\n'
        + '[[rule]]\nkind = "process_failure"\nowner = "care"\n'
        + '[[rule]]\nkind = "process_failure"\ntopic = ["refund_*", "T-0042"]\nowner = "billing"\n'
        + '[[rule]]\nproduct = "Fibre 500"\nseverity = ">=high"\nowner = "network"\nfollowers = ["care"]\n'
        + '[[rule]]\nkind = "competitive_mention"\ncompetitor = "RivalCom"\nowner = "care"\n'
        + '[[test]]\nkind = "process_failure"\ntopic = "refund_late"\nowner = "billing"\n'
    )
    assert faults_of(text) == []


@pytest.mark.parametrize(
    ("rule", "key", "problem", "hint"),
    [
        ('queue = "vip"\nowner = "biling"', "owner", 'unknown unit "biling"', 'did you mean "billing"?'),
        ('owner = "care"\nqueue = "vip"\nfollowers = ["caer"]', "followers", 'unknown unit "caer"', 'did you mean "care"?'),
        ('owner = "care"\nkind = "product_isue"', "kind", 'unknown kind "product_isue"', 'did you mean "product_issue"?'),
        ('owner = "care"\ntopic = "refund_lte"', "topic", 'unknown topic "refund_lte"', 'did you mean "refund_late"?'),
        ('owner = "care"\ntopic = "refnd_*"', "topic", 'no topic matches "refnd_*"', 'did you mean "refund_lost"?'),
        ('owner = "care"\nproduct = "fiber"', "product", 'unknown product "fiber"', 'did you mean "fibre"?'),
        ('owner = "care"\ncompetitor = "rivalco"', "competitor", 'unknown competitor "rivalco"', 'did you mean "rivalcom"?'),
        ('owner = "care"\nqueue = "*vip"', "queue", '"*vip" has a * that is not at its end', "a pattern is a beginning and *"),
        ('owner = "care"\nqueue = []', "queue", "is an empty list, which nothing matches", "name a value or remove the key"),
        (
            'owner = "care"\nkind = "product_issue"\ntopic = "refund_*"',
            "topic",
            '"refund_*" can never match: topic refund_late is process_failure',
            'use kind = "process_failure" or leave the kind out',
        ),
        (
            'owner = "care"\nkind = "product_issue"\ncompetitor = "rivalcom"',
            "competitor",
            "can never match: only a competitive_mention has a competitor",
            'use kind = "competitive_mention"',
        ),
    ],
)
def test_a_wrong_name_or_rule_is_told_with_its_line(rule: str, key: str, problem: str, hint: str) -> None:
    """Each fault stands at the line of its key with the nearest known name."""
    text = UNITS + REACHED + "[[rule]]\n" + rule + "\n"
    (fault,) = faults_of(text)
    assert (fault.key, fault.problem, fault.hint) == (f"rule 4.{key}", problem, hint)
    assert text.splitlines()[fault.line - 1].startswith(key)


def test_products_are_free_where_none_are_declared() -> None:
    """Rules may use a source's own product words as long as the taxonomy names no products."""
    text = UNITS + REACHED + '[[rule]]\nproduct = "Mortgage"\nowner = "care"\n'
    assert faults_of(text, products=()) == []


@pytest.mark.parametrize(
    ("rules", "dead"),
    [
        (['topic = "refund_late"', 'topic = "refund_*"'], [1]),
        (['topic = "refund_*"', 'topic = "refund_late"'], []),
        (['topic = ["refund_late", "no_signal"]', 'topic = "refund_*"', 'topic = "no_signal"'], [1]),
        (['kind = "product_issue"\ntopic = "no_signal"', 'topic = "no_signal"'], [1]),
        (['topic = "no_signal"', 'kind = "product_issue"\ntopic = "no_signal"'], []),
        (['severity = "high"', 'severity = ">=medium"'], [1]),
        (['severity = ">=medium"', 'severity = "medium"', 'severity = ">=high"'], [1]),
        (['queue = "vip"', 'kind = ["product_issue", "process_failure"]', 'kind = ["competitive_mention", "i*", "m*", "t*"]'], [1]),
        (['queue = "vip"', "", 'queue = "vip"'], [1]),
        (['meta = { region = "north" }', 'meta = { region = "nor*" }'], [1]),
        (['meta = { region = "north" }', 'meta = { tier = "nor*" }'], []),
        (["", ""], [1]),
        (['queue = "*"', 'queue = "a*"'], []),
    ],
)
def test_a_rule_that_can_never_win_is_told(rules: list[str], dead: list[int]) -> None:
    """A rule is dead where one later rule, or several together, take all it matches."""
    text = UNITS + "".join(
        f'[[rule]]\nowner = "{name}"\n{rule}\n' for rule, name in zip(rules, ("billing", "network", "care"), strict=False)
    )
    found = [fault.key for fault in faults_of(text) if "never win" in fault.problem]
    assert found == [f"rule {number}" for number in dead]


def test_units_nobody_routes_to_are_told() -> None:
    """A unit that owns nothing, follows nothing and is no triage will never receive a line."""
    text = UNITS + '[[rule]]\nowner = "care"\n'
    assert [(fault.key, fault.problem) for fault in faults_of(text)] == [
        ("unit.billing", "no rule leads to it and it follows nobody"),
        ("unit.network", "no rule leads to it and it follows nobody"),
    ]


def test_examples_that_fail_are_faults() -> None:
    """The file's own tests are part of its check; a wrong topic in one is told as well."""
    text = (
        UNITS
        + REACHED
        + '[[test]]\nkind = "testimonial"\nowner = "care"\n[[test]]\nkind = "product_issue"\ntopic = "nosignal"\nowner = "billing"\n'
    )
    first, second = faults_of(text)
    assert (first.key, first.problem) == ("test 1", "expected care, got network (rule 2: kind testimonial → network)")
    assert (second.key, second.problem, second.hint) == ("test 2.topic", 'unknown topic "nosignal"', 'did you mean "no_signal"?')


VALUES = ("", "a", "ab", "abc", "b")
GIVEN = st.lists(st.sampled_from(["a", "ab", "a*", "ab*", "b", "*"]), min_size=1, max_size=2)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(
    rules=st.lists(
        st.fixed_dictionaries(
            {"owner": st.just("x")},
            optional={"queue": GIVEN, "channel": GIVEN, "severity": st.sampled_from(["high", ">=high", ">=medium", "critical", "low"])},
        ),
        min_size=2,
        max_size=4,
    )
)
def test_a_rule_called_dead_never_wins(rules: list[dict[str, object]]) -> None:
    """Against every combination of values: no rule that decides something is accused."""
    ownership = Ownership.model_validate({"unit": {"x": {"name": "X"}}, "rule": rules})
    faults = check_ownership(ownership, topics={}, products=(), competitors=())
    accused = {int(fault.key.split()[1]) for fault in faults if "never win" in fault.problem}
    compiled = compile_rules(ownership.rule)
    for queue in VALUES:
        for channel in VALUES:
            for severity in ("low", "medium", "high", "critical"):
                facts = {"queue": (queue,) if queue else (), "channel": (channel,) if channel else (), "severity": (severity,)}
                winner = next((rule.number for rule in reversed(compiled) if rule.matches(facts)), None)
                assert winner not in accused
