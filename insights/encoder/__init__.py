"""Texts to vectors: sentence encoders that run from a verified folder, on a processor, without network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Encoder(Protocol):
    """Anything that turns texts into vectors of length 1."""

    @property
    def id(self) -> str:
        """Changes whenever the vectors may change; kept beside stored vectors."""
        ...

    @property
    def dimensions(self) -> int:
        """Numbers a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Returns one row a text, ``(len(texts), dimensions)``, in order; a text's row depends on that text alone."""
        ...

    def encode_sentences(self, turns: Sequence[Sequence[str]]) -> NDArray[np.float32]:
        """Returns one row a sentence, ``(n_sentences, dimensions)``, in order, each read with the sentences that stand around it.

        Args:
            turns: The sentences of one contact, turn by turn.
        """
        ...


def load_encoder(folder: Path, *, threads: int = 1) -> Encoder:
    """Loads the encoder of a model folder after verifying its files and its probe texts.

    Args:
        folder: Holds ``manifest.json``, ``model.onnx`` and ``tokenizer.json``; see ``registry.find_model``.
        threads: Texts encoded at the same time; the vectors are the same for any number.

    Raises:
        ModelError: A file is missing or not the one shipped, the graph cannot be run, or a probe gives another vector.
    """
    # onnxruntime is loaded only by those who encode.
    from insights.encoder.onnx import load

    return load(folder, threads=threads)
