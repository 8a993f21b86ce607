"""The shipped encoder: what its vectors are and what they do not hang on."""

from __future__ import annotations

import numpy as np
import pytest

from insights.encoder import Encoder, load_encoder
from insights.registry import find_model

TEXTS = [
    "my card was declined",
    "",
    "Where is my refund? I sent the kettle back three weeks ago.",
    "🙂",
    "my card was declined",
    "a " * 900,
]


def test_rows_have_length_one_and_keep_the_order(minilm: Encoder) -> None:
    """There is a row of length 1 for every text, whatever is in it, and equal texts have equal rows."""
    vectors = minilm.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), minilm.dimensions) == (6, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.array_equal(vectors[0], vectors[4])


def test_no_texts_give_no_rows(minilm: Encoder) -> None:
    """An empty list is encoded to an empty table of the right width."""
    assert minilm.encode([]).shape == (0, 384)


def test_a_vector_depends_on_its_text_alone(minilm: Encoder) -> None:
    """Neighbours, their order and the number of threads leave every bit of a vector as it is."""
    alone = np.vstack([minilm.encode([text]) for text in TEXTS])
    together = minilm.encode(TEXTS)
    threaded = load_encoder(find_model("minilm"), threads=3).encode(TEXTS[::-1])[::-1]
    assert np.array_equal(alone, together)
    assert np.array_equal(alone, threaded)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("I was charged twice this month", "you took the payment two times", "the app crashes when I open it"),
        ("please cancel my subscription", "I want to end my contract", "the driver was very friendly"),
        ("the picture freezes every night", "streaming stops and stutters in the evening", "my address has changed"),
    ],
)
def test_like_meanings_lie_close(minilm: Encoder, text: str, near: str, far: str) -> None:
    """A paraphrase without shared words is nearer than another matter."""
    one, close, other = minilm.encode([text, near, far])
    assert one @ close > one @ other + 0.15


@pytest.mark.parametrize("text", ["\ud800 lone", "nul \x00 inside", "x" * 1_000_000, "\n\t " * 50_000, "مرحبا 你好", "[NAME] [EMAIL]"])
def test_hostile_text_is_encoded(minilm: Encoder, text: str) -> None:
    """What no sane customer writes costs nothing but itself."""
    assert np.isfinite(minilm.encode([text])).all()


def test_only_the_beginning_counts(minilm: Encoder) -> None:
    """Beyond 256 word pieces a text may go on as it likes."""
    start = "the router loses the connection " * 80
    one, other = minilm.encode([start, start + "and my bill is wrong"])
    assert np.array_equal(one, other)
