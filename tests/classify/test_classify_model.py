"""The statistical model: training, files, the shipped one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from classify_contacts import interaction, model_of, sentences, taxonomy_of

from insights.classify import Classifier
from insights.classify.annotate import Annotator
from insights.classify.features import Vocabulary, WordTable, normal_words, pieces, terms_of
from insights.classify.phrases import tokens_of
from insights.classify.stacking import KINDS
from insights.classify.statistical import SentenceModel
from insights.classify.training import Labelled, prepare, train_model
from insights.classify.words import Settings
from insights.domain import Decision, Effort, Interaction, Kind
from insights.encoder import load_encoder
from insights.errors import ModelError
from insights.registry import find_model, read_manifest

COMPLAINTS = ["the parcel never arrived", "my order was lost again", "the wrong bill came", "nobody called me back", "i waited three weeks"]
SMALL_TALK = ["good morning to you", "what time do you open", "i live in the north", "thank you and goodbye", "my name is on the list"]


def labelled(number: int, source: str, *, complains: bool) -> Labelled:
    """An interaction of two sentences, the second a complaint or more small talk."""
    second = (COMPLAINTS if complains else SMALL_TALK)[number % 5]
    contact = interaction(f"{SMALL_TALK[(number + 2) % 5]}. {second}.")
    contact = Interaction(f"{source}-{number}", source, str(number), contact.received_at, "chat", contact.turns)
    both = sentences(contact)
    present = {Kind.PROCESS_FAILURE} if complains else set()
    spans = dict.fromkeys(present, ((0, both[1].start, both[1].end),))
    return Labelled(contact, both, spans, frozenset(present), frozenset(), source)


@pytest.fixture(scope="module")
def trained() -> SentenceModel:
    """A model of sixty small interactions of three sources."""
    rows = [labelled(number, source, complains=number % 2 == 0) for source in ("a", "b", "c") for number in range(20)]
    return train_model(prepare(rows, Settings(min_count=2), seed=1))


def test_training_learns_what_is_marked(trained: SentenceModel) -> None:
    """A complaint like the marked ones is found, small talk is not, kinds never seen stay silent."""
    classifier = Classifier(taxonomy_of(""), trained)
    complaint, talk = interaction("good morning to you. my parcel never arrived."), interaction("what time do you open.")
    found = classifier.classify([(contact, sentences(contact)) for contact in (complaint, talk)])
    assert [(insight.kind, insight.decision, insight.evidence[0].quote) for insight in found[0]] == [
        (Kind.PROCESS_FAILURE, Decision.YES, "my parcel never arrived.")
    ]
    assert found[1] == ()
    errors = trained.details["errors"]["fast"]["process_failure"]
    assert errors["tp"] + errors["fn"] == 30


def test_a_saved_model_is_the_same_in_every_byte(trained: SentenceModel, tmp_path: Path) -> None:
    """Saving twice gives the same files and id; loading gives the same scores to a hair."""
    first, second = trained.save(tmp_path / "a", "toy", version="1"), trained.save(tmp_path / "b", "toy", version="1")
    assert first.id == second.id
    assert all((tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes() for name in [*first.files, "manifest.json"])
    loaded = SentenceModel.load(tmp_path / "a")
    assert loaded.id == first.id
    annotator = Annotator()
    rows = [annotator.read(sentence) for sentence in sentences(interaction("the wrong bill came. hello there."))]
    one, other = (model.score(rows, annotator, model.table()) for model in (trained, loaded))
    np.testing.assert_allclose(one, other, atol=0.01)


def test_a_model_that_was_changed_or_has_other_cues_is_refused(trained: SentenceModel, tmp_path: Path) -> None:
    """Neither a file that differs from its sum nor a model of other cues is read."""
    trained.save(tmp_path / "a", "toy", version="1")
    facts = tmp_path / "a" / "model.json"
    facts.write_text(facts.read_text(encoding="utf-8") + " ", encoding="utf-8")
    with pytest.raises(ModelError):
        SentenceModel.load(tmp_path / "a")
    replace(trained, cues_hash="another").save(tmp_path / "b", "toy", version="1")
    with pytest.raises(ModelError, match="other cues"):
        SentenceModel.load(tmp_path / "b")


def test_the_shipped_model_is_whole_and_small() -> None:
    """It verifies, names every source with its licence, knows no name of one company, and stays under five megabytes."""
    folder = find_model("default")
    model = SentenceModel.load(folder)
    assert sum(file.stat().st_size for file in folder.iterdir()) < 5_000_000
    assert all(source["licence"] for source in model.details["recipe"]["source"])
    assert {effort: set(decider.thresholds) for effort, decider in model.deciders.items()} == {key: set(Kind) for key in Effort}
    assert {"tesco", "transunion", "rivertown"}.isdisjoint(model.vocabulary.places)
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["name"] == "default"


def test_the_shipped_encoder_is_the_one_the_model_was_trained_with() -> None:
    """The folder it names is there, verifies, and saw nothing but contacts written for it."""
    name, id = SentenceModel.load(find_model("default")).encoder
    manifest = read_manifest(find_model(name))
    assert manifest.id == id
    assert manifest.details["recipe"]["sources"] == ["written"]


def test_a_target_precision_raises_the_threshold() -> None:
    """More precision asks for more probability; what is never reached is never said."""
    decider = SentenceModel.load(find_model("default")).deciders[Effort.BALANCED]
    least = decider.threshold(Kind.PROCESS_FAILURE, 0.5)
    assert least <= decider.threshold(Kind.PROCESS_FAILURE, 0.85) <= decider.threshold(Kind.PROCESS_FAILURE, 0.9) <= 1.01
    assert decider.threshold(Kind.PROCESS_FAILURE, 0.99) > 1
    assert decider.threshold(Kind.PROCESS_FAILURE, None) == decider.thresholds[Kind.PROCESS_FAILURE]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The app keeps crashing every time I open it.", Kind.PRODUCT_ISSUE),
        ("I have been waiting three weeks and nobody has called me back.", Kind.PROCESS_FAILURE),
        ("I am switching to another provider, they are cheaper.", Kind.COMPETITIVE_MENTION),
        ("Please add a dark mode, it would be nice if you could choose.", Kind.IMPROVEMENT_IDEA),
        ("I would like to get a quote for a new policy.", Kind.MARKET_OPPORTUNITY),
        ("The staff were so friendly and helpful, great service!", Kind.TESTIMONIAL),
    ],
)
def test_the_shipped_model_knows_plain_cases(text: str, kind: Kind) -> None:
    """One plain sentence of each kind is found as that kind."""
    contact = interaction(text)
    model = SentenceModel.load(find_model("default"))
    encoder = load_encoder(find_model(model.encoder[0]))
    found = Classifier(taxonomy_of(""), model, encoder=encoder).classify([(contact, sentences(contact))])[0]
    assert kind in {insight.kind for insight in found if insight.decision is Decision.YES}


def test_words_pieces_and_pairs() -> None:
    """Numbers are one word, marks none; pieces have their edges; pairs are of neighbours."""
    assert normal_words(tokens_of("Paid 20 to [NAME] XXXX twice")) == ("paid", "0", "to", "twice")
    assert len(pieces("ab")) == 3
    assert pieces("ab") != pieces("abc")[:3]
    assert terms_of(["a", "b"]) == ["a", "b", "a b"]


def test_a_word_table_sums_what_it_knows() -> None:
    """Words and pairs add up, over the square root of the length; contributions add up to the score."""
    vocabulary = Vocabulary.of(["not", "good", "not good"])
    terms = np.array([[1.0], [2.0], [-5.0]], dtype=np.float32)
    terms = terms[np.argsort([["good", "not", "not good"].index(term) for term in vocabulary.terms()])]
    table = WordTable(vocabulary, terms, np.zeros((1 << 15, 1), dtype=np.float32))
    scores = table.scores([["not", "good"], [], ["good", "never", "seen", "word"]])
    np.testing.assert_allclose(scores[:, 0], [-2.0 / 2**0.5, 0.0, 0.5])
    assert sum(table.contributions(["not", "good"], 0)) == pytest.approx(scores[0, 0])


def test_no_model_leaves_the_patterns() -> None:
    """Without a model declared topics are still found, and nothing else."""
    contact = interaction("Waiting for my refund. The app keeps crashing.")
    assert [insight.topic for insight in Classifier(taxonomy_of(), None).classify([(contact, sentences(contact))])[0]] == ["refund_late"]
    assert len(KINDS) == len(model_of({}).deciders[Effort.FAST].thresholds)
