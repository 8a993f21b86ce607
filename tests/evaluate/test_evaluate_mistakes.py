"""Confusion, examples, and the agreement on severity and missed expectations."""

from __future__ import annotations

import pytest
from evaluate_cases import ISSUE, PRAISE, RIVAL, draws, said

from insights.domain import Expectation, Severity
from insights.evaluate import Said, Truth
from insights.evaluate.agreement import expectation_score, severity_score
from insights.evaluate.mistakes import confusion, examples

LOW, MEDIUM, HIGH, CRITICAL = Severity
LATE, RUDE = Expectation.MEET_COMMITMENTS, Expectation.TREAT_ME_COURTEOUSLY


def test_confusion_says_what_was_claimed_where_something_was_missed() -> None:
    """A kind missed beside a wrong claim stood in for it; alone it was missed for nothing; what is unsure is neither."""
    pairs = [
        (Truth("1", {ISSUE: "x"}), said(competitive_mention=0.9)),
        (Truth("2", {ISSUE: "x"}), said(competitive_mention=0.9)),
        (Truth("3", {ISSUE: "x"}), Said()),
        (Truth("4", {}), said(testimonial=0.9)),
        (Truth("5", {ISSUE: "x"}), said(product_issue=0.9)),
        (Truth("6", {ISSUE: "x"}, frozenset({RIVAL})), said(competitive_mention=0.9)),
    ]
    found = {(one.missed, one.claimed): one.interactions for one in confusion(pairs)}
    assert found == {(ISSUE, RIVAL): 2, (ISSUE, None): 2, (None, PRAISE): 1}


def test_examples_begin_with_the_worst_mistakes() -> None:
    """False alarms come surest first; misses least suspected first, and of these the gravest."""
    pairs = [
        (Truth("a", {}), said(product_issue=0.7)),
        (Truth("b", {}), said(product_issue=0.9)),
        (Truth("c", {ISSUE: "mild"}, severity=LOW), Said()),
        (Truth("d", {ISSUE: "grave"}, severity=HIGH), Said()),
        (Truth("e", {ISSUE: "nearly"}, severity=CRITICAL), Said({}, {ISSUE: 0.4})),
        (Truth("f", {ISSUE: "unsure"}, frozenset({ISSUE})), Said()),
    ]
    found = examples(pairs, ISSUE, most=2)
    assert [one.id for one in found.alarms] == ["b", "a"]
    assert [(one.id, one.quote) for one in found.misses] == [("d", "grave"), ("c", "mild")]
    assert examples(pairs, ISSUE, most=0).misses == ()


def test_examples_show_no_words_that_were_not_redacted_and_steer_no_terminal() -> None:
    """An excerpt that could not be redacted stays hidden; controls are taken out, and a long quote is cut."""
    pairs = [
        (Truth("1", {ISSUE: "my card is 4111"}, hidden=frozenset({ISSUE})), Said()),
        (Truth("2\x1b[2J", {}), Said({ISSUE: ("red \x1b[31m\n" + "word " * 100,)}, {ISSUE: 0.5})),
    ]
    found = examples(pairs, ISSUE, most=5)
    assert [one.quote for one in found.misses] == [""]
    assert (found.alarms[0].id, len(found.alarms[0].quote) <= 200) == ("2 [2J", True)
    assert found.alarms[0].quote.isprintable()


def severities(*levels: tuple[Severity | None, Severity | None]) -> list[tuple[Truth, Said]]:
    """Interactions with people's severity and the engine's."""
    return [(Truth(str(n), {}, severity=true), Said(severity=told)) for n, (true, told) in enumerate(levels)]


@pytest.mark.parametrize(
    ("levels", "kappa"),
    [
        ([(LOW, LOW), (HIGH, HIGH)], 1.0),
        ([(LOW, HIGH), (HIGH, LOW)], -1.0),
        ([(LOW, LOW), (LOW, HIGH), (HIGH, LOW), (HIGH, HIGH)], 0.0),
        ([(LOW, LOW), (MEDIUM, HIGH), (CRITICAL, CRITICAL)], 0.9),
    ],
)
def test_kappa_is_one_for_agreement_and_zero_for_chance(levels: list[tuple[Severity, Severity]], kappa: float) -> None:
    """A step apart costs little, opposite ends much."""
    pairs = severities(*levels)
    found = severity_score(pairs, draws(pairs))
    assert found is not None
    assert found.kappa.value == pytest.approx(kappa, abs=0.02)


def test_severity_is_compared_where_both_gave_one() -> None:
    """A finding missed altogether is no disagreement on severity; the guess always says people's commonest."""
    pairs = severities((LOW, LOW), (LOW, HIGH), (HIGH, None), (None, LOW))
    found = severity_score(pairs, draws(pairs))
    assert found is not None
    assert (found.compared, found.same.value, found.guess, found.guess_same) == (2, 0.5, 0.0, 1.0)
    assert severity_score(severities((None, LOW)), draws(pairs[:1])) is None


def test_expectations_stand_beside_the_best_constant_guess() -> None:
    """Late in three of four contacts: always saying so is the best guess, and the figure has to beat it."""
    problem, quotes = {ISSUE: "x"}, {ISSUE: ("x",)}
    wanted = [{LATE}, {LATE}, {LATE, RUDE}, {RUDE}]
    told = [{LATE}, {LATE}, {LATE}, set()]
    pairs = [
        (Truth(str(n), problem, expectations=frozenset(true)), Said(quotes, {}, expectations=frozenset(given)))
        for n, (true, given) in enumerate(zip(wanted, told, strict=True))
    ]
    found = expectation_score(pairs, draws(pairs))
    assert found is not None
    assert (found.compared, found.f1.value, found.guess) == (4, pytest.approx(0.75), (LATE, RUDE))
    assert found.guess_f1 == pytest.approx(2 * 5 / (8 + 5))


def test_expectations_of_problems_not_found_by_both_count_only_overall() -> None:
    """Where the engine found no problem, or people were not asked, expectations are not compared."""
    both = (Truth("1", {ISSUE: "x"}, expectations=frozenset({LATE})), Said({ISSUE: ("x",)}, {}, expectations=frozenset({LATE})))
    missed = (Truth("2", {ISSUE: "x"}, expectations=frozenset({LATE})), Said())
    unasked = (Truth("3", {ISSUE: "x"}), Said({ISSUE: ("x",)}, {}, expectations=frozenset({RUDE})))
    pairs = [both, missed, unasked]
    found = expectation_score(pairs, draws(pairs))
    assert found is not None
    assert (found.compared, found.f1.value, found.overall.value) == (1, 1.0, pytest.approx(2 / 3))
    assert expectation_score([unasked], draws([unasked])) is None
