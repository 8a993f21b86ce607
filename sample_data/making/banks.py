"""The phrase banks of ``texts/`` read into frozen values, checked as they are read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TAGS = re.compile(r"^(?:(low|medium|high|critical)(?: @([a-z_,]+))?|@([a-z_,]+)): ")


@dataclass(frozen=True, slots=True)
class Line:
    """A template of proof: how bad what it says is, and which expectations it shows missed."""

    template: str
    severity: str
    expectations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matter:
    """Something a customer tells: the label it earns and the words it is told in."""

    key: str
    kind: str
    topic: str | None
    subject: str
    area: str
    owner: str
    owner_by_region: Mapping[str, str]
    product: str
    rate: float
    follow_up: float
    companions: tuple[str, ...]
    channels: Mapping[str, float]
    lines: tuple[Line, ...]
    details: tuple[str, ...]
    notes: tuple[Line, ...]
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plain:
    """A contact without any insight: a question, an order, a change, a courtesy; ``uncertain`` kinds could be argued for."""

    key: str
    area: str
    uncertain: tuple[str, ...]
    asks: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Texts:
    """Everything written by hand."""

    matters: Mapping[str, Matter]
    plain: tuple[Plain, ...]
    areas: Mapping[str, Mapping[str, Any]]
    banks: Mapping[str, tuple[str, ...]]
    frames: Mapping[str, Any]


def read_texts(folder: Path) -> Texts:
    """Reads ``matters/*.toml``, ``plain*.toml``, ``areas.toml``, ``banks.toml`` and ``frames.toml``."""
    matters = {file.stem: _matter(file.stem, _toml(file)) for file in sorted((folder / "matters").glob("*.toml"))}
    plain = tuple(_plain(key, table) for file in sorted(folder.glob("plain*.toml")) for key, table in _toml(file).items())
    banks = {key: tuple(phrases) for key, phrases in _toml(folder / "banks.toml").items()}
    return Texts(matters, plain, _toml(folder / "areas.toml"), banks, _toml(folder / "frames.toml"))


def _toml(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _matter(key: str, table: dict[str, Any]) -> Matter:
    severity, expectations = table.get("severity", "low"), tuple(table.get("expectations", ()))
    lines = tuple(_line(text, severity, expectations) for text in table["lines"])
    notes = tuple(_line(text, severity, expectations) for text in table["notes"])
    for line in lines + notes:
        if line.template.count("[") != 1 or line.template.count("]") != 1:
            raise ValueError(f"{key}: one proof in [brackets] expected: {line.template}")
    return Matter(
        key,
        table["kind"],
        table.get("topic", key) or None,
        table.get("subject", ""),
        table["area"],
        table["owner"],
        table.get("owner_by_region", {}),
        table.get("product", ""),
        table["rate"],
        table.get("follow_up", 0.0),
        tuple(table.get("companions", ())),
        table.get("channels", {}),
        lines,
        tuple(table.get("details", ())),
        notes,
        tuple(table["titles"]),
    )


def _line(text: str, severity: str, expectations: tuple[str, ...]) -> Line:
    tags = _TAGS.match(text)
    if not tags:
        return Line(text, severity, expectations)
    named = tags[2] or tags[3]
    return Line(text[tags.end() :], tags[1] or severity, tuple(named.split(",")) if named else expectations)


def _plain(key: str, table: dict[str, Any]) -> Plain:
    asks = tuple((asked, answered) for asked, answered in table["asks"])
    return Plain(key, table["area"], tuple(table.get("uncertain", ())), asks, tuple(table["notes"]), tuple(table["titles"]))
