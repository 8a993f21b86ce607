"""A digest as Markdown in which nothing a customer wrote becomes markup, a link, HTML or a mention."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, tzinfo

from insights.digest import words
from insights.domain import Digest, Line, Quote

_MARKUP = re.compile(r"([\\`*_{}\[\]<>|~#!$=^])")
_ENTITY = re.compile(r"&(?=[#\w])")
_STARTS = re.compile(r"^(\d{1,9})([.)])|^([-+])")
_ADDRESS = re.compile(r"\b(www)\.|\b(\w+)://", re.IGNORECASE)


def escape(text: str, limit: int = 0) -> str:
    r"""Returns text as a line of Markdown that shows just that text.

    An address loses its link by a backslash (``https\://``, ``www\.``); an at sign is followed by a word joiner,
    because some renderers look for mail addresses and mentions after they have removed the backslashes.

    Args:
        text: Anything; see ``words.clean`` for what is taken out.
        limit: Most characters shown; 0 for no limit.
    """
    line = _ENTITY.sub("&amp;", words.clean(text, limit))
    line = _MARKUP.sub(r"\\\1", line)
    line = _STARTS.sub(lambda found: rf"{found[1]}\{found[2]}" if found[1] else rf"\{found[3]}", line)
    line = _ADDRESS.sub(lambda found: rf"{found[1]}\." if found[1] else rf"{found[2]}\://", line)
    return line.replace("@", "@\u2060")


def markdown(digest: Digest, *, zone: tzinfo = UTC) -> str:
    """Returns the digest as CommonMark with one table.

    Args:
        digest: What to show.
        zone: Zone of the days shown.
    """
    return "\n".join(_blocks(digest, zone)).rstrip("\n") + "\n"


def _blocks(digest: Digest, zone: tzinfo) -> Iterator[str]:
    period = digest.period
    yield f"# {escape(digest.unit.name, 80)}: {words.cadence(period) or 'topic'} digest {escape(period.label, 40)}\n"
    yield f"{words.dates(period, zone)}\n"
    yield f"**{escape(digest.headline)}**\n"
    if digest.sections:
        yield from _overview(digest)
    if digest.kinds:
        yield f"## {words.KIND_COUNTS}\n"
        for kind, common in digest.kinds:
            yield f"- {words.kind_counted(kind, common, words.span(period))}"
        yield ""
    for section in digest.sections:
        yield f"## {escape(section.title)}\n"
        for line in section.lines:
            yield from _topic(line, section.key, digest, zone)
    yield "## How this was made\n"
    for sentence in digest.footer:
        yield f"- {escape(sentence)}"
    yield f"- Run {escape(digest.run_id, 60)}, digest {escape(digest.id, 60)}."


def _overview(digest: Digest) -> Iterator[str]:
    yield "| Topic | What it is | Contacts | Per 1,000 | Change |"
    yield "| --- | --- | ---: | ---: | --- |"
    for section in digest.sections:
        for line in section.lines:
            dated = section.key != "undated"
            rate = words.rate(line.now.per_1000) if dated else "–"
            change = words.changed(line, words.span(digest.period)) if dated else "no date"
            yield f"| {escape(line.label, 90)} | {words.what(line)} | {words.number(line.now.count)} | {rate} | {change} |"
    yield ""


def _topic(line: Line, section: str, digest: Digest, zone: tzinfo) -> Iterator[str]:
    span = words.span(digest.period)
    yield f"### {escape(line.label, 90)}\n"
    issue = f" · {escape(line.issue, 40)}" if line.issue else ""
    yield f"*{words.what(line)}*{issue}\n"
    change = "" if section == "undated" else f" Change: **{words.changed(line, span)}**"
    yield f"{words.figures(line, section, span)}{change}\n"
    if line.note:
        yield f"{escape(line.note)}\n"
    for quote in line.quotes:
        yield f"> {escape(quote.text, words.QUOTE)}  \n> — {_source(quote, zone)}\n"
    closer = f"  \nLook closer: {_code(words.command(line.query))}" if line.query else ""
    yield f"{words.why_here(line)}: {escape(line.reason, 200)}{closer}\n"


def _code(text: str) -> str:
    """Returns text as a code span that it cannot end: fenced by one more backtick than it holds in a row."""
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence} {text} {fence}" if len(fence) > 1 else f"`{text}`"


def _source(quote: Quote, zone: tzinfo) -> str:
    return f"{escape(words.speaker(quote))}, {escape(quote.channel, 40)} {escape(quote.source_ref, 60)}, {words.day(quote.at, zone)}"
