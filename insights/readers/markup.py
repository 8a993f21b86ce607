"""HTML as plain text: paragraphs and list items kept, quoted history marked with ``>`` as in plain mail."""

from __future__ import annotations

import re
from typing import Any

_HIDDEN = frozenset({"script", "style", "head", "title", "template", "noscript", "svg", "math", "object"})
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_SPACED = frozenset(["blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"])
_QUOTES = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote")
_QUOTE_IDS = frozenset({"divRplyFwdMsg", "OLK_SRC_BODY_SECTION"})
MOST_QUOTED = 20
"""Levels of quotation that are told apart."""


def text_of_html(html: str) -> str:
    """Returns the visible text of an HTML document.

    The tree is walked without recursion, so its depth does not matter.
    """
    from bs4 import BeautifulSoup
    from bs4.exceptions import ParserRejectedMarkup

    try:
        soup = BeautifulSoup(html, "html.parser")
    except (ParserRejectedMarkup, AssertionError, ValueError):
        return ""
    lines: list[str] = [""]
    levels: list[int] = [0]
    waiting: list[tuple[Any, int]] = [(soup, 0)]
    while waiting:
        node, level = waiting.pop()
        if isinstance(node, str):
            lines[-1] += node
            continue
        if isinstance(node, _Break):
            lines += [""] * (2 if node.is_wide else 1)
            levels += [level] * (2 if node.is_wide else 1)
            continue
        if node.name in _HIDDEN or _is_invisible(node):
            continue
        inner = min(level + _opens_quote(node), MOST_QUOTED)
        is_block, mark = node.name in _BLOCKS, _Break(node.name in _SPACED)
        if is_block:
            waiting.append((mark, level))
        waiting += [(_content(child, node), inner) for child in reversed(node.contents) if _is_shown(child)]
        if node.name == "li":
            waiting.append(("- ", inner))
        if is_block and node.name != "br":
            waiting.append((mark, inner))
    return _joined(lines, levels)


class _Break:
    """The beginning or end of a block."""

    def __init__(self, is_wide: bool) -> None:
        self.is_wide = is_wide


def _is_shown(child: Any) -> bool:
    from bs4.element import NavigableString, PreformattedString

    return not isinstance(child, PreformattedString) if isinstance(child, NavigableString) else True


def _content(child: Any, parent: Any) -> Any:
    if not isinstance(child, str):
        return child
    text = str(child).replace("\u200b", "").replace("\ufeff", "").replace("\xa0", " ")
    return text if parent.name == "pre" else re.sub(r"\s+", " ", text)


def _is_invisible(node: Any) -> bool:
    style = node.attrs.get("style") if node.attrs else None
    return isinstance(style, str) and "display:none" in style.replace(" ", "").lower()


def _opens_quote(node: Any) -> bool:
    if node.name == "blockquote":
        return True
    classes = node.attrs.get("class", []) if node.attrs else []
    return any(name in _QUOTES for name in classes) or (node.attrs or {}).get("id") in _QUOTE_IDS


def _joined(lines: list[str], levels: list[int]) -> str:
    """Lines with their marks of quotation, no two blank ones together."""
    found: list[str] = []
    for line, level in zip(lines, levels, strict=True):
        for part in line.split("\n"):
            text = part.rstrip() if "  " in part.strip() and level == 0 else " ".join(part.split())
            if text or (found and found[-1].strip("> ")):
                found.append(("> " * level + text).rstrip())
    return "\n".join(found).strip()
