"""Sentences that show what a taxonomy's topics are about, from the taxonomy itself and from the tables it names."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from insights.config.models import Taxonomy
from insights.errors import Fault, nearest

COLUMNS = ("topic", "text")
_LONGEST = 20_000  # characters of an example: a whole contact may be one, a whole file never


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence that is about a topic; ``topic`` is empty for one that must not be taken for any."""

    topic: str
    text: str


def has_phrases(taxonomy: Taxonomy, key: str) -> bool:
    """Whether a topic is recognised by phrases."""
    return bool(taxonomy.topic[key].any or taxonomy.topic[key].all)


def is_learnt(taxonomy: Taxonomy) -> bool:
    """Whether any topic is to be learnt from examples."""
    return taxonomy.examples is not None or any(rule.match and not has_phrases(taxonomy, key) for key, rule in taxonomy.topic.items())


def examples_of(taxonomy: Taxonomy, root: Path) -> tuple[list[Example], list[Fault]]:
    """Returns every example once, in a fixed order, and the faults of the tables; rows with faults are left out.

    Args:
        taxonomy: Its topics' ``match`` and ``no_match`` sentences, and the tables named under ``examples``.
        root: Folder the tables are named from.
    """
    tables, faults = _tables(taxonomy, root)
    shown = [Example(key, text) for key, rule in taxonomy.topic.items() for text in rule.match]
    positive = sorted({*shown, *tables}, key=lambda example: (example.topic, example.text))
    known = {example.text for example in positive}
    never = {text for rule in taxonomy.topic.values() for text in rule.no_match} - known
    return [*positive, *(Example("", text) for text in sorted(never))], faults


def example_files(taxonomy: Taxonomy, root: Path) -> list[Path]:
    """Returns the tables a taxonomy names, in the order of their names."""
    if taxonomy.examples is None:
        return []
    try:
        return sorted(path for path in root.glob(taxonomy.examples) if path.is_file())
    except ValueError:
        return []  # no pattern; told as nothing found


def _tables(taxonomy: Taxonomy, root: Path) -> tuple[list[Example], list[Fault]]:
    found: list[Example] = []
    faults: list[Fault] = []
    for path in example_files(taxonomy, root):
        name = path.relative_to(root).as_posix()
        told: dict[str, str] = {}
        for line, row in _rows(path, name, faults):
            topic, text = (row.get(column) or "" for column in COLUMNS)
            topic, text = topic.strip(), " ".join(text.split())
            if problem := _problem(taxonomy, topic, text, told):
                faults.append(Fault(name, line, topic, *problem))
            else:
                told[text.casefold()] = topic
                found.append(Example(topic, text))
    return found, faults


def _rows(path: Path, name: str, faults: list[Fault]) -> Iterator[tuple[int, dict[str, str | None]]]:
    """Yields the rows of a table with their lines; what keeps the table from being read is one fault."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
            if missing:
                faults.append(Fault(name, 1, ",".join(missing), "no such column", f"name the columns {','.join(COLUMNS)}"))
                return
            for row in reader:
                yield reader.line_num, row
    except UnicodeDecodeError:
        faults.append(Fault(name, 0, "", "is not UTF-8", "save it as CSV in UTF-8"))
    except csv.Error as error:
        faults.append(Fault(name, 0, "", f"is no CSV: {error}", "save it as CSV again"))


def _problem(taxonomy: Taxonomy, topic: str, text: str, told: dict[str, str]) -> tuple[str, str] | None:
    if topic not in taxonomy.topic:
        return f'no topic "{topic}" in the taxonomy', nearest(topic, taxonomy.topic) or "declare it with a label and a kind"
    if not text:
        return "the example is empty", "write a sentence, or take the row out"
    if len(text) > _LONGEST:
        return f"the example has {len(text)} characters, at most {_LONGEST}", "take the part that is about the topic"
    if told.get(text.casefold(), topic) != topic:
        return f"the same sentence is an example of {told[text.casefold()]}", "an example shows one topic"
    return None
