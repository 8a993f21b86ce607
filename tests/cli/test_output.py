"""Rows come out the same in every format, and no cell runs in a spreadsheet."""

import csv
import io
import json

import pytest

from insights.cli import output
from insights.errors import UsageError

COLUMNS = ("id", "n", "words")
ROWS = [{"id": "a", "n": 1, "words": ["x", "y"]}, {"id": "b|*", "n": 2.5, "words": None}]


def emitted(capsys, rows, fmt):
    output.emit(rows, COLUMNS, format=fmt, output=None, schema="insights.test/1")
    return capsys.readouterr().out


def test_ndjson_is_the_default_in_a_pipe(capsys):
    """Without a terminal, each row is a JSON object on a line of its own."""
    lines = emitted(capsys, ROWS, None).splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["a", "b|*"]


def test_json_names_its_schema(capsys):
    """The JSON format carries a schema version beside the rows."""
    found = json.loads(emitted(capsys, ROWS, "json"))
    assert found["schema"] == "insights.test/1"
    assert found["rows"][0] == {"id": "a", "n": 1, "words": ["x", "y"]}


@pytest.mark.parametrize(("fmt", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_separated_values_read_back(capsys, fmt, delimiter):
    """CSV and TSV have a header and read back with the standard reader."""
    rows = list(csv.reader(io.StringIO(emitted(capsys, ROWS, fmt)), delimiter=delimiter))
    assert rows == [["id", "n", "words"], ["a", "1", "x, y"], ["b|*", "2.5", ""]]


@pytest.mark.parametrize("payload", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1+1"])
@pytest.mark.parametrize("fmt", ["csv", "tsv"])
def test_no_cell_is_a_formula(capsys, fmt, payload):
    """A text that a spreadsheet would run is disarmed; a negative number stays a number."""
    text = emitted(capsys, [{"id": payload, "n": -2, "words": None}], fmt)
    row = list(csv.reader(io.StringIO(text), delimiter="," if fmt == "csv" else "\t"))[1]
    assert row[0].startswith("'")
    assert row[1] == "-2"


def test_markdown_escapes_markup(capsys):
    """A bar or a star in a cell stays a bar or a star."""
    assert "b\\|\\*" in emitted(capsys, ROWS, "md")


def test_a_table_shows_every_row(capsys):
    """The table has a header and a line a row."""
    lines = emitted(capsys, ROWS, "table").splitlines()
    assert len(lines) == 3
    assert lines[0].split() == list(COLUMNS)


def test_parquet_needs_a_file(tmp_path):
    """Parquet is refused on the screen and reads back from a file."""
    import pyarrow.parquet as pq

    with pytest.raises(UsageError, match="goes to a file"):
        output.emit(ROWS, ("id",), format="parquet", output=None, schema="x")
    output.emit(ROWS, ("id",), format="parquet", output=tmp_path / "x.parquet", schema="x")
    assert pq.read_table(tmp_path / "x.parquet").column("id").to_pylist() == ["a", "b|*"]


def test_an_unknown_format_names_the_nearest():
    """A mistyped format is answered with the nearest one."""
    with pytest.raises(UsageError) as caught:
        output.emit([], (), format="ndjsn", output=None, schema="x")
    assert "ndjson" in caught.value.hint
