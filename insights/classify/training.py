"""Trains the statistical annotator from labelled interactions, whole sources left out for everything that is decided.

Negatives are all other sentences. Terms must occur in two sources, so that names of one company never become words of the model.
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

FOLDS = 5
LEAST_THRESHOLD = 0.1


@dataclass(frozen=True, slots=True)
class Labelled:
    """An interaction with what people found in it.

    Attributes:
        interaction: The interaction.
        sentences: Its sentences.
        evidence: Kind to (turn, start, end) of its excerpt, where it stands in a single turn.
        present: Kinds that people found.
        uncertain: Kinds that are not scored.
        source: Where it comes from; whole sources are left out to set thresholds.
    """

    interaction: Interaction
    sentences: tuple[Sentence, ...]
    evidence: Mapping[Kind, tuple[int, int, int]]
    present: frozenset[Kind]
    uncertain: frozenset[Kind]
    source: str


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
    """

    strength: float = 1.0
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
    present = np.array([[kind in item.present for kind in KINDS] for item in labelled])
    scored = np.array([[kind not in item.uncertain for kind in KINDS] for item in labelled])
    sources = np.array([item.source for item in labelled])
    return Table(tuple(rows), np.array(owner), np.array(marked), present, scored, sources)


def train_model(labelled: Sequence[Labelled], settings: Settings, *, seed: int, told: Callable[[], None] = lambda: None) -> SentenceModel:
    """Trains the sentence model, the second model and the thresholds.

    The second model and the thresholds are fitted on scores of interactions the sentence model has not seen: once with their
    whole source left out, once with a fifth of all interactions left out, so that they suit sources known and unknown alike.

    Args:
        labelled: From two sources at least.
        settings: The recipe's numbers.
        seed: For the solver and the folds.
        told: Called after each source left out.

    Returns:
        A model whose ``details`` hold the figures on interactions left out.
    """
    annotator = Annotator()
    table = tabulate(labelled, annotator)
    folds = np.random.default_rng(seed).integers(0, FOLDS, len(labelled)).astype(str)
    unseen = summaries_of(table, scores_left_out(table, table.sources, annotator, settings, seed=seed, told=told), annotator)
    seen = summaries_of(table, scores_left_out(table, folds, annotator, settings, seed=seed), annotator)
    everything = np.ones(len(labelled), dtype=bool)
    summary = fit_summary((unseen, seen), table, everything)
    judged = [held_out_probabilities((unseen, seen), test, table) for test in (unseen, seen)]
    thresholds = {kind: best_threshold([one[:, k] for one in judged], table, k) for k, kind in enumerate(KINDS)}
    vocabulary, weights = _fit_sentences(table, np.ones(len(table.rows), dtype=bool), annotator, settings, seed)
    weights = replace(weights, summary=summary.astype(np.float32))
    names = ("unseen sources", "known sources")
    figures = {name: _figures(one, table, thresholds) for name, one in zip(names, judged, strict=True)}
    return SentenceModel("unsaved", vocabulary, weights, thresholds, annotator.cues.hash, {"figures": figures})


def scores_left_out(
    table: Table,
    groups: NDArray[np.str_],
    annotator: Annotator,
    settings: Settings,
    *,
    seed: int,
    told: Callable[[], None] = lambda: None,
) -> NDArray[np.float64]:
    """Returns (n_sentences, n_kinds) scores, each by a model that has not seen the sentence's group of interactions."""
    scores = np.zeros((len(table.rows), len(KINDS)))
    of_row = groups[table.owner]
    for group in sorted(set(groups.tolist())):
        known = of_row != group
        model = SentenceModel("unsaved", *_fit_sentences(table, known, annotator, settings, seed), {}, annotator.cues.hash)
        scores[~known] = model.score([row for row, seen in zip(table.rows, known, strict=True) if not seen], annotator, model.table())
        told()
    return scores


def summaries_of(table: Table, scores: NDArray[np.float64], annotator: Annotator) -> NDArray[np.float64]:
    """Returns (n_interactions, n_kinds, len(SUMMARY))."""
    edges = np.searchsorted(table.owner, np.arange(len(table.present) + 1))
    return np.stack([summarise(scores[a:b], table.rows[a:b], annotator) for a, b in itertools.pairwise(edges.tolist())])


def fit_summary(readings: Sequence[NDArray[np.float64]], table: Table, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Fits the second model on several readings of the chosen interactions: (n_kinds, len(SUMMARY) + 1) weights.

    Sources are balanced by the square root of their size.
    """
    from sklearn.linear_model import LogisticRegression

    by_source = _by_source(table.sources)
    fitted = np.zeros((len(KINDS), len(SUMMARY) + 1))
    for k in range(len(KINDS)):
        rows = chosen & table.scored[:, k]
        present = np.concatenate([table.present[rows, k]] * len(readings))
        if len(set(present.tolist())) < 2:
            fitted[k, -1] = -30.0
            continue
        weight = np.concatenate([by_source[rows]] * len(readings))
        model = LogisticRegression(C=1.0, max_iter=2000)
        model.fit(np.concatenate([summaries[rows, k] for summaries in readings]), present, sample_weight=weight / weight.mean())
        fitted[k] = [*model.coef_[0], model.intercept_[0]]
    return fitted


def held_out_probabilities(readings: Sequence[NDArray[np.float64]], test: NDArray[np.float64], table: Table) -> NDArray[np.float64]:
    """Returns (n_interactions, n_kinds) probabilities of ``test`` by second models that have not seen the interaction's source."""
    held_out = np.zeros(table.present.shape)
    for source in sorted(set(table.sources.tolist())):
        away = table.sources == source
        fitted = fit_summary(readings, table, ~away)
        logits = np.einsum("ikf,kf->ik", test[away], fitted[:, :-1]) + fitted[:, -1]
        held_out[away] = 1.0 / (1.0 + np.exp(-np.clip(logits, -30, 30)))
    return held_out


def best_threshold(judged: Sequence[NDArray[np.float64]], table: Table, k: int) -> float:
    """Returns the threshold of the best F1 of kind ``k`` over several readings, sources balanced by the square root of their size."""
    weight = np.concatenate([_by_source(table.sources) * table.scored[:, k]] * len(judged))
    present = np.concatenate([table.present[:, k]] * len(judged))
    probabilities = np.concatenate(list(judged))
    best, chosen = -1.0, 0.5
    for threshold in np.arange(LEAST_THRESHOLD, 0.96, 0.01):
        said = probabilities >= threshold
        hits = float((weight * (said & present)).sum())
        score = 2 * hits / max(float((weight * said).sum() + (weight * present).sum()), 1e-9)
        if score > best + 1e-9:
            best, chosen = score, float(threshold)
    return round(chosen, 2)


def _by_source(sources: NDArray[np.str_]) -> NDArray[np.float64]:
    sizes = Counter(sources.tolist())
    return np.array([sizes[source] ** -0.5 for source in sources.tolist()])


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
        weight = by_source * table.scored[owner, k]
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


def _figures(held_out: NDArray[np.float64], table: Table, thresholds: Mapping[Kind, float]) -> dict[str, dict[str, float]]:
    figures: dict[str, dict[str, float]] = {}
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
    return figures
