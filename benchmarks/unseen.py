"""Sources left out: what the engine finds in contacts of a source that nothing of it has seen, beside what a user would build instead.

Every real source is analysed by a model that learnt from all other sources alone, thresholds included; the predictions are pooled.
The encoder ships as it is: it was taught by contacts written for it, never by a real source. The baselines learn from whole contacts
of the other sources, and their thresholds are set on the other sources too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from insights.classify import Classifier
from insights.classify.stacking import KINDS, best_threshold
from insights.classify.training import Labelled, Prepared, fold_models
from insights.config.toml import read_toml
from insights.domain import Decision, Effort, Insight, Kind, Turn
from insights.encoder import Encoder, load_encoder
from insights.evaluate import Report, Said, as_text, report
from insights.flow.evaluate import truths_of
from insights.flow.gold import GoldInteraction, read_gold
from insights.flow.train import TrainingRecipe, classifiers, labels_of, prepared_for, unseen
from insights.registry import find_model, resource
from insights.text.segment import Segmenter

RECIPE, WRITTEN, ENCODER = "default.toml", "written.jsonl", "minilm"


@dataclass(frozen=True)
class Data:
    """The labelled contacts, as read and as trained on."""

    recipe: TrainingRecipe
    gold: list[GoldInteraction]
    labelled: list[Labelled]
    prepared: Prepared


def read(paths: Sequence[Path]) -> Data:
    """Reads the gold files and what was written for training, and scores each contact by annotators that have not seen its source."""
    models = resource("models")
    recipe = read_toml(models / RECIPE, TrainingRecipe)
    gold, written = read_gold(paths), read_gold([models / WRITTEN])
    labelled = labels_of(recipe, [*gold, *written], [])
    encoder = load_encoder(find_model(recipe.encoder.name)) if recipe.encoder else None
    prepared = prepared_for(recipe, labelled, encoder=encoder, progress=lambda step, done, of: print(f"   {step} {done}/{of}", flush=True))
    return Data(recipe, gold, labelled, prepared)


def report_unseen(paths: Sequence[Path], *, baselines: bool = True) -> None:
    """Prints the figures of all three efforts, the faithfulness of the evidence, and the baselines."""
    data = read(paths)
    models = fold_models(data.prepared)
    rows = []
    for effort in Effort:
        found = unseen(models, data.gold, data.labelled, encoder=data.prepared.encoder, effort=effort)
        rows.append((effort.value, found))
        if effort is Effort.BALANCED:
            print(as_text(found))
    print(faithfulness(models, data.gold, data.labelled, data.prepared.encoder))
    if baselines:
        real = [item for item in data.labelled if item.real]
        for name, scores in BASELINES.items():
            rows.append((name, judged_by(scores, real, data.gold)))
    print("\nsources left out, F1 with 95 % intervals (bootstrap over interactions)")
    for name, one in rows:
        kinds = "  ".join(f"{part.kind.value} {part.f1.value:.3f}" for part in one.all.kinds)
        print(f"{name:34} main three {_shown(one.all.main)}  all six {_shown(one.all.macro)}  {kinds}")


def _shown(figure: Any) -> str:
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def faithfulness(models: Mapping[str, Any], gold: Sequence[GoldInteraction], labelled: Sequence[Labelled], encoder: Encoder | None) -> str:
    """Returns how far the evidence carries the findings rightly made: alone, and by its absence."""
    true = {item.interaction.id: item.evidence.keys() for item in gold}
    segmenter = Segmenter()
    alone = without = whole = 0
    for classifier, held in classifiers(models, labelled, encoder=encoder, effort=Effort.BALANCED):
        found = classifier.classify([(item.interaction, item.sentences) for item in held])
        for item, insights in zip(held, found, strict=True):
            for insight in insights:
                if insight.decision is Decision.YES and insight.kind in true[item.interaction.id]:
                    whole += 1
                    alone += _kept(classifier, segmenter, item, insight, _only_primary)
                    without += not _kept(classifier, segmenter, item, insight, _without_spans)
    return (
        f"evidence of {whole} findings rightly made: the primary span alone keeps {alone / max(whole, 1):.3f}; "
        f"without it and its supporting spans {without / max(whole, 1):.3f} are dropped"
    )


def _kept(
    classifier: Classifier,
    segmenter: Segmenter,
    item: Labelled,
    insight: Insight,
    change: Callable[[Sequence[Turn], Insight], tuple[Turn, ...]],
) -> bool:
    changed = replace(item.interaction, turns=change(item.interaction.turns, insight))
    (found,) = classifier.classify([(changed, segmenter.sentences(changed))])
    return any(one.kind is insight.kind and one.decision is Decision.YES for one in found)


def _only_primary(turns: Sequence[Turn], insight: Insight) -> tuple[Turn, ...]:
    first = insight.evidence[0]
    (turn,) = (turn for turn in turns if turn.index == first.turn)
    return (replace(turn, index=0, text=first.quote),)


def _without_spans(turns: Sequence[Turn], insight: Insight) -> tuple[Turn, ...]:
    changed = []
    for turn in turns:
        text = turn.text
        for span in sorted((one for one in insight.evidence if one.turn == turn.index), key=lambda one: -one.start):
            text = text[: span.start] + text[span.end :]
        changed.append(replace(turn, text=text))
    return tuple(changed)


def judged_by(scores: Callable[[list[str], Any, list[str]], Any], real: Sequence[Labelled], gold: Sequence[GoldInteraction]) -> Report:
    """Measures a baseline: scored with each source left out, thresholds set on the other sources."""
    texts = ["\n".join(turn.text for turn in item.interaction.turns) for item in real]
    present = np.array([[kind in item.present for kind in KINDS] for item in real])
    scored = np.array([[kind not in item.uncertain for kind in KINDS] for item in real])
    sources = np.array([item.source for item in real])
    judged = np.zeros(present.shape)
    for source in sorted(set(sources.tolist())):
        away = sources == source
        train = [text for text, out in zip(texts, away, strict=True) if not out]
        judged[away] = scores(train, present[~away], [text for text, out in zip(texts, away, strict=True) if out])
    said: dict[str, Said] = {}
    for source in sorted(set(sources.tolist())):
        others = sources != source
        least = [best_threshold(judged[others, k], present[others, k], scored[others, k], sources[others]) for k in range(len(KINDS))]
        for place in np.flatnonzero(~others):
            kinds = [kind for k, kind in enumerate(KINDS) if judged[place, k] >= least[k]]
            said[real[place].interaction.id] = Said(dict.fromkeys(kinds, ("",)), dict.fromkeys(kinds, 1.0))
    return report(truths_of([item for item in gold if item.interaction.id in said]), said)


def _logistic(train: Any, present: Any, test: Any) -> Any:
    from sklearn.linear_model import LogisticRegression

    found = np.zeros((test.shape[0], len(KINDS)))
    for k in range(len(KINDS)):
        if present[:, k].any():
            model = LogisticRegression(class_weight="balanced", max_iter=1000).fit(train, present[:, k])
            found[:, k] = model.predict_proba(test)[:, 1]
    return found


def tfidf(train: list[str], present: Any, test: list[str]) -> Any:
    """TF-IDF words and pairs, logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    return _logistic(vectorizer.fit_transform(train), present, vectorizer.transform(test))


