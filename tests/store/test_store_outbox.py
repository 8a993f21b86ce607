"""Runs, issues, digests and deliveries: what people refer to later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from store_samples import MONDAY, digest, message, week

from insights.domain import Fix, Issue, IssueStatus, Kind, Signal
from insights.errors import InsightsError, NotFoundError, UsageError
from insights.store import Run, RunStep, Store

MINUTE = timedelta(minutes=1)
ISSUE = Issue(
    id="ISS-000001",
    title="Late refunds",
    kind=Kind.PROCESS_FAILURE,
    topic="T-0001",
    status=IssueStatus.OPEN,
    signal=Signal.NEW,
    owner="billing",
    first_seen=MONDAY,
    last_seen=MONDAY + timedelta(days=9),
    contacts=12,
    customers=10,
    fixes=(Fix("ISS-000001", date(2026, 4, 1), 0.5),),
    history=("2026-03-02 opened",),
)


def _post(store: Store, *keys: str, id: str = "d1") -> int:
    return store.save_digest(digest(id), '{"a": 1}', [(message(key), "post") for key in keys], at=MONDAY)


def test_the_same_digest_is_posted_once(store: Store) -> None:
    """Whatever is composed again, a key enters the outbox once and keeps its state."""
    assert _post(store, "k1", "k2") == 2
    store.mark_sent("k1", at=MONDAY, remote="id-9")
    assert _post(store, "k1", "k2", "k3") == 1
    assert [(one.key, one.status) for one in store.outbox()] == [("k1", "sent"), ("k2", "pending"), ("k3", "pending")]
    (record,) = store.digests("billing")
    assert (record.id, record.period, record.start, record.end, record.run_id, record.at, record.content) == (
        *("d1", "2026-W10", week().start, week().end, "run-1", MONDAY),
        '{"a": 1}',
    )
    assert store.digests("other") == []
    assert len(store.digests()) == 1


def test_what_is_due_comes_with_its_message(store: Store) -> None:
    """From the time it was made, the longest waiting first, with every rendering."""
    _post(store, "k2", "k1")
    assert store.due(MONDAY - MINUTE) == []
    pairs = store.due(MONDAY)
    assert [delivery.key for delivery, _ in pairs] == ["k2", "k1"]
    assert pairs[0][1] == message("k2")
    assert (pairs[0][0].destination, pairs[0][0].digest_id, pairs[0][0].at) == ("post", "d1", None)
    assert len(store.due(MONDAY, limit=1)) == 1


def test_a_leased_delivery_is_one_processes_alone_until_the_lease_runs_out(store: Store) -> None:
    """Two senders never take the same message; one that died gives it back by itself."""
    _post(store, "k1")
    assert store.lease("k1", until=MONDAY + 5 * MINUTE)
    assert not store.lease("k1", until=MONDAY + 9 * MINUTE)
    assert store.due(MONDAY + 4 * MINUTE) == []
    assert [one.key for one, _ in store.due(MONDAY + 5 * MINUTE)] == ["k1"]
    assert store.lease("k1", until=MONDAY + 9 * MINUTE)
    store.mark_sent("k1", at=MONDAY, remote="")
    assert not store.lease("k1", until=MONDAY + 20 * MINUTE)
    assert not store.lease("unknown", until=MONDAY)


def test_a_failed_delivery_waits_longer_each_time_and_is_given_up_in_the_end(store: Store) -> None:
    """1, 5, 30, 120 and 720 minutes; the sixth failure is the last."""
    _post(store, "k1")
    at = MONDAY
    for minutes in (1, 5, 30, 120, 720):
        store.lease("k1", until=at + MINUTE)
        store.mark_failed("k1", at=at, error="451 busy", permanent=False)
        assert store.due(at + minutes * MINUTE - timedelta(seconds=1)) == []
        at += minutes * MINUTE
        assert len(store.due(at)) == 1
    store.mark_failed("k1", at=at, error="451 busy", permanent=False)
    (delivery,) = store.outbox("failed")
    assert (delivery.attempts, delivery.error, delivery.at) == (6, "451 busy", at)
    assert store.due(at + timedelta(days=9)) == []


def test_a_permanent_failure_is_given_up_at_once_and_can_be_tried_again(store: Store) -> None:
    """Once mended, a person sends it on its way with all attempts before it."""
    _post(store, "k1")
    store.mark_failed("k1", at=MONDAY, error="550 no such user", permanent=True)
    assert store.outbox("failed")[0].attempts == 1
    store.retry("k1")
    assert [(one.status, one.attempts, one.error) for one, _ in store.due(MONDAY)] == [("pending", 0, "")]
    store.drop("k1")
    assert store.due(MONDAY) == []
    assert store.outbox("dropped")[0].key == "k1"


def test_what_was_sent_stays_sent(store: Store) -> None:
    """A delivery that arrived can be neither repeated nor dropped; an unknown one is not found."""
    _post(store, "key-1")
    store.mark_sent("key-1", at=MONDAY, remote="<id@host>")
    for change in (store.retry, store.drop):
        with pytest.raises(UsageError, match="sent already"):
            change("key-1")
        with pytest.raises(NotFoundError) as missing:
            change("key-2")
        assert "key-1" in missing.value.hint
    with pytest.raises(NotFoundError):
        store.mark_sent("nobody", at=MONDAY, remote="")
    with pytest.raises(NotFoundError):
        store.mark_failed("nobody", at=MONDAY, error="", permanent=True)


def test_a_reader_sees_lapsed_leases_as_due_without_lifting_them(store: Store) -> None:
    """A dry run shows what a run would send."""
    _post(store, "k1")
    store.lease("k1", until=MONDAY + MINUTE)
    with Store.open(store.path, read_only=True) as reader:
        assert len(reader.due(MONDAY + MINUTE)) == 1
    assert not store.lease("k1", until=MONDAY + 9 * MINUTE)


def test_issues_are_kept_whole_and_numbered_for_ever(store: Store) -> None:
    """Saving takes the number; a later version overwrites; a gone issue leaves its number unused."""
    assert store.next_issue_number() == 1
    second = replace(ISSUE, id="ISS-000007", fixes=(), history=(), title="\ud800 x")
    store.save_issues([second, ISSUE])
    assert store.issues() == [ISSUE, replace(second, title="\ufffd x")]
    store.save_issues([replace(ISSUE, status=IssueStatus.CLOSED)])
    assert store.issue("iss-1").status is IssueStatus.CLOSED
    store.run("DELETE FROM issue")
    assert store.next_issue_number() == 8


@pytest.mark.parametrize("ref", ["ISS-000001", "ISS-1", "1", " iss-000001 "])
def test_an_issue_answers_to_its_number(store: Store, ref: str) -> None:
    """However many noughts people type."""
    store.save_issues([ISSUE])
    assert store.issue(ref) == ISSUE


@pytest.mark.parametrize("ref", ["ISS-000002", "", "x", "ISS-", "9" * 40, "0"])
def test_an_unknown_issue_names_the_nearest(store: Store, ref: str) -> None:
    """No form of reference raises anything else."""
    store.save_issues([ISSUE])
    with pytest.raises(NotFoundError) as caught:
        store.issue(ref)
    assert "ISS-000001" in caught.value.hint


def test_a_run_is_remembered_with_its_steps(store: Store) -> None:
    """Taken up again it keeps what it had finished; a step done twice is one step, the later one."""
    for attempt in ("1", "2"):
        store.start_run("r1", pipeline="daily", as_of=MONDAY, manifest={"attempt": attempt})
        store.finish_step("r1", "ingest", fingerprint=f"f{attempt}", counts={"in": 3, "out": 2})
    store.finish_run("r1", "done")
    store.start_run("r2", pipeline="daily", as_of=MONDAY, manifest={})
    assert store.runs() == [
        Run("r2", "daily", MONDAY, "running", {}, ()),
        Run("r1", "daily", MONDAY, "done", {"attempt": "2"}, (RunStep("ingest", "f2", {"in": 3, "out": 2}),)),
    ]
    assert len(store.runs(limit=1)) == 1


def test_the_newest_fingerprint_of_a_step_decides(store: Store) -> None:
    """Whichever run completed it last, of whatever name."""
    assert store.last_fingerprint("route") is None
    for run, fingerprint in [("r2", "b"), ("r1", "a"), ("r2", "c")]:
        store.start_run(run, pipeline="daily", as_of=MONDAY, manifest={})
        store.finish_step(run, "route", fingerprint=fingerprint, counts={})
        assert store.last_fingerprint("route") == fingerprint
    assert store.last_fingerprint("ingest") is None


def test_steps_belong_to_started_runs(store: Store) -> None:
    """A step of nothing is a fault of the caller, told as such."""
    with pytest.raises(InsightsError, match="no run"):
        store.finish_step("r9", "route", fingerprint="a", counts={})
    with pytest.raises(InsightsError, match="no run"):
        store.finish_run("r9", "done")
