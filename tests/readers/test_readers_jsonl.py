"""The interchange format, and JSON Lines with a mapping."""

from __future__ import annotations

import gzip
import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_files import NOW, interactions, lines, only, options, readings, refused

from insights.domain import Interaction, Role, SetAside, Visibility, interaction_id
from insights.errors import UsageError
from insights.readers import explain, read
from insights.readers.lines import LONGEST

RECORD: dict[str, Any] = {
    "id": "c-102",
    "channel": "Call",
    "started_at": "2026-03-02T09:14:00Z",
    "customer": "cust-77",
    "product": "Fibre 500",
    "queue": "support",
    "language": "en",
    "turns": [
        {"role": "customer", "text": " It broke. ", "at": "2026-03-02T09:14:05Z"},
        {"role": "agent", "text": "Asked to restart.", "visibility": "internal"},
    ],
    "meta": {"region": "south", "score": 7},
    "csat": 3.0,
    "flags": ["a", "b"],
    "nothing": None,
}


def test_whole_record(tmp_path: Path) -> None:
    """Every field of a record is used or goes to meta as text."""
    found = only(readings(tmp_path, lines(RECORD)))
    assert (found.id, found.source, found.source_ref, found.received_at) == (interaction_id("feed", "c-102"), "feed", "c-102", NOW)
    assert (found.channel, found.customer_ref, found.product, found.queue, found.language) == (
        "call",
        "cust-77",
        "Fibre 500",
        "support",
        "en",
    )
    assert found.started_at == datetime(2026, 3, 2, 9, 14, tzinfo=UTC)
    assert [(turn.role, turn.text, turn.visibility) for turn in found.turns] == [
        (Role.CUSTOMER, "It broke.", Visibility.PUBLIC),
        (Role.AGENT, "Asked to restart.", Visibility.INTERNAL),
    ]
    assert found.turns[0].at == datetime(2026, 3, 2, 9, 14, 5, tzinfo=UTC)
    assert found.meta == {"region": "south", "score": "7", "csat": "3", "flags": '["a", "b"]'}
    assert found.repairs == ()


def test_text_is_one_customer_turn(tmp_path: Path) -> None:
    """A record with text alone is one turn of the customer, also beside an empty list of turns."""
    for record in ({"id": 7, "text": "It broke."}, {"id": 7, "text": "It broke.", "turns": []}):
        found = only(readings(tmp_path, lines(record)))
        assert [(turn.role, turn.text) for turn in found.turns] == [(Role.CUSTOMER, "It broke.")]
        assert (found.source_ref, found.channel, found.started_at, found.customer_ref) == ("7", "unknown", None, None)


def test_text_beside_turns(tmp_path: Path) -> None:
    """Where there are turns too, the text is not lost: it goes to meta."""
    found = only(readings(tmp_path, lines({"id": "a", "text": "Summary.", "turns": [{"role": "agent", "text": "Hi."}]})))
    assert found.meta == {"text": "Summary."}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"text": "Hello."}, "no id"),
        ({"id": "", "text": "Hello."}, "no id"),
        ({"id": None, "text": "Hello."}, "no id"),
        ({"id": True, "text": "Hello."}, "id: expected text, got a truth value"),
        ({"id": ["a"], "text": "Hello."}, "id: expected text, got a list"),
        ({"id": "x" * 1001, "text": "Hello."}, "id: longer than 1000 characters"),
        ({"id": "a"}, "no text"),
        ({"id": "a", "text": " "}, "no text"),
        ({"id": "a", "turns": []}, "no text"),
        ({"id": "a", "turns": [{"role": "agent", "text": ""}]}, "no text"),
        ({"id": "a", "text": 5}, "text: expected text, got a number"),
        ({"id": "a", "turns": {"role": "agent"}}, "turns: expected a list of turns, got an object"),
        ({"id": "a", "turns": "hello"}, "turns: expected a list of turns, got text that is no JSON"),
        ({"id": "a", "turns": [5]}, "turns: expected turns of role and text, got a number"),
        ({"id": "a", "turns": [{"role": "agent", "text": ["x"]}]}, "text: expected text, got a list"),
        ({"id": "a", "text": "x", "customer": {"name": "Ana"}}, "customer: expected text, got an object"),
        ({"id": "a", "text": "x", "started_at": "2026-02-30"}, 'started_at: impossible time (text shaped "9999-99-99")'),
        ({"id": "a", "text": "x", "started_at": [2026]}, "started_at: expected a time, got a list"),
    ],
)
def test_refused_records(tmp_path: Path, record: dict[str, Any], reason: str) -> None:
    """A record that cannot be read is set aside with its line, its bytes and a reason that shows none of its words."""
    sound = lines({"id": "before", "text": "Hello."}), lines({"id": "after", "text": "Hello."})
    found = readings(tmp_path, sound[0] + lines(record) + sound[1])
    assert [reading.source_ref for reading in interactions(found)] == ["before", "after"]
    aside = refused([reading for reading in found if not isinstance(reading, Interaction)])
    assert (aside.reason, aside.stage) == (reason, "read")
    assert aside.locator == f"{tmp_path / 'file'}:2"
    assert aside.content.startswith(b"{")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id": "a", "text": "x"', "invalid JSON at column 24"),
        ("hello", "invalid JSON at column 1"),
        ("[1]", "a JSON value that is no object"),
        ('{"id": NaN, "text": "x"}', "invalid JSON"),
        ('{"id": ' + "9" * 6000 + ', "text": "x"}', "invalid JSON"),
        ('{"id": "a", "turns": ' + "[" * 100_000 + "]" * 100_000 + "}", "JSON nested too deeply"),
        ('{"x":' * 50_000 + "1" + "}" * 50_000, "JSON nested too deeply"),
    ],
)
def test_refused_lines(tmp_path: Path, line: str, reason: str) -> None:
    """A line that is no JSON object, or one nested to exhaust the stack, costs itself."""
    found = readings(tmp_path, lines({"id": "a", "text": "Hello."}) + line + "\n" + lines({"id": "b", "text": "Hello."}))
    assert [reading.source_ref for reading in interactions(found)] == ["a", "b"]
    assert refused(found[1:2]).reason == reason


