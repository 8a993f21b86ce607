"""Parquet and Excel: their own types, their own traps."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from reader_files import interactions, only, options, package, readings, refused, table, workbook

from insights.errors import UsageError
from insights.readers import read, xlsx


def test_parquet_types(tmp_path: Path) -> None:
    """Numbers, times, lists and nothing of a Parquet file arrive as text, and ids keep their digits."""
    import pyarrow as pa

    content = table(
        {
            "id": [123.0],
            "text": ["It broke."],
            "started_at": pa.array([1772442840123456789], pa.timestamp("ns", "Europe/Dublin")),
            "customer": [42],
            "tags": [["a", "b"]],
            "price": [Decimal("1.50")],
            "ok": [True],
            "none": pa.array([None], pa.string()),
            "raw": [b"abc"],
        }
    )
    found = only(readings(tmp_path, content))
    assert (found.source_ref, found.customer_ref) == ("123", "42")
    assert found.started_at == datetime(2026, 3, 2, 9, 14, 0, 123456, tzinfo=UTC)
    assert found.meta == {"tags": '["a", "b"]', "price": "1.50", "ok": "true", "raw": "3 bytes"}


def test_parquet_row_that_cannot_be_read(tmp_path: Path) -> None:
    """Text that is no UTF-8 costs its row."""
    import pyarrow as pa

    broken = pa.array([b"fine", b"\xff\xfe", b"fine"]).view(pa.string())
    found = readings(tmp_path, table({"id": ["a", "b", "c"], "text": broken}))
    assert [reading.source_ref for reading in interactions(found)] == ["a", "c"]
    assert refused(found[1:2]).locator.endswith("#2")


def test_parquet_row_groups(tmp_path: Path) -> None:
    """Row groups are read one after the other, and rows are numbered over all of them."""
    content = table({"text": [f"Text {number}." for number in range(25)]}, row_group_size=10)
    found = interactions(readings(tmp_path, content))
    assert [reading.source_ref for reading in found] == [f"file#{number}" for number in range(1, 26)]


def test_parquet_cut_short(tmp_path: Path) -> None:
    """A Parquet file without its end is one record set aside."""
    content = table({"id": ["a"], "text": ["x"]})
    assert refused(readings(tmp_path, content[:-20])).reason == "a damaged Parquet file"


def test_excel_types(tmp_path: Path) -> None:
    """Dates of a workbook need a zone; numbers lose the .0 a spreadsheet gives them; text keeps its zeros."""
    rows = [
        ["id", "text", "started_at", "order", "share"],
        ["007", "It broke.", datetime(2026, 3, 2, 9, 14), 12, 0.5],
        [None] * 5,
        [8, "It works.", None, None, None],
    ]
    found = interactions(readings(tmp_path, workbook(rows), timezone="Europe/Dublin"))
    assert [reading.source_ref for reading in found] == ["007", "8"]
    assert found[0].started_at == datetime(2026, 3, 2, 9, 14, tzinfo=UTC)
    assert found[0].meta == {"order": "12", "share": "0.5", "timezone": "declared Europe/Dublin"}
    assert "time without a zone" in refused(readings(tmp_path, workbook(rows[:2]))).reason


def test_excel_row_too_long(tmp_path: Path) -> None:
    """A row with more fields than the header is set aside with its number."""
    found = readings(tmp_path, workbook([["id", "text"], ["a", "One."], ["b", "Two.", "three"], ["c", "Three."]]))
    assert [reading.source_ref for reading in interactions(found)] == ["a", "c"]
    assert refused(found[1:2]).locator.endswith("#3")


def test_excel_sheet(tmp_path: Path) -> None:
    """A mapped sheet is read, and one that does not exist stops with the nearest name."""
    path = tmp_path / "file"
    path.write_bytes(workbook([["id", "text"], ["a", "One."]], sheet="Tickets"))
    assert len(list(read(path, options({"sheet": "Tickets"})))) == 1
    with pytest.raises(UsageError, match='sheet "Ticket"') as caught:
        next(read(path, options({"sheet": "Ticket"})))
    assert "Tickets" in caught.value.hint


def test_excel_mapped_column_missing(tmp_path: Path) -> None:
    """A mapped column that a workbook lacks stops before any record."""
    path = tmp_path / "file"
    path.write_bytes(workbook([["Ref", "Body"], ["a", "One."]]))
    with pytest.raises(UsageError, match="does not exist"):
        next(read(path, options({"columns": {"text": "Bodi"}})))


def test_zip_bomb(tmp_path: Path) -> None:
    """A part that would grow too much, or too large a workbook, is refused before anything unpacks it."""
    assert refused(readings(tmp_path, workbook([["id"]], further={"xl/big.xml": b"\0" * 30_000_000}))).reason == xlsx.BOMB


def test_two_cells_far_apart(tmp_path: Path) -> None:
    """Two cells at opposite corners of a sheet do not make a grid of billions."""
    corners = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    for sheet in (corners, corners.replace('"', "'")):
        assert refused(readings(tmp_path, package(f"<sheetData>{sheet}</sheetData>".encode()))).reason == xlsx.BOMB


def test_other_archives(tmp_path: Path) -> None:
    """A zip archive that is no workbook says so."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "hello")
    assert "no workbook" in refused(readings(tmp_path, buffer.getvalue())).reason
