"""Transcripts: WebVTT as the usual programs write it, and speaker-labelled text."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from reader_files import only, readings, refused

from insights.domain import Interaction, Role
from insights.readers import explain, transcript
from insights.readers.webvtt import BROKEN_CUE

TEAMS = """WEBVTT

0f1e/12-0
00:00:01.000 --> 00:00:03.000
<v Example, Ana>Good morning, this is
Ana.</v>

0f1e/12-1
00:00:03.000 --> 00:00:04.000
<v Example, Ana>How can I help?</v>

0f1e/13-0
00:00:05.500 --> 00:00:09.000
<v.loud Bo O&#39;Neill>Fish &amp; chips &lt;3 <c.yellow>never</c> came.</v>
"""
ZOOM = """WEBVTT

1
00:00:01.000 --> 00:00:03.000
Ana Example: Good morning: how can I help?

2
00:00:03.500 --> 00:00:05.000
Bo Sample: It broke.

3
00:00:05.000 --> 00:00:06.000
Again.

4
00:01:05.000 --> 00:01:06.000
Ana Example: I see.
"""
WHISPER = """WEBVTT

00:00.000 --> 00:02.000
Good morning,

00:02.000 --> 00:04.000
how can I help?

00:07.000 --> 00:09.000
It broke.
"""
DIARISED = """WEBVTT

00:00.000 --> 00:02.000
[SPEAKER_00]: How can I help?

00:02.000 --> 00:04.000
[SPEAKER_01]: It broke.

00:04.000 --> 00:05.000
[SPEAKER_00]: Oh.

00:05.000 --> 00:06.000
[SPEAKER_01]: Yes.
"""


def said(found: Interaction) -> list[tuple[str, str]]:
    return [(turn.role.value, turn.text) for turn in found.turns]


def test_teams(tmp_path: Path) -> None:
    """Cues of a speaker are joined, marks and entities decoded, names kept for redaction."""
    found = only(readings(tmp_path, TEAMS, file="call-7.vtt"))
    assert said(found) == [("unknown", "Good morning, this is Ana. How can I help?"), ("unknown", "Fish & chips <3 never came.")]
    assert found.meta == {"name_speaker_1": "Example, Ana", "name_speaker_2": "Bo O'Neill", "speakers": "1 2"}
    assert (found.source_ref, found.channel, found.started_at) == ("call-7", "call", None)


def test_zoom(tmp_path: Path) -> None:
    """A name before a colon is the speaker where it recurs; a cue without one goes on."""
    found = only(readings(tmp_path, ZOOM, mapping={"roles": {"ana example": "agent"}}))
    assert said(found) == [("agent", "Good morning: how can I help?"), ("unknown", "It broke. Again."), ("agent", "I see.")]
    assert found.meta == {"name_speaker_1": "Bo Sample", "speakers": "1 2 1"}


def test_whisper(tmp_path: Path) -> None:
    """Where nobody is named, cues are joined until a pause; nothing says who began."""
    assert said(only(readings(tmp_path, WHISPER))) == [("unknown", "Good morning, how can I help?"), ("unknown", "It broke.")]
    found = only(readings(tmp_path, DIARISED))
    assert found.meta == {"speakers": "1 2 1 2"}
    assert len(found.turns) == 4


def test_fields_of_notes(tmp_path: Path) -> None:
    """A note of names and values gives id, time and the rest; cues count from that time."""
    note = "WEBVTT\nKind: captions\nLanguage: en\n\nNOTE\nid: c-9\nstarted_at: 2026-03-02T09:14:00Z\ncustomer: 77\nregion: south\n\nSTYLE\n::cue {}\n\n"
    found = only(readings(tmp_path, TEAMS.replace("WEBVTT\n\n", note)))
    assert (found.source_ref, found.customer_ref, found.language) == ("c-9", "77", "en")
    assert found.turns[1].at == datetime(2026, 3, 2, 9, 14, 5, 500_000, tzinfo=UTC)
    assert (found.meta["region"], found.meta["kind"]) == ("south", "captions")


@pytest.mark.parametrize(
    ("file", "zone", "expected"),
    [
        ("GMT20260302-091400_Recording.transcript.vtt", None, datetime(2026, 3, 2, 9, 14, tzinfo=UTC)),
        ("call_20260302T09:14_UTC.vtt", None, datetime(2026, 3, 2, 9, 14, tzinfo=UTC)),
        ("2026-07-02 10-14-05 call.vtt", "Europe/Dublin", datetime(2026, 7, 2, 9, 14, 5, tzinfo=UTC)),
        ("2026-07-02 10-14-05 call.vtt", None, None),
        ("call-20260702.vtt", "UTC", datetime(2026, 7, 2, tzinfo=UTC)),
        ("ticket-2026130299.vtt", "UTC", None),
        ("order-20991231.vtt", "UTC", None),
    ],
)
def test_time_in_the_name(tmp_path: Path, file: str, zone: str | None, expected: datetime | None) -> None:
    """A time in the file's name is the start where it has a zone or one is declared; one that cannot be used costs nothing."""
    assert only(readings(tmp_path, WHISPER, file=file, timezone=zone)).started_at == expected


