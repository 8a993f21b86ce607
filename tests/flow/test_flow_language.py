"""Contacts in other languages: told at ingest, counted and set apart, never forced into a kind."""

from __future__ import annotations

import json

import pytest
from small_company import RECEIVED, SETTINGS, company, contact, lines, opened, ran

from insights.flow import analyse as flow
from insights.flow.digest import one_digest
from insights.flow.ingest import configured_feeds, ingest

GERMAN = "Ich warte seit drei Wochen auf meine Rückerstattung, niemand meldet sich bei mir."
FRENCH = "Je n'ai toujours pas reçu mon remboursement et personne ne me répond."
ENGLISH = "I am still waiting for my refund, it has been five weeks."


def workplace(tmp_path, *, settings=SETTINGS, records=()):
    root = company(tmp_path / "w", 0, settings=settings)
    (root / "data" / "calls.jsonl").write_text(lines(records))
    return root


MIXED = [contact(0, GERMAN), contact(1, ENGLISH), contact(2, FRENCH), contact(3, GERMAN), contact(4, "refund", language="de-AT")]


def test_what_the_source_says_of_the_language_stands(tmp_path):
    """Only where the source is silent the words tell; what is too short stays untold."""
    records = [contact(0, GERMAN), contact(1, ENGLISH, language="cy"), contact(2, "hm"), contact(3, ENGLISH)]
    loaded, store = opened(workplace(tmp_path, records=records))
    with store:
        ingest(loaded, store, configured_feeds(loaded), received_at=RECEIVED, workers=1)
        told = [store.interaction(f"c-{number}").language for number in range(4)]
    assert told == ["de", "cy", None, "en"]


def test_other_languages_are_counted_and_not_analysed(tmp_path):
    """Every contact is analysed or counted; those in other languages hold no insight and are no fault."""
    loaded, store = opened(workplace(tmp_path, records=MIXED))
    with store:
        ingest(loaded, store, configured_feeds(loaded), received_at=RECEIVED, workers=1)
        report = flow.analyse_store(loaded, store, at=RECEIVED, workers=1)
        found = {ref: store.insights_of(store.interaction(ref).id) for ref in ("c-0", "c-1", "c-2", "c-3", "c-4")}
    assert (report.analysed, report.set_aside, report.languages) == (5, 0, (("de", 3), ("fr", 1)))
    assert [ref for ref, insights in found.items() if insights] == ["c-1"]


def test_the_languages_are_a_setting(tmp_path):
    """A lead whose model reads German says so, and all German contacts are analysed anew."""
    settings = SETTINGS + '\n[text]\nlanguages = ["en", "de"]\n'
    loaded, store = opened(workplace(tmp_path, settings=settings, records=MIXED))
    with store:
        ingest(loaded, store, configured_feeds(loaded), received_at=RECEIVED, workers=1)
        report = flow.analyse_store(loaded, store, at=RECEIVED, workers=1)
        assert report.languages == (("fr", 1),)
        recipe = flow.recipe_of(loaded)
        other = flow.Recipe(recipe.taxonomy, recipe.classify, recipe.text.model_copy(update={"languages": ["en"]}), recipe.model_folder)
        assert flow.recipe_name(recipe) != flow.recipe_name(other)


@pytest.fixture
def run_of_mixed(tmp_path):
    root = workplace(tmp_path, records=[contact(number, text) for number, text in enumerate([ENGLISH] * 7 + [GERMAN] * 2 + [FRENCH])])
    return root, ran(root)


def test_a_run_and_its_digests_say_so(run_of_mixed):
    """The step's note and the footer name the languages, the most frequent first."""
    root, report = run_of_mixed
    (note,) = [step.note for step in report.steps if step.step == "analyse"]
    assert note.endswith("3 contacts in other languages (de 2, fr 1) read, not analysed")
    loaded, store = opened(root)
    with store:
        digest = json.loads(one_digest(loaded, store, "refunds", "2026-W10", format="json"))
    assert "3 contacts in other languages (de 2, fr 1) were read, not analysed." in digest["footer"]
