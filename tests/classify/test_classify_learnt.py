"""Topics learnt from examples: told apart, none of them where a text is far from all, the same again from disk."""

import zlib
from dataclasses import replace

import numpy as np
import pytest

from insights.classify.learning import Lesson, learn
from insights.classify.learnt import ARRAYS, PIECE_WORDS, LearntTopics, vectors_of
from insights.classify.lexical import counted, lexicon_of
from insights.errors import ModelError

DIMENSIONS = 64
MEANINGS = {
    "refund": ["money", "back", "refund", "repaid", "owed", "credit"],
    "router": ["router", "hub", "box", "lights", "restarts", "wifi"],
    "visit": ["engineer", "technician", "visit", "appointment", "came", "door"],
    "bill": ["bill", "invoice", "charged", "statement", "amount", "twice"],
}
NAMES = {key: f"trouble with {key}" for key in MEANINGS}
FRAMES = (
    "the {0} is wrong again",
    "where is my {0} please",
    "nobody told me of the {0}",
    "{0} still missing",
    "a mess this {0} and the {1}",
)


class Words:
    """Stands for an encoder: a direction for each meaning and a smaller one for each word."""

    id = "words-1"
    dimensions = DIMENSIONS

    def encode(self, texts):
        rows = np.array([sum((self._word(word) for word in text.lower().split()), np.zeros(DIMENSIONS)) for text in texts])
        return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)).astype(np.float32)

    def _word(self, word):
        meaning = next((key for key, words in MEANINGS.items() if word in words), None)
        return self._direction(word) * 0.4 + (2 * self._direction(f"meaning {meaning}") if meaning else 0)

    @staticmethod
    def _direction(name):
        return np.random.default_rng(zlib.crc32(name.encode())).normal(size=DIMENSIONS) / 8


def sentences(key, words):
    return [frame.format(*turned[number % 2 :]) for number, frame in enumerate(FRAMES) for turned in (words, words[::-1])]


def lesson(keys=tuple(MEANINGS), **more):
    """Ten examples a topic with the first four words of its meaning; the last two are for asking."""
    pairs = [(key, text) for key in keys for text in sentences(key, MEANINGS[key][:4])] + [("", text) for text in more.pop("never", ())]
    names = {key: NAMES[key] for key in keys}
    encode = Words().encode
    texts = [text for _, text in pairs]
    return Lesson([key for key, _ in pairs], texts, encode(texts), more.pop("kinds", {}), names, encode(list(names.values())), **more)


@pytest.fixture(scope="module")
def model():
    return learn(lesson(), encoder=Words.id, seed=0)


def placed(model, texts, **asked):
    return model.place(texts, Words().encode(texts), **asked)


ASKED = [
    ("refund", "they owed me and the credit never came"),
    ("router", "since monday the wifi restarts"),
    ("bill", "an amount taken twice"),
]


@pytest.mark.parametrize(("key", "text"), ASKED)
def test_words_of_the_same_meaning_are_recognised(model, key, text):
    """A text in other words than the examples' is placed by meaning, surely, and told with an example of that topic."""
    (found,) = placed(model, [text])
    assert found.topic == key
    assert found.probability >= model.threshold >= 0.5
    assert model.topics[model.shown.topics[found.example]] == key


def test_what_is_like_no_example_is_no_topic(model):
    """Texts of other things stay below the threshold, however the probabilities are shared among the topics."""
    texts = ["parking costs more than the meal", "your adverts on the radio are loud", "lovely colours in the new shop window", "", "¿?"]
    assert all(found.probability < model.threshold for found in placed(model, texts))


def test_what_must_not_be_taken_is_none_of_the_topics():
    """Sentences shown as none of the topics, and their like, are placed nowhere."""
    never = [f"how do i {word} a {thing}" for word in ("order", "return", "print") for thing in ("form", "badge", "poster", "ticket")]
    model = learn(lesson(never=never), encoder=Words.id, seed=0)
    assert "" in model.topics
    assert placed(model, ["how do i order a badge"]) == [None]
    assert placed(model, [ASKED[0][1]])[0].topic == "refund"


