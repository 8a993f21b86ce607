"""Trains the statistical annotator from labelled contacts, whole sources left out for everything that is decided.

Negatives are all other sentences. What turns scores into verdicts is fitted on contacts whose source the annotators had not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.classify import stacking
from insights.classify.annotate import Annotated, Annotator, script_turns
from insights.classify.guards import may_speak
from insights.classify.stacking import KINDS, UNREAD
from insights.classify.statistical import Decider, SentenceModel, Weights, chosen_rows, vectors_of
from insights.classify.words import Settings, WordWeights, fit_words, sample_weights
from insights.domain import Effort, Interaction, Kind, Sentence
from insights.encoder import Encoder

GATE_RECALL = 0.98
"""Share of the sentences people marked that must pass the gate of balanced effort."""

PRECISIONS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)

Span = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Labelled:
    """An interaction with what people found in it.

    Attributes:
        interaction: The interaction.
        sentences: Its sentences.
        evidence: Kind to the (turn, start, end) of its excerpts that stand in a single turn.
        present: Kinds that people found.
        uncertain: Kinds that are not scored.
        source: Where it comes from; whole sources are left out to set thresholds.
        real: A customer's; what was written for training teaches, but neither sets thresholds nor is measured.
        ships: May train the model that ships; what may not is used where it is left out, and to measure.
    """

    interaction: Interaction
    sentences: tuple[Sentence, ...]
    evidence: Mapping[Kind, tuple[Span, ...]]
    present: frozenset[Kind]
    uncertain: frozenset[Kind]
    source: str
    real: bool = True
    ships: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """The training data as numbers: ``rows`` are sentences, ``owner[row]`` their interaction.

    Attributes:
        rows: Sentences that may give evidence.
        owner: (n_rows,).
        marked: (n_rows, n_kinds) evidence of the kind.
        present: (n_contacts, n_kinds) what people found.
        scored: (n_contacts, n_kinds) where they were sure.
        sources: (n_contacts,).
        real: (n_contacts,) see ``Labelled``.
        ships: (n_contacts,) see ``Labelled``.
    """

    rows: tuple[Annotated, ...]
    owner: NDArray[np.int64]
    marked: NDArray[np.bool_]
    present: NDArray[np.bool_]
    scored: NDArray[np.bool_]
    sources: NDArray[np.str_]
    real: NDArray[np.bool_]
    ships: NDArray[np.bool_]

    def contacts_of(self, places: NDArray[np.int64]) -> list[tuple[int, NDArray[np.int64]]]:
        """Returns each contact of the given rows (in order) with its rows."""
        edges = np.flatnonzero(np.diff(self.owner[places])) + 1
        return [(int(self.owner[part[0]]), part) for part in np.split(places, edges) if len(part)]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Scores of the rows of real contacts, each by annotators that had not seen the contact's source; zeros elsewhere.

    Attributes:
        words: (n_rows, n_kinds).
        readings: An effort to (n_rows, n_kinds); empty without an encoder.
        gate: For balanced effort.
        weights: Source to what was fitted without it.
    """

    words: NDArray[np.float64]
    readings: Mapping[Effort, NDArray[np.float64]]
    gate: float
    weights: Mapping[str, tuple[WordWeights, NDArray[np.float32], NDArray[np.float32]]]


def tabulate(labelled: Sequence[Labelled], annotator: Annotator) -> Table:
    """Reads the sentences that may give evidence and marks those that overlap it."""
    rows: list[Annotated] = []
    owner: list[int] = []
    marked: list[list[bool]] = []
    for number, item in enumerate(labelled):
        read = [annotator.read(sentence) for sentence in item.sentences if may_speak(sentence)]
        script = script_turns(read)
        for annotated in read:
            if annotated.sentence.turn not in script and annotated.tokens.words:
                rows.append(annotated)
                owner.append(number)
                marked.append([any(overlaps(annotated.sentence, span) for span in item.evidence.get(kind, ())) for kind in KINDS])
    return Table(
        tuple(rows),
        np.array(owner),
        np.array(marked),
        np.array([[kind in item.present for kind in KINDS] for item in labelled]),
        np.array([[kind not in item.uncertain for kind in KINDS] for item in labelled]),
        np.array([item.source for item in labelled]),
        np.array([item.real for item in labelled]),
        np.array([item.ships for item in labelled]),
    )


