"""A workspace's model moved towards what its people corrected; kept only where it is no worse on what it had not seen."""

from __future__ import annotations

from dataclasses import dataclass

from insights.classify.adapting import adapt
from insights.classify.statistical import SentenceModel
from insights.classify.training import Labelled
from insights.config.load import Loaded
from insights.domain import Effort
from insights.errors import UsageError
from insights.flow.analyse import encoder_of
from insights.flow.corrections import labelled_from_corrections
from insights.registry import Manifest, find_model
from insights.store import Store
from insights.text.segment import Segmenter

LEAST = 10
"""Corrected contacts below which nothing can be measured."""


@dataclass(frozen=True, slots=True)
class AdaptReport:
    """What became of it: the new model's manifest, or None where the old one is kept, with both held-out figures."""

    manifest: Manifest | None
    before: float
    after: float
    contacts: int
    judged: int


def adapt_model(loaded: Loaded, store: Store, *, seed: int = 0) -> AdaptReport:
    """Moves the workspace's model towards its corrections and writes it to the workspace's ``models/NAME`` where that does not make it worse.

    The encoder, the words and the shipped model stay as they are; deleting the folder brings the shipped model back.

    Args:
        loaded: The workspace.
        store: Holds the corrections.
        seed: For the folds.

    Raises:
        UsageError: Too few contacts are corrected to measure anything.
        ModelError: The model cannot be read.
    """
    settings = loaded.settings.classify
    folder = find_model(settings.model, workspace=loaded.root)
    model = SentenceModel.load(folder)
    labelled = _labelled(loaded, store)
    if len(labelled) < LEAST:
        raise UsageError(
            f"{len(labelled)} contacts are corrected, at least {LEAST} are needed to measure a new model",
            "work off more of `insights review`",
        )
    encoder = encoder_of(model, folder) if settings.effort is not Effort.FAST else None
    found = adapt(model, labelled, encoder=encoder, effort=settings.effort, seed=seed)
    if not found.better:
        return AdaptReport(None, found.before, found.after, len(labelled), found.judged)
    told = {
        "from": model.id,
        "contacts": len(labelled),
        "judged": found.judged,
        "f1_before": round(found.before, 4),
        "f1_after": round(found.after, 4),
        "seed": seed,
    }
    adapted = found.model.with_details({**model.details, "adapted": told})
    manifest = adapted.save(loaded.root / "models" / settings.model, settings.model, version=f"{model.id}-adapted")
    return AdaptReport(manifest, found.before, found.after, len(labelled), found.judged)


def _labelled(loaded: Loaded, store: Store) -> list[Labelled]:
    segmenter = Segmenter(boilerplate=loaded.settings.text.boilerplate, max_characters=loaded.settings.text.max_characters)
    return [
        Labelled(item.interaction, segmenter.sentences(item.interaction), item.spans, frozenset(item.evidence), item.uncertain, item.source)
        for item in labelled_from_corrections(loaded, store)
    ]
