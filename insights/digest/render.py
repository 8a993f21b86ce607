"""A digest in every rendering. Pure; the same digest gives the same bytes.

Whatever stands in a digest is hostile: HTML is escaped without exception, an undefined name is an error, and the pages
forbid themselves scripts, addresses elsewhere and any style but their own. Markdown, text and JSON are neighbours.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from importlib.resources import files
from typing import TYPE_CHECKING

from insights.digest import words
from insights.digest.markdown import markdown
from insights.digest.plain import text
from insights.digest.record import to_json
from insights.domain import Digest, Message, digest_of

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["MAIL_LIMIT", "html", "mail", "markdown", "message", "subject", "text", "to_json"]

MAIL_LIMIT = 95_000
"""Most bytes of a mail's HTML: mail programs cut a longer one off without a word (Gmail at about 102,000)."""


def html(digest: Digest, *, zone: tzinfo = UTC) -> str:
    """Returns one self-contained page: no script, nothing loaded, charts as SVG, readable on paper and on a phone.

    Args:
        digest: What to show.
        zone: Zone of the days shown.
    """
    from markupsafe import Markup

    style = (files("insights.digest") / "templates" / "digest.css").read_text(encoding="utf-8")
    trusted = {"style": Markup(style), "chart": Markup(_chart(digest)), "sparkline": lambda line: Markup(_sparkline(line, digest))}  # noqa: S704
    return _render("digest.html.j2", digest, zone, policy=_policy(style), **trusted)


def mail(digest: Digest, *, zone: tzinfo = UTC) -> str:
    """Returns HTML for mail programs: styles inline, no SVG, at most ``MAIL_LIMIT`` bytes.

    A digest too large for that loses quotes first, then the last topics of each section, and says so.

    Args:
        digest: What to show.
        zone: Zone of the days shown.
    """
    page = ""
    for shown in _ever_shorter(digest):
        page = _render("mail.html.j2", shown, zone, shortened=shown is not digest)
        if len(page.encode("utf-8")) <= MAIL_LIMIT:
            break
    return page


def subject(digest: Digest) -> str:
    """Returns one line of unit, period and counts; names of topics and customers' words stay out of it."""
    cadence = words.cadence(digest.period) or "topic"
    sizes = {section.key: len(section.lines) for section in digest.sections}
    counts = [f"{sizes[key]} {key}" for key in ("new", "growing", "fixed") if key in sizes]
    shown = ", ".join(counts) or words.counted(sum(sizes.values()), "topic")
    return f"{words.clean(digest.unit.name, 60)}: {cadence} digest {words.clean(digest.period.label, 40)} ({shown})"


def message(digest: Digest, *, destination: str, at: datetime, zone: tzinfo = UTC) -> Message:
    """Returns the digest in every rendering, on its way to one destination.

    Args:
        digest: What to send.
        destination: Name of the destination; part of the key.
        at: As-of time, for headers.
        zone: Zone of the days shown.
    """
    return Message(
        key=digest_of("delivery", destination, digest.unit.id, digest.period.label, digest.id),
        unit_id=digest.unit.id,
        period=digest.period.label,
        subject=subject(digest),
        html=html(digest, zone=zone),
        text=text(digest, zone=zone),
        markdown=markdown(digest, zone=zone),
        json=to_json(digest),
        at=at,
        mail=mail(digest, zone=zone),
    )


def _render(template: str, digest: Digest, zone: tzinfo, **more: object) -> str:
    span = words.span(digest.period)
    context = {
        "digest": digest,
        "words": words,
        "span": span,
        "cadence": words.cadence(digest.period) or "topic",
        "dates": words.dates(digest.period, zone),
        "day": lambda at: words.day(at, zone),
        "change": lambda line: words.change(line, span),
        "figures": lambda line, key: words.figures(line, key, span),
    }
    return _templates().get_template(template).render(**context, **more)


@functools.cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    templates = Environment(
        loader=PackageLoader("insights.digest"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters["clean"] = words.clean
    return templates


def _policy(style: str) -> str:
    """Returns the page's content policy: nothing but its own style sheet, named by its hash."""
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _ever_shorter(digest: Digest) -> Iterator[Digest]:
    """Yields the digest, then with fewer quotes, then with fewer topics, down to one topic a section."""
    yield digest
    longest = max((len(section.lines) for section in digest.sections), default=0)
    for quotes in (1, 0):
        yield _cut(digest, quotes, longest)
    for topics in range(longest - 1, 0, -1):
        yield _cut(digest, 0, topics)


def _cut(digest: Digest, quotes: int, topics: int) -> Digest:
    sections = tuple(
        replace(section, lines=tuple(replace(line, quotes=line.quotes[:quotes]) for line in section.lines[:topics]))
        for section in digest.sections
    )
    return replace(digest, sections=sections)
