"""Stored interactions into insights: each once a recipe, one broken document costing itself only."""

from dataclasses import dataclass, field

import pytest
from small_company import RECEIVED, SETTINGS, company, contact, lines, opened

from insights.config.load import load
from insights.domain import Evidence, Insight, Kind, Severity, Vote, insight_id
from insights.errors import InsightsError
from insights.flow import analyse as flow
from insights.flow.ingest import configured_feeds, ingest


@dataclass
class FakeClassifier:
    """Finds the word "refund" and breaks on the word "poison"."""

    made_by: str = "fake"
    seen: list = field(default_factory=list)
    error: Exception = field(default_factory=lambda: ZeroDivisionError("my words are secret"))
    poison: str = "poison"

    def classify(self, batch):
        if any(self.poison in turn.text for interaction, _ in batch for turn in interaction.turns):
            raise self.error
        self.seen += [interaction.source_ref for interaction, _ in batch]
        return [self._found(interaction) for interaction, _ in batch]

    def _found(self, interaction):
        turn = interaction.turns[-1]
        start = turn.text.find("refund")
        if start < 0:
            return ()
        words = Evidence(interaction.id, turn.index, start, start + 6, "refund")
        vote = Vote("fake", Kind.PROCESS_FAILURE, "refund_late", words, 1.0, "it says so")
        key = insight_id(interaction.id, Kind.PROCESS_FAILURE, "")
        return (
            Insight(key, interaction.id, Kind.PROCESS_FAILURE, "refund_late", "", (words,), 1.0, Severity.LOW, (), (vote,), self.made_by),
        )


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """Six stored contacts, one of which breaks the classifier."""
    root = company(tmp_path / "w", 0)
    said = ["late refund", "poison", "refund please", "hello", "refund", "bye"]
    (root / "data" / "calls.jsonl").write_text(lines(contact(number, text) for number, text in enumerate(said)))
    classifier = FakeClassifier()
    monkeypatch.setattr(flow, "classifier_of", lambda recipe: classifier)
    loaded, store = opened(root)
    with store:
        ingest(loaded, store, configured_feeds(loaded), received_at=RECEIVED, workers=1)
        yield loaded, store, classifier


def test_one_broken_document_costs_itself_only(workplace):
    """The others are analysed, the broken one is a dead letter that tells the kind of error and none of its words."""
    loaded, store, classifier = workplace
    report = flow.analyse_store(loaded, store, at=RECEIVED, workers=1)
    assert (report.analysed, report.insights, report.set_aside) == (6, 3, 1)
    assert classifier.seen == ["c-0", "c-2", "c-3", "c-4", "c-5"]
    (letter,) = store.dead_letters()
    assert (letter.source, letter.locator, letter.stage) == ("calls", "c-1", "analyse")
    assert letter.reason == "analysis failed: ZeroDivisionError"


def test_an_error_with_words_of_ours_is_told_as_it_is(workplace):
    """A problem the engine words itself is the reason of the letter."""
    loaded, store, classifier = workplace
    classifier.error = InsightsError("too many sentences")
    flow.analyse_store(loaded, store, at=RECEIVED, workers=1)
    assert [letter.reason for letter in store.dead_letters()] == ["too many sentences"]


def test_what_is_analysed_is_not_analysed_again(workplace):
    """A second run has nothing to do, not even the document that failed: the same recipe would fail again."""
    loaded, store, classifier = workplace
    flow.analyse_store(loaded, store, at=RECEIVED, workers=1)
    classifier.seen.clear()
    assert flow.analyse_store(loaded, store, at=RECEIVED, workers=1).analysed == 0
    assert classifier.seen == []


def test_another_model_analyses_all_again_and_mends_the_letter(workplace):
    """With another recipe every contact is looked at again; one that works now leaves the dead letters."""
    loaded, store, classifier = workplace
    flow.analyse_store(loaded, store, at=RECEIVED, workers=1)
    classifier.made_by, classifier.poison = "fake-2", "nothing breaks it"
    report = flow.analyse_store(loaded, store, at=RECEIVED, workers=1)
    assert (report.analysed, report.set_aside) == (6, 0)
    assert store.dead_letters() == []
    assert [letter.status for letter in store.dead_letters(None)] == ["replayed"]
    assert store.counts()["insights"] == 3


@pytest.mark.parametrize(
    "change",
    ["[classify]\nthresholds = { testimonial = 0.9 }", "[classify]\nreview_margin = 0.3", '[text]\nboilerplate = ["Mind the gap"]'],
)
def test_changed_settings_are_another_recipe(tmp_path, change):
    """Thresholds, the margin of review and boilerplate decide findings: to change one is to analyse again."""
    settings = SETTINGS.replace("[classify]\nworkers = 1\n", "")
    plain = load(company(tmp_path / "a", 1, settings=settings))
    changed = load(company(tmp_path / "b", 1, settings=settings + change))
    busier = load(company(tmp_path / "c", 1, settings=settings + "[classify]\nworkers = 2"))
    names = [flow.recipe_name(flow.recipe_of(loaded)) for loaded in (plain, changed, busier)]
    assert names[0] != names[1]
    assert names[0] == names[2]


def test_an_edited_record_loses_the_insights_of_its_old_words(workplace):
    """The same id with other words: what was found in the old ones goes, the new ones are analysed."""
    loaded, store, _ = workplace
    flow.analyse_store(loaded, store, at=RECEIVED, workers=1)
    before = store.insights_of(store.interaction("c-0").id)
    (loaded.root / "data" / "calls.jsonl").write_text(lines([contact(0, "all is well")]))
    ingest(loaded, store, configured_feeds(loaded), received_at=RECEIVED, workers=1)
    assert store.counts()["insights"] == 2
    report = flow.analyse_store(loaded, store, at=RECEIVED, workers=1)
    assert (len(before), report.analysed, report.insights) == (1, 1, 0)
    assert store.insights_of(store.interaction("c-0").id) == []


def test_the_stateless_stream_loses_only_the_broken_one(workplace):
    """A stream keeps its order; the broken record carries its reason."""
    loaded, _, _ = workplace
    from insights.flow.ingest import Feed
    from insights.readers import read

    feed = Feed(loaded.root / "data" / "calls.jsonl", "calls")
    readings = read(feed.path, feed.options(RECEIVED))
    found = list(flow.analyse_stream(readings, flow.recipe_of(loaded), protected=(), key=b"k" * 32, workers=1))
    assert [item.prepared.interaction.source_ref for item in found] == [f"c-{number}" for number in range(6)]
    assert [item.analysed.failure for item in found] == ["", "analysis failed: ZeroDivisionError", "", "", "", ""]
    assert [len(item.analysed.insights) for item in found] == [1, 0, 1, 0, 1, 0]
