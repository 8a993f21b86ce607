"""What the labels of public data sets answer, and which of the engine's kinds should."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from insights.domain import Kind

if TYPE_CHECKING:
    from pandas import DataFrame, Series

YES, NO = "yes", "no"


@dataclass(frozen=True)
class Question:
    """What a set's labels answer.

    Attributes:
        name: For the table.
        answers: A row to its class, ``YES`` or ``NO`` where the engine can answer too; missing where a row is not asked.
        kinds: Kinds of which any is the engine's yes; none where only training can tell.
        rate: What ``known`` is measured by.
        known: What others have reached with training, as they told it.
    """

    name: str
    answers: Callable[[DataFrame], Series]
    kinds: tuple[Kind, ...] = ()
    rate: str = "F1"
    known: str = "-"


@dataclass(frozen=True)
class Part:
    """A data set.

    Attributes:
        channel: Of its texts.
        questions: What it is asked.
        words: Its texts as a model of words learns from them.
    """

    channel: str
    questions: tuple[Question, ...]
    words: Callable[[DataFrame], list[str]] = lambda frame: list(frame["text"])


def among(column: str, *wanted: str, without: Sequence[str] = ()) -> Callable[[DataFrame], Series]:
    """Returns yes for rows whose column has one of the values, no for others, nothing for those ``without``."""

    def answers(frame: DataFrame) -> Series:
        told = frame[column].isin(wanted).map({True: YES, False: NO})
        return told.mask(frame[column].isin(without))

    return answers


def classes(frame: DataFrame) -> Series:
    """Returns each row's label; there is none where it is missing."""
    return frame["label"]


def of_brands(frame: DataFrame) -> Series:
    """Returns whether two brands are compared, of rows that name two."""
    return among("label", "BETTER", "WORSE")(frame).where(frame["domain"] == "brands")


def around(text: str, first: str, second: str) -> str:
    """Returns a text with two names masked, and once more each word marked as before, between or behind them.

    Which of two things is the better one hangs on the words between them.
    """
    found = re.search(f"{re.escape(first)}(.*?){re.escape(second)}", text, re.IGNORECASE | re.DOTALL)
    if not found:
        return text
    places = (text[: found.start()], found.group(1), text[found.end() :])
    marked = (f"{mark}_{word}" for mark, place in zip(("before", "between", "behind"), places, strict=True) for word in place.split())
    return " ".join([places[0], "first_name", places[1], "second_name", places[2], *marked])


BUGS = ("BUG", "PERFORMANCE", "ENERGY", "SECURITY", "USABILITY")
PROCESSES = (
    "Customer Service Issue",
    "Late Flight",
    "Cancelled Flight",
    "Lost Luggage",
    "Flight Booking Problems",
    "Flight Attendant Complaints",
    "longlines",
    "Damaged Luggage",
)
# A bad flight may be a broken seat or a rude crew, and the last is no reason.
UNCLEAR = ("Bad Flight", "Can't Tell")

PARTS: Mapping[str, Part] = {
    "app_reviews_types": Part(
        "review",
        (
            Question("bug", among("label", "BUG"), (Kind.PRODUCT_ISSUE,), known=".84 to .91"),
            Question("bug, slow, battery, unsafe, hard to use", among("label", *BUGS), (Kind.PRODUCT_ISSUE,)),
            Question("feature wanted", among("label", "FEATURE"), (Kind.IMPROVEMENT_IDEA,), known=".53 to .75"),
        ),
    ),
    "suggestions_software_forum": Part(
        "forum",
        (Question("suggestion", among("label", "suggestion"), (Kind.IMPROVEMENT_IDEA,), known=".781, best of the challenge"),),
    ),
    "comparative_sentences": Part(
        "web",
        (
            Question("compares", among("label", "BETTER", "WORSE"), (Kind.COMPETITIVE_MENTION,)),
            Question("compares, brands only", of_brands, (Kind.COMPETITIVE_MENTION,)),
            Question("better, worse, neither", classes, rate="micro F1", known=".885, BERT"),
        ),
        lambda frame: [around(*row) for row in zip(frame["text"], frame["object_a"], frame["object_b"], strict=True)],
    ),
    "issue_reports": Part(
        "forum",
        (
            Question("bug", among("label", "bug"), (Kind.PRODUCT_ISSUE,)),
            Question("feature wanted", among("label", "feature"), (Kind.IMPROVEMENT_IDEA,)),
            Question("bug, feature, question", classes, rate="macro F1", known=".824, SetFit"),
        ),
    ),
    "airline_tweets": Part(
        "social",
        (
            Question("complaint of handling", among("label", *PROCESSES, without=UNCLEAR), (Kind.PROCESS_FAILURE,)),
            Question("negative", among("sentiment", "negative"), (Kind.PROCESS_FAILURE, Kind.PRODUCT_ISSUE)),
            Question("positive", among("sentiment", "positive"), (Kind.TESTIMONIAL,)),
            Question("ten reasons", classes, rate="accuracy", known=".61, TF-IDF + LinearSVC"),
        ),
    ),
}
