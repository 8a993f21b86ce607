"""Small files of every format, and the options tests read them with."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from insights.config.models import Mapping
from insights.domain import Interaction, Reading, SetAside
from insights.readers import ReadOptions, read

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def options(mapping: dict[str, Any] | None = None, **changes: Any) -> ReadOptions:
    """Options of a feed named ``feed``, with a mapping given as TOML would give it."""
    return replace(ReadOptions("feed", NOW, Mapping.model_validate(mapping) if mapping is not None else None), **changes)


def readings(folder: Path, content: bytes | str, *, name: str | None = None, file: str = "file", **given: Any) -> list[Reading]:
    """Writes a file and reads it."""
    path = folder / file
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read(path, options(given.pop("mapping", None), **given), name))


def only(found: Sequence[Reading]) -> Interaction:
    """The one interaction there must be."""
    assert len(found) == 1, found
    assert isinstance(found[0], Interaction), found[0]
    return found[0]


def refused(found: Sequence[Reading]) -> SetAside:
    """The one record set aside there must be."""
    assert len(found) == 1, found
    assert isinstance(found[0], SetAside), found[0]
    return found[0]


def interactions(found: Iterable[Reading]) -> list[Interaction]:
    """The interactions among readings."""
    return [reading for reading in found if isinstance(reading, Interaction)]


def lines(*records: Any) -> str:
    """JSON Lines."""
    return "".join(json.dumps(record) + "\n" for record in records)


def workbook(rows: Sequence[Sequence[Any]], *, sheet: str = "Sheet1", further: dict[str, bytes] | None = None) -> bytes:
    """A workbook with one sheet; texts are written in place, dates as serial numbers in a date style."""
    body = "".join(f'<row r="{number}">{"".join(map(_cell, row))}</row>' for number, row in enumerate(rows, start=1))
    return package(f"<sheetData>{body}</sheetData>".encode(), sheet=sheet, further=further)


def package(sheet_data: bytes, *, sheet: str = "Sheet1", further: dict[str, bytes] | None = None) -> bytes:
    """The zip archive around the XML of a sheet."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package_ns = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package_ns}/content-types"/>'.encode(),
        "_rels/.rels": (
            f'<Relationships xmlns="{package_ns}/relationships"><Relationship Id="r1" Type="{office}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>'
        ).encode(),
        "xl/workbook.xml": (
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="{sheet}" sheetId="1" r:id="r1"/></sheets></workbook>'
        ).encode(),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{package_ns}/relationships"><Relationship Id="r1" Type="{office}/worksheet" '
            f'Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/></Relationships>'
        ).encode(),
        "xl/styles.xml": (
            f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>'
        ).encode(),
        "xl/worksheets/sheet1.xml": b'<worksheet xmlns="' + main.encode() + b'">' + sheet_data + b"</worksheet>",
        **(further or {}),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, datetime):
        return f'<c s="1"><v>{(value - datetime(1899, 12, 30)).total_seconds() / 86400}</v></c>'
    if isinstance(value, int | float):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def table(columns: dict[str, Any], **further: Any) -> bytes:
    """A Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, **further)
    return buffer.getvalue()


def mail(body: str = "My parcel never came.", **headers: str) -> str:
    """A plain message; an empty header is left out."""
    known = {
        "From": "Ana Example <ana@example.org>",
        "To": "Shop Care <care@shop.example>",
        "Date": "Mon, 02 Mar 2026 10:14:00 +0100",
        "Message-ID": "<one@example.org>",
        "Subject": "Where is it",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return "".join(f"{name}: {value}\n" for name, value in known.items() if value) + "\n" + body + "\n"


def mailbox(*messages: str) -> str:
    """An mbox."""
    return "".join(f"From someone Mon Mar  2 10:14:00 2026\n{message}\n" for message in messages)


SAMPLES: dict[str, bytes] = {
    "parquet": table({"id": ["a", "b"], "text": ["It broke.", "It works."]}),
    "xlsx": workbook([["id", "text"], ["a", "It broke."], ["b", "It works."]]),
    "webvtt": b"WEBVTT\n\n00:00.000 --> 00:02.000\n<v Agent>How can I help?\n\n00:02.500 --> 00:04.000\n<v Caller>It broke.\n",
    "mbox": mailbox(mail(), mail("It works.", Message_ID="<two@example.org>", From="Bo <bo@example.org>")).encode(),
    "jsonl": lines({"id": "a", "text": "It broke."}, {"id": "b", "text": "It works."}).encode(),
    "eml": mail().encode(),
    "transcript": b"Agent: How can I help?\nCustomer: It broke.\n",
    "csv": b"id,text\na,It broke.\nb,It works.\n",
}
