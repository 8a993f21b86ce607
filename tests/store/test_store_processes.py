"""Kills between and inside transactions, and several processes at once: nothing lost, nothing doubled."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

from store_samples import MONDAY, RULES
from store_worker import BATCH

from insights.store import Store

COUNT = 60
TRANSACTIONS = 3 * COUNT // BATCH + 5


def _start(path: Path, source: str) -> subprocess.Popen[str]:
    script = Path(__file__).with_name("store_worker.py")
    root = script.parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(root), str(script.parent)))}
    command = [sys.executable, str(script), str(path), source, str(COUNT)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def _kill_after(path: Path, lines: int) -> bool:
    """Lets the worker commit so often, then kills it, most likely inside its next transaction; True if it had finished."""
    process = _start(path, "chats")
    assert process.stdout is not None
    heard = [line for _, line in zip(range(lines), process.stdout, strict=False)]
    process.kill()
    process.wait()
    process.stdout.close()
    return "finished\n" in heard


def _check(store: Store, contacts: int) -> None:
    counts = store.counts()
    assert (counts["interactions"], counts["turns"], counts["insights"], counts["unaccounted"]) == (contacts, contacts, contacts, 0)
    assert store.value("SELECT count(*) FROM route") == contacts
    assert store.value("SELECT count(*) FROM turn_words WHERE turn_words MATCH 'refund'") == contacts
    assert store.interactions(store.unanalysed_ids("m")[:1]) == []
    assert store.unrouted(RULES, limit=1) == []
    assert [delivery.key for delivery in store.outbox("pending")] == [f"key-{number}" for number in range(5)]
    assert store.value("PRAGMA integrity_check") == "ok"
    assert store.rows("PRAGMA foreign_key_check") == []


def test_a_process_killed_again_and_again_loses_and_doubles_nothing(path: Path) -> None:
    """After SIGKILLs at random places, one run to the end has every contact, insight, route and message once."""
    rng = random.Random(7)
    kills = 0
    while kills < 8 and not _kill_after(path, rng.randint(1, TRANSACTIONS // 5)):
        kills += 1
    assert _kill_after(path, TRANSACTIONS + 1)
    with Store.open(path) as store:
        _check(store, COUNT)
        cursor = store.cursor("chats", "f", "o")
        assert cursor is not None
        assert (cursor.records, cursor.counts.read, cursor.counts.stored) == (COUNT, COUNT, COUNT)
    assert kills >= 4


def test_two_writers_and_a_reader_share_a_store(path: Path) -> None:
    """Two processes that make, fill and route one store at once both finish; a reader meanwhile sees whole batches only."""
    Store.open(path, create=True).close()
    writers = [_start(path, source) for source in ("chats", "calls")]
    with Store.open(path, read_only=True) as reader:
        while any(writer.poll() is None for writer in writers):
            assert reader.counts()["interactions"] % BATCH == 0
            assert reader.due(MONDAY, limit=1) is not None
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.read().endswith("finished\n")
        writer.stdout.close()
        assert writer.returncode == 0
    with Store.open(path) as store:
        _check(store, 2 * COUNT)


def test_two_processes_may_make_the_same_store_at_once(path: Path) -> None:
    """Whoever comes second finds the layout made and goes on."""
    writers = [_start(path, source) for source in ("chats", "calls", "mail")]
    for writer in writers:
        output, _ = writer.communicate()
        assert output.endswith("finished\n")
    with Store.open(path) as store:
        _check(store, 3 * COUNT)
