"""Tables of examples: read with their faults, each with file and line."""

import pytest

from insights.config.examples import Example, example_files, examples_of, is_learnt
from insights.config.models import Taxonomy
from insights.config.toml import parse_toml
from insights.errors import ConfigError

TOPICS = """
[topic.late]
label = "Late"
kind = "process_failure"
match = ["It came late."]
no_match = ["When will it come?", "It came late."]

[topic.rude]
label = "Rude"
kind = "process_failure"
any = ["was rude"]
match = ["He was rude."]
"""


def taxonomy(text):
    return parse_toml(text, Taxonomy, shown="taxonomy.toml")


def table(root, content, name="examples/lead.csv"):
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return examples_of(taxonomy('examples = "examples/*.csv"\n' + TOPICS), root)


def test_examples_come_from_the_taxonomy_and_its_tables(tmp_path):
    """Each example stands once, blanks are one, and what shows a topic is no example of none."""
    found, faults = table(tmp_path, 'note,topic,text\na,late,It  came\nb,rude,He was rude.\nc,late,"Late, again."\n')
    assert faults == []
    assert found == [
        Example("late", "It came"),
        Example("late", "It came late."),
        Example("late", "Late, again."),
        Example("rude", "He was rude."),
        Example("", "When will it come?"),
    ]


CASES = [
    ("topic,text\nlat,It came late.\n", 2, 'no topic "lat"'),
    ("topic,text\nlate,\n", 2, "is empty"),
    ("topic,text\nlate\n", 2, "is empty"),
    ("topic,text\nlate,So it goes.\nrude,so it goes.\n", 3, "is an example of late"),
    ("topic,words\nlate,It came late.\n", 1, "no such column"),
    ("", 1, "no such column"),
    (b"topic,text\nlate,caf\xe9\n", 0, "not UTF-8"),
    ("topic,text\nlate," + "x" * 200_000 + "\n", 0, "is no CSV"),
    ("topic,text\nlate," + "x " * 15_000 + "\n", 2, "at most 20000"),
]


@pytest.mark.parametrize(("content", "line", "problem"), CASES)
def test_a_row_with_a_fault_is_left_out_and_told(tmp_path, content, line, problem):
    """The fault names file and line; the rows without one stand."""
    found, faults = table(tmp_path, content)
    assert [(fault.file, fault.line) for fault in faults] == [("examples/lead.csv", line)]
    assert problem in faults[0].problem
    assert Example("late", "It came late.") in found


@pytest.mark.parametrize(
    ("text", "learnt"),
    [(TOPICS, True), (TOPICS.replace('match = ["It came late."]', ""), False), ("", False), ('examples = "a.csv"', True)],
)
def test_a_topic_without_phrases_is_learnt(text, learnt):
    """Examples alone make a topic one to be learnt; phrases, or neither, do not."""
    assert is_learnt(taxonomy(text)) is learnt


@pytest.mark.parametrize("path", ["/etc/*.csv", "../a.csv", "", "~/a.csv", "a/../../b.csv"])
def test_tables_lie_inside_the_workspace(path):
    """A path that leads out of it is refused."""
    with pytest.raises(ConfigError, match="inside the workspace"):
        taxonomy(f'examples = "{path}"')


def test_what_is_no_pattern_finds_nothing(tmp_path):
    """A glob that cannot be read names no table."""
    assert example_files(taxonomy('examples = "a**b"'), tmp_path) == []
