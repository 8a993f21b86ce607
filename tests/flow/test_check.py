"""Checking a workspace: every fault with its file and line, before any work."""

import pytest
from small_company import OWNERSHIP, SETTINGS, TAXONOMY, company

from insights.config.load import load
from insights.flow.check import check_workspace


def faults(tmp_path, **files):
    root = company(tmp_path / "w", 1)
    for name, content in files.items():
        (root / f"{name}.toml").write_text(content)
    return root, check_workspace(load(root))


def line_of(root, fault):
    return (root / fault.file).read_text().splitlines()[fault.line - 1]


def test_a_workspace_in_order_has_no_faults(tmp_path):
    """The small company passes."""
    assert faults(tmp_path)[1] == []


CASES = [
    ({"insights": SETTINGS.replace("data/calls.jsonl", "data/nothing.jsonl")}, "nothing at", 'path = "data/nothing.jsonl"'),
    ({"insights": SETTINGS.replace("data/calls.jsonl", "/nowhere/*.jsonl")}, "nothing at", 'path = "/nowhere/*.jsonl"'),
    ({"insights": SETTINGS.replace("data/calls.jsonl", "a**b")}, "no pattern", 'path = "a**b"'),
    ({"insights": SETTINGS.replace("data/calls.jsonl", "")}, "whole workspace", 'path = ""'),
    ({"insights": SETTINGS.replace('type = "folder"', 'type = "foldr"')}, 'no sender named "foldr"', "[destination.out]"),
    ({"insights": SETTINGS.replace('path = "out"', "")}, "needs a path", "[destination.out]"),
    ({"insights": SETTINGS.replace("workers = 1", 'model = "defualt"')}, 'no model named "defualt"', 'model = "defualt"'),
    (
        {"ownership": OWNERSHIP.replace('destinations = ["out"]', 'destinations = ["outt"]', 1)},
        'no destination named "outt"',
        'destinations = ["outt"]',
    ),
    (
        {"ownership": OWNERSHIP.replace('topic = "refund_late"\nowner = "refunds"\nwhy', 'topic = "refund_lat"\nowner = "refunds"\nwhy')},
        "refund_lat",
        None,
    ),
    ({"taxonomy": TAXONOMY.replace("How do I ask for a refund?", "I am still waiting for my refund")}, "", None),
    ({"taxonomy": TAXONOMY.replace('"I am still waiting for my refund."', '"All is well."')}, "", None),
]


@pytest.mark.parametrize(("files", "problem", "line"), CASES)
def test_a_fault_is_told_with_file_and_line(tmp_path, files, problem, line):
    """Each fault names what is wrong, in which file, and the line to mend."""
    root, found = faults(tmp_path, **files)
    assert found
    fault = next(one for one in found if problem in one.problem)
    assert fault.file == f"{next(iter(files))}.toml"
    assert fault.line > 0
    if line is not None:
        assert line_of(root, fault).strip() == line


def test_all_faults_are_told_at_once(tmp_path):
    """Faults of three files come together, ordered by file and line."""
    _, found = faults(
        tmp_path,
        insights=SETTINGS.replace("data/calls.jsonl", "no"),
        ownership=OWNERSHIP.replace('destinations = ["out"]', 'destinations = ["outt"]'),
        taxonomy=TAXONOMY.replace('"I am still waiting for my refund."', '"All is well."'),
    )
    assert len(found) >= 5
    assert [(fault.file, fault.line) for fault in found] == sorted((fault.file, fault.line) for fault in found)
    assert {fault.file for fault in found} == {"insights.toml", "ownership.toml", "taxonomy.toml"}
