"""Opening, migrating and refusing stores."""

from __future__ import annotations

import stat
from pathlib import Path

import apsw
import pytest
from store_samples import analyse, contact, found, send, take_in

from insights.errors import NotFoundError, StoreError, UsageError
from insights.store import Store
from insights.store.connection import Database, migrate
from insights.store.schema import MIGRATIONS


def test_a_missing_store_is_not_made_by_looking_for_it(path: Path) -> None:
    """Reading commands say how to make a store instead of leaving an empty file behind."""
    for read_only in (False, True):
        with pytest.raises(NotFoundError, match="there is no store") as caught:
            Store.open(path, read_only=read_only)
        assert "insights run" in caught.value.hint
    assert not path.exists()


def test_a_store_in_a_missing_folder_is_a_usage_error(tmp_path: Path) -> None:
    """The folder is the user's to make."""
    with pytest.raises(UsageError, match="cannot be made"):
        Store.open(tmp_path / "nowhere" / "insights.db", create=True)


def test_only_the_owner_may_read_the_store_and_its_logs(store: Store, path: Path) -> None:
    """File, write-ahead log and shared memory have mode 600, whatever the umask."""
    take_in(store, contact("a"))
    files = sorted(path.parent.iterdir())
    assert [file.name for file in files] == ["insights.db", "insights.db-shm", "insights.db-wal"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_settings_keep_what_is_committed_and_forget_what_is_deleted(store: Store) -> None:
    """Every connection syncs commits, checks references and overwrites deleted text."""
    names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
    assert [store.value(f"PRAGMA {name}") for name in names] == ["wal", 2, 1, 1]
    assert store.value("SELECT v FROM turn_words_config WHERE k = 'secure-delete'") == 1


def test_opening_again_keeps_everything(store: Store, path: Path) -> None:
    """A store outlives its connection, also when create is asked for again."""
    take_in(store, contact("a"))
    store.close()
    for options in ({"create": True}, {}, {"read_only": True}):
        with Store.open(path, **options) as again:
            assert again.counts()["interactions"] == 1


def test_a_read_only_store_refuses_to_write(store: Store, path: Path) -> None:
    """What only looks cannot change, and says so in our words."""
    with Store.open(path, read_only=True) as looking, pytest.raises(StoreError, match="cannot be read or written"):
        take_in(looking, contact("a"))
    assert store.counts()["interactions"] == 0


def _other_database(path: Path) -> None:
    apsw.Connection(str(path)).execute("CREATE TABLE theirs (a)")


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda path: path.write_bytes(b"not a database at all" * 100), "damaged or not a store"),
        (lambda path: path.write_bytes(b""), "not a store of this program"),
        (_other_database, "not a store of this program"),
    ],
)
def test_a_file_that_is_no_store_is_refused_and_left_alone(path: Path, make: object, problem: str) -> None:
    """Another program's file is never migrated, nor an empty one taken for a store."""
    make(path)  # type: ignore[operator]
    before = path.read_bytes()
    with pytest.raises(StoreError, match=problem):
        Store.open(path)
    assert path.read_bytes() == before


def test_another_programs_database_is_refused_even_when_a_store_is_to_be_made(path: Path) -> None:
    """Making a store never writes into tables of others."""
    _other_database(path)
    with pytest.raises(StoreError, match="not a store of this program"):
        Store.open(path, create=True)


