"""The three layouts of tables: a row an interaction, a row a turn, a row with a list of turns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from reader_files import interactions, only, readings, refused, table

from insights.domain import Interaction, Role, Visibility
from insights.readers import table as tables
from insights.readers.table import FIELDS_DIFFER, FILE_ORDER, STRAY

TURNS = {
    "layout": "turn",
    "columns": {
        "id": "chat",
        "text": "words",
        "role": "who",
        "started_at": "at",
        "turn_index": "no",
        "customer": "cust",
        "visibility": "private",
    },
    "roles": {"Visitor": "customer", "Rep": "agent"},
    "timezone": "UTC",
}
HEAD = "chat,no,who,at,words,cust,private,site\n"


def read_turns(folder: Path, rows: str, **changes: Any) -> list:
    return readings(folder, HEAD + rows, mapping={**TURNS, **changes}, name="csv")


def test_rows_become_turns(tmp_path: Path) -> None:
    """Rows of an id are one interaction, ordered by the turn's number; it begins with its first turn."""
    rows = (
        "a,2,rep,2026-03-02 09:01,Hi.,,false,north\n"
        "a,1,VISITOR,2026-03-02 09:00,Hello.,7,false,north\n"
        "a,10,Rep,2026-03-02 09:02,Angry one.,7,true,north\n"
        "b,1,Wizard,,Hey.,8,,south\n"
    )
    first, second = interactions(read_turns(tmp_path, rows))
    assert [(turn.role, turn.text) for turn in first.turns] == [
        (Role.CUSTOMER, "Hello."),
        (Role.AGENT, "Hi."),
        (Role.AGENT, "Angry one."),
    ]
    assert first.turns[2].visibility is Visibility.INTERNAL
    assert first.started_at == first.turns[0].at
    assert (first.customer_ref, first.meta) == ("7", {"site": "north", "timezone": "declared UTC"})
    assert first.repairs == ()
    assert (second.turns[0].role, second.repairs, second.started_at) == (Role.UNKNOWN, ("unknown role",), None)


def test_interleaved_rows(tmp_path: Path) -> None:
    """Interactions written one row each in turn are still joined."""
    rows = "".join(f"{chat},{no},Rep,,Text {no}.,,,\n" for no in range(3) for chat in "abc")
    found = interactions(read_turns(tmp_path, rows))
    assert [(reading.source_ref, len(reading.turns)) for reading in found] == [("a", 3), ("b", 3), ("c", 3)]


def test_stray_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that comes after its interaction was handed on is set aside, and says that sorting the file helps."""
    monkeypatch.setattr(tables, "OPEN", 2)
    monkeypatch.setattr(tables._Seen, "_RECENT", 3)
    rows = "".join(f"{chat},1,Rep,,Text.,,,\n" for chat in "abcdefghijkl") + "a,2,Rep,,Late.,,,\nl,2,Rep,,In time.,,,\n"
    found = read_turns(tmp_path, rows)
    assert len(interactions(found)) == 12
    assert interactions(found)[-1].turns[-1].text == "In time."
    aside = refused([reading for reading in found if not isinstance(reading, Interaction)])
    assert aside.reason == STRAY
    assert "sort the file" in aside.reason
    assert aside.locator.endswith(":14")


def test_one_bad_row(tmp_path: Path) -> None:
    """A row without an id costs itself; an impossible time costs its interaction, once; the others stay."""
    rows = ",1,Rep,,No id.,,,\na,1,Rep,2026-02-30,Bad.,,,\na,2,Rep,2026-03-01,Good.,,,\nb,1,Rep,,Fine.,,,\n"
    found = read_turns(tmp_path, rows)
    assert [reading.source_ref for reading in interactions(found)] == ["b"]
    reasons = sorted(reading.reason for reading in found if not isinstance(reading, Interaction))
    assert reasons[0] == "no id"
    assert reasons[1].startswith("started_at: impossible time")
    assert "2 rows" in reasons[1]


def test_odd_rows(tmp_path: Path) -> None:
    """Numbers of turns that are none leave the file's order, and fields that change within an interaction are noted."""
    found = only(read_turns(tmp_path, "a,x,Rep,,One.,,,north\na,1,Rep,,Two.,,,south\na,2,Rep,,,,,south\n"))
    assert [turn.text for turn in found.turns] == ["One.", "Two."]
    assert set(found.repairs) == {FILE_ORDER, FIELDS_DIFFER, "empty turn dropped"}
    assert found.meta == {"site": "north"}


def test_turns_without_mapping(tmp_path: Path) -> None:
    """A table with our own names that says who speaks is read as turns without a mapping."""
    found = only(readings(tmp_path, "ID,Role,Text\na,agent,Hi.\na,customer,Hello.\n"))
    assert [turn.role for turn in found.turns] == [Role.AGENT, Role.CUSTOMER]


@pytest.mark.parametrize(
    "turns",
    [
        [[{"who": "Rep", "said": "Hi."}, {"who": "x", "said": "Hello."}]],
        ['[{"who": "Rep", "said": "Hi."}, {"who": "x", "said": "Hello."}]'],
    ],
)
def test_nested_turns(tmp_path: Path, turns: list[Any]) -> None:
    """A list of structures and a list written as JSON are both lists of turns."""
    mapping = {"layout": "nested", "columns": {"id": "ref", "turns": "talk", "role": "who", "text": "said"}, "roles": {"rep": "agent"}}
    found = only(readings(tmp_path, table({"ref": ["a"], "talk": turns, "note": ["n"]}), mapping=mapping))
    assert [(turn.role, turn.text) for turn in found.turns] == [(Role.AGENT, "Hi."), (Role.UNKNOWN, "Hello.")]
    assert found.meta == {"note": "n", "speakers": "1 2"}


def test_role_of_single_texts(tmp_path: Path) -> None:
    """A single text is the customer's unless a constant or a column says otherwise."""
    content = "ref,body,by\n1,Hi.,Rep\n"
    columns = {"id": "ref", "text": "body"}
    for mapping, role in (
        ({"columns": columns}, Role.CUSTOMER),
        ({"columns": columns, "constants": {"role": "agent"}}, Role.AGENT),
        ({"columns": columns | {"role": "by"}, "roles": {"Rep": "agent"}}, Role.AGENT),
    ):
        assert only(readings(tmp_path, content, mapping=mapping)).turns[0].role is role


def test_internal_notes(tmp_path: Path) -> None:
    """A constant makes every text of a table internal."""
    mapping = {"columns": {"id": "ref", "text": "body"}, "constants": {"visibility": "internal", "channel": "note"}}
    found = only(readings(tmp_path, "ref,body\n1,Hi.\n", mapping=mapping))
    assert (found.turns[0].visibility, found.channel) == (Visibility.INTERNAL, "note")
