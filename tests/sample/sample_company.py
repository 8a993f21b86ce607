"""The sample company as tests see it: its files, its gold labels, its story sheet."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from insights.config.load import Loaded, load
from insights.domain import Interaction, Reading, Skipped
from insights.readers import ReadOptions, read

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample_data"
MONDAY = date(2026, 3, 2)
RECEIVED = datetime(2026, 8, 31, 6, tzinfo=UTC)


@cache
def gold() -> tuple[dict[str, Any], ...]:
    """The gold lines."""
    return tuple(json.loads(line) for line in (SAMPLE / "gold.jsonl").read_text(encoding="utf-8").splitlines())


@cache
def sheet() -> dict[str, Any]:
    """The story sheet."""
    return tomllib.loads((SAMPLE / "stories.toml").read_text(encoding="utf-8"))


@cache
def workspace() -> Loaded:
    """The sample workspace's configuration."""
    return load(SAMPLE)


@cache
def readings() -> tuple[tuple[str, Reading], ...]:
    """Everything the readers say of the five files, with the name of the source."""
    return tuple(_read_all())


def _read_all() -> Iterator[tuple[str, Reading]]:
    loaded = workspace()
    for source in loaded.settings.source:
        zone = source.timezone or loaded.settings.workspace.timezone
        options = ReadOptions(
            source=source.name, received_at=RECEIVED, mapping=loaded.mappings.get(source.name), channel=source.channel, timezone=zone
        )
        for reading in read(SAMPLE / source.path, options):
            yield source.name, reading


@cache
def interactions() -> dict[tuple[str, str], Interaction]:
    """Source and id to contact."""
    return {(source, found.source_ref): found for source, found in readings() if isinstance(found, Interaction)}


def skipped() -> list[Skipped]:
    """What the readers took for no contact."""
    return [found for _, found in readings() if isinstance(found, Skipped)]


def week_of(day: str) -> int:
    """Week of the half-year, from 1."""
    return (date.fromisoformat(day) - MONDAY).days // 7 + 1


@cache
def handled() -> Counter[str]:
    """Contacts of each day."""
    return Counter(line["date"] for line in gold())
