"""What all charts share: escaped text, numbers written one way, ticks, and the frame that makes an SVG accessible."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable, Sequence

from insights.domain import digest_of
from insights.errors import UsageError

Value = float | None
"""A finite number, or None for a gap."""

FONT_SIZE = 12
_LEAST, _GREATEST = 1e-9, 1e15
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WIDTH_OF_LETTER = 0.58 * FONT_SIZE


def escaped(text: str) -> str:
    """Returns text fit for XML content and attributes; characters that XML forbids become a replacement sign."""
    return html.escape(_NOT_XML.sub("\ufffd", text), quote=True)


def shortened(text: str, width: float) -> str:
    """Returns one line that fits ``width`` pixels in about, cut with an ellipsis."""
    line = " ".join(text.split())
    most = max(1, int(width / _WIDTH_OF_LETTER))
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def text_width(text: str) -> float:
    """Returns the width of a line in pixels, about."""
    return len(text) * _WIDTH_OF_LETTER


def place(value: float) -> str:
    """Returns a coordinate with at most two decimals, without trailing zeros or a negative zero."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def figure(value: float) -> str:
    """Returns a number for people: ``1,482``, ``34.5``, ``8.14``, ``0.052``."""
    size = abs(value)
    digits = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3
    written = f"{round(value, digits) + 0.0:,.{digits}f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def checked(values: Sequence[Value], chart: str) -> list[Value]:
    """Returns the values as floats; what is below a billionth is drawn as zero.

    Raises:
        UsageError: A value is not finite or beyond all scales, or there is none at all.
    """
    for number, value in enumerate(values, start=1):
        if value is not None and not abs(value) <= _GREATEST:
            raise UsageError(f'value {number} of the chart "{chart}" is {value}: a chart needs finite numbers', "leave a gap with None")
    if all(value is None for value in values):
        raise UsageError(f'the chart "{chart}" has no values', "give at least one number")
    return [None if value is None else float(value) if abs(value) >= _LEAST else 0.0 for value in values]


def ticks(low: float, high: float, *, whole: bool = False) -> list[float]:
    """Returns about five round values that span ``low`` to ``high``; steps of 1, 2 or 5 times a power of ten.

    Args:
        low: Least value.
        high: Greatest value.
        whole: Whether steps below one make no sense, as for counts.
    """
    if high <= low:
        high = low + (abs(low) or 1.0)
    raw = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999)
    if whole:
        step = max(1.0, step)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, 12) for index in range(first, last + 1)]


def framed(body: Iterable[str], *, title: str, description: str, width: float, height: float, kind: str, key: str) -> str:
    """Returns the whole SVG: a picture with a title and a description, whose ids come from its content.

    Args:
        body: Elements.
        title: Short name; what a screen reader says first.
        description: What the chart shows, in a sentence.
        width: In pixels; also of the view box.
        height: In pixels.
        kind: Class of the chart, such as ``line``.
        key: Tells two equal charts on one page apart.
    """
    inner = "".join(body)
    name = f"chart-{digest_of(kind, key, title, description, inner, size=6)}"
    size = f'width="{place(width)}" height="{place(height)}" viewBox="0 0 {place(width)} {place(height)}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart chart-{kind}" role="img" aria-labelledby="{name}-t {name}-d" {size} '
        f'font-family="system-ui, sans-serif" font-size="{FONT_SIZE}">'
        f'<title id="{name}-t">{escaped(title)}</title><desc id="{name}-d">{escaped(description)}</desc>{inner}</svg>'
    )


def colour(series: int) -> str:
    """Returns the paint of a series (0-based): a custom property of the page, else the colour of the text around."""
    return f"var(--chart-{series + 1}, currentColor)"


def text_at(x: float, y: float, text: str, *, anchor: str = "start", opacity: float = 0.8) -> str:
    """Returns a line of text in the page's colour."""
    return f'<text x="{place(x)}" y="{place(y)}" text-anchor="{anchor}" fill="currentColor" fill-opacity="{place(opacity)}">{escaped(text)}</text>'


def runs(values: Sequence[Value]) -> list[list[tuple[int, float]]]:
    """Returns the stretches without gaps, each as (place, value)."""
    stretches: list[list[tuple[int, float]]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            stretches.append([])
        else:
            stretches[-1].append((index, value))
    return [stretch for stretch in stretches if stretch]
