"""A trained model moved towards what people corrected, without what it was trained on: every weight is drawn back to where it was.

For each layer the loss is that of logistic regression on the corrected contacts plus the squared distance to the old weights
(a Gaussian prior around them; Bishop, Pattern Recognition and Machine Learning, 2006, section 4.5): a few corrections move little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from insights.classify import stacking
from insights.classify.annotate import Annotated, Annotator
from insights.classify.stacking import KINDS, SUMMARY
from insights.classify.statistical import Decider, SentenceModel, vectors_of
from insights.classify.training import Labelled, Table, tabulate
from insights.domain import Effort
from insights.encoder import Encoder

HEAD_PRIOR = 30.0
CUE_PRIOR = 10.0
SUMMARY_PRIOR = 20.0
FOLDS = 5
ENOUGH = 20
"""Least judged contacts with and without a kind before its threshold is set anew."""


@dataclass(frozen=True, slots=True)
class Adapted:
    """A model moved towards corrections, and what that is worth on corrected contacts it had not seen.

    Attributes:
        model: The moved model, learnt from all of them.
        before: Micro F1 of the old model over the judged kinds.
        after: Micro F1 of models moved by four fifths on the fifth they had not seen.
        judged: Pairs of contact and kind that people judged.
    """

    model: SentenceModel
    before: float
    after: float
    judged: int

    @property
    def better(self) -> bool:
        """Whether the held-out figure did not fall."""
        return self.judged > 0 and self.after >= self.before


def adapt(model: SentenceModel, labelled: Sequence[Labelled], *, encoder: Encoder | None, effort: Effort, seed: int = 0) -> Adapted:
    """Moves a model towards labelled contacts.

    Args:
        model: The old one.
        labelled: What people corrected; kinds nobody judged are uncertain.
        encoder: The model's, or None at fast effort.
        effort: At which the held-out figures are measured.
        seed: For the folds.
    """
    annotator = Annotator()
    table = tabulate(labelled, annotator)
    vectors = _all_vectors(table, encoder)
    effort = model.effort(effort) if encoder else Effort.FAST
    fold = np.random.default_rng(seed).integers(0, FOLDS, len(labelled))
    after = np.zeros(table.present.shape, dtype=bool)
    for number in range(FOLDS):
        held = fold == number
        if held.any() and not held.all():
            after |= held[:, None] & _verdicts(_moved(model, table, vectors, ~held, annotator), table, vectors, effort, annotator)
    before = _verdicts(model, table, vectors, effort, annotator)
    moved = _moved(model, table, vectors, np.ones(len(labelled), dtype=bool), annotator)
    return Adapted(moved, _micro_f1(before, table), _micro_f1(after, table), int(table.scored.sum()))


def shifted(start: NDArray[np.float64], features: NDArray[np.float64], labels: NDArray[np.bool_], prior: float) -> NDArray[np.float64]:
    """Returns weights (n_features + 1,) of a logistic model, drawn back to ``start``; the last is the intercept.

    Args:
        start: (n_features + 1,).
        features: (n_rows, n_features).
        labels: (n_rows,).
        prior: Strength of the pull, in rows.
    """
    from scipy.optimize import minimize

    if not len(labels):
        return start
    rows = np.concatenate([features, np.ones((len(features), 1))], axis=1)
    signs = np.where(labels, 1.0, -1.0)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = signs * (rows @ weights)
        pull = weights - start
        slope = -signs / (1.0 + np.exp(np.clip(margin, -30, 30)))
        return float(np.logaddexp(0.0, -margin).sum() + prior / 2 * (pull @ pull)), rows.T @ slope + prior * pull

    found: NDArray[np.float64] = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    return found


def _moved(
    model: SentenceModel, table: Table, vectors: NDArray[np.float32] | None, chosen: NDArray[np.bool_], annotator: Annotator
) -> SentenceModel:
    """The model moved by the chosen contacts: outputs over the encoder, weights of cues, second models, thresholds."""
    rows = np.flatnonzero(chosen[table.owner])
    weights = model.weights
    head, bias = weights.head.astype(np.float64), weights.head_intercepts.astype(np.float64)
    colours, intercepts = weights.colours.astype(np.float64), weights.intercepts.astype(np.float64)
    others = model.score([table.rows[row] for row in rows], annotator, model.table())
    seen = np.array([table.rows[row].colour for row in rows], dtype=np.float64).reshape(len(rows), len(colours))
    others -= seen @ colours + intercepts  # what words say beside the cues stays as it is
    for k in range(len(KINDS)):
        own = _known(table, rows, k)
        marked = table.marked[rows[own], k]
        if vectors is not None and len(head):
            start = np.append(head[:, k], bias[k])
            head[:, k], bias[k] = _split(shifted(start, vectors[rows[own]].astype(np.float64), marked, HEAD_PRIOR))
        start = np.array([*colours[:, k], 1.0, intercepts[k]])
        moved = shifted(start, np.concatenate([seen[own], others[own, k : k + 1]], axis=1), marked, CUE_PRIOR)
        colours[:, k], intercepts[k] = moved[:-2], moved[-1]
    weights = replace(
        weights,
        head=head.astype(np.float32),
        head_intercepts=bias.astype(np.float32),
        colours=colours.astype(np.float32),
        intercepts=intercepts.astype(np.float32),
    )
    moved_model = replace(model, id="unsaved", weights=weights)
    efforts = [effort for effort in model.deciders if vectors is not None or effort is Effort.FAST]
    deciders = {effort: _decider(moved_model, table, vectors, chosen, effort, annotator) for effort in efforts}
    return replace(moved_model, deciders={**model.deciders, **deciders})


def _known(table: Table, rows: NDArray[np.int64], k: int) -> NDArray[np.bool_]:
    """Which rows teach a kind: those of contacts where it was judged, and its evidence, where it is there, stands in a sentence."""
    owner = table.owner[rows]
    marked = np.zeros(len(table.present), dtype=bool)
    np.logical_or.at(marked, table.owner, table.marked[:, k])
    known: NDArray[np.bool_] = table.scored[owner, k] & (marked[owner] | ~table.present[owner, k])
    return known


def _split(weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    return weights[:-1], float(weights[-1])


def _decider(
    model: SentenceModel,
    table: Table,
    vectors: NDArray[np.float32] | None,
    chosen: NDArray[np.bool_],
    effort: Effort,
    annotator: Annotator,
) -> Decider:
    old = model.deciders[effort]
    summaries = _summaries(model, table, vectors, effort, annotator)
    moved = old.summary.astype(np.float64)
    thresholds = dict(old.thresholds)
    for k, kind in enumerate(KINDS):
        rows = chosen & table.scored[:, k]
        moved[k] = shifted(moved[k], summaries[rows, k].reshape(-1, len(SUMMARY)), table.present[rows, k], SUMMARY_PRIOR)
        present = table.present[rows, k]
        if min(int(present.sum()), int((~present).sum())) >= ENOUGH:
            judged = stacking.probabilities(moved, summaries[rows])[:, k]
            thresholds[kind] = stacking.best_threshold(judged, present, np.ones(len(present), dtype=bool), table.sources[rows])
    return Decider(moved.astype(np.float32), thresholds, old.precise)


def _summaries(
    model: SentenceModel, table: Table, vectors: NDArray[np.float32] | None, effort: Effort, annotator: Annotator
) -> NDArray[np.float64]:
    words = model.score(table.rows, annotator, model.table())
    readings = None
    if effort is not Effort.FAST and vectors is not None:
        readings = vectors.astype(np.float64) @ model.weights.head + model.weights.head_intercepts
        if effort is Effort.BALANCED:
            readings[words.max(axis=1) < model.gate] = stacking.UNREAD
    return stacking.summaries_of(words, readings, table.rows, table.owner, len(table.present), annotator)


def _verdicts(
    model: SentenceModel, table: Table, vectors: NDArray[np.float32] | None, effort: Effort, annotator: Annotator
) -> NDArray[np.bool_]:
    decider = model.deciders[effort]
    judged = stacking.probabilities(decider.summary, _summaries(model, table, vectors, effort, annotator))
    said: NDArray[np.bool_] = judged >= np.array([decider.thresholds[kind] for kind in KINDS])
    return said


def _micro_f1(said: NDArray[np.bool_], table: Table) -> float:
    right = int((said & table.present & table.scored).sum())
    spoken = int((said & table.scored).sum() + (table.present & table.scored).sum())
    return 2 * right / spoken if spoken else 0.0


def _all_vectors(table: Table, encoder: Encoder | None) -> NDArray[np.float32] | None:
    if encoder is None:
        return None
    parts = [vectors_of(_of(table, places), encoder) for _, places in table.contacts_of(np.arange(len(table.rows)))]
    return np.concatenate(parts) if parts else np.zeros((0, encoder.dimensions), np.float32)


def _of(table: Table, places: NDArray[np.int64]) -> list[Annotated]:
    return [table.rows[place] for place in places]
