"""What every reader keeps to, whatever its format."""

from __future__ import annotations

import gzip
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_files import SAMPLES, interactions, only, options, readings, refused

from insights import readers as room
from insights.domain import Interaction, SetAside, Skipped, interaction_id
from insights.errors import UsageError
from insights.readers import READERS, choose, explain, files_in, known_readers, name_for, read

every_reader = pytest.mark.parametrize("name", READERS)
SLOW = settings(derandomize=True, deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])


@every_reader
def test_content_decides(tmp_path: Path, name: str) -> None:
    """A file is recognised by its content, whatever it is called."""
    path = tmp_path / "something.dat"
    path.write_bytes(SAMPLES[name])
    assert name == choose(path).NAME
    assert name_for(path) == name


@every_reader
def test_values_only(tmp_path: Path, name: str) -> None:
    """A reader yields interactions, each with an id of its own, and nothing else from a sound file."""
    found = readings(tmp_path, SAMPLES[name])
    assert found
    assert all(isinstance(reading, Interaction) for reading in found)
    assert len({reading.id for reading in interactions(found)}) == len(found)
    for reading in interactions(found):
        assert reading.id == interaction_id("feed", reading.source_ref)
        assert [turn.index for turn in reading.turns] == list(range(len(reading.turns)))
        assert all(turn.text.strip() == turn.text != "" for turn in reading.turns)
        assert not reading.repairs


@every_reader
def test_twice_the_same(tmp_path: Path, name: str) -> None:
    """Reading a file again gives equal values."""
    assert readings(tmp_path, SAMPLES[name]) == readings(tmp_path, SAMPLES[name])


@every_reader
def test_gzip_is_transparent(tmp_path: Path, name: str) -> None:
    """A compressed file is read like the file itself, ids included."""
    plain = readings(tmp_path, SAMPLES[name], file="calls.x")
    packed = readings(tmp_path, gzip.compress(SAMPLES[name]), file="calls.x.gz")
    assert plain == packed


@every_reader
def test_empty_file(tmp_path: Path, name: str) -> None:
    """An empty file is one record set aside, with or without the reader's name."""
    assert refused(readings(tmp_path, b"", name=name)).reason == "an empty file"
    assert refused(readings(tmp_path, gzip.compress(b""))).reason == "an empty file"


