"""Sentences read within their contact."""

from __future__ import annotations

import numpy as np
import pytest

from insights.encoder import Encoder
from insights.encoder.passages import MOST_PIECES, MOST_PIECES_OF_SENTENCE, passages


class Letters:
    """A tokenizer whose pieces are letters."""

    def token_to_id(self, name: str) -> int:
        return {"[CLS]": 1, "[SEP]": 2, "[UNK]": 3}[name]

    def encode(self, text: str, *, add_special_tokens: bool) -> Letters:
        assert not add_special_tokens
        self.ids = [ord(letter) for letter in text]
        return self


def test_a_passage_holds_whole_sentences_and_parts_turns() -> None:
    """Spans point at each sentence's own pieces; a separator stands between turns and at the end."""
    ((ids, spans),) = passages(Letters(), [["ab", "c"], ["d"]])
    assert ids == [1, ord("a"), ord("b"), ord("c"), 2, ord("d"), 2]
    assert spans == [(1, 3), (3, 4), (5, 6)]


def test_long_contacts_become_several_passages() -> None:
    """No passage is longer than it may be, no sentence is lost, and the longest sentence is cut."""
    turns = [["x" * 60, "y" * 60], ["z" * 300], [""]]
    found = list(passages(Letters(), turns))
    assert sum(len(spans) for _, spans in found) == 4
    assert all(len(ids) <= MOST_PIECES + 2 for ids, _ in found)
    lengths = [end - start for _, spans in found for start, end in spans]
    assert lengths == [60, 60, MOST_PIECES_OF_SENTENCE, 1]


@pytest.mark.parametrize("turns", [[], [[]], [[], []]])
def test_nothing_gives_nothing(turns: list[list[str]], minilm: Encoder) -> None:
    """A contact without sentences has no passage and no rows."""
    assert list(passages(Letters(), turns)) == []
    assert minilm.encode_sentences(turns).shape == (0, minilm.dimensions)


def test_a_sentence_is_read_with_its_neighbours(minilm: Encoder) -> None:
    """The same sentence has another vector in another contact, the same in the same, and nothing is scaled."""
    turns = [["The new router came on Tuesday.", "It is broken."]]
    rows, again = minilm.encode_sentences(turns), minilm.encode_sentences(turns)
    alone = minilm.encode_sentences([["It is broken."]])
    assert np.array_equal(rows, again)
    assert not np.allclose(rows[1], alone[0])
    assert rows.shape == (2, minilm.dimensions)


@pytest.mark.parametrize("text", ["\ud800 lone", "nul \x00 inside", "x" * 1_000_000, "مرحبا 你好"])
def test_hostile_sentences_are_read(minilm: Encoder, text: str) -> None:
    """What no sane customer writes costs nothing but itself."""
    assert np.isfinite(minilm.encode_sentences([["Good morning.", text]])).all()
