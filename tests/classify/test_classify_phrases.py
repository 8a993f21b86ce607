"""The phrase mini-language."""

from __future__ import annotations

import pytest

from insights.classify.phrases import PhraseError, PhraseIndex, parse_phrase, parse_phrases, tokens_of


def matched(phrase: str, text: str) -> str | None:
    """The words a phrase matches in a text, or None."""
    tokens = tokens_of(text)
    found = PhraseIndex([parse_phrases([phrase])]).find(tokens.words)
    return text[tokens.starts[found[0].start] : tokens.ends[found[0].end - 1]] if found else None


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        ("charged twice", "I was CHARGED Twice!", "CHARGED Twice"),
        ("charged|billed twice", "they billed twice", "billed twice"),
        ("charged twice", "I was charged the fee twice", None),
        ("charged * twice", "I was charged the full fee twice", "charged the full fee twice"),
        ("charged * twice", "charged one two three four twice", None),
        ("refund*", "no refunds here", "refunds"),
        ("refund", "no refunds here", None),
        ("log in? failed", "the log failed", "log failed"),
        ("log in? failed", "the log in failed", "log in failed"),
        ("can't open", "I can’t open it", "can’t open"),
        ("can't open", "I cant open it", "cant open"),
        ("cant open", "I ca n't open it", "ca n't open"),
        ("call-back|callback", "no call back yet", "call back"),
        ("call-back|callback", "no callback yet", "callback"),
        ("* charged twice *", "charged twice", "charged twice"),
        ("won't work", "it won't really work", None),
    ],
)
def test_a_phrase_matches_what_its_words_and_signs_say(phrase: str, text: str, expected: str | None) -> None:
    """Alternatives, beginnings, gaps of up to three words, words that may be missing, apostrophes and case."""
    assert matched(phrase, text) == expected


@pytest.mark.parametrize("phrase", ["*", "* *", "maybe?", "!!!", "a * b * c * d * e * f", "a-b|c-d " * 7])
def test_a_phrase_that_cannot_be_meant_is_refused(phrase: str) -> None:
    """Without a word that must stand, or with too many readings, there is no phrase."""
    with pytest.raises(PhraseError):
        parse_phrase(phrase)


@pytest.mark.parametrize(
    ("phrase", "says"),
    [
        ("a? " * 40 + "a " * 40, "ways"),
        ("a? b? c? d? e? * f * g * h * i", "ways"),
        (r"\brefund\b", "regular expression"),
        ("(a+)+$", "regular expression"),
        ("refund.*late", "regular expression"),
        ("[abc]", "regular expression"),
        ("refund$", "regular expression"),
        ("re*fund", "sign inside"),
        ("*fund", "sign inside"),
        ("a?|b", "sign inside"),
        ("a||b", "no word"),
        ("LEMMA:refund", "token pattern"),
        ("[{'POS': 'VERB'}]", "token pattern"),
    ],
)
def test_what_is_no_phrase_or_could_be_slow_is_refused(phrase: str, says: str) -> None:
    """Expressions, token patterns and phrases of too many readings are told for what they are."""
    with pytest.raises(PhraseError, match=says) as caught:
        parse_phrase(phrase)
    assert caught.value.hint


def test_signs_that_people_write_are_words() -> None:
    """Currency, plus signs, typed marks, percent and slashes are no expression."""
    for phrase in ("$20", "20$ off", "disney+", "C++", "[NAME] was rude", "24/7", "50%", "e.g. this", "LEMMA"):
        parse_phrase(phrase)


def test_a_word_fits_a_place_in_one_way() -> None:
    """What a shorter beginning finds is not tried a second time, so no sentence makes a phrase slow."""
    (step,) = parse_phrase("a*|ab*|abc|b").variants[0]
    assert (step.words, step.prefixes) == ({"b"}, {"a"})
    hostile = " ".join(["a*|aa*|aaa*|aaaa"] * 20) + " end"
    assert PhraseIndex([parse_phrases([hostile])]).find(("aaaa",) * 60) == []


def test_words_keep_their_places_in_the_text() -> None:
    """Offsets count code points of the text as it is, emoji and marks included."""
    text = "😀 It's [NAME]'s hub – broken"
    tokens = tokens_of(text)
    assert tokens.words == ("its", "[name]", "s", "hub", "broken")
    assert [text[a:b] for a, b in zip(tokens.starts, tokens.ends, strict=True)] == ["It's", "[NAME]", "s", "hub", "broken"]


def test_many_owners_share_one_index() -> None:
    """Each occurrence names the owner and the phrase it belongs to, in their order."""
    index = PhraseIndex([parse_phrases(["late", "never came"]), parse_phrases(["came late"])])
    found = index.find(tokens_of("it came late").words)
    assert [(one.owner, one.phrase, one.start, one.end) for one in found] == [(0, 0, 2, 3), (1, 0, 1, 3)]
