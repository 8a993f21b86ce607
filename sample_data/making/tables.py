"""The files of calls, chats, tickets and notes: the same records give the same bytes."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

from making.dice import Dice
from making.labels import Record
from making.pen import QUEUES

_UNMARKED_SPEAKERS = 0.04


def write_calls(records: Sequence[Record], file: Path, seed: int) -> None:
    """Writes the interchange JSON Lines; in a few calls the recorder did not mark who spoke."""
    lines = []
    for record in records:
        contact, dice = record.contact, Dice(seed, "file", record.contact.ref)
        unmarked = dice.chance(_UNMARKED_SPEAKERS)
        turns = [{"role": "unknown" if unmarked else turn.role, "text": turn.text} for turn in record.turns]
        meta = {"region": contact.person.region, "agent": contact.agent.name, "site": contact.agent.site}
        lines.append(
            {
                "id": contact.ref,
                "channel": "call",
                "started_at": f"{contact.started.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
                **({"customer": contact.person.id} if contact.known else {}),
                **({"product": record.product} if record.product and dice.chance(0.8) else {}),
                "queue": queue_of(record),
                "turns": turns,
                "meta": meta,
            }
        )
    write_lines(lines, file)


def write_chats(records: Sequence[Record], file: Path, seed: int) -> None:
    """Writes a row a turn, times in local time without a zone."""
    head = ["conversation", "message_no", "sent_at", "sender", "message", "customer_id", "region", "agent", "queue"]
    rows = []
    for record in records:
        contact = record.contact
        second = contact.started.replace(tzinfo=None)
        dice = Dice(seed, "file", contact.ref)
        for number, turn in enumerate(record.turns, start=1):
            sender = {"customer": "Visitor", "agent": "Advisor", "bot": "Lumi"}[turn.role]
            customer = contact.person.id if contact.known else ""
            place = (contact.person.region, contact.agent.name, queue_of(record))
            rows.append((contact.ref, number, f"{second:%Y-%m-%d %H:%M:%S}", sender, turn.text, customer, *place))
            second += timedelta(seconds=dice.between(4, 70))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    file.write_text(text.getvalue(), encoding="utf-8", newline="")


def write_tickets(records: Sequence[Record], file: Path, seed: int) -> None:
    """Writes a workbook of one sheet, a row a ticket; stored, not compressed, as compressors differ between machines."""
    head = ["Ticket", "Opened", "Subject", "Description", "Customer", "Customer name", "Product", "region", "Queue", "Agent", "site"]
    head += ["Priority", "SLA"]
    rows: list[list[str]] = [head]
    for record in records:
        contact, dice = record.contact, Dice(seed, "file", record.contact.ref)
        known = [contact.person.id if contact.known else "", contact.person.name]
        place = [contact.person.region, queue_of(record), contact.agent.name, contact.agent.site]
        opened = f"{contact.started:%d/%m/%Y %H:%M}"
        urgency = [dice.pick(("P2", "P3", "P3", "P4")), dice.pick(("met", "met", "met", "missed"))]
        rows.append([contact.ref, opened, record.title, record.turns[0].text, *known, record.product, *place, *urgency])
    parts = {**_WORKBOOK, "xl/worksheets/sheet1.xml": _sheet(rows)}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(parts):
            archive.writestr(zipfile.ZipInfo(name, date_time=(2026, 8, 31, 0, 0, 0)), parts[name])


def write_notes(records: Sequence[Record], file: Path) -> None:
    """Writes a row a contact with a nested list of entries."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    entry = pa.struct([("author", pa.string()), ("text", pa.string()), ("visibility", pa.string())])
    schema = pa.schema(
        [
            ("note_id", pa.string()),
            ("written_at", pa.timestamp("s", tz="UTC")),
            ("customer", pa.string()),
            ("region", pa.string()),
            ("team", pa.string()),
            ("site", pa.string()),
            ("entries", pa.list_(entry)),
        ]
    )
    rows = [
        {
            "note_id": record.contact.ref,
            "written_at": record.contact.started.astimezone(UTC),
            "customer": record.contact.person.id if record.contact.known else None,
            "region": record.contact.person.region,
            "team": queue_of(record),
            "site": record.contact.agent.site,
            "entries": [{"author": turn.role, "text": turn.text, "visibility": turn.visibility} for turn in record.turns],
        }
        for record in records
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), file, compression="snappy")


def write_lines(objects: Iterable[object], file: Path) -> None:
    """Writes JSON Lines."""
    text = "".join(json.dumps(item, ensure_ascii=False, separators=(",", ":")) + "\n" for item in objects)
    file.write_text(text, encoding="utf-8", newline="")


def queue_of(record: Record) -> str:
    """Returns the queue that took the contact."""
    contact = record.contact
    area = contact.matters[0].area if contact.matters else contact.plain.area if contact.plain else "care"
    return QUEUES[area]


def _sheet(rows: Sequence[Sequence[str]]) -> str:
    lines = [
        f'<row r="{number}">' + "".join(_cell(f"{chr(65 + column)}{number}", value) for column, value in enumerate(row)) + "</row>"
        for number, row in enumerate(rows, start=1)
    ]
    return f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>' + "\n".join(lines) + "</sheetData></worksheet>"


def _cell(place: str, value: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>' if value else ""


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_WORKBOOK = {
    "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="Tickets" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
