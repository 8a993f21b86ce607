"""The register of issues: how they open, what their figures say, and how they close and come back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.domain import Issue, IssueStatus, Kind, Signal
from insights.track.history import TopicHistory, Week
from insights.track.issues import DeclaredFix, update

START = datetime(2026, 1, 5, tzinfo=UTC)


def monday(week: int) -> datetime:
    return START + timedelta(weeks=week)


def history(
    counts: Sequence[int], *, topic: str = "T-0001", handled: int = 1_000, owner: str = "billing", label: str = "Late refunds"
) -> TopicHistory:
    """A topic with these customers a week, as known at the end of the last week; each customer writes once."""
    seen = [index for index, count in enumerate(counts) if count] or [0]
    return TopicHistory(
        topic_id=topic,
        label=label,
        kind=Kind.PROCESS_FAILURE,
        owner=owner,
        weeks=tuple(Week(monday(index), count, count, handled) for index, count in enumerate(counts)),
        customers_28d=sum(counts[-4:]),
        first_seen=monday(seen[0]) + timedelta(hours=9),
        last_seen=monday(seen[-1]) + timedelta(days=4),
        contacts_total=sum(counts),
        customers_total=sum(counts),
    )


def run(histories: Sequence[TopicHistory], known: Sequence[Issue] = (), *, fixes: Sequence[DeclaredFix] = ()) -> tuple[Issue, ...]:
    """One update at the end of the histories' weeks."""
    number = 1 + max((int(issue.id[4:]) for issue in known), default=0)
    as_of = max(monday(len(one.weeks)) for one in histories)
    return update(known, histories, as_of=as_of, min_customers=5, next_number=number, fixes=fixes)


def replay(counts: Sequence[int], *, fixes: Sequence[DeclaredFix] = (), begin: int = 1) -> list[Issue]:
    """The issue week by week, each run knowing only what was known then."""
    known: tuple[Issue, ...] = ()
    states = []
    for end in range(begin, len(counts) + 1):
        declared = [fix for fix in fixes if fix[1] <= monday(end).date()]
        known = run([history(counts[:end])], known, fixes=declared)
        states += known
    return states


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        ([0, 0, 0, 4], None),
        ([1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0], IssueStatus.CANDIDATE),
        ([0, 0, 2, 1, 1, 1], IssueStatus.OPEN),
        ([0, 6, 0, 0, 0, 0, 0, 0], IssueStatus.OPEN),
    ],
)
def test_an_issue_needs_enough_customers_in_28_days(counts: list[int], status: IssueStatus | None) -> None:
    """Fewer are no issue, as many over a long time a candidate, as many at once an issue, also when that was long ago."""
    issues = run([history(counts)])
    assert [issue.status for issue in issues] == ([status] if status else [])


def test_an_issue_carries_what_is_known_of_its_topic() -> None:
    """Title, owner, event times and totals are the topic's; its history begins with how it was found."""
    (issue,) = run([history([0, 2, 4])])
    assert (issue.id, issue.title, issue.topic, issue.owner) == ("ISS-000001", "Late refunds", "T-0001", "billing")
    assert (issue.contacts, issue.customers) == (6, 6)
    assert (issue.first_seen, issue.last_seen) == (monday(1) + timedelta(hours=9), monday(2) + timedelta(days=4))
    assert issue.history[:2] == ("2026-01-26 candidate: 6 customers in all", "2026-01-26 open: 6 customers in 28 days")


def test_numbers_go_by_first_contact_and_are_never_reused() -> None:
    """New issues take the next numbers in a fixed order; known ones keep theirs."""
    first = run([history([0, 6], topic="T-0002"), history([6, 0], topic="T-0003"), history([0, 6], topic="T-0001")])
    assert [(issue.id, issue.topic) for issue in first] == [("ISS-000001", "T-0003"), ("ISS-000002", "T-0001"), ("ISS-000003", "T-0002")]
    later = update(first[1:], [history([7, 9], topic="T-0009")], as_of=monday(2), min_customers=5, next_number=40)
    assert [issue.id for issue in later] == ["ISS-000002", "ISS-000003", "ISS-000040"]


def test_new_then_steady() -> None:
    """An issue is new for about a week after its customers became enough, also in a run over old data."""
    states = replay([0, 0, 6, 6, 6, 6, 6, 6])
    assert states[0].signal is Signal.NEW
    assert states[1].signal is Signal.STEADY
    assert run([history([0, 0, 6, 6, 6, 6, 6, 6])])[0].signal is Signal.STEADY


