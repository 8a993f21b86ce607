"""Workspaces made from what is shipped: whole or not at all, and never over something else."""

import pytest

from insights.config.load import load, load_pipeline
from insights.errors import UsageError
from insights.flow import demo as flow
from insights.flow.check import check_workspace
from insights.flow.ingest import configured_feeds


def test_the_sample_is_made_and_used_again(tmp_path):
    """The sample company's workspace is in order; a second call gives the same folder and touches nothing."""
    root = flow.make_demo(tmp_path / "demo")
    loaded = load(root)
    assert len(configured_feeds(loaded)) == 5
    assert load_pipeline(root, "daily").steps[0] == "ingest"
    (root / "mine.txt").write_text("a note")
    assert flow.make_demo(tmp_path / "demo") == root
    assert (root / "mine.txt").read_text() == "a note"


@pytest.mark.parametrize("make", [flow.make_demo, flow.make_workspace])
def test_a_folder_in_use_is_left_alone(tmp_path, make):
    """A folder with other things, another workspace, or a file of that name is refused."""
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "x").write_text("x")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "insights.toml").write_text("")
    (tmp_path / "file").write_text("x")
    for name in ("used", "other", "file"):
        with pytest.raises(UsageError):
            make(tmp_path / name)
    assert [path.name for path in (tmp_path / "used").iterdir()] == ["x"]


@pytest.mark.parametrize("make", [flow.make_demo, flow.make_workspace])
def test_copying_that_breaks_off_leaves_nothing(tmp_path, make, monkeypatch):
    """A full disk in the middle leaves no half workspace behind that the next call would take for a whole one."""
    real, copied = flow._copy, []

    def breaking(source, target):
        if len(copied) == 2:
            raise OSError(28, "No space left on device")
        copied.append(target)
        real(source, target)

    monkeypatch.setattr(flow, "_copy", breaking)
    with pytest.raises(UsageError, match="No space left"):
        make(tmp_path / "w")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(flow, "_copy", real)
    make(tmp_path / "w")
    assert (tmp_path / "w" / "insights.toml").is_file()


def test_an_empty_workspace_is_in_order(tmp_path):
    """What a newcomer gets passes its own check, in a new folder as in an empty one."""
    (tmp_path / "empty").mkdir()
    for name in ("new", "empty", "deep/er"):
        made = flow.make_workspace(tmp_path / name)
        assert {path.name for path in made} >= {"insights.toml", "taxonomy.toml", "ownership.toml", "daily.toml"}
        assert check_workspace(load(tmp_path / name)) == []
