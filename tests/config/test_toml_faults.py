"""Faults of configuration files are told all at once, with file, line, key and the nearest known name."""

import pytest

from insights.config import models
from insights.config.load import find_root, load, load_pipeline
from insights.config.toml import locate, parse_toml
from insights.errors import ConfigError, NotFoundError, UsageError

BROKEN = [
    (models.Workspace, '[workspace]\ntimzone = "UTC"\n', 2, "workspace.timzone", 'did you mean "timezone"?'),
    (models.Workspace, '[workspace]\ntimezone = "Europe/Nowhere"\n', 2, "workspace.timezone", "unknown time zone"),
    (models.Workspace, '[[source]]\nname = "a"\n', 1, "source.0.path", "is missing"),
    (
        models.Workspace,
        '[[source]]\nname = "a"\npath = "x"\n[[source]]\nname = "B C"\npath = "y"\n',
        5,
        "source.1.name",
        "expected text like",
    ),
    (models.Workspace, "[digest]\nitems = 0\n", 2, "digest.items", "greater than or equal to 1"),
    (models.Workspace, "[text]\nredact = false\n", 2, "text.redact", "cannot be switched off"),
    (
        models.Workspace,
        '[destination.mail]\ntype = "email"\npassword = "hunter2"\n',
        3,
        "destination.mail.password",
        "never written in the file",
    ),
    (models.Taxonomy, '[topic.a]\nlabel = "A"\nkind = "product_isue"\n', 3, "topic.a.kind", 'did you mean "product_issue"?'),
    (models.Taxonomy, '[topic.a]\nlabel = "A"\n', 1, "topic.a.kind", "is missing"),
    (models.Taxonomy, '[topic.a]\nlabel = "A"\nkind = "testimonial"\nany = "x"\n', 4, "topic.a.any", "valid list"),
    (models.Taxonomy, '[topc.a]\nlabel = "A"\n', 1, "topc", 'did you mean "topic"?'),
    (models.Ownership, '[[rule]]\nkind = "testimonial"\n', 1, "rule.0.owner", "is missing"),
    (models.Ownership, '[[rule]]\nowner = "a"\nseverity = ">high"\n', 3, "rule.0.severity", "expected text like"),
    (models.Ownership, '[unit.a]\nname = "A"\ncadence = "hourly"\n', 3, "unit.a.cadence", "expected 'daily', 'weekly' or 'monthly'"),
    (models.Mapping, 'layout = "rows"\n', 1, "layout", "expected 'interaction', 'turn' or 'nested'"),
    (models.Mapping, '[columns]\ntxt = "body"\n', 2, "columns.txt", 'did you mean "text"?'),
    (models.Pipeline, 'name = "x"\nsteps = ["ingst"]\n', 2, "steps.0", "expected"),
]


@pytest.mark.parametrize(("model", "text", "line", "key", "told"), BROKEN)
def test_a_fault_names_line_key_and_mend(model, text, line, key, told):
    """A wrong key or value is told with its line, its dotted key and what was expected."""
    with pytest.raises(ConfigError) as caught:
        parse_toml(text, model, shown="file.toml")
    fault = next(fault for fault in caught.value.faults if fault.key == key)
    assert fault.line == line
    assert told in f"{fault.problem} {fault.hint}"


def test_all_faults_come_at_once():
    """Three mistakes give three faults in the order of their lines."""
    text = '[workspace]\nnme = "x"\ntimezone = "Mars"\n[digest]\nquotes = 99\n'
    with pytest.raises(ConfigError) as caught:
        parse_toml(text, models.Workspace, shown="insights.toml")
    assert [fault.line for fault in caught.value.faults] == [2, 3, 5]
    assert caught.value.exit_code == 2


def test_broken_toml_names_its_line():
    """A missing quote is told with the line it stands on."""
    with pytest.raises(ConfigError) as caught:
        parse_toml('[workspace]\nname = "x\n', models.Workspace, shown="insights.toml")
    assert caught.value.faults[0].line == 2


