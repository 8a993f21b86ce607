"""A sparkline: the shape of a series in the height of a line of text."""

from __future__ import annotations

from collections.abc import Sequence

from insights.charts.drawing import Value, checked, colour, figure, framed, place, runs

_MARGIN = 3.0


def sparkline(values: Sequence[Value], *, label: str, width: float = 120, height: float = 24, key: str = "") -> str:
    """Draws a series without axes, from zero (or the least value below it) to its greatest, the last value marked.

    Args:
        values: Oldest first; None leaves a gap.
        label: What the values are, such as ``Late refunds per 1,000 contacts, 12 weeks``.
        width: In pixels.
        height: In pixels.
        key: Tells two equal charts on one page apart.

    Raises:
        UsageError: A value is not finite, or there is none.
    """
    given = checked(values, label)
    numbers = [value for value in given if value is not None]
    low, high = min(0.0, *numbers), max(0.0, *numbers)
    step = (width - 2 * _MARGIN) / max(1, len(given) - 1)
    scale = (height - 2 * _MARGIN) / ((high - low) or 1.0)

    def at(index: int, value: float) -> tuple[str, str]:
        return place(width - _MARGIN - (len(given) - 1 - index) * step), place(height - _MARGIN - (value - low) * scale)

    body = []
    for stretch in runs(given):
        points = " ".join(",".join(at(index, value)) for index, value in stretch)
        if len(stretch) > 1:
            body.append(
                f'<polyline points="{points}" fill="none" stroke="{colour(0)}" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round"/>'
            )
        else:
            x, y = at(*stretch[0])
            body.append(f'<circle cx="{x}" cy="{y}" r="1" fill="{colour(0)}"/>')
    x, y = at(*runs(given)[-1][-1])
    body.append(f'<circle cx="{x}" cy="{y}" r="2.5" fill="{colour(0)}"/>')
    description = f"{len(numbers)} values between {figure(min(numbers))} and {figure(max(numbers))}, the last {figure(numbers[-1])}."
    return framed(body, title=label, description=description, width=width, height=height, kind="spark", key=key)