def overlaps(sentence: Sentence, span: Span) -> bool:
    """Returns whether a sentence and an excerpt (turn, start, end) share enough to prove the same."""
    if span[0] != sentence.turn:
        return False
    shared = min(sentence.end, span[2]) - max(sentence.start, span[1])
    return shared >= min(8, sentence.end - sentence.start)


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that training needs, read and scored once.

    Attributes:
        annotator: Knows the cues.
        table: The labelled contacts.
        vectors: (n_rows, dimensions) by the encoder; None without one.
        unseen: Scores of each contact by annotators that had not seen its source.
        settings: The recipe's numbers.
        encoder: Reads sentences within their contact; without one the model knows the fast effort alone.
        seed: For the solver.
    """

    annotator: Annotator
    table: Table
    vectors: NDArray[np.float32] | None
    unseen: LeftOut
    settings: Settings
    encoder: Encoder | None
    seed: int

    @property
    def efforts(self) -> tuple[Effort, ...]:
        """Efforts a model of this can have."""
        return tuple(Effort) if self.encoder else (Effort.FAST,)

    def summaries(self, effort: Effort) -> NDArray[np.float64]:
        """Returns (n_contacts, n_kinds, len(SUMMARY)) by annotators that had not seen the contact's source."""
        return stacking.summaries_of(
            self.unseen.words, self.unseen.readings.get(effort), self.table.rows, self.table.owner, len(self.table.present), self.annotator
        )


def prepare(
    labelled: Sequence[Labelled], settings: Settings, *, encoder: Encoder | None = None, seed: int, told: Callable[[], None] = lambda: None
) -> Prepared:
    """Reads labelled contacts, of two real sources at least, and scores each by annotators that have not seen its source.

    Args:
        labelled: The contacts.
        settings: The recipe's numbers.
        encoder: Reads sentences within their contact.
        seed: For the solver.
        told: Called after each source left out.
    """
    annotator = Annotator()
    table = tabulate(labelled, annotator)
    vectors = _vectors(table, encoder)
    unseen = leave_out(table, annotator, settings, encoder, vectors, seed=seed, told=told)
    return Prepared(annotator, table, vectors, unseen, settings, encoder, seed)


def train_model(prepared: Prepared, *, encoder_name: str = "") -> SentenceModel:
    """Trains the annotators, the second model and the thresholds on what may ship.

    Args:
        prepared: The data.
        encoder_name: Of the encoder's folder.

    Returns:
        A model whose ``details`` hold the counts of right and wrong verdicts on sources left out.
    """
    table, encoder = prepared.table, prepared.encoder
    judging = table.real & table.ships
    deciders, errors = {}, {}
    for effort in prepared.efforts:
        material = (prepared.summaries(effort)[judging], table.present[judging], table.scored[judging], table.sources[judging])
        judged = stacking.held_out(*material)
        deciders[effort] = _decider(*material, judged)
        errors[effort.value] = _errors(judged, *material[1:], deciders[effort].thresholds)
    fitted = _fit(table, table.ships[table.owner], prepared.annotator, prepared.settings, prepared.vectors, prepared.seed)
    known = (encoder_name, encoder.id) if encoder else ("", "")
    return _model("unsaved", *fitted, deciders, prepared.unseen.gate, known, prepared.annotator, {"errors": errors})


def fold_models(prepared: Prepared) -> dict[str, SentenceModel]:
    """Returns, for each real source, a model that has learnt from all other sources alone, thresholds included. Never shipped."""
    table = prepared.table
    summaries = {effort: prepared.summaries(effort) for effort in prepared.efforts}
    known = ("fold", prepared.encoder.id) if prepared.encoder else ("", "")
    found = {}
    for source, fitted in prepared.unseen.weights.items():
        others = table.real & (table.sources != source)
        deciders = {}
        for effort, all_of_it in summaries.items():
            material = (all_of_it[others], table.present[others], table.scored[others], table.sources[others])
            deciders[effort] = _decider(*material, stacking.held_out(*material))
        found[source] = _model(f"without-{source}", *fitted, deciders, prepared.unseen.gate, known, prepared.annotator, {})
    return found


def leave_out(
    table: Table,
    annotator: Annotator,
    settings: Settings,
    encoder: Encoder | None,
    vectors: NDArray[np.float32] | None,
    *,
    seed: int,
    told: Callable[[], None] = lambda: None,
) -> LeftOut:
    """Scores every real contact by annotators that have not seen its source."""
    shape = (len(table.rows), len(KINDS))
    words = np.zeros(shape)
    of_row, real = table.sources[table.owner], table.real[table.owner]
    weights = {}
    for source in sorted(set(table.sources[table.real].tolist())):
        away = of_row == source
        weights[source] = _fit(table, ~away, annotator, settings, vectors, seed)
        model = _model("fold", *weights[source], {}, 0.0, ("", ""), annotator, {})
        places = np.flatnonzero(away)
        words[places] = model.score([table.rows[place] for place in places], annotator, model.table())
        told()
    marked = real & table.marked.any(axis=1)
    gate = float(np.quantile(words[marked].max(axis=1), 1 - GATE_RECALL)) if marked.any() else 0.0
    readings: dict[Effort, NDArray[np.float64]] = {}
    if encoder is not None and vectors is not None:
        for effort in (Effort.BALANCED, Effort.BEST):
            readings[effort] = np.full(shape, UNREAD)
        for contact, places in table.contacts_of(np.flatnonzero(real)):
            _, head, bias = weights[str(table.sources[contact])]
            readings[Effort.BEST][places] = vectors[places] @ head + bias
            chosen = places[chosen_rows(words[places], gate, Effort.BALANCED)]
            if len(chosen):
                readings[Effort.BALANCED][chosen] = vectors_of([table.rows[place] for place in chosen], encoder) @ head + bias
    return LeftOut(words, readings, gate, weights)


