"""The linear annotator fitted: words, pairs, pieces of words, cues, and where a sentence stands.

Terms must occur in two sources, and words that people write as names are left out: no company's name becomes a word of the model.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.classify.annotate import Annotated, Annotator
from insights.classify.features import PIECES, Vocabulary, pieces, terms_of
from insights.classify.stacking import KINDS

_SPEAKER = frozenset(["im", "ive", "id", "ill"])  # always written with a capital, and no name


@dataclass(frozen=True, slots=True)
class Settings:
    """What a recipe may set.

    Attributes:
        strength: Inverse of the regularisation.
        balance: Exponent of the class weight: 0 none, 1 full.
        source_balance: Exponent by which large sources count less: 0 by sentence, 1 by source.
        min_count: Least sentences with a term.
        min_sources: Least sources with a term.
        piece_weight: Weight of character n-grams beside words.
        head_strength: Inverse of the regularisation of the output over the encoder.
    """

    strength: float = 1.0
    balance: float = 0.5
    source_balance: float = 0.6
    min_count: int = 5
    min_sources: int = 2
    piece_weight: float = 0.25
    head_strength: float = 0.01


@dataclass(frozen=True, slots=True)
class WordWeights:
    """What was fitted: the vocabulary, and the arrays of ``statistical.Weights`` of the same names."""

    vocabulary: Vocabulary
    terms: NDArray[np.float32]
    pieces: NDArray[np.float32]
    phrases: NDArray[np.float32]
    colours: NDArray[np.float32]
    intercepts: NDArray[np.float32]


def fit_words(
    rows: Sequence[Annotated],
    marked: NDArray[np.bool_],
    scored: NDArray[np.bool_],
    sources: Sequence[str],
    annotator: Annotator,
    settings: Settings,
    *,
    seed: int,
) -> WordWeights:
    """Fits one logistic model a kind.

    Args:
        rows: Sentences.
        marked: (n_sentences, n_kinds) evidence of the kind.
        scored: (n_sentences, n_kinds) False where nobody knows.
        sources: One a sentence.
        annotator: Knows the cues.
        settings: The recipe's numbers.
        seed: For the solver.
    """
    from sklearn.linear_model import LogisticRegression

    vocabulary, counts = _vocabulary(rows, sources, settings)
    rarity = _rarity(vocabulary, counts, rows, settings)
    matrix = _matrix(rows, vocabulary, rarity, annotator)
    coefficients, intercepts = [], []
    for k in range(len(KINDS)):
        weight = sample_weights(marked[:, k], scored[:, k], sources, settings)
        if weight is None:
            coefficients.append(np.zeros(matrix.shape[1]))
            intercepts.append(-6.0)
            continue
        model = LogisticRegression(C=settings.strength, solver="liblinear", tol=1e-3, max_iter=200, random_state=seed)
        model.fit(matrix, marked[:, k], sample_weight=weight)
        coefficients.append(model.coef_[0])
        intercepts.append(float(model.intercept_[0]))
    # The weights take up the inverse document frequencies, so that prediction sums plain table entries.
    stacked = np.stack(coefficients, axis=1)
    stacked[: len(rarity)] *= rarity[:, None]
    n, m = len(vocabulary.places), len(vocabulary.places) + PIECES
    p = m + int(annotator.phrase_offsets[-1])
    terms, bits, phrases, colours = (part.astype(np.float32) for part in np.split(stacked, [n, m, p]))
    return WordWeights(vocabulary, terms, bits, phrases, colours, np.array(intercepts, dtype=np.float32))


def sample_weights(
    positive: NDArray[np.bool_], scored: NDArray[np.bool_], sources: Sequence[str], settings: Settings
) -> NDArray[np.float64] | None:
    """Returns how much each sentence counts for a kind, classes and sources balanced; None where there is no positive."""
    sizes = Counter(sources)
    by_source = np.array([sizes[source] ** -settings.source_balance for source in sources])
    weight: NDArray[np.float64] = by_source / by_source.mean() * scored
    if not (weight[positive] > 0).any():
        return None
    weight[positive] *= (weight[~positive].sum() / weight[positive].sum()) ** settings.balance
    return weight


def _vocabulary(rows: Sequence[Annotated], sources: Sequence[str], settings: Settings) -> tuple[Vocabulary, Counter[str]]:
    counts: Counter[str] = Counter()
    seen_in: defaultdict[str, set[str]] = defaultdict(set)
    for row, source in zip(rows, sources, strict=True):
        for term in sorted(set(terms_of(row.words))):
            counts[term] += 1
            seen_in[term].add(source)
    names = _names(rows)
    kept = [
        term
        for term, count in counts.items()
        if count >= settings.min_count and len(seen_in[term]) >= settings.min_sources and names.isdisjoint(term.split())
    ]
    return Vocabulary.of(kept), counts


def _names(rows: Sequence[Annotated]) -> frozenset[str]:
    """Words that stand with a capital more often than without where no sentence begins; what is written all in capitals tells nothing."""
    capital: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for row in rows:
        text, tokens = row.sentence.text, row.tokens
        if text.isupper():
            continue
        for place in range(1, len(tokens.words)):
            written = text[tokens.starts[place] : tokens.ends[place]]
            seen[tokens.words[place]] += 1
            capital[tokens.words[place]] += written[:1].isupper() and not written.isupper()
    return frozenset(word for word, times in capital.items() if times > seen[word] / 2 and word not in _SPEAKER)


def _rarity(vocabulary: Vocabulary, counts: Counter[str], rows: Sequence[Annotated], settings: Settings) -> NDArray[np.float64]:
    """Inverse document frequencies of terms and pieces, about 1 on average, the pieces' times their weight."""
    piece_counts = np.zeros(PIECES)
    known: dict[str, list[int]] = {}
    for row in rows:
        found: set[int] = set()
        for word in row.words:
            found.update(known.setdefault(word, pieces(word)))
        piece_counts[sorted(found)] += 1
    term_counts = np.array([counts[term] for term in vocabulary.terms()], dtype=np.float64)
    rarity: NDArray[np.float64] = np.log((1 + len(rows)) / (1 + np.concatenate([term_counts, piece_counts]))) + 1
    rarity /= rarity.mean()
    rarity[len(term_counts) :] *= settings.piece_weight
    return rarity


