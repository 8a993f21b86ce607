"""A report as tables for people: plain text in columns, or Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from insights.domain import Kind
from insights.evaluate.agreement import ExpectationScore, SeverityScore
from insights.evaluate.figures import Figure
from insights.evaluate.mistakes import Examples
from insights.evaluate.report import Report
from insights.evaluate.scores import Scores

FEW = 10
"""With fewer positives than this a figure says little."""

_MARKS = re.compile(r"([\\`*_\[\]<>#|])")


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table with notes below it; the first column holds names, the others figures."""

    title: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()


def as_text(report: Report) -> str:
    """Returns the report as plain text."""
    return "\n".join(_plain(table) for table in _tables(report)).strip() + "\n"


def as_markdown(report: Report, *, charts: Sequence[tuple[str, str]] = ()) -> str:
    """Returns the report as Markdown.

    Args:
        report: The figures.
        charts: File name and description of each picture beside it.
    """
    made_by = f"Of {_escaped(report.made_by)}. " if report.made_by else ""
    pictures = "".join(f"![{_escaped(description)}]({name})\n\n" for name, description in charts)
    tables = "\n".join(_marked(table) for table in _tables(report))
    return (
        f"# How good the findings are\n\n{made_by}Intervals are 95 %, by drawing whole interactions with replacement.\n\n{pictures}{tables}".strip()
        + "\n"
    )


def kind_table(scores: Scores, title: str = "") -> str:
    """Returns the figures of each kind and over all as a Markdown table, for a model card."""
    return _marked(_kinds(title, scores)).strip() + "\n"


def _tables(report: Report) -> Iterator[Table]:
    yield _kinds("All interactions", report.all)
    yield from _groups("Channel", report.by_channel)
    yield from _groups("Source", report.by_source)
    yield _calibration(report)
    yield _coverage(report)
    yield _evidence(report)
    if report.severity or report.expectations:
        yield _agreement(report.severity, report.expectations)
    yield _confusion(report)
    yield from (_examples(one) for one in report.examples if one.alarms or one.misses)


def _kinds(title: str, scores: Scores) -> Table:
    rows = [
        (
            one.kind.value,
            str(one.positives),
            _told(one.precision, one.found + one.alarms),
            _told(one.recall, one.positives),
            _told(one.f1, one.positives + one.alarms),
            "" if one.positives >= FEW else "few",
        )
        for one in scores.kinds
    ]
    for name, figure in (("macro F1, main three", scores.main), ("macro F1, all six", scores.macro), ("micro F1", scores.micro)):
        rows.append((name, "", "", "", str(figure), ""))
    missing = f", {scores.missing} without a prediction" if scores.missing else ""
    columns = ("kind", "n", "precision", "recall", "F1", "")
    return Table(title, columns, tuple(rows), (f"{scores.interactions} interactions{missing}; n have the kind.",))


def _groups(what: str, groups: Mapping[str, Scores]) -> Iterator[Table]:
    """One table for each group: the kinds it holds or was said to hold, and micro F1; a mean over absent kinds would say nothing."""
    if len(groups) < 2:
        return
    for name, scores in groups.items():
        whole = _kinds(f"{what} {name or 'unknown'}", scores)
        present = [row for row, one in zip(whole.rows, scores.kinds, strict=False) if one.positives or one.alarms]
        yield Table(whole.title, whole.columns, (*present, whole.rows[-1]), whole.notes)


def _calibration(report: Report) -> Table:
    rows = [(one.kind.value if one.kind else "all kinds", str(one.findings), str(one.error)) for one in report.calibration]
    notes = [
        f"Confidence {bin.low:.1f} to {bin.low + 0.1:.1f}: {bin.count} findings, mean {bin.confidence:.2f}, "
        f"right {bin.right:.2f} ({bin.least:.2f} to {bin.most:.2f})."
        for bin in report.calibration[0].bins
    ]
    return Table("Can confidences be taken at their word", ("kind", "findings", "calibration error"), tuple(rows), tuple(notes))


