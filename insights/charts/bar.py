"""A bar chart: named values side by side, the longest bar the greatest value."""

from __future__ import annotations

from collections.abc import Sequence

from insights.charts.drawing import FONT_SIZE, checked, colour, escaped, figure, framed, place, shortened, text_at, text_width
from insights.errors import UsageError

_ROW, _BAR, _GAP = 26.0, 16.0, 8.0


def bar_chart(
    bars: Sequence[tuple[str, float]],
    *,
    title: str,
    description: str,
    unit: str = "",
    width: float = 640,
    key: str = "",
) -> str:
    """Draws horizontal bars in the order given, each with its name before and its value behind it.

    Args:
        bars: Name and value, at least 0.
        title: Short name of the chart.
        description: What it shows, in a sentence.
        unit: Of the values.
        width: In pixels; the height follows from the number of bars.
        key: Tells two equal charts on one page apart.

    Raises:
        UsageError: A value is negative or not finite, or there is no bar.
    """
    values = [value or 0.0 for value in checked([value for _, value in bars], title)]
    if negative := [name for name, value in bars if value < 0]:
        raise UsageError(f'the bar "{shortened(negative[0], 200)}" of the chart "{title}" is negative', "draw differences as lines")
    top = FONT_SIZE + 10.0 if unit else 0.0
    names = [shortened(name, width * 0.4) for name, _ in bars]
    left = max(text_width(name) for name in names) + _GAP
    room = width - left - max(text_width(figure(value)) for value in values) - _GAP
    scale = max(1.0, room) / (max(values) or 1.0)
    body = [text_at(0, FONT_SIZE, shortened(unit, width))] if unit else []
    for index, ((name, _), value, shown) in enumerate(zip(bars, values, names, strict=True)):
        y = top + index * _ROW
        line = y + _ROW / 2 + FONT_SIZE / 3
        length = max(value * scale, 1.0 if value else 0.0)
        told = escaped(f"{name}: {figure(value)}")
        body.append(text_at(left - _GAP, line, shown, anchor="end"))
        body.append(
            f'<rect x="{place(left)}" y="{place(y + (_ROW - _BAR) / 2)}" width="{place(length)}" height="{place(_BAR)}" rx="2" '
            f'fill="{colour(0)}" fill-opacity="0.65"><title>{told}</title></rect>'
        )
        body.append(text_at(left + length + 6, line, figure(value)))
    return framed(body, title=title, description=description, width=width, height=top + len(bars) * _ROW, kind="bar", key=key)