def test_a_jump_emerges_and_settles() -> None:
    """Three times the usual is emerging while it lasts in the newest week; the reason stands in the history."""
    states = replay([10, 11, 9, 10, 12, 10, 9, 11, 10, 10, 9, 11, 10, 32, 10, 10], begin=13)
    assert [state.signal for state in states] == [Signal.STEADY, Signal.EMERGING, Signal.STEADY, Signal.STEADY]
    assert "2026-04-13 signal: emerging, 32 customers in a week, 10.2 expected" in states[1].history


def test_volume_alone_is_no_news() -> None:
    """Twice as many contacts with the same share of the topic raise nothing."""
    calm = history([10, 11, 9, 10, 12, 10, 9, 11, 10, 10, 9, 11, 10])
    busy = Week(monday(13), 22, 22, 2_200)
    issue = run([TopicHistory(*(getattr(calm, name) if name != "weeks" else (*calm.weeks, busy) for name in TopicHistory.__slots__))])[0]
    assert issue.signal is Signal.STEADY


def test_falling_and_silent() -> None:
    """Half the usual over four weeks is falling; none at all is silent, and so is a rare topic unseen for 90 days."""
    usual = [20, 19, 21, 20, 22, 18, 20, 21, 20, 19, 21, 20]
    assert run([history([*usual, 7, 6, 8, 7])])[0].signal is Signal.FALLING
    assert run([history([*usual, 0, 0, 0, 0])])[0].signal is Signal.SILENT
    rare = [0, 6, *[0] * 12]
    assert run([history(rare)])[0].signal is Signal.STEADY
    assert run([history([*rare, 0, 0])])[0].signal is Signal.SILENT


FIX = ("T-0001", date(2026, 5, 4), 0.3)  # the Monday of week 17
BEFORE = [20, 19, 21, 20, 22, 18, 20, 21, 20, 19, 21, 20, 20, 19, 22, 20, 21]


def test_a_fix_is_verified_and_closes_the_issue() -> None:
    """Declared in week 17 with the rate halved: verifying at once, closed by eight weeks, with the figures in its history."""
    states = replay([*BEFORE, 10, 9, 11, 10, 8, 10, 9, 10], fixes=[FIX])
    statuses = list(dict.fromkeys(state.status for state in states))
    assert statuses == [IssueStatus.OPEN, IssueStatus.VERIFYING, IssueStatus.CLOSED]
    closed = states[-1]
    assert [(fix.issue_id, fix.date, fix.target) for fix in closed.fixes] == [("ISS-000001", date(2026, 5, 4), 0.3)]
    lines = [line[11:].split(":")[0] for line in closed.history]
    assert [line for line in lines if line not in {"signal"}] == ["candidate", "open", "fix", "verifying", "closed"]
    assert "rate × 0.5" in next(line for line in closed.history if "closed" in line)


def test_one_run_over_old_data_ends_where_the_weekly_runs_end() -> None:
    """A first run after the whole story finds the issue closed as well."""
    (issue,) = run([history([*BEFORE, 10, 9, 11, 10, 8, 10, 9, 10])], fixes=[FIX])
    assert issue.status is IssueStatus.CLOSED


def test_a_fix_without_effect_makes_it_a_known_issue() -> None:
    """Ineffective is said, and the issue stays."""
    assert replay([*BEFORE, 20, 21, 19, 22, 20], fixes=[FIX])[-1].status is IssueStatus.KNOWN


def test_what_cannot_be_told_yet_waits() -> None:
    """Partial and inconclusive verdicts leave the issue in verification."""
    assert replay([*BEFORE, 16, 14, 15, 15, 16], fixes=[FIX])[-1].status is IssueStatus.VERIFYING


def test_a_planned_fix_waits_for_its_date() -> None:
    """A fix in the future is being prepared; on its date verification begins."""
    first = run([history(BEFORE)], fixes=[("T-0001", date(2026, 5, 18), 0.5)])
    assert first[0].status is IssueStatus.FIXING
    then = run([history([*BEFORE, 20, 20])], first, fixes=[("T-0001", date(2026, 5, 18), 0.5)])
    assert then[0].status is IssueStatus.VERIFYING
    assert "2026-05-04 fix: planned for 2026-05-18, promised −50%" in then[0].history


def test_a_declared_fix_makes_an_issue_of_a_small_topic() -> None:
    """Who declares a fix has a problem to follow, however few customers have it."""
    (issue,) = run([history([0, 1, 0, 0])], fixes=[("T-0001", date(2026, 1, 19), 0.3)])
    assert issue.status is IssueStatus.VERIFYING


