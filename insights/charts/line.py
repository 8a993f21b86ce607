"""A line chart with axes: one or more series over the same periods, a band of what was expected, marks such as a fix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from insights.charts.drawing import (
    FONT_SIZE,
    Value,
    checked,
    colour,
    escaped,
    figure,
    framed,
    place,
    runs,
    shortened,
    text_at,
    text_width,
    ticks,
)
from insights.errors import UsageError

Series = tuple[str, Sequence[Value]]
Band = tuple[Sequence[Value], Sequence[Value]]
Mark = tuple[float, str]

_DASHES = ("", "6 4", "2 3", "8 3 2 3", "1 4")
_RIGHT, _BOTTOM, _TOP, _LINE = 14.0, 26.0, 14.0, 18.0
_MOST_POINTS_WITH_DOTS = 60


@dataclass(frozen=True, slots=True)
class _Plane:
    """Where values stand: pixels of the plot's edges, and the range of the values."""

    left: float
    right: float
    top: float
    bottom: float
    places: int
    low: float
    high: float

    def x(self, index: float) -> float:
        if self.places == 1:
            return (self.left + self.right) / 2
        return self.left + index * (self.right - self.left) / (self.places - 1)

    def y(self, value: float) -> float:
        return self.bottom - (value - self.low) * (self.bottom - self.top) / (self.high - self.low)


def line_chart(
    series: Sequence[Series],
    *,
    title: str,
    description: str,
    labels: Sequence[str],
    unit: str = "",
    marks: Sequence[Mark] = (),
    band: Band | None = None,
    band_name: str = "expected",
    width: float = 640,
    height: float = 260,
    key: str = "",
) -> str:
    """Draws series over periods; the value axis begins at zero unless values are below it.

    Args:
        series: Name and values of each, oldest first; None leaves a gap. The first is drawn boldest.
        title: Short name of the chart.
        description: What it shows, in a sentence, for those who cannot see it.
        labels: One for each period.
        unit: Of the values, such as ``per 1,000 contacts``.
        marks: Place among the periods (a fraction stands between two) and words, such as the date of a fix.
        band: Lower and upper limits, such as those of what was expected.
        band_name: What the band is, for the legend.
        width: In pixels.
        height: In pixels.
        key: Tells two equal charts on one page apart.

    Raises:
        UsageError: A value is not finite, a series has none or not one for each label, or a mark stands outside.
    """
    drawn = [(name, _fitting(values, labels, f"{title}: {name}")) for name, values in series]
    limits = [_fitting(values, labels, f"{title}: band") for values in band] if band else []
    if not drawn:
        raise UsageError(f'the chart "{title}" has no series', "give at least one")
    if outside := [place for place, _ in marks if not 0 <= place <= len(labels) - 1]:
        raise UsageError(f'a mark of the chart "{title}" stands at {outside[0]}, outside its periods', f"use 0 to {len(labels) - 1}")
    numbers = [value for _, values in [*drawn, *(("", limit) for limit in limits)] for value in values if value is not None]
    scale = ticks(min(0.0, *numbers), max(0.0, *numbers), whole=all(value == int(value) for value in numbers))
    legend = len(drawn) > 1 or bool(limits)
    top = _TOP + _LINE * (bool(unit) + legend + bool(marks))
    left = 10 + max(text_width(figure(tick)) for tick in scale)
    plane = _Plane(left, width - _RIGHT, top, height - _BOTTOM, len(labels), scale[0], scale[-1])
    body = [
        *([text_at(0, FONT_SIZE, shortened(unit, width))] if unit else []),
        *(_legend(drawn, band_name if limits else "", width, FONT_SIZE + _LINE * bool(unit)) if legend else []),
        *_grid(scale, plane),
        *_period_labels(labels, plane),
        *(_band(limits[0], limits[1], plane) if limits else []),
        *(part for mark in marks for part in _mark(mark, plane)),
        *(part for index in reversed(range(len(drawn))) for part in _series(index, drawn[index], labels, plane)),
    ]
    return framed(body, title=title, description=description, width=width, height=height, kind="line", key=key)


def _fitting(values: Sequence[Value], labels: Sequence[str], name: str) -> list[Value]:
    if len(values) != len(labels):
        raise UsageError(f'"{name}" has {len(values)} values for {len(labels)} periods', "give one for each, None for a gap")
    return checked(values, name)


