"""What every sender keeps: names, checks, dry runs, and errors without secrets."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace

import pytest
from sent_message import UNIT, folder, mailbox, message, no_secret

from insights import senders
from insights.config.models import Destination
from insights.errors import DeliveryError, UsageError

GOOD = {"folder": folder(), "email": mailbox()}


@pytest.fixture(params=senders.SENDERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_sender_is_found_by_the_name_it_gives_itself(name: str) -> None:
    """The registry's name is the module's own."""
    assert name == senders.sender(name).NAME


def test_good_settings_have_no_problem(name: str) -> None:
    """A destination as the guide shows it passes the check."""
    assert senders.sender(name).check(GOOD[name]) == []


def test_missing_settings_are_problems_in_words(name: str) -> None:
    """A destination of nothing but its type is refused with sentences."""
    problems = senders.sender(name).check(Destination(type=name))
    assert problems
    assert all(len(problem.split()) > 3 for problem in problems)


def test_wrong_settings_fail_for_good_before_anything_happens(name: str, tmp_path: Path) -> None:
    """Sending to a destination that does not pass its check touches nothing and is not tried again."""
    with pytest.raises(DeliveryError) as caught:
        senders.sender(name).send(message(), Destination(type=name), root=tmp_path, secret=no_secret)
    assert caught.value.permanent
    assert caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_gives_the_same_bytes_each_time(name: str) -> None:
    """What would be sent can be looked at, resolves no secret and is the same each time."""
    sender = senders.sender(name)
    built = sender.build(message(), GOOD[name], unit=UNIT)
    assert built == sender.build(message(), GOOD[name], unit=UNIT)
    assert b"ZEBRA" in built


def test_an_unknown_type_lists_the_known() -> None:
    """A misspelt type is answered with the nearest known one."""
    with pytest.raises(UsageError) as caught:
        senders.sender("emial")
    assert "email" in caught.value.hint


def test_a_channel_of_another_package_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package adds a channel by an entry point, and cannot displace ours."""
    pager = SimpleNamespace(NAME="pager")
    entries = (EntryPoint("pager", "sent_pager:module", senders.GROUP), EntryPoint("email", "sent_pager:module", senders.GROUP))
    monkeypatch.setitem(sys.modules, "sent_pager", SimpleNamespace(module=pager))
    monkeypatch.setattr(senders, "entry_points", lambda group: entries if group == senders.GROUP else ())
    assert senders.sender("pager") is pager
    assert senders.sender("email").__name__ == "insights.senders.email"
    assert senders.known() == ("folder", "email", "pager")


def test_looking_at_the_room_imports_no_channel() -> None:
    """The help of the command line pays for no mail library and no template engine."""
    code = "import sys, insights.senders; print([m for m in ('smtplib', 'jinja2', 'insights.senders.email') if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
