"""The queue of what could be either: its order, its size in hours, and the way its answers come back."""

from __future__ import annotations

import csv
import math

import pytest
from corrected_company import WIFI, analysed, corrected_company, of, say, standing
from small_company import RECEIVED

from insights.domain import Change, Decision, Kind, Ruling, Severity
from insights.errors import UsageError
from insights.flow.review import by_worth, change_of, queue, reading_seconds, take_answers, worth
from insights.store import Waiting

COUNTED = dict.fromkeys(Kind, 100) | {Kind.TESTIMONIAL: 10}


def waiting(id="a", kind=Kind.PRODUCT_ISSUE, subject="", confidence=0.5, severity=Severity.LOW, like=0):
    return Waiting(id, kind, subject, confidence, severity, like)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (waiting(), 1.0),
        (waiting(confidence=0.2), 0.64),
        (waiting(confidence=1.0), 0.0),
        (waiting(severity=Severity.CRITICAL), 8.0),
        (waiting(like=3), 3.0),
        (waiting(kind=Kind.TESTIMONIAL), 2.0),
        (waiting(kind=Kind.TESTIMONIAL, confidence=0.2, severity=Severity.HIGH, like=1), 0.64 * 4 * 2 * 2),
    ],
)
def test_the_worth_of_an_answer_is_the_documented_product(one, expected):
    """Uncertainty, severity, reach and rarity are multiplied."""
    assert worth(one, COUNTED) == pytest.approx(expected)


def test_the_worth_of_an_answer_in_an_empty_store():
    """Nothing decided yet is no division by nothing."""
    assert worth(waiting(), dict.fromkeys(Kind, 0)) == 1.0


def test_the_like_of_what_is_queued_is_worth_less():
    """The n-th of a kind and subject is divided by the root of n; ties go by id."""
    ones = [waiting("b"), waiting("a"), waiting("c", subject="Hub", confidence=0.2), waiting("d", confidence=0.4)]
    found = by_worth(ones, COUNTED)
    assert [id for _, id in found] == ["a", "b", "c", "d"]
    assert [value for value, _ in found] == pytest.approx([1.0, 1 / math.sqrt(2), 0.64, 0.96 / math.sqrt(3)])


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """Two of four contacts with an undecided finding."""
    loaded, store = corrected_company(tmp_path / "w")
    with store:
        analysed(monkeypatch, loaded, store, "one")
        yield loaded, store


def test_the_queue_shows_what_is_needed_to_decide(workplace):
    """A row holds the words in their turn, why the engine hesitates, and the owner the rules would give it."""
    loaded, store = workplace
    found = queue(loaded, store)
    assert (found.waiting, len(found.rows)) == (2, 2)
    row = next(row for row in found.rows if row["interaction"] == "c-1")
    assert (row["kind"], row["owner"], row["quote"], row["answer"]) == ("product_issue", "hub", WIFI, "")
    assert row["around"] == f"The »{WIFI}« again."
    assert row["why"] == "it says so"


def test_the_queue_is_cut_by_number_kind_and_hours(workplace):
    """As many as asked for, or as can be read: 20 seconds each and 200 words a minute."""
    loaded, store = workplace
    assert len(queue(loaded, store, limit=1).rows) == 1
    assert queue(loaded, store, kind=Kind.TESTIMONIAL).waiting == 0
    insight = of(store, "c-1")["product_issue"]
    assert reading_seconds(insight, store.interaction("c-1")) == pytest.approx(20 + 5 * 0.3)
    assert [len(queue(loaded, store, hours=seconds / 3600).rows) for seconds in (0, 30, 50, 3600)] == [0, 1, 2, 2]


@pytest.mark.parametrize(
    ("answer", "meant"),
    [
        ("yes", Change(Ruling.YES)),
        (" Y ", Change(Ruling.YES)),
        ("No", Change(Ruling.NOT)),
        ("", None),
        ("skip", None),
        ("improvement idea", Change(Ruling.YES, kind=Kind.IMPROVEMENT_IDEA)),
        ("testimonial", Change(Ruling.YES, kind=Kind.TESTIMONIAL)),
    ],
)
def test_answers_are_words_people_write(answer, meant):
    """Yes, no, nothing, or the kind it is instead."""
    assert change_of(answer) == meant


