"""Counts corrected for the model's errors."""

from __future__ import annotations

import numpy as np
import pytest

from insights.domain import ErrorRates
from insights.track.prevalence import corrected, error_rates, kind_count, shares

FAIR = ErrorRates((160, 40), (1900, 100))
USELESS = ErrorRates((3, 50), (900, 100))


def test_a_count_is_corrected_by_what_is_missed_and_made_up() -> None:
    """One in five missed and one in twenty made up: 140 of 1,000 counted are about 120, whatever the labelled share was."""
    found = corrected("2026-W40", 140, 1000, FAIR)
    assert found.about == pytest.approx(120, abs=1)
    assert found.low is not None
    assert found.high is not None
    assert 90 < found.low < 120 < found.high < 160


@pytest.mark.parametrize(
    ("count", "handled", "errors", "why"),
    [
        (5, 100, None, "nobody measured"),
        (0, 0, FAIR, "nothing was handled"),
        (5, 100, USELESS, "no better than chance"),
        (5, 100, ErrorRates((50, 50), (50, 50)), "sensitivity and specificity sum to one"),
        (5, 100, ErrorRates((10, 90), (10, 90)), "worse than chance"),
        (5, 100, ErrorRates((0, 0), (100, 5)), "no labelled contact has the kind"),
        (5, 100, ErrorRates((20, 5), (0, 0)), "every labelled contact has the kind"),
        (1, 2000, FAIR, "fewer than the false alarms alone would make"),
        (2000, 2000, FAIR, "more than could be found if every contact had it"),
    ],
)
def test_what_cannot_be_corrected_stays_as_it_was_counted(count: int, handled: int, errors: ErrorRates | None, why: str) -> None:
    """No corrected count rather than a wrong one."""
    found = corrected("w", count, handled, errors)
    assert (found.count, found.about, found.low, found.high) == (count, None, None, None), why


@pytest.mark.parametrize("count", [0, 1, 25, 50, 100])
@pytest.mark.parametrize("errors", [FAIR, ErrorRates((200, 0), (2000, 0)), ErrorRates((1, 0), (1, 0))])
def test_a_corrected_count_lies_in_its_interval_and_among_the_contacts(count: int, errors: ErrorRates) -> None:
    """Between none and all, also at the edges and where little was measured."""
    found = corrected("w", count, 100, errors)
    if found.about is not None and found.low is not None and found.high is not None:
        assert 0 <= found.low <= found.about <= found.high <= 100


def test_a_perfect_model_leaves_the_usual_interval_of_a_share() -> None:
    """Without errors the limits are Wilson's."""
    _, low, high = shares(30, 100, 1e9, 0, 1e9, 0, normal=1.96)
    assert (low, high) == (pytest.approx(0.2189, abs=1e-3), pytest.approx(0.3958, abs=1e-3))


def test_doubt_about_the_errors_widens_the_interval() -> None:
    """The same rates from a tenth of the labels leave more doubt; so does a smaller period."""

    def width(errors: ErrorRates, handled: int) -> float:
        found = corrected("w", handled * 14 // 100, handled, errors)
        assert found.low is not None
        assert found.high is not None
        return (found.high - found.low) / handled

    assert width(FAIR, 1000) < width(ErrorRates((16, 4), (190, 10)), 1000)
    assert width(FAIR, 1000) < width(FAIR, 200)


def test_the_interval_keeps_its_word_when_prevalence_shifts() -> None:
    """In 4,000 simulated periods at each of three prevalences it holds the true one in 93 to 97 of a hundred."""
    rng = np.random.default_rng(7)
    for prevalence in (0.02, 0.1, 0.4):
        found, alarms = rng.binomial(150, 0.7, 4000), rng.binomial(2400, 0.04, 4000)
        count = rng.binomial(1500, prevalence * 0.7 + (1 - prevalence) * 0.04, 4000)
        _, low, high = shares(count, 1500, found, 150 - found, 2400 - alarms, alarms, normal=1.96)
        assert 0.93 <= np.mean((low <= prevalence) & (prevalence <= high)) <= 0.97


def test_rates_that_differ_between_sources_are_worth_fewer_labels() -> None:
    """Two thousand labels of sources that disagree tell less of a further source than those of sources that agree."""
    agree = error_rates([(80, 10, 20, 190), (160, 20, 40, 380)])
    differ = error_rates([(95, 2, 5, 198), (130, 60, 70, 340)])
    assert sum(agree.sensitivity) == pytest.approx(300)
    assert sum(differ.sensitivity) < 30
    assert differ.sensitivity[0] / sum(differ.sensitivity) == pytest.approx(225 / 300)


@pytest.mark.parametrize(
    ("measured", "sensitivity"),
    [
        ([], (0, 0)),
        ([(0, 0, 0, 50)], (0, 0)),
        ([(8, 1, 2, 9)], (8, 2)),
        ([(5, 0, 0, 9), (7, 0, 0, 9)], (12, 0)),
        ([(1, 0, 0, 9), (0, 0, 1, 9)], None),
    ],
)
def test_error_rates_of_few_labels_are_no_error(measured: list[tuple[int, int, int, int]], sensitivity: tuple[int, int] | None) -> None:
    """No label, one source, none missed, one label a source: counts come out, never a division by zero."""
    found = error_rates(measured)
    assert min(*found.sensitivity, *found.specificity) >= 0
    if sensitivity is not None:
        assert found.sensitivity == pytest.approx(sensitivity)


@pytest.mark.parametrize(
    ("counts", "direction"),
    [
        ([(50, 1000)] * 8 + [(52, 1000)], ""),
        ([(50, 1000)] * 8 + [(110, 1000)], "up"),
        ([(50, 1000)] * 8 + [(15, 1000)], "down"),
        ([(100, 2000)] * 8 + [(50, 1000)], ""),
        ([(0, 0), (5, 100)], ""),
        ([(0, 100), (0, 100)], ""),
    ],
)
def test_an_arrow_stands_only_where_no_change_is_excluded(counts: list[tuple[int, int]], direction: str) -> None:
    """Twice as many is a change, a few more are not, and neither is half of half as many contacts."""
    found = kind_count([str(n) for n in range(len(counts))], counts, FAIR)
    assert found.direction == direction
    assert (found.now.count, found.before.count) == (counts[-1][0], counts[-2][0])
