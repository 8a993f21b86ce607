"""The built-in cues."""

from __future__ import annotations

from collections import Counter

import pytest

from insights.classify.annotate import Annotator, kinds_of
from insights.classify.cues import built_in_cues
from insights.domain import Kind, Role, Sentence


def spoken_for(text: str) -> frozenset[Kind]:
    """Kinds for which a cue speaks unguarded in a sentence."""
    annotator = Annotator()
    return kinds_of(annotator.read(Sentence(0, 0, len(text), text, Role.CUSTOMER)).hits, annotator.cues)


def test_every_kind_has_cues_and_every_cue_a_name_of_its_own() -> None:
    """No kind is left to the model alone."""
    cues = built_in_cues().cues
    assert {cue.kind for cue in cues} == set(Kind)
    assert max(Counter(cue.key for cue in cues).values()) == 1


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("I am still waiting for a reply", Kind.PROCESS_FAILURE, True),
        ("You charged me twice", Kind.PROCESS_FAILURE, True),
        ("What happens if you charged me twice", Kind.PROCESS_FAILURE, False),
        ("The app keeps crashing", Kind.PRODUCT_ISSUE, True),
        ("The app is not crashing", Kind.PRODUCT_ISSUE, False),
        ("Please add a widget", Kind.IMPROVEMENT_IDEA, True),
        ("It would be great if you could add one", Kind.IMPROVEMENT_IDEA, True),
        ("I wish you all the best", Kind.IMPROVEMENT_IDEA, False),
        ("I'm switching to another provider", Kind.COMPETITIVE_MENTION, True),
        ("I looked for the information elsewhere", Kind.COMPETITIVE_MENTION, False),
        ("Transfer it to another bank account", Kind.COMPETITIVE_MENTION, False),
        ("Do you offer a family plan?", Kind.MARKET_OPPORTUNITY, True),
        ("When will my refund arrive", Kind.MARKET_OPPORTUNITY, False),
        ("The staff were friendly and helpful", Kind.TESTIMONIAL, True),
        ("We provide the best service", Kind.TESTIMONIAL, False),
        ("Great service, ignoring me for hours", Kind.TESTIMONIAL, True),
        ("Such great service ignoring me for hours", Kind.TESTIMONIAL, False),
    ],
)
def test_cues_speak_for_plain_cases_and_not_for_their_doubles(text: str, kind: Kind, expected: bool) -> None:
    """Each kind's words are heard, and guarded or silenced where they mean something else."""
    assert (kind in spoken_for(text)) is expected


def test_colours_have_a_name_each() -> None:
    """What the model reads of a sentence is as long as the list of its names."""
    annotator = Annotator()
    row = annotator.read(Sentence(0, 0, 19, "Not good, joining X", Role.CUSTOMER))
    named = dict(zip(annotator.colours, row.colour, strict=True))
    assert named["praise turned round"] > 0
    assert named["toward a name"] == 1.0
