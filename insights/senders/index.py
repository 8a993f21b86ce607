"""The index page of a folder of digests, made from the JSON that lies in it."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from jinja2 import Template

_SCHEMA = "insights.digest/"
_LARGEST = 20_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One digest of the folder.

    Attributes:
        unit: Name of the unit.
        period: Label of the period.
        start: When the period begins, ISO 8601 in UTC; sorts the entries.
        headline: Its sentence.
        link: Path of the page from the folder, without its ending, safe in an address.
    """

    unit: str
    period: str
    start: str
    headline: str
    link: str


def page(folder: Path) -> bytes:
    """Returns an HTML page that links every digest of a folder: units by name, newest period first.

    A file that is no digest is passed by; so is a link that leads out of the folder.
    """
    from markupsafe import Markup

    units: dict[str, list[Entry]] = {}
    for entry in sorted(_entries(folder), key=lambda entry: (entry.start, entry.period), reverse=True):
        units.setdefault(entry.unit, []).append(entry)
    style = (files("insights.senders") / "templates" / "index.css").read_text(encoding="utf-8")
    shown = sorted(units.items(), key=lambda item: (item[0].casefold(), item[0]))
    return _template().render(units=shown, style=Markup(style), policy=_policy(style)).encode("utf-8", "replace")  # noqa: S704


def _entries(folder: Path) -> Iterator[Entry]:
    for path in sorted(folder.glob("*/*.json")):
        html = path.with_suffix(".html")
        if path.is_symlink() or html.is_symlink() or not html.is_file() or path.stat().st_size > _LARGEST:
            continue
        try:
            yield _entry(json.loads(path.read_text(encoding="utf-8")), f"{path.parent.name}/{path.stem}")
        except (ValueError, LookupError, TypeError, RecursionError):
            continue


def _entry(digest: Any, place: str) -> Entry:
    if not str(digest["schema"]).startswith(_SCHEMA):
        raise ValueError("no digest")
    texts = (digest["unit"]["name"], digest["period"]["label"], digest["period"]["start"], digest["headline"])
    unit, period, start, headline = (_readable(str(text)) for text in texts)
    return Entry(unit, period, start, headline, quote(place))


def _readable(text: str) -> str:
    """Returns text without what nobody sees, such as marks that turn the direction of reading."""
    return "".join(character if character.isprintable() else " " for character in text)


@functools.cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    templates = Environment(
        loader=PackageLoader("insights.senders"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return templates.get_template("index.html.j2")


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
