"""Topics learnt from the taxonomy's examples, once for each state of them, and kept beside the workspace's models."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insights.classify.learnt import LearntTopics, vectors_of
from insights.config.examples import Example, example_files, examples_of, has_phrases, is_learnt
from insights.config.models import Taxonomy
from insights.config.toml import Path_
from insights.domain import digest_of
from insights.encoder import Encoder, load_encoder
from insights.errors import Fault, UsageError
from insights.flow.discover import ENCODER
from insights.flow.progress import Progress, silent
from insights.registry import MANIFEST, find_model, read_manifest
from insights.store import Store

MOST_HISTORY = 10_000
"""Stored sentences learnt from beside the examples, the newest first."""

NO_TOPICS = 'give two topics without phrases ten examples each under match, or name tables: examples = "examples/*.csv"'

LEAST, ENOUGH = 5, 10
"""Examples of a topic: fewer than the one teach nothing, fewer than the other little."""

TopicFault = tuple[Path_, str, str, bool]
"""Key path in the taxonomy, problem, hint, whether it is a warning."""

_BATCH = 256


@dataclass(frozen=True, slots=True)
class TopicFigures:
    """How well one topic is told from the others, on examples left out of the learning.

    Attributes:
        topic: Its key.
        examples: Its examples left out and asked for.
        recognised: Share of these whose best topic it is.
        given: Share of these that would be given it: recognised, and surely enough.
        taken_for: The topic they are most often taken for instead, or empty.
    """

    topic: str
    examples: int
    recognised: float
    given: float
    taken_for: str


def learners_encoder() -> Encoder:
    """Loads the encoder whose vectors topics are learnt from: always the shipped one, which no workspace retrains."""
    return load_encoder(find_model(ENCODER))


def learnt_topics(root: Path, taxonomy: Taxonomy, *, keep: bool = True, progress: Progress = silent) -> LearntTopics | None:
    """Returns the topics learnt from a taxonomy's examples, learning them where these examples were never learnt from.

    Args:
        root: Workspace: tables of examples are named from it, and what is learnt is kept under its ``models/``.
        taxonomy: The taxonomy.
        keep: False where nothing may be written.
        progress: Told while sentences are encoded.

    Returns:
        The model; None where the taxonomy has no topic to be learnt, or nothing to tell it apart from.

    Raises:
        ModelError: What was kept is not what was written.
    """
    if not (examples := taught(taxonomy, root)):
        return None
    folder = root / "models" / folder_name(taxonomy, examples)
    if (folder / MANIFEST).is_file():
        return LearntTopics.load(folder)
    model = learn_topics(taxonomy, examples, progress=progress)
    return _kept(model, folder) if keep else model


def learn_again(root: Path, taxonomy: Taxonomy, store: Store | None, *, progress: Progress = silent) -> LearntTopics:
    """Learns topics anew, also from what the store holds where one is given; the next run analyses with it.

    Args:
        root: The workspace.
        taxonomy: Its taxonomy.
        store: Findings whose evidence is learnt from beside the examples, or None for the examples alone.
        progress: Told while sentences are encoded.

    Raises:
        UsageError: There is no topic to be learnt, or nothing to tell it apart from.
    """
    examples = taught(taxonomy, root)
    if not examples:
        raise UsageError("the taxonomy has no topics to learn", NO_TOPICS)
    kinds = sorted({taxonomy.topic[example.topic].kind for example in examples if example.topic})
    history = store.evidence_texts(kinds, limit=MOST_HISTORY) if store else []
    return _kept(learn_topics(taxonomy, examples, history=history, progress=progress), root / "models" / folder_name(taxonomy, examples))


def taught(taxonomy: Taxonomy, root: Path) -> list[Example]:
    """Returns the examples topics are learnt from; none where no topic is to be learnt, or all show the same.

    A topic with phrases takes part where it has enough examples, so that what its phrases miss is not taken for its neighbour.
    """
    if not is_learnt(taxonomy):
        return []
    examples, _ = examples_of(taxonomy, root)
    count: dict[str, int] = {}
    for example in examples:
        count[example.topic] = count.get(example.topic, 0) + 1
    able = {key for key, number in count.items() if not key or number >= LEAST or not has_phrases(taxonomy, key)}
    found = [example for example in examples if example.topic in able]
    return found if len(able) > 1 and any(able) else []


def folder_name(taxonomy: Taxonomy, examples: Sequence[Example]) -> str:
    """Returns where topics learnt from these examples are kept: another name whenever examples, labels, encoder or method change."""
    from insights.classify.learning import VERSION

    known = [(key, taxonomy.topic[key].label, taxonomy.topic[key].kind) for key in sorted({example.topic for example in examples} - {""})]
    content = json.dumps([[example.topic, example.text] for example in examples])
    return f"topics-{digest_of(VERSION, read_manifest(find_model(ENCODER)).id, json.dumps(known), content, size=6)}"


def learn_topics(
    taxonomy: Taxonomy, examples: Sequence[Example], *, history: Sequence[str] = (), progress: Progress = silent
) -> LearntTopics:
    """Learns topics from examples.

    Args:
        taxonomy: Names the topics; each name is one more example.
        examples: Of two topics at least, or of one and of none.
        history: The company's own sentences, without a topic.
        progress: Told while sentences are encoded.
    """
    from insights.classify.learning import Lesson, learn

    labels = {key: taxonomy.topic[key].label for key in sorted({example.topic for example in examples} - {""})}
    texts = [*(example.text for example in examples), *labels.values(), *history]
    encoder = learners_encoder()
    vectors = _encoded(encoder, texts, progress)
    shown, named, rest = np.split(vectors, [len(examples), len(examples) + len(labels)])
    keys = [example.topic for example in examples]
    kinds = {key: taxonomy.topic[key].kind.value for key in labels}
    lesson = Lesson(keys, texts[: len(examples)], shown, kinds, labels, named, history, rest if len(history) else None)
    return learn(lesson, encoder=encoder.id, seed=0)


def place_texts(model: LearntTopics, texts: Sequence[str], *, progress: Progress = silent) -> list[dict[str, Any]]:
    """Returns the most probable topic of each text: ``topic`` (None where it is not sure enough), ``best``, ``probability`` and ``like``."""
    placed = model.place(texts, _encoded(learners_encoder(), texts, progress))
    return [
        {"topic": None, "best": None, "probability": 0.0, "like": ""}
        if one is None
        else {
            "topic": one.topic if one.probability >= model.threshold else None,
            "best": one.topic,
            "probability": round(one.probability, 4),
            "like": model.shown.texts[one.example],
        }
        for one in placed
    ]


def figures_of(model: LearntTopics) -> list[TopicFigures]:
    """Returns a row a topic, those least well told apart first."""
    rows: Mapping[str, Mapping[str, Any]] = model.details["topics"]
    found = [
        TopicFigures(key, row["asked"], _share(row["right"], row["asked"]), _share(row["given"], row["asked"]), row["taken for"])
        for key, row in rows.items()
    ]
    return sorted(found, key=lambda row: (row.recognised, row.topic))


def learning_faults(root: Path, taxonomy: Taxonomy) -> tuple[list[Fault], list[TopicFault]]:
    """Returns the faults of the tables of examples, and those of topics to be learnt: too few examples, or nothing to tell them apart from."""
    if not is_learnt(taxonomy):
        return [], []
    examples, of_tables = examples_of(taxonomy, root)
    found: list[TopicFault] = []
    if taxonomy.examples is not None and not example_files(taxonomy, root):
        found.append((("examples",), f"nothing at {taxonomy.examples}", "correct the path, from the workspace", False))
    topics_of: dict[str, list[str]] = {}
    for example in examples:
        topics_of.setdefault(example.text, []).append(example.topic)
    for key in taxonomy.topic:
        mine = [example.text for example in examples if example.topic == key]
        path: Path_ = ("topic", key)
        for text in mine:
            if topics_of[text][0] != key:
                found.append(
                    ((*path, "match"), f'"{text}" is also an example of {topics_of[text][0]}', "an example shows one topic", False)
                )
        if not has_phrases(taxonomy, key) and len(mine) < ENOUGH and (mine or taxonomy.examples is not None):
            few = len(mine) < LEAST
            problem = f"is learnt from {len(mine)} examples" + (f", at least {LEAST} are needed" if few else "")
            found.append((path, problem, f"give it {ENOUGH} or more, in words as different as customers'", not few))
    if not taught(taxonomy, root):
        found.append(
            (("topic",), "there is nothing to tell the learnt topic apart from", "give examples of a second topic, or no_match", False)
        )
    return of_tables, found


def _share(some: int, of: int) -> float:
    return round(some / of, 3) if of else 0.0


def _encoded(encoder: Encoder, texts: Sequence[str], progress: Progress) -> NDArray[np.float32]:
    parts = []
    for start in range(0, len(texts), _BATCH):
        parts.append(vectors_of(encoder, texts[start : start + _BATCH]))
        progress("learn", min(start + _BATCH, len(texts)), len(texts))
    return np.concatenate(parts) if parts else np.zeros((0, encoder.dimensions), np.float32)


def _kept(model: LearntTopics, folder: Path) -> LearntTopics:
    model.save(folder, folder.name, version=str(model.details["version"]))
    return LearntTopics.load(folder)