def test_a_newer_store_is_refused_with_exit_5(store: Store, path: Path) -> None:
    """An older program does not touch what it cannot understand."""
    store.run(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    store.close()
    with pytest.raises(StoreError, match="this program knows up to") as caught:
        Store.open(path)
    assert caught.value.exit_code == 5
    assert "newer version" in caught.value.hint


def test_damaged_pages_are_told_without_their_content(store: Store, path: Path) -> None:
    """Corruption is a StoreError, and no customer's word is in it."""
    take_in(store, *[contact(f"c{number}", "secret words " * 50) for number in range(50)])
    store.close()
    content = bytearray(path.read_bytes())
    content[4096 : len(content) // 2] = b"\xee" * (len(content) // 2 - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged") as caught, Store.open(path) as broken:
        broken.rows("SELECT text FROM turn ORDER BY text")
    assert "secret" not in str(caught.value)


def test_migrations_run_once_in_order_and_all_or_nothing(store: Store) -> None:
    """A later layout is reached by the steps that are missing; a step that fails leaves the old layout."""
    take_in(store, contact("a"))
    added = (*MIGRATIONS, "CREATE TABLE second (a)", "ALTER TABLE second ADD COLUMN b; INSERT INTO second VALUES (1, 2)")
    with pytest.raises(apsw.SQLError):
        migrate(store, (*added, "THIS IS NO SQL"))
    assert store.value("PRAGMA user_version") == len(MIGRATIONS)
    assert store.rows("SELECT name FROM sqlite_schema WHERE name = 'second'") == []
    for _ in range(2):
        migrate(store, added)
    assert store.value("PRAGMA user_version") == len(added)
    assert store.rows("SELECT a, b FROM second") == [(1, 2)]
    assert store.counts()["interactions"] == 1


def test_an_older_layout_is_not_migrated_by_a_reader(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking changes nothing, so an older store asks for a writing command first."""
    Store.open(path, create=True).close()
    monkeypatch.setattr("insights.store.connection.MIGRATIONS", (*MIGRATIONS, "CREATE TABLE second (a)"))
    with pytest.raises(StoreError, match="older layout"):
        Store.open(path, read_only=True)
    Store.open(path).close()
    Store.open(path, read_only=True).close()


def test_a_lock_held_by_another_process_is_told(store: Store, path: Path) -> None:
    """Waiting has an end, and then a hint."""
    with Store.open(path) as other:
        other.connection.set_busy_timeout(1)
        with store.writing(), pytest.raises(StoreError, match="locked by another process"):
            take_in(other, contact("a"))


def test_a_full_disk_is_told_and_costs_nothing_that_was_stored(store: Store) -> None:
    """The batch that does not fit leaves no trace; with space again the same batch goes in."""
    take_in(store, contact("a"))
    big = [contact(f"c{number}", "word " * 2000) for number in range(20)]
    store.run(f"PRAGMA max_page_count = {store.value('PRAGMA page_count') + 3}")
    with pytest.raises(StoreError, match="no space is left") as caught:
        take_in(store, *big)
    assert "free some space" in caught.value.hint
    assert store.counts()["interactions"] == 1
    store.run("PRAGMA max_page_count = 1000000")
    assert take_in(store, *big).stored == 20
    assert store.value("PRAGMA integrity_check") == "ok"


def test_replaced_words_are_gone_from_the_disk(store: Store, path: Path) -> None:
    """Neither pages nor index nor log keep a canary, whole or by its ending, once the store is closed."""
    canaries = [f"canary{number:04d}zyxwvut" for number in range(60)]
    contacts = [contact(f"c{number}", f"my {canary} is mine, {canary}!") for number, canary in enumerate(canaries)]
    take_in(store, *[contact(f"other{number}", "many other words " * 9) for number in range(200)])
    take_in(store, *contacts)
    analyse(store, *map(found, contacts))
    take_in(store, *[contact(one.source_ref, "forgotten") for one in contacts], hashes="h2")
    store.close()
    assert [file.name for file in path.parent.iterdir()] == ["insights.db"]
    content = path.read_bytes()
    assert b"forgotten" in content
    assert [canary for canary in canaries if canary[-11:].encode() in content] == []


def test_views_for_people_who_write_sql_work(store: Store) -> None:
    """Times as ISO 8601, severities as words, quotes cut from the turns, also where schemas are not trusted."""
    take_in(store, contact("a", customer="c1"))
    analyse(store, found(contact("a"), end=9))
    send(store, found(contact("a"), end=9), "billing")
    assert store.value("PRAGMA trusted_schema") == 0
    assert store.rows("SELECT source_ref, customer, started_at FROM interactions") == [("a", "c1", "2026-03-02T00:00:00Z")]
    assert store.rows("SELECT turn, role, text FROM turns") == [(0, "customer", "My refund is late")]
    assert store.rows("SELECT source_ref, kind, severity, owner, topic FROM insights") == [
        ("a", "process_failure", "medium", "billing", None)
    ]
    assert store.rows("SELECT place, quote FROM evidence") == [(0, "My refund")]
    assert store.rows("SELECT id, label FROM topics") == store.rows("SELECT id FROM unaccounted") == []


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    """Whatever goes wrong inside, the store is as it was and can be written again."""

    def fail(inside: Database) -> None:
        inside.run("INSERT INTO recipe (name) VALUES ('x')")
        raise RuntimeError("boom")

    with pytest.raises(RuntimeError), store.writing():
        fail(store)
    assert store.recipe_if_known("x") is None
    assert take_in(store, contact("a")).stored == 1
