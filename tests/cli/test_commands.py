"""Every command as a person types it: exit statuses, two lines an error, no traceback, whatever happens."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from insights.cli.app import run
from insights.config.load import load
from insights.store import Store

SETTINGS = """
[workspace]
timezone = "UTC"

[[source]]
name = "calls"
path = "calls.jsonl"
channel = "call"

[discover]
enabled = false

[classify]
workers = 1

[destination.out]
type = "folder"
path = "out"
"""
TAXONOMY = '[topic.refund_late]\nlabel = "Refund not paid"\nkind = "process_failure"\nany = ["waiting * refund"]\n'
OWNERSHIP = """
triage = "care"

[unit.care]
name = "Care"
destinations = ["out"]

[[rule]]
topic = "refund_late"
owner = "care"
why = "Care owns it"

[[test]]
kind = "process_failure"
topic = "refund_late"
owner = "care"
"""
STEPS = '["ingest", "analyse", "discover", "route", "track", "digest", "deliver"]'


def workspace(root):
    """A workspace of six contacts that has not been run."""
    (root / "pipelines").mkdir(parents=True)
    for name, content in (("insights", SETTINGS), ("taxonomy", TAXONOMY), ("ownership", OWNERSHIP)):
        (root / f"{name}.toml").write_text(content)
    (root / "pipelines" / "daily.toml").write_text(f'name = "daily"\nsteps = {STEPS}\n')
    turns = [[{"role": "customer", "text": text}] for text in ("I am still waiting for my refund.", "When do you open?") * 3]
    records = [{"id": f"c-{n}", "started_at": f"2026-03-0{n + 2}T09:00:00Z", "turns": turn} for n, turn in enumerate(turns)]
    (root / "calls.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return root


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A workspace that has been run; for commands that only look."""
    root = workspace(tmp_path_factory.mktemp("done") / "w")
    assert run(["--workspace", str(root), "run", "--quiet"]) == 0
    return root


@pytest.fixture
def fresh(tmp_path):
    """A workspace that has not been run, to be spoilt."""
    return workspace(tmp_path / "w")


