"""The house keeps its shape: layers, small files, and a library that neither prints nor looks at the clock."""

import ast
import functools
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
HOUSE = REPOSITORY / "insights"
FILES = sorted(HOUSE.rglob("*.py"))
# The nouns belong together.
LONG_ALLOWED = {"domain.py"}
LONGEST = 400
# Drawers for whatever has no place; nothing here is called so.
DRAWERS = {"utils", "util", "helpers", "helper", "base", "common", "misc", "shared", "tools", "lib", "core"}
# Where code that talks to the outside lives: the command line; workers are told apart from the process that hears Ctrl-C.
OUTSIDE = {"cli", "__main__"}


def name_of(path):
    return path.relative_to(HOUSE).as_posix()


def room_of(path):
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


@functools.cache
def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def dotted(node):
    """The dotted name of an attribute, as written; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        left = dotted(node.value)
        return f"{left}.{node.attr}" if left else ""
    return ""


def uses(path):
    """Every dotted name a file uses, with its line."""
    return [(dotted(node), node.lineno) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Name | ast.Attribute)]


def imports(path):
    """Every module a file imports, inside functions too."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_arrows_between_the_rooms_are_kept():
    """Each layer knows only those below it, and the rooms of a layer know nothing of each other."""
    script = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    checked = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_every_room_has_its_place_in_the_layers():
    """The contract of the layers names every package and module of the house, and nothing that does not exist."""
    (contract,) = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    placed = {name.strip() for layer in contract["layers"] for name in re.split("[|:]", layer)} | set(contract["exhaustive_ignores"])
    found = {room_of(path) for path in FILES} - {"__init__"}
    assert contract["exhaustive"]
    # A room of a later day may have its place before it is built.
    assert found <= placed


def test_every_folder_is_a_package_that_says_what_it_is_for():
    """No folder of the house is without a first file, and every file begins with what it is for."""
    folders = {path.parent for path in FILES}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []
    assert [name_of(path) for path in FILES if not ast.get_docstring(tree_of(path))] == []


def test_every_room_is_tested():
    """Each room has a folder of tests of its name, and no two test files share a name."""
    rooms = {path.parent.name for path in HOUSE.glob("*/__init__.py")}
    tested = {path.parent.name for path in (REPOSITORY / "tests").glob("*/test_*.py")}
    assert rooms - tested == set()
    names = [path.name for path in (REPOSITORY / "tests").rglob("*.py") if path.name != "conftest.py"]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_is_small_and_named_for_what_it_does(path):
    """A file has at most 400 lines and no name that could hold anything."""
    if path.name not in LONG_ALLOWED:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST
    assert path.stem not in DRAWERS


@pytest.mark.parametrize("path", [path for path in FILES if room_of(path) not in OUTSIDE], ids=name_of)
def test_the_library_neither_prints_nor_looks_at_the_clock(path):
    """Output, time, randomness without a seed, the environment and leaving are the command line's alone."""
    forbidden = {
        "print",
        "input",
        "breakpoint",
        "exit",
        "quit",
        "sys.exit",
        "sys.argv",
        "sys.stdout",
        "sys.stderr",
        "sys.stdin",
        "time.time",
        "time.monotonic",
        "time.perf_counter",
        "time.sleep",
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "datetime.datetime.now",
        "datetime.date.today",
        "os.environ",
        "os.getenv",
        "os.environb",
        "os.getcwd",
        "Path.cwd",
        "Path.home",
        "random.random",
        "random.choice",
        "random.shuffle",
        "np.random.rand",
        "uuid.uuid4",
        "uuid.uuid1",
    }
    assert [(name, line) for name, line in uses(path) if name in forbidden] == []


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_is_unpickled_or_run_from_text(path):
    """Models and files are data: nothing that could run them is imported or called."""
    modules = set(imports(path))
    assert not modules & {"pickle", "cPickle", "dill", "marshal", "shelve", "joblib.load", "cloudpickle"}
    called = {dotted(node.func) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)}
    assert not called & {"eval", "exec", "compile", "__import__", "yaml.load", "joblib.load", "os.system", "os.popen", "pd.read_pickle"}
    assert not any(name.startswith("subprocess") for name in modules)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_sql_is_written_in_the_store_alone(path):
    """No other room knows that there are tables."""
    if room_of(path) == "store":
        return
    texts = [node.value for node in ast.walk(tree_of(path)) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert not [text for text in texts if re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE|PRAGMA|CREATE TABLE)\s", text)]
    assert "apsw" not in {module.split(".")[0] for module in imports(path)}
    assert "sqlite3" not in set(imports(path))


def written():
    """Every text file the repository holds, but the locks and what it was told to ignore."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    names = listed.stdout.split("\0") if listed.returncode == 0 else []
    names = [name for name in names if name] or [
        str(path.relative_to(REPOSITORY)) for path in REPOSITORY.rglob("*") if ".venv" not in path.parts
    ]
    endings = {".py", ".md", ".toml", ".txt", ".cfg", ".yml", ".yaml", ".css", ".j2", ".json", ".in", ""}
    return [path for name in names if (path := REPOSITORY / name).suffix in endings and path.is_file() and "requirements" not in path.parts]


def test_nothing_is_left_for_later_and_no_machine_is_named():
    """No file promises what is not done, and none knows the folders of the machine it was written on."""
    # Put together here, so that this file does not hold them.
    later = re.compile(rf"\b({'TO' + 'DO'}|{'FIX' + 'ME'}|{'XX' + 'X'}|{'HA' + 'CK'})\b")
    machine = re.compile(rf"(?<![\w.])/({'wo' + 'rk'}|{'ro' + 'ot'}|{'ho' + 'me'}/\w+|{'Us' + 'ers'}/\w+)/")
    found = []
    for path in written():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if later.search(line) or machine.search(line):
                found.append(f"{path.relative_to(REPOSITORY)}:{number}")
    assert found == []
