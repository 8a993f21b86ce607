"""The shipped encoder, loaded once."""

from __future__ import annotations

import pytest

from insights.encoder import Encoder, load_encoder
from insights.registry import find_model


@pytest.fixture(scope="session")
def minilm() -> Encoder:
    return load_encoder(find_model("minilm"))
