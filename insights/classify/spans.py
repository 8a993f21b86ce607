"""The shortest verbatim span of a sentence that convinces."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from insights.classify.phrases import Tokens, word_set

MOST_WORDS = 25
_LEAST_WORDS = 4
_CLAUSES_KEEP = 0.6  # whole clauses are preferred to a bare window unless they carry much less
_STOP = re.compile(r"[,;:()\n–—]|\s-+\s|\.\.+|[.!?]\s")
_JOINS = word_set("but and because so which although though however while when")


def clauses(text: str, tokens: Tokens) -> list[tuple[int, int]]:
    """Splits a sentence's words into clauses, half-open: at punctuation, and before a word that joins."""
    edges = [0]
    for place in range(1, len(tokens.words)):
        broken = _STOP.search(text, tokens.ends[place - 1], tokens.starts[place]) is not None
        if broken or (tokens.words[place] in _JOINS and place - edges[-1] >= _LEAST_WORDS):
            edges.append(place)
    edges.append(len(tokens.words))
    return [(first, last) for first, last in itertools.pairwise(edges) if last > first]


def best_span(text: str, tokens: Tokens, weights: Sequence[float], *, must: tuple[int, int] | None = None) -> tuple[int, int]:
    """Returns code-point offsets into ``text`` of the run of clauses that carries most weight in at most ``MOST_WORDS`` words.

    Args:
        text: The sentence.
        tokens: Its words, at least one.
        weights: (n_words,) how much each word convinces.
        must: Words (half-open) that have to be inside.
    """
    count = len(tokens.words)
    if count <= MOST_WORDS:
        return _trimmed(text, 0, len(text))
    parts = clauses(text, tokens)
    best: tuple[float, int, int, int] | None = None
    for first in range(len(parts)):
        for last in range(first, len(parts)):
            start, end = parts[first][0], parts[last][1]
            if end - start > MOST_WORDS:
                break
            if end - start < _LEAST_WORDS or (must and not (start <= must[0] and must[1] <= end)):
                continue
            candidate = (sum(weights[start:end]) - 0.01 * (end - start), -start, start, end)
            best = max(best, candidate) if best else candidate
    start, end = _window(weights, count, must)
    if best and best[0] >= sum(weights[start:end]) * _CLAUSES_KEEP:
        start, end = best[2], best[3]
    return _with_closing(text, tokens, start, end)


def _window(weights: Sequence[float], count: int, must: tuple[int, int] | None) -> tuple[int, int]:
    """A run of ``MOST_WORDS`` words where no clauses fit: around the words that must stand, or the heaviest."""
    if must:
        start = max(0, min(must[0] - (MOST_WORDS - min(MOST_WORDS, must[1] - must[0])) // 2, count - MOST_WORDS))
        return start, max(start + MOST_WORDS, min(must[1], count))
    start = max(range(count - MOST_WORDS + 1), key=lambda first: (sum(weights[first : first + MOST_WORDS]), -first))
    return start, start + MOST_WORDS


def _with_closing(text: str, tokens: Tokens, start: int, end: int) -> tuple[int, int]:
    """Takes in the mark that closes the sentence where the span runs to its end."""
    last = len(text) if end == len(tokens.words) else tokens.ends[end - 1]
    return _trimmed(text, tokens.starts[start] if start else 0, last)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
