"""Precision, recall, F1 and their intervals."""

from __future__ import annotations

import numpy as np
import pytest
from evaluate_cases import ISSUE, PRAISE, said

from insights.domain import Decision, Evidence, Expectation, Insight, Interaction, Kind, Role, Severity, Turn, Visibility
from insights.evaluate import Said, Truth, by_group, said_of, score
from insights.evaluate.figures import draw, figure_of

TRUTHS = [
    Truth("1", {ISSUE: "the screen went black"}, source="x", channel="call"),
    Truth("2", {ISSUE: "it broke"}, source="x", channel="chat"),
    Truth("3", {}, source="y", channel="call"),
    Truth("4", {PRAISE: "lovely staff"}, frozenset({ISSUE}), source="y", channel="call"),
]
PREDICTED = {"1": said(product_issue=0.9), "3": said(product_issue=0.6), "4": said(product_issue=0.7)}


def test_figures_count_what_was_found_missed_and_made_up() -> None:
    """One of two found and one made up is a half and a half; what people were unsure of is not counted."""
    scores = score(TRUTHS, PREDICTED, resamples=50)
    issue = scores.kinds[0]
    assert (issue.found, issue.alarms, issue.missed, issue.left, issue.positives) == (1, 1, 1, 0, 2)
    assert (issue.precision.value, issue.recall.value, issue.f1.value) == (0.5, 0.5, 0.5)
    assert scores.missing == 1
    assert scores.main.value == pytest.approx(0.5 / 3)
    assert scores.macro.value == pytest.approx(0.5 / 6)
    assert scores.micro.value == pytest.approx(0.4)
    assert issue.f1.low <= issue.f1.value <= issue.f1.high


def test_the_same_seed_gives_the_same_intervals() -> None:
    """The bootstrap is repeatable."""
    assert score(TRUTHS, PREDICTED, seed=3) == score(TRUTHS, PREDICTED, seed=3)


def test_an_interval_is_as_wide_as_chance_makes_it() -> None:
    """The bootstrap interval of a share of 400 is about the normal one, and shrinks with the square root of the size."""
    widths = []
    for size in (100, 400):
        truths = [Truth(str(n), {ISSUE: "x"}) for n in range(size)]
        recall = score(truths, {str(n): said(product_issue=0.9) for n in range(size // 2)}, resamples=600).kinds[0].recall
        widths.append(recall.high - recall.low)
        assert widths[-1] == pytest.approx(2 * 1.96 * (0.25 / size) ** 0.5, rel=0.15)
    assert widths[0] / widths[1] == pytest.approx(2, rel=0.2)


def test_samples_hold_as_many_interactions_as_there_are() -> None:
    """The first row is the data themselves, every other one a draw with replacement."""
    weights = draw(7, seed=1, resamples=20).weights
    assert weights[0].tolist() == [1] * 7
    assert weights.sum(axis=1).tolist() == [7] * 21


def test_a_figure_that_is_undefined_is_zero_and_undefined_samples_do_not_count() -> None:
    """A precision without claims is no error, and samples without claims do not pull the interval down."""
    assert figure_of(np.array([np.nan, 1.0])).value == 0.0
    assert figure_of(np.array([0.5, np.nan, 0.4, 0.6])).low > 0.39


def test_nothing_to_score_is_zero_and_not_an_error() -> None:
    """An empty file has figures too."""
    scores = score([], {})
    assert (scores.interactions, scores.macro.value, scores.evidence) == (0, 0.0, None)


@pytest.mark.parametrize(("group", "names"), [("source", ["x", "y"]), ("channel", ["call", "chat"])])
def test_groups_are_scored_apart(group: str, names: list[str]) -> None:
    """Each source and each channel has its own figures, in the order of names."""
    groups = by_group(TRUTHS, PREDICTED, lambda truth: getattr(truth, group), resamples=10)
    assert list(groups) == names
    assert sum(one.interactions for one in groups.values()) == len(TRUTHS)


SPOKEN = Interaction(
    "i",
    "calls",
    "c-1",
    None,  # type: ignore[arg-type]
    "call",
    (
        Turn(0, Role.AGENT, "We are sorry for the outage."),
        Turn(1, Role.CUSTOMER, "It is broken."),
        Turn(2, Role.AGENT, "Cust. angry", visibility=Visibility.INTERNAL),
    ),
)


def insight(kind: Kind, *spans: tuple[int, int, int, str], confidence: float = 0.9, **changes: object) -> Insight:
    """An insight with spans of the contact above."""
    evidence = tuple(Evidence("i", *span) for span in spans)
    plain = {"severity": Severity.LOW, "missed_expectations": (), "votes": (), "made_by": "m", "decision": Decision.YES, **changes}
    return Insight("1", "i", kind, None, "", evidence, confidence, **plain)  # type: ignore[arg-type]


def test_only_a_yes_is_a_claim() -> None:
    """Undecided insights have a confidence but make no claim."""
    unsure = insight(PRAISE, (1, 0, 2, "It"), confidence=0.3, decision=Decision.UNDECIDED)
    assert said_of([insight(ISSUE, (1, 0, 2, "It")), unsure]) == Said({ISSUE: ("It",)}, {ISSUE: 0.9, PRAISE: 0.3}, severity=Severity.LOW)


@pytest.mark.parametrize(
    ("spans", "scripted"),
    [
        ([(0, 0, 12, "We are sorry")], True),
        ([(0, 0, 12, "We are sorry"), (1, 0, 5, "It is")], False),
        ([(2, 0, 5, "Cust.")], False),
    ],
)
def test_script_is_what_rests_on_an_agents_public_words_alone(spans: list[tuple[int, int, int, str]], scripted: bool) -> None:
    """A customer's word beside it, or a note the customer never saw, makes a finding more than script."""
    said_here = said_of([insight(ISSUE, *spans)], SPOKEN)
    assert (said_here.scripted == {ISSUE}, said_here.roles_marked) == (scripted, True)


def test_a_quote_is_verbatim_only_where_it_says_it_stands() -> None:
    """The right words at the wrong place are not verbatim, nor are words of a turn that does not exist."""
    found = insight(ISSUE, (1, 0, 5, "It is"), (1, 1, 6, "It is"), (9, 0, 2, "It"))
    assert said_of([found], SPOKEN).verbatim == 1


def test_severity_and_expectations_are_those_of_the_problems_claimed() -> None:
    """Praise beside a grave problem does not soften it; praise alone is low; nothing at all has none."""
    grave = insight(ISSUE, severity=Severity.HIGH, missed_expectations=(Expectation.FOLLOW_UP,))
    praise = insight(PRAISE, severity=Severity.MEDIUM)
    assert (said_of([praise, grave]).severity, said_of([praise]).severity, said_of([]).severity) == (Severity.HIGH, Severity.LOW, None)
    assert said_of([praise, grave]).expectations == {Expectation.FOLLOW_UP}
