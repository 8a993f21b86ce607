"""A workspace read from disk: settings, taxonomy and ownership, with every fault of all files told at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from insights.config import models
from insights.config.toml import Path_, locate, read_toml
from insights.errors import ConfigError, Fault, NotFoundError, UsageError, nearest

SETTINGS_FILE = "insights.toml"
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A workspace's configuration.

    Attributes:
        root: Folder of the workspace.
        settings: ``insights.toml``.
        taxonomy, ownership: The two files it names.
        mappings: Source name to its mapping, for sources that have one.
        lines: Shown file name to the lines of its keys, for faults found later.
        hashes: Shown file name to the SHA-256 of its content.
    """

    root: Path
    settings: models.Workspace
    taxonomy: models.Taxonomy
    ownership: models.Ownership
    mappings: Mapping[str, models.Mapping]
    lines: Mapping[str, Mapping[Path_, int]]
    hashes: Mapping[str, str]

    @property
    def zone(self) -> ZoneInfo:
        """Zone of the workspace's days and weeks."""
        return ZoneInfo(self.settings.workspace.timezone)

    @property
    def store_path(self) -> Path:
        """Where the store lies."""
        return self.root / self.settings.store

    @property
    def declared_zone(self) -> str | None:
        """The workspace's zone where the file names one; a default is no declaration."""
        table = self.settings.workspace
        return table.timezone if "timezone" in table.model_fields_set else None


def find_root(start: Path) -> Path:
    """Returns the nearest folder at or above ``start`` that holds ``insights.toml``.

    Raises:
        NotFoundError: There is none.
    """
    for folder in (start, *start.parents):
        if (folder / SETTINGS_FILE).is_file():
            return folder
    raise NotFoundError(
        f"no {SETTINGS_FILE} in {start} or above", "make a workspace with `insights init DIR`, or name one with --workspace DIR"
    )


def load(root: Path) -> Loaded:
    """Reads the configuration of a workspace.

    Raises:
        UsageError: A file is missing or may not be read.
        ConfigError: Faults in one or more files, all told at once.
    """
    faults: list[Fault] = []
    settings = _read(root, SETTINGS_FILE, models.Workspace, faults)
    if settings is None:
        for name, model in (("taxonomy.toml", models.Taxonomy), ("ownership.toml", models.Ownership)):
            if (root / name).is_file():
                _read(root, name, model, faults)
        raise ConfigError(faults)
    taxonomy = _read(root, settings.taxonomy, models.Taxonomy, faults)
    ownership = _read(root, settings.ownership, models.Ownership, faults)
    names = sorted({source.mapping for source in settings.source if source.mapping})
    read = {name: _read(root, name, models.Mapping, faults) for name in names}
    lines, hashes = _lines_and_hashes(root, [SETTINGS_FILE, settings.taxonomy, settings.ownership, *names])
    faults += _cross_faults(settings, lines[SETTINGS_FILE])
    if faults or taxonomy is None or ownership is None:
        raise ConfigError(faults)
    mappings = {source.name: mapping for source in settings.source if source.mapping and (mapping := read[source.mapping])}
    return Loaded(root, settings, taxonomy, ownership, mappings, lines, hashes)


def load_pipeline(root: Path, name: str) -> models.Pipeline:
    """Reads a pipeline by name (``daily``) or path.

    Raises:
        NotFoundError: There is no such pipeline; the known ones are listed.
        ConfigError: The file has faults.
    """
    given = Path(name)
    for path in (root / "pipelines" / f"{name}.toml", root / given, given):
        if path.is_file() and path.suffix == ".toml":
            return read_toml(path, models.Pipeline, shown=_shown(root, path))
    known = [path.stem for path in sorted((root / "pipelines").glob("*.toml"))]
    raise NotFoundError(f'no pipeline named "{name}"', nearest(name, known) or "declare one under pipelines/")


def _read(root: Path, name: str, model: type[Model], faults: list[Fault]) -> Model | None:
    try:
        return read_toml(root / name, model, shown=name)
    except ConfigError as error:
        faults.extend(error.faults)
        return None


def _lines_and_hashes(root: Path, names: list[str]) -> tuple[dict[str, Mapping[Path_, int]], dict[str, str]]:
    lines: dict[str, Mapping[Path_, int]] = {}
    hashes: dict[str, str] = {}
    for name in names:
        raw = (root / name).read_bytes()
        lines[name] = locate(raw.decode("utf-8-sig", errors="replace"))
        hashes[name] = hashlib.sha256(raw).hexdigest()
    return lines, hashes


def _cross_faults(settings: models.Workspace, lines: Mapping[Path_, int]) -> list[Fault]:
    faults: list[Fault] = []
    seen: set[str] = set()
    for index, source in enumerate(settings.source):
        if source.name in seen:
            line = lines.get(("source", index, "name"), 0)
            faults.append(
                Fault(SETTINGS_FILE, line, f"source.{index}.name", f'a second source named "{source.name}"', "give each feed its own name")
            )
        seen.add(source.name)
    return faults


def _shown(root: Path, path: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def read_mapping(path: Path) -> models.Mapping:
    """Reads one mapping file; raises as ``read_toml``."""
    if not path.is_file():
        raise UsageError(f"no such mapping file: {path}", "write one, see docs/guide/feeds.md")
    return read_toml(path, models.Mapping)
