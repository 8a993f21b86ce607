"""``python -m benchmarks.topics FILE.parquet [...]``: topic discovery and the encoder, measured on outside data.

A file has the columns ``id``, ``text`` and ``label``; the method never sees the labels. Printed a file: accuracy under the best
one-to-one match of topics and labels, normalised mutual information (unassigned texts count as one topic), the adjusted Rand
index, unassigned texts, how alike two seeds are, and processor seconds. First of all the encoder's speed and the start-up.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from insights.discover.topics import discover
from insights.encoder import Encoder, load_encoder
from insights.registry import find_model

SHORT, LONG = 12, 100
START = """
import numpy as np
from insights.discover.topics import discover
texts = [f"{'late refund' if i % 2 else 'broken router'} {chr(97 + i // 2)}x" for i in range(40)]
assert discover(texts, np.eye(2, 8, dtype=np.float32)[np.arange(40) % 2] + np.eye(40, 8, dtype=np.float32) / 9, seed=0).topics
"""
VOCABULARY = [
    "my",
    "order",
    "has",
    "not",
    "arrived",
    "and",
    "nobody",
    "answers",
    "when",
    "i",
    "call",
    "about",
    "the",
    "refund",
    "you",
    "promised",
]


def main() -> None:
    """Measures every file named."""
    report([Path(name) for name in sys.argv[1:]])


def report(files: Sequence[Path]) -> None:
    """Prints the figures; without files those that need no outside data."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", START], check=True)
    print(f"smallest discovery in a fresh process {time.perf_counter() - began:.1f} s")
    encoder = load_encoder(find_model("minilm"))
    for words in (SHORT, LONG):
        print(f"encoder, {words} words: {encoder_speed(encoder, words):.0f} texts a second and core")
    for file in files:
        print(topic_figures(file, encoder))


def encoder_speed(encoder: Encoder, words: int, *, texts: int = 120) -> float:
    """Returns texts of so many words a second of processor time."""
    random = np.random.default_rng(0)
    made = [" ".join(random.choice(VOCABULARY, words)) for _ in range(texts)]
    began = time.process_time()
    encoder.encode(made)
    return texts / (time.process_time() - began)


def topic_figures(file: Path, encoder: Encoder) -> str:
    """Returns one line of figures for a labelled file."""
    import pandas as pd
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    table = pd.read_parquet(file)
    table = table[table["split"] == "test"] if file.stem == "banking77" else table
    texts, labels = table["text"].tolist(), pd.factorize(table["label"])[0]
    marks = [time.process_time()]
    vectors = encoder.encode(texts)
    marks.append(time.process_time())
    found = discover(texts, vectors, seed=0)
    marks.append(time.process_time())
    other = discover(texts, vectors, seed=1)
    topics = found.assignment
    return (
        f"{file.stem}: {len(texts)} texts, {labels.max() + 1} labels, {len(found.topics)} topics, unassigned {np.mean(topics < 0):.3f}; "
        f"ACC {matched(labels, topics):.3f} NMI {normalized_mutual_info_score(labels, topics):.3f} "
        f"ARI {adjusted_rand_score(labels, topics):.3f}; two seeds ARI {adjusted_rand_score(topics, other.assignment):.3f}; "
        f"encoding {marks[1] - marks[0]:.1f} s, discovery {marks[2] - marks[1]:.1f} s"
    )


def matched(labels: NDArray[np.int64], topics: NDArray[np.int64]) -> float:
    """Returns the share of texts whose topic is the one matched to their label, each topic to at most one label."""
    from scipy.optimize import linear_sum_assignment

    table = np.zeros((topics.max() + 2, labels.max() + 1), np.int64)
    np.add.at(table, (topics + 1, labels), 1)
    rows, columns = linear_sum_assignment(-table)
    return float(table[rows, columns].sum() / len(labels))


if __name__ == "__main__":
    main()
