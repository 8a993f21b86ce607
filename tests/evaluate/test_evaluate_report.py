"""The whole report and its tables."""

from __future__ import annotations

import pytest
from evaluate_cases import ISSUE, said

from insights.domain import Kind, Severity
from insights.evaluate import Report, Said, Truth, as_markdown, as_text, kind_table, report

TRUTHS = [Truth(f"i{n}", {ISSUE: "black"} if n % 2 else {}, source="ab"[n % 2], channel="call", severity=Severity.LOW) for n in range(20)]
SAID = {truth.id: said(product_issue=0.5 + n / 50) for n, truth in enumerate(TRUTHS)}


@pytest.fixture(scope="module")
def made() -> Report:
    """A report of twenty interactions."""
    return report(TRUTHS, SAID, made_by="model+tax", resamples=20)


def test_the_errors_hold_every_interaction_once(made: Report) -> None:
    """True and false positives and negatives of a kind sum up to all interactions, and so do those of its sources."""
    for counts in made.errors.values():
        by_source = counts["by_source"]
        assert isinstance(by_source, dict)
        assert sum(counts[name] for name in ("tp", "fp", "fn", "tn")) == len(TRUTHS)  # type: ignore[misc]
        assert all(counts[name] == sum(one[name] for one in by_source.values()) for name in ("tp", "fp", "fn", "tn"))
    assert made.errors["product_issue"]["tp"] == 10


def test_text_names_every_kind_and_marks_the_few(made: Report) -> None:
    """People see each kind, each source, and which figures say little; one channel needs no table of its own."""
    shown = as_text(made)
    assert all(kind.value in shown for kind in Kind)
    assert "Source a" in shown
    assert "Channel" not in shown
    assert "few" in shown


def test_markdown_holds_the_same_tables_and_the_pictures(made: Report) -> None:
    """Titles become headings, cells are escaped, pictures have descriptions."""
    shown = as_markdown(made, charts=[("a.svg", "Reliability of all kinds")])
    assert "![Reliability of all kinds](a.svg)" in shown
    assert shown.count("\n## ") > 5
    assert "product\\_issue" in shown


def test_customers_words_cannot_break_a_table() -> None:
    """Bars, brackets, headings and line breaks of a quote stay inside its cell."""
    hostile = Said({ISSUE: ("a | b\n# c <img> [x](y)",)}, {ISSUE: 0.9})
    shown = as_markdown(report([Truth("1", {})], {"1": hostile}, resamples=5))
    (line,) = [line for line in shown.splitlines() if "false alarm" in line]
    assert "a \\| b \\# c \\<img\\> \\[x\\](y)" in line


def test_nothing_labelled_gives_an_empty_report() -> None:
    """No interactions, no findings: tables without figures, and no error."""
    empty = report([], {}, resamples=5)
    assert "0 interactions" in as_text(empty)
    assert (empty.severity, empty.expectations, empty.confusion) == (None, None, ())
    assert as_markdown(empty)


def test_the_table_for_a_card_has_intervals(made: Report) -> None:
    """A card shows each kind with n, precision, recall and F1 and what they may be by chance."""
    (row,) = [line for line in kind_table(made.all).splitlines() if line.startswith("| product")]
    assert row.count(" to ") == 3
