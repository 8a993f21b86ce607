"""Teaches an encoder what evidence is: sentences read within their contact, marked with the kinds they prove. Needs torch.

Maintainers only: what is learnt ships as plain numbers (``insights.encoder.build``), and the product reads it without torch.
The word table stays as it is. Everything runs on one thread, so that the same data and seed give the same numbers on the same machine.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import BertConfig, BertModel

from insights.encoder.passages import Passage, passages

Weights = dict[str, NDArray[np.float32]]
_DIMENSIONS = 384
_WARM_UP = 0.1
_MOST_PASSAGES = 48
_POOL = 500  # passages sorted by length together
_CLIP = 1.0


@dataclass(frozen=True, slots=True)
class TuneSettings:
    """What a recipe may set of one round of training.

    Attributes:
        epochs: Times the data are read.
        rate: Highest learning rate of the layers.
        head_rate: Highest learning rate of the output.
        batch: Word pieces a step.
        balance: Exponent of the weight of the positives of a kind: 0 none, 1 full.
        keep_empty: Share of the passages without evidence that are read in an epoch.
        dropout: Share of the numbers left out at random.
    """

    epochs: int = 2
    rate: float = 5e-5
    head_rate: float = 1e-3
    batch: int = 500
    balance: float = 0.5
    keep_empty: float = 0.5
    dropout: float = 0.1


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled contact.

    Attributes:
        turns: Its sentences, turn by turn.
        labels: (n_sentences, n_kinds) whether a sentence proves a kind.
        weights: (n_sentences, n_kinds) how much each label counts; 0 where nobody knows.
    """

    turns: Sequence[Sequence[str]]
    labels: NDArray[np.float32]
    weights: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Tuned:
    """A trained network: weights by the published names, and the mean loss of its last steps."""

    encoder: Weights
    loss: float


@dataclass(frozen=True, slots=True)
class _Piece:
    """A passage with its rows of the example's tables."""

    passage: Passage
    example: int
    first: int


class _Network(nn.Module):
    """The published network with an output a kind over the mean of a sentence's tokens."""

    def __init__(self, weights: Mapping[str, NDArray[np.float32]], kinds: int, dropout: float) -> None:
        super().__init__()
        config = BertConfig(
            vocab_size=len(weights["embeddings.word_embeddings.weight"]),
            hidden_size=_DIMENSIONS,
            num_hidden_layers=sum(name.endswith(".intermediate.dense.weight") for name in weights),
            num_attention_heads=12,
            intermediate_size=4 * _DIMENSIONS,
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=dropout,
        )
        self.bert = BertModel(config, add_pooling_layer=False)
        state = {name: torch.from_numpy(np.array(value, np.float32)) for name, value in weights.items() if "pooler" not in name}
        self.bert.load_state_dict(state, strict=False)
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(_DIMENSIONS, kinds)
        for parameter in self.bert.embeddings.parameters():
            parameter.requires_grad = False

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, pool: torch.Tensor) -> torch.Tensor:
        """Log-odds (passages, sentences, kinds) from token ids, their mask, and the share of each token in each sentence."""
        hidden = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
        scores: torch.Tensor = self.head(self.drop(torch.bmm(pool, hidden)))
        return scores


