"""The model measured on labelled contacts: from a file, and in a workspace on its own contacts."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from small_company import company, contact, lines, opened, ran

from insights.config.load import load
from insights.domain import Expectation, Kind, Severity
from insights.errors import UsageError
from insights.evaluate import Report, Said, Truth, report
from insights.flow.analyse import recipe_name, recipe_of
from insights.flow.evaluate import as_json, evaluate, figures_for_card, rendered, truths_of, write
from insights.flow.gold import read_gold
from insights.flow.prevalence import measured_errors, prevalence

REFUND = {"kind": "process_failure", "evidence": "I am still waiting for my refund"}
TWO_TURNS = "refund, it has been five weeks. Is anybody there?"


def labels(folder: Path, *rows: dict[str, object]) -> Path:
    """A file of labelled contacts."""
    path = folder / "labels.jsonl"
    path.write_text(lines(rows))
    return path


def row(number: int, *insights: dict[str, str], **fields: object) -> dict[str, object]:
    """A labelled contact with its words."""
    return {**contact(number), "source": "calls", "channel": "call", "insights": list(insights), "uncertain": [], **fields}


def stored(number: int, *insights: dict[str, str]) -> dict[str, object]:
    """A labelled contact that only names a stored one."""
    return {"id": f"c-{number}", "source": "calls", "insights": list(insights)}


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company that has run, and has measured its model on its own contacts."""
    root = company(tmp_path_factory.mktemp("lived") / "w")
    ran(root)
    loaded, store = opened(root)
    with store:
        rows = [stored(n, *([{"kind": "process_failure", "evidence": "refund"}] if n % 4 in (0, 3) else [])) for n in range(36)]
        found = evaluate([labels(root, *rows)], loaded=loaded, store=store)
    write(found, root / "measured")
    return root


def test_labels_say_severity_and_expectations_in_either_place(tmp_path: Path) -> None:
    """Of the whole contact, or of each finding: then the worst and all of them count; where nothing is said, nothing is known."""
    each = {**REFUND, "severity": "high", "missed_expectations": ["follow_up"]}
    path = labels(
        tmp_path,
        row(0, REFUND, severity="medium", missed_expectations=["be_responsive"]),
        row(4, each, {"kind": "improvement_idea", "evidence": "five weeks", "severity": "low", "missed_expectations": []}),
        row(8, REFUND),
        row(2, severity=None, missed_expectations=[]),
    )
    told = [(item.severity, item.expectations) for item in read_gold([path])]
    assert told == [
        (Severity.MEDIUM, {Expectation.BE_RESPONSIVE}),
        (Severity.HIGH, {Expectation.FOLLOW_UP}),
        (None, None),
        (None, frozenset()),
    ]


def test_excerpts_are_shown_redacted_or_not_at_all(tmp_path: Path) -> None:
    """A mark stands where a card number stood; an excerpt over two turns is compared and hidden."""
    said = [
        {"role": "customer", "text": "You charged card 4111 1111 1111 1111 twice."},
        {"role": "customer", "text": "Is anybody there?"},
    ]
    marked = {"kind": "process_failure", "evidence": "charged card 4111 1111 1111 1111 twice"}
    over = {"kind": "product_issue", "evidence": "twice. Is anybody there?"}
    (truth,) = truths_of(read_gold([labels(tmp_path, row(0, marked, over, turns=said))]))
    assert "4111" not in truth.evidence[Kind.PROCESS_FAILURE]
    assert truth.hidden == {Kind.PRODUCT_ISSUE}
    assert (truth.source, truth.channel, truth.shown_as) == ("calls", "call", "c-0")


def test_a_file_of_labels_is_measured(tmp_path: Path) -> None:
    """Every contact is compared, in each format, and the picture is an accessible SVG."""
    rows = [row(n, *([REFUND] if n % 4 == 0 else [])) for n in range(40)]
    taxonomy = tmp_path / "taxonomy.toml"
    taxonomy.write_text('[topic.late]\nlabel = "Refund not paid"\nkind = "process_failure"\nany = ["still waiting for my refund"]\n')
    found = evaluate([labels(tmp_path, *rows)], taxonomy=taxonomy)
    assert found.all.interactions == 40
    assert found.all.kinds[1].found == 10
    assert found.quotes.verbatim == 1.0
    assert json.loads(rendered(found, "json"))["schema"] == "insights.evaluate/2"
    assert rendered(found, "md").startswith("# ")
    assert "process_failure" in rendered(found, "text")