def test_a_text_is_told_among_the_topics_it_can_be_about(model):
    """With its kind known, only topics of that kind are possible; a text of another matter is then unsure."""
    among = np.array([[key in ("bill", "router") for key in model.topics]])
    (found,) = placed(model, ["they owed me and the credit never came"], among=among)
    assert found.topic in ("bill", "router")
    assert found.probability < model.threshold


def test_two_topics_are_enough():
    """Where no topic can be left out, likeness to the examples alone guards against strangers."""
    model = learn(lesson(("refund", "router")), encoder=Words.id, seed=0)
    near, far = placed(model, [ASKED[0][1], "lovely colours in the new shop window"])
    assert near.topic == "refund"
    assert near.probability > far.probability


def test_topics_of_different_kinds_do_not_compete():
    """Figures are those of telling a topic within its kind: alone in it, a topic is always recognised."""
    kinds = {"refund": "process_failure", "bill": "process_failure", "visit": "process_failure", "router": "product_issue"}
    model = learn(lesson(kinds=kinds), encoder=Words.id, seed=0)
    row = model.details["topics"]["router"]
    assert row["asked"] == row["right"] > 0


def test_the_company_s_own_sentences_teach_its_words():
    """A word no example holds becomes its topic's where stored sentences use it beside the examples' words."""
    history = [f"{frame.format('refund', 'credit')} rebate" for frame in FRAMES] + [f"{word} rebate" for word in MEANINGS["refund"]]
    plain = learn(lesson(), encoder=Words.id, seed=0)
    taught = learn(lesson(history=history, history_vectors=Words().encode(history)), encoder=Words.id, seed=0)
    assert taught.details["history"] == len(history)
    before, after = (model.linear.scores([counted("rebate")], Words().encode(["rebate"]))[0] for model in (plain, taught))
    place = plain.topics.index("refund")
    assert after[place] > before[place]


def test_the_same_lesson_gives_the_same_bytes_and_the_same_answers(tmp_path, model):
    """Learning again in another order writes the same files; what is read back answers as what was written."""
    one = lesson()
    order = np.random.default_rng(3).permutation(len(one.keys))
    turned = replace(one, keys=[one.keys[row] for row in order], texts=[one.texts[row] for row in order], vectors=one.vectors[order])
    again = learn(turned, encoder=Words.id, seed=0)
    written = [each.save(tmp_path / name, "topics", version="1") for name, each in (("a", model), ("b", again))]
    assert written[0].files == written[1].files
    loaded = LearntTopics.load(tmp_path / "a")
    assert loaded.id == written[0].id
    texts = [text for _, text in ASKED]
    for mine, theirs in zip(placed(model, texts), placed(loaded, texts), strict=True):
        assert (mine.topic, mine.example) == (theirs.topic, theirs.example)
        assert mine.probability == pytest.approx(theirs.probability, abs=0.01)


def test_a_tampered_model_is_refused(tmp_path, model):
    """A changed byte is told before anything is read."""
    model.save(tmp_path / "m", "topics", version="1")
    with (tmp_path / "m" / ARRAYS).open("ab") as handle:
        handle.write(b"x")
    with pytest.raises(ModelError, match="not the one that was shipped"):
        LearntTopics.load(tmp_path / "m")


def test_a_long_text_is_read_to_its_end():
    """Beyond a piece's length a text is read in pieces of even length, so what stands at the end counts."""
    filler = "so it goes on and on " * (PIECE_WORDS // 4)
    start, end = vectors_of(Words(), [f"refund {filler}", f"{filler} refund"])
    refund = Words().encode(["refund"])[0]
    assert end @ refund == pytest.approx(start @ refund, abs=0.1)
    assert np.linalg.norm(end) == pytest.approx(1.0, abs=1e-5)


def test_a_bag_knows_only_the_words_of_its_lexicon():
    """Words and pieces have length 1 each; a text of unknown words is empty; masks and marks are no words."""
    lexicon = lexicon_of([counted("late refund"), counted("late bill")], least=1)
    bags = lexicon.bags([counted("late refund"), counted("zzz qqq"), counted("")])
    assert bags.edges[1] == bags.edges[2] == bags.edges[3]
    assert np.sum(bags.values**2) == pytest.approx(2.0, abs=1e-5)
    assert counted("[NAME] XXXX") == {}
