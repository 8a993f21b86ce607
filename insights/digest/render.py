"""A digest in every rendering. Pure; the same digest gives the same bytes.

Whatever stands in a digest is hostile: HTML is escaped without exception, an undefined name is an error, and the pages
forbid themselves scripts, addresses elsewhere and any style but their own. Markdown, text and JSON are neighbours.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from importlib.resources import files
from typing import TYPE_CHECKING

from insights import charts
from insights.digest import words
from insights.digest.headline import leading
from insights.digest.markdown import markdown
from insights.digest.plain import text
from insights.digest.record import to_json
from insights.domain import Digest, Line, Message, digest_of

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
    shown = {
        "style": Markup(style),  # noqa: S704 - our own file
        "chart": [(screen, Markup(drawn)) for screen, drawn in _chart(digest, zone)],  # noqa: S704 - charts escape what they show
        "leading_label": leads[1].label if (leads := leading(digest.sections)) else "",
        "sparkline": lambda line: Markup(_sparkline(line, digest)),  # noqa: S704
    }
    return _render("digest.html.j2", digest, zone, policy=_policy(style), **shown)


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


def message(digest: Digest, *, destination: str, version: str, at: datetime, zone: tzinfo = UTC) -> Message:
    """Returns the digest in every rendering, on its way to one destination.

    Args:
        digest: What to send.
        destination: Name of the destination; part of the key.
        version: What else the key holds. With the digest's id, a digest made anew is a new delivery: right for a folder,
            whose files are replaced. Empty, each period of a unit is delivered once: right for people's mail.
        at: As-of time, for headers.
        zone: Zone of the days shown.
    """
    return Message(
        key=digest_of("delivery", destination, digest.unit.id, digest.period.label, version),
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
        "changed": lambda line: words.changed(line, span),
        "kinds": [words.kind_counted(kind, common, span) for kind, common in digest.kinds],
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


def _sparkline(line: Line, digest: Digest) -> str:
    """Returns the course of a topic's rate as a small picture, empty where there is none to show."""
    rates = _finite(line.series)
    if len(rates) < 2:
        return ""
    return charts.sparkline(rates, label=_course(line, rates, digest), width=96, height=24, key=line.id)


def _chart(digest: Digest, zone: tzinfo) -> list[tuple[str, str]]:
    """Returns the course of the topic the headline is about, drawn for a screen and for a phone; empty without a past."""
    leads = leading(digest.sections)
    rates = _finite(leads[1].series) if leads else ()
    if leads is None or len(rates) < 4 or not any(rates):
        return []
    line = leads[1]
    labels = words.last_labels(digest.period, zone, len(rates))
    told = _course(line, rates, digest)
    return [
        (
            screen,
            charts.line_chart(
                [(words.clean(line.label, 90), rates)],
                title=words.clean(line.label, 90),
                description=told,
                labels=labels,
                unit="per 1,000 contacts",
                width=width,
                height=height,
                key=screen,
            ),
        )
        for screen, width, height in (("screen", 820, 210), ("phone", 330, 190))
    ]


def _course(line: Line, rates: Sequence[float], digest: Digest) -> str:
    over = words.counted(len(rates), words.span(digest.period))
    return f"{words.clean(line.label, 90)}: from {words.rate(rates[0])} to {words.rate(rates[-1])} per 1,000 contacts over {over}"


def _finite(series: tuple[float, ...]) -> tuple[float, ...]:
    return series if all(map(math.isfinite, series)) else ()


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