@pytest.fixture
def typed(capsys, monkeypatch, tmp_path):
    """Types a command line in an empty folder; gives status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("INSIGHTS_WORKSPACE", raising=False)

    def command(*words, at=None):
        capsys.readouterr()
        status = run([*(["--workspace", str(at)] if at else []), *map(str, words)])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return status, out, err

    return command


def is_error(err):
    """Whether stderr tells a problem first (a query may be shown below it) and its mend last."""
    problem, *_, hint = err.splitlines()
    return problem.startswith("error: ") and hint.startswith("hint: ") and len(problem) > 10 and len(hint) > 8


LOOKING = [
    ("query", "refund"),
    ("query", "--count"),
    ("query", "--group-by", "topic"),
    ("query", "--explain", "refund"),
    ("prevalence",),
    ("prevalence", "--kind", "process_failure", "--since", "30d", "--by", "day"),
    ("show", "c-0"),
    ("topics", "list"),
    ("topics", "show", "refund_late"),
    ("issues", "list"),
    ("owners", "list"),
    ("owners", "test"),
    ("outbox", "list"),
    ("review",),
    ("corrections", "list"),
    ("corrections", "export"),
    ("dead-letter", "list"),
    ("dead-letter", "replay"),
    ("deliver", "--dry-run"),
    ("deliver",),
    ("digest", "--unit", "care"),
    ("digest", "--unit", "care", "--period", "2026-W10", "--format", "json"),
    ("run", "--dry-run"),
    ("run", "--history"),
    ("ingest", "calls.jsonl", "--dry-run", "--explain"),
    ("check",),
]
WORKING = [
    *LOOKING,
    ("run",),
    ("explain", "x"),
    ("owners", "explain", "x"),
    ("issues", "show", "x"),
    ("outbox", "retry", "x"),
    ("outbox", "drop", "x"),
]
WORKING += [("dead-letter", "show", "x"), ("dead-letter", "drop", "x")]


@pytest.mark.parametrize("words", LOOKING, ids=" ".join)
def test_a_command_that_finds_its_workspace_is_done(done, typed, words, monkeypatch):
    """Every command that looks leaves with 0 where nothing is wrong, no rows included."""
    monkeypatch.chdir(done)
    status, _, err = typed(*words, at=".")
    assert (status, "error:" in err) == (0, False)


@pytest.mark.parametrize("words", WORKING, ids=" ".join)
def test_without_a_workspace_a_command_says_how_to_make_one(typed, words):
    """No workspace here or above is "not found", with the command that makes one."""
    status, out, err = typed(*words)
    assert (status, out) == (4, "")
    assert is_error(err)
    assert "insights init" in err


@pytest.mark.parametrize("words", WORKING, ids=" ".join)
def test_a_named_workspace_that_is_none_is_not_found(typed, words, tmp_path):
    """A folder without settings, and one that does not exist, are told by name."""
    status, out, err = typed(*words, at=tmp_path / "nowhere")
    assert (status, out) == (4, "")
    assert is_error(err)
    assert "nowhere" in err


@pytest.mark.parametrize("words", [words for words in WORKING if words != ("check",)], ids=" ".join)
def test_broken_configuration_stops_before_any_work(fresh, typed, words):
    """All faults are told with file and line, the status is 2, and no store was made."""
    (fresh / "insights.toml").write_text(SETTINGS + "\n[digest]\nitms = 3\n")
    (fresh / "taxonomy.toml").write_text(TAXONOMY.replace("label", "lable"))
    (fresh / "ownership.toml").write_text(OWNERSHIP.replace("owner =", "ownr =", 1))
    status, out, err = typed(*words, at=fresh)
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert "hint: " in err.splitlines()[-1]
    for place in (
        "insights.toml:21: digest.itms",
        'did you mean "items"?',
        "taxonomy.toml:2",
        "topic.refund_late.lable",
        'did you mean "label"?',
        "ownership.toml:",
        "rule.0.ownr",
        'did you mean "owner"?',
    ):
        assert place in err
    assert not (fresh / "insights.db").exists()


@pytest.mark.parametrize(
    "words", [words for words in LOOKING if words[0] in {"query", "show", "topics", "issues", "outbox", "digest"}], ids=" ".join
)
def test_without_a_store_a_command_says_how_to_make_one(fresh, typed, words):
    """Looking into a workspace that was never run is "not found", and makes no store."""
    status, out, err = typed(*words, at=fresh)
    assert (status, out) == (4, "")
    assert is_error(err)
    assert not (fresh / "insights.db").exists()


UNKNOWN = [
    ("show", "nope"),
    ("explain", "0123456789abcdef"),
    ("explain", "T-9999"),
    ("explain", "ISS-000099"),
    ("topics", "show", "nope"),
    ("issues", "show", "ISS-000099"),
    ("owners", "explain", "nope"),
    ("digest", "--unit", "nope"),
    ("run", "nope"),
    ("dead-letter", "show", "nope"),
    ("dead-letter", "drop", "nope"),
    ("outbox", "retry", "nope"),
    ("outbox", "drop", "nope"),
]


@pytest.mark.parametrize("words", UNKNOWN, ids=" ".join)
def test_an_unknown_id_is_not_found(done, typed, words):
    """An id, unit, topic or pipeline that does not exist leaves with 4 and a hint."""
    status, out, err = typed(*words, at=done)
    assert (status, out) == (4, "")
    assert is_error(err)


MISUSED = [
    (),
    ("nonsense",),
    ("rn",),
    ("run", "--nope"),
    ("show",),
    ("digest",),
    ("query", "--limit", "0"),
    ("query", "--limit", "many"),
    ("query", "kid:product_issue"),
    ("query", "(refund"),
    ("query", "--columns", "colour"),
    ("query", "--group-by", "colour"),
    ("query", "--sort", "colour"),
    ("query", "--format", "xml"),
    ("query", "--output", "/nowhere/at/all.csv"),
    ("query", "--output", "."),
    ("query", "--format", "parquet"),
    ("show", "c-0", "--format", "xml"),
    ("digest", "--unit", "care", "--format", "xml"),
    ("digest", "--unit", "care", "--period", "sometime"),
    ("digest", "--unit", "care", "--period", "2026-W60"),
    ("digest", "--unit", "care", "--period", "9999-12-31"),
    ("run", "--from", "nowhere"),
    ("run", "--only", "nothing"),
    ("run", "--as-of", "yesterday"),
    ("run", "--as-of", "9999-12-31"),
    ("run", "--format", "xml"),
    ("outbox", "list", "--status", "lost"),
    ("ingest",),
    ("ingest", "nowhere.jsonl"),
    ("ingest", "calls.jsonl", "--reader", "jsnl"),
    ("ingest", "calls.jsonl", "--mapping", "nowhere.toml"),
    ("analyse", "nowhere.jsonl"),
    ("analyse", "."),
    ("redact", "nowhere.jsonl"),
    ("discover", "nowhere.jsonl"),
    ("discover", "calls.jsonl", "--topics", "1"),
    ("init", "."),
    ("demo", "."),
    ("--log-format", "xml", "check"),
    ("check", "--workspace"),
]


@pytest.mark.parametrize("words", MISUSED, ids=lambda words: " ".join(words) or "nothing")
def test_misuse_is_told_with_a_mend(done, typed, words, monkeypatch):
    """A wrong command, option, value, field or path leaves with 2 and two lines; nothing on stdout."""
    monkeypatch.chdir(done)
    status, out, err = typed(*words)
    assert (status, out) == (2, "")
    assert err.startswith("Usage: insights") if not words else is_error(err)


def test_a_fault_of_the_configuration_is_a_finding_of_check(fresh, typed):
    """Check leaves with 1 and a row a fault, for faults of reading as for those of meaning."""
    (fresh / "ownership.toml").write_text(OWNERSHIP.replace('destinations = ["out"]', 'destinations = ["outt"]'))
    status, out, _ = typed("check", at=fresh)
    assert status == 1
    (row,) = [row for row in map(json.loads, out.splitlines()) if row["level"] == "fault"]
    assert (row["file"], row["line"] > 0, "outt" in row["problem"]) == ("ownership.toml", True, True)
    (fresh / "taxonomy.toml").write_text("[topic.x\n")
    status, out, _ = typed("check", at=fresh)
    assert status == 1
    assert json.loads(out.splitlines()[0])["file"] == "taxonomy.toml"


def test_an_example_that_goes_elsewhere_is_a_finding(fresh, typed):
    """A test of the ownership file that fails leaves with 1 and says who got it."""
    (fresh / "ownership.toml").write_text(
        OWNERSHIP.replace('owner = "care"\nwhy', 'owner = "care"\nwhy').replace("[[test]]", '[unit.other]\nname = "O"\n\n[[test]]')[
            : -len('owner = "care"\n')
        ]
        + 'owner = "other"\n'
    )
    status, out, _ = typed("owners", "test", at=fresh)
    assert status == 1
    row = json.loads(out)
    assert (row["expected"], row["got"]) == ("other", "care")


@pytest.mark.parametrize("words", [("run",), ("ingest", "calls.jsonl")], ids=" ".join)
def test_records_set_aside_are_done_in_part(fresh, typed, words, monkeypatch):
    """A bad line leaves the rest stored, the status 3, and a hint where to look."""
    monkeypatch.chdir(fresh)
    with (fresh / "calls.jsonl").open("a") as handle:
        handle.write("{oops\n")
    status, out, err = typed(*words, at=".")
    assert status == 3
    assert "dead-letter list" in err
    assert json.loads(out.splitlines()[0])["set_aside"] == 1
    status, out, _ = typed("dead-letter", "list", at=".")
    assert (status, json.loads(out)["locator"]) == (0, "calls.jsonl:7")
    status, out, _ = typed("dead-letter", "show", json.loads(out)["id"], at=".")
    assert (status, json.loads(out)["reason"][:12]) == (0, "invalid JSON")


def test_a_delivery_that_fails_is_done_in_part(fresh, typed):
    """A folder that cannot be written is told, the status is 3, and the next delivery sends it."""
    (fresh / "out").write_text("a file in the way")
    status, _, err = typed("run", at=fresh)
    assert status == 3
    assert "not delivered: out: " in err
    (fresh / "out").unlink()
    status, out, _ = typed("outbox", "list", at=fresh)
    for line in out.splitlines():
        typed("outbox", "retry", json.loads(line)["key"], at=fresh)
    status, out, _ = typed("deliver", at=fresh)
    assert (status, json.loads(out)["failed"]) == (0, 0)
    assert (fresh / "out" / "index.html").is_file()


def damaged(root):
    (root / "insights.db").write_bytes(b"this is no store at all, not even nearly one" * 100)


def newer(root):
    Store.open(root / "insights.db", create=True).close()
    with contextlib.closing(sqlite3.connect(root / "insights.db")) as database:
        database.execute("PRAGMA user_version = 9999")


def foreign(root):
    with contextlib.closing(sqlite3.connect(root / "insights.db")) as database:
        database.execute("CREATE TABLE mine (x)")


@pytest.mark.parametrize("words", [("query", "refund"), ("run",), ("topics", "list"), ("outbox", "list")], ids=" ".join)
@pytest.mark.parametrize("spoil", [damaged, newer, foreign])
def test_a_store_that_cannot_be_used_is_told(fresh, typed, spoil, words):
    """A damaged, newer or foreign store leaves with 5 and says what to do."""
    spoil(fresh)
    status, out, err = typed(*words, at=fresh)
    assert (status, out) == (5, "")
    assert is_error(err)


@pytest.mark.parametrize("words", [("run",), ("ingest", "calls.jsonl"), ("dead-letter", "replay")], ids=" ".join)
def test_one_run_at_a_time(done, typed, words, monkeypatch):
    """A second run in the same workspace is refused while the first is at work."""
    from insights.flow.lock import alone

    monkeypatch.chdir(done)
    with alone(done):
        status, out, err = typed(*words, at=".")
    assert (status, out) == (5, "")
    assert is_error(err)
    assert typed(*words, at=".")[0] == 0


@pytest.mark.parametrize("fmt", ["table", "json", "ndjson", "csv", "tsv", "md"])
def test_results_come_in_every_format(done, typed, fmt):
    """The same rows in each format, on stdout; stderr stays silent."""
    status, out, err = typed("query", "refund", "--columns", "interaction,topic", "--format", fmt, at=done)
    assert (status, err) == (0, "")
    assert out.count("refund_late".replace("_", "\\_" if fmt == "md" else "_")) == 3


def test_results_go_into_a_file(done, typed, tmp_path):
    """With -o nothing is on stdout; Parquet reads back."""
    import pyarrow.parquet as pq

    for name, fmt in (("a.csv", "csv"), ("a.parquet", "parquet")):
        assert typed("query", "refund", "-f", fmt, "-o", tmp_path / name, at=done) == (0, "", "")
    assert (tmp_path / "a.csv").read_text().splitlines()[0].startswith("id,interaction,")
    assert pq.read_table(tmp_path / "a.parquet").num_rows == 3


def test_a_result_that_breaks_off_leaves_what_was_there(typed, tmp_path):
    """A file is replaced only by a whole result, and a command may write over the file it reads."""
    path = tmp_path / "in.jsonl"
    path.write_text('{"id": "1", "text": "My name is Jane Canary"}\n')
    assert typed("redact", path, "-o", path)[0] == 0
    assert json.loads(path.read_text())["turns"][0]["text"] == "My name is [NAME]"
    before = path.read_bytes()
    assert typed("redact", tmp_path / "nowhere", "-o", path)[0] == 2
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["in.jsonl"]


def test_quiet_keeps_results_and_errors(fresh, typed):
    """--quiet, anywhere on the line, silences talk; rows and errors stay."""
    status, out, err = typed("run", "--quiet", at=fresh)
    assert (status, err, len(out.splitlines())) == (0, "", 7)
    status, _, err = typed("show", "nope", "-q", at=fresh)
    assert (status, is_error(err)) == (4, True)


def test_debug_shows_the_traceback(done, capsys):
    """--debug shows where an error came from, and the two lines still end it."""
    assert run(["--debug", "--workspace", str(done), "show", "nope"]) == 4
    err = capsys.readouterr().err
    assert err.startswith("Traceback")
    assert is_error(err[err.index("\nerror: ") + 1 :])


@pytest.mark.parametrize("words", [("show", "nope"), ("nonsense",), ("run", "--nope")], ids=" ".join)
def test_stderr_talks_json_where_asked(done, typed, words):
    """--log-format json makes every line of stderr an object, of an error with its hint."""
    status, _, err = typed(*words, "--log-format", "json", at=done)
    (told,) = [json.loads(line) for line in err.splitlines()]
    assert status in {2, 4}
    assert (told["level"], bool(told["message"]), bool(told["hint"])) == ("error", True, True)


def test_the_summary_talks_json_where_asked(fresh, typed):
    """What a run tells is an object a line as well."""
    _, _, err = typed("--log-format=json", "run", at=fresh)
    assert [json.loads(line)["level"] for line in err.splitlines()]


def test_what_is_unforeseen_is_one_line(done, typed, monkeypatch):
    """An error nobody thought of is told by its kind, without its message: it might hold a customer's words."""

    def broken(*_):
        raise ZeroDivisionError("my card is 4111")

    monkeypatch.setattr(Store, "topics", broken)
    status, out, err = typed("topics", "list", at=done)
    assert (status, out, is_error(err)) == (2, "", True)
    assert "ZeroDivisionError" in err
    assert "4111" not in err


