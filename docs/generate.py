"""Writes what can be generated: the command reference and the JSON Schemas of the configuration files.

``--check`` writes nothing and fails where a file is not up to date.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import typer

from insights.cli.app import app
from insights.config import models

HERE = Path(__file__).resolve().parent
SCHEMAS = {
    "insights": models.Workspace,
    "taxonomy": models.Taxonomy,
    "ownership": models.Ownership,
    "mapping": models.Mapping,
    "pipeline": models.Pipeline,
}


def commands() -> str:
    """Returns the command reference as Markdown."""
    root = typer.main.get_command(app)
    lines = ["# Commands", "", "Generated from the program's own help by `make docs`; edit the code, not this page.", ""]
    lines += ["Every command also understands these options, anywhere on the line:", ""]
    lines += _options(root)
    for name, command in _walk(root, "insights"):
        lines += ["", f"## `{name}`", "", " ".join((command.help or "").split())]
        if hasattr(command, "commands"):
            continue
        arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
        usage = " ".join([name, *map(_written, arguments), "[OPTIONS]"])
        lines += ["", "```", usage, "```", ""]
        lines += [f"- `{_written(argument)}`: {_told(argument)}" for argument in arguments]
        lines += _options(command)
    return "\n".join(lines).rstrip() + "\n"


def _walk(group: object, prefix: str) -> Iterator[tuple[str, object]]:
    """Yields every command with its full name; a group comes before its own."""
    for name, command in sorted(group.commands.items()):
        yield f"{prefix} {name}", command
        if hasattr(command, "commands"):
            yield from _walk(command, f"{prefix} {name}")


def _written(argument: object) -> str:
    """An argument as one types it: in brackets where it may be left out, with dots where several may stand."""
    name = (argument.metavar or argument.name.upper()) + ("..." if argument.nargs != 1 else "")
    return name if argument.required else f"[{name}]"


def _told(parameter: object) -> str:
    """Its help as a sentence, and what stands for it when it is left out."""
    shown = parameter.default not in (None, False, "", []) and not callable(parameter.default)
    default = f" Default: {parameter.default}." if shown and not parameter.required else ""
    required = " Required." if parameter.required and parameter.param_type_name == "option" else ""
    return (parameter.help or "").rstrip(".") + "." + default + required


def _options(command: object) -> list[str]:
    lines = []
    for parameter in command.params:
        if parameter.param_type_name == "option" and not parameter.hidden:
            names = ", ".join(f"`{name}`" for name in (*parameter.opts, *parameter.secondary_opts))
            lines.append(f"- {names}: {_told(parameter)}")
    return lines


def documents() -> dict[Path, str]:
    """Returns every generated file with its content."""
    found = {HERE / "reference" / "commands.md": commands()}
    for name, model in SCHEMAS.items():
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"{name}.toml", **model.model_json_schema()}
        found[HERE / "schemas" / f"{name}.json"] = json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
    return found


def main(check: bool) -> int:
    """Writes the documents, or says which are stale; returns the exit status."""
    stale = [path for path, text in documents().items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    if check:
        for path in stale:
            sys.stderr.write(f"error: {path.relative_to(HERE.parent)} is not up to date\nhint: make docs\n")
        return int(bool(stale))
    for path, text in documents().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
