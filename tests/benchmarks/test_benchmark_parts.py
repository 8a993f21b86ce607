"""The rates and the reading of the public sets that measure a part."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.parts import aligned, asked, load, measured_on
from benchmarks.questions import Question, among, around
from benchmarks.rates import accuracy, average_precision, detection, macro_f1
from benchmarks.refit import held_out, material

pd = pytest.importorskip("pandas")


@pytest.fixture
def frame():
    """Ten rows, the last two of them a test part."""
    split = ["train"] * 8 + ["test"] * 2
    return pd.DataFrame(
        {"id": [str(n) for n in range(10)], "text": [f"text {n}" for n in range(10)], "split": split, "label": list("ababababac")}
    )


def test_detection_counts_what_was_rightly_said() -> None:
    """Precision, recall and F1 follow from found, alarms and missed, and their intervals hold them."""
    present, said = np.array([1, 1, 1, 0, 0, 0], dtype=bool), np.array([1, 1, 0, 1, 0, 0], dtype=bool)
    for figure in detection(present, said, seed=0):
        assert figure.value == pytest.approx(2 / 3)
        assert figure.low <= figure.value <= figure.high


def test_detection_without_a_yes_finds_nothing() -> None:
    """Nothing said is no division by zero: all three are 0."""
    present = np.array([True, False])
    assert [figure.value for figure in detection(present, np.zeros(2, dtype=bool), seed=0)] == [0, 0, 0]


def test_rates_of_several_classes() -> None:
    """Accuracy counts texts, macro F1 counts classes."""
    truth, said = np.array(["a", "a", "a", "b"]), np.array(["a", "a", "a", "a"])
    assert accuracy(truth, said, seed=0).value == pytest.approx(0.75)
    assert macro_f1(truth, said, seed=0).value == pytest.approx((6 / 7 + 0) / 2)


def test_average_precision_is_that_of_scikit_learn() -> None:
    """Equal scores come at once, in whatever order the texts stand."""
    from sklearn.metrics import average_precision_score

    random = np.random.default_rng(1)
    for digits in (8, 1, 0):
        present, scores = random.random(80) < 0.3, np.round(random.random(80), digits)
        assert average_precision(present, scores, seed=0).value == pytest.approx(average_precision_score(present, scores))


def test_answers_leave_out_who_is_not_asked(frame) -> None:
    """Rows without an answer have an empty class."""
    answers = asked(frame, Question("is it a", among("label", "a", without=("c",))))
    assert answers.tolist() == ["yes", "no", "yes", "no", "yes", "no", "yes", "no", "yes", ""]


def test_a_capped_set_keeps_its_test_part(frame, tmp_path: Path) -> None:
    """The cap takes from what is learnt from alone; the same rows each time; a set without a test part is all measured on."""
    path = tmp_path / "set.parquet"
    frame.to_parquet(path)
    capped = load(path, 3)
    assert len(capped) == 5
    assert measured_on(capped).sum() == 2
    assert capped["id"].tolist()[-2:] == ["8", "9"]
    assert capped.equals(load(path, 3))
    frame.assign(split="train").to_parquet(path)
    assert measured_on(load(path, 3)).tolist() == [True] * 3


def test_words_are_told_by_where_they_stand_between_two_names() -> None:
    """Names are masked, every other word is marked by its place; a text that does not hold both stays as it is."""
    assert around("tea beats Coffee daily", "tea", "coffee").split() == [
        "first_name",
        "beats",
        "second_name",
        "daily",
        "between_beats",
        "behind_daily",
    ]
    assert around("only tea", "tea", "coffee") == "only tea"


@pytest.mark.parametrize("part", [None, np.arange(60) >= 40])
def test_what_is_told_was_not_learnt_from(part) -> None:
    """Classes that lie apart are told; five-fold tells all texts, a test part only its own."""
    labels = np.array(["yes", "no", "no"] * 20)
    vectors = (labels == "yes")[:, None].astype(np.float32)
    known = material(["alike all of them"] * 60, np.full((60, 6), 0.1), vectors)
    places, told = held_out(known, labels, part=part, seed=0)
    assert places.tolist() == list(range(60) if part is None else range(40, 60))
    assert (told == labels[places]).all()


def test_columns_stand_below_each_other() -> None:
    """Numbers are set to the right, words to the left."""
    assert aligned([("set", "texts"), ("a", "1,000"), ("longer", "7")]) == "set     texts\na       1,000\nlonger      7"
