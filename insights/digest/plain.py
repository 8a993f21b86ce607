"""A digest as plain text that stands alone: in a terminal, and as the text part of a mail."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import UTC, tzinfo

from insights.digest import words
from insights.domain import Digest, Line

WIDTH = 76


def text(digest: Digest, *, zone: tzinfo = UTC) -> str:
    """Returns the digest as plain text, wrapped at 76 characters.

    Args:
        digest: What to show.
        zone: Zone of the days shown.
    """
    return "\n".join(_lines(digest, zone)) + "\n"


def _lines(digest: Digest, zone: tzinfo) -> Iterator[str]:
    period = digest.period
    title = f"{words.clean(digest.unit.name, 80)}: {words.cadence(period) or 'topic'} digest {words.clean(period.label, 40)}"
    yield from _wrap(title)
    yield words.dates(period, zone)
    yield ""
    yield from _wrap(digest.headline)
    if digest.kinds:
        yield from _heading(words.KIND_COUNTS)
        yield ""
        for kind, common in digest.kinds:
            yield from _wrap(words.kind_counted(kind, common, words.span(period)), first="- ", rest="  ")
    for section in digest.sections:
        yield from _heading(section.title)
        for line in section.lines:
            yield ""
            yield from _topic(line, section.key, digest, zone)
    yield from (*_heading("How this was made"), "")
    for sentence in digest.footer:
        yield from _wrap(sentence, first="- ", rest="  ")
    yield from _wrap(f"Run {words.clean(digest.run_id, 60)}, digest {words.clean(digest.id, 60)}.", first="- ", rest="  ")


def _heading(title: str) -> tuple[str, ...]:
    return "", "", title.upper(), "=" * len(title)


def _topic(line: Line, section: str, digest: Digest, zone: tzinfo) -> Iterator[str]:
    span = words.span(digest.period)
    yield from _wrap(words.clean(line.label, 90), first="* ", rest="  ")
    yield from _wrap(" · ".join(filter(None, (words.what(line), words.clean(line.issue, 40)))), first="  ")
    yield from _wrap(words.figures(line, section, span), first="  ")
    if section != "undated":
        yield from _wrap(f"Change: {words.changed(line, span)}", first="  ")
    if line.note:
        yield from _wrap(words.clean(line.note), first="  ")
    for quote in line.quotes:
        yield ""
        yield from _wrap(words.clean(quote.text, words.QUOTE), first="  > ", rest="  > ")
        source = (
            f"{words.speaker(quote)}, {words.clean(quote.channel, 40)} {words.clean(quote.source_ref, 60)}, {words.day(quote.at, zone)}"
        )
        yield from _wrap(source, first="    - ", rest="      ")
    yield ""
    yield from _wrap(f"{words.why_here(line)}: {words.clean(line.reason, 200)}", first="  ")
    if line.query:
        yield from _wrap(f"Look closer: {words.command(line.query)}", first="  ")


def _wrap(sentence: str, *, first: str = "", rest: str = "") -> list[str]:
    wrapped = textwrap.wrap(words.clean(sentence), WIDTH, initial_indent=first, subsequent_indent=rest or first, break_on_hyphens=False)
    return wrapped or [first.rstrip()]
