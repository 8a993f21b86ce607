"""What of a text is left for analysis."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.text.clean import analysable


def left(text: str, channel: str = "email", boilerplate: tuple[str, ...] = ()) -> list[str]:
    return [text[start:end] for start, end in analysable(text, channel=channel, boilerplate=boilerplate)]


MAILS = [
    ("My router fails.\n\n> Have you restarted it?\n> Regards", ["My router fails."]),
    ("It fails.\n\nOn Mon, 2 Mar 2026 at 10:00, Help <help@acme.example> wrote:\n> Try again\n> please", ["It fails."]),
    ("It fails.\n\nOn Mon, 2 Mar 2026 at 10:00,\nHelp <help@acme.example>\nwrote:\nTry again", ["It fails."]),
    ("Es geht nicht.\n\nAm 02.03.2026 um 10:00 schrieb Hilfe <a@b.example>:\n> Neu starten", ["Es geht nicht."]),
    ("Ça ne marche pas.\n\nLe lun. 2 mars 2026 à 10:00, Aide <a@b.example> a écrit :\n> Bonjour", ["Ça ne marche pas."]),
    ("No funciona.\n\nEl lun, 2 mar 2026 a las 10:00, Ayuda (<a@b.example>) escribió:\n> Hola", ["No funciona."]),
    ("It fails.\n\n-----Original Message-----\nFrom: Help\nTry again", ["It fails."]),
    ("It fails.\n\nFrom: Help Desk\nSent: Monday\nTo: me\nSubject: Re: router\n\nTry again", ["It fails."]),
    ("It fails.\n\nVon: Hilfe\nGesendet: Montag\nAn: mich\nBetreff: AW\n\nNeu starten", ["It fails."]),
    ("It fails.\n-- \nJo Bloggs\nHead of Things", ["It fails."]),
    ("It fails.\n\nSent from my iPhone", ["It fails."]),
    ("It fails.\n\nKind regards,\nJo Bloggs\n+44 20 7946 0958", ["It fails."]),
    ("Es geht nicht.\n\nMit freundlichen Grüßen\nJo", ["Es geht nicht."]),
    ("It fails.\n\nThis email and any attachments are confidential and intended only for the addressee.", ["It fails."]),
    ("It fails.\n\nCONFIDENTIALITY NOTICE: do not\nread this.\n\nOne more thing: it smokes.", ["It fails.", "One more thing: it smokes."]),
    ("> Did you restart?\nYes, twice.\n> And the cable?\nNew.", ["Yes, twice.", "New."]),
    ("On Monday she wrote to you:\nNobody came.", ["On Monday she wrote to you:\nNobody came."]),
    ("Thanks\nBut it still fails every single evening when we all want to watch.", ["Thanks\nBut it still fails every single evening when we all want to watch."]),
    (
        "Regards\nPS the engineer never came although he promised us twice\nto be here",
        ["Regards\nPS the engineer never came although he promised us twice\nto be here"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MAILS, ids=[str(number) for number in range(len(MAILS))])
def test_mail_keeps_the_writers_own_words(text: str, expected: list[str]) -> None:
    """Quoted history, signatures and disclaimers are left out; what merely resembles them stays."""
    assert left(text) == expected


def test_a_forwarded_text_alone_is_kept() -> None:
    """Where nothing is written before the history, the history is all there is to read."""
    text = "-----Original Message-----\nFrom: me\nIt fails."
    assert left(text) == [text]


def test_chats_and_calls_are_left_whole() -> None:
    """Outside mail and tickets only configured boilerplate is left out."""
    text = "It fails.\n> really\nKind regards,\nJo"
    assert left(text, "chat") == [text]
    assert left("Calls are  recorded. It fails.", "call", ("calls are recorded.",)) == ["It fails."]


def test_boilerplate_is_left_out_everywhere() -> None:
    """Configured sentences go whatever their case and spacing, in the midst of a text too."""
    assert left("It fails. Visit our\nshop today! It smokes.", "email", ("Visit our shop today!",)) == ["It fails.", "It smokes."]


@settings(derandomize=True, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab >\n-:.,OnwroteFrSubjctdm regs"), max_size=200), st.sampled_from(["email", "chat"]))
def test_spans_are_ordered_stripped_and_inside(text: str, channel: str) -> None:
    """Spans come in order, do not overlap, and begin and end with a visible character."""
    at = 0
    for start, end in analysable(text, channel=channel):
        assert at <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        at = end


@pytest.mark.parametrize("unit", ["> a\n", "Regards,\n", "From: a\nTo: b\n", "On a wrote:\n", "-- \n", "\n", "Sent from my x\n"])
def test_long_hostile_mails_come_to_an_end(unit: str) -> None:
    """Runs of cues are read in time that grows with their length."""
    assert isinstance(analysable(unit * 10_000, channel="email"), list)
