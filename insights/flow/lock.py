"""One run at a time in a workspace: two that discover topics at once would find each of them twice."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from insights.errors import StoreError, UsageError

LOCK_FILE = ".insights.lock"


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Holds the workspace for one run; the system lets go of it when the process ends, however it ends.

    Raises:
        StoreError: Another run holds it.
        UsageError: The folder cannot be written.
    """
    try:
        import fcntl
    except ImportError:  # no such locks on this system; the store itself still takes one writer at a time
        yield
        return
    try:
        descriptor = os.open(root / LOCK_FILE, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise UsageError(f"cannot write in {root}: {error.strerror}", "check the permissions of the workspace") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreError(f"another run is at work in {root}", "wait for it to finish, then try again") from error
        yield
    finally:
        os.close(descriptor)
