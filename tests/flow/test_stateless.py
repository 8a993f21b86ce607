"""Without a workspace: interactions in, rows of the contract out, nothing kept."""

import json
from pathlib import Path

import pytest
from small_company import RECEIVED, TAXONOMY, contact, lines

from insights.config.models import Taxonomy
from insights.config.toml import parse_toml
from insights.errors import ConfigError, UsageError
from insights.flow import stateless as flow

SAID = "My name is Jane Canary, jane.canary@example.org. I am still waiting for my refund!"


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    path = tmp_path_factory.mktemp("taxonomy") / "t.toml"
    path.write_text(TAXONOMY)
    return flow.recipe(path)


def file(tmp_path, content, name="in.jsonl"):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def readings(path, **given):
    return flow.readings(path, **{"reader": None, "mapping": None, "timezone": None, "received_at": RECEIVED, **given})


def analysed(path, recipe, *, with_text=False):
    aside = flow.Aside()
    return list(flow.analyse(readings(path), recipe, with_text=with_text, workers=1, aside=aside)), aside


def test_an_analysed_row_is_as_the_contract_says(tmp_path, recipe):
    """Id, insights and what is undecided, each with kind, topic, subject, confidence, severity, expectations, evidence and why."""
    rows, aside = analysed(file(tmp_path, lines([contact(0, SAID)])), recipe)
    assert (aside.refused, aside.skipped) == ([], [])
    (row,) = rows
    assert list(row) == ["id", "insights", "undecided", "language"]
    assert (row["id"], row["language"]) == ("c-0", "en")
    found = next(insight for insight in row["insights"] if insight["topic"] == "refund_late")
    assert list(found) == [
        "kind",
        "topic",
        "subject",
        "confidence",
        "severity",
        "missed_expectations",
        "evidence",
        "supporting",
        "why",
        "role",
    ]
    assert found["kind"] == "process_failure"
    assert 0 <= found["confidence"] <= 1
    assert found["why"]
    assert all(list(evidence) == ["turn", "start", "end", "quote"] for evidence in found["evidence"])


def test_evidence_is_cut_from_the_turns_of_the_same_row(tmp_path, recipe):
    """With the text, every quote is the turn's words at its offsets, and no personal data is in the row."""
    texts = [SAID, "The wifi keeps dropping \U0001f926 every evening. jane.canary@example.org", "Hello?"]
    rows, _ = analysed(file(tmp_path, lines(contact(number, text) for number, text in enumerate(texts))), recipe, with_text=True)
    seen = 0
    for row in rows:
        for insight in row["insights"] + row["undecided"]:
            for evidence in insight["evidence"]:
                assert row["turns"][evidence["turn"]]["text"][evidence["start"] : evidence["end"]] == evidence["quote"]
                seen += 1
    assert seen >= 2
    assert "canary" not in json.dumps(rows).lower()


def test_a_redacted_row_reads_back_and_names_what_went(tmp_path, recipe):
    """The row is an interaction of the interchange; offsets count in the original; redacting it again changes nothing."""
    aside = flow.Aside()
    (row,) = flow.redact(readings(file(tmp_path, lines([contact(0, SAID)]))), recipe, aside=aside)
    assert set(row) == {"id", "channel", "started_at", "customer", "product", "queue", "turns", "meta", "redactions"}
    assert row["started_at"].endswith("Z")
    assert row["customer"].startswith("cust-")
    words = {SAID[span["start"] : span["end"]]: span["type"] for span in row["redactions"]}
    assert words == {"Jane Canary": "NAME", "jane.canary@example.org": "EMAIL"}
    (again,) = flow.redact(readings(file(tmp_path, lines([row]))), recipe, aside=aside)
    assert again["turns"] == row["turns"]
    assert again["customer"] == row["customer"]
    assert again["redactions"] == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{oops\n" + lines([contact(0)]), "set aside in.jsonl:1: invalid JSON"),
        (lines([contact(0), {"text": "no id"}]), "set aside in.jsonl:2: no id"),
        (lines([contact(0), {"id": "x" * 5, "text": "word " * 50_000}]), "set aside xxxxx: 249999 characters are more than"),
    ],
)
def test_a_bad_record_is_told_and_the_rest_analysed(tmp_path, recipe, content, told):
    """The place and the reason are told, without the folder and without a word of the text."""
    rows, aside = analysed(file(tmp_path, content), recipe)
    assert [row["id"] for row in rows] == ["c-0"]
    (line,) = aside.refused
    assert line.startswith(told)
    assert str(tmp_path) not in line


