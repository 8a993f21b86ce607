"""HTML as plain text: paragraphs and list items kept, quoted history marked with ``>`` as in plain mail."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_HIDDEN = frozenset(["script", "style", "head", "title", "template", "noscript", "svg", "math", "object"])
# Elements that begin and end a line, and those among them that stand apart by a blank line.
_BLOCKS = frozenset(
    ["address", "article", "aside", "center", "dd", "div", "dl", "dt", "fieldset", "figure", "footer", "form", "header"]
) | {*("hr", "li", "main", "nav", "section", "tbody", "td", "tfoot", "th", "thead", "tr")}
_SPACED = frozenset(["blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"])
_QUOTES = frozenset(["gmail_quote", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote"])
_QUOTE_IDS = frozenset(["divRplyFwdMsg", "OLK_SRC_BODY_SECTION"])
MOST_QUOTED = 20
"""Levels of quotation that are told apart."""

MOST_OPEN = 100
"""Tags or comments that may begin at the end of a document without ever being closed."""


def text_of_html(html: str) -> str:
    """Returns the visible text of an HTML document; the tree is walked without recursion, so its depth does not matter."""
    from bs4 import BeautifulSoup
    from bs4.exceptions import ParserRejectedMarkup

    try:
        soup = BeautifulSoup(_closed(html), "html.parser")
    except (ParserRejectedMarkup, AssertionError, ValueError):
        return ""
    page = _Page()
    waiting: list[_Step] = [_Step(soup)]
    while waiting:
        step = waiting.pop()
        if step.gap:
            page.end_line(step.gap)
        elif isinstance(step.node, str):
            page.write(str(step.node), step.level, is_verbatim=step.is_verbatim)
        elif step.node.name == "br":
            page.end_line(min(page.gap + 1, 2))
        elif not _is_hidden(step.node):
            waiting += _steps_inside(step)
    return "\n".join(page.lines).strip("\n").rstrip()


def _closed(html: str) -> str:
    """Takes the markup off an end that opens tags or comments by the hundred and never closes them.

    The standard library's parser looks from each of them to the end of the document.
    """
    end = html.rfind("-->") + 1
    if html.count("<!--", end) > MOST_OPEN:
        html = html[:end] + html[end:].replace("<!--", "")
    end = html.rfind(">") + 1
    return html[:end] + html[end:].replace("<", "&lt;") if html.count("<", end) > MOST_OPEN else html


@dataclass(slots=True)
class _Step:
    """What is still to be written: a node, a text, or (``gap`` of 1 or 2) the end of a line or of a paragraph."""

    node: Any
    level: int = 0
    is_verbatim: bool = False
    gap: int = 0


@dataclass(slots=True)
class _Page:
    """The lines written so far; ``gap`` line ends wait for the next words, so that none pile up."""

    lines: list[str] = field(default_factory=list)
    gap: int = 1
    level: int = 0

    def end_line(self, gap: int) -> None:
        self.gap = max(self.gap, gap)

    def write(self, text: str, level: int, *, is_verbatim: bool) -> None:
        if is_verbatim:
            for part in text.split("\n"):
                self._begin(level)
                self.lines[-1] += part.rstrip()
                self.gap = 1
            return
        plain = re.sub(r"\s+", " ", text.replace("\u200b", "").replace("\ufeff", ""))
        if not plain.strip():
            # A space between words counts, one between blocks does not.
            if plain and not self.gap and not self.lines[-1].endswith(" "):
                self.lines[-1] += " "
            return
        if level != self.level:
            self.end_line(1)
        if self.gap:
            self._begin(level)
            plain = plain.lstrip()
        self.lines[-1] = (self.lines[-1] + plain).replace("  ", " ")

    def _begin(self, level: int) -> None:
        if self.lines:
            self.lines[-1] = self.lines[-1].rstrip()
        if self.lines and self.gap > 1:
            self.lines.append(("> " * min(self.level, level)).rstrip())
        self.lines.append("> " * level)
        self.gap, self.level = 0, level


def _steps_inside(step: _Step) -> list[_Step]:
    """What an element consists of, the last first."""
    from bs4.element import NavigableString, PreformattedString

    node = step.node
    level = min(step.level + _opens_quote(node), MOST_QUOTED)
    gap = 2 if node.name in _SPACED else 1 if node.name in _BLOCKS else 0
    is_verbatim = step.is_verbatim or node.name == "pre"
    # Comments, declarations and the like are strings too.
    shown = [child for child in node.contents if not isinstance(child, PreformattedString)]
    steps = [_Step(str(child) if isinstance(child, NavigableString) else child, level, is_verbatim) for child in reversed(shown)]
    if node.name == "li":
        steps.append(_Step("- ", level))
    return [_Step(None, gap=gap), *steps, _Step(None, gap=gap)] if gap else steps


def _is_hidden(node: Any) -> bool:
    style = node.attrs.get("style") if node.attrs else None
    return node.name in _HIDDEN or (isinstance(style, str) and "display:none" in style.replace(" ", "").lower())


def _opens_quote(node: Any) -> bool:
    attributes = node.attrs or {}
    return node.name == "blockquote" or bool(_QUOTES & set(attributes.get("class", ()))) or attributes.get("id") in _QUOTE_IDS