def drawn() -> Report:
    """A report with enough findings for a curve."""
    truths = [Truth(str(n), {Kind.PRODUCT_ISSUE: "x"} if n % 3 else {}) for n in range(60)]
    said = {str(n): Said({Kind.PRODUCT_ISSUE: ("x",)}, {Kind.PRODUCT_ISSUE: n / 60}) for n in range(60)}
    return report(truths, said, resamples=20)


def test_what_is_written_is_whole_and_the_same_each_time(tmp_path: Path) -> None:
    """Report, tables and curves; a curve has title and description and is mentioned in the Markdown."""
    names = [path.name for path in write(drawn(), tmp_path / "a")]
    assert names == ["report.json", "report.md", "reliability.svg", "reliability-product_issue.svg"]
    again = write(drawn(), tmp_path / "b")
    assert [(tmp_path / "a" / path.name).read_bytes() for path in again] == [path.read_bytes() for path in again]
    svg = ElementTree.fromstring((tmp_path / "a" / "reliability.svg").read_text())
    assert [child.tag.rpartition("}")[2] for child in svg][:2] == ["title", "desc"]
    assert "](reliability.svg)" in (tmp_path / "a" / "report.md").read_text()


def test_a_card_shows_figures_with_intervals() -> None:
    """A table of kinds, then a sentence each on what else was measured."""
    shown = figures_for_card(drawn())
    assert "| product\\_issue | 40 |" in shown
    assert "Calibration error: all kinds" in shown


def test_lines_without_words_are_looked_up_in_the_store(lived: Path) -> None:
    """A workspace is measured on contacts it holds, with its own taxonomy."""
    found = json.loads((lived / "measured" / "report.json").read_text())
    assert found["all"]["interactions"] == 36
    assert found["errors"]["process_failure"]["tp"] == 18
    assert found["made_by"] == recipe_name(recipe_of(load(lived)))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"id": "c-999", "source": "calls", "insights": []}, "labels.jsonl:1 holds neither"),
        ({"id": "c-1", "source": "calls", "insights": [{"kind": "rant", "evidence": "x"}]}, "labels.jsonl:1 is no labelled"),
        ({"id": "c-1", "source": "calls", "insights": [], "severity": "awful"}, "labels.jsonl:1 is no labelled"),
        ({"id": "c-1", "source": "calls", "insights": [], "missed_expectations": ["joy"]}, "labels.jsonl:1 is no labelled"),
    ],
)
def test_a_bad_label_is_told_with_its_place(lived: Path, tmp_path: Path, line: dict[str, object], problem: str) -> None:
    """File and line, never the customer's words."""
    loaded, store = opened(lived)
    with store, pytest.raises(UsageError, match=problem):
        evaluate([labels(tmp_path, line)], loaded=loaded, store=store)


def test_errors_measured_here_correct_the_counts(lived: Path) -> None:
    """The file the measurement wrote makes prevalence tell what the counts would be without mistakes."""
    settings = lived / "insights.toml"
    settings.write_text(settings.read_text() + '\n[track]\nerrors = "measured/report.json"\n')
    loaded, store = opened(lived)
    with store:
        measured = measured_errors(loaded)
        rows = list(prevalence(loaded, store, kind="process_failure", since=None, by="week", measured=measured))
    assert "your own" in measured.note
    counted = [one for one in rows if one["counted"]]
    assert counted
    assert all(one["low"] <= one["corrected"] <= one["high"] <= one["handled"] for one in counted)


def test_json_is_the_same_for_the_same_seed() -> None:
    """Same labels, same findings, same bytes."""
    assert as_json(drawn()) == as_json(drawn())
