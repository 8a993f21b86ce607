"""A workspace's model moved towards its corrections."""

from __future__ import annotations

import pytest
from corrected_company import corrected_company, say
from small_company import RECEIVED

from insights.classify.statistical import SentenceModel
from insights.config.load import load
from insights.domain import Decision, Kind, Ruling
from insights.errors import UsageError
from insights.flow import analyse
from insights.flow.adapt import LEAST, adapt_model
from insights.registry import find_model

# Praise as the shipped model knows it, which these people say is none of theirs; and complaints that they confirm.
PRAISE = "The engineer was wonderful, so patient and friendly, and explained everything to my mother."
FAILURE = "I have been waiting for three weeks and nobody has called me back."


@pytest.fixture
def workplace(tmp_path):
    """Contacts with praise and complaints, twice as many as are needed, analysed by the shipped model."""
    said = [f"{PRAISE if number % 2 else FAILURE} It was call {number}." for number in range(4 * LEAST)]
    loaded, store = corrected_company(tmp_path / "w", said)
    with store:
        analyse.analyse_store(loaded, store, at=RECEIVED, workers=1)
        yield loaded, store


def findings(loaded, store):
    """All yes's of the store."""
    return [one for id in _ids(store) for one in store.insights_of(id) if one.decision is Decision.YES]


def _ids(store):
    return [store.interaction(f"c-{number}").id for number in range(4 * LEAST)]


def test_corrections_make_a_model_that_agrees_with_people(workplace):
    """The new model stands in the workspace, is better on what it had not seen, and no longer finds what people took away."""
    loaded, store = workplace
    before = [one for one in findings(loaded, store) if one.kind is Kind.TESTIMONIAL]
    assert len(before) == 2 * LEAST
    for one in findings(loaded, store):
        say(loaded, store, one.id, Ruling.NOT if one.kind is Kind.TESTIMONIAL else Ruling.YES)
    report = adapt_model(loaded, store)
    assert report.manifest is not None
    assert report.after > report.before
    adapted = SentenceModel.load(find_model(loaded.settings.classify.model, workspace=loaded.root))
    assert adapted.id == report.manifest.id
    assert adapted.details["adapted"]["contacts"] == report.contacts
    fresh = analyse.make_analyser(analyse.recipe_of(load(loaded.root)))
    found = [one for result in fresh(list(store.interactions(_ids(store)))) for one in result.insights if one.decision is Decision.YES]
    assert not [one for one in found if one.kind is Kind.TESTIMONIAL]
    assert [one for one in found if one.kind is Kind.PROCESS_FAILURE]


def test_too_few_corrections_measure_nothing(workplace):
    """Below the least nothing is made, and it is told what to do."""
    loaded, store = workplace
    for one in findings(loaded, store)[:3]:
        say(loaded, store, one.id)
    with pytest.raises(UsageError, match="are corrected"):
        adapt_model(loaded, store)
    assert not (loaded.root / "models").exists()
