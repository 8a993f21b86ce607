"""Pipelines: unchanged steps are skipped, the same run gives the same bytes, a killed run loses and doubles nothing."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from small_company import RECEIVED, SETTINGS, company, contact, content, lines, no_secret, opened, ran

from insights.config.load import load, load_pipeline
from insights.errors import UsageError
from insights.flow.pipeline import Order, run
from insights.store import Store

STEPS = ["ingest", "analyse", "discover", "route", "track", "digest", "deliver"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The small company after one run, with its report; tests that change it take a workspace of their own."""
    root = company(tmp_path_factory.mktemp("finished") / "w")
    return root, ran(root)


def stored(root):
    with Store.open(load(root).store_path, read_only=True) as store:
        return content(store)


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def worked(report):
    return [step.step for step in report.steps if not step.unchanged and step.step not in {"ingest", "deliver"}]


def test_a_run_takes_every_step_and_its_counts_add_up(finished):
    """What comes out of a step is what the store holds, and every insight found has one owner."""
    root, report = finished
    assert [step.step for step in report.steps] == STEPS
    assert report.counts.read == report.counts.stored == 36
    by_step = {step.step: step for step in report.steps}
    with Store.open(load(root).store_path, read_only=True) as store:
        counts = store.counts()
        assert counts["interactions"] == by_step["ingest"].given == by_step["analyse"].taken
        assert counts["insights"] == by_step["analyse"].given == by_step["route"].taken > 0
        owners = store.rows("SELECT insight, sum(owns) FROM route GROUP BY insight")
        assert [owns for _, owns in owners] == [1] * counts["insights"]
    assert by_step["digest"].given == by_step["deliver"].given == 3
    assert {path.name for path in (root / "out").iterdir()} == {"care", "hub", "refunds", "index.html"}


def test_the_run_is_noted_with_what_it_was_made_from(finished):
    """The manifest holds a hash of every input, of the configuration and of the models, and the run is done."""
    root, report = finished
    with Store.open(load(root).store_path, read_only=True) as store:
        (noted,) = store.runs()
    assert (noted.id, noted.pipeline, noted.status) == (report.run_id, "daily", "done")
    assert {name.split()[0] for name in noted.manifest} == {"version", "configuration", "model", "input"}
    assert [step.step for step in noted.steps] == STEPS


def test_a_second_run_has_nothing_to_do(tmp_path):
    """Unchanged steps are skipped, nothing is stored or sent, and no file changes a byte."""
    root = company(tmp_path / "w")
    first = ran(root)
    before, files = stored(root), files_of(root / "out")
    second = ran(root, received_at=RECEIVED + timedelta(hours=2))
    assert (first.run_id, first.as_of) == (second.run_id, second.as_of)
    assert worked(second) == []
    assert (second.counts.unchanged, second.steps[-1].taken) == (36, 0)
    assert stored(root) == before
    assert files_of(root / "out") == files


def test_two_workspaces_give_the_same_bytes(finished, tmp_path):
    """The same input, configuration and seed elsewhere: the same digests, byte for byte."""
    root, _ = finished
    other = company(tmp_path / "elsewhere")
    (other / ".insights.key").write_bytes((root / ".insights.key").read_bytes())
    (other / ".insights.key").chmod(0o600)
    ran(other)
    assert files_of(other / "out") == files_of(root / "out")
    assert stored(other) == stored(root)


def test_new_data_make_the_steps_work_again(tmp_path):
    """A new file is read, only its contacts are analysed, and the digests are made anew."""
    root = company(tmp_path / "w", settings=SETTINGS.replace("calls.jsonl", "*.jsonl"))
    ran(root)
    (root / "data" / "more.jsonl").write_text(lines(map(contact, range(36, 38))))
    report = ran(root)
    assert (report.counts.stored, report.counts.unchanged) == (2, 36)
    assert {step.step: step.taken for step in report.steps}["analyse"] == 2
    assert set(worked(report)) >= {"analyse", "route", "track", "digest"}


@pytest.mark.parametrize(
    ("file", "old", "new", "again"),
    [
        ("taxonomy.toml", "wifi drops", "wifi is gone", {"analyse", "route"}),
        ("ownership.toml", 'owner = "hub"', 'owner = "care"', {"route", "digest"}),
        ("insights.toml", "workers = 1", "workers = 1\nreview_margin = 0.4", {"analyse"}),
        ("insights.toml", "[discover]", "[digest]\nitems = 2\n\n[discover]", {"digest"}),
    ],
)
def test_changed_configuration_makes_the_steps_work_again(tmp_path, file, old, new, again):
    """What decides in a step is part of what it was made from: a change there is not overlooked."""
    root = company(tmp_path / "w", 12)
    ran(root)
    text = (root / file).read_text()
    assert old in text
    (root / file).write_text(text.replace(old, new))
    assert again <= set(worked(ran(root)))


def test_an_edited_record_takes_its_insights_along(tmp_path):
    """The same id with other words leaves nothing of what was found in the old ones, in no digest either."""
    root = company(tmp_path / "w", 8)
    ran(root)
    contacts = [contact(number, "All is well, thank you.") for number in range(8)]
    (root / "data" / "calls.jsonl").write_text(lines(contacts))
    report = ran(root)
    assert report.counts.replaced == 8
    with Store.open(load(root).store_path, read_only=True) as store:
        assert store.rows("SELECT count(*) FROM insight WHERE topic IS NOT NULL") == [(0,)]
        assert store.value("SELECT count(*) FROM route WHERE insight NOT IN (SELECT seq FROM insight)") == 0


