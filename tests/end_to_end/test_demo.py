"""The main job on the sample company: half a year of contacts in, a digest a unit out, every line proven, every story told."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from insights.config.load import Loaded, load
from insights.domain import Decision, Role, Visibility
from insights.flow.digest import one_digest
from insights.store import Store
from insights.store.schema import TURN_BITS

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
STORIES = tomllib.loads((SAMPLE / "stories.toml").read_text(encoding="utf-8"))["story"]
TELLINGS = [(story, tell) for story in STORIES for tell in story["tell"]]
GOLD = [json.loads(line) for line in (SAMPLE / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
# What a topic nobody declared is recognised by.
WORDS_OF_STORY = {"subtitles_unnamed": re.compile(r"subtitle|caption", re.IGNORECASE)}
STEPS = ["ingest", "analyse", "discover", "route", "track", "digest", "deliver"]


def demo(folder: Path) -> list[dict[str, Any]]:
    """Runs ``insights demo`` as a person would; returns the rows of its steps."""
    command = [sys.executable, "-m", "insights", "demo", folder.name]
    done = subprocess.run(command, cwd=folder.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """The sample workspace after its first run, made once for this file."""
    root = tmp_path_factory.mktemp("sample") / "company"
    return root, demo(root)


@pytest.fixture(scope="module")
def loaded(company: tuple[Path, list[dict[str, Any]]]) -> Loaded:
    """Its configuration."""
    return load(company[0])


@pytest.fixture(scope="module")
def store(loaded: Loaded) -> Iterator[Store]:
    """Its store, to be looked at."""
    with Store.open(loaded.store_path, read_only=True) as opened:
        yield opened


def test_the_counts_reconcile(company: tuple[Path, list[dict[str, Any]]], store: Store) -> None:
    """Every record of the files is stored or skipped with a reason, and each step hands on what the one before it found."""
    steps = {row["step"]: row for row in company[1]}
    assert list(steps) == STEPS
    received, held = store.received(), store.counts()
    assert received.read == steps["ingest"]["in"] == received.stored + received.skipped
    assert received.set_aside == held["dead_letters"] == 0
    assert held["interactions"] == received.stored == len(GOLD) == steps["analyse"]["in"]
    assert held["insights"] == steps["analyse"]["out"] == steps["route"]["in"] == steps["route"]["out"]
    assert steps["digest"]["out"] == steps["deliver"]["in"] == steps["deliver"]["out"]
    assert not any(row["set_aside"] for row in steps.values())


def test_every_insight_has_one_owner_that_is_a_unit(store: Store, loaded: Loaded) -> None:
    """None is lost, none is owned twice, and each route says by which rule and why."""
    rows = store.rows(
        "SELECT n.seq, r.unit, r.rule, r.why FROM insight n LEFT JOIN route r ON r.insight = n.seq AND r.owns WHERE n.decision = 'yes'"
    )
    assert len(rows) == len({seq for seq, *_ in rows}) == store.counts()["insights"]
    assert {unit for _, unit, *_ in rows} <= {*loaded.ownership.unit, loaded.ownership.triage}
    assert all(rule and why for *_, rule, why in rows)


def test_all_evidence_is_verbatim(store: Store) -> None:
    """Every quote of every stored insight stands at its offsets in a stored turn, and is no word of a machine."""
    quotes = 0
    for (interaction_id,) in store.rows("SELECT id FROM interaction ORDER BY seq"):
        interaction = store.interaction(interaction_id)
        for insight in store.insights_of(interaction_id):
            assert insight.evidence
            for evidence in (*insight.evidence, *(vote.evidence for vote in insight.votes)):
                turn = interaction.turns[evidence.turn]
                assert 0 <= evidence.start < evidence.end <= len(turn.text)
                assert evidence.quote == turn.text[evidence.start : evidence.end]
                assert evidence.quote.strip()
            for evidence in insight.evidence:
                assert interaction.turns[evidence.turn].role not in {Role.BOT, Role.SYSTEM}
                quotes += 1
            assert insight.decision in Decision
    assert quotes >= store.counts()["insights"] + store.counts()["undecided"] > 3000


def test_no_card_number_and_no_address_of_mail_is_left(company: tuple[Path, list[dict[str, Any]]], store: Store) -> None:
    """What the generator planted is in no byte of the store and of no file that went out; only the ids of mails look like addresses."""
    root, _ = company
    planted = {item["text"] for line in GOLD for item in line["personal"] if item["type"] in {"EMAIL", "CARD", "IBAN"}}
    assert len(planted) > 300
    written = [path for path in root.rglob("*") if path.is_file() and (path.name.startswith("insights.db") or "out" in path.parts)]
    assert len(written) > 40
    for path in written:
        content = path.read_bytes().decode("utf-8", errors="replace").lower()
        assert [text for text in planted if text.lower() in content] == [], path.name
    addresses = {found.lower() for found in re.findall(r"[\w.+-]+@[\w.-]+\w", (root / "data" / "emails.mbox").read_text(encoding="utf-8"))}
    ids = {reference.strip("<>").lower() for (reference,) in store.rows("SELECT source_ref FROM interaction")}
    customers = {address for address in addresses if address.endswith((".com", ".net")) and address not in ids}
    assert len(customers) > 100
    held = (root / "insights.db").read_bytes().decode("utf-8", errors="replace").lower()
    assert [address for address in customers if address in held] == []


def test_planted_names_and_numbers_are_hardly_ever_left(store: Store) -> None:
    """Of the names, telephone numbers and addresses people gave, at most three in a hundred can still be read in their contact."""
    texts: dict[tuple[str, str], str] = {}
    sql = "SELECT i.source, i.source_ref, t.text FROM turn t JOIN interaction i ON i.seq = t.id >> ? ORDER BY t.id"
    for source, reference, text in store.rows(sql, (TURN_BITS,)):
        texts[source, reference] = texts.get((source, reference), "") + "\n" + text
    personal = [(item, texts[line["source"], line["id"]]) for line in GOLD for item in line["personal"]]
    left = [item["text"] for item, held in personal if item["text"] in held]
    assert len(personal) > 3000
    assert len(left) <= 0.03 * len(personal), f"{len(left)} of {len(personal)}: {left[:20]}"


def test_every_unit_has_its_digest(company: tuple[Path, list[dict[str, Any]]], loaded: Loaded) -> None:
    """Each unit's newest week stands in the folder in four renderings, the pages need nothing from elsewhere, and the index lists them."""
    out = company[0] / "out"
    index = (out / "index.html").read_text(encoding="utf-8")
    for unit, rule in loaded.ownership.unit.items():
        files = sorted((out / unit).glob("2026-W35.*")) if rule.cadence == "weekly" else sorted((out / unit).iterdir())
        assert {path.suffix for path in files} == {".html", ".md", ".txt", ".json"}, unit
        page = next(path for path in files if path.suffix == ".html")
        assert f"{unit}/{page.name}" in index
        assert not re.search(r"<script|src=|href=\"http", page.read_text(encoding="utf-8"))


