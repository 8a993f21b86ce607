"""From scores of sentences to verdicts about a contact."""

from __future__ import annotations

import numpy as np
import pytest
from classify_contacts import interaction, sentences

from insights.classify import stacking
from insights.classify.annotate import Annotator
from insights.classify.stacking import KINDS, SUMMARY, UNREAD


def drawn(count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Contacts of three sources of which the first feature tells the first kind; all else is noise."""
    rng = np.random.default_rng(seed)
    summaries = rng.normal(size=(count, len(KINDS), len(SUMMARY)))
    present = np.zeros((count, len(KINDS)), dtype=bool)
    present[:, 0] = summaries[:, 0, 0] + rng.normal(scale=0.3, size=count) > 0
    sources = np.array([("a", "b", "c")[number % 3] for number in range(count)])
    return summaries, present, np.ones_like(present), sources


def test_what_is_told_is_learnt_and_what_never_occurs_stays_silent() -> None:
    """A kind with examples is judged well on sources left out; one without is never said."""
    material = drawn(300, 1)
    judged = stacking.held_out(*material)
    assert ((judged[:, 0] >= 0.5) == material[1][:, 0]).mean() > 0.85
    assert judged[:, 1].max() < 1e-6


def test_a_contact_is_judged_without_its_source() -> None:
    """Turning every label of one source round changes the verdicts on the others alone."""
    summaries, present, scored, sources = drawn(300, 2)
    before = stacking.held_out(summaries, present, scored, sources)
    turned = present.copy()
    turned[sources == "a", 0] = ~present[sources == "a", 0]
    after = stacking.held_out(summaries, turned, scored, sources)
    assert np.array_equal(before[sources == "a"], after[sources == "a"])
    assert not np.allclose(before[sources == "b"], after[sources == "b"])


@pytest.mark.parametrize(("scores", "expected"), [([0.9, 0.8, 0.2, 0.1], (0.2, 0.8)), ([0.1, 0.2, 0.8, 0.9], (0.05, 0.1))])
def test_the_threshold_parts_right_from_wrong(scores: list[float], expected: tuple[float, float]) -> None:
    """It lies between the yes's and the no's, or takes all where nothing parts them."""
    present = np.array([True, True, False, False])
    found = stacking.best_threshold(np.array(scores), present, np.ones(4, dtype=bool), np.array(["a"] * 4))
    assert expected[0] <= found <= expected[1]


def test_a_precision_is_promised_only_by_enough_findings() -> None:
    """Of forty findings of which the surest thirty are right, nine in ten are right from a threshold on; luck with five promises nothing."""
    judged, present = np.linspace(0.9, 0.1, 40), np.arange(40) < 30
    everywhere = np.ones(40, dtype=bool)
    least = stacking.precise_threshold(judged, present, everywhere, 0.9)
    assert least is not None
    assert present[judged >= least].mean() >= 0.9
    assert stacking.precise_threshold(judged, np.arange(40) < 5, everywhere, 0.9) is None


def test_a_summary_tells_the_strongest_and_what_was_not_read() -> None:
    """Readings count where there are any; other kinds are the strongest beside; a contact without sentences says nothing."""
    annotator = Annotator()
    rows = [annotator.read(sentence) for sentence in sentences(interaction("I have been waiting for weeks."))]
    words = np.full((1, len(KINDS)), -2.0)
    readings = np.full((1, len(KINDS)), -3.0)
    readings[0, 1] = 4.0
    by_words, by_reading = stacking.summarise(words, None, rows, annotator), stacking.summarise(words, readings, rows, annotator)
    assert by_words[:, 1].tolist() == [0.0] * len(KINDS)
    assert by_reading[1].tolist()[:2] == [-2.0, 4.0]
    assert by_reading[1, 3] == -3.0
    assert by_reading[0, 3] == 4.0
    assert by_reading[1, 2] > 0
    assert stacking.summarise(words[:0], readings[:0], [], annotator)[:, 0].tolist() == [UNREAD] * len(KINDS)
