"""Workspaces made from what is shipped: the sample company, and an empty one to begin with."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from insights.config.load import SETTINGS_FILE
from insights.errors import UsageError
from insights.registry import resource

# The sample company's half year ends on Sunday, 30 August 2026; its data "arrive" the morning after.
DEMO_RECEIVED_AT = datetime(2026, 8, 31, 6, 0, tzinfo=UTC)
_STARTER = Path(__file__).resolve().parent / "starter"
_SAMPLE = ("insights.toml", "taxonomy.toml", "ownership.toml", "fixes.csv", "stories.toml", "gold.jsonl", "mappings", "data")


def make_demo(folder: Path) -> Path:
    """Makes the sample workspace in ``folder``; one that is already there is used again.

    Raises:
        UsageError: The folder holds something else.
    """
    sample = resource("sample_data")
    if (folder / SETTINGS_FILE).is_file():
        if (folder / SETTINGS_FILE).read_bytes() != (sample / SETTINGS_FILE).read_bytes():
            raise UsageError(f"{folder} holds another workspace", "name an empty folder: insights demo DIR")
        return folder
    _make(folder, [*(sample / name for name in _SAMPLE), resource("pipelines")])
    return folder


def make_workspace(folder: Path) -> list[Path]:
    """Makes an empty, commented workspace in ``folder`` and returns the files made.

    Raises:
        UsageError: The folder is not empty, or cannot be written.
    """
    _make(folder, [*sorted(_STARTER.glob("*.toml")), resource("pipelines")])
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _make(folder: Path, sources: Sequence[Path]) -> None:
    """Puts copies into a new or empty folder: all of them, or none where the copying breaks off."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not empty", "name a new or an empty folder")
    target = folder.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    except OSError as error:
        raise UsageError(f"cannot make {folder}: {error.strerror}", "name a folder you may write to") from error
    try:
        for source in sources:
            _copy(source, part / source.name)
        target.mkdir(exist_ok=True)
        # The settings come last: a folder that has them has everything.
        for made in sorted(part.iterdir(), key=lambda path: path.name == SETTINGS_FILE):
            made.replace(target / made.name)
    except OSError as error:
        raise UsageError(f"cannot make {folder}: {error.strerror}", "check the space left, and the permissions of the folder") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, copy_function=shutil.copyfile, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copyfile(source, target)