def _matrix(rows: Sequence[Annotated], vocabulary: Vocabulary, rarity: NDArray[np.float64], annotator: Annotator) -> Any:
    """The sparse matrix (n_sentences, n_features): terms, pieces, phrases, colours."""
    from scipy import sparse

    n = len(vocabulary.places)
    known: dict[str, list[int]] = {}
    row_ids: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    phrase_rows, phrase_columns = [], []
    for number, row in enumerate(rows):
        scale = max(len(row.words), 1) ** -0.5
        places = [vocabulary.places[term] for term in terms_of(row.words) if term in vocabulary.places]
        for word in row.words:
            places += [n + piece for piece in known.setdefault(word, pieces(word))]
        row_ids += [number] * len(places)
        columns += places
        values += [scale] * len(places)
        for hit in row.hits:
            if not hit.guard:
                phrase_rows.append(number)
                phrase_columns.append(int(annotator.phrase_offsets[hit.cue]) + hit.phrase)
    words: Any = sparse.csr_matrix((values, (row_ids, columns)), shape=(len(rows), n + PIECES)) @ sparse.diags(rarity)
    phrases = sparse.csr_matrix(
        (np.ones(len(phrase_rows)), (phrase_rows, phrase_columns)), shape=(len(rows), int(annotator.phrase_offsets[-1]))
    )
    colours = sparse.csr_matrix(np.stack([row.colour for row in rows]).astype(np.float64))
    return sparse.hstack([words, phrases, colours]).tocsr()