def _coverage(report: Report) -> Table:
    rows = []
    for one in report.coverage:
        if one.threshold is None:
            rows.append((one.kind.value, str(one.claims), "none", "", "", ""))
        else:
            rows.append(
                (one.kind.value, str(one.claims), f"{one.threshold:.3f}", _told(one.precision, one.kept), str(one.share), str(one.recall))
            )
    target = report.coverage[0].target
    note = "The threshold is set on all interactions; the other figures by thresholds set on four fifths and applied to the fifth."
    columns = ("kind", "yes's", "threshold", "precision", "share of the yes's kept", "recall")
    return Table(f"What is left at a precision of {target:.2f}", columns, tuple(rows), (note,))


def _evidence(report: Report) -> Table:
    rows = []
    if told := report.all.evidence:
        rows = [
            ("kinds rightly found", str(told.found)),
            ("content-word F1 with people's evidence", str(told.overlap)),
            ("  at least a half", str(told.half)),
            ("  no word in common", str(told.missed)),
            ("median words quoted", f"{told.words:g}"),
        ]
    quotes = report.quotes
    rows.append(("quotes that are verbatim", f"{quotes.verbatim:.3f} of {quotes.quotes}"))
    if quotes.claims:
        rows.append(("findings on an agent's or bot's script alone", f"{quotes.script} of {quotes.claims} where roles are marked"))
    return Table("Evidence", ("figure", "value"), tuple(rows))


def _agreement(severity: SeverityScore | None, expectations: ExpectationScore | None) -> Table:
    rows, notes = [], []
    if severity:
        rows.append(("severity, quadratic kappa", str(severity.compared), str(severity.kappa), f"{severity.guess:.3f}"))
        rows.append(("severity, same level", str(severity.compared), str(severity.same), f"{severity.guess_same:.3f}"))
    if expectations:
        rows.append(("missed expectations, micro F1", str(expectations.compared), str(expectations.f1), f"{expectations.guess_f1:.3f}"))
        rows.append(("  problems missed or made up counted too", "", str(expectations.overall), ""))
        notes.append(f"The guess always names {', '.join(expectations.guess)}.")
    return Table("Severity and missed expectations", ("figure", "compared", "value", "majority guess"), tuple(rows), tuple(notes))


def _confusion(report: Report) -> Table:
    """Missed kinds down, wrongly claimed kinds across."""
    counts = {(one.missed, one.claimed): one.interactions for one in report.confusion}
    names: list[Kind | None] = [*Kind, None]
    rows = tuple(
        (first.value if first else "nothing missed", *(str(counts.get((first, second), "") or "") for second in names)) for first in names
    )
    columns = ("missed", *(kind.value for kind in Kind), "nothing")
    return Table("Which kind was claimed where which was missed, interactions", columns, rows)


def _examples(examples: Examples) -> Table:
    rows = [("false alarm", f"{one.confidence:.2f}", f"{one.source} {one.id}", one.quote) for one in examples.alarms]
    rows += [
        ("missed", f"{one.confidence:.2f}" if one.confidence else "", f"{one.source} {one.id}", one.quote or "(over several turns)")
        for one in examples.misses
    ]
    return Table(f"Mistakes: {examples.kind.value}", ("mistake", "sure", "interaction", "words"), tuple(rows))


def _told(figure: Figure, of: int) -> str:
    return str(figure) if of else "–"


def _plain(table: Table) -> str:
    lines = ["", table.title]
    if table.rows:
        rows = [table.columns, *table.rows]
        widths = [max(len(row[place]) for row in rows) for place in range(len(table.columns))]
        # The last column is not padded: it may hold a long quote.
        lines += ["  ".join(cell.ljust(width) for cell, width in zip(row, [*widths[:-1], 0], strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, *table.notes, ""])


def _marked(table: Table) -> str:
    lines = [f"## {_escaped(table.title)}", ""] if table.title else []
    if table.rows:
        lines += ["| " + " | ".join(table.columns) + " |", "| --- |" + " ---: |" * (len(table.columns) - 1)]
        lines += ["| " + " | ".join(_escaped(cell.strip()) for cell in row) + " |" for row in table.rows]
        lines.append("")
    return "\n".join([*lines, *(f"- {_escaped(note)}" for note in table.notes), ""])


def _escaped(text: str) -> str:
    return _MARKS.sub(r"\\\1", text)
