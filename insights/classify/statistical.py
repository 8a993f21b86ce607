"""The statistical annotator: scores of sentences by their words and by an encoder, and the probability that a contact holds a kind.

By its words a sentence's score is linear in its features (``features``, ``annotate``); by the encoder it is linear in the mean of
the sentence's token vectors, read within the contact. A contact's probability is a second, small logistic model over its strongest
sentences and cues (``stacking``), fitted on scores of sources that the annotators had not seen. All are plain numbers in
``model.npz`` and ``model.json``; nothing of scikit-learn is needed to predict.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.classify.address import without_addresses
from insights.classify.annotate import Annotated, Annotator
from insights.classify.cues import built_in_cues
from insights.classify.features import Vocabulary, WordTable
from insights.classify.stacking import KINDS, UNREAD
from insights.domain import Effort, Kind
from insights.encoder import Encoder
from insights.errors import ModelError
from insights.registry import Manifest, read_manifest, write_manifest

ARRAYS, FACTS = "model.npz", "model.json"
_NEVER = 1.01


@dataclass(frozen=True, slots=True)
class Weights:
    """Numbers of a trained model.

    Attributes:
        terms: (n_terms, n_kinds) per word and pair.
        pieces: (PIECES, n_kinds) per hashed character n-gram.
        phrases: (n_phrases, n_kinds) per cue phrase found unguarded.
        colours: (n_colours, n_kinds) per entry of ``Annotated.colour``.
        intercepts: (n_kinds,).
        head: (dimensions, n_kinds) over an encoder's vector of a sentence; no rows without an encoder.
        head_intercepts: (n_kinds,).
    """

    terms: NDArray[np.float32]
    pieces: NDArray[np.float32]
    phrases: NDArray[np.float32]
    colours: NDArray[np.float32]
    intercepts: NDArray[np.float32]
    head: NDArray[np.float32]
    head_intercepts: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Decider:
    """What turns the scores of a contact's sentences into a verdict at one effort.

    Attributes:
        summary: (n_kinds, len(SUMMARY) + 1) weights of the second model; the last is its intercept.
        thresholds: Least probability of a yes, a kind, for the best F1.
        precise: Kind and precision to the threshold that reaches it on sources left out; what is missing is not reached.
    """

    summary: NDArray[np.float32]
    thresholds: Mapping[Kind, float]
    precise: Mapping[Kind, Mapping[float, float]]

    def threshold(self, kind: Kind, precision: float | None) -> float:
        """Returns the least probability of a yes for a target precision, above 1 where it is never reached; of best F1 for None."""
        if precision is None:
            return self.thresholds[kind]
        return min((value for target, value in self.precise[kind].items() if target >= precision), default=_NEVER)


@dataclass(frozen=True, slots=True)
class SentenceModel:
    """A trained model.

    Attributes:
        id: Name and hash; ``unsaved`` until read from a folder.
        vocabulary: Words and pairs known.
        weights: The numbers.
        deciders: One an effort; only the fast one without an encoder.
        gate: At balanced effort the encoder reads sentences whose strongest log-odds by words are at least this.
        encoder: Name and id of the encoder's folder, or empty texts.
        cues_hash: Hash of the cues it was trained with.
        details: Recipe, data, licences, figures.
    """

    id: str
    vocabulary: Vocabulary
    weights: Weights
    deciders: Mapping[Effort, Decider]
    gate: float
    encoder: tuple[str, str]
    cues_hash: str
    details: Mapping[str, Any] = field(default_factory=dict)

    def with_details(self, details: Mapping[str, Any]) -> SentenceModel:
        """Returns the model with other details."""
        return replace(self, details=details)

    def effort(self, wanted: Effort) -> Effort:
        """Returns the effort wanted, or the fast one where the model has no encoder."""
        return wanted if wanted in self.deciders else Effort.FAST

    def table(self) -> WordTable:
        """Builds the model's table of words, which remembers the words it has met."""
        return WordTable(self.vocabulary, self.weights.terms, self.weights.pieces)

    def score(self, sentences: Sequence[Annotated], annotator: Annotator, table: WordTable) -> NDArray[np.float64]:
        """Returns (n_sentences, n_kinds) log-odds, by its words, that a sentence is evidence of a kind.

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

    def readings(self, sentences: Sequence[Annotated], words: NDArray[np.float64], encoder: Encoder, effort: Effort) -> NDArray[np.float64]:
        """Returns (n_sentences, n_kinds) log-odds by the encoder for one contact, ``UNREAD`` where it did not look.

        Args:
            sentences: Of one contact, in order.
            words: (n_sentences, n_kinds) by ``score``.
            encoder: The model's.
            effort: Whether all are read, or those that pass the gate.
        """
        chosen = chosen_rows(words, self.gate, effort)
        found = np.full((len(sentences), len(KINDS)), UNREAD)
        if chosen.any():
            vectors = vectors_of([item for item, read in zip(sentences, chosen, strict=True) if read], encoder)
            found[chosen] = vectors.astype(np.float64) @ self.weights.head + self.weights.head_intercepts
        return found

    @classmethod
    def load(cls, folder: Path) -> SentenceModel:
        """Reads a model through its manifest.

        Raises:
            ModelError: The manifest does not verify, or the model was trained by another version of this program or with other cues.
        """
        manifest = read_manifest(folder)
        again = "train it again with `insights train`"
        try:
            facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
            with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
                weights = Weights(**{key: arrays[key].astype(np.float32) for key in Weights.__dataclass_fields__})
                deciders = {
                    Effort(effort): Decider(
                        arrays[f"summary_{effort}"],
                        {Kind(kind): float(value) for kind, value in known["best_f1"].items()},
                        {
                            Kind(kind): {float(target): float(value) for target, value in some.items()}
                            for kind, some in known["precision"].items()
                        },
                    )
                    for effort, known in facts["thresholds"].items()
                }
            encoder = (str(facts["encoder"]["name"]), str(facts["encoder"]["id"]))
            vocabulary, gate, cues = (
                Vocabulary({term: place for place, term in enumerate(facts["terms"])}),
                float(facts["gate"]),
                facts["cues"],
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"model {folder.name} was made by another version of this program", again) from error
        if cues != built_in_cues().hash:
            raise ModelError(f"model {folder.name} was trained with other cues than this program's", again)
        return cls(manifest.id, vocabulary, weights, deciders, gate, encoder, cues, manifest.details)

    def save(self, folder: Path, name: str, *, version: str) -> Manifest:
        """Writes the model with its manifest; the same model gives the same bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays = {key: getattr(self.weights, key) for key in Weights.__dataclass_fields__}
        arrays["pieces"] = arrays["pieces"].astype(np.float16)  # half the file, no figure changes
        arrays |= {f"summary_{effort}": decider.summary.astype(np.float32) for effort, decider in self.deciders.items()}
        np.savez_compressed(folder / ARRAYS, **arrays)
        facts = {
            "terms": self.vocabulary.terms(),
            "cues": self.cues_hash,
            "gate": round(self.gate, 4),
            "encoder": {"name": self.encoder[0], "id": self.encoder[1]},
            "thresholds": {
                effort.value: {
                    "best_f1": {kind.value: round(decider.thresholds[kind], 4) for kind in KINDS},
                    "precision": {kind.value: {str(target): value for target, value in decider.precise[kind].items()} for kind in KINDS},
                }
                for effort, decider in self.deciders.items()
            },
        }
        (folder / FACTS).write_text(json.dumps(facts, indent=0, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
        return write_manifest(folder, name, version=version, files=[ARRAYS, FACTS], details=self.details)


def chosen_rows(words: NDArray[np.float64], gate: float, effort: Effort) -> NDArray[np.bool_]:
    """Returns which sentences of (n_sentences, n_kinds) log-odds by words the encoder shall read."""
    if effort is Effort.BEST:
        return np.ones(len(words), dtype=bool)
    chosen: NDArray[np.bool_] = words.max(axis=1, initial=-np.inf) >= gate
    return chosen


def vectors_of(sentences: Sequence[Annotated], encoder: Encoder) -> NDArray[np.float32]:
    """Returns the encoder's vectors (n_sentences, dimensions) of sentences of one contact, read together."""
    texts = without_addresses([item.sentence for item in sentences])
    spoken = itertools.groupby(zip(sentences, texts, strict=True), key=lambda pair: pair[0].sentence.turn)
    return encoder.encode_sentences([[text for _, text in turn] for _, turn in spoken])
