"""Digests as files: whole, safely named, the same when written again, and linked from an index."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st
from sent_message import folder, message, no_secret

from insights.domain import Message
from insights.errors import DeliveryError
from insights.senders import folder as sender


def deliver(root: Path, item: Message | None = None) -> str:
    return sender.send(item or message(), folder(), root=root, secret=no_secret)


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_four_renderings_and_an_index_are_written(tmp_path: Path) -> None:
    """A digest lies in its unit's folder under its period, in every rendering, and nothing half-written stays."""
    assert deliver(tmp_path) == "billing/2026-W40.html"
    written = files(tmp_path / "out")
    assert sorted(written) == [
        "billing/2026-W40.html",
        "billing/2026-W40.json",
        "billing/2026-W40.md",
        "billing/2026-W40.txt",
        "index.html",
    ]
    assert written["billing/2026-W40.html"].decode() == message().html
    assert written["billing/2026-W40.txt"].decode() == message().text


def test_writing_again_changes_no_file(tmp_path: Path) -> None:
    """The same message a second time leaves bytes and times of change as they are."""
    deliver(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")}
    deliver(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")} == before


def test_a_revised_digest_replaces_the_former(tmp_path: Path) -> None:
    """Another digest of the same period takes the place of the one before."""
    deliver(tmp_path)
    deliver(tmp_path, message(html="<p>revised</p>"))
    assert (tmp_path / "out/billing/2026-W40.html").read_text() == "<p>revised</p>"


@pytest.mark.parametrize(
    ("unit", "period"),
    [
        ("../../etc", "2026-W40"),
        ("billing", "../../../passwd"),
        ("/etc", "/etc/passwd"),
        ("..", "."),
        ("a\0b", "2026\n"),
        ("CON", "nul"),
        ("x" * 300, "y" * 300),
        (".hidden", "-rf"),
        ("Ünit", "週"),
        ("", ""),
    ],
)
def test_no_name_leaves_the_folder(tmp_path: Path, unit: str, period: str) -> None:
    """Whatever a unit or period is called, its files lie one level below the folder and nowhere else."""
    root = tmp_path / "workspace"
    place = deliver(root, message(unit_id=unit, period=period))
    assert [path.name for path in tmp_path.iterdir()] == ["workspace"]
    written = [name for name in files(root / "out") if name != "index.html"]
    assert len(written) == 4
    assert place in written
    assert all(name.count("/") == 1 and not name.startswith(".") for name in written)


@settings(derandomize=True, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_file_names_are_safe_and_distinct(one: str, other: str) -> None:
    """Names are plain ASCII without separators, and two different ids never share one."""
    name = sender.file_name(one)
    assert name.isascii()
    assert not set(name) & set('/\\:*?"<>|. \0')
    assert 1 <= len(name) <= 64
    assert (name == sender.file_name(other)) == (one == other)


def test_the_index_lists_units_by_name_and_the_newest_period_first(tmp_path: Path) -> None:
    """The index links every digest of the folder with its headline."""
    for week, start in (("2026-W39", "2026-09-21"), ("2026-W40", "2026-09-28")):
        for unit, name in (("sales", "Sales"), ("billing", "Billing")):
            content = json.loads(message().json)
            content |= {"unit": {"id": unit, "name": name}, "period": {"label": week, "start": start + "T00:00:00Z"}}
            deliver(tmp_path, message(unit_id=unit, period=week, json=json.dumps(content)))
    page = BeautifulSoup((tmp_path / "out/index.html").read_bytes(), "html.parser")
    assert [heading.text for heading in page.find_all("h2")] == ["Billing", "Sales"]
    links = [link["href"] for link in page.select("p.period a")]
    assert links == ["billing/2026-W40.html", "billing/2026-W39.html", "sales/2026-W40.html", "sales/2026-W39.html"]
    assert all((tmp_path / "out" / link["href"]).is_file() for link in page.find_all("a"))
    assert page.html["lang"] == "en"


def test_the_index_escapes_what_it_shows(tmp_path: Path) -> None:
    """Markup in a unit's name or a headline adds no element to the index."""
    content = json.loads(message().json)
    content["headline"] = content["unit"]["name"] = "<script>alert(1)</script>\u202e\"'><img src=x onerror=alert(1)>"
    deliver(tmp_path)
    plain = BeautifulSoup((tmp_path / "out/index.html").read_bytes(), "html.parser")
    deliver(tmp_path, message(json=json.dumps(content)))
    hostile = BeautifulSoup((tmp_path / "out/index.html").read_bytes(), "html.parser")
    assert [tag.name for tag in hostile.find_all()] == [tag.name for tag in plain.find_all()]
    assert [sorted(tag.attrs) for tag in hostile.find_all()] == [sorted(tag.attrs) for tag in plain.find_all()]
    assert "\u202e" not in str(hostile)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"schema": 1}', '{"schema": "insights.digest/1", "unit": 3}', "[" * 100_000])
def test_files_that_are_no_digest_are_passed_by(tmp_path: Path, content: str) -> None:
    """A foreign or broken file in the folder costs nothing but itself."""
    deliver(tmp_path)
    before = (tmp_path / "out/index.html").read_bytes()
    (tmp_path / "out/billing/2026-W41.json").write_text(content)
    (tmp_path / "out/billing/2026-W41.html").write_text("")
    deliver(tmp_path)
    assert (tmp_path / "out/index.html").read_bytes() == before


def test_a_failed_write_leaves_the_former_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk fails in the middle, the former digest stays and no part file is left; another attempt may succeed."""
    deliver(tmp_path)
    before = files(tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DeliveryError, match="No space left") as caught:
        deliver(tmp_path, message(html="new", json="{}", markdown="new", text="new"))
    assert not caught.value.permanent
    assert files(tmp_path) == before


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    """A path that cannot be a folder is an error with a hint, not a traceback."""
    (tmp_path / "out").write_text("")
    with pytest.raises(DeliveryError) as caught:
        deliver(tmp_path)
    assert "folder out" in caught.value.problem
    assert caught.value.hint


def test_lone_surrogates_do_not_stop_a_digest(tmp_path: Path) -> None:
    """Half a character of a customer is replaced, and the digest is delivered."""
    deliver(tmp_path, replace(message(), html="<p>\ud83d</p>"))
    assert (tmp_path / "out/billing/2026-W40.html").read_text() == "<p>?</p>"