def _legend(drawn: Sequence[tuple[str, list[Value]]], band: str, width: float, y: float) -> list[str]:
    names = [name for name, _ in drawn] + ([band] if band else [])
    room = width / len(names) - 34
    parts, x = [], 0.0
    for index, name in enumerate(names):
        if index == len(drawn):
            parts.append(f'<rect x="{place(x)}" y="{place(y - 9)}" width="22" height="10" fill="{colour(0)}" fill-opacity="0.14"/>')
        else:
            parts.append(f'<path d="M{place(x)} {place(y - 4)}h22" {_stroke(index)}/>')
        shown = shortened(name, room)
        parts.append(text_at(x + 28, y, shown))
        x += 28 + text_width(shown) + 18
    return parts


def _grid(scale: Sequence[float], plane: _Plane) -> list[str]:
    parts = []
    for tick in scale:
        y = plane.y(tick)
        strength = "0.45" if tick == 0 else "0.12"
        parts.append(f'<path d="M{place(plane.left)} {place(y)}H{place(plane.right)}" stroke="currentColor" stroke-opacity="{strength}"/>')
        parts.append(text_at(plane.left - 6, y + FONT_SIZE / 3, figure(tick), anchor="end", opacity=0.7))
    return parts


def _period_labels(labels: Sequence[str], plane: _Plane) -> list[str]:
    """As many labels as fit, counted from the newest, which always has one."""
    widest = max(text_width(label) for label in labels)
    fit = max(1, int((plane.right - plane.left) / (widest + 12)))
    every = -(-len(labels) // fit)
    parts = []
    for index in range(len(labels) - 1, -1, -every):
        x, anchor = plane.x(index), "middle"
        if len(labels) > 1 and x + text_width(labels[index]) / 2 > plane.right + _RIGHT:
            x, anchor = plane.right + _RIGHT, "end"
        parts.append(text_at(x, plane.bottom + FONT_SIZE + 6, labels[index], anchor=anchor, opacity=0.7))
    return parts[::-1]


def _band(lower: Sequence[Value], upper: Sequence[Value], plane: _Plane) -> list[str]:
    both = [None if low is None or high is None else high for low, high in zip(lower, upper, strict=True)]
    parts = []
    for stretch in runs(both):
        above = [f"{place(plane.x(index))} {place(plane.y(value))}" for index, value in stretch]
        below = [f"{place(plane.x(index))} {place(plane.y(lower[index] or 0.0))}" for index, _ in reversed(stretch)]
        parts.append(f'<path d="M{"L".join(above + below)}Z" fill="{colour(0)}" fill-opacity="0.14"/>')
    return parts


def _mark(mark: Mark, plane: _Plane) -> list[str]:
    index, words = mark
    x = plane.x(index)
    shown = shortened(words, (plane.right - plane.left) / 2)
    half = text_width(shown) / 2
    middle = min(max(x, plane.left + half), plane.right - half)
    return [
        f'<path d="M{place(x)} {place(plane.top - 8)}V{place(plane.bottom)}" stroke="currentColor" stroke-opacity="0.7" stroke-dasharray="3 3"/>',
        text_at(middle, plane.top - 12, shown, anchor="middle"),
    ]


def _series(index: int, drawn: tuple[str, list[Value]], labels: Sequence[str], plane: _Plane) -> list[str]:
    name, values = drawn
    dots = len(values) <= _MOST_POINTS_WITH_DOTS
    parts = []
    for stretch in runs(values):
        points = [f"{place(plane.x(at))} {place(plane.y(value))}" for at, value in stretch]
        if len(points) > 1:
            parts.append(f'<path d="M{"L".join(points)}" {_stroke(index)}/>')
        for at, value in stretch:
            if dots or len(points) == 1:
                told = escaped(f"{name}, {labels[at]}: {figure(value)}")
                centre = f'cx="{place(plane.x(at))}" cy="{place(plane.y(value))}"'
                parts.append(f'<circle {centre} r="{"2.5" if index == 0 else "2"}" fill="{colour(index)}"><title>{told}</title></circle>')
    return parts


def _stroke(index: int) -> str:
    dash = _DASHES[index % len(_DASHES)]
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'fill="none" stroke="{colour(index)}" stroke-width="{"2" if index == 0 else "1.5"}" stroke-linejoin="round"{dashes}'
