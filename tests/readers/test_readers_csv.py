"""Delimited text, in whatever encoding and with whatever delimiter."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reader_files import interactions, only, options, readings, refused

from insights.domain import Interaction
from insights.errors import UsageError
from insights.readers import explain, read
from insights.readers.csv import NEVER_CLOSED, TOO_LONG_RECORD, delimiter_of, records_of
from insights.readers.lines import LONGEST, Line

HEADER = "id,text,csat\n"


def asides(found: list) -> list[tuple[str, str]]:
    """Line and reason of what was set aside."""
    return [(reading.locator.rsplit(":", 1)[1], reading.reason) for reading in found if not isinstance(reading, Interaction)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    """The delimiter is found in the first lines, quotes and line breaks in fields included."""
    rows = [["id", "text", "note"], ["1", 'a "quoted", long\nline; with | all\tof them', ""], ["2", "plain", "x"]]
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    found = interactions(readings(tmp_path, buffer.getvalue()))
    assert [reading.turns[0].text for reading in found] == [rows[1][1], "plain"]
    assert found[1].meta == {"note": "x"}


def test_leading_zeros(tmp_path: Path) -> None:
    """Ids and other numbers keep every digit as written."""
    found = only(readings(tmp_path, "id,text,customer,order\n007,Hi.,0012,1e5\n"))
    assert (found.source_ref, found.customer_ref, found.meta["order"]) == ("007", "0012", "1e5")


def test_rows_of_wrong_length(tmp_path: Path) -> None:
    """A row with too many fields is set aside with its line; a short one is read and noted; empty fields too many are nothing."""
    found = readings(tmp_path, HEADER + "1,One.,5\n2,Two,or,three\n3,Three.\n4,Four.,5,,\n\n,,\n")
    assert [reading.source_ref for reading in interactions(found)] == ["1", "3", "4"]
    assert asides(found) == [("3", "4 fields where the header has 3")]
    assert interactions(found)[1].repairs == ("row shorter than the header",)


@pytest.mark.parametrize(
    ("text", "encoding", "repair"),
    [
        ("Das Gerät läuft nicht, trotz “Hilfe” – schön für 5 €", "cp1252", "cp1252 decoded"),
        ("Le réseau est tombé dès l'été", "cp1252", "cp1252 decoded"),
        ("Połączenie zostało zerwane, proszę o zwrot pieniędzy. Źle działa, jeździłem dłużej niż pięć razy", "cp1250", "cp1250 decoded"),
        ("Интернет не работает второй день, верните деньги пожалуйста", "cp1251", "cp1251 decoded"),
        ("インターネットが二日間つながりません。返金してください。", "shift_jis", "decoded"),
        ("Das Gerät läuft", "utf-8-sig", "byte order mark dropped"),
        ("Das Gerät läuft", "utf-16", "UTF-16 decoded"),
        ("Das Geraet laeuft", "utf-16-le", "UTF-16 decoded"),
        ("Das Gerät läuft", "utf-32", "UTF-32 decoded"),
    ],
)
def test_encodings(tmp_path: Path, text: str, encoding: str, repair: str) -> None:
    """Other encodings than UTF-8 are told from the bytes, and noted with every record they touched."""
    content = "id;text\n" + "".join(f'{number};"{text}"\n' for number in range(5))
    found = interactions(readings(tmp_path, content.encode(encoding)))
    assert len(found) == 5
    assert {reading.turns[0].text for reading in found} == {text}
    assert all(any(repair in note for note in reading.repairs) for reading in found)


def test_mixed_encodings(tmp_path: Path) -> None:
    """One line in Windows-1252 in a file of UTF-8 costs a repair on that line alone."""
    found = interactions(readings(tmp_path, "id,text\n1,né\n".encode() + "2,né\n".encode("cp1252") + "3,né\n".encode()))
    assert [(reading.turns[0].text, reading.repairs) for reading in found] == [("né", ()), ("né", ("cp1252 decoded",)), ("né", ())]


def test_declared_encoding(tmp_path: Path) -> None:
    """A declared encoding is taken without a repair, an unknown one stops before anything is read."""
    content = "id,text\n1,žluťoučký\n".encode("cp1250")
    found = only(readings(tmp_path, content, mapping={"encoding": "cp1250"}))
    assert (found.turns[0].text, found.repairs) == ("žluťoučký", ())
    with pytest.raises(UsageError, match="unknown encoding"):
        readings(tmp_path, content, mapping={"encoding": "klingon"})


def test_carriage_returns_alone(tmp_path: Path) -> None:
    """Lines may end with a carriage return alone, as on old machines."""
    assert len(interactions(readings(tmp_path, b"id,text\r1,One.\r2,Two.\r"))) == 2


def test_quote_never_closed(tmp_path: Path) -> None:
    """A quote that is never closed costs its line; the rows after it are read."""
    rows = "".join(f"{number},Text {number}.,5\n" for number in range(2, 40))
    for after in (rows, rows + '40,"Quoted, with comma",5\n41,"And again",5\n'):
        found = readings(tmp_path, HEADER + '1,"Stray,5\n' + after)
        assert asides(found) == [("2", NEVER_CLOSED)]
        assert len(interactions(found)) == len(after.splitlines())


def test_stray_quotes_everywhere(tmp_path: Path) -> None:
    """A file full of quotes that never match costs its rows, not the patience of whoever reads it."""
    found = readings(tmp_path, "id,text,x\n" + 'a",b,"\n' * 5_000)
    assert len(found) == 5_000
    assert not interactions(found)


def test_long_record(tmp_path: Path) -> None:
    """A message of ten megabytes, on one line or on many, costs one record."""
    body = "word " * 15 + "\n"
    for long in ("a" * (LONGEST + 9), body * (LONGEST // len(body) + 900), "short lines\n" * 12_000):
        found = readings(tmp_path, HEADER + f'1,"{long}",5\n2,Two.,5\n')
        assert [reading.source_ref for reading in interactions(found)] == ["2"]
        assert len(asides(found)) == 1
        assert asides(found)[0][1] in (TOO_LONG_RECORD, "a line of more than 8 MB")


def test_mapped_column_missing(tmp_path: Path) -> None:
    """A mapped column that does not exist stops before any record, with the nearest that does."""
    path = tmp_path / "file"
    path.write_text("ref,body\n1,Hi.\n")
    with pytest.raises(UsageError, match='text from a column "boddy"') as caught:
        next(read(path, options({"columns": {"text": "boddy"}})))
    assert caught.value.hint == 'did you mean "body"?'


def test_no_text_column(tmp_path: Path) -> None:
    """A table without a column for the words is one record set aside that lists what looks like a column's name, never data."""
    found = refused(readings(tmp_path, "Ref,Body,ana@example.org\n1,Hi.,x\n"))
    assert "declare columns in a mapping (there are: Ref, Body, …)" in found.reason
    assert "ana@" not in found.reason


