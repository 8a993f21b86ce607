"""Trains the statistical annotator from labelled interactions, whole sources left out for everything that is decided.

Negatives are all other sentences; those of an interaction that has the kind elsewhere count less, since the label marks one
excerpt of perhaps several. Terms must occur in two sources, so that names of one company never become words of the model.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.classify.annotate import Annotated, Annotator, script_turns
from insights.classify.features import PIECES, Vocabulary, pieces, terms_of
from insights.classify.guards import may_speak
from insights.classify.statistical import KINDS, SUMMARY, SentenceModel, Weights, summarise
from insights.domain import Interaction, Kind, Sentence


@dataclass(frozen=True, slots=True)
class Labelled:
    """An interaction with what people found in it.

    Attributes:
        interaction: The interaction.
        sentences: Its sentences.
        evidence: Kind to (turn, start, end) of its excerpt.
        uncertain: Kinds that are not scored.
        source: Where it comes from; whole sources are left out to set thresholds.
    """

    interaction: Interaction
    sentences: tuple[Sentence, ...]
    evidence: Mapping[Kind, tuple[int, int, int]]
    uncertain: frozenset[Kind]
    source: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What a recipe may set.

    Attributes:
        strength: Inverse of the regularisation.
        ambiguous: Weight of unmarked sentences beside marked ones of the same kind, in [0, 1].
        balance: Exponent of the class weight: 0 none, 1 full.
        source_balance: Exponent by which large sources count less: 0 by sentence, 1 by source.
        min_count: Least sentences with a term.
        min_sources: Least sources with a term.
        piece_weight: Weight of character n-grams beside words.
    """

    strength: float = 0.5
    ambiguous: float = 0.4
    balance: float = 0.5
    source_balance: float = 0.6
    min_count: int = 5
    min_sources: int = 2
    piece_weight: float = 0.25


@dataclass(frozen=True, slots=True)
class Table:
    """The training data as numbers: ``rows`` are sentences, ``owner[row]`` their interaction."""

    rows: tuple[Annotated, ...]
    owner: NDArray[np.int64]
    marked: NDArray[np.bool_]
    present: NDArray[np.bool_]
    scored: NDArray[np.bool_]
    sources: NDArray[np.str_]


def tabulate(labelled: Sequence[Labelled], annotator: Annotator) -> Table:
    """Reads the sentences that may give evidence and marks those that overlap it."""
    rows: list[Annotated] = []
    owner: list[int] = []
    marked: list[list[bool]] = []
    for number, item in enumerate(labelled):
        read = [annotator.read(sentence) for sentence in item.sentences if may_speak(sentence)]
        script = script_turns(read)
        for annotated in read:
            if annotated.sentence.turn not in script:
                rows.append(annotated)
                owner.append(number)
                marked.append([_overlaps(annotated.sentence, item.evidence.get(kind)) for kind in KINDS])
    present = np.array([[kind in item.evidence for kind in KINDS] for item in labelled])
    scored = np.array([[kind not in item.uncertain for kind in KINDS] for item in labelled])
    sources = np.array([item.source for item in labelled])
    return Table(tuple(rows), np.array(owner), np.array(marked), present, scored, sources)


def train(labelled: Sequence[Labelled], settings: Settings, *, seed: int, progress: Callable[[str], None] | None = None) -> SentenceModel:
    """Trains the sentence model, the second model and the thresholds.

    Args:
        labelled: From two sources at least.
        settings: The recipe's numbers.
        seed: For the solver.
        progress: Told each source left out.

    Returns:
        A model whose ``details`` hold the figures of leaving each source out.
    """
    annotator = Annotator()
    table = tabulate(labelled, annotator)
    unseen = unseen_scores(table, annotator, settings, seed=seed, progress=progress)
    summaries = summaries_of(table, unseen, annotator)
    vocabulary, weights = _fit_sentences(table, np.ones(len(table.rows), dtype=bool), annotator, settings, seed)
    summary = fit_summary(summaries, table, np.ones(len(table.present), dtype=bool))
    held_out = held_out_probabilities(summaries, table)
    thresholds = {
        kind: best_threshold(held_out[:, k], table.present[:, k], table.scored[:, k], table.sources) for k, kind in enumerate(KINDS)
    }
    weights = replace(weights, summary=summary.astype(np.float32))
    return SentenceModel("unsaved", vocabulary, weights, thresholds, annotator.cues.hash, _figures(held_out, table, thresholds))


