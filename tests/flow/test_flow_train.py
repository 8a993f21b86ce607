"""Training by recipe, from labelled files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from insights.classify.statistical import SentenceModel
from insights.domain import Kind
from insights.errors import ConfigError, UsageError
from insights.flow.gold import read_gold
from insights.flow.train import train

RECIPE = """
name = "toy"
version = "1"
description = "a toy"
[settings]
min_count = 2
[[source]]
name = "a"
licence = "CC0-1.0"
what = "notes"
[[source]]
name = "b"
licence = "MIT"
what = "chats"
"""


def rows(source: str) -> list[dict[str, object]]:
    """Twelve labelled interactions, every other one a complaint."""
    made = []
    for number in range(12):
        bad = number % 2 == 0
        text = f"Hello, it is number {number}. " + ("The parcel never arrived." if bad else "What time do you open today?")
        insights = [{"kind": "process_failure", "evidence": "The parcel never arrived."}] if bad else []
        made.append({"id": f"{source}{number}", "source": source, "turns": [{"role": "customer", "text": text}], "insights": insights})
    return made


def written(folder: Path, name: str, content: list[dict[str, object]]) -> Path:
    """A file of JSON Lines."""
    path = folder / name
    path.write_text("\n".join(json.dumps(row) for row in content) + "\n", encoding="utf-8")
    return path


def test_a_recipe_and_labels_make_a_model_with_its_card(tmp_path: Path) -> None:
    """The model loads, its card names sources and licences, and the same data gives the same bytes."""
    recipe, data = tmp_path / "toy.toml", written(tmp_path, "gold.jsonl", rows("a") + rows("b"))
    recipe.write_text(RECIPE, encoding="utf-8")
    first = train(recipe, [data], tmp_path / "one", seed=3)
    second = train(recipe, [data], tmp_path / "two", seed=3)
    assert first == second
    assert SentenceModel.load(tmp_path / "one").id == first.id
    shown = (tmp_path / "one" / "CARD.md").read_text(encoding="utf-8")
    assert "| a | 12 | CC0-1.0 | notes |" in shown
    assert shown == (tmp_path / "two" / "CARD.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("sources", "problem"), [(["a", "c"], "does not name: c"), (["a"], "fewer than two sources")])
def test_data_without_a_licence_or_a_second_source_is_refused(tmp_path: Path, sources: list[str], problem: str) -> None:
    """What the recipe does not name is never learnt from."""
    recipe, data = tmp_path / "toy.toml", written(tmp_path, "gold.jsonl", [row for source in sources for row in rows(source)])
    recipe.write_text(RECIPE, encoding="utf-8")
    with pytest.raises(UsageError, match=problem):
        train(recipe, [data], tmp_path / "out")


def test_a_wrong_recipe_is_told(tmp_path: Path) -> None:
    """Unknown keys are faults with their line."""
    recipe = tmp_path / "toy.toml"
    recipe.write_text(RECIPE.replace("min_count", "min_cuont"), encoding="utf-8")
    with pytest.raises(ConfigError, match="min_cuont"):
        train(recipe, [], tmp_path / "out")


def test_excerpts_are_found_again_after_redaction(tmp_path: Path) -> None:
    """Marks move offsets; the excerpt's span points at the same words of the redacted turn."""
    text = "Write to jo.fields@example.com please. My refund was lost by Sam."
    row = {
        "id": "1",
        "source": "a",
        "turns": [{"role": "customer", "text": text}],
        "insights": [{"kind": "process_failure", "evidence": "My refund was lost"}],
    }
    (gold,) = read_gold([written(tmp_path, "g.jsonl", [row])])
    ((turn, start, end),) = gold.spans[Kind.PROCESS_FAILURE]
    assert "jo.fields" not in gold.interaction.turns[0].text
    assert gold.interaction.turns[turn].text[start:end] == "My refund was lost"


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"id": 1}', '{"id": 1, "turns": [{"text": "x"}], "insights": [{"kind": "odd", "evidence": "x"}]}']
)
def test_a_line_that_is_no_label_is_named(tmp_path: Path, line: str) -> None:
    """File and line stand in the error."""
    path = tmp_path / "g.jsonl"
    path.write_text("\n" + line + "\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"g\.jsonl:2"):
        read_gold([path])
