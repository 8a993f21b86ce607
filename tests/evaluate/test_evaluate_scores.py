"""Precision, recall, F1, evidence and calibration of findings."""

from __future__ import annotations

import pytest

from insights.domain import Decision, Evidence, Insight, Kind, Severity
from insights.evaluate import Said, Truth, by_group, calibration_error, content_words, evidence_score, said_of, score, table

A, B = Kind.PRODUCT_ISSUE, Kind.TESTIMONIAL


def said(**confidences: float) -> Said:
    """A prediction that quotes something for each kind named."""
    kinds = {Kind(name): value for name, value in confidences.items()}
    return Said(dict.fromkeys(kinds, ("the screen is black",)), kinds)


TRUTHS = [
    Truth("1", {A: "the screen went black"}, group="x"),
    Truth("2", {A: "it broke"}, group="x"),
    Truth("3", {}, group="y"),
    Truth("4", {B: "lovely staff"}, frozenset({A}), group="y"),
]
PREDICTED = {"1": said(product_issue=0.9), "3": said(product_issue=0.6), "4": said(product_issue=0.7)}


def test_figures_count_what_was_found_missed_and_made_up() -> None:
    """One of two found and one made up is a half and a half; what people were unsure of is not counted."""
    scores = score(TRUTHS, PREDICTED, resamples=50)
    issue = scores.kinds[0]
    assert (issue.positives, issue.precision, issue.recall, issue.f1.value) == (2, 0.5, 0.5, 0.5)
    assert scores.missing == 1
    assert scores.main.value == pytest.approx(0.5 / 3)
    assert scores.macro.value == pytest.approx(0.5 / 6)
    assert scores.micro.value == pytest.approx(0.4)
    assert issue.f1.low <= issue.f1.value <= issue.f1.high


def test_the_same_seed_gives_the_same_intervals() -> None:
    """The bootstrap is repeatable."""
    assert score(TRUTHS, PREDICTED, seed=3) == score(TRUTHS, PREDICTED, seed=3)


def test_nothing_to_score_is_zero_and_not_an_error() -> None:
    """An empty file has figures too."""
    scores = score([], {})
    assert (scores.interactions, scores.macro.value, scores.evidence) == (0, 0.0, None)


def test_groups_are_scored_apart() -> None:
    """Each source has its own figures, in the order of names."""
    groups = by_group(TRUTHS, PREDICTED, resamples=10)
    assert list(groups) == ["x", "y"]
    assert groups["x"].kinds[0].precision == 1.0


def test_evidence_is_compared_by_content_words() -> None:
    """Screen and black are shared of screen, went, black and of screen, black."""
    found = evidence_score([(TRUTHS[0], PREDICTED["1"])])
    assert found is not None
    assert (found.found, found.overlap, found.half, found.missed, found.words) == (1, pytest.approx(0.8), 1.0, 0.0, 4)
    assert content_words("The screen, it's BLACK!") == {"screen", "it's", "black"}


def test_calibration_compares_confidence_with_what_is_right() -> None:
    """Being sure and right is no error; being sure and wrong is."""
    assert calibration_error([(TRUTHS[0], said(product_issue=1.0))]) == 0.0
    assert calibration_error([(TRUTHS[2], said(product_issue=0.9))]) == pytest.approx(0.9)
    assert calibration_error([]) == 0.0


def test_only_a_yes_is_a_claim() -> None:
    """Undecided insights have a confidence but make no claim."""
    evidence = (Evidence("i", 0, 0, 2, "it"),)
    sure = Insight("1", "i", A, None, "", evidence, 0.9, Severity.LOW, (), (), "m")
    unsure = Insight("2", "i", B, None, "", evidence, 0.3, Severity.LOW, (), (), "m", Decision.UNDECIDED)
    assert said_of([sure, unsure]) == Said({A: ("it",)}, {A: 0.9, B: 0.3})


def test_the_table_names_every_kind_and_marks_the_few() -> None:
    """People see each kind once, and which figures say little."""
    shown = table(score(TRUTHS, PREDICTED, resamples=10))
    assert all(shown.count(f"{kind} ") == 1 for kind in Kind)
    assert "(few)" in shown