@pytest.mark.parametrize(
    "later",
    [
        [10, 9, 11, 10, 8, 10, 9, 10, 10, 30, 10, 10],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0],
    ],
)
def test_a_closed_issue_that_comes_back_regresses_under_its_id(later: list[int]) -> None:
    """Measured against the weeks after the fix, not those before; it is said for a week, and the old fix does not close it again."""
    states = replay([*BEFORE, *later], fixes=[FIX])
    back = len(BEFORE) + 10 - 1
    assert states[back - 1].status is IssueStatus.CLOSED
    assert (states[back].status, states[back].signal, states[back].id) == (IssueStatus.OPEN, Signal.REGRESSED, "ISS-000001")
    assert "regressed: " in "".join(states[back].history)
    assert states[-1].status is IssueStatus.OPEN
    assert states[-1].signal is not Signal.REGRESSED


def test_a_new_fix_after_a_return_is_verified_anew() -> None:
    """The second fix is judged on the time since the first."""
    counts = [*BEFORE, *[10, 9, 11, 10, 8, 10, 9, 10], *[30, 31, 29, 30, 30, 31, 29, 30], *[12] * 8]
    states = replay(counts, fixes=[FIX, ("T-0001", monday(33).date(), 0.3)])
    assert states[-1].status is IssueStatus.CLOSED
    assert len(states[-1].fixes) == 2


def test_merged_issues_are_left_alone_and_archived_ones_wake() -> None:
    """A merged issue's topic makes no new issue; an archived one opens when it emerges."""
    (issue,) = run([history(BEFORE)])
    merged = Issue(*(IssueStatus.MERGED if name == "status" else getattr(issue, name) for name in Issue.__slots__))
    assert run([history([*BEFORE, 80])], [merged]) == (merged,)
    archived = Issue(*(IssueStatus.ARCHIVED if name == "status" else getattr(issue, name) for name in Issue.__slots__))
    assert run([history([*BEFORE, 20])], [archived])[0].status is IssueStatus.ARCHIVED
    assert run([history([*BEFORE, 80])], [archived])[0].status is IssueStatus.OPEN


def test_a_new_owner_or_name_is_taken_over() -> None:
    """The change of owner is a line of the history."""
    first = run([history(BEFORE)])
    (issue,) = run([history([*BEFORE, 20], owner="care", label="Refunds that never come")], first)
    assert (issue.owner, issue.title) == ("care", "Refunds that never come")
    assert issue.history[-1] == "2026-05-11 owner: billing → care"


def test_an_issue_without_a_topic_history_falls_silent() -> None:
    """A topic that left the data keeps its issue."""
    first = run([history([6, 6])])
    kept = update(first, [], as_of=monday(40), min_customers=5, next_number=2)
    assert [(issue.id, issue.signal) for issue in kept] == [("ISS-000001", Signal.SILENT)]


def test_an_earlier_as_of_changes_nothing() -> None:
    """Looking back beyond the newest event does not rewrite what is known now."""
    states = replay(BEFORE)
    assert update([states[-1]], [history(BEFORE[:1])], as_of=monday(1), min_customers=5, next_number=2) == (states[-1],)


SERIES = st.lists(st.integers(0, 40), min_size=1, max_size=30)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(series=st.lists(SERIES, min_size=1, max_size=4), fix_week=st.integers(0, 30), cut=st.integers(1, 30))
def test_running_twice_on_the_same_data_changes_nothing(series: list[list[int]], fix_week: int, cut: int) -> None:
    """Whatever the data: a second run gives the same register, whatever order the topics come in."""
    length = max(map(len, series))
    histories = [history([*counts, *[0] * (length - len(counts))], topic=f"T-{index:04d}") for index, counts in enumerate(series, start=1)]
    fixes = [("T-0001", monday(fix_week).date(), 0.3)]
    early = [history([week.customers for week in one.weeks[:cut]], topic=one.topic_id) for one in histories]
    known = run(early, fixes=fixes)
    once = run(histories, known, fixes=fixes)
    assert run(histories[::-1], once[::-1], fixes=fixes) == once
    assert len({issue.id for issue in once}) == len(once)
    assert all(list(issue.history) == sorted(issue.history, key=lambda line: line[:10]) for issue in once)


def test_few_of_many_unchanged_topics_emerge_by_chance() -> None:
    """Fewer than one false alarm a week among 200 noisy topics; seeded."""
    rng = np.random.default_rng(21)
    means = rng.uniform(2, 30, 200)
    counts = rng.negative_binomial(np.repeat(means[:, None], 30, axis=1) / 1.0, 0.5)
    alarms = 0
    for end in (27, 28, 29, 30):
        issues = run([history(row[:end].tolist(), topic=f"T-{index:04d}") for index, row in enumerate(counts, start=1)])
        alarms += sum(issue.signal is Signal.EMERGING for issue in issues)
    assert alarms <= 3
