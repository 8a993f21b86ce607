"""What a unit reads, in which order, and what is left to the footer."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from digest_facts import EARLIER, HANDLED, HANDLED_BEFORE, UNIT, WEEK, digest_of, quote, realistic_facts, topic, trend, verdict
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.digest import words
from insights.digest.compose import DigestFacts, compose, section_of
from insights.domain import Counts, Kind, Outcome, Period, Role, Severity, Visibility

GROWS = {"ratio": 2.3, "low": 1.2, "high": 4.4}


@pytest.mark.parametrize(
    ("changes", "section"),
    [
        ({}, "recurring"),
        (GROWS, "growing"),
        ({"ratio": 2.3, "low": 0.9, "high": 6.0}, "recurring"),
        ({"ratio": 0.4, "low": 0.2, "high": 0.8}, "recurring"),
        ({"first_seen": WEEK.start}, "new"),
        ({"first_seen": WEEK.start - timedelta(seconds=1)}, "recurring"),
        ({"first_seen": WEEK.start + timedelta(days=2), **GROWS}, "new"),
        ({"first_seen": None, "before": trend(0), "series": (0.0, 0.0, 4.0)}, "new"),
        ({"first_seen": None, "before": trend(0), "series": (1.0, 0.0, 4.0)}, "recurring"),
        ({"verdict": verdict(Outcome.VERIFIED)}, "fixed"),
        ({"verdict": verdict(Outcome.PARTIAL)}, "fixed"),
        ({"verdict": verdict(Outcome.INEFFECTIVE)}, "recurring"),
        ({"verdict": verdict(Outcome.INCONCLUSIVE)}, "recurring"),
        ({"verdict": verdict(Outcome.VERIFIED), **GROWS}, "growing"),
        ({"kind": Kind.TESTIMONIAL, **GROWS}, "praised"),
    ],
)
def test_every_topic_has_one_section(changes: dict[str, object], section: str) -> None:
    """New, growing, recurring, fixed and praised follow from the figures alone, and growth is never called fixed."""
    assert section_of(topic("late", **changes), WEEK) == section


def test_sections_stand_in_reading_order_and_empty_ones_are_left_out() -> None:
    """What changed comes before what stayed, praise and undated contacts come last."""
    digest = digest_of(
        topic("praise", kind=Kind.TESTIMONIAL),
        topic("steady"),
        topic("grows", **GROWS),
        topic("born", first_seen=WEEK.start),
        undated=(topic("timeless"),),
    )
    assert [section.key for section in digest.sections] == ["new", "growing", "recurring", "praised", "undated"]


def test_ranking_weighs_severity_and_contacts_and_puts_own_topics_first() -> None:
    """Severity times contacts orders a section, and what is merely followed comes after what is owned."""
    digest = digest_of(
        topic("many_small", 12, severity=Severity.LOW),
        topic("few_grave", 5, severity=Severity.CRITICAL),
        topic("followed", 90, severity=Severity.CRITICAL, owns=False),
        topic("some", 7, severity=Severity.MEDIUM),
    )
    assert [line.label for line in digest.sections[0].lines] == ["Few grave", "Some", "Many small", "Followed"]
    assert [line.owns for line in digest.sections[0].lines] == [True, True, True, False]


def test_growth_is_ranked_by_the_contacts_it_added() -> None:
    """A small topic that doubled stands below a large one that added more contacts."""
    digest = digest_of(
        topic("small_double", 6, before=trend(2, HANDLED_BEFORE), **GROWS),
        topic("large_third", 80, before=trend(55, HANDLED_BEFORE), ratio=1.4, low=1.01, high=1.9),
    )
    assert [line.label for line in digest.sections[0].lines] == ["Large third", "Small double"]


def test_what_exceeds_the_items_is_summed_in_the_footer() -> None:
    """Topics beyond the limit are counted with their contacts, never dropped silently."""
    digest = digest_of(*(topic(f"t{n}", 10 - n) for n in range(6)), items=2)
    assert [line.now.count for line in digest.sections[0].lines] == [10, 9]
    assert digest.footer[0] == "Recurring: 4 further topics with 26 contacts in all."


def test_small_topics_are_counted_and_grave_ones_named_as_such() -> None:
    """A topic below the least count is no line, but its severity is told."""
    facts = DigestFacts(
        HANDLED, HANDLED_BEFORE, (topic("a", 2, severity=Severity.CRITICAL), topic("b", 1), topic("none", 0)), below_minimum=(3, 4)
    )
    digest = compose(UNIT, WEEK, facts, items=7, quotes=3, min_contacts=3, run_id="r")
    assert digest.sections == ()
    assert digest.footer[0] == "Below 3 contacts each: 5 topics with 7 contacts in all; 1 of them critical."
    assert digest.headline == "No topic reached 3 contacts this week."


def test_a_fix_that_worked_is_shown_even_when_nobody_complains_any_more() -> None:
    """The proof that a problem went away is a line although its count is nought."""
    digest = digest_of(topic("gone", 0, verdict=verdict(Outcome.VERIFIED)))
    line = digest.sections[0].lines[0]
    assert digest.sections[0].key == "fixed"
    assert (
        line.note
        == "The fix is verified: 8 weeks after it, the rate is 0.31 times what it was before (at least 0.22 and at most 0.44, each with 95 % confidence)."
    )


def test_quotes_prefer_customers_and_never_repeat_a_contact_or_a_wording() -> None:
    """Two or three different customers speak, in their own words first."""
    quotes = (
        quote("Cust. angry", "n-1", role=Role.AGENT, visibility=Visibility.INTERNAL),
        quote("It broke.", "c-1"),
        quote("it  BROKE.", "c-2"),
        quote("Broke again", "c-1"),
        quote("Dead on arrival", "c-3"),
        quote("   ", "c-4"),
        quote("One more", "c-5"),
    )
    line = digest_of(topic("broken", quotes=quotes)).sections[0].lines[0]
    assert [chosen.text for chosen in line.quotes] == ["It broke.", "Dead on arrival", "One more"]


def test_a_customer_facing_unit_never_reads_internal_notes() -> None:
    """Internal notes are neither quoted nor forgotten: the footer counts them."""
    unit = replace(UNIT, customer_facing=True)
    noted = topic("noted", quotes=(quote("secret note", "n-1", visibility=Visibility.INTERNAL, role=Role.AGENT), quote("my words", "c-1")))
    digest = digest_of(noted, topic("only_note", quotes=(quote("another note", "n-2", visibility=Visibility.INTERNAL),)), unit=unit)
    assert [chosen.text for line in digest.sections[0].lines for chosen in line.quotes] == ["my words"]
    assert "2 internal notes not quoted, because this digest may reach customers." in digest.footer
    assert "note" not in "".join(digest_of(noted).footer)


def test_the_footer_is_honest_about_what_was_read_and_left_out() -> None:
    """Unassigned, undecided, unread and set aside findings each have their sentence."""
    facts = DigestFacts(
        HANDLED,
        HANDLED_BEFORE,
        (topic("late"),),
        read=Counts(10, 6, 1, 1, 1, 1),
        set_aside=1,
        undecided=2,
        unassigned=1,
        made_by="model m-1",
    )
    footer = compose(UNIT, WEEK, facts, items=7, quotes=3, min_contacts=3, run_id="r").footer
    assert footer == (
        "1 contact with a finding that is in no topic yet.",
        "2 findings could be either yes or no; held back for review and not counted here.",
        "Rates are per 1,000 contacts handled: 1,482 in this week, 1,391 in the week before. Intervals are 95 %. "
        "A contact counts once for each topic it raises.",
        "Read so far, over all files: 10 records, of which 6 stored, 1 replaced an earlier version, 1 known already, "
        "1 skipped (auto-replies, bounces), 1 set aside as unreadable.",
        "Waiting in the dead letter: 1 record that could not be read.",
        "Findings by model m-1.",
    )


@pytest.mark.parametrize(
    ("languages", "sentence"),
    [
        ((("de", 9), ("fr", 3)), "12 contacts in other languages (de 9, fr 3) were read, not analysed."),
        ((("und", 1),), "1 contact in other languages (not told 1) was read, not analysed."),
        ((), None),
    ],
)
def test_the_footer_counts_other_languages(languages: tuple[tuple[str, int], ...], sentence: str | None) -> None:
    """What was handled and could be in no number is told."""
    facts = DigestFacts(HANDLED, HANDLED_BEFORE, (topic("late"),), languages=languages)
    footer = compose(UNIT, WEEK, facts, items=7, quotes=3, min_contacts=3, run_id="r").footer
    assert [line for line in footer if "languages" in line] == ([sentence] if sentence else [])


@pytest.mark.parametrize(
    ("topics", "headline"),
    [
        (
            (topic("refund_not_paid", 12, before=trend(5, HANDLED_BEFORE), **GROWS), topic("born", first_seen=WEEK.start)),
            "Refund not paid grew to 12 contacts (8.1 per 1,000), 2.3 times the rate of the week before; one new topic.",
        ),
        (
            (topic("grown", 12, **GROWS), topic("burning", 4, first_seen=WEEK.start, severity=Severity.CRITICAL)),
            "Burning is new, with 4 contacts (2.7 per 1,000); one topic grew.",
        ),
        (
            (topic("grown", 12, **GROWS), topic("grown_too", 11, **GROWS), topic("gone", 0, verdict=verdict(Outcome.VERIFIED))),
            "Grown grew to 12 contacts (8.1 per 1,000), 2.3 times the rate of the week before; one other topic grew; one fix worked.",
        ),
        ((topic("steady", 6),), "Steady is the largest topic, with 6 contacts (4.0 per 1,000), no clear change from the week before."),
        ((topic("less", 6, ratio=0.4, low=0.2, high=0.9),), "Less fell to 6 contacts (4.0 per 1,000)."),
        ((topic("kind_staff", 4, kind=Kind.TESTIMONIAL),), "Kind staff was praised in 4 contacts (2.7 per 1,000)."),
        ((topic("dunning", 1, verdict=verdict(Outcome.PARTIAL)),), "Dunning is down to 1 contact (0.7 per 1,000) after its fix."),
    ],
)
def test_the_headline_tells_what_changed_most(topics: tuple[object, ...], headline: str) -> None:
    """One sentence of names and figures tells the main change, then how many others there were."""
    assert digest_of(*topics).headline == headline  # type: ignore[arg-type]


def test_a_first_period_says_that_nothing_can_be_compared() -> None:
    """Without contacts in the period before, the headline says so instead of implying growth."""
    born = topic("born", first_seen=WEEK.start, before=trend(0, 0), ratio=None, low=None, high=None)
    digest = compose(UNIT, WEEK, DigestFacts(HANDLED, 0, (born,)), items=7, quotes=3, min_contacts=3, run_id="r")
    assert digest.headline == "Born is new, with 6 contacts (4.0 per 1,000); there is no week before to compare with."
    assert words.changed(digest.sections[0].lines[0], "week") == "nothing to compare with"


def test_headlines_hold_no_customer_words() -> None:
    """Nothing of any quote stands in the headline."""
    digest = digest_of(topic("late", quotes=(quote("ZEBRA words of a customer"),)))
    assert "ZEBRA" not in digest.headline


def test_undated_contacts_have_counts_but_no_rates() -> None:
    """A contact without a time stands in its own section, outside ratios and courses."""
    digest = digest_of(undated=(topic("timeless", 4, **GROWS), topic("rare", 1)))
    (section,) = digest.sections
    line = section.lines[0]
    assert (section.key, len(section.lines), line.ratio, line.low, line.high, line.series) == ("undated", 1, None, None, None, ())


def test_the_same_topic_dated_and_undated_has_two_lines_with_their_own_ids() -> None:
    """Feedback on one line never reaches the other."""
    digest = digest_of(topic("late"), undated=(topic("late"),))
    ids = [line.id for section in digest.sections for line in section.lines]
    assert len(set(ids)) == 2


def test_ids_outlive_the_run_and_follow_the_content() -> None:
    """Another run with the same facts makes the same id; other figures, another unit or period make another."""
    facts = realistic_facts()

    def made(**changes: object) -> str:
        order = {"unit": UNIT, "period": WEEK, "facts": facts, "run_id": "one", "quotes": 3, **changes}
        return compose(order.pop("unit"), order.pop("period"), order.pop("facts"), items=3, min_contacts=3, **order).id  # type: ignore[arg-type]

    same = made()
    assert made(run_id="two") == same
    assert made(facts=replace(facts, read=Counts(1, 0, 0, 1), made_by="else")) == same
    others = [
        made(unit=replace(UNIT, id="sales")),
        made(period=replace(WEEK, label="2026-W41")),
        made(facts=replace(facts, handled=1)),
        made(facts=replace(facts, topics=facts.topics[1:])),
        made(quotes=1),
    ]
    assert len({same, *others}) == 6


@settings(derandomize=True, deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from(Severity), st.sampled_from(Kind), st.booleans()), max_size=12), st.integers(1, 6)
)
def test_nothing_is_lost_and_order_of_facts_does_not_matter(rows: list[tuple[int, Severity, Kind, bool]], items: int) -> None:
    """Whatever the topics, each is a line or counted in the footer, and shuffled facts give the same digest."""
    topics = [topic(f"t{n}", count, severity=severity, kind=kind, owns=owns) for n, (count, severity, kind, owns) in enumerate(rows)]
    digest = digest_of(*topics, items=items)
    shuffled = random.Random(7).sample(topics, len(topics))
    assert digest_of(*shuffled, items=items) == digest
    shown = sum(line.now.count for section in digest.sections for line in section.lines)
    counted = sum(int(_tail(sentence)[0]) for sentence in digest.footer if _tail(sentence))
    assert shown + counted == sum(count for count, *_ in rows)
    assert all(len(section.lines) <= items for section in digest.sections)


def _tail(sentence: str) -> list[str]:
    return sentence.split(" with ")[1].replace(";", " ").split() if " in all" in sentence else []


@pytest.mark.parametrize(
    ("start", "end", "span", "dates"),
    [
        (datetime(2026, 9, 28, tzinfo=UTC), datetime(2026, 10, 5, tzinfo=UTC), "week", "28 September to 4 October 2026"),
        (datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC), "week", "2 to 8 March 2026"),
        (datetime(2025, 12, 29, tzinfo=UTC), datetime(2026, 1, 5, tzinfo=UTC), "week", "29 December 2025 to 4 January 2026"),
        (datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 29, 23, tzinfo=UTC), "day", "29 March 2026"),
        (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC), "month", "1 to 28 February 2026"),
        (EARLIER, EARLIER + timedelta(days=3), "period", "2 to 4 April 2026"),
    ],
)
def test_periods_are_named_as_people_name_them(start: datetime, end: datetime, span: str, dates: str) -> None:
    """A half-open period shows its first and last day, also across months, years and clock changes."""
    period = Period("p", start, end)
    assert (words.span(period), words.dates(period, UTC)) == (span, dates)


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        (GROWS, "▲ up ×2.3 (1.2–4.4)"),
        ({"ratio": 0.4, "low": 0.2, "high": 0.84}, "▼ down ×0.40 (0.20–0.84)"),
        ({"ratio": 1.1, "low": 0.4, "high": 3.0}, "no clear change, ×1.1 (0.40–3.0)"),
        ({"ratio": None, "low": None, "high": None, "before": trend(0)}, "none in the week before"),
        ({"ratio": None, "low": None, "high": None}, "no clear change"),
        ({"ratio": float("inf"), "low": 1.4, "high": float("inf"), "before": trend(0)}, "none in the week before"),
        ({"ratio": 3.0, "low": 1.4, "high": float("inf")}, "▲ up ×3.0 (at least 1.4)"),
    ],
)
def test_an_arrow_needs_an_interval_that_excludes_no_change(changes: dict[str, object], shown: str) -> None:
    """Only a clear change has a direction; every other says that it is not clear."""
    line = digest_of(topic("late", **changes)).sections[0].lines[0]
    assert words.changed(line, "week") == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0"), (0.034, "0.03"), (0.81, "0.8"), (8.1, "8.1"), (9.96, "10"), (33.6, "34"), (1250.0, "1,250")]
)
def test_rates_have_two_telling_digits(value: float, shown: str) -> None:
    """A rate shows no digits that its count cannot carry."""
    assert words.rate(value) == shown


def test_a_count_above_what_its_past_leads_one_to_expect_grows() -> None:
    """A jump that one week's interval cannot tell from chance grows where its own past can, and the line says so."""
    now = replace(trend(16), expected=1.1, upper=7.0, ratio=14.5, p_value=3e-5)
    line_section = digest_of(topic("rival", 16, now=now)).sections[0]
    assert line_section.key == "growing"
    assert line_section.lines[0].note == "By its own past 1.1 contacts were to be expected, and at most 7."


def test_a_slow_rise_over_two_months_grows() -> None:
    """A creeping defect never jumps from one week to the next; four weeks against the four two months before show it."""
    crept = digest_of(topic("hub", drift=(2.4, 1.5, 3.9))).sections[0]
    flat = digest_of(topic("hub", drift=(1.2, 0.8, 1.9))).sections[0]
    assert (crept.key, flat.key) == ("growing", "recurring")
    assert "2.4 times that of two months before" in crept.lines[0].note
