"""The sample's gold labels: verbatim, by the codebook, owned by units, and telling the planted stories at the planted rates."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, timedelta
from math import sqrt
from typing import Any

import pytest
from sample_company import RECEIVED, SAMPLE, gold, handled, interactions, sheet, workspace

from insights.classify.taxonomy import compile_taxonomy
from insights.domain import Evidence, Expectation, Insight, Kind, Severity, insight_id
from insights.route import Router

STORIES = {story["key"]: story for story in sheet()["story"]}


def labels() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each insight with its line."""
    return [(line, insight) for line in gold() for insight in line["insights"]]


def test_evidence_is_verbatim_and_free_of_personal_data() -> None:
    """Every proof stands in one turn of its contact, and holds no planted name, number or address."""
    for line, insight in labels():
        found = interactions()[line["source"], line["id"]]
        assert insight["evidence"]
        assert any(insight["evidence"] in turn.text for turn in found.turns), line["id"]
        assert not any(item["text"].lower() in insight["evidence"].lower() for item in line["personal"]), line["id"]


def test_evidence_is_never_an_agents_script() -> None:
    """Proofs stand in the customer's words or in a note, or in turns whose speaker the recorder did not mark."""
    for line, insight in labels():
        found = interactions()[line["source"], line["id"]]
        turns = [turn for turn in found.turns if insight["evidence"] in turn.text]
        assert any(turn.role in ("customer", "unknown") or turn.visibility == "internal" for turn in turns), line["id"]


def test_labels_are_of_the_codebook_and_the_taxonomy() -> None:
    """Kinds, severities, expectations and topics are known; a topic has its declared kind."""
    topics = workspace().taxonomy.topic
    for _, insight in labels():
        kind = Kind(insight["kind"])
        Severity(insight["severity"])
        assert all(Expectation(expectation) for expectation in insight["missed_expectations"])
        if insight["topic"] is not None:
            assert topics[insight["topic"]].kind is kind
        if kind not in (Kind.PRODUCT_ISSUE, Kind.PROCESS_FAILURE):
            assert insight["severity"] == "low"
            assert not insight["missed_expectations"]


def test_every_declared_topic_is_told_and_one_matter_has_no_name() -> None:
    """The taxonomy's topics all occur; what has no topic is one matter, left for discovery."""
    told = {insight["topic"] for _, insight in labels()}
    assert told == {*workspace().taxonomy.topic, None}
    assert {story for line, insight in labels() if insight["topic"] is None for story in line["stories"]} == {"subtitles_unnamed"}


def test_all_six_kinds_occur_and_a_third_of_contacts_tells_nothing() -> None:
    """Contacts without an insight are between 33 and 41 per cent."""
    assert {insight["kind"] for _, insight in labels()} == set(Kind)
    share = sum(not line["insights"] for line in gold()) / len(gold())
    assert 0.33 <= share <= 0.41


def test_every_owner_is_a_unit_and_the_rules_agree_with_gold() -> None:
    """The ownership file sends each gold insight to the unit that gold says should own it, none to triage."""
    loaded = workspace()
    taxonomy = compile_taxonomy(loaded.taxonomy)
    router = Router(loaded.ownership, product_key=taxonomy.product_key)
    wrong = Counter()
    for line, label in labels():
        assert label["owner"] in loaded.ownership.unit
        found = interactions()[line["source"], line["id"]]
        evidence = Evidence(found.id, 0, 0, len(label["evidence"]), label["evidence"])
        kind = Kind(label["kind"])
        insight = Insight(
            id=insight_id(found.id, kind, label["subject"]),
            interaction_id=found.id,
            kind=kind,
            topic=label["topic"],
            subject=label["subject"],
            evidence=(evidence,),
            confidence=1.0,
            severity=Severity(label["severity"]),
            missed_expectations=(),
            votes=(),
            made_by="gold",
        )
        owner = router.route(insight, found, at=RECEIVED)[0].unit_id
        wrong[label["topic"], label["owner"], owner] += owner != label["owner"]
    assert +wrong == Counter()


def tells(story: dict[str, Any]) -> Counter[str]:
    """Contacts a day that tell a story's matter, whether inside the story's dates or not."""
    days: Counter[str] = Counter()
    for line in gold():
        for insight in line["insights"]:
            if insight["topic"] == story.get("topic") and (story.get("topic") or "subtitles_unnamed" in line["stories"]):
                days[line["date"]] += 1
    return days