def test_a_refusal_of_the_system_is_told(done, typed, monkeypatch):
    """A disk that is full in the middle is told as the system tells it."""

    def full(*_):
        raise OSError(28, "No space left on device", "/some/file")

    monkeypatch.setattr(Store, "topics", full)
    status, _, err = typed("topics", "list", at=done)
    assert (status, is_error(err)) == (2, True)
    assert "/some/file: no space left on device" in err


def test_ctrl_c_is_told_and_leaves_with_130(done, typed, monkeypatch):
    """An interrupted command says that the same command goes on."""

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Store, "topics", interrupted)
    status, out, err = typed("topics", "list", at=done)
    assert (status, out) == (130, "")
    assert err.startswith("interrupted")


@pytest.mark.parametrize("quote", ["\x1b[31mred", "\x9b31m", "over\u202eturned", "bell\x07"])
def test_no_text_steers_the_terminal(done, typed, monkeypatch, quote):
    """Control characters in what a file holds reach no table, no message and no separated value."""
    monkeypatch.setattr(Store, "search", lambda *_, **__: [{"id": "1", "quote": quote}])
    for fmt in ("table", "csv", "tsv", "md"):
        _, out, _ = typed("query", "--columns", "id,quote", "-f", fmt, at=done)
        assert not any(sign in out for sign in "\x1b\x9b\u202e\x07")
    _, _, err = typed("show", quote, at=done)
    assert not any(sign in err for sign in "\x1b\x9b\u202e\x07")