def unseen_scores(
    table: Table, annotator: Annotator, settings: Settings, *, seed: int, progress: Callable[[str], None] | None = None
) -> NDArray[np.float64]:
    """Returns (n_sentences, n_kinds) scores, each by a model that has not seen the sentence's source."""
    scores = np.zeros((len(table.rows), len(KINDS)))
    of_row = table.sources[table.owner]
    for source in sorted(set(table.sources.tolist())):
        if progress:
            progress(f"leaving out {source}")
        known = of_row != source
        model = SentenceModel("unsaved", *_fit_sentences(table, known, annotator, settings, seed), {}, annotator.cues.hash)
        scores[~known] = model.score([row for row, seen in zip(table.rows, known, strict=True) if not seen], annotator)
    return scores


def summaries_of(table: Table, scores: NDArray[np.float64], annotator: Annotator) -> NDArray[np.float64]:
    """Returns (n_interactions, n_kinds, len(SUMMARY))."""
    edges = np.searchsorted(table.owner, np.arange(len(table.present) + 1))
    return np.stack([summarise(scores[a:b], table.rows[a:b], annotator) for a, b in itertools.pairwise(edges.tolist())])


def fit_summary(summaries: NDArray[np.float64], table: Table, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Fits the second model: (n_kinds, len(SUMMARY) + 1) weights, sources balanced by the square root of their size."""
    from sklearn.linear_model import LogisticRegression

    sizes = Counter(table.sources[chosen].tolist())
    by_source = np.array([sizes[source] ** -0.5 if source in sizes else 0.0 for source in table.sources.tolist()])
    fitted = np.zeros((len(KINDS), len(SUMMARY) + 1))
    for k in range(len(KINDS)):
        rows = chosen & table.scored[:, k]
        if len(set(table.present[rows, k].tolist())) < 2:
            fitted[k, -1] = -30.0
            continue
        weight = by_source[rows] / by_source[rows].mean()
        model = LogisticRegression(C=1.0, max_iter=1000).fit(summaries[rows, k], table.present[rows, k], sample_weight=weight)
        fitted[k] = [*model.coef_[0], model.intercept_[0]]
    return fitted


def held_out_probabilities(summaries: NDArray[np.float64], table: Table) -> NDArray[np.float64]:
    """Returns (n_interactions, n_kinds) probabilities by second models that have not seen the interaction's source."""
    held_out = np.zeros(table.present.shape)
    for source in sorted(set(table.sources.tolist())):
        away = table.sources == source
        fitted = fit_summary(summaries, table, ~away)
        logits = np.einsum("ikf,kf->ik", summaries[away], fitted[:, :-1]) + fitted[:, -1]
        held_out[away] = 1.0 / (1.0 + np.exp(-np.clip(logits, -30, 30)))
    return held_out


def best_threshold(
    probabilities: NDArray[np.float64], present: NDArray[np.bool_], scored: NDArray[np.bool_], sources: NDArray[np.str_]
) -> float:
    """Returns the threshold of the best F1, sources balanced by the square root of their size."""
    sizes = Counter(sources.tolist())
    weight = np.array([sizes[source] ** -0.5 for source in sources.tolist()]) * scored
    best, chosen = -1.0, 0.5
    for threshold in np.arange(0.05, 0.96, 0.01):
        said = probabilities >= threshold
        hits = float((weight * (said & present)).sum())
        score = 2 * hits / max(float((weight * said).sum() + (weight * present).sum()), 1e-9)
        if score > best + 1e-9:
            best, chosen = score, float(threshold)
    return round(chosen, 2)


def _overlaps(sentence: Sentence, span: tuple[int, int, int] | None) -> bool:
    if span is None or span[0] != sentence.turn:
        return False
    shared = min(sentence.end, span[2]) - max(sentence.start, span[1])
    return shared >= min(8, sentence.end - sentence.start)


def _vocabulary(rows: Sequence[Annotated], sources: Sequence[str], settings: Settings) -> tuple[Vocabulary, Counter[str]]:
    counts: Counter[str] = Counter()
    seen_in: defaultdict[str, set[str]] = defaultdict(set)
    for row, source in zip(rows, sources, strict=True):
        for term in sorted(set(terms_of(row.words))):
            counts[term] += 1
            seen_in[term].add(source)
    kept = [term for term, count in counts.items() if count >= settings.min_count and len(seen_in[term]) >= settings.min_sources]
    return Vocabulary.of(kept), counts


def _fit_sentences(
    table: Table, chosen: NDArray[np.bool_], annotator: Annotator, settings: Settings, seed: int
) -> tuple[Vocabulary, Weights]:
    """Fits one logistic model a kind; the weights of the second model are left at zero."""
    from sklearn.linear_model import LogisticRegression

    places = np.flatnonzero(chosen)
    rows = [table.rows[place] for place in places]
    owner = table.owner[places]
    sources = table.sources[owner].tolist()
    vocabulary, counts = _vocabulary(rows, sources, settings)
    rarity = _rarity(vocabulary, counts, rows, settings)
    matrix = _matrix(rows, vocabulary, rarity, annotator)
    sizes = Counter(sources)
    by_source = np.array([sizes[source] ** -settings.source_balance for source in sources])
    by_source /= by_source.mean()
    coefficients, intercepts = [], []
    for k in range(len(KINDS)):
        positive = table.marked[places, k]
        weight = by_source * np.where(~positive & table.present[owner, k], settings.ambiguous, 1.0) * table.scored[owner, k]
        if not (weight[positive] > 0).any():
            coefficients.append(np.zeros(matrix.shape[1]))
            intercepts.append(-6.0)
            continue
        weight[positive] *= (weight[~positive].sum() / weight[positive].sum()) ** settings.balance
        model = LogisticRegression(C=settings.strength, solver="liblinear", tol=1e-3, max_iter=200, random_state=seed)
        model.fit(matrix, positive, sample_weight=weight)
        coefficients.append(model.coef_[0])
        intercepts.append(float(model.intercept_[0]))
    # The weights take up the inverse document frequencies, so that prediction sums plain table entries.
    stacked = np.stack(coefficients, axis=1)
    stacked[: len(rarity)] *= rarity[:, None]
    n, m = len(vocabulary.places), len(vocabulary.places) + PIECES
    p = m + int(annotator.phrase_offsets[-1])
    terms, bits, phrases, colours = (part.astype(np.float32) for part in np.split(stacked, [n, m, p]))
    summary = np.zeros((len(KINDS), len(SUMMARY) + 1), dtype=np.float32)
    return vocabulary, Weights(terms, bits, phrases, colours, np.array(intercepts, dtype=np.float32), summary)


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


def _figures(held_out: NDArray[np.float64], table: Table, thresholds: Mapping[Kind, float]) -> dict[str, Any]:
    figures = {}
    for k, kind in enumerate(KINDS):
        scored = table.scored[:, k]
        said, present = held_out[scored, k] >= thresholds[kind], table.present[scored, k]
        hits, spoken, true = int((said & present).sum()), int(said.sum()), int(present.sum())
        figures[kind.value] = {
            "precision": round(hits / spoken, 3) if spoken else 0.0,
            "recall": round(hits / true, 3) if true else 0.0,
            "f1": round(2 * hits / (spoken + true), 3) if spoken + true else 0.0,
            "positives": true,
        }
    return {"unseen_sources": figures}