@every_reader
def test_truncated_gzip(tmp_path: Path, name: str) -> None:
    """A truncated gzip stream is set aside, and what came before it is kept where the format allows."""
    packed = gzip.compress(SAMPLES[name] * (1 if name in ("parquet", "xlsx", "eml", "webvtt") else 30))
    found = readings(tmp_path, packed[: len(packed) // 2], name=name)
    assert isinstance(found[-1], SetAside)
    assert "gzip" in found[-1].reason
    assert str(tmp_path) in found[-1].locator


@every_reader
@SLOW
@given(content=st.binary(min_size=1, max_size=400))
def test_garbage_never_raises(tmp_path: Path, name: str, content: bytes) -> None:
    """Whatever the bytes, a reader named by hand yields readings and raises nothing."""
    found = readings(tmp_path, content, name=name)
    assert all(isinstance(reading, Interaction | SetAside | Skipped) for reading in found)


@every_reader
@SLOW
@given(data=st.data())
def test_damage_never_raises(tmp_path: Path, name: str, data: st.DataObject) -> None:
    """A sound file with some bytes changed, lost or doubled yields readings and raises nothing, recognised or named."""
    content = bytearray(SAMPLES[name])
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        match data.draw(st.sampled_from(["set", "cut", "double"])):
            case "set":
                content[place] = data.draw(st.sampled_from([0, 9, 10, 13, 34, 44, 58, 60, 123, 0x80, 0xFF, 0xED]))
            case "cut":
                del content[place : place + data.draw(st.integers(1, 40))]
            case "double":
                content[place:place] = content[place : place + 60] * 3
        if not content:
            content = bytearray(b"x")
    for named in (None, name):
        found = readings(tmp_path, bytes(content), name=named)
        assert all(isinstance(reading, Interaction | SetAside | Skipped) for reading in found)


@every_reader
def test_never_raises_sniffing(name: str) -> None:
    """Looking at any bytes raises nothing."""
    reader = choose(Path("unused"), name)
    for head in (b"", b"\0" * 50, b"\xff\xfe", b"\xff\xfe{\0", b"From ", b"PK\x03\x04", b'"', b"a:" * 100, bytes(range(256))):
        assert reader.sniff(head) in (True, False)


@every_reader
def test_explained(tmp_path: Path, name: str) -> None:
    """How a file is read can be told without keeping anything: reader, fields and what the first records become."""
    path = tmp_path / "file"
    path.write_bytes(SAMPLES[name])
    told = explain(path, options())
    assert told.reader == name
    assert told.interactions == len(readings(tmp_path, SAMPLES[name]))
    assert told.set_aside == told.skipped == 0
    assert name not in ("parquet", "xlsx", "jsonl", "csv") or told.fields == (("id", "id"), ("text", "text"))


def test_unknown_reader(tmp_path: Path) -> None:
    """An unknown reader's name is refused with the nearest known one."""
    with pytest.raises(UsageError) as caught:
        choose(tmp_path, "jsonlines")
    assert "jsonl" in caught.value.hint
    assert set(READERS) <= set(known_readers())


def test_content_nobody_recognises(tmp_path: Path) -> None:
    """Content nobody recognises is an error where a reader is asked for, and a record set aside where a file is read."""
    path = tmp_path / "picture"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    with pytest.raises(UsageError, match="no reader recognises"):
        choose(path)
    assert name_for(path) == "unknown"
    assert "no reader recognises" in refused(list(read(path, options()))).reason


def test_missing_path(tmp_path: Path) -> None:
    """A missing path stops before anything is read."""
    with pytest.raises(UsageError, match="no such file"):
        next(read(tmp_path / "none", options()))
    with pytest.raises(UsageError, match="no such file"):
        files_in(tmp_path / "none")


def test_folder_is_no_file(tmp_path: Path) -> None:
    """A folder handed to a reader is refused."""
    with pytest.raises(UsageError, match="folder"):
        next(read(tmp_path, options()))


def test_permission_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that may not be read stops with what to check."""
    path = tmp_path / "file"
    path.write_bytes(b"x")

    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UsageError, match="Permission denied"):
        next(read(path, options()))


def test_files_in_folder(tmp_path: Path) -> None:
    """A folder gives its files in order; hidden ones and links that lead out of it are left out."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for place in (inside / "b" / "two.csv", inside / "a.csv", inside / ".hidden" / "x.csv", inside / ".x.csv", outside / "secret.csv"):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("id,text\n")
    (inside / "link.csv").symlink_to(outside / "secret.csv")
    (inside / "folder").symlink_to(outside)
    (inside / "own.csv").symlink_to(inside / "a.csv")
    (inside / "loop").symlink_to(inside)
    assert [place.relative_to(inside).as_posix() for place in files_in(inside)] == ["a.csv", "b/two.csv", "own.csv"]
    assert files_in(inside / "a.csv") == [inside / "a.csv"]
    assert stat.S_ISREG((inside / "a.csv").stat().st_mode)


def test_two_files_of_one_name(tmp_path: Path) -> None:
    """One interaction a file: files of the same name in two folders stay apart where the folder above is known."""
    ids = set()
    for day in ("mon", "tue"):
        (tmp_path / day).mkdir()
        path = tmp_path / day / "call.txt"
        path.write_bytes(SAMPLES["transcript"])
        ids.add(only(list(read(path, options(root=tmp_path)))).source_ref)
    assert ids == {"mon/call", "tue/call"}


def test_readers_of_other_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry point of another package is a reader like ours, looked at after them."""

    class Point:
        name = "shouting"

        def load(self) -> object:
            return Shouting

    class Shouting:
        NAME = "shouting"

        @staticmethod
        def sniff(head: bytes) -> bool:
            return head.startswith(b"HEAR")

        @staticmethod
        def read(path: Path, given: object) -> Iterator[SetAside]:
            yield SetAside(str(path), "too loud")

    monkeypatch.setattr(room, "_further", lambda: {"shouting": Point()})
    assert known_readers()[-1] == "shouting"
    assert refused(readings(tmp_path, b"HEAR HEAR")).reason == "too loud"
    assert refused(readings(tmp_path, b"quiet", name="shouting")).reason == "too loud"
