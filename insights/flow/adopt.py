"""Taking up a taxonomy and going back: every version that was in force is kept, byte for byte."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from insights.config.load import Loaded
from insights.errors import ConfigError, Fault, NotFoundError, StoreError, UsageError
from insights.flow.check import ownership_faults
from insights.flow.taxonomy import TaxonomyFile, read_taxonomy, taxonomy_faults

HISTORY = "taxonomy-history"
_LOG = "log.jsonl"
FOUND, EDITED, ADOPTED, ROLLED_BACK = "found", "edited by hand", "adopted", "rolled back"


@dataclass(frozen=True, slots=True)
class Version:
    """A taxonomy that was in force.

    Attributes:
        number: From 1, never reused.
        action: How it came: ``found`` and ``edited by hand`` for what stood in the workspace without being adopted here.
        hash: SHA-256 of its bytes.
        by: Who put it in force, or empty.
        at: When, as ISO 8601 in UTC; for what was found, when it was found.
        note: In that person's words.
        restores: Number of the version a roll back put in force again, else 0.
    """

    number: int
    action: str
    hash: str
    by: str
    at: str
    note: str
    restores: int = 0


def versions(root: Path) -> list[Version]:
    """Returns the versions kept in a workspace, oldest first.

    Raises:
        StoreError: The log is damaged.
    """
    path = root / HISTORY / _LOG
    if not path.is_file():
        return []
    try:
        return [Version(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    except (ValueError, TypeError) as error:
        raise StoreError(f"{HISTORY}/{_LOG} is damaged", "restore it from a backup, or move the folder away to begin anew") from error


def version_bytes(root: Path, version: Version) -> bytes:
    """Returns the bytes of a version.

    Raises:
        StoreError: They are missing, or not those that were kept.
    """
    path = root / HISTORY / _name(version.number)
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != version.hash:
        raise StoreError(f"{HISTORY}/{path.name} is not what was kept as version {version.number}", "restore it from a backup")
    return content


def version_of(root: Path, number: int) -> Version:
    """Returns a version by its number.

    Raises:
        NotFoundError: There is none; the hint tells the numbers there are.
    """
    kept = versions(root)
    for version in kept:
        if version.number == number:
            return version
    hint = f"known: 1 to {kept[-1].number}, see `insights taxonomy log`" if kept else "none was adopted yet"
    raise NotFoundError(f"there is no version {number} of the taxonomy", hint)


def kept_taxonomy(root: Path, number: int) -> TaxonomyFile:
    """Reads a version that was kept.

    Raises:
        NotFoundError: There is no version of that number.
        StoreError: What was kept is damaged.
        ConfigError: This program cannot read it any more.
    """
    version_bytes(root, version_of(root, number))
    return read_taxonomy(root / HISTORY / _name(number), shown=f"{HISTORY}/{_name(number)}")


def adopt(loaded: Loaded, new: TaxonomyFile, *, by: str, note: str, at: datetime) -> Version:
    """Puts a taxonomy in force; the next run analyses with it.

    The file is replaced in one step. What stood there is kept first, also where it was edited by hand since.

    Args:
        loaded: The workspace; the caller holds its lock.
        new: The taxonomy.
        by: Who adopts it.
        note: Why.
        at: When.

    Raises:
        ConfigError: It has faults; nothing is changed.
        UsageError: It is in force already, or the workspace cannot be written.
    """
    faults = adoption_faults(loaded, new)
    if faults:
        raise ConfigError(faults)
    if new.content == _path(loaded).read_bytes():
        raise UsageError(f"{new.shown} is in force already", "edit a copy of the taxonomy, compare it with `insights taxonomy diff`")
    return _put_in_force(loaded, new.content, Version(0, ADOPTED, "", by, _iso(at), note), at)


def adoption_faults(loaded: Loaded, new: TaxonomyFile) -> list[Fault]:
    """Returns the faults, warnings left out, that keep a taxonomy from being adopted: its own, and those it would make in the ownership file."""
    own = taxonomy_faults(loaded, new.taxonomy, shown=new.shown, lines=new.lines)
    known = ownership_faults(loaded)
    made = [fault for fault in ownership_faults(replace(loaded, taxonomy=new.taxonomy)) if fault not in known]
    return [fault for fault in (*own, *made) if not fault.warning]


def roll_back(loaded: Loaded, number: int | None, *, by: str, note: str, at: datetime) -> Version:
    """Puts an earlier version in force again, byte for byte.

    Args:
        loaded: The workspace; the caller holds its lock.
        number: The version, or None for the one that was in force before the present one.
        by: Who does.
        note: Why.
        at: When.

    Raises:
        NotFoundError: There is no such version, or nothing to go back to.
        UsageError: It is in force already, or the workspace cannot be written.
        StoreError: What was kept is damaged.
    """
    kept = _with_present(loaded, at)
    present = kept[-1].restores or kept[-1].number
    if number is None and present <= 1:
        raise NotFoundError("there is no earlier taxonomy", "versions are kept from the first `insights taxonomy adopt` on")
    wanted = version_of(loaded.root, number) if number is not None else kept[present - 2]
    content = version_bytes(loaded.root, wanted)
    if wanted.hash == kept[-1].hash:
        raise UsageError(f"version {wanted.number} of the taxonomy is in force already", "see `insights taxonomy log`")
    origin = wanted.restores or wanted.number
    return _put_in_force(loaded, content, Version(0, ROLLED_BACK, "", by, _iso(at), note, origin), at)


def _put_in_force(loaded: Loaded, content: bytes, draft: Version, at: datetime) -> Version:
    kept = _with_present(loaded, at)
    number = kept[-1].number + 1
    version = Version(number, draft.action, hashlib.sha256(content).hexdigest(), draft.by, draft.at, draft.note, draft.restores)
    try:
        _keep(loaded.root, version, content)
        _replace(_path(loaded), content)
        # The log comes last: where this breaks off, the next call finds the new file and keeps it as edited by hand.
        _log(loaded.root, version)
    except OSError as error:
        raise UsageError(f"cannot write in {loaded.root}: {error.strerror}", "check its permissions and the space left") from error
    return version


def _with_present(loaded: Loaded, at: datetime) -> list[Version]:
    """Returns the versions with the present one as the last, kept now if it was not yet."""
    kept = versions(loaded.root)
    content = _path(loaded).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if kept and kept[-1].hash == digest:
        return kept
    number = kept[-1].number + 1 if kept else 1
    version = Version(number, EDITED if kept else FOUND, digest, "", _iso(at), "")
    try:
        _keep(loaded.root, version, content)
        _log(loaded.root, version)
    except OSError as error:
        raise UsageError(f"cannot write in {loaded.root}: {error.strerror}", "check its permissions and the space left") from error
    return [*kept, version]


def _path(loaded: Loaded) -> Path:
    return (loaded.root / loaded.settings.taxonomy).resolve()


def _name(number: int) -> str:
    return f"{number:04d}.toml"


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _keep(root: Path, version: Version, content: bytes) -> None:
    (root / HISTORY).mkdir(exist_ok=True)
    _replace(root / HISTORY / _name(version.number), content)


def _log(root: Path, version: Version) -> None:
    with (root / HISTORY / _LOG).open("a", encoding="utf-8", newline="\n") as handle:
        handle.write(json.dumps(asdict(version), ensure_ascii=False) + "\n")
        handle.flush()
        os.fsync(handle.fileno())


def _replace(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all, with the permissions of the one it replaces."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        if path.exists():
            part.chmod(path.stat().st_mode & 0o777)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
