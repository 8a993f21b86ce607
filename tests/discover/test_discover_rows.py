"""A discovery is written as rows and a summary in the contract's shape."""

from __future__ import annotations

import json

from discover_corpus import corpus, strangers

from insights.discover.rows import rows, summary
from insights.discover.topics import discover


def test_rows_and_summary_agree() -> None:
    """There is a row a text in order; the summary's sizes are the rows' counts; both are plain JSON."""
    texts, vectors, _ = corpus()
    texts[3] = "\ud800 " + texts[3] + " router" * 100
    found = discover(texts, vectors, seed=0, min_size=5)
    ids = [f"c-{number}" for number in range(len(texts))]
    written = [json.loads(json.dumps(row)) for row in rows(ids, found)]
    told = summary(texts, found)
    json.dumps(told, ensure_ascii=False).encode("utf-8")
    assert [row["id"] for row in written] == ids
    assert all(set(row) == {"id", "topic", "label", "confidence"} for row in written)
    assert all((row["topic"] is None) == (row["label"] is None) for row in written)
    for topic in told["topics"]:
        assert set(topic) == {"topic", "label", "keywords", "size", "examples"}
        assert topic["size"] == sum(row["topic"] == topic["topic"] for row in written)
        assert 1 <= len(topic["examples"]) <= 3
        assert all(len(example) <= 300 for example in topic["examples"])
    assert told["outlier_share"] == round(sum(row["topic"] is None for row in written) / len(written), 4)
    assert "reason" not in told


def test_nothing_found_says_why() -> None:
    """Without topics every row is empty-handed and the summary gives the reason."""
    found = discover(["the bill is wrong"] * 3, strangers(3), seed=0)
    assert [row["topic"] for row in rows("abc", found)] == [None] * 3
    told = summary(["the bill is wrong"] * 3, found)
    assert told["topics"] == []
    assert told["outlier_share"] == 1
    assert "different texts" in told["reason"]


def test_no_texts_at_all() -> None:
    """An empty file is no fault."""
    found = discover([], strangers(1)[:0], seed=0)
    assert list(rows([], found)) == []
    assert summary([], found)["outlier_share"] == 0
