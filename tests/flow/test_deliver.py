"""Deliveries: once by key, leased against a second sender, a failure kept with its reason, a secret never shown."""

from datetime import timedelta

import pytest
from small_company import OWNERSHIP, RECEIVED, SETTINGS, company, no_secret, opened

from insights import senders
from insights.errors import DeliveryError, UsageError
from insights.flow import deliver as flow
from insights.flow.digest import make_digests
from insights.flow.ingest import configured_feeds, ingest
from insights.store import Store

AT = RECEIVED


class FakeSender:
    """Notes what it is given, and fails as it is told."""

    def __init__(self):
        self.sent, self.error = [], None

    def send(self, message, destination, *, root, secret, unit=None):
        if destination.password:
            secret(destination.password)
        if self.error:
            raise self.error
        self.sent.append(message.unit_id)
        return f"remote-{message.unit_id}"


def queue(loaded, store, periods=1):
    ingest(loaded, store, configured_feeds(loaded), received_at=RECEIVED, workers=1)
    make_digests(loaded, store, as_of=RECEIVED, periods=periods, run_id="r")


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """Three digests that are due, and a sender that only notes them."""
    loaded, store = opened(company(tmp_path / "w"))
    fake = FakeSender()
    monkeypatch.setattr(senders, "sender", lambda name: fake)
    with store:
        queue(loaded, store)
        yield loaded, store, fake


def sent(loaded, store, at=AT, secret=no_secret):
    return flow.deliver(loaded, store, at=at, secret=secret)


def test_what_is_due_is_sent_once(workplace):
    """Every unit's digest goes out, and a second delivery has nothing to do."""
    loaded, store, fake = workplace
    assert sent(loaded, store).sent == 3
    assert sorted(fake.sent) == ["care", "hub", "refunds"]
    again = sent(loaded, store, AT + timedelta(days=1))
    assert (again.due, again.sent, len(fake.sent)) == (0, 0, 3)
    assert {(row.status, row.attempts) for row in store.outbox()} == {("sent", 1)}


def test_all_that_is_due_goes_out(workplace, monkeypatch):
    """More deliveries than are read at once are all sent."""
    loaded, store, fake = workplace
    in_pieces = Store.due
    monkeypatch.setattr(Store, "due", lambda store, at: in_pieces(store, at, limit=2))
    assert (sent(loaded, store).due, len(fake.sent)) == (3, 3)


def test_what_another_process_holds_is_left_to_it(workplace):
    """A delivery under lease is not sent a second time."""
    loaded, store, fake = workplace
    held, _ = store.due(AT)[0]
    assert store.lease(held.key, until=AT + timedelta(minutes=10))
    sent(loaded, store)
    assert len(fake.sent) == 2
    assert len(store.outbox("pending")) == 1


def test_a_failure_that_may_pass_is_tried_again_later(workplace):
    """A refused connection is kept with its reason, backs off, and goes out when its time has come."""
    loaded, store, fake = workplace
    fake.error = DeliveryError("the server is busy")
    report = sent(loaded, store)
    assert (report.sent, report.failed) == (0, 3)
    assert report.errors == ("out: the server is busy",) * 3
    assert {(row.status, row.error) for row in store.outbox()} == {("pending", "the server is busy")}
    fake.error = None
    assert sent(loaded, store, AT + timedelta(seconds=1)).due == 0
    assert sent(loaded, store, AT + timedelta(days=1)).sent == 3


def test_a_failure_for_good_waits_for_a_person(workplace):
    """A refused address is not tried again until someone says so."""
    loaded, store, fake = workplace
    fake.error = DeliveryError("no such mailbox", permanent=True)
    sent(loaded, store)
    fake.error = None
    assert sent(loaded, store, AT + timedelta(days=30)).due == 0
    assert {row.status for row in store.outbox()} == {"failed"}
    store.retry(store.outbox()[0].key)
    assert sent(loaded, store, AT + timedelta(days=30)).sent == 1


def test_one_failure_does_not_stop_the_others(workplace):
    """Of three deliveries the one to an unknown destination fails, the others go out."""
    loaded, store, fake = workplace
    (loaded.root / "ownership.toml").write_text(OWNERSHIP)
    calls = []

    def once(message, destination, **more):
        calls.append(message.unit_id)
        if len(calls) == 1:
            raise UsageError("no destination of that name")
        return "ok"

    fake.send = once
    report = sent(loaded, store)
    assert (report.sent, report.failed, len(calls)) == (2, 1, 3)


def test_a_destination_that_was_removed_is_a_failure_told(tmp_path):
    """A digest queued for a destination the configuration no longer has is kept, with the reason."""
    root = company(tmp_path / "w")
    loaded, store = opened(root)
    with store:
        queue(loaded, store)
    (root / "insights.toml").write_text(SETTINGS.replace("[destination.out]", "[destination.other]"))
    loaded, store = opened(root)
    with store:
        report = sent(loaded, store)
    assert (report.sent, report.failed) == (0, 3)
    assert 'no destination named "out"' in report.errors[0]


def test_secrets_are_resolved_and_never_told(tmp_path):
    """A secret comes from the environment or a file; where it is missing the message names the reference and never a value."""
    (tmp_path / "mail.txt").write_text("hunter2\n")
    (tmp_path / "junk.bin").write_bytes(b"\xff\xfe\x00")
    resolve = flow.secret_resolver({"MAIL": "hunter2"}, tmp_path)
    assert [resolve("env:MAIL"), resolve("file:mail.txt")] == ["hunter2", "hunter2"]
    for reference in ("env:OTHER", "file:nowhere", "file:junk.bin", "file:.", "hunter2", "plain:hunter2"):
        with pytest.raises(UsageError) as caught:
            resolve(reference)
        assert caught.value.hint
        if "hunter2" not in reference:
            assert "hunter2" not in caught.value.problem + caught.value.hint
