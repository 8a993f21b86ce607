"""The workspace's key: it turns customer ids into pseudonyms and record contents into hashes nobody can look up."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

from insights.errors import UsageError

KEY_FILE = ".insights.key"
_PSEUDONYM = re.compile(r"cust-[0-9a-f]{16}")


def workspace_key(root: Path) -> bytes:
    """Returns the key of a workspace, made once with mode 600.

    Raises:
        UsageError: The file cannot be made or read, or others may read it.
    """
    path = root / KEY_FILE
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return _read_key(path)
    except OSError as error:
        raise UsageError(f"cannot make the key file {path}: {error.strerror}", "check the permissions of the workspace") from error
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write(secrets.token_hex(32) + "\n")
        handle.flush()
        os.fsync(handle.fileno())
    return _read_key(path)


def _read_key(path: Path) -> bytes:
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise UsageError(f"others may read the key file {path}", f"run: chmod 600 {path}")
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise UsageError(
            f"cannot read the key file {path}", "restore it from a backup: without it customers cannot be told apart"
        ) from error
    if len(key) < 16:
        raise UsageError(f"the key file {path} is too short", "restore it from a backup")
    return key


def pseudonym(customer: str, key: bytes) -> str:
    """Returns the keyed pseudonym of a customer id; a pseudonym stays as it is."""
    if _PSEUDONYM.fullmatch(customer):
        return customer
    return "cust-" + hashlib.blake2b(customer.strip().casefold().encode("utf-8", "surrogatepass"), key=key[:64], digest_size=8).hexdigest()


def keyed_hash(content: bytes, key: bytes) -> str:
    """Returns a keyed hash of a record's content (an unkeyed one would let a thief test guesses)."""
    return hmac.new(key, content, hashlib.sha256).hexdigest()[:32]
