"""A taxonomy changed as a lead would: checked, compared, adopted, taken back."""

import json
import re

import pytest

from insights.cli.app import run

SETTINGS = """
[[source]]
name = "calls"
path = "calls.jsonl"

[discover]
enabled = false

[classify]
workers = 1
"""
TAXONOMY = """
[topic.refund_late]
label = "Refund not paid"
kind = "process_failure"
any = [
  "waiting * refund",
]
match = ["I am waiting for my refund."]

[topic.no_call]
label = "No call"
kind = "process_failure"
any = ["nobody called"]
match = ["Nobody called me."]
"""
NEW = TAXONOMY.replace('"waiting * refund",', '"waiting * refund",\n  "refund * never came",').replace("no_call]", "silence]")
OWNERSHIP = 'triage = "care"\n[unit.care]\nname = "Care"\n[[rule]]\nkind = "process_failure"\nowner = "care"\n'
SAID = ("I am still waiting for my refund.", "The refund for June never came.", "Nobody called me back.", "When do you open?")


@pytest.fixture(scope="module")
def analysed(tmp_path_factory):
    """A workspace of eight contacts."""
    root = tmp_path_factory.mktemp("w")
    for name, content in (("insights", SETTINGS), ("taxonomy", TAXONOMY), ("ownership", OWNERSHIP), ("new", NEW)):
        (root / f"{name}.toml").write_text(content)
    (root / "pipelines").mkdir()
    (root / "pipelines" / "daily.toml").write_text('name = "daily"\nsteps = ["ingest", "analyse"]\n')
    rows = [{"id": f"c-{n}", "text": SAID[n % 4], "started_at": f"2026-03-0{n + 1}T09:00:00Z"} for n in range(8)]
    (root / "calls.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert run(["-w", str(root), "run", "-q"]) == 0
    return root


@pytest.fixture
def typed(capsys, monkeypatch, analysed):
    """Types a command line in the workspace; gives status, stdout and stderr."""
    monkeypatch.chdir(analysed)
    monkeypatch.delenv("INSIGHTS_WORKSPACE", raising=False)

    def command(*words):
        capsys.readouterr()
        status = run([*map(str, words)])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return status, out, err

    return command


def test_a_diff_tells_gained_lost_moved_and_quotes(typed, analysed):
    """Topics, moves and flips stand in one JSON object, the taxonomy stays as it is."""
    before = (analysed / "taxonomy.toml").read_bytes()
    status, out, err = typed("taxonomy", "diff", "new.toml", "--format", "json")
    found = json.loads(out)
    assert (status, found["schema"]) == (0, "insights.taxonomy-diff/1")
    by_topic = {row["topic"]: row for row in found["topics"]}
    refund = by_topic["refund_late"]
    assert (refund["before"], refund["after"], refund["gained"] + refund["moved_in"], refund["lost"]) == (2, 4, 2, 0)
    assert by_topic["no_call"]["moved_out"] == by_topic["silence"]["moved_in"] == 2
    assert {"kind": "process_failure", "from": "no_call", "to": "silence", "contacts": 2} in found["moves"]
    assert {row["quote"] for row in found["flips"]} == {SAID[1], SAID[2]}
    assert "8 contacts replayed, 4 would change" in err
    assert (analysed / "taxonomy.toml").read_bytes() == before


def test_a_diff_comes_in_lines_and_tables_too(typed):
    """NDJSON names the section of each row; a table has a title for each; what holds one table only is refused."""
    _, out, _ = typed("taxonomy", "diff", "taxonomy.toml", "new.toml", "--flips", "1")
    sections = [json.loads(line)["section"] for line in out.splitlines()]
    assert (sections[0], sections[-1], sections.count("flips")) == ("topics", "flips", 1)
    _, out, _ = typed("taxonomy", "diff", "new.toml", "--format", "table")
    assert [line for line in out.splitlines() if line in ("topics", "moves", "flips")] == ["topics", "moves", "flips"]
    _, out, _ = typed("taxonomy", "diff", "new.toml", "--format", "md")
    assert out.startswith("## topics\n\n| kind |")
    status, _, err = typed("taxonomy", "diff", "new.toml", "--format", "csv")
    assert (status, "one table" in err) == (2, True)


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("diff", "gone.toml"), 2, "no such file: gone.toml"),
        (("diff", "7"), 4, "no version 7"),
        (("diff", "a", "b", "c"), 2, "expected NEW or OLD NEW"),
        (("diff",), 2, "missing argument"),
        (("adopt", "insights.toml"), 2, "unknown key"),
        (("rollback",), 4, "no earlier taxonomy"),
        (("rollback", "x"), 2, "x"),
    ],
)
def test_what_cannot_be_done_is_said(typed, words, status, says):
    """A problem and a hint, and the exit status of its kind."""
    got, _, err = typed("taxonomy", *words)
    assert got == status
    assert says in err
    assert "hint: " in err


