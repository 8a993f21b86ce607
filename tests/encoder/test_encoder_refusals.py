"""A model that is not the one shipped, or computes something else, is refused before a single vector is made."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from insights.encoder import load_encoder
from insights.errors import ModelError
from insights.registry import find_model, read_manifest, write_manifest


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped model; the graph is linked, so whoever changes it must replace it."""
    shipped, folder = find_model("minilm"), tmp_path / "minilm"
    folder.mkdir()
    (folder / "model.onnx").symlink_to(shipped / "model.onnx")
    for name in ("tokenizer.json", "manifest.json"):
        shutil.copy(shipped / name, folder / name)
    return folder


def _flip_a_byte(folder: Path) -> None:
    content = bytearray((folder / "model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "model.onnx").unlink()
    (folder / "model.onnx").write_bytes(content)


def _swap_words(folder: Path) -> None:
    path = folder / "tokenizer.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"the":', '"teh":', 1), encoding="utf-8")


def _lose_the_graph(folder: Path) -> None:
    (folder / "model.onnx").unlink()


def _lose_the_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


@pytest.mark.parametrize("tamper", [_flip_a_byte, _swap_words, _lose_the_graph, _lose_the_manifest])
def test_a_tampered_model_is_refused(copy: Path, tamper: Callable[[Path], None]) -> None:
    """One changed byte in graph or vocabulary, or a missing file, stops loading and says how to mend it."""
    tamper(copy)
    with pytest.raises(ModelError) as caught:
        load_encoder(copy)
    assert "minilm" in caught.value.problem
    assert caught.value.hint


def _sealed_again(folder: Path, **details: object) -> None:
    manifest = read_manifest(folder)
    write_manifest(folder, manifest.name, version="1", files=manifest.files, details={**manifest.details, **details})


def test_other_vectors_than_promised_are_refused(copy: Path) -> None:
    """Files that match their sums but give another vector for a probe are not used."""
    probe = dict(json.loads((copy / "manifest.json").read_text(encoding="utf-8"))["details"]["probes"][0])
    _sealed_again(copy, probes=[probe | {"text": "something else entirely"}])
    with pytest.raises(ModelError, match="other vectors"):
        load_encoder(copy)


def test_a_graph_that_is_no_graph_is_refused(copy: Path) -> None:
    """A file that onnxruntime cannot read ends in a model error, not in onnxruntime's own."""
    (copy / "model.onnx").unlink()
    (copy / "model.onnx").write_bytes(b"not a graph")
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    write_manifest(copy, "minilm", version="1", files=manifest["files"], details=manifest["details"])
    with pytest.raises(ModelError, match="cannot be run"):
        load_encoder(copy)


def test_a_manifest_without_probes_is_refused(copy: Path) -> None:
    """An encoder that offers nothing to be proved by is not trusted."""
    _sealed_again(copy, probes=[])
    with pytest.raises(ModelError, match="no probes"):
        load_encoder(copy)