def test_repeated_and_empty_names(tmp_path: Path) -> None:
    """Columns without a name or with the same name twice stay apart."""
    found = only(readings(tmp_path, "id,text,,tag,tag\n1,Hi.,x,y,z\n"))
    assert found.meta == {"column_3": "x", "tag": "y", "tag_2": "z"}


def test_header_only(tmp_path: Path) -> None:
    """A table without rows holds nothing, which is no fault."""
    assert readings(tmp_path, "id,text\n") == []


def test_explained_delimiter(tmp_path: Path) -> None:
    """The explanation tells encoding, delimiter, layout and every column."""
    path = tmp_path / "file"
    path.write_text("Id;Text;Secret;Csat\n1;Hi.;x;3\n")
    told = explain(path, options({"ignore": ["Secret"]}))
    assert told.fields == (("Id", "id"), ("Text", "text"), ("Secret", "ignored by name"), ("Csat", "meta"))
    assert (told.layout, told.notes, told.encoding) == ("interaction", ("delimiter: ;",), "utf-8, else cp1252")


CELL = st.text(st.characters(blacklist_characters="\r\0", blacklist_categories=("Cs",)), max_size=12)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(rows=st.lists(st.lists(CELL, min_size=2, max_size=4), min_size=1, max_size=5), delimiter=st.sampled_from(",;\t|"))
def test_as_the_standard_library(rows: list[list[str]], delimiter: str) -> None:
    """What the standard library writes with quotes is split into the same fields."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    parts = buffer.getvalue().split("\n")[:-1]
    found = list(records_of((Line(number, text, text.encode()) for number, text in enumerate(parts, 1)), delimiter))
    assert [record.fields for record in found] == rows


@pytest.mark.parametrize(
    ("sample", "delimiter"),
    [
        (["id,text", "1,a; b; c", "2,d"], ","),
        (["id;text", "1;a, b, c", "2;d"], ";"),
        (["Dear all,", "this is no table, is it", "bye"], ""),
        (["one column", "only"], ""),
        ([], ""),
    ],
)
def test_which_delimiter(sample: list[str], delimiter: str) -> None:
    """The delimiter that cuts the lines most evenly wins, and prose has none."""
    assert delimiter_of(sample) == delimiter