def dates(first: date, last: date) -> list[str]:
    """Days in a closed range."""
    return [(first + timedelta(days=offset)).isoformat() for offset in range((last - first).days + 1)]


RATES = [(key, number) for key, story in STORIES.items() for number in range(len(story.get("rate", [])))]


@pytest.mark.parametrize(("key", "number"), RATES)
def test_stories_have_their_planted_rates(key: str, number: int) -> None:
    """Contacts per 1,000 over each stretch lie within three standard deviations of what the sheet says."""
    story = STORIES[key]
    part = story["rate"][number]
    days = dates(part["from"], part["to"])
    told, total = tells(story), handled()
    mean = (part["per_1000"] + part.get("to_per_1000", part["per_1000"])) / 2
    expected = mean * sum(total[day] for day in days) / 1000
    assert sum(told[day] for day in days) == pytest.approx(expected, abs=3 * sqrt(expected) + 1)


def test_the_outage_falls_on_its_region_and_days() -> None:
    """The extra contacts of the outage come from Northmoor in three days, and its unit owns those whose record says so."""
    told = [line for line in gold() if "outage_northmoor" in line["stories"]]
    assert 60 <= len(told) <= 110
    assert {line["date"] for line in told} == {"2026-04-28", "2026-04-29", "2026-04-30"}
    owners = {(line["channel"] == "email", i["owner"]) for line in told for i in line["insights"] if i["topic"] == "outage"}
    assert owners == {(False, "network_north"), (True, "network")}


def test_the_creeping_defect_creeps() -> None:
    """The last four weeks have at least four times the rate of the first eight."""
    told, total = tells(STORIES["hub_wifi_drops"]), handled()

    def rate(days: list[str]) -> float:
        return sum(told[day] for day in days) / sum(total[day] for day in days)

    assert rate(dates(date(2026, 8, 3), date(2026, 8, 30))) > 4 * rate(dates(date(2026, 3, 2), date(2026, 4, 26)))


def test_the_refund_fix_is_declared_and_works() -> None:
    """The fix of week 17 cuts the rate by about four fifths, and eight weeks of data follow it."""
    with (SAMPLE / "fixes.csv").open(encoding="utf-8", newline="") as file:
        (fix,) = csv.DictReader(file)
    day = date.fromisoformat(fix["fix_date"])
    assert (fix["topic"], day) == ("refund_late", STORIES["refunds_fixed"]["fix"])
    assert (day - date(2026, 3, 2)).days == 16 * 7
    assert RECEIVED.date() - day > timedelta(weeks=8)
    told, total = tells(STORIES["refunds_fixed"]), handled()
    before, after = dates(date(2026, 3, 2), day - timedelta(days=1)), dates(day, date(2026, 8, 30))
    ratio = (sum(told[d] for d in after) / sum(total[d] for d in after)) / (sum(told[d] for d in before) / sum(total[d] for d in before))
    assert 0.1 < ratio < 0.35


def test_the_volume_jump_moves_no_rate() -> None:
    """In the week of the jump all contacts rise by half; late refunds and lost wifi stay within chance of their rates."""
    jump = sheet()["jump"][0]
    total = handled()
    during = sum(total[day] for day in dates(jump["from"], jump["to"]))
    before = sum(total[day] for day in dates(jump["from"] - timedelta(days=7), jump["from"] - timedelta(days=1)))
    assert 1.35 < during / before < 1.8
    told = tells(STORIES["offline_wanted"])
    assert sum(told[day] for day in dates(jump["from"], jump["to"])) == pytest.approx(0.02 * during, abs=3 * sqrt(0.02 * during))


def test_the_sheet_names_units_topics_and_weeks_that_are() -> None:
    """Whoever asks the digests by the sheet finds its units, topics and ISO weeks."""
    loaded = workspace()
    weeks = {f"2026-W{number:02d}" for number in range(10, 36)}
    sections = {"new", "growing", "recurring", "fixed", "praised"}
    for story in STORIES.values():
        assert story.get("topic") in {*loaded.taxonomy.topic, None}
        assert story["tell"]
        for tell in story["tell"]:
            assert tell["unit"] in loaded.ownership.unit
            assert tell["week"] in weeks
            assert set(tell["section"]) <= sections
