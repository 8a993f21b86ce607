"""The commands in the documents are commands of the program."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
from doc_pages import PAGES, PROGRAM, ROOT, arguments_of, command_of, inline_commands, leaves, name, typed_lines

from insights import query
from insights.store.search import COLUMNS, GROUPS

LEAVES = list(leaves())
TYPED = [(page, line) for page in PAGES for line in typed_lines(page) if "insights " in line]
INLINE = [(page, code) for page in PAGES for code in inline_commands(page, "insights")]


@pytest.mark.parametrize(("words", "command"), LEAVES, ids=[" ".join(words) for words, _ in LEAVES])
def test_every_command_and_option_has_help(words: tuple[str, ...], command: Any) -> None:
    """A command says what it does, and so does each of its options and arguments."""
    assert (command.help or "").strip()
    silent = [parameter.name for parameter in command.params if not (parameter.help or "").strip()]
    assert not silent, f"insights {' '.join(words)}: no help for {silent}"


@pytest.mark.parametrize(("words", "command"), LEAVES, ids=[" ".join(words) for words, _ in LEAVES])
def test_every_command_and_option_stands_in_the_reference(words: tuple[str, ...], command: Any) -> None:
    """The generated reference has a section for each command that names all its options."""
    text = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    section = re.search(rf"^## `insights {' '.join(words)}`$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, "run `make docs`"
    options = [option for parameter in command.params if parameter.param_type_name == "option" for option in parameter.opts]
    assert [option for option in options if f"`{option}`" not in section[1]] == []


def test_generated_documents_are_up_to_date() -> None:
    """Reference and schemas are what the generator writes today."""
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    assert generate.main(check=True) == 0


@pytest.mark.parametrize(("page", "line"), TYPED, ids=[f"{name(page)}: {line}" for page, line in TYPED])
def test_lines_to_type_are_understood(page: Path, line: str) -> None:
    """Each line of a console block names a command, and its arguments and options are accepted."""
    calls = arguments_of(line)
    assert calls
    for arguments in calls:
        command, rest = command_of(arguments)
        assert command is not None, f"no such command: insights {' '.join(arguments)}"
        context = command.make_context(command.name, rest)
        if command is PROGRAM.commands["query"]:
            _check_query(context.params)


def _check_query(given: dict[str, Any]) -> None:
    query.parse(given["text"])
    groups = (given["group_by"] or "").split(",") if given["group_by"] else []
    assert [group for group in groups if group not in GROUPS and not group.startswith("meta.")] == []
    assert [column for column in (given["columns"] or "").split(",") if column and column not in COLUMNS] == []


@pytest.mark.parametrize(("page", "code"), INLINE, ids=[f"{name(page)}: {code}" for page, code in INLINE])
def test_commands_in_the_text_exist(page: Path, code: str) -> None:
    """A command named in running text exists, and so do the options named with it."""
    for arguments in arguments_of(code):
        if arguments[0].startswith("-"):
            command, rest = PROGRAM, arguments
        else:
            command, rest = command_of(arguments)
        if command is None and len(arguments) == 1 and arguments[0] in PROGRAM.commands:
            continue  # a group named as a whole
        assert command is not None, f"no such command: {code}"
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert [word for word in rest if word.startswith("--") and word.split("=")[0] not in known] == []


def test_make_targets_exist() -> None:
    """Each ``make`` in the documents names a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    lines = [line for page in PAGES for line in (*typed_lines(page), *inline_commands(page, "make")) if line.startswith("make ")]
    named = {word for line in lines for word in line.split()[1:] if re.fullmatch(r"[a-z-]+", word)}
    assert {"demo", "test"} <= named
    assert named <= targets