def started(*words, cwd, **more):
    env = {key: value for key, value in os.environ.items() if key != "INSIGHTS_WORKSPACE"}
    return subprocess.Popen(
        [sys.executable, "-m", "insights", *words], cwd=cwd, env=env | more.pop("env", {}), stderr=subprocess.PIPE, **more
    )


def test_a_closed_pipe_ends_quietly(done):
    """Whoever has read enough hears no complaint, and the status is 0."""
    rows = "\n".join(json.dumps({"id": str(n), "text": "hello there"}) for n in range(4000))
    (done / "many.jsonl").write_text(rows)
    process = started("redact", "many.jsonl", cwd=done, stdout=subprocess.PIPE)
    process.stdout.readline()
    process.stdout.close()
    _, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_under_stdout_is_told(done):
    """A result that cannot be written is an error, not a success."""
    with Path("/dev/full").open("wb") as full:
        process = started("owners", "list", cwd=done, stdout=full)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert is_error(err.decode())


def test_output_is_utf8_whatever_the_terminal_says(done):
    """A terminal of another encoding gets UTF-8, never a UnicodeEncodeError."""
    (done / "odd.jsonl").write_text('{"id": "1", "text": "caf\u00e9 \U0001f926"}\n', encoding="utf-8")
    process = started("redact", "odd.jsonl", cwd=done, stdout=subprocess.PIPE, env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert json.loads(out.decode("utf-8"))["turns"][0]["text"] == "caf\u00e9 \U0001f926"


def test_standard_input_is_read_like_a_file(done):
    """A dash reads stdin, by any reader; ids and messages call it stdin, and what is bad leaves with 3."""
    content = b'{"text": "no id"}\n{"id": "7", "text": "I am still waiting for my refund."}\n'
    process = started("analyse", "-", cwd=done, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    out, err = process.communicate(content, timeout=120)
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["7"]
    assert (process.returncode, err.decode()) == (3, "set aside stdin:1: no id\n")


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def _heed_ctrl_c():
    """A test run in the background is deaf to Ctrl-C, and so would be what it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_in_a_pool_shows_no_traceback(tmp_path):
    """Ctrl-C reaches all processes of a run; only one line is said, and the next run ends the work."""
    root = workspace(tmp_path / "w")
    (root / "insights.toml").write_text(SETTINGS.replace("workers = 1", "workers = 2"))
    records = [{"id": str(n), "text": f"Still waiting for my refund, call {n}. " * 20} for n in range(3000)]
    (root / "calls.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    process = started("run", cwd=root, stdout=subprocess.PIPE, start_new_session=True, preexec_fn=_heed_ctrl_c)
    while not (root / "insights.db-wal").exists():
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=120)
    # Python itself may leave by the signal where it was importing something; a shell shows 130 for either.
    assert process.returncode in {130, -signal.SIGINT}
    assert (out, err.decode()) == (b"", "interrupted; start the same command again and it goes on where it stopped\n")
    assert load(root).store_path.is_file()