def answered(folder, found, *answers, delimiter=",", encoding="utf-8"):
    path = folder / "queue.csv"
    with path.open("w", encoding=encoding, newline="") as handle:
        writer = csv.DictWriter(handle, [*found.rows[0]], delimiter=delimiter)
        writer.writeheader()
        writer.writerows(row | {"answer": answer, "note": "heard it"} for row, answer in zip(found.rows, answers, strict=True))
    return path


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8"), (";", "cp1252"), ("\t", "utf-16"), (",", "utf-8-sig")])
def test_answers_become_corrections_once(workplace, tmp_path, delimiter, encoding):
    """Whatever the spreadsheet made of the file; taken a second time it changes nothing, and what is answered waits no longer."""
    loaded, store = workplace
    found = queue(loaded, store)
    path = answered(tmp_path, found, "improvement_idea", "no", delimiter=delimiter, encoding=encoding)
    rows = take_answers(loaded, store, path, by="ben", at=RECEIVED)
    assert [(row["line"], row["answer"], row["result"]) for row in rows] == [(2, "improvement_idea", "kept"), (3, "no", "kept")]
    assert (store.corrections()[0].by, store.corrections()[0].note) == ("ben", "heard it")
    assert queue(loaded, store).waiting == 0
    moved = [one for one in of(store, found.rows[0]["interaction"]).values() if one.evidence[0].quote == WIFI]
    assert [(one.kind, one.decision) for one in moved] == [(Kind.IMPROVEMENT_IDEA, Decision.YES)]
    before = standing(store)
    assert [row["result"] for row in take_answers(loaded, store, path, by="ben", at=RECEIVED)] == ["said before"] * 2
    assert (standing(store), len(store.corrections())) == (before, 2)


def test_an_answer_nobody_understands_keeps_none(workplace, tmp_path):
    """The line is named, the words are not, and the answers beside it wait until it is mended."""
    loaded, store = workplace
    path = answered(tmp_path, queue(loaded, store), "yes", "my card is 4111")
    with pytest.raises(UsageError) as raised:
        take_answers(loaded, store, path, by="ben", at=RECEIVED)
    assert raised.value.problem == "queue.csv: no answer that is understood in line 3"
    assert store.corrections() == []


@pytest.mark.parametrize("content", ["", "id;kind\n1;2\n", "answer\nyes\n"])
def test_a_file_that_is_no_queue_is_refused(workplace, tmp_path, content):
    """The column that is missing is named."""
    loaded, store = workplace
    (tmp_path / "queue.csv").write_text(content)
    with pytest.raises(UsageError) as raised:
        take_answers(loaded, store, tmp_path / "queue.csv", by="ben", at=RECEIVED)
    assert "has no column" in raised.value.problem


def test_an_answer_about_what_is_gone_costs_itself_only(workplace, tmp_path):
    """A finding that is not there any more is told with its line; the others are kept."""
    loaded, store = workplace
    found = queue(loaded, store)
    path = answered(tmp_path, found, "yes", "yes")
    path.write_text(path.read_text().replace(found.rows[0]["id"], "f" * 24))
    results = [row["result"] for row in take_answers(loaded, store, path, by="ben", at=RECEIVED)]
    assert results == [f"there is no insight {'f' * 24}", "kept"]


def test_what_a_person_took_away_waits_no_longer(workplace):
    """An undecided finding that is none leaves the queue; taken back, it waits again."""
    loaded, store = workplace
    id = of(store, "c-1")["product_issue"].id
    say(loaded, store, id, Ruling.NOT)
    assert queue(loaded, store).waiting == 1
    say(loaded, store, id, Ruling.UNDO)
    assert queue(loaded, store).waiting == 2