@pytest.mark.parametrize(("content", "reason"), [(b"", "an empty file"), (bytes(500), "no reader recognises")])
def test_a_file_nobody_can_read_is_one_record_set_aside(tmp_path, recipe, content, reason):
    """An empty or unrecognised file gives no row and one reason."""
    rows, aside = analysed(file(tmp_path, content), recipe)
    assert rows == []
    assert len(aside.refused) == 1
    assert reason in aside.refused[0]


def test_what_is_no_contact_is_skipped_and_no_fault(tmp_path, recipe):
    """An automatic reply gives no row, and a line that is no refusal."""
    mail = "From: a@example.org\nSubject: Out of office\nAuto-Submitted: auto-replied\nMessage-ID: <1@example.org>\n\nI am away.\n"
    rows, aside = analysed(file(tmp_path, mail, "a.eml"), recipe)
    assert (rows, aside.refused) == ([], [])
    assert aside.skipped[0].startswith("skipped a.eml")


def test_odd_texts_give_rows_that_can_be_written(tmp_path, recipe):
    """A lone surrogate, a NUL and a written-out escape come through as text every encoding can hold."""
    record = '{"id": "x\\ud800", "text": "I am still waiting for my refund \\ud83d \\u0000 ok", "customer": "\\udfff"}\n'
    rows, _ = analysed(file(tmp_path, record), recipe, with_text=True)
    assert json.dumps(rows, ensure_ascii=False).encode("utf-8")


def test_the_order_is_kept_and_the_same_every_time(tmp_path, recipe):
    """Rows come in the order of the records, and twice the same are the same."""
    path = file(tmp_path, lines(map(contact, range(12))))
    first, _ = analysed(path, recipe)
    assert [row["id"] for row in first] == [f"c-{number}" for number in range(12)]
    assert analysed(path, recipe)[0] == first


def test_other_formats_are_read_too(tmp_path, recipe):
    """A table without a mapping and a transcript give rows like any other."""
    rows, _ = analysed(file(tmp_path, "id,text\n1,I am still waiting for my refund.\n", "t.csv"), recipe)
    assert [insight["topic"] for insight in rows[0]["insights"]] == ["refund_late"]


@pytest.mark.parametrize("given", [{"reader": "jsnl"}, {"timezone": "Mars/Olympus"}, {"mapping": Path("nowhere.toml")}])
def test_what_is_asked_wrongly_is_refused(tmp_path, given):
    """An unknown reader, zone or mapping file is told before anything is read."""
    with pytest.raises((UsageError, ConfigError)):
        list(readings(file(tmp_path, lines([contact(0) | {"started_at": "2026-03-02 09:00"}])), **given))


def test_a_taxonomy_with_faults_is_refused(tmp_path):
    """A company's own taxonomy is checked like a workspace's."""
    with pytest.raises(ConfigError):
        flow.recipe(file(tmp_path, "[topic.x]\nlabel = 'x'\n", "t.toml"))
    assert parse_toml(TAXONOMY, Taxonomy, shown="t").topic


def test_texts_for_discovery_cost_only_themselves(tmp_path):
    """A line that is no object with id and text is told with its number, the others are taken."""
    refused = []
    content = '{"id": 1, "text": "a"}\n\n{oops\n[]\n{"id": 2}\n{"id": "3", "text": "b \\ud800"}\n'
    found = flow.texts_of(file(tmp_path, content), refused)
    assert [text_id for text_id, _ in found] == ["1", "3"]
    assert [line.split(":")[1] for line in refused] == ["3", "4", "5"]


@pytest.mark.parametrize("topics", ["0", "1", "-3", "many", "", "9" * 5000, "\u0663"])
def test_a_number_of_topics_that_is_none_is_refused(tmp_path, topics):
    """--topics is auto or a number from 2 on."""
    with pytest.raises(UsageError, match="--topics"):
        flow.discover(file(tmp_path, '{"id": 1, "text": "a"}\n'), topics=topics, seed=0, refused=[])


@pytest.mark.parametrize("content", ["", '{"id": 1, "text": "a"}\n', '{"id": 1, "text": ""}\n{"id": 2, "text": "b \\ud800 \\u0000"}\n'])
def test_too_few_texts_give_no_topics_and_a_reason(tmp_path, content):
    """Hardly any texts, empty ones and odd ones: every text has its row, no topic is made up, and why is said."""
    found = flow.discover(file(tmp_path, content), topics="auto", seed=0, refused=[])
    assert [row["topic"] for row in found.rows] == [None] * content.count("\n")
    assert found.reason
    assert json.dumps(found.rows, ensure_ascii=False).encode("utf-8")