def _vectors(table: Table, encoder: Encoder | None) -> NDArray[np.float32] | None:
    """The encoder's vectors of all rows, (n_rows, dimensions)."""
    if encoder is None:
        return None
    return np.concatenate(
        [vectors_of([table.rows[place] for place in places], encoder) for _, places in table.contacts_of(np.arange(len(table.rows)))]
    )


def _fit(
    table: Table,
    chosen: NDArray[np.bool_],
    annotator: Annotator,
    settings: Settings,
    vectors: NDArray[np.float32] | None,
    seed: int,
) -> tuple[WordWeights, NDArray[np.float32], NDArray[np.float32]]:
    """Fits both annotators to the chosen rows: the words, and the output (dimensions, n_kinds) and (n_kinds,) over the encoder."""
    places = np.flatnonzero(chosen)
    owner = table.owner[places]
    sources = table.sources[owner].tolist()
    marked, scored = table.marked[places], table.scored[owner]
    words = fit_words([table.rows[place] for place in places], marked, scored, sources, annotator, settings, seed=seed)
    if vectors is None:
        return words, np.zeros((0, len(KINDS)), np.float32), np.zeros(len(KINDS), np.float32)
    return words, *_fit_head(vectors[places], marked, scored, sources, settings)


def _fit_head(
    vectors: NDArray[np.float32], marked: NDArray[np.bool_], scored: NDArray[np.bool_], sources: Sequence[str], settings: Settings
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    from sklearn.linear_model import LogisticRegression

    head = np.zeros((vectors.shape[1], len(KINDS)), np.float32)
    bias = np.full(len(KINDS), UNREAD, np.float32)
    for k in range(len(KINDS)):
        weight = sample_weights(marked[:, k], scored[:, k], sources, settings)
        if weight is not None:
            model = LogisticRegression(C=settings.head_strength, max_iter=500)
            model.fit(vectors, marked[:, k], sample_weight=weight)
            head[:, k], bias[k] = model.coef_[0], model.intercept_[0]
    return head, bias


def _decider(
    summaries: NDArray[np.float64],
    present: NDArray[np.bool_],
    scored: NDArray[np.bool_],
    sources: NDArray[np.str_],
    judged: NDArray[np.float64],
) -> Decider:
    weights = stacking.fit(summaries, present, scored, sources).astype(np.float32)
    thresholds = {kind: stacking.best_threshold(judged[:, k], present[:, k], scored[:, k], sources) for k, kind in enumerate(KINDS)}
    precise = {}
    for k, kind in enumerate(KINDS):
        reached = {target: stacking.precise_threshold(judged[:, k], present[:, k], scored[:, k], target) for target in PRECISIONS}
        precise[kind] = {target: value for target, value in reached.items() if value is not None}
    return Decider(weights, thresholds, precise)


def _model(
    name: str,
    words: WordWeights,
    head: NDArray[np.float32],
    bias: NDArray[np.float32],
    deciders: Mapping[Effort, Decider],
    gate: float,
    encoder: tuple[str, str],
    annotator: Annotator,
    details: Mapping[str, Any],
) -> SentenceModel:
    weights = Weights(words.terms, words.pieces, words.phrases, words.colours, words.intercepts, head, bias)
    return SentenceModel(name, words.vocabulary, weights, deciders, gate, encoder, annotator.cues.hash, details)


def _errors(
    judged: NDArray[np.float64],
    present: NDArray[np.bool_],
    scored: NDArray[np.bool_],
    sources: NDArray[np.str_],
    thresholds: Mapping[Kind, float],
) -> dict[str, Any]:
    """Counts of right and wrong verdicts on sources left out, a kind and source: what corrected counts are corrected by."""
    found: dict[str, Any] = {}
    for k, kind in enumerate(KINDS):
        rows = scored[:, k]
        said, true, source = judged[rows, k] >= thresholds[kind], present[rows, k], sources[rows]
        by_source = {name: _four(said[source == name], true[source == name]) for name in sorted(set(source.tolist()))}
        found[kind.value] = {**_four(said, true), "by_source": by_source}
    return found


def _four(said: NDArray[np.bool_], true: NDArray[np.bool_]) -> dict[str, int]:
    pairs = {"tp": said & true, "fp": said & ~true, "fn": ~said & true, "tn": ~said & ~true}
    return {name: int(where.sum()) for name, where in pairs.items()}
