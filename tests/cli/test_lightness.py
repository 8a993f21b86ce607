"""The command line answers before anything heavy is imported."""

import json
import subprocess
import sys

import pytest

HEAVY = {
    "apsw",
    "bertopic",
    "bs4",
    "hdbscan",
    "jinja2",
    "joblib",
    "llvmlite",
    "numba",
    "numpy",
    "onnxruntime",
    "pandas",
    "pyarrow",
    "pydantic",
    "python_calamine",
    "scipy",
    "sklearn",
    "spacy",
    "tokenizers",
    "torch",
    "umap",
    "webvtt",
}
SCRIPT = """
import json, sys
from insights.cli.app import run
status = run(sys.argv[1:])
sys.stdout.flush()
print(json.dumps([status, sorted(sys.modules)]), file=sys.stderr)
"""


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["run", "--help"], ["query", "-h"], ["nonsense"]], ids=" ".join)
def test_help_imports_nothing_heavy(words, tmp_path):
    """Help, the version and a mistyped command need none of the libraries that do the work."""
    asked = subprocess.run([sys.executable, "-c", SCRIPT, *words], capture_output=True, text=True, cwd=tmp_path, check=True)
    status, modules = json.loads(asked.stderr.splitlines()[-1])
    # Typer itself takes pydantic to read a subcommand's options.
    allowed = set() if words[0].startswith("--") else {"pydantic"}
    assert status == (2 if words == ["nonsense"] else 0)
    assert sorted(HEAVY & set(modules) - allowed) == []
    assert not [name for name in modules if name.startswith("insights.") and name.split(".")[1] not in {"cli", "errors", "domain"}]


def test_looking_at_the_store_imports_no_learning(tmp_path):
    """A query for rows needs the store and no model."""
    subprocess.run([sys.executable, "-m", "insights", "init", "w", "-q"], cwd=tmp_path, check=True)
    asked = subprocess.run(
        [sys.executable, "-c", SCRIPT, "--workspace", "w", "owners", "list"], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    status, modules = json.loads(asked.stderr.splitlines()[-1])
    assert status == 0
    assert not {"bertopic", "sklearn", "spacy", "umap", "hdbscan", "onnxruntime", "pandas", "pyarrow"} & set(modules)


def test_every_command_tells_what_it_does():
    """Each command and each group has a help of one line, and none is empty."""
    from insights.cli.app import app

    commands = [
        *app.registered_commands,
        *(command for group in app.registered_groups for command in group.typer_instance.registered_commands),
    ]
    assert len(commands) > 25
    assert all((command.callback.__doc__ or "").strip().endswith(".") for command in commands)
    assert all(group.typer_instance.info.help for group in app.registered_groups)