def test_endless_line(tmp_path: Path) -> None:
    """A message of ten megabytes costs one record, and reading goes on at the next line."""
    long = json.dumps({"id": "long", "text": "a" * (LONGEST + 2_000_000)})
    found = readings(tmp_path, lines({"id": "a", "text": "Hi."}) + long + "\n" + lines({"id": "b", "text": "Hi."}))
    assert [reading.source_ref for reading in interactions(found)] == ["a", "b"]
    aside = refused(found[1:2])
    assert aside.reason == "a line of more than 8 MB"
    assert aside.locator.endswith(":2")
    assert len(aside.content) == 4096


def test_json_over_several_lines(tmp_path: Path) -> None:
    """A pretty-printed document is one record set aside, not one for each line."""
    content = json.dumps([{"id": str(number), "text": "Hi."} for number in range(9)], indent=1)
    assert "one object a line" in refused(readings(tmp_path, content, name="jsonl")).reason


@pytest.mark.parametrize(
    ("record", "text", "repairs"),
    [
        (rb'{"id": "a", "text": "be\u0000fore"}', "before", ("NUL removed",)),
        (rb'{"id": "a", "text": "half \ud83d of"}', "half \ufffd of", ("lone surrogate replaced",)),
        (rb'{"id": "a", "text": "whole \ud83d\ude00"}', "whole \U0001f600", ()),
        (rb'{"id": "a", "text": "one", "text": "two"}', "two", ("duplicate key: the last kept",)),
        ('{"id": "a", "text": "né"}'.encode("cp1252"), "né", ("cp1252 decoded",)),
        ('\ufeff{"id": "a", "text": "né"}'.encode(), "né", ("byte order mark dropped",)),
        ('\ufeff{"id": "a", "text": "né"}'.encode("utf-16-le"), "né", ("UTF-16 decoded",)),
        ('\ufeff{"id": "a", "text": "né"}'.encode("utf-16-be"), "né", ("UTF-16 decoded",)),
        ('{"id": "a", "text": "long enough to tell"}'.encode("utf-16-le"), "long enough to tell", ("UTF-16 decoded",)),
        (b'{"id": "a", "text": "a\\r\\nb\\rc"}', "a\nb\nc", ()),
        (b'{"id": "a", "turns": [{"role": "wizard", "text": "x"}]}', "x", ("unknown role",)),
        (b'{"id": "a", "turns": [{"role": 5, "text": "x"}]}', "x", ("unknown role",)),
        (b'{"id": "a", "turns": [{"text": "x"}, {"text": ""}]}', "x", ("empty turn dropped",)),
        (b'{"id": "a", "turns": [{"text": "x", "visibility": "odd"}]}', "x", ("unknown visibility taken as internal",)),
    ],
)
def test_repairs(tmp_path: Path, record: bytes, text: str, repairs: tuple[str, ...]) -> None:
    """What is readable but odd is kept with the repair noted."""
    found = only(readings(tmp_path, record))
    assert found.turns[0].text == text
    assert found.repairs == repairs
    found.turns[0].text.encode()


def test_unknown_role(tmp_path: Path) -> None:
    """A role nobody knows is unknown; the mapping's words for roles count whatever their case."""
    record = lines({"id": "a", "turns": [{"role": "REP", "text": "Hi."}, {"role": "Customer", "text": "Hi."}]})
    assert [turn.role for turn in only(readings(tmp_path, record)).turns] == [Role.UNKNOWN, Role.CUSTOMER]
    mapped = only(readings(tmp_path, record, mapping={"roles": {"Rep": "agent"}}))
    assert [turn.role for turn in mapped.turns] == [Role.AGENT, Role.CUSTOMER]


def test_role_that_is_none(tmp_path: Path) -> None:
    """A mapping to a role that does not exist stops before anything is read."""
    path = tmp_path / "file"
    path.write_text(lines(RECORD))
    with pytest.raises(UsageError, match="which is none") as caught:
        next(read(path, options({"roles": {"Rep": "agnet"}})))
    assert "agent" in caught.value.hint