def test_broken_cues(tmp_path: Path) -> None:
    """A cue with a broken time is left out and noted; a file without cues is set aside."""
    found = only(readings(tmp_path, WHISPER.replace("00:02.000 --> 00:04.000", "xx --> yy")))
    assert said(found)[0] == ("unknown", "Good morning,")
    assert found.repairs == (BROKEN_CUE,)
    assert refused(readings(tmp_path, "WEBVTT\n\nhello\n")).reason == "no text"


def test_labelled_text(tmp_path: Path) -> None:
    """Labels and times in the usual forms begin turns; other lines go on; words before go to meta."""
    text = (
        "Recorded in Dublin\n[00:00:12] Agent: How can I help?\nTake your time.\n(00:00:15) Caller: See https://shop.example: it broke.\n"
        "Note: call later.\n\n00:20 Agent 2: I see.\nSupervisor (00:31): Hello.\n"
    )
    found = only(readings(tmp_path, text, name="transcript"))
    assert said(found) == [
        ("agent", "How can I help?\nTake your time."),
        ("customer", "See https://shop.example: it broke.\nNote: call later."),
        ("agent", "I see."),
        ("agent", "Hello."),
    ]
    assert found.meta == {"preamble": "Recorded in Dublin"}


def test_header_of_text(tmp_path: Path) -> None:
    """Lines of names and values before the first blank line are fields where they give an id or a start."""
    text = "Id: c-3\nStarted at: 2026-03-02 09:14\nCustomer: 77\n\n[00:05] Agent: Hi.\n[00:09] Customer: Hello.\n"
    found = only(readings(tmp_path, text, timezone="UTC"))
    assert (found.source_ref, found.customer_ref) == ("c-3", "77")
    assert found.turns[1].at == datetime(2026, 3, 2, 9, 14, 9, tzinfo=UTC)
    assert refused(readings(tmp_path, text)).reason == "started_at: time without a zone; declare timezone"


def test_name_above_the_words(tmp_path: Path) -> None:
    """A name and a time on a line of their own label what stands below."""
    found = only(readings(tmp_path, "Ana Example\t00:01\nHi there.\nBo Sample\t00:05\nHello.\nAna Example\t00:09\nOh.\n"))
    assert [turn.text for turn in found.turns] == ["Hi there.", "Hello.", "Oh."]
    assert found.meta == {"name_speaker_1": "Ana Example", "name_speaker_2": "Bo Sample", "speakers": "1 2 1"}


def test_full_times_of_turns(tmp_path: Path) -> None:
    """Full times give the start of the contact and of each turn; times of day alone, of which no date is known, give none."""
    text = "[2026-03-02 09:14:00] Agent: Hi.\n[2026-03-02 09:14:09] Customer: Hello.\n"
    found = only(readings(tmp_path, text, timezone="UTC"))
    assert (found.started_at, found.turns[1].at) == (datetime(2026, 3, 2, 9, 14, tzinfo=UTC), datetime(2026, 3, 2, 9, 14, 9, tzinfo=UTC))
    assert "declare timezone" in refused(readings(tmp_path, text)).reason
    day = only(readings(tmp_path, text.replace("2026-03-02 ", ""), timezone="UTC"))
    assert [turn.at for turn in day.turns] == [None, None]


@pytest.mark.parametrize(
    ("text", "is_transcript"),
    [
        ("Agent: Hi.\nCustomer: Hello.\n", True),
        ("Ana: Hi.\nBo: Hello.\nAna: Oh.\n", True),
        ("\n\n[00:01] SPEAKER_00: Hi.\n[00:02] SPEAKER_00: Hello.\n", True),
        ("id,text\n1,Agent: hi\n2,Agent: hello\n", False),
        ("Dear all\nNote: this is prose.\nNote: really.\n", False),
        ("https://a.example\nhttps://b.example\n", False),
        ("Agent: one label only\n", False),
    ],
)
def test_what_is_a_transcript(text: str, is_transcript: bool) -> None:
    """Labels must stand at the first line and recur or name roles."""
    assert transcript.sniff(text.encode()) is is_transcript


def test_no_labels(tmp_path: Path) -> None:
    """A text without labels is set aside, not taken for one speaker's words."""
    assert refused(readings(tmp_path, "Just some words.\n", name="transcript")).reason == "no speaker labels"


def test_roles_mapped_by_label(tmp_path: Path) -> None:
    """The mapping's roles settle who a named speaker is, and a mapping made for tables does no harm."""
    mapping = {"roles": {"Ana": "agent"}, "columns": {"text": "body"}, "constants": {"channel": "meeting"}}
    found = only(readings(tmp_path, "Ana: Hi.\nBo: Hello.\nAna: Oh.\nBo: Yes.\n", mapping=mapping))
    assert [turn.role for turn in found.turns] == [Role.AGENT, Role.UNKNOWN, Role.AGENT, Role.UNKNOWN]
    assert found.channel == "meeting"


def test_explained_time(tmp_path: Path) -> None:
    """The explanation says where the start was taken from."""
    path = tmp_path / "2026-03-02T09-14-00Z.vtt"
    path.write_text(WHISPER)
    from reader_files import options

    assert explain(path, options()).notes == ("started_at from the file's name",)