def fine_tune(
    start: Weights,
    tokenizer: Any,
    examples: Sequence[Example],
    settings: TuneSettings,
    *,
    seed: int,
    told: Callable[[int, int], None] | None = None,
) -> Tuned:
    """Returns the network after training.

    The loss is binary cross-entropy a sentence and kind; learning rates rise over the first tenth of the steps and fall to 0.

    Args:
        start: Weights by the published names.
        tokenizer: Of the encoder.
        examples: Labelled contacts.
        settings: How.
        seed: Of order, dropout and the output's first weights.
        told: Called with steps done and steps in all.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    order = random.Random(seed)  # noqa: S311 - an order of reading, no secret
    kinds = examples[0].labels.shape[1]
    network = _Network(start, kinds, settings.dropout)
    pieces = list(_pieces(tokenizer, examples))
    positive_weight = _positive_weight(examples, settings.balance)
    steps = [step for _ in range(settings.epochs) for step in _batches(pieces, examples, settings, order)]
    layers = list(network.bert.encoder.parameters())
    groups = [{"params": layers, "lr": settings.rate}, {"params": list(network.head.parameters()), "lr": settings.head_rate}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    network.train()
    losses = []
    for number, step in enumerate(steps):
        share = min(1.0, (number + 1) / (_WARM_UP * len(steps) + 1)) * (len(steps) - number) / len(steps)
        for group, rate in zip(optimiser.param_groups, (settings.rate, settings.head_rate), strict=True):
            group["lr"] = rate * share
        batch = [pieces[place] for place in step]
        ids, mask, pool = _tensors(batch)
        labels, weights = _targets(batch, examples, pool.shape[1], kinds)
        cross = nn.functional.binary_cross_entropy_with_logits(
            network(ids, mask, pool), labels, pos_weight=positive_weight, reduction="none"
        )
        loss = (cross * weights).sum() / weights.sum().clamp(min=1.0)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([*layers, *network.head.parameters()], _CLIP)
        optimiser.step()
        losses.append(float(loss.detach()))
        if told:
            told(number + 1, len(steps))
    encoder = {name: value.detach().numpy().copy() for name, value in network.bert.state_dict().items() if value.is_floating_point()}
    return Tuned(encoder, float(np.mean(losses[-max(1, len(losses) // 10) :])))


def _pieces(tokenizer: Any, examples: Sequence[Example]) -> Iterator[_Piece]:
    for number, example in enumerate(examples):
        first = 0
        for passage in passages(tokenizer, example.turns):
            yield _Piece(passage, number, first)
            first += len(passage[1])


def _positive_weight(examples: Sequence[Example], balance: float) -> torch.Tensor:
    positive = sum((example.labels * example.weights).sum(axis=0) for example in examples)
    negative = sum(((1 - example.labels) * example.weights).sum(axis=0) for example in examples)
    return torch.from_numpy(((negative / np.maximum(positive, 1.0)) ** balance).astype(np.float32))


def _batches(pieces: Sequence[_Piece], examples: Sequence[Example], settings: TuneSettings, order: random.Random) -> list[list[int]]:
    """Passages of like length together, in a random order, at most ``settings.batch`` word pieces with their padding."""

    def has_evidence(piece: _Piece) -> bool:
        return bool(examples[piece.example].labels[piece.first : piece.first + len(piece.passage[1])].any())

    chosen = [place for place, piece in enumerate(pieces) if has_evidence(piece) or order.random() < settings.keep_empty]
    order.shuffle(chosen)
    batches: list[list[int]] = []
    for start in range(0, len(chosen), _POOL):
        batch: list[int] = []
        for place in sorted(chosen[start : start + _POOL], key=lambda one: (len(pieces[one].passage[0]), one)):
            if batch and (len(pieces[place].passage[0]) * (len(batch) + 1) > settings.batch or len(batch) >= _MOST_PASSAGES):
                batches.append(batch)
                batch = []
            batch.append(place)
        batches.append(batch)
    order.shuffle(batches)
    return batches


def _tensors(batch: Sequence[_Piece]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Token ids and mask (passages, tokens), and the share of each token in each sentence (passages, sentences, tokens)."""
    longest = max(len(piece.passage[0]) for piece in batch)
    most = max(len(piece.passage[1]) for piece in batch)
    ids = torch.zeros(len(batch), longest, dtype=torch.long)
    mask = torch.zeros(len(batch), longest)
    pool = torch.zeros(len(batch), most, longest)
    for row, piece in enumerate(batch):
        tokens, spans = piece.passage
        ids[row, : len(tokens)] = torch.tensor(tokens)
        mask[row, : len(tokens)] = 1.0
        for sentence, (start, end) in enumerate(spans):
            pool[row, sentence, start:end] = 1.0 / (end - start)
    return ids, mask, pool


def _targets(batch: Sequence[_Piece], examples: Sequence[Example], most: int, kinds: int) -> tuple[torch.Tensor, torch.Tensor]:
    labels, weights = torch.zeros(len(batch), most, kinds), torch.zeros(len(batch), most, kinds)
    for row, piece in enumerate(batch):
        example, count = examples[piece.example], len(piece.passage[1])
        labels[row, :count] = torch.from_numpy(example.labels[piece.first : piece.first + count])
        weights[row, :count] = torch.from_numpy(example.weights[piece.first : piece.first + count])
    return labels, weights
