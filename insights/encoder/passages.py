"""Contacts as token ids: whole sentences put together to passages that an encoder reads at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

MOST_PIECES = 128
"""Word pieces of a passage. Beyond, the sentences of a contact make a further passage."""

MOST_PIECES_OF_SENTENCE = 100

MOST_CHARACTERS = 32_768
"""Beyond this a text is not even tokenised: 256 word pieces end long before, and a message may have ten megabytes."""

Passage = tuple[list[int], list[tuple[int, int]]]


def readable(text: str) -> str:
    """Returns the beginning of a text as the tokenizer can take it: it refuses lone surrogates."""
    return text[:MOST_CHARACTERS].encode("utf-8", "replace").decode("utf-8")


def passages(tokenizer: Any, turns: Sequence[Sequence[str]]) -> Iterator[Passage]:
    """Yields the token ids of each passage with the half-open span of every sentence in it; turns are parted by a separator.

    Args:
        tokenizer: Of the ``tokenizers`` library, with the marks ``[CLS]``, ``[SEP]`` and ``[UNK]``.
        turns: The sentences of one contact, turn by turn.
    """
    begin, part, unknown = (tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]", "[UNK]"))
    ids: list[int] = [begin]
    spans: list[tuple[int, int]] = []
    last = -1
    for turn, sentences in enumerate(turns):
        for sentence in sentences:
            pieces = tokenizer.encode(readable(sentence), add_special_tokens=False).ids[:MOST_PIECES_OF_SENTENCE] or [unknown]
            if spans and len(ids) + len(pieces) > MOST_PIECES:
                yield [*ids, part], spans
                ids, spans = [begin], []
            if spans and last != turn:
                ids = [*ids, part]
            spans.append((len(ids), len(ids) + len(pieces)))
            ids, last = [*ids, *pieces], turn
    if spans:
        yield [*ids, part], spans