def test_every_line_of_every_digest_is_proven(company: tuple[Path, list[dict[str, Any]]], store: Store) -> None:
    """Each topic told has quotes that are a stored turn's own words, with the id of their contact; a fixed one may have fallen silent."""
    lines = 0
    for path in sorted((company[0] / "out").glob("*/*.json")):
        digest = json.loads(path.read_text(encoding="utf-8"))
        for section in digest["sections"]:
            for line in section["lines"]:
                lines += 1
                assert line["quotes"] or line["now"]["count"] == 0
                assert line["reason"]
                for quote in line["quotes"]:
                    interaction = store.interaction(quote["interaction_id"])
                    assert interaction.source_ref == quote["source_ref"]
                    assert any(quote["text"] in turn.text for turn in interaction.turns)
                    if digest["unit"]["customer_facing"]:
                        assert quote["visibility"] == Visibility.PUBLIC
    assert lines > 20


def test_the_same_again_changes_nothing(company: tuple[Path, list[dict[str, Any]]], store: Store) -> None:
    """A second run stores nothing, sends nothing, and leaves every file as it is, byte for byte."""
    root, _ = company

    def files() -> dict[str, bytes]:
        return {str(path.relative_to(root)): path.read_bytes() for path in sorted((root / "out").rglob("*")) if path.is_file()}

    before, held = files(), store.counts()
    steps = {row["step"]: row for row in demo(root)}
    assert steps["ingest"]["out"] == steps["deliver"]["in"] == 0
    assert [name for name in STEPS[1:-1] if steps[name]["note"] != "nothing new"] == []
    assert store.counts() == held
    assert files() == before


def sections_of(loaded: Loaded, store: Store, unit: str, week: str) -> dict[str, list[dict[str, Any]]]:
    """Section to its lines, of one unit's digest of a week."""
    digest = json.loads(one_digest(loaded, store, unit, week, format="json"))
    return {section["key"]: section["lines"] for section in digest["sections"]}


def tells(story: dict[str, Any], line: dict[str, Any], store: Store) -> bool:
    """Whether a line of a digest is about a story: its declared topic, or a discovered one of its words."""
    if "topic" in story:
        return str(line["topic"]) in {store.topic(story["topic"]).id, story["topic"]}
    words = WORDS_OF_STORY[story["key"]]
    topic = store.topic(line["topic"])
    return not topic.key and bool(words.search(" ".join((topic.label, *topic.keywords))))


@pytest.mark.parametrize(("story", "tell"), TELLINGS, ids=[f"{story['key']}-{tell['unit']}-{tell['week']}" for story, tell in TELLINGS])
def test_a_story_is_told(loaded: Loaded, store: Store, story: dict[str, Any], tell: dict[str, Any]) -> None:
    """The unit's digest of the week has the story's topic in the section where the sheet expects it."""
    sections = sections_of(loaded, store, tell["unit"], tell["week"])
    told = {key for key, lines in sections.items() if any(tells(story, line, store) for line in lines)}
    shown = {key: [line["label"] for line in lines] for key, lines in sections.items()}
    assert told & set(tell["section"]), f"told in {sorted(told) or 'no section'}; the digest shows {shown}"


def test_the_fix_that_worked_is_verified(loaded: Loaded, store: Store) -> None:
    """Eight weeks after the refund process was mended, the digest says so with its verdict and the fallen rate."""
    lines = sections_of(loaded, store, "refunds", "2026-W34").get("fixed", [])
    told = [line for line in lines if line["topic"] == store.topic("refund_late").id]
    assert told
    assert "verified" in told[0]["note"]
    before, now = told[0]["series"][0], told[0]["now"]["per_1000"]
    assert now < before / 2


def test_a_jump_of_all_contacts_is_no_news(loaded: Loaded, store: Store) -> None:
    """In the week in which all contacts rise by half, late refunds are not said to grow: their rate does not."""
    sections = sections_of(loaded, store, "refunds", "2026-W31")
    refunds = store.topic("refund_late").id
    assert refunds not in [line["topic"] for key in ("new", "growing") for line in sections.get(key, [])]
