"""Calibration, coverage at a precision, and the evidence behind findings."""

from __future__ import annotations

import pytest
from evaluate_cases import ISSUE, PRAISE, draws, said, sure

from insights.evaluate import Said, Truth, content_words
from insights.evaluate.calibration import LEAST_KEPT, calibration, calibration_error, coverage
from insights.evaluate.evidence import evidence_score, quote_score

SCREEN = (Truth("1", {ISSUE: "the screen went black"}), said(product_issue=0.9))


def test_calibration_compares_confidence_with_what_is_right() -> None:
    """Being sure and right is no error; being sure and wrong is; a half that is right in half of the cases is none."""
    for told, error in (([(1.0, True)], 0.0), ([(0.9, False)], 0.9), ([(0.5, True), (0.5, False)], 0.0), ([], 0.0)):
        pairs = sure(told)
        assert calibration_error(pairs, draws(pairs)).value == pytest.approx(error)


def test_bins_hold_every_finding_once_and_say_how_sure_they_are() -> None:
    """A confidence of 1 falls into the last bin; the interval of a bin holds its share."""
    pairs = sure([(1.0, True), (0.95, False), (0.91, True), (0.2, False)])
    found = calibration(pairs, draws(pairs), ISSUE)
    assert [(one.low, one.count) for one in found.bins] == [(0.2, 1), (0.9, 3)]
    assert all(0 <= one.least <= one.right <= one.most <= 1 for one in found.bins)
    assert calibration(pairs, draws(pairs)).findings == found.findings == 4


def test_kinds_people_were_unsure_of_have_no_calibration() -> None:
    """They could be right or wrong."""
    pairs = [(Truth("1", {}, frozenset({ISSUE})), said(product_issue=0.9))]
    assert calibration(pairs, draws(pairs), ISSUE).findings == 0


def test_a_threshold_keeps_the_surest_findings_that_reach_the_precision() -> None:
    """Of two hundred sure and right and two hundred doubtful and wrong, half is kept, nearly all of it right."""
    pairs = sure([(0.9 + n / 10_000, True) for n in range(200)] + [(0.5 + n / 10_000, False) for n in range(200)])
    found = coverage(pairs, draws(pairs), ISSUE, target=0.9, seed=0)
    assert found.threshold == pytest.approx(0.5177, abs=0.002)  # 200 of 222 are nine in ten
    assert (found.claims, found.precision.value >= 0.87, found.recall.value) == (400, True, 1.0)
    assert found.share.value == pytest.approx(0.55, abs=0.03)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ([(0.9, False)] * 40, "nothing is right"),
        ([(0.99, True)] * (LEAST_KEPT - 1) + [(0.5, False)] * 40, "a lucky few prove nothing"),
        ([(0.7, n % 2 == 0) for n in range(60)], "equal confidences cannot be told apart"),
        ([], "nothing was claimed"),
    ],
)
def test_no_threshold_where_no_precision_is_proven(told: list[tuple[float, bool]], why: str) -> None:
    """A precision that cannot be had is said to be none, and nothing is kept."""
    pairs = sure(told)
    found = coverage(pairs, draws(pairs), ISSUE, target=0.9, seed=0)
    assert (found.threshold, found.kept, found.share.value) == (None, 0, 0.0), why


def test_precision_at_a_target_is_judged_on_other_interactions() -> None:
    """Where confidence says nothing, the precision told is that of the findings, not that of a lucky threshold."""
    pairs = sure([((n * 37 % 101) / 101, n % 10 < 8) for n in range(300)])
    found = coverage(pairs, draws(pairs), ISSUE, target=0.85, seed=0)
    assert found.kept == 0 or found.precision.value < 0.85


def test_evidence_is_compared_by_content_words() -> None:
    """Screen and black are shared of screen, went, black and of screen, black."""
    found = evidence_score([SCREEN], draws([SCREEN]))
    assert found is not None
    assert (found.found, found.overlap.value, found.half.value, found.missed.value, found.words) == (1, pytest.approx(0.8), 1.0, 0.0, 4)
    assert evidence_score([(SCREEN[0], Said())], draws([SCREEN])) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The screen, it's BLACK!", {"screen", "black"}),
        ("It has NOT arrived", {"not", "arrived"}),
        ("I don\u2019t pay \u20ac30 for this", {"don't", "pay", "30"}),
        ("", set()),
    ],
)
def test_content_words_are_what_a_quote_is_about(text: str, words: set[str]) -> None:
    """Words that hold a sentence together do not count; a negation does, for it turns the meaning."""
    assert content_words(text) == words


def test_script_is_told_of_those_whose_roles_are_known() -> None:
    """An agent's words alone count against a finding, unless people found the kind too: then it was an admission."""
    alone = Said({ISSUE: ("sorry",)}, {ISSUE: 0.9}, verbatim=1, scripted=frozenset({ISSUE}), roles_marked=True)
    pairs = [
        (Truth("1", {}), alone),
        (Truth("2", {ISSUE: "we lost it"}), alone),
        (Truth("3", {}, frozenset({ISSUE})), alone),
        (Truth("4", {PRAISE: "x"}), Said({PRAISE: ("x",)}, {PRAISE: 0.9}, verbatim=0, roles_marked=True)),
        (Truth("5", {}), said(product_issue=0.8)),
    ]
    found = quote_score(pairs, draws(pairs))
    assert (found.quotes, found.verbatim, found.claims) == (5, 0.6, 3)
    assert found.script.value == pytest.approx(1 / 3)
