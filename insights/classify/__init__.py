"""Finds what an interaction means: the taxonomy's patterns, built-in cues and a statistical model vote, ``decide`` judges.

``Classifier`` is the room's door. Everything heavy is imported when a classifier is built.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from insights.domain import PROBLEM_KINDS, Effort, Insight, Interaction, Kind, Role, Sentence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from insights.classify.annotate import Annotated, Annotator
    from insights.classify.decide import Material
    from insights.classify.patterns import PatternHit
    from insights.classify.placing import TopicPlacer
    from insights.classify.statistical import SentenceModel
    from insights.classify.taxonomy import CompiledTaxonomy
    from insights.encoder import Encoder

__all__ = ["Classifier"]

_WITHOUT_MODEL = 0.5


class Classifier:
    """Reads interactions and says what they hold.

    Args:
        taxonomy: Topics, products and competitors.
        model: The statistical model; None leaves the taxonomy's patterns alone to decide.
        encoder: The model's, for any effort but the fast one; without it the effort is fast.
        effort: How much is done.
        precisions: Target precision of kinds, where the threshold of best F1 should not hold.
        thresholds: Least probability of a yes, for kinds where neither should hold.
        review_margin: How far below its threshold something is undecided instead of left out.
        annotator: Reads the sentences; a new one where None.
        placer: Gives findings that no phrase claims a topic learnt from examples; None where none is learnt.

    Attributes:
        made_by: Model id, taxonomy hash, and the id of the learnt topics where there are any.
        learnt: That id, or empty.
        patterns_suffice: Whether what the taxonomy recognises is a yes whatever the model says.
    """

    def __init__(
        self,
        taxonomy: CompiledTaxonomy,
        model: SentenceModel | None,
        *,
        encoder: Encoder | None = None,
        effort: Effort = Effort.BALANCED,
        precisions: Mapping[Kind, float] | None = None,
        thresholds: Mapping[Kind, float] | None = None,
        review_margin: float = 0.15,
        annotator: Annotator | None = None,
        placer: TopicPlacer | None = None,
    ) -> None:
        from insights.classify.annotate import Annotator
        from insights.classify.decide import Judge
        from insights.classify.patterns import COMPETITOR_PRIOR, TOPIC_PRIOR, PatternMatcher

        self._placer = placer
        self.learnt = placer.id if placer else ""
        self.made_by = "+".join(filter(None, (model.id if model else "patterns", taxonomy.hash, self.learnt)))
        self._model = model
        self._annotator = annotator or Annotator()
        self._matcher = PatternMatcher(taxonomy)
        self._encoder = encoder
        self._effort = model.effort(effort) if model and encoder else Effort.FAST
        self._decider = model.deciders[self._effort] if model else None
        own = {kind: self._decider.threshold(kind, (precisions or {}).get(kind)) for kind in Kind} if self._decider else {}
        chosen = {kind: (thresholds or {}).get(kind, own.get(kind, _WITHOUT_MODEL)) for kind in Kind}
        self.patterns_suffice = max(chosen.values()) <= min(COMPETITOR_PRIOR, TOPIC_PRIOR)
        self._table = model.table() if model else None
        self._judge = Judge(taxonomy, self._annotator, model.id if model else "", self._table, chosen, review_margin, self.made_by)

    def classify(self, batch: Sequence[tuple[Interaction, Sequence[Sentence]]]) -> list[tuple[Insight, ...]]:
        """Returns the insights of each interaction, yes and undecided, in the order of the batch.

        Args:
            batch: Redacted interactions, each with its sentences.
        """
        import numpy as np

        from insights.classify.stacking import KINDS

        read = [self._read(interaction, sentences) for interaction, sentences in batch]
        flat = [item for rows, _ in read for item in rows]
        scores = self._model.score(flat, self._annotator, self._table) if self._model and self._table else np.zeros((len(flat), len(KINDS)))
        results, first = [], 0
        for (interaction, _), (rows, hits) in zip(batch, read, strict=True):
            own = scores[first : first + len(rows)]
            first += len(rows)
            results.append(self._judge.decide(self._material(interaction, rows, own, hits)) if rows else ())
        return self._placer.place(batch, results) if self._placer else results

    def _material(
        self, interaction: Interaction, rows: Sequence[Annotated], words: NDArray[np.float64], hits: Sequence[PatternHit]
    ) -> Material:
        """What is known of one contact: the encoder's scores of its sentences where there is one, else those by words."""
        import numpy as np

        from insights.classify.decide import Material
        from insights.classify.stacking import KINDS, probabilities, summarise

        if self._model is None or self._decider is None:
            return Material(interaction, rows, words, np.zeros(len(KINDS)), hits)
        readings = None
        if self._encoder is not None and self._effort is not Effort.FAST:
            readings = self._model.readings(rows, words, self._encoder, self._effort)
        summary = summarise(words, readings, rows, self._annotator)
        found = probabilities(self._decider.summary, summary[None])[0]
        return Material(interaction, rows, words if readings is None else readings, found, hits)

    def _read(self, interaction: Interaction, sentences: Sequence[Sentence]) -> tuple[list[Annotated], list[PatternHit]]:
        """Reads the sentences that may give evidence, and what of an agent's public words admits a problem."""
        from insights.classify.annotate import script_turns
        from insights.classify.guards import admits, may_speak

        rows: list[Annotated] = []
        near: dict[int, list[str]] = {}
        read = [self._annotator.read(sentence) for sentence in sentences if may_speak(sentence) or sentence.role is Role.AGENT]
        script = script_turns(read) if len(interaction.turns) > 1 else frozenset()
        for place, item in enumerate(read):
            if item.sentence.turn in script or not item.tokens.words:
                continue
            if not may_speak(item.sentence) and not (admits(item.line) and self._tells_of_a_problem(item)):
                continue
            around = [other for other in (place - 1, place + 1) if 0 <= other < len(read)]
            near[len(rows)] = [word for other in around for word in read[other].tokens.words]
            rows.append(item)
        return rows, self._matcher.find(rows, near)

    def _tells_of_a_problem(self, item: Annotated) -> bool:
        cues = self._annotator.cues.cues
        if any(not hit.guard and cues[hit.cue].kind in PROBLEM_KINDS for hit in item.hits):
            return True
        return any(not hit.guard and hit.kind in PROBLEM_KINDS for hit in self._matcher.find([item]))
