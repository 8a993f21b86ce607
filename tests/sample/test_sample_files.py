"""The sample company's files: reproducible, complete, read by the engine's own readers, invented throughout."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sample_company import ROOT, SAMPLE, gold, interactions, readings, skipped, week_of, workspace

from insights.classify.taxonomy import check_taxonomy, compile_taxonomy
from insights.config.models import Pipeline
from insights.config.toml import read_toml
from insights.domain import Interaction, Role, Skipped, Visibility
from insights.route import check_ownership

FILES = ("data/calls.jsonl", "data/chats.csv", "data/emails.mbox", "data/tickets.xlsx", "gold.jsonl")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the generator writes today."""
    folder = tmp_path_factory.mktemp("sample")
    subprocess.run([sys.executable, str(SAMPLE / "generate.py"), "--out", str(folder)], check=True, capture_output=True, timeout=120)
    return folder


@pytest.mark.parametrize("name", FILES)
def test_the_generator_reproduces_the_committed_bytes(made: Path, name: str) -> None:
    """The same seed gives the same bytes."""
    assert (made / name).read_bytes() == (SAMPLE / name).read_bytes()


def test_the_generator_reproduces_the_notes(made: Path) -> None:
    """The Parquet file holds the same rows; its bytes also depend on the version of the library that wrote it."""
    import pyarrow.parquet as pq

    assert pq.read_table(made / "data/notes.parquet").equals(pq.read_table(SAMPLE / "data/notes.parquet"))


def test_every_contact_is_read_once_and_nothing_is_set_aside() -> None:
    """The readers find exactly the contacts of the gold file, and skip the auto-replies and bounces."""
    assert all(isinstance(found, Interaction | Skipped) for _, found in readings())
    assert {(line["source"], line["id"]) for line in gold()} == set(interactions())
    assert len(skipped()) == 22


def test_ids_are_unique() -> None:
    """No two contacts share source and id."""
    assert len({(line["source"], line["id"]) for line in gold()}) == len(gold())


def test_there_are_about_six_thousand_contacts_in_the_channels_promised() -> None:
    """Counts a channel stay near their share of 6,000."""
    counts = Counter(line["channel"] for line in gold())
    assert 5_800 <= len(gold()) <= 6_200
    for channel, share in {"call": 2000, "chat": 1500, "email": 1000, "ticket": 900, "note": 600}.items():
        assert counts[channel] == pytest.approx(share, rel=0.1)


def test_days_and_channels_of_gold_are_those_read() -> None:
    """A contact's local day and channel are what its file says."""
    for line in gold():
        found = interactions()[line["source"], line["id"]]
        assert found.channel == line["channel"]
        assert found.started_at is not None
        assert found.started_at.astimezone(workspace().zone).date().isoformat() == line["date"]


def test_the_half_year_has_26_weeks_with_quiet_weekends() -> None:
    """Every week has contacts, and a weekend day has about half of a weekday's."""
    weeks = Counter(week_of(line["date"]) for line in gold())
    assert sorted(weeks) == list(range(1, 27))
    days = Counter(found.started_at.weekday() for found in interactions().values() if found.started_at)
    assert days[6] < days[5] < min(days[day] for day in range(5))


def test_notes_are_internal_and_chats_know_their_speakers() -> None:
    """Mappings give notes their visibility and chats their roles."""
    notes = [found for (source, _), found in interactions().items() if source == "notes"]
    assert all(turn.visibility is Visibility.INTERNAL for found in notes for turn in found.turns)
    chats = [found for (source, _), found in interactions().items() if source == "chats"]
    assert {turn.role for found in chats for turn in found.turns} == {Role.CUSTOMER, Role.AGENT, Role.BOT}


def test_most_contacts_name_a_customer_and_some_customers_come_back() -> None:
    """About nine in ten of calls, chats, tickets and notes carry a customer id; many ids are seen more than once."""
    named = [found.customer_ref for (source, _), found in interactions().items() if source != "emails"]
    assert sum(ref is not None for ref in named) == pytest.approx(0.9 * len(named), rel=0.03)
    often = Counter(Counter(ref for ref in named if ref).values())
    assert sum(count for contacts, count in often.items() if contacts >= 2) > 500


def test_the_workspace_has_no_fault() -> None:
    """Settings, mappings, taxonomy with its examples, ownership with its tests, and pipelines are all in order."""
    loaded = workspace()
    taxonomy = compile_taxonomy(loaded.taxonomy)
    lines = loaded.lines
    faults = check_taxonomy(loaded.taxonomy, taxonomy, shown="taxonomy.toml", lines=lines["taxonomy.toml"])
    faults += check_ownership(
        loaded.ownership,
        lines=lines["ownership.toml"],
        topics={key: topic.kind for key, topic in loaded.taxonomy.topic.items()},
        products=list(loaded.taxonomy.product),
        competitors=list(loaded.taxonomy.competitor),
    )
    assert faults == []
    assert {source.name for source in loaded.settings.source} == {line["source"] for line in gold()}


@pytest.mark.parametrize("name", ["daily", "weekly_digest", "backfill"])
def test_pipelines_are_valid_and_named_as_their_file(name: str) -> None:
    """Each shipped pipeline reads into its model."""
    assert read_toml(ROOT / "pipelines" / f"{name}.toml", Pipeline).name == name


BRANDS = [
    "vodafone",
    "verizon",
    "comcast",
    "t-mobile",
    "telefonica",
    "telekom",
    "telstra",
    "virgin",
    "eircom",
    "three-mobile",
    "netflix",
    "disney",
    "hulu",
    "spotify",
    "amazon",
    "google",
    "apple",
    "iphone",
    "samsung",
    "android",
    "huawei",
    "nokia",
    "youtube",
    "facebook",
    "whatsapp",
    "microsoft",
    "zendesk",
    "salesforce",
    "paypal",
    "dhl",
    "fedex",
    "hbo",
    "paramount",
    "roku",
    "chromecast",
    "sonos",
    "fritzbox",
    "netgear",
    "at&t",
    "bt-sport",
    "sky-tv",
    "o2",
    "talktalk",
    "plusnet",
    "starlink",
    "orange-mobile",
    "deezer",
    "tiktok",
    "instagram",
]


def test_no_real_brand_is_named() -> None:
    """All companies, products and places are invented."""
    text = " ".join(turn.text for found in interactions().values() for turn in found.turns).lower()
    words = set(re.findall(r"[a-z0-9&-]+", text))
    assert words.isdisjoint(BRANDS)


TEST_CARDS = ("4111111111111111", "5555555555554444", "4000056655665556", "5105105105105100", "4242424242424242")


def test_personal_data_is_of_reserved_ranges() -> None:
    """Telephone numbers and mail domains are those kept free for examples."""
    text = "\n".join(turn.text for found in interactions().values() for turn in found.turns)
    assert set(re.findall(r"@([\w.-]+\w)", text)) <= {
        "example.org",
        "example.com",
        "example.net",
        "mail.example.org",
        "lumbrell.example",
    }
    for number in re.findall(r"\+?\b[0-9][0-9 -]{9,}\d", re.sub(r"\b(IE64|GB33)[A-Z0-9 ]+", "", text)):
        digits = re.sub(r"\D", "", number)
        assert digits.startswith(("01632960", "07700900", "447700900", *TEST_CARDS)), "a number outside the reserved ranges"


def test_every_part_of_the_data_stays_small() -> None:
    """The sample travels with every installation: data and labels stay under eight megabytes."""
    assert sum(file.stat().st_size for file in [*(SAMPLE / "data").iterdir(), SAMPLE / "gold.jsonl"]) < 8_000_000
