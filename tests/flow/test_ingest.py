"""Files into the store: bad input costs itself only, counts reconcile, doing it twice changes nothing, a break is taken up."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from small_company import RECEIVED, SETTINGS, company, contact, lines, opened, total

from insights.config.models import Mapping
from insights.domain import Counts
from insights.errors import UsageError
from insights.flow import ingest as flow

GOOD = [contact(number) for number in range(3)]
CANARY = "jane.canary@example.org"


@pytest.fixture
def workplace(tmp_path):
    """A workspace with an empty store, and a function that ingests what is under ``drop``."""
    loaded, store = opened(company(tmp_path / "w", 0))
    drop = tmp_path / "w" / "drop"
    drop.mkdir()

    def ingest(*, at=RECEIVED, progress=None, feeds=None, **named):
        found = flow.named_feeds(loaded, [drop], **named) if feeds is None else feeds
        more = {"progress": progress} if progress else {}
        return flow.ingest(loaded, store, found, received_at=at, workers=1, **more)

    with store:
        yield loaded, store, drop, ingest


def reconciled(counts):
    assert counts.read == counts.stored + counts.replaced + counts.unchanged + counts.skipped + counts.set_aside
    return counts


def test_each_bad_record_is_set_aside_and_the_rest_stored(workplace):
    """Every fault of the list of bad input costs its own record, is told with file, line and reason, and nothing stops."""
    _, store, drop, ingest = workplace
    noise = bytes(range(256)) * 40
    (drop / "cut.jsonl.gz").write_bytes(gzip.compress(noise, mtime=0)[:-60])
    (drop / "line.jsonl").write_text(lines([GOOD[0], '{"id": "x", oops', GOOD[1]]))
    (drop / "empty.jsonl").write_text("")
    (drop / "huge.jsonl").write_text(lines([contact(10), {"id": "huge", "text": "word " * 2_000_000}, contact(11)]))
    (drop / "long.jsonl").write_text(lines([contact(12), {"id": "long", "text": "word " * 50_000}]))
    (drop / "no_id.jsonl").write_text(lines([{"text": "no id here"}, contact(13)]))
    (drop / "date.jsonl").write_text(lines([contact(14) | {"started_at": "2026-02-31T09:00:00Z"}, contact(15)]))
    (drop / "mail.eml").write_bytes(
        b"From: a@example.org\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: image/png\n\nxx\n--b--\n"
    )
    (drop / "wide.csv").write_text("id,text\nw-1,late\nw-2,a,b,c\nw-3,fine\n")
    (drop / "noise.bin").write_bytes(noise)
    counts = reconciled(total(ingest()))
    assert (counts.stored, counts.replaced, counts.unchanged, counts.set_aside) == (9, 0, 0, 10)
    assert store.counts()["interactions"] == 9
    told = {letter.locator: letter.reason for letter in store.dead_letters()}
    assert {
        "drop/line.jsonl:2",
        "drop/huge.jsonl:2",
        "drop/long.jsonl#long",
        "drop/no_id.jsonl:1",
        "drop/date.jsonl:1",
        "drop/wide.csv:3",
        "drop/cut.jsonl.gz",
        "drop/empty.jsonl",
        "drop/noise.bin",
    } <= set(told)
    assert all(told.values())
    assert "2026-02-31" not in " ".join(told.values())


ODD = {
    "bom": "\ufeff".encode() + lines(GOOD).encode(),
    "utf-16": lines(GOOD).encode("utf-16"),
    "cp1252": lines(GOOD).replace("refund", "refund \u2013 caf\u00e9").replace("\\u", "\\u").encode("cp1252"),
    "nul": lines([contact(0, "late \x00 refund")]).encode(),
    "surrogate": lines([contact(0, "late \ud800 refund")]).encode(),
    "role": lines([contact(0) | {"turns": [{"role": "wizard", "text": "late refund"}]}]).encode(),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_but_readable_is_stored_with_its_repair(workplace, name):
    """A mark, an encoding, a NUL, a lone surrogate or an unknown role is mended, and the mending is noted."""
    _, store, drop, ingest = workplace
    (drop / "odd.jsonl").write_bytes(ODD[name])
    counts = reconciled(total(ingest()))
    assert counts.set_aside == 0
    assert store.interaction("c-0").repairs


def test_nothing_raw_reaches_any_byte_of_the_workspace(workplace):
    """A canary in every field, in a refused line and in a file nobody can read is in no file the engine writes, the log of writes included."""
    loaded, store, drop, ingest = workplace
    card = "4111 1111 1111 1111"
    record = contact(1, f"I am Jane Canary, {CANARY}, card {card}.", product=f"x {CANARY}", queue=CANARY, channel=CANARY, customer=CANARY)
    (drop / "a.jsonl").write_text(lines([record | {"meta": {"agent_name": "Jane Canary", CANARY: CANARY}, "role": CANARY}]))
    (drop / "b.jsonl").write_text(lines([GOOD[0], json.dumps(record)[:-20], {"text": f"{CANARY} {card}"}]))
    (drop / "c.bin").write_bytes(f"{CANARY} {card}".encode("utf-16-le") + bytes(9))
    (drop / "d.eml").write_text(
        f"From: Jane Canary <{CANARY}>\nSubject: card {card}\nMessage-ID: <1@example.org>\n\nMy name is Jane Canary.\n"
    )
    counts = reconciled(total(ingest()))
    assert counts.stored >= 3
    assert counts.set_aside >= 2
    written = [path for path in loaded.root.rglob("*") if path.is_file() and drop not in path.parents]
    assert loaded.store_path.with_name("insights.db-wal") in written
    for path in written:
        content = path.read_bytes().lower()
        for needle in (CANARY, "jane canary", "4111 1111", "4111111111111111", "canary"):
            for encoding in ("utf-8", "utf-16-le"):
                assert needle.encode(encoding) not in content, (path.name, needle)
    assert "canary" not in " ".join(letter.excerpt.lower() for letter in store.dead_letters(None))


def test_the_same_files_again_are_no_new_rows(workplace):
    """A second reading of the same files stores nothing, and says of every record that it is unchanged or was set aside."""
    _, store, drop, ingest = workplace
    (drop / "a.jsonl").write_text(lines([*GOOD, "{"]))
    first, before = reconciled(total(ingest())), store.counts()
    again = reconciled(total(ingest(at=RECEIVED + timedelta(days=1))))
    assert (first.stored, first.set_aside) == (3, 1)
    assert again == Counts(read=4, unchanged=3, set_aside=1)
    assert store.counts() == before
    assert store.interaction("c-1").received_at == RECEIVED


def test_a_copy_under_another_name_is_no_new_row(workplace):
    """The same content in two files is counted twice as read and stored once."""
    _, store, drop, ingest = workplace
    for name in ("a.jsonl", "b.jsonl"):
        (drop / name).write_text(lines(GOOD))
    counts = reconciled(total(ingest()))
    assert (counts.read, counts.stored, counts.unchanged) == (6, 3, 3)
    assert store.received().stored == 3


def test_the_same_id_with_other_words_replaces(workplace):
    """An edited record takes the place of its predecessor, and nothing of the old words can be found."""
    _, store, drop, ingest = workplace
    (drop / "a.jsonl").write_text(lines(GOOD))
    ingest()
    (drop / "a.jsonl").write_text(lines([GOOD[0], contact(1, "Now it is about something else."), GOOD[2]]))
    counts = reconciled(total(ingest()))
    assert (counts.replaced, counts.unchanged) == (1, 2)
    assert store.counts()["interactions"] == 3
    assert store.interaction("c-1").turns[1].text == "Now it is about something else."


class BreakError(Exception):
    """What the test interrupts with."""


def test_a_break_in_the_middle_of_a_file_is_taken_up(workplace, monkeypatch):
    """After a break between two batches the next reading stores only what is missing, and the whole adds up."""
    loaded, store, drop, ingest = workplace
    monkeypatch.setattr(flow, "BATCH", 5)
    (drop / "a.jsonl").write_text(lines([*map(contact, range(12)), "{", *map(contact, range(12, 17))]))

    def breaking(step, done, of):
        if done >= 10:
            raise BreakError(step)

    with pytest.raises(BreakError):
        ingest(progress=breaking)
    assert store.counts()["interactions"] == 10
    second = reconciled(total(ingest(at=RECEIVED + timedelta(hours=1))))
    assert (second.stored, second.unchanged, second.set_aside) == (7, 10, 1)
    assert reconciled(store.received()) == Counts(read=18, stored=17, set_aside=1)
    third = reconciled(total(ingest()))
    assert third == Counts(read=18, unchanged=17, set_aside=1)
    del loaded


def test_another_mapping_reads_the_file_again(workplace):
    """The same bytes under other options are read anew, and what they say otherwise replaces."""
    _, store, drop, ingest = workplace
    (drop / "a.csv").write_text("id,text,team\n1,late refund,north\n")
    ingest()
    counts = total(ingest(mapping=Mapping.model_validate({"columns": {"id": "id", "text": "text", "queue": "team"}})))
    assert counts.replaced == 1
    assert store.interaction("1").queue == "north"


def missing_path(loaded, drop, ingest):
    flow.named_feeds(loaded, [drop, drop / "nowhere"])


def unknown_reader(loaded, drop, ingest):
    ingest(reader="jsnl")


def missing_column(loaded, drop, ingest):
    good, bad = flow.named_feeds(loaded, [drop])
    ingest(feeds=[good, replace(bad, mapping=Mapping.model_validate({"columns": {"text": "words"}}))])


@pytest.mark.parametrize("attempt", [missing_path, unknown_reader, missing_column])
def test_what_stops_a_run_stops_it_before_any_work(workplace, attempt):
    """A missing path, an unknown reader or a mapped column that is not there ends the run, and nothing was stored."""
    loaded, store, drop, ingest = workplace
    (drop / "a.jsonl").write_text(lines(GOOD))
    (drop / "b.csv").write_text("id,text\n1,late refund\n")
    with pytest.raises(UsageError):
        attempt(loaded, drop, ingest)
    assert store.counts()["interactions"] == 0
    assert store.dead_letters() == []


@pytest.mark.parametrize(
    ("path", "problem"), [("/nowhere/*.csv", "nothing at"), ("no/*.csv", "nothing at"), ("a**b", "no pattern"), (".", "whole workspace")]
)
def test_a_source_that_is_nowhere_is_told(tmp_path, path, problem):
    """A path that matches nothing, is no pattern or holds the store itself stops before any work."""
    loaded, store = opened(company(tmp_path / "w", 1, settings=SETTINGS.replace("data/calls.jsonl", path)))
    with store, pytest.raises(UsageError, match=problem):
        flow.configured_feeds(loaded)


def test_replay_reads_the_mended_file_again(tmp_path):
    """A letter whose record is good now leaves the list, one that is still bad stays, one of a file nobody touched stays."""
    settings = SETTINGS.replace("data/calls.jsonl", "data/*.jsonl")
    loaded, store = opened(company(tmp_path / "w", 0, settings=settings))
    first, second = loaded.root / "data" / "calls.jsonl", loaded.root / "data" / "calls.jsonl2.jsonl"
    first.write_text(lines([GOOD[0], "{", "[1]"]))
    second.write_text(lines([contact(5), "{oops"]))
    with store:
        flow.ingest(loaded, store, flow.configured_feeds(loaded), received_at=RECEIVED, workers=1)
        assert len(store.dead_letters()) == 3
        untouched = flow.replay(loaded, store, received_at=RECEIVED + timedelta(hours=1), workers=1)
        assert [(row["replayed"], row["still_open"]) for row in untouched] == [(0, 2), (0, 1)]
        first.write_text(lines([GOOD[0], GOOD[1], "[1]"]))
        mended = flow.replay(loaded, store, received_at=RECEIVED + timedelta(hours=2), workers=1)
        assert [(row["file"], row["replayed"], row["still_open"]) for row in mended] == [
            ("data/calls.jsonl", 1, 1),
            ("data/calls.jsonl2.jsonl", 0, 1),
        ]
        assert store.counts()["interactions"] == 3
        assert {letter.locator for letter in store.dead_letters()} == {"data/calls.jsonl:3", "data/calls.jsonl2.jsonl:2"}


def test_explaining_reads_nothing_into_the_store(workplace):
    """A dry run names the reader and what becomes of each field; a file nobody can read is a row too."""
    loaded, store, drop, _ = workplace
    (drop / "a.csv").write_text("id,text,team\n1,late refund,north\n")
    (drop / "b.bin").write_bytes(bytes(100))
    rows = flow.explained(flow.named_feeds(loaded, [drop]), received_at=RECEIVED)
    assert [(row["reader"], row["field"]) for row in rows] == [("csv", "id"), ("csv", "text"), ("csv", "team"), ("unknown", "")]
    assert store.counts()["interactions"] == 0


def test_long_documents_make_small_batches():
    """Batches are bounded in characters, so that memory does not follow the length of documents."""
    from insights.domain import Interaction, Role, Turn

    long = Interaction("i", "s", "r", datetime(2026, 1, 1, tzinfo=UTC), "call", (Turn(0, Role.CUSTOMER, "x" * 900_000),))
    assert [len(batch) for batch in flow.batches(iter([long] * 7))] == [3, 3, 1]