def test_unmarked_speakers(tmp_path: Path) -> None:
    """Where nothing says who speaks the first turn is the customer's and the others are left to role inference."""
    for turns in (
        ["Hi.", "Hello."],
        [{"text": "Hi."}, {"text": "Hello."}],
        [{"speaker": "unmarked", "text": t} for t in ("Hi.", "Hello.")],
    ):
        found = only(readings(tmp_path, lines({"id": "a", "turns": turns})))
        assert [turn.role for turn in found.turns] == [Role.CUSTOMER, Role.UNKNOWN]
        assert found.meta == {}


def test_named_speakers(tmp_path: Path) -> None:
    """Names of speakers serve redaction, and which turn is whose serves role inference."""
    turns = [{"speaker": speaker, "text": "Hi."} for speaker in ("Ana Example", "Bo", "Ana Example")]
    found = only(readings(tmp_path, lines({"id": "a", "turns": turns})))
    assert [turn.role for turn in found.turns] == [Role.UNKNOWN] * 3
    assert found.meta == {"name_speaker_1": "Ana Example", "name_speaker_2": "Bo", "speakers": "1 2 1"}


def test_mapping(tmp_path: Path) -> None:
    """Any objects can be read with a mapping; what it does not use goes to meta, names under keys of their own."""
    mapping = {
        "columns": {"id": "key", "text": ["title", "body"], "names": ["by"], "customer": "who"},
        "constants": {"channel": "review", "region": "north"},
        "ignore": ["secret"],
    }
    record = {"key": 1, "title": "Broken", "body": "It broke.", "by": "Ana", "who": 12, "secret": "x", "stars": 2}
    found = only(readings(tmp_path, lines(record), mapping=mapping))
    assert (found.source_ref, found.channel, found.customer_ref) == ("1", "review", "12")
    assert found.turns[0].text == "Broken\n\nIt broke."
    assert found.meta == {"name_by": "Ana", "region": "north", "stars": "2"}


def test_mapped_key_that_never_occurs(tmp_path: Path) -> None:
    """A mapped key that no record has stops before anything is read, with the nearest that exists."""
    path = tmp_path / "file"
    path.write_text(lines({"key": 1, "body": "It broke."}))
    with pytest.raises(UsageError, match='"boddy"') as caught:
        next(read(path, options({"columns": {"text": "boddy"}})))
    assert "body" in caught.value.hint


def test_place_is_the_id(tmp_path: Path) -> None:
    """With a mapping that names no id, a record's place is its id."""
    found = readings(tmp_path, lines({"body": "One."}, {"body": "Two."}), mapping={"columns": {"text": "body"}})
    assert [reading.source_ref for reading in interactions(found)] == ["file:1", "file:2"]


def test_explained_fields(tmp_path: Path) -> None:
    """The explanation names what becomes of each field and what was repaired or set aside."""
    path = tmp_path / "file"
    path.write_text(lines({"id": "a", "text": "x\0", "secret": 1, "csat": 1}, {"id": "b"}))
    told = explain(path, options({"ignore": ["secret"]}))
    assert dict(told.fields) == {"id": "id", "text": "text", "secret": "ignored by name", "csat": "meta"}
    assert (told.interactions, told.set_aside, told.encoding, told.layout) == (1, 1, "utf-8", "nested")
    assert told.repairs == (("NUL removed", 1),)
    assert told.reasons == (("no text", 1),)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("id", "text", "turns", "started_at", "channel", "customer", "product", "queue", "language", "meta", "other")
TURNS = st.lists(st.dictionaries(st.sampled_from(["role", "text", "at", "visibility", "speaker"]), JSON, max_size=4), max_size=3)


@settings(derandomize=True, deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(record=st.dictionaries(st.sampled_from(FIELDS), JSON | TURNS, max_size=8))
def test_any_record(tmp_path: Path, record: dict[str, Any]) -> None:
    """Any object in a line becomes an interaction any store can hold, or is set aside."""
    for found in readings(tmp_path, lines(record), name="jsonl"):
        assert isinstance(found, Interaction | SetAside)
        if isinstance(found, Interaction):
            texts = [*found.meta, *found.meta.values(), found.source_ref, found.channel, *(turn.text for turn in found.turns)]
            for text in texts:
                assert "\0" not in text
                text.encode()


def test_what_stands_before_the_damage_of_a_gzip_file_is_read(tmp_path):
    """A truncated stream costs what is missing: every whole line before it is an interaction, and one record tells of the damage."""
    rng = random.Random(0)
    lines = [json.dumps({"id": f"g{number}", "text": f"late again {rng.random()}"}) for number in range(400)]
    path = tmp_path / "cut.jsonl.gz"
    whole = gzip.compress("\n".join(lines).encode())
    path.write_bytes(whole[: len(whole) * 2 // 3])
    found = list(read(path, options()))
    assert sum(isinstance(reading, Interaction) for reading in found) > 100
    assert [reading.reason for reading in found if isinstance(reading, SetAside)] == ["the gzip stream is truncated or damaged"]
