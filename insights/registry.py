"""Where shipped things lie, and whether they are what was shipped.

Resources (``models``, ``sample_data``, ``pipelines``) stand at the top of a checkout and inside the package in an installed
wheel. Artefacts of models are read only through a manifest whose SHA-256 sums match; nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from insights.errors import ModelError

MANIFEST = "manifest.json"
FORMAT = 1
_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model folder says of itself.

    Attributes:
        name: Name of the model.
        version: Version of its recipe.
        format: Version of the file layout; a newer one is refused.
        files: File name to SHA-256 (hex).
        details: Recipe, data, licences, figures, probe texts with the outputs expected of them.
    """

    name: str
    version: str
    format: int
    files: Mapping[str, str]
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Name and a hash over the files: changes whenever the artefact does."""
        joined = json.dumps(dict(sorted(self.files.items())))
        return f"{self.name}-{hashlib.sha256(joined.encode()).hexdigest()[:8]}"


def resource(name: str) -> Path:
    """Returns the folder of a shipped resource such as ``models`` or ``sample_data``.

    Raises:
        ModelError: Neither an installed package nor a checkout holds it.
    """
    for place in (_PACKAGE / "_shipped" / name, _PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise ModelError(f"the shipped folder {name} is missing", "install the package again")


def find_model(name: str, *, workspace: Path | None = None) -> Path:
    """Returns the folder of a model: the workspace's own ``models/NAME`` before the shipped one.

    Raises:
        ModelError: There is no such model; the known ones are listed.
    """
    places = [workspace / "models"] if workspace else []
    places.append(resource("models"))
    for place in places:
        if (place / name / MANIFEST).is_file():
            return place / name
    known = sorted({folder.parent.name for place in places for folder in place.glob(f"*/{MANIFEST}")})
    raise ModelError(f'no model named "{name}"', "known models: " + (", ".join(known) or "none"))


def read_manifest(folder: Path) -> Manifest:
    """Reads a model's manifest and verifies every file it lists.

    Raises:
        ModelError: No manifest, an unknown format, a file missing, or a SHA-256 that differs.
    """
    hint = "restore the model folder from where it came, or train it again with `insights train`"
    try:
        data = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        manifest = Manifest(data["name"], data["version"], data["format"], data["files"], data.get("details", {}))
    except FileNotFoundError as error:
        raise ModelError(f"model {folder.name} has no manifest", hint) from error
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise ModelError(f"the manifest of model {folder.name} cannot be read", hint) from error
    if manifest.format != FORMAT:
        raise ModelError(f"model {folder.name} has format {manifest.format}, this program reads {FORMAT}", hint)
    for name, expected in manifest.files.items():
        file = folder / name
        if Path(name).name != name or not file.is_file():
            raise ModelError(f"model {folder.name} lacks its file {name}", hint)
        if sha256_of(file) != expected:
            raise ModelError(f"file {name} of model {folder.name} is not the one that was shipped", hint)
    return manifest


def write_manifest(folder: Path, name: str, *, version: str, files: Iterable[str], details: Mapping[str, Any]) -> Manifest:
    """Writes ``manifest.json`` over the named files of ``folder`` and returns it; the same files give the same bytes."""
    sums = {file: sha256_of(folder / file) for file in sorted(files)}
    manifest = Manifest(name, version, FORMAT, sums, details)
    content = {"name": name, "version": version, "format": FORMAT, "files": sums, "details": dict(details)}
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8", newline="\n")
    return manifest


def sha256_of(path: Path) -> str:
    """Returns the SHA-256 of a file, read in pieces."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
