"""How common each kind is, as a digest tells it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from digest_facts import HANDLED, HANDLED_BEFORE, UNIT, WEEK, realistic_facts

from insights.digest import render, words
from insights.digest.compose import compose
from insights.domain import Digest, Kind, KindCount, Prevalence

NOW = Prevalence("2026-W40", 130, HANDLED, 96.4, 70.2, 124.1)
BEFORE = Prevalence("2026-W39", 90, HANDLED_BEFORE, 60.0, 41.0, 84.0)
FAILURES = Kind.PROCESS_FAILURE


def made(counted: KindCount, kind: Kind = FAILURES) -> Digest:
    """A digest of a billing team's week in which one kind was counted."""
    facts = replace(realistic_facts(), kinds={kind: counted}, errors="Corrections rest on labels of your own.")
    return compose(UNIT, WEEK, facts, items=3, quotes=3, min_contacts=3, run_id="r")


@pytest.mark.parametrize(
    ("counted", "sentence"),
    [
        (
            KindCount(NOW, BEFORE, "up"),
            "Process failures: counted in 130 of 1,482 contacts, about 96 (70 to 125) after correction for the model's errors. "
            "▲ up from 90 of 1,391, about 60 (41 to 84) after correction for the model's errors in the week before.",
        ),
        (
            KindCount(NOW, BEFORE),
            "Process failures: counted in 130 of 1,482 contacts, about 96 (70 to 125) after correction for the model's errors; "
            "no clear change from the week before.",
        ),
        (
            KindCount(Prevalence("2026-W40", 1, 1), Prevalence("2026-W39", 0, 0)),
            "Process failures: counted in 1 of 1 contact.",
        ),
    ],
)
def test_a_sentence_admits_error_and_draws_an_arrow_only_where_change_is_clear(counted: KindCount, sentence: str) -> None:
    """Counted, corrected with its interval, changed; uncorrected where nobody measured, and no comparison with nothing."""
    assert words.kind_counted(FAILURES, counted, "week") == sentence


def test_every_rendering_tells_how_common_the_kinds_are() -> None:
    """Page, mail, Markdown and text say it in the same words; JSON has the numbers."""
    digest = made(KindCount(NOW, BEFORE))
    shown = [render.html(digest), render.mail(digest), render.markdown(digest), " ".join(render.text(digest).split())]
    assert all("about 96 (70 to 125)" in one for one in shown)
    assert all("Corrections rest on labels of your own." in one for one in shown)
    (kind,) = json.loads(render.to_json(digest))["kinds"]
    assert (kind["kind"], kind["now"]["about"], kind["change"]) == ("process_failure", 96.4, "unclear")


def test_only_kinds_of_topics_shown_are_told() -> None:
    """A unit that reads of no competitor is not told how common competitors are; undated topics stay outside rates."""
    assert made(KindCount(NOW, BEFORE), Kind.COMPETITIVE_MENTION).kinds == ()


def test_a_changed_correction_is_another_digest() -> None:
    """The id follows what is said, so a digest with other figures is delivered anew where files are replaced."""
    assert made(KindCount(NOW, BEFORE)).id != made(KindCount(replace(NOW, about=97.0), BEFORE)).id
