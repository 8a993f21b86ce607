"""The statistical annotator: scores of sentences, and the calibrated probability that an interaction holds a kind.

A sentence's score is linear in its features (``features``, ``annotate``). An interaction's probability is a second, small
logistic model over its strongest sentences and cues, fitted on scores of sources that the first model had not seen. Both are
plain numbers in ``model.npz`` and ``model.json``; nothing of scikit-learn is needed to predict.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.classify.annotate import Annotated, Annotator, kinds_of
from insights.classify.cues import built_in_cues
from insights.classify.features import Vocabulary, WordTable
from insights.domain import Kind
from insights.errors import ModelError
from insights.registry import Manifest, read_manifest, write_manifest

KINDS = tuple(Kind)
ARRAYS, FACTS = "model.npz", "model.json"
NO_SENTENCE = -6.0  # score of an interaction without a sentence that may give evidence
SUMMARY = ("strongest", "cues", "strongest of other kinds")


@dataclass(frozen=True, slots=True)
class Weights:
    """Numbers of a trained model.

    Attributes:
        terms: (n_terms, n_kinds) per word and pair.
        pieces: (PIECES, n_kinds) per hashed character n-gram.
        phrases: (n_phrases, n_kinds) per cue phrase found unguarded.
        colours: (n_colours, n_kinds) per entry of ``Annotated.colour``.
        intercepts: (n_kinds,).
        summary: (n_kinds, len(SUMMARY) + 1) of the second model; the last is its intercept.
    """

    terms: NDArray[np.float32]
    pieces: NDArray[np.float32]
    phrases: NDArray[np.float32]
    colours: NDArray[np.float32]
    intercepts: NDArray[np.float32]
    summary: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SentenceModel:
    """A trained model.

    Attributes:
        id: Name and hash; ``unsaved`` until read from a folder.
        vocabulary: Words and pairs known.
        weights: The numbers.
        thresholds: Least probability of a yes, a kind.
        cues_hash: Hash of the cues it was trained with.
        details: Recipe, data, licences, figures.
    """

    id: str
    vocabulary: Vocabulary
    weights: Weights
    thresholds: Mapping[Kind, float]
    cues_hash: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def with_details(self, details: Mapping[str, Any]) -> SentenceModel:
        """Returns the model with other details."""
        return replace(self, details=details)

    def table(self) -> WordTable:
        """Builds the model's table of words, which remembers the words it has met."""
        return WordTable(self.vocabulary, self.weights.terms, self.weights.pieces)

    def score(self, sentences: Sequence[Annotated], annotator: Annotator, table: WordTable) -> NDArray[np.float64]:
        """Returns (n_sentences, n_kinds) log-odds that a sentence is evidence of a kind.

        Args:
            sentences: Read by ``annotator``.
            annotator: Knows the cues.
            table: ``self.table()``, built once.
        """
        scores = table.scores([item.words for item in sentences])
        if sentences:
            scores += np.asarray([item.colour for item in sentences], dtype=np.float64) @ self.weights.colours
            hits = [
                (row, int(annotator.phrase_offsets[hit.cue]) + hit.phrase)
                for row, item in enumerate(sentences)
                for hit in item.hits
                if not hit.guard
            ]
            np.add.at(scores, [row for row, _ in hits], self.weights.phrases[[phrase for _, phrase in hits]])
        return scores + self.weights.intercepts

    def probabilities(self, summaries: NDArray[np.float64]) -> NDArray[np.float64]:
        """Returns (n_interactions, n_kinds) calibrated probabilities of summaries (n_interactions, n_kinds, len(SUMMARY))."""
        logits = np.einsum("ikf,kf->ik", summaries, self.weights.summary[:, :-1].astype(np.float64)) + self.weights.summary[:, -1]
        probabilities: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(logits, -30, 30)))
        return probabilities

    @classmethod
    def load(cls, folder: Path) -> SentenceModel:
        """Reads a model through its manifest.

        Raises:
            ModelError: The manifest does not verify, or the model was trained with other cues than this program's.
        """
        manifest = read_manifest(folder)
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        if facts["cues"] != built_in_cues().hash:
            raise ModelError(
                f"model {folder.name} was trained with other cues than this program has", "train it again with `insights train`"
            )
        with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
            weights = Weights(**{key: arrays[key].astype(np.float32) for key in Weights.__dataclass_fields__})
        vocabulary = Vocabulary({term: place for place, term in enumerate(facts["terms"])})
        thresholds = {Kind(kind): float(value) for kind, value in facts["thresholds"].items()}
        return cls(manifest.id, vocabulary, weights, thresholds, facts["cues"], manifest.details)

    def save(self, folder: Path, name: str, *, version: str) -> Manifest:
        """Writes the model with its manifest; the same model gives the same bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays = {key: getattr(self.weights, key) for key in Weights.__dataclass_fields__}
        arrays["pieces"] = arrays["pieces"].astype(np.float16)  # half the file, no figure changes
        np.savez_compressed(folder / ARRAYS, **arrays)
        facts = {
            "terms": self.vocabulary.terms(),
            "cues": self.cues_hash,
            "thresholds": {kind.value: round(self.thresholds[kind], 4) for kind in KINDS},
        }
        (folder / FACTS).write_text(json.dumps(facts, indent=0, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
        return write_manifest(folder, name, version=version, files=[ARRAYS, FACTS], details=self.details)


def summarise(scores: NDArray[np.float64], sentences: Sequence[Annotated], annotator: Annotator) -> NDArray[np.float64]:
    """Returns (n_kinds, len(SUMMARY)): what the second model reads of one interaction's sentence scores (n_sentences, n_kinds)."""
    count = len(sentences)
    summary = np.zeros((len(KINDS), len(SUMMARY)))
    summary[:, 0] = np.clip(scores.max(axis=0), NO_SENTENCE, -NO_SENTENCE) if count else NO_SENTENCE
    for item in sentences:
        for kind in kinds_of(item.hits, annotator.cues):
            summary[KINDS.index(kind), 1] += 1
    summary[:, 1] = np.log1p(summary[:, 1])
    first, second = np.sort(summary[:, 0])[[-1, -2]]
    summary[:, 2] = np.where(summary[:, 0] == first, second, first)
    return summary
