"""Predictions made up for the tests of figures."""

from __future__ import annotations

from insights.domain import Kind
from insights.evaluate import Said, Truth
from insights.evaluate.figures import Draws, draw

ISSUE, PRAISE, RIVAL = Kind.PRODUCT_ISSUE, Kind.TESTIMONIAL, Kind.COMPETITIVE_MENTION


def said(**confidences: float) -> Said:
    """A prediction that quotes something for each kind named."""
    kinds = {Kind(name): value for name, value in confidences.items()}
    return Said(dict.fromkeys(kinds, ("the screen is black",)), kinds)


def sure(confidences: list[tuple[float, bool]]) -> list[tuple[Truth, Said]]:
    """Interactions in which a product issue is claimed with a confidence, rightly or not."""
    return [
        (Truth(str(number), {ISSUE: "broken"} if right else {}), said(product_issue=confidence))
        for number, (confidence, right) in enumerate(confidences)
    ]


def draws(pairs: list[tuple[Truth, Said]], resamples: int = 40) -> Draws:
    """A few samples of the interactions."""
    return draw(len(pairs), seed=0, resamples=resamples)
