"""Corrections and the review queue as a person types them."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from insights.cli.app import run

SETTINGS = '[discover]\nenabled = false\n[classify]\nworkers = 1\n[[source]]\nname = "calls"\npath = "calls.jsonl"\n'
TAXONOMY = '[topic.refund_late]\nlabel = "Refund not paid"\nkind = "process_failure"\nany = ["waiting * refund"]\n'
OWNERSHIP = 'triage = "care"\n[unit.care]\nname = "Care"\n[unit.money]\nname = "Money"\n'
SAID = (
    "I am still waiting for my refund.",
    "When do you open?",
    "Where is the shop?",
    "Waiting for a refund, again.",
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A workspace that has been run, to be copied."""
    root = tmp_path_factory.mktemp("corrections") / "w"
    (root / "pipelines").mkdir(parents=True)
    for name, content in (("insights", SETTINGS), ("taxonomy", TAXONOMY), ("ownership", OWNERSHIP)):
        (root / f"{name}.toml").write_text(content)
    (root / "pipelines" / "daily.toml").write_text('name = "daily"\nsteps = ["ingest", "analyse", "route"]\n')
    rows = [{"id": f"c-{n}", "started_at": f"2026-03-0{n + 2}T09:00:00Z", "text": text} for n, text in enumerate(SAID)]
    (root / "calls.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run(["--workspace", str(root), "run", "--quiet"]) == 0
    return root


@pytest.fixture
def ran(made, tmp_path):
    """The workspace, for one test."""
    return Path(shutil.copytree(made, tmp_path / "w"))


@pytest.fixture
def typed(ran, capsys, monkeypatch, tmp_path):
    """Types a command; gives status, rows on stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def command(*words):
        capsys.readouterr()
        status = run(["--workspace", str(ran), *map(str, words)])
        out, err = capsys.readouterr()
        return status, [json.loads(line) for line in out.splitlines()] if out.startswith("{") else out, err

    return command


def finding(typed, contact):
    """The id of what the taxonomy finds in a contact."""
    return typed("query", f"interaction:{contact} topic:refund_late")[1][0]["id"]


def test_a_correction_is_kept_listed_honoured_and_taken_back(ran, typed):
    """The whole way: correct, query, explain, list, run again under another threshold, undo."""
    id = finding(typed, "c-0")
    status, (row,), err = typed("correct", id, "--owner", "money", "--note", "they pay", "--by", "anna", "--at", "2026-03-09")
    assert (status, err) == (0, "")
    assert (row["interaction"], row["what"], row["by"], row["at"], row["state"]) == (
        "c-0",
        "owner money",
        "anna",
        "2026-03-09T00:00:00Z",
        "applied",
    )
    assert typed("query", "owner:money")[1][0]["interaction"] == "c-0"
    (why,) = typed("owners", "explain", id)[1]
    assert (why["owner"], why["why"].startswith("corrected by anna on 2026-03-09: owner money (they pay)")) == ("money", True)
    assert typed("correct", id, "--owner", "money", "--by", "anna")[1:] == ("", "that was said before, and stands\n")
    (ran / "insights.toml").write_text(SETTINGS.replace("[classify]", "[classify]\nthresholds = { testimonial = 0.99 }"))
    assert typed("run", "--quiet")[1][1]["in"] == len(SAID)
    assert typed("query", "owner:money")[1][0]["interaction"] == "c-0"
    assert [row["state"] for row in typed("corrections", "list")[1]] == ["applied"]
    assert typed("correct", id, "--undo", "--by", "anna")[0] == 0
    assert typed("query", "owner:money")[1] == ""


def test_a_finding_is_taken_away_and_another_added(typed):
    """--not on a finding; --kind with --quote on a contact; the export holds both."""
    assert typed("correct", finding(typed, "c-3"), "--not", "--by", "anna")[0] == 0
    assert typed("query", "interaction:c-3 topic:refund_late")[1] == ""
    assert typed("correct", "c-1", "--kind", "improvement_idea", "--quote", "When do you open", "--by", "anna")[0] == 0
    assert typed("query", "interaction:c-1 kind:improvement_idea")[1][0]["quote"] == "When do you open"
    status, rows, err = typed("corrections", "export")
    assert status == 0
    assert {row["id"]: [one["kind"] for one in row["insights"]] for row in rows} == {"c-3": [], "c-1": ["improvement_idea"]}
    assert "process_failure" not in rows[0]["uncertain"]
    assert err == "2 labelled interactions\n"


def test_the_queue_goes_out_as_csv_and_its_answers_come_back(ran, typed, tmp_path):
    """The round trip of a reviewer without a terminal."""
    settings = (ran / "insights.toml").read_text()
    (ran / "insights.toml").write_text(settings.replace("[classify]", "[classify]\nthresholds = { process_failure = 1.0 }"))
    assert typed("run", "--quiet")[0] == 0
    status, out, err = typed("review", "--kind", "process_failure", "--format", "csv")
    assert status == 0
    assert "undecided findings, about" in err
    rows = list(csv.DictReader(io.StringIO(out)))
    assert rows
    path = tmp_path / "queue.csv"
    with path.open("w", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(row | {"answer": "no"} for row in rows)
    status, told, _ = typed("review", "--answers", path, "--by", "ben")
    assert (status, {row["result"] for row in told}) == (0, {"kept"})
    assert "0 of 0" in typed("review", "--kind", "process_failure")[2]
    path.write_text("id,answer\nabcdefabcdef,yes\n")
    assert typed("review", "--answers", path, "--by", "ben")[0] == 3


def test_conflicts_are_told_by_run_and_check(ran, typed):
    """A topic that leaves the taxonomy is told with where to look; the run is done all the same."""
    id = finding(typed, "c-0")
    assert typed("correct", id, "--topic", "refund_late", "--by", "anna")[0] == 0
    (ran / "taxonomy.toml").write_text(TAXONOMY.replace("refund_late", "refunds"))
    status, _, err = typed("run")
    assert status == 0
    assert "1 correction cannot be honoured any more: insights corrections list --conflicts" in err
    (row,) = typed("corrections", "list", "--conflicts")[1]
    assert (row["state"], row["why"]) == ("conflict", 'there is no topic "refund_late" any more')
    status, rows, _ = typed("check")
    assert (status, [row["problem"] for row in rows if row["key"].startswith("correction")]) == (
        1,
        ['there is no topic "refund_late" any more: topic refund_late'],
    )
    (ran / "taxonomy.toml").write_text(TAXONOMY)
    assert "cannot be honoured" not in typed("run")[2]


WRONG = [
    (("correct", "c-0"), 2),
    (("correct", "nobody", "--yes"), 4),
    (("correct", "c-0", "--yes", "--not"), 2),
    (("correct", "c-0", "--kind", "nonsense"), 2),
    (("correct", "c-0", "--kind", "testimonial", "--quote", "not said"), 2),
    (("correct", "c-0", "--at", "yesterday", "--yes"), 2),
    (("review", "--answers", "nowhere.csv"), 2),
    (("review", "--ask"), 2),
    (("review", "--kind", "nonsense"), 2),
]


@pytest.mark.parametrize(("words", "status"), WRONG, ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value))
def test_misuse_is_told_with_a_mend(typed, words, status):
    """Two lines, nothing on stdout."""
    found, out, err = typed(*words)
    assert (found, out) == (status, "")
    assert err.startswith("error: ")
    assert "\nhint: " in err


def test_answers_are_asked_for_on_a_terminal(typed, monkeypatch):
    """y, n, a number for a kind, s to skip; each is kept at once and q leaves."""
    id = finding(typed, "c-3")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("insights.flow.review.queue", one_row(id))
    keys = iter(["x", "4"])
    monkeypatch.setattr("typer.prompt", lambda *_, **__: next(keys))
    status, _, err = typed("review", "--ask", "--by", "anna", "--at", "2026-03-09")
    assert status == 0
    assert "4 improvement_idea" in err
    assert typed("corrections", "list")[1][-1]["what"] == "kind improvement_idea"
    keys = iter(["q"])
    assert typed("review", "--ask", "--by", "anna")[0] == 0


def one_row(id):
    """A queue of one finding."""
    from insights.flow.review import Queue

    row = {"id": id, "kind": "product_issue", "severity": "low", "confidence": 0.4, "owner": "care", "interaction": "c-3"}
    return lambda *_, **__: Queue([row | {"around": "The »app« is slow.", "why": "model"}], 1, 20.0)
