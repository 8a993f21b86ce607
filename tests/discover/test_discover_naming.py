"""Names are phrases customers used, readable, telling and unique."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.discover.naming import KEYWORDS, Wording, keywords, name_topics, wordings
from insights.discover.phrases import phrases, says_something, words_of


@pytest.mark.parametrize(
    ("text", "expected", "unexpected"),
    [
        ("I forgot my password.", {"forgot my password", "password"}, {"my password", "i forgot"}),
        ("The card was charged twice, please refund", {"charged twice", "refund"}, {"twice refund"}),
        ("how do I top up with apple pay?", {"top up", "apple pay"}, {"up with"}),
        ("it's 24 hours! call [NAME] at www.shop.example now", {"hours", "call"}, {"NAME", "24", "www", "shop"}),
        ("I don't know what to do, thanks", set(), {"know", "thanks"}),
    ],
)
def test_phrases_are_clauses_between_telling_words(text: str, expected: set[str], unexpected: set[str]) -> None:
    """A phrase begins and ends with a telling word, never crosses a comma, and holds no marks, links or bare numbers."""
    found = set(phrases(text).values())
    assert expected <= found
    assert not unexpected & found


def test_forms_of_a_phrase_share_a_key() -> None:
    """Plural, capitals, possessive and small words between do not make another phrase."""
    keys = [
        next(key for key in phrases(text) if len(words_of(key)) == 2)
        for text in ("forgot my passwords", "Forgot password", "forgot the password's")
    ]
    assert len(set(keys)) == 1


@pytest.mark.parametrize(("text", "says"), [("yes okay thank you", False), ("", False), ("[PHONE] 123", False), ("the router", True)])
def test_what_says_something(text: str, says: bool) -> None:
    """Courtesy, marks and numbers alone say nothing of a matter."""
    assert says_something(text) is says


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.text(max_size=120))
def test_any_text_has_phrases_of_its_own_words(text: str) -> None:
    """Whatever the text, wordings are made of its words and keys have one to three parts."""
    for key, words in phrases(text).items():
        assert 1 <= len(words_of(key)) <= 3
        assert all(word in text.replace("’", "'") for word in words.split(" "))


def _wording(shown: str, *, weight: float = 0.1, share: float = 0.6, elsewhere: float = 0.01) -> Wording:
    key = next(key for key, words in reversed(phrases(shown).items()) if words == shown)
    return Wording(key, weight, share, elsewhere, shown)


def _ranked(*found: Wording) -> list[Wording]:
    return sorted(found, key=lambda wording: -wording.score)


def test_a_phrase_beats_the_word_in_it() -> None:
    """A frequent phrase around the best word takes its place; a rare one does not."""
    often = _ranked(_wording("password", weight=0.3, share=0.9), _wording("reset my password", share=0.4))
    seldom = _ranked(_wording("password", weight=0.3, share=0.9), _wording("reset my password", share=0.05))
    assert name_topics([often]) == ["Reset my password"]
    assert name_topics([seldom]) == ["Password"]


def test_a_name_that_says_little_is_completed() -> None:
    """Where the best phrase stands in less than half of the texts a second one follows, without repeating a word."""
    ranked = _ranked(_wording("late refund", share=0.3), _wording("refund", share=0.25), _wording("lost parcel", share=0.2))
    assert name_topics([ranked]) == ["Late refund, lost parcel"]


def test_neighbours_are_told_apart() -> None:
    """Topics with the same best phrase get different names: the smaller adds what sets it apart."""
    same = _wording("exchange rate", weight=0.5, share=0.8)
    names = name_topics([[same, _wording("cash abroad", share=0.1)], [same, _wording("weekend", share=0.1)]])
    assert names == ["Exchange rate", "Exchange rate, weekend"]


def test_names_are_unique_even_without_words() -> None:
    """Topics that differ in no phrase, or have none, still have names of their own."""
    same = [_wording("exchange rate")]
    names = name_topics([same, same, same, [], []])
    assert len({name.casefold() for name in names}) == 5
    assert all(names)


def test_keywords_do_not_repeat_each_other() -> None:
    """A word that an earlier keyword contains is left out; there are at most ten."""
    many = [_wording(f"telling{number} word{number}", weight=0.05) for number in range(20)]
    found = keywords([_wording("late refund"), _wording("refund"), *many])
    assert found[0] == "late refund"
    assert "refund" not in found
    assert len(found) == KEYWORDS


def test_words_common_everywhere_rank_low_and_the_central_text_gives_the_wording() -> None:
    """What all topics say names none of them; of two wordings the most central text's is shown."""
    members = [phrases("my bank card is blocked"), phrases("bank card was Blocked"), phrases("blocked bank card")]
    weights = [(key, 0.1) for key in ("bank_card", "card_blocked")]
    ranked = wordings(weights, members, Counter({"bank_card": 900}), 1000)
    assert [wording.shown for wording in ranked] == ["card is blocked", "bank card"]
