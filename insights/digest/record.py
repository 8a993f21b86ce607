"""A digest as JSON, for machines: quotes verbatim, keys sorted, what nobody sees written as escapes."""

from __future__ import annotations

import json
import math
import re
from dataclasses import fields
from datetime import datetime
from typing import Any

from insights.digest import words
from insights.domain import Digest, Kind, KindCount, Line, Prevalence, Quote, Section, Trend, digest_of

SCHEMA = "insights.digest/1"

_HIDDEN = re.compile(f"[{words.UNSEEN}\ud800-\udfff\u0085\u2028\u2029]")


def to_json(digest: Digest) -> str:
    """Returns one JSON object of schema ``insights.digest/1``, with a line break at the end.

    Times are UTC in ISO 8601. A ratio that is not finite is null. Code points that could reorder or hide what an editor
    shows, and lone surrogates, are written as escapes, so that the text stays verbatim and the file valid UTF-8.
    """
    dumped = json.dumps(_digest(digest), ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1)
    return _HIDDEN.sub(lambda found: _escape(found[0]), dumped) + "\n"


def identity(digest: Digest) -> str:
    """Returns the digest's id: a hash over unit, period, headline, kinds, sections and contacts handled.

    Neither run, footer nor the unit's name is in it: a run that learns nothing new makes the digest delivered already.
    """
    record = _digest(digest)
    content = {key: record[key] for key in ("headline", "handled", "handled_before", "kinds", "period", "sections")}
    return digest_of("digest", digest.unit.id, digest.period.label, json.dumps(content, sort_keys=True))


def _escape(character: str) -> str:
    return json.dumps(character, ensure_ascii=True)[1:-1] if character != "\x7f" else "\\u007f"


def _digest(digest: Digest) -> dict[str, Any]:
    unit, period = digest.unit, digest.period
    return {
        "schema": SCHEMA,
        "id": digest.id,
        "run_id": digest.run_id,
        "unit": {"id": unit.id, "name": unit.name, "cadence": unit.cadence, "customer_facing": unit.customer_facing},
        "period": {"label": period.label, "start": _time(period.start), "end": _time(period.end)},
        "headline": digest.headline,
        "handled": digest.handled,
        "handled_before": digest.handled_before,
        "kinds": [_kind(kind, common) for kind, common in digest.kinds],
        "sections": [_section(section) for section in digest.sections],
        "footer": list(digest.footer),
    }


def _kind(kind: Kind, common: KindCount) -> dict[str, Any]:
    return {"kind": kind.value, "now": _fields(common.now), "before": _fields(common.before), "change": common.direction or "unclear"}


def _section(section: Section) -> dict[str, Any]:
    return {"key": section.key, "title": section.title, "lines": [_line(line) for line in section.lines]}


def _line(line: Line) -> dict[str, Any]:
    return {
        **{name: getattr(line, name) for name in ("id", "topic", "label", "customers", "reason", "owns", "issue", "note", "query")},
        "kind": line.kind.value,
        "severity": line.severity.value,
        "now": _fields(line.now),
        "before": _fields(line.before),
        **{name: _finite(getattr(line, name)) for name in ("ratio", "low", "high")},
        "change": words.direction(line.low, line.high) or "unclear",
        "series": [_finite(value) for value in line.series],
        "quotes": [_quote(quote) for quote in line.quotes],
    }


def _fields(figures: Trend | Prevalence) -> dict[str, Any]:
    return {field.name: _finite(getattr(figures, field.name)) for field in fields(figures)}


def _quote(quote: Quote) -> dict[str, Any]:
    return {
        "interaction_id": quote.interaction_id,
        "source_ref": quote.source_ref,
        "channel": quote.channel,
        "at": _time(quote.at) if quote.at else None,
        "text": quote.text,
        "role": quote.role.value,
        "visibility": quote.visibility.value,
    }


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
