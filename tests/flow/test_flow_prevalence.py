"""How common each kind is: periods, and where the errors come from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_company import company, contact, lines, opened, ran

from insights.config.load import Loaded, load
from insights.domain import ErrorRates, Kind
from insights.errors import UsageError
from insights.flow import prevalence as flow
from insights.flow.check import check_workspace
from insights.flow.digest import one_digest
from insights.registry import Manifest

COUNTS = {"tp": 8, "fp": 1, "fn": 2, "tn": 89}
GOOD = flow.Measured({Kind.PROCESS_FAILURE: ErrorRates((95, 5), (890, 10))}, "measured")


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company that has run."""
    root = company(tmp_path_factory.mktemp("lived") / "w")
    ran(root)
    return root


def rows(
    root: Path, *, kind: str | None = None, since: str | None = None, by: str = "week", measured: flow.Measured = GOOD
) -> list[dict[str, object]]:
    """Rows of a workspace."""
    loaded, store = opened(root)
    with store:
        return list(flow.prevalence(loaded, store, kind=kind, since=since, by=by, measured=measured))


def test_every_complete_period_has_a_row_a_kind(lived: Path) -> None:
    """Thirteen weeks, six kinds, oldest first; weeks without contacts are there and uncorrected."""
    found = rows(lived)
    assert len(found) == 13 * len(Kind)
    assert [row["period"] for row in found] == sorted(str(row["period"]) for row in found)
    empty = [row for row in found if row["handled"] == 0]
    assert empty
    assert all(row["corrected"] is None and row["change"] == "" for row in empty)
    assert {row["kind"] for row in found if row["corrected"] is not None} == {"process_failure"}


@pytest.mark.parametrize(
    ("since", "by", "periods"),
    [
        ("2026-03-09", "week", ["2026-W11", "2026-W12"]),
        ("2026-W12", "week", ["2026-W12"]),
        ("7d", "day", None),
        ("2026-01", "month", ["2026-01", "2026-02"]),
    ],
)
def test_since_names_the_first_period(lived: Path, since: str, by: str, periods: list[str] | None) -> None:
    """The period that holds the time is the first; the last is the newest complete one."""
    found = [str(row["period"]) for row in rows(lived, kind="process_failure", since=since, by=by)]
    assert found == periods if periods else len(found) >= 7


@pytest.mark.parametrize(
    ("asked", "problem"), [({"kind": "rant"}, "no kind"), ({"by": "fortnight"}, "no period"), ({"since": "whenever"}, "no such period")]
)
def test_what_cannot_be_asked_is_told(lived: Path, asked: dict[str, str], problem: str) -> None:
    """An unknown kind, period or time is a mistake in the question."""
    with pytest.raises(UsageError, match=problem):
        rows(lived, **asked)  # type: ignore[arg-type]


def test_contacts_in_a_language_nobody_read_are_not_counted_as_without_the_kind(tmp_path: Path) -> None:
    """What was never looked at tells nothing of how common a kind is."""
    root = company(tmp_path / "w", 0)
    spoken = [contact(n, language="fr" if n % 3 == 0 else None) for n in range(12)]
    (root / "data" / "calls.jsonl").write_text(lines(spoken))
    ran(root)
    assert sum(int(str(row["handled"])) for row in rows(root, kind="process_failure", by="day")) == 8


def test_an_empty_store_has_no_rows(tmp_path: Path) -> None:
    """Nothing received, nothing to count."""
    assert rows(company(tmp_path / "w", 0)) == []


def manifest(details: dict[str, object]) -> Manifest:
    """What a model says of itself."""
    return Manifest("m", "1", 1, {}, details)


@pytest.mark.parametrize(
    ("details", "rates", "note"),
    [
        ({}, {}, "were not measured"),
        ({"errors": {"balanced": {"process_failure": COUNTS}}}, {Kind.PROCESS_FAILURE: ErrorRates((8, 2), (89, 1))}, "other companies"),
        (
            {"errors": {"balanced": {"process_failure": {**COUNTS, "by_source": {"a": COUNTS}}}}},
            {Kind.PROCESS_FAILURE: ErrorRates((8, 2), (89, 1))},
            "other companies",
        ),
    ],
)
def test_the_model_says_how_often_it_errs(
    lived: Path, monkeypatch: pytest.MonkeyPatch, details: dict[str, object], rates: dict[Kind, ErrorRates], note: str
) -> None:
    """Its manifest may hold the counts of its held-out figures; without them counts stay as they are, and that is said."""
    monkeypatch.setattr(flow, "read_manifest", lambda folder: manifest(details))
    found = flow.measured_errors(load(lived))
    assert set(found.rates) == set(rates)
    for kind, expected in rates.items():
        assert (*found.rates[kind].sensitivity, *found.rates[kind].specificity) == pytest.approx(
            (*expected.sensitivity, *expected.specificity)
        )
    assert note in found.note


def test_errors_measured_at_other_thresholds_correct_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind whose threshold or precision is set in the workspace errs otherwise than the model as it was measured."""
    root = company(tmp_path / "w")
    decided = "workers = 1\nprecision = { testimonial = 0.8 }\nthresholds = { process_failure = 0.6 }"
    (root / "insights.toml").write_text((root / "insights.toml").read_text().replace("workers = 1", decided))
    errors = {"errors": {"balanced": {"process_failure": COUNTS, "testimonial": COUNTS, "product_issue": COUNTS}}}
    monkeypatch.setattr(flow, "read_manifest", lambda folder: manifest(errors))
    assert set(flow.measured_errors(load(root)).rates) == {Kind.PRODUCT_ISSUE}


def with_errors(root: Path, text: str | None) -> Loaded:
    """The workspace with a file of errors that holds ``text``."""
    made = company(root / "w")
    (made / "insights.toml").write_text((made / "insights.toml").read_text() + '\n[track]\nerrors = "errors.json"\n')
    if text is not None:
        (made / "errors.json").write_text(text)
    return load(made)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "[]",
        '{"errors": {}}',
        '{"errors": {"rant": {}}, "made_by": "m"}',
        json.dumps({"errors": {"testimonial": {**COUNTS, "fp": -1}}, "made_by": "m"}),
    ],
)
def test_a_file_of_errors_that_is_none_is_a_fault(tmp_path: Path, text: str | None) -> None:
    """Missing, empty, of another shape, of an unknown kind or with a negative count: told by check, and by whoever uses it."""
    loaded = with_errors(tmp_path, text)
    with pytest.raises(UsageError):
        flow.measured_errors(loaded)
    assert [fault.key for fault in check_workspace(loaded)] == ["track.errors"]


def test_errors_of_another_model_correct_nothing(tmp_path: Path) -> None:
    """After a new model or taxonomy the errors must be measured again, and the note says so."""
    found = flow.measured_errors(with_errors(tmp_path, json.dumps({"errors": {"testimonial": COUNTS}, "made_by": "another"})))
    assert found.rates == {}
    assert "Measure again" in found.note


def test_a_digest_tells_how_common_its_kinds_are(lived: Path) -> None:
    """Counts over all contacts, with a note on what the corrections rest on or why there are none."""
    loaded, store = opened(lived)
    with store:
        shown = json.loads(one_digest(loaded, store, "refunds", "2026-W11", format="json"))
    (kind,) = shown["kinds"]
    assert (kind["kind"], kind["now"]["handled"]) == ("process_failure", shown["handled"])
    assert kind["now"]["count"] > 0
    assert any("measured" in sentence for sentence in shown["footer"])
