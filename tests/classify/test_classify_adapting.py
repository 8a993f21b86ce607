"""A model moved towards corrections."""

from __future__ import annotations

import numpy as np
import pytest
from classify_contacts import interaction, model_of, sentences

from insights.classify.adapting import adapt, shifted
from insights.classify.training import Labelled
from insights.domain import Effort, Interaction, Kind


def corrected(count: int, *, right: bool) -> list[Labelled]:
    """Contacts about a parcel: where ``right``, people say that being left in the rain is a process failure and a lost one is none."""
    made = []
    for number in range(count):
        wet = number % 2 == 0
        contact = interaction("My parcel was left out in the rain again." if wet else "My parcel is lost, but never mind.")
        contact = Interaction(f"i-{number}", "test", str(number), contact.received_at, "chat", contact.turns)
        (sentence,) = sentences(contact)
        there = wet is right
        spans = {Kind.PROCESS_FAILURE: ((0, sentence.start, sentence.end),)} if there else {}
        uncertain = frozenset(set(Kind) - {Kind.PROCESS_FAILURE})
        made.append(Labelled(contact, (sentence,), spans, frozenset(spans), uncertain, "test"))
    return made


def test_corrections_move_the_verdicts() -> None:
    """A model that took "lost" for a failure learns what people say instead, and is better on what it had not seen."""
    old = model_of({"lost": {Kind.PROCESS_FAILURE: 30.0}})
    found = adapt(old, corrected(80, right=True), encoder=None, effort=Effort.FAST)
    assert found.better
    assert found.after > found.before + 0.3
    assert found.judged == 80


def test_what_is_right_already_stays() -> None:
    """Corrections that say what the model says change no figure."""
    old = model_of({"rain": {Kind.PROCESS_FAILURE: 30.0}})
    found = adapt(old, corrected(40, right=True), encoder=None, effort=Effort.FAST)
    assert (found.before, found.after) == (1.0, 1.0)


def test_the_same_corrections_give_the_same_model() -> None:
    """Nothing in it is left to chance."""
    old = model_of({"lost": {Kind.PROCESS_FAILURE: 30.0}})
    one, other = (adapt(old, corrected(40, right=True), encoder=None, effort=Effort.FAST, seed=3) for _ in range(2))
    assert np.array_equal(one.model.deciders[Effort.FAST].summary, other.model.deciders[Effort.FAST].summary)
    assert one.after == other.after


@pytest.mark.parametrize(("prior", "near"), [(1e9, True), (0.01, False)])
def test_weights_are_drawn_back_to_where_they_were(prior: float, near: bool) -> None:
    """A strong prior leaves them, a weak one lets the data speak."""
    start = np.array([0.5, -0.5])
    features = np.linspace(-2, 2, 50)[:, None]
    moved = shifted(start, features, features[:, 0] < 0, prior)
    assert np.allclose(moved, start, atol=1e-3) is near
    assert near or moved[0] < 0


def test_without_rows_nothing_moves() -> None:
    """No corrections, no change."""
    start = np.array([1.0, 2.0])
    assert np.array_equal(shifted(start, np.zeros((0, 1)), np.zeros(0, dtype=bool), 1.0), start)