@pytest.mark.parametrize(
    ("asked", "steps"),
    [({"start": "track"}, STEPS[4:]), ({"only": "route"}, ["route"]), ({"only": "ingest"}, ["ingest"]), ({"start": "ingest"}, STEPS)],
)
def test_a_part_of_a_pipeline(tmp_path, asked, steps):
    """--from begins with a step, --only runs one."""
    assert [step.step for step in ran(company(tmp_path / "w", 4), **asked).steps] == steps


@pytest.mark.parametrize("asked", [{"start": "routes"}, {"only": "nothing"}])
def test_an_unknown_step_stops_before_any_work(tmp_path, asked):
    """A step the pipeline does not have is refused with the nearest one, and nothing is stored."""
    root = company(tmp_path / "w", 4)
    with pytest.raises(UsageError) as caught:
        ran(root, **asked)
    assert caught.value.hint
    assert all(rows == [] for _, rows in stored(root))


def test_as_of_speaks_of_that_day(tmp_path):
    """The digest of an earlier day is that of the week before it and knows nothing later."""
    root = company(tmp_path / "w")
    report = ran(root, as_of=datetime(2026, 3, 16, 12, tzinfo=UTC))
    assert report.as_of == datetime(2026, 3, 17, 0, tzinfo=UTC)
    assert {path.name for path in (root / "out" / "hub").iterdir()} == {f"2026-W11.{ending}" for ending in ("html", "md", "txt", "json")}


@pytest.mark.parametrize(
    ("days", "as_of"), [(0, RECEIVED), (90, datetime(2026, 3, 28, tzinfo=UTC))], ids=["a live feed", "an archive read long after"]
)
def test_without_a_day_a_run_speaks_of_the_newest_data(tmp_path, days, as_of):
    """A live feed speaks as of its newest receipt, an archive as of the end of its last day."""
    root = company(tmp_path / "w")
    assert ran(root, only="ingest", received_at=RECEIVED + timedelta(days=days)).as_of == as_of


def test_an_archive_speaks_of_the_day_of_its_newest_contact(tmp_path):
    """Contacts received long after they began are an archive: the run speaks of their last day, not of the day they were read."""
    report = ran(company(tmp_path / "w"), received_at=RECEIVED + timedelta(days=400))
    assert report.as_of == datetime(2026, 3, 28, tzinfo=UTC)


def test_a_failed_record_is_counted_in_its_step(tmp_path):
    """Records set aside stand in the counts of the step, and the run goes on."""
    root = company(tmp_path / "w", 4)
    with (root / "data" / "calls.jsonl").open("a") as handle:
        handle.write("{oops\n")
    report = ran(root)
    assert (report.counts.read, report.counts.stored, report.counts.set_aside) == (5, 4, 1)
    assert report.steps[0].set_aside == 1


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from small_company import RECEIVED, daily, no_secret, opened
from insights.flow import analyse, ingest
from insights.flow.pipeline import Order, run
from pathlib import Path

ingest.BATCH = analyse.BATCH = 5
step, count = sys.argv[3], int(sys.argv[4])
seen = 0

def progress(name, done, total):
    global seen
    seen += name.startswith(step)
    if seen == count:
        os.kill(os.getpid(), signal.SIGKILL)

loaded, store = opened(Path(sys.argv[2]))
with store:
    run(loaded, store, daily(loaded), Order(received_at=RECEIVED), secret=no_secret, progress=progress)
"""


@pytest.mark.parametrize(("step", "count"), [("ingest", 3), ("analyse", 4), ("route", 1), ("digest", 2), ("deliver", 1)])
def test_a_killed_run_is_taken_up_and_ends_the_same(finished, tmp_path, step, count):
    """Killed in the middle of any step and started again, a run leaves the store and the files of one that was never interrupted."""
    whole, _ = finished
    root = company(tmp_path / "w")
    (root / ".insights.key").write_bytes((whole / ".insights.key").read_bytes())
    (root / ".insights.key").chmod(0o600)
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    died = subprocess.run(
        [sys.executable, str(script), str(Path(__file__).parent), str(root), step, str(count)], env=os.environ, check=False
    )
    assert died.returncode == -signal.SIGKILL
    # A delivery the dead process held is let go of ten minutes later.
    ran(root, received_at=RECEIVED + timedelta(minutes=11))
    held, expected = dict(stored(root)), dict(stored(whole))
    times = {"interaction"}
    assert {name: rows for name, rows in held.items() if name not in times} == {
        name: rows for name, rows in expected.items() if name not in times
    }
    assert len(held["interaction"]) == len(expected["interaction"])
    assert files_of(root / "out") == files_of(whole / "out")


def test_a_pipeline_of_its_own_runs_its_steps(tmp_path):
    """A declared pipeline with other steps runs those, over what is stored."""
    root = company(tmp_path / "w", 4)
    ran(root)
    (root / "pipelines" / "again.toml").write_text('name = "again"\nsteps = ["route", "digest"]\nperiods = 3\n')
    loaded, store = opened(root)
    with store:
        report = run(loaded, store, load_pipeline(root, "again"), Order(received_at=RECEIVED), secret=no_secret)
    assert [step.step for step in report.steps] == ["route", "digest"]
    assert report.steps[1].given == 9
