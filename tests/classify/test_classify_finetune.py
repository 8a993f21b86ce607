"""Teaching the encoder, where torch is installed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from insights.classify.finetune import Example, TuneSettings, fine_tune  # noqa: E402


class Letters:
    """A tokenizer whose pieces are letters."""

    def token_to_id(self, name: str) -> int:
        return {"[CLS]": 1, "[SEP]": 2, "[UNK]": 3}[name]

    def encode(self, text: str, *, add_special_tokens: bool) -> Letters:
        assert not add_special_tokens
        self.ids = [ord(letter) % 32 + 4 for letter in text]
        return self


def weights(layers: int = 2) -> dict[str, np.ndarray]:
    """A small vocabulary and random layers of the published shape."""
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    config = BertConfig(vocab_size=40, hidden_size=384, num_hidden_layers=layers, num_attention_heads=12, intermediate_size=1536)
    model = BertModel(config, add_pooling_layer=False)
    return {name: value.numpy() for name, value in model.state_dict().items() if value.is_floating_point()}


def examples() -> list[Example]:
    """Contacts of two sentences; those with a z prove the first kind."""
    made = []
    for number in range(24):
        proves = number % 2 == 0
        labels = np.array([[0.0, 0.0], [float(proves), 0.0]], dtype=np.float32)
        made.append(Example([["abc", "zzz" if proves else "def"]], labels, np.ones_like(labels)))
    return made


def test_it_learns_and_repeats_itself() -> None:
    """More readings leave less loss; the same seed gives the same network; the word table stays."""
    start = weights()
    settings = TuneSettings(epochs=6, rate=1e-4, head_rate=1e-2, batch=128)
    one, other = (fine_tune(start, Letters(), examples(), settings, seed=1) for _ in range(2))
    assert all(np.array_equal(one.encoder[name], other.encoder[name]) for name in one.encoder)
    assert np.array_equal(one.encoder["embeddings.word_embeddings.weight"], start["embeddings.word_embeddings.weight"])
    assert not np.array_equal(one.encoder["encoder.layer.1.output.dense.weight"], start["encoder.layer.1.output.dense.weight"])
    assert one.loss < fine_tune(start, Letters(), examples(), replace(settings, epochs=1), seed=1).loss