def test_lines_are_known_for_tables_arrays_and_dotted_keys():
    """Each key is found where it stands, also in the second table of an array."""
    lines = locate('a.b = 1\n[[x]]\nc = 2\n[[x]]\nc = 3\n[x.y]\nd = 4\n["q u"]\n')
    assert lines["a", "b"] == 1
    assert lines["x", 0, "c"] == 3
    assert lines["x", 1, "c"] == 5
    assert lines["x", 1, "y", "d"] == 7
    assert lines["q u",] == 8


def workspace(folder, settings="", taxonomy="", ownership=""):
    (folder / "insights.toml").write_text(settings)
    (folder / "taxonomy.toml").write_text(taxonomy)
    (folder / "ownership.toml").write_text(ownership)
    return folder


def test_a_workspace_is_found_upwards(tmp_path):
    """Any folder below the workspace belongs to it; elsewhere the error says how to make one."""
    inner = workspace(tmp_path) / "a" / "b"
    inner.mkdir(parents=True)
    assert find_root(inner) == tmp_path
    with pytest.raises(NotFoundError) as caught:
        find_root(tmp_path.parent)
    assert "insights init" in caught.value.hint


def test_faults_of_all_files_come_together(tmp_path):
    """A mistake in each of two files is told in one go."""
    workspace(tmp_path, taxonomy="[topic.a]\n", ownership="[unit.a]\n")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert {fault.file for fault in caught.value.faults} == {"taxonomy.toml", "ownership.toml"}


def test_two_sources_of_one_name_are_refused(tmp_path):
    """Two feeds need two names, for the name is part of each contact's identity."""
    settings = '[[source]]\nname = "a"\npath = "x"\n[[source]]\nname = "a"\npath = "y"\n'
    with pytest.raises(ConfigError, match='a second source named "a"'):
        load(workspace(tmp_path, settings))


def test_a_missing_file_is_named(tmp_path):
    """A workspace without its taxonomy says which file is missing."""
    (tmp_path / "insights.toml").write_text("")
    with pytest.raises(UsageError, match=r"taxonomy\.toml"):
        load(tmp_path)


def test_an_unknown_pipeline_lists_the_nearest(tmp_path):
    """A mistyped pipeline is answered with the nearest name."""
    root = workspace(tmp_path)
    (root / "pipelines").mkdir()
    (root / "pipelines" / "daily.toml").write_text('name = "daily"\nsteps = ["ingest"]\n')
    assert load_pipeline(root, "daily").steps == ["ingest"]
    with pytest.raises(NotFoundError) as caught:
        load_pipeline(root, "dayly")
    assert "daily" in caught.value.hint


def test_entries_of_a_list_have_their_lines():
    """A list over several lines, with comments, brackets and commas in texts, gives each entry its line; what follows keeps its own."""
    text = 'a = [ "one, [x]", "two",\n  # no "entry"\n  \'thr\\ee\', [1,\n  2], { b = "c" },\n]\nd = ["x"]\n[t]\ne = 1\n'
    lines = locate(text)
    assert [lines["a", index] for index in range(5)] == [1, 1, 3, 3, 4]
    assert ("a", 5) not in lines
    assert (lines["d",], lines["d", 0], lines["t", "e"]) == (6, 6, 8)


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ('any = [\n "late",\n {LEMMA = "be"},\n]', "topic.a.any.1", 6),
        ('any = [[{POS = "VERB"}]]', "topic.a.any.0", 4),
        ('unless = {TAG = "NN"}', "topic.a.unless", 4),
        ('[[topic.a.patterns]]\nLOWER = "x"', "topic.a.patterns", 4),
    ],
)
def test_token_patterns_are_told_for_what_they_are(text, key, line):
    """Somebody who writes spaCy's token patterns learns that they need a trained pipeline, where they stand, and what to write."""
    with pytest.raises(ConfigError) as caught:
        parse_toml(f'[topic.a]\nlabel = "A"\nkind = "product_issue"\n{text}\n', models.Taxonomy, shown="t.toml")
    fault = next(fault for fault in caught.value.faults if fault.key == key)
    assert fault.line == line
    assert "trained spaCy pipeline" in fault.problem + fault.hint
