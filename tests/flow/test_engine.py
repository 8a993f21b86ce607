"""Batches give the same results in the same order, in one process or in several."""

import os
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest

from insights import engine
from insights.errors import InsightsError, ModelError


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


def make_nothing():
    raise ModelError("the model is gone", "bring it back")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_that_cannot_be_made_says_why(workers, capfd):
    """What goes wrong while a worker is made reaches the caller as it is, and no traceback reaches the screen."""
    with pytest.raises(ModelError) as caught:
        list(engine.run(make_nothing, BATCHES, workers=workers))
    assert (caught.value.problem, caught.value.hint) == ("the model is gone", "bring it back")
    assert capfd.readouterr().err == ""


def make_sleeper():
    return _tell_and_wait


def _tell_and_wait(batch):
    os.write(1, b"ready\n")
    threading.Event().wait()


def test_workers_leave_with_the_process_that_started_them(tmp_path):
    """A killed run leaves no worker behind."""
    script = tmp_path / "killed.py"
    script.write_text(
        "import sys\nsys.path.insert(0, sys.argv[1])\nfrom insights import engine\nfrom test_engine import make_sleeper\n"
        "if __name__ == '__main__':\n    list(engine.run(make_sleeper, [[1], [2], [3]], workers=2))\n"
    )
    parent = subprocess.Popen([sys.executable, str(script), str(Path(__file__).parent)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    parent.stdout.readline()
    parent.kill()
    # The pipe comes to its end only when the last process that holds it has left.
    parent.communicate(timeout=60)
