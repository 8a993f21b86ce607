"""What the documents hold: pages, fenced blocks, command lines, links."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from insights.cli.app import app, hoisted

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("sample_data/*.md")])
PROGRAM = typer.main.get_command(app)

_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_ENDS = ("|", ">", "<", "&&", ";")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its page, what stands behind the fence, its text."""

    page: Path
    info: str
    text: str


def name(page: Path) -> str:
    """Returns a page's path from the root, for test ids."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> list[Block]:
    """Returns the fenced blocks of a page."""
    return [Block(page, info.strip(), text) for info, text in _FENCE.findall(page.read_text(encoding="utf-8"))]


def prose(page: Path) -> str:
    """Returns a page without its fenced blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def typed_lines(page: Path) -> list[str]:
    """Returns the lines a reader is told to type: those of console blocks, after the dollar sign, and shell blocks."""
    lines = [line for block in blocks(page) if block.info == "console" for line in block.text.splitlines()]
    return [line.removeprefix("$ ").split("   #", 1)[0].strip() for line in lines if line.strip()]


def inline_commands(page: Path, program: str) -> list[str]:
    """Returns what stands in backticks and begins with a program's name and a blank."""
    return [code for code in _INLINE.findall(prose(page)) if code.startswith(program + " ")]


def arguments_of(line: str) -> list[list[str]]:
    """Returns the arguments of every call of ``insights`` in a shell line."""
    calls = []
    for part in [line, *re.findall(r"\$\(([^)]*)\)", line)]:
        words = shlex.split(part) if part.startswith("insights ") else []
        if words:
            end = next((place for place, word in enumerate(words) if word in _ENDS or word.startswith((">", "2>"))), len(words))
            calls.append(words[1:end])
    return calls


def leaves() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yields every command that does something, with the words that call it."""

    def walk(group: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
        for word, command in sorted(group.commands.items()):
            if hasattr(command, "commands"):
                yield from walk(command, (*words, word))
            else:
                yield (*words, word), command

    yield from walk(PROGRAM, ())


def command_of(arguments: list[str]) -> tuple[Any, list[str]]:
    """Returns the command that a line calls and what is left for it; None where there is no such command."""
    context = PROGRAM.make_context("insights", hoisted(arguments), resilient_parsing=True)
    rest, command = [*context._protected_args, *context.args], PROGRAM
    while hasattr(command, "commands"):
        if not rest or rest[0] not in command.commands:
            return None, rest
        command, rest = command.commands[rest[0]], rest[1:]
    return command, rest