def test_adopted_and_taken_back(typed, analysed):
    """The next run analyses with what was adopted; rolling back gives the same bytes and the same findings."""
    before = (analysed / "taxonomy.toml").read_bytes()
    _, found, _ = typed("query", "topic:refund_late", "--count")
    assert typed("taxonomy", "adopt", "new.toml", "--by", "lead", "--note", "more refunds")[0] == 0
    assert typed("run", "-q")[0] == 0
    _, more, _ = typed("query", "topic:refund_late", "--count")
    newest = json.loads(typed("taxonomy", "log")[1].splitlines()[0])
    assert (newest["number"], newest["action"], newest["by"], newest["note"]) == (2, "adopted", "lead", "more refunds")
    _, out, _ = typed("taxonomy", "diff", "1", "2", "--format", "json")
    assert {row["topic"] for row in json.loads(out)["topics"]} >= {"refund_late", "silence"}
    assert typed("taxonomy", "rollback")[0] == 0
    assert (analysed / "taxonomy.toml").read_bytes() == before
    assert typed("run", "-q")[0] == 0
    _, again, _ = typed("query", "topic:refund_late", "--count")
    assert again == found != more


BROKEN = [
    ('"waiting * refund",', '"waiting (refund)",', "is a regular expression"),
    ('"waiting * refund",', '{LEMMA = "wait"},', "needs? a trained spaCy pipeline"),
    ('"waiting * refund",', '"a? b? c? d? e? f? g? h? i? j? k? l? m? n",', "can be read in 8192 ways"),
    ('"waiting * refund",', f'"{"waiting " * 60}",', "at most 400 characters"),
    ('"waiting * refund",', '"waiting * refund", "*",', "has no word that must stand"),
    ('match = ["I am waiting for my refund."]', 'match = ["It never came."]', "not recognised"),
]


@pytest.mark.parametrize(("old", "new", "says"), BROKEN)
def test_bad_input_is_told_with_file_line_and_mend(typed, analysed, tmp_path, old, new, says):
    """Check finds it at its line and leaves with 1; adopting and, but for an example, running are refused, and nothing is applied."""
    bad = TAXONOMY.replace(old, new)
    (tmp_path / "bad.toml").write_text(bad)
    line = next(number for number, text in enumerate(bad.splitlines(), start=1) if new.split("\n")[0] in text)
    before = (analysed / "taxonomy.toml").read_bytes()
    status, _, err = typed("taxonomy", "adopt", tmp_path / "bad.toml")
    assert (status, f"bad.toml:{line}: topic.refund_late" in err) == (2, True)
    assert (analysed / "taxonomy.toml").read_bytes() == before
    try:
        (analysed / "taxonomy.toml").write_text(bad)
        ran, _, told = typed("run", "-q")
        status, out, _ = typed("check")
    finally:
        (analysed / "taxonomy.toml").write_bytes(before)
    if "match" not in old:
        assert (ran, f"taxonomy.toml:{line}: topic.refund_late" in told) == (2, True)
    faults = [json.loads(row) for row in out.splitlines()]
    assert status == 1
    assert any(
        row["file"] == "taxonomy.toml" and row["line"] == line and row["level"] == "fault" and row["hint"] is not None for row in faults
    )
    assert any(re.search(says, row["problem"] + row["hint"]) for row in faults)


def test_warnings_come_apart_and_fail_nothing(typed, analysed):
    """A warning has its own level, comes after the faults, and alone leaves with 0."""
    before = (analysed / "taxonomy.toml").read_text()
    try:
        (analysed / "taxonomy.toml").write_text(before.replace('any = ["nobody called"]', 'any = ["nobody called", "nobody called me"]'))
        status, out, err = typed("check")
    finally:
        (analysed / "taxonomy.toml").write_text(before)
    (row,) = [json.loads(line) for line in out.splitlines()]
    assert (status, row["level"], row["key"]) == (0, "warning", "topic.no_call.any")
    assert "0 to mend, 1 to look at" in err


LEARNT = """
[topic.refund_late]
label = "Refund not paid"
kind = "process_failure"
match = ["My refund never came.", "No money back after weeks.", "I am still not repaid.", "The credit is missing.", "You owe me a refund."]

[topic.no_call]
label = "No call"
kind = "process_failure"
match = ["Nobody rang me.", "You said you would call and did not.", "No one phoned back.", "I wait for a call.", "The call never came."]
"""


def test_learning_and_placing(tmp_path, typed):
    """Learn prints a row a topic, place one a text with the example it is like; a bad line costs itself and leaves with 3."""
    for name, content in (("insights", SETTINGS), ("taxonomy", LEARNT), ("ownership", OWNERSHIP)):
        (tmp_path / f"{name}.toml").write_text(content)
    (tmp_path / "texts.jsonl").write_text('{"id": "a", "text": "my refund has not come"}\n{}\n')
    status, out, err = typed("-w", tmp_path, "taxonomy", "learn")
    assert status == 0
    assert {json.loads(line)["topic"] for line in out.splitlines()} == {"refund_late", "no_call"}
    assert "10 examples and 0 stored sentences learnt" in err
    status, out, err = typed("-w", tmp_path, "taxonomy", "place", tmp_path / "texts.jsonl")
    assert status == 3
    assert json.loads(out)["best"] == "refund_late"
    assert json.loads(out)["like"] in LEARNT
    assert "texts.jsonl:2" in err


def test_learning_without_examples_says_what_is_missing(typed):
    """Phrases alone leave nothing to learn."""
    status, _, err = typed("taxonomy", "learn")
    assert status == 2
    assert "no topics to learn" in err
