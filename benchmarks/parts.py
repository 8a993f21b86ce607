"""Public data sets that measure a part of what the engine does: bugs and wishes in reviews, suggestions, comparisons, tickets, complaints.

Without training on them, the engine's own findings at balanced effort answer a set's question with yes or no. With training, its
encoder's vectors, its probabilities and TF-IDF words are refitted to the set, measured on the set's own test part or five-fold.
What a set calls positive is not always what the codebook calls a finding: precision without training is a lower bound.
``complaints_products`` has products for labels, no reasons; it is measured by ``real``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.questions import PARTS, YES, Question
from benchmarks.rates import accuracy, average_precision, detection, macro_f1
from benchmarks.refit import held_out, material
from insights import engine
from insights.classify.stacking import KINDS
from insights.classify.statistical import SentenceModel
from insights.domain import Effort, Interaction, Kind, Role, Turn, interaction_id
from insights.evaluate.figures import Figure
from insights.flow.analyse import Recipe, Streamed, analyse_stream, encoder_of
from insights.flow.ingest import BATCH
from insights.flow.prepare import Storable
from insights.flow.stateless import recipe
from insights.text.segment import Segmenter

if TYPE_CHECKING:
    from pandas import DataFrame

SEED = 0
MOST_CHARACTERS = 1500
"""Of a text. Issue reports go on with logs and code for pages."""

TEST_PARTS = ("test", "heldout")


@dataclass(frozen=True)
class Read:
    """What the engine made of the texts of one set.

    Attributes:
        probabilities: (n_texts, n_kinds).
        vectors: (n_texts, 2 * dimensions): the largest and the mean of the vectors of a text's sentences.
    """

    probabilities: NDArray[np.float64]
    vectors: NDArray[np.float32]


def report(data: Path, *, most: int, workers: int) -> None:
    """Prints both tables.

    Args:
        data: Folder of the sets.
        most: Texts of a set, beside its own test part.
        workers: Processes.
    """
    how = recipe(None, Effort.BALANCED)
    frames = {name: load(data / f"{name}.parquet", most) for name in PARTS}
    read = read_all(frames, how, workers)
    model = SentenceModel.load(how.model_folder)
    thresholds = model.deciders[model.effort(Effort.BALANCED)].thresholds
    without, learnt = [], []
    for name, part in PARTS.items():
        words = np.array(part.words(frames[name]), dtype=object)
        for question in part.questions:
            row = asked(frames[name], question)
            where = np.flatnonzero(row != "")
            measured = where[measured_on(frames[name])[where]]
            shown = (name, question.name, f"{len(measured):,}")
            if question.kinds:
                without.append((*shown, *_found(row[measured], read[name].probabilities[measured], question.kinds, thresholds)))
            learnt.append((*shown, *_learnt(frames[name], question, row, where, words, read[name])))
            print(f"   {name}: {question.name}", flush=True)
    print(f"\nwithout training on them: {model.id}, balanced effort")
    print(aligned([("set", "question", "texts", "share", "precision", "recall", "F1", "average precision"), *without]))
    print("\nwith training on them: encoder's vectors, engine's probabilities and TF-IDF words, logistic regression")
    print(aligned([("set", "question", "texts", "held out", "rate", "engine refitted", "known"), *learnt]))


def load(path: Path, most: int) -> DataFrame:
    """Reads a set: all of its test part, and of the rest at most so many texts."""
    import pandas as pd

    frame = pd.read_parquet(path)
    frame["text"] = frame["text"].str[:MOST_CHARACTERS]
    own = measured_on(frame) if has_test_part(frame) else np.zeros(len(frame), dtype=bool)
    rest = np.random.default_rng(SEED).permutation(np.flatnonzero(~own))[:most]
    return frame.iloc[np.sort(np.concatenate([np.flatnonzero(own), rest]))].reset_index(drop=True)


def has_test_part(frame: DataFrame) -> bool:
    """Returns whether the set says which of its rows to measure on."""
    return "split" in frame and bool(frame["split"].isin(TEST_PARTS).any())


def measured_on(frame: DataFrame) -> NDArray[np.bool_]:
    """Returns which rows are measured on, (n_rows,): the test part, or all where there is none."""
    return frame["split"].isin(TEST_PARTS).to_numpy() if has_test_part(frame) else np.ones(len(frame), dtype=bool)


def asked(frame: DataFrame, question: Question) -> NDArray[np.str_]:
    """Returns the class of each row, (n_rows,), empty where it is not asked."""
    return question.answers(frame).fillna("").to_numpy().astype(str)


def _found(
    truth: NDArray[np.str_], probabilities: NDArray[np.float64], kinds: Sequence[Kind], thresholds: Mapping[Kind, float]
) -> tuple[str, ...]:
    """The engine's findings as answers: share of yes's, precision, recall, F1, average precision."""
    places = [KINDS.index(kind) for kind in kinds]
    said = np.any(probabilities[:, places] >= np.array([thresholds[kind] for kind in kinds]), axis=1)
    present = truth == YES
    ranked = average_precision(present, probabilities[:, places].max(axis=1), seed=SEED)
    return (f"{present.mean():.2f}", *map(shown, (*detection(present, said, seed=SEED), ranked)))


def _learnt(
    frame: DataFrame, question: Question, row: NDArray[np.str_], where: NDArray[np.int64], words: NDArray[np.object_], read: Read
) -> tuple[str, ...]:
    """What was learnt from the set: how it was measured, by what, the figure, and the known one."""
    part = measured_on(frame)[where] if has_test_part(frame) else None
    known = material(words[where].tolist(), read.probabilities[where], read.vectors[where])
    measured, said = held_out(known, row[where], part=part, seed=SEED)
    truth = row[where][measured]
    figures: dict[str, Callable[[], Figure]] = {
        "F1": lambda: detection(truth == YES, said == YES, seed=SEED)[2],
        "macro F1": lambda: macro_f1(truth, said, seed=SEED),
    }
    figure = figures.get(question.rate, lambda: accuracy(truth, said, seed=SEED))()
    return ("test part" if part is not None else "five-fold", question.rate, shown(figure), question.known)


def read_all(frames: Mapping[str, DataFrame], how: Recipe, workers: int) -> dict[str, Read]:
    """Has the engine read the texts of all sets."""
    # At threshold zero it tells the probability of every kind.
    open_to_all = replace(how, classify=how.classify.model_copy(update={"thresholds": dict.fromkeys(Kind, 0.0)}))
    contacts = [contact for name, frame in frames.items() for contact in _contacts(name, frame)]
    streamed = list(analyse_stream(contacts, open_to_all, protected=(), key=b"benchmark", workers=workers))
    redacted = [item.prepared.interaction if isinstance(item.prepared, Storable) else None for item in streamed]
    kept = [contact for contact in redacted if contact is not None]
    pieces = (kept[start : start + BATCH] for start in range(0, len(kept), BATCH))
    vectors = np.concatenate(list(engine.run(partial(_make_reader, how), pieces, workers=workers)))
    rows = iter(vectors)
    nothing = np.zeros(vectors.shape[1], np.float32)
    told = np.array([_probabilities(item) for item in streamed])
    seen = np.array([nothing if contact is None else next(rows) for contact in redacted])
    edges = np.cumsum([0, *map(len, frames.values())])
    return {name: Read(told[a:b], seen[a:b]) for name, a, b in zip(frames, edges[:-1], edges[1:], strict=True)}


def _contacts(name: str, frame: DataFrame) -> Iterator[Interaction]:
    channel, at = PARTS[name].channel, datetime(2026, 1, 5, tzinfo=UTC)
    for number, text in zip(frame["id"], frame["text"], strict=True):
        yield Interaction(interaction_id(name, number), name, number, at, channel, (Turn(0, Role.CUSTOMER, text),))


def _probabilities(item: Streamed) -> list[float]:
    told = {insight.kind: insight.confidence for insight in (item.analysed.insights if item.analysed else ())}
    return [told.get(kind, 0.0) for kind in KINDS]


def _make_reader(how: Recipe) -> Callable[[Sequence[Interaction]], NDArray[np.float32]]:
    """Builds what gives the largest and the mean of the sentences' vectors, a row a contact."""
    encoder = encoder_of(SentenceModel.load(how.model_folder), how.model_folder)
    segmenter = Segmenter()
    if encoder is None:
        raise ValueError("the model has no encoder")

    def vector(contact: Interaction) -> NDArray[np.float32]:
        sentences = [sentence.text for sentence in segmenter.sentences(contact)]
        rows = encoder.encode_sentences([sentences]) if sentences else np.zeros((1, encoder.dimensions), np.float32)
        return np.concatenate([rows.max(axis=0), rows.mean(axis=0)])

    return lambda batch: np.array([vector(contact) for contact in batch])


def shown(figure: Figure) -> str:
    """Returns a figure with its interval, of one width."""
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Returns rows of texts as lines whose columns stand below each other, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    right = [all(cell[:1].isdigit() for cell in column[1:]) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell.rjust(width) if number else cell.ljust(width) for cell, width, number in zip(row, widths, right, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)