_VECTORS: dict[str, Any] = {}


def frozen(train: list[str], present: Any, test: list[str]) -> Any:
    """The published encoder as it is, logistic regression."""
    encoder = load_encoder(find_model(ENCODER))
    for text in (*train, *test):
        if text not in _VECTORS:
            _VECTORS[text] = encoder.encode([text])[0]
    return _logistic(np.array([_VECTORS[text] for text in train]), present, np.array([_VECTORS[text] for text in test]))


def textcat(train: list[str], present: Any, test: list[str]) -> Any:
    """SpaCy's bag-of-words text classifier, five rounds."""
    import random

    import spacy
    from spacy.training import Example

    nlp = spacy.blank("en")
    part: Any = nlp.add_pipe("textcat_multilabel", config={"model": {"@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": False}})
    for kind in Kind:
        part.add_label(kind.value)
    docs = [nlp.make_doc(text[:5000]) for text in train]
    cats = [{kind.value: float(there) for kind, there in zip(KINDS, row, strict=True)} for row in present]
    examples = [Example.from_dict(doc, {"cats": cat}) for doc, cat in zip(docs, cats, strict=True)]
    spacy.util.fix_random_seed(0)
    optimiser, order = nlp.initialize(lambda: examples[:200]), random.Random(0)
    for _ in range(5):
        order.shuffle(examples)
        for start in range(0, len(examples), 64):
            nlp.update(examples[start : start + 64], sgd=optimiser)
    return np.array([[doc.cats[kind.value] for kind in KINDS] for doc in nlp.pipe(text[:5000] for text in test)])


BASELINES: Mapping[str, Callable[[list[str], Any, list[str]], Any]] = {
    "TF-IDF + logistic regression": tfidf,
    "frozen MiniLM + logistic regression": frozen,
    "spaCy textcat_multilabel": textcat,
}
