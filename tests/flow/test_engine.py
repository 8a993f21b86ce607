"""Batches give the same results in the same order, in one process or in several."""

import os
from functools import partial

import pytest

from insights import engine
from insights.errors import InsightsError


def make_adder(amount):
    return partial(_add, amount)


def _add(amount, batch):
    return [value + amount for value in batch]


def make_killer():
    return _die


def _die(batch):
    if 9 in batch:
        os._exit(1)
    return batch


BATCHES = [[value] for value in range(12)]


@pytest.mark.parametrize("workers", [1, 2])
def test_results_keep_the_order_of_the_batches(workers):
    """One process or two: the same list."""
    results = list(engine.run(partial(make_adder, 10), BATCHES, workers=workers))
    assert results == [[value + 10] for value in range(12)]


def test_batches_are_read_lazily():
    """Only a few batches a process are taken before the first result is given."""
    taken = []

    def stream():
        for batch in BATCHES:
            taken.append(batch)
            yield batch

    results = engine.run(partial(make_adder, 0), stream(), workers=2)
    next(results)
    assert len(taken) <= 5
    assert len(list(results)) == 11


def test_a_dead_process_is_told():
    """A worker that dies ends the run with a hint, not with a hang."""
    with pytest.raises(InsightsError, match="died"):
        list(engine.run(make_killer, BATCHES, workers=2))
