"""Charts: accessible, safe, and the same bytes for the same numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.charts import bar_chart, line_chart, sparkline
from insights.charts.drawing import figure, place, ticks
from insights.errors import UsageError

SVG = "{http://www.w3.org/2000/svg}"


def spark(values: Sequence[float | None], text: str = "Late refunds", key: str = "") -> str:
    return sparkline(values, label=text, key=key)


def line(values: Sequence[float | None], text: str = "Late refunds", key: str = "") -> str:
    labels = [f"{text} {index}" for index in range(len(values))]
    limits = ([0.0] * len(values), [None if value is None else 2.0 for value in values])
    return line_chart(
        [(text, values), ("second", [1.0] * len(values))],
        title=text,
        description=text,
        labels=labels,
        unit=text,
        marks=[(0, text)],
        band=limits if any(value is not None for value in values) else None,
        key=key,
    )


def bars(values: Sequence[float | None], text: str = "Late refunds", key: str = "") -> str:
    return bar_chart([(text, abs(value)) for value in values if value is not None], title=text, description=text, unit=text, key=key)


CHARTS = pytest.mark.parametrize("chart", [spark, line, bars])
Chart = Callable[..., str]


@CHARTS
def test_a_chart_names_and_describes_itself(chart: Chart) -> None:
    """Title and description are there, and the picture points at both by ids of its own."""
    root = ElementTree.fromstring(chart([3, 1, 4]))
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text == "Late refunds"
    assert description.text


@CHARTS
def test_ids_tell_charts_apart_and_are_stable(chart: Chart) -> None:
    """Equal content gives equal bytes; other numbers, or a key, give other ids."""
    ids = [ElementTree.fromstring(svg).get("aria-labelledby") for svg in (chart([1, 2]), chart([1, 3]), chart([1, 2], key="b"))]
    assert chart([1, 2]) == chart([1, 2])
    assert len(set(ids)) == 3


@CHARTS
def test_hostile_text_stays_text(chart: Chart) -> None:
    """Markup, quotes and characters that XML forbids cannot leave their place."""
    svg = chart([1, 2], "\"><script>alert(1)</script>\x00\ud800&'")
    root = ElementTree.fromstring(svg)
    assert "<script" not in svg
    assert not [element for element in root.iter() if element.tag in {f"{SVG}script", f"{SVG}a", f"{SVG}image", f"{SVG}foreignObject"}]
    assert "<script>" in (root.findtext(f"{SVG}title") or "")


@CHARTS
def test_colours_come_from_the_page(chart: Chart) -> None:
    """No colour is fixed and no style attribute is used, so dark pages and strict content policies work."""
    svg = chart([1, 2, 3])
    paints = re.findall(r'(?:fill|stroke)="([^"]*)"', svg)
    assert {paint for paint in paints if not re.fullmatch(r"none|currentColor|var\(--chart-\d+, currentColor\)", paint)} == set()
    assert "style=" not in svg
    assert " on" not in re.sub(r">[^<]*<", "><", svg)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e300])
@CHARTS
def test_what_is_no_number_is_refused(chart: Chart, value: float) -> None:
    """The refusal names the chart and the place."""
    with pytest.raises(UsageError, match="Late refunds") as caught:
        chart([1.0, value])
    assert "finite" in caught.value.problem


@CHARTS
def test_a_chart_of_nothing_is_refused(chart: Chart) -> None:
    """No values at all are a mistake of the caller, not an empty picture."""
    with pytest.raises(UsageError):
        chart([])


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"series": []}, "no series"),
        ({"series": [("a", [1.0])]}, "1 values for 2 periods"),
        ({"marks": [(2, "late")]}, "outside its periods"),
        ({"band": ([1.0], [2.0, 3.0])}, "1 values for 2 periods"),
    ],
)
def test_a_line_chart_refuses_what_does_not_fit(arguments: dict[str, object], problem: str) -> None:
    """Series, marks and bands must fit the periods."""
    given = {"series": [("a", [1.0, 2.0])], "title": "t", "description": "d", "labels": ["x", "y"], **arguments}
    with pytest.raises(UsageError, match=problem):
        line_chart(given.pop("series"), **given)  # type: ignore[arg-type]


def test_a_bar_chart_refuses_negative_values() -> None:
    """A bar has no length below zero."""
    with pytest.raises(UsageError, match="negative"):
        bar_chart([("a", -1.0)], title="t", description="d")


def test_the_greatest_value_stands_highest_and_zero_on_the_line() -> None:
    """A sparkline of rates keeps zero at its foot, so that a small wobble looks small."""
    root = ElementTree.fromstring(sparkline([0, 5, 10], label="x", width=106, height=26))
    polyline = root.find(f"{SVG}polyline")
    assert polyline is not None
    assert polyline.get("points") == "3,23 53,13 103,3"


def test_a_gap_is_drawn_as_a_gap() -> None:
    """A week without contacts interrupts the line instead of falling to zero."""
    root = ElementTree.fromstring(spark([1, 2, None, 3, 4]))
    assert len(root.findall(f"{SVG}polyline")) == 2


def test_series_differ_by_dashes() -> None:
    """Colour is never the only difference between two lines."""
    assert 'stroke-dasharray="6 4"' in line([1, 2])


def test_the_newest_period_always_has_its_label() -> None:
    """Labels are thinned to what fits, counted from the end."""
    labels = [f"2026-W{week:02d}" for week in range(1, 53)]
    svg = line_chart([("a", [1.0] * 52)], title="t", description="d", labels=labels)
    shown = re.findall(r">(2026-W\d\d)</text>", svg)
    assert shown[-1] == "2026-W52"
    assert 3 <= len(shown) <= 10


@pytest.mark.parametrize(
    ("low", "high", "whole", "expected"),
    [
        (0, 10, False, [0, 5, 10]),
        (0, 8, False, [0, 2, 4, 6, 8]),
        (0, 0, False, [0, 0.5, 1]),
        (0, 1, True, [0, 1]),
        (0, 0.9, False, [0, 0.5, 1]),
        (-3, 4, False, [-4, -2, 0, 2, 4]),
        (0, 1482, True, [0, 500, 1000, 1500]),
    ],
)
def test_ticks_are_round(low: float, high: float, whole: bool, expected: list[float]) -> None:
    """Steps are 1, 2 or 5 times a power of ten and span the values."""
    assert ticks(low, high, whole=whole) == expected


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (-0.0, "0"),
        (1482, "1,482"),
        (34.54, "34.5"),
        (8.136, "8.14"),
        (0.0523, "0.052"),
        (100, "100"),
        (-2.5, "-2.5"),
        (1e7, "10,000,000"),
    ],
)
def test_numbers_are_written_one_way(value: float, written: str) -> None:
    """Two or three telling digits, thousands separated, no negative zero."""
    assert figure(value) == written


@settings(derandomize=True, deadline=None, max_examples=80)
@given(
    values=st.lists(st.one_of(st.none(), st.floats(-1e12, 1e12)), min_size=1, max_size=40).filter(
        lambda values: any(value is not None for value in values)
    ),
    text=st.text(max_size=30),
)
def test_any_numbers_and_words_give_well_formed_pictures(values: list[float | None], text: str) -> None:
    """Whatever the content: it parses as XML and no coordinate is lost."""
    for chart in (spark, line, bars):
        svg = chart(values, text)
        ElementTree.fromstring(svg)
        assert not re.search(r'"[^"]*\b(nan|inf)\b[^"]*"', re.sub(r">[^<]*<", "><", svg))


def test_coordinates_have_two_decimals_at_most() -> None:
    """Floating-point noise never reaches the bytes."""
    assert [place(value) for value in (1.0, 1 / 3, -0.001, 12.5)] == ["1", "0.33", "0", "12.5"]
