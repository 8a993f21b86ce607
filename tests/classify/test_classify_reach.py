"""Rules that can never decide, and what `insights check` says of them."""

from __future__ import annotations

import itertools
import random

import pytest

from insights.classify.phrases import PhraseIndex, parse_phrase, parse_phrases
from insights.classify.reach import always_found
from insights.classify.taxonomy import check_taxonomy, compile_taxonomy
from insights.config.models import Taxonomy
from insights.config.toml import locate, parse_toml
from insights.errors import Fault


@pytest.mark.parametrize(
    ("phrase", "others", "expected"),
    [
        ("late refund", ["refund"], True),
        ("refund", ["late refund"], False),
        ("refund|credit late", ["refund late", "credit late"], True),
        ("refund|credit late", ["refund late"], False),
        ("waiting refund", ["wait* refund"], True),
        ("wait* refund", ["waiting refund"], False),
        ("waiting * refund", ["waiting * * refund"], True),
        ("waiting * * refund", ["waiting * refund"], False),
        ("never a b", ["never * b"], True),
        ("a b? c", ["a c", "a b c"], True),
        ("a b? c", ["a c"], False),
        ("x", ["x y?"], True),
        ("call-back late", ["back"], True),
        ("call-back|callback late", ["back"], False),
        ("x", [], False),
    ],
)
def test_what_a_phrase_finds_others_always_find(phrase: str, others: list[str], expected: bool) -> None:
    """One phrase is covered by others when every run of words it finds holds one of them."""
    assert always_found(parse_phrase(phrase), parse_phrases(others)) is expected


@pytest.mark.parametrize(("other", "expected"), [("late", True), ("late refund?", True), ("refund", False)])
def test_what_is_looked_at_by_guards_must_be_the_same(other: str, expected: bool) -> None:
    """Asked to begin with the same word, a phrase that begins later does not cover."""
    assert always_found(parse_phrase("late refund"), [parse_phrase(other)], from_start=True) is expected


def test_the_proof_agrees_with_trying_all_texts() -> None:
    """For random small phrases the answer is never yes where some text shows the contrary, and is no only where one does."""
    rng = random.Random(7)
    parts = ["a", "b", "a|b", "a*", "*", "b?", "ab"]
    texts = [words for size in range(1, 7) for words in itertools.product(["a", "b", "ab"], repeat=size)]
    tried = 0
    while tried < 60:
        try:
            phrase, other = (parse_phrase(" ".join(rng.choices(parts, k=rng.randint(1, 3)))) for _ in range(2))
        except ValueError:
            continue
        tried += 1
        own, theirs = PhraseIndex([[phrase]]), PhraseIndex([[other]])
        contrary = any(own.find(words) and not theirs.find(words) for words in texts)
        if always_found(phrase, [other]):
            assert not contrary, (phrase.text, other.text)
        elif "*" not in phrase.text + other.text:
            assert contrary, (phrase.text, other.text)


def found_in(text: str) -> list[Fault]:
    """All that check says of a taxonomy."""
    taxonomy = parse_toml(text, Taxonomy, shown="t.toml")
    return check_taxonomy(taxonomy, compile_taxonomy(taxonomy), shown="t.toml", lines=locate(text))


HEAD = '[topic.late]\nlabel = "Late"\nkind = "process_failure"\nmatch = ["it is late"]\n'


@pytest.mark.parametrize(
    ("rules", "line", "problem", "warning"),
    [
        ('any = [\n "late",\n "never came",\n]\nunless = ["never"]\n', 7, '"never came" can never decide: unless "never"', False),
        ('any = ["late"]\nall = ["is"]\nunless = ["is"]\n', 6, '"is" can never decide', False),
        ('any = [\n "late",\n "Late",\n]\n', 7, '"Late" stands twice', True),
        ('any = [\n "late parcel",\n "late",\n]\n', 6, '"late parcel" decides nothing of its own: "late" finds all', True),
        ('any = ["late"]\nunless = ["soon", "so soon"]\n', 6, '"so soon" decides nothing of its own: "soon"', True),
        ('any = ["late", "parcel has|n\'t come"]\n', 5, '"n\'t" in "parcel has|n\'t come" is never a word of its own', True),
    ],
)
def test_a_rule_that_cannot_decide_is_told(rules: str, line: int, problem: str, warning: bool) -> None:
    """What is dead is a fault, what is idle a warning; each with its own line, inside a list too."""
    told = [(fault.line, fault.warning) for fault in found_in(HEAD + rules) if fault.problem.startswith(problem)]
    assert told == [(line, warning)]


@pytest.mark.parametrize(
    "rules",
    [
        'any = ["late", "not * late"]\n',  # begins earlier: what guards the one does not guard the other
        'any = ["late", "late* parcel"]\n',
        'any = ["late"]\nunless = ["so late again"]\n',
    ],
)
def test_a_rule_that_can_decide_is_left_alone(rules: str) -> None:
    """No live rule is accused."""
    assert found_in(HEAD + rules) == []


def test_a_topic_that_another_covers_is_told() -> None:
    """Where every phrase of a topic is also found by another of its kind, it never stands alone; another kind does not matter."""
    other = '[topic.other]\nlabel = "B"\nkind = "{}"\nany = ["late|later", "never came"]\nmatch = ["it never came"]\n'
    own = HEAD.replace("it is late", "it came late") + 'any = ["late train", "late"]\n'
    told = [(fault.key, fault.problem) for fault in found_in(own + other.format("process_failure")) if "stands alone" in fault.problem]
    assert told == [("topic.late", "every phrase of it is found by other too, so it never stands alone")]
    assert not [fault for fault in found_in(own + other.format("product_issue")) if "stands alone" in fault.problem]


def test_a_failing_example_names_the_words_that_decided() -> None:
    """Whether a guard, an unless, an all or no phrase decided, the hint says so with the words."""
    text = (
        '[topic.late]\nlabel = "L"\nkind = "process_failure"\nany = ["came late"]\nall = ["parcel"]\nunless = ["thank*"]\n'
        'match = [\n "parcel came late",\n "parcel never came late",\n "it came late",\n "parcel came late, thanks",\n "parcel came early",\n'
        ' "no word",\n]\nno_match = ["the parcel came late again"]\n'
    )
    hints = {fault.line: fault.hint for fault in found_in(text)}
    assert sorted(hints) == [9, 10, 11, 12, 13, 15]
    assert hints[9] == "'came late' (pattern late: 'came late') is negated; take a plainer sentence"
    assert hints[10] == '"parcel" under all is missing'
    assert hints[11] == "'thanks' is forbidden by unless \"thank*\""
    assert hints[12] == 'no phrase fits; the nearest is "came late"'
    assert hints[15].startswith("by 'came late' (pattern late: 'came late'); narrow the phrase")


def test_a_competitor_whose_own_name_is_forbidden_is_told() -> None:
    """An unless that stands in the name itself lets it never count."""
    text = '[competitor.c]\nlabel = "Copper"\naliases = [\n "Copper Line",\n]\nunless = ["copper line|wire"]\n'
    assert [(fault.line, fault.problem) for fault in found_in(text)] == [
        (4, '"Copper Line" can never count: "copper line|wire" under unless stands in it')
    ]
