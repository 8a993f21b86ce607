"""TOML read into models, with every fault told at once: file, line, key, what was expected, the nearest known key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from insights.config.tokens import PLAIN_WORDS_ONLY, token_attribute
from insights.errors import ConfigError, Fault, UsageError, nearest

Model = TypeVar("Model", bound=BaseModel)
Path_ = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*=""")
# The parts of a list: texts, brackets, commas, comments, and runs of anything else.
_SIGNS = re.compile(r""""(?:[^"\\]|\\.)*"|'[^']*'|\#|[][{},]|[^][{},"'\#\s]+""")
_PART = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*""")


def read_toml(path: Path, model: type[Model], *, shown: str = "") -> Model:
    """Reads a TOML file into a model.

    Args:
        path: The file.
        model: The pydantic model of its content.
        shown: The file's name in messages; its path where empty.

    Raises:
        UsageError: The file is missing or may not be read.
        ConfigError: It is no TOML, or one or more keys or values are wrong; all of them are told.
    """
    shown = shown or str(path)
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise UsageError(f"no such file: {shown}", "name an existing file, or make a workspace with `insights init DIR`") from error
    except OSError as error:
        raise UsageError(f"cannot read {shown}: {error.strerror}", "check its permissions") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError([Fault(shown, line, "", "is not UTF-8", "save the file as UTF-8")]) from error
    return parse_toml(text, model, shown=shown)


def parse_toml(text: str, model: type[Model], *, shown: str) -> Model:
    """Parses TOML text into a model; raises as ``read_toml``."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found.group(1)) if found else len(text.splitlines())
        problem = re.sub(r"\s*\(at .*\)$", "", str(error))
        raise ConfigError([Fault(shown, line, "", f"is not valid TOML: {problem}", "look at quotes and brackets")]) from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        lines = locate(text)
        faults = [_fault(shown, lines, model, item) for item in error.errors(include_url=False)]
        raise ConfigError(_distinct(faults)) from error


def locate(text: str) -> dict[Path_, int]:
    """Maps each key of a TOML text, and each entry of a list, to its 1-based line; entries carry their index in the path."""
    lines: dict[Path_, int] = {}
    table: Path_ = ()
    counts: dict[Path_, int] = {}
    written = text.splitlines()
    list_ends = 0
    for number, line in enumerate(written, start=1):
        if number <= list_ends:
            continue
        if header := _HEADER.match(line):
            table = _table_path(_parts(header.group(2)), header.group(1) == "[[", counts)
            for depth in range(1, len(table) + 1):
                lines.setdefault(table[:depth], number)
        elif key := _KEY.match(line):
            path = table + tuple(_parts(key.group(1)))
            for depth in range(len(table) + 1, len(path) + 1):
                lines.setdefault(path[:depth], number)
            if line[key.end() :].lstrip().startswith("["):
                begins, list_ends = entries(written, number, line.index("[", key.end()))
                lines.update({(*path, index): place for index, place in enumerate(begins)})
    return lines


def entries(written: Sequence[str], number: int, column: int) -> tuple[list[int], int]:
    """Finds where the entries of a list begin.

    Args:
        written: The lines of the file.
        number: 1-based line of the opening bracket.
        column: Its place in the line.

    Returns:
        The 1-based line of each entry, and the line of the closing bracket (the last of the file where there is none).
    """
    begins: list[int] = []
    depth, awaited = 0, True
    for place in range(number, len(written) + 1):
        for sign in _SIGNS.findall(written[place - 1], column):
            if sign[0] == "#":
                break
            if sign in "]}":
                depth -= 1
                if not depth:
                    return begins, place
                continue
            if depth == 1 and sign == ",":
                awaited = True
            elif depth == 1 and awaited:
                begins.append(place)
                awaited = False
            depth += sign in "[{"
        column = 0
    return begins, len(written)


def line_of(lines: dict[Path_, int], path: Path_) -> int:
    """Returns the line of ``path`` or of its nearest parent; 0 where neither is known."""
    for depth in range(len(path), 0, -1):
        if path[:depth] in lines:
            return lines[path[:depth]]
    return 0


def _parts(dotted: str) -> list[str]:
    return [a or b or c for a, b, c in _PART.findall(dotted)]


def _table_path(parts: Sequence[str], is_array: bool, counts: dict[Path_, int]) -> Path_:
    path: Path_ = ()
    for position, part in enumerate(parts):
        path += (part,)
        last = position == len(parts) - 1
        if last and is_array:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path += (counts[path],)
    return path


def _fault(shown: str, lines: dict[Path_, int], model: type[BaseModel], item: Any) -> Fault:
    path = tuple(part for part in item["loc"] if not _is_type_tag(part))
    key = ".".join(str(part) for part in path if part != "[key]")
    problem, hint = _message(item), ""
    if item["type"] == "extra_forbidden":
        attribute = token_attribute(item["input"])
        problem = f"holds token patterns ({attribute})" if attribute else "unknown key"
        hint = PLAIN_WORDS_ONLY if attribute else nearest(str(path[-1]), _known_keys(model, path[:-1]))
    elif item["type"] == "enum":
        hint = nearest(str(item["input"]), re.findall(r"'([^']*)'", item["ctx"]["expected"]))
    return Fault(shown, line_of(lines, path), key, problem, hint)


def _is_type_tag(part: str | int) -> bool:
    return isinstance(part, str) and (part in {"str", "[key]"} or part.startswith(("list[", "dict[", "constrained-")))


def _message(item: Any) -> str:
    context = item.get("ctx", {})
    given = item.get("input")
    shown = f', got "{given}"' if isinstance(given, str | int | float | bool) and len(str(given)) <= 60 else ""
    match item["type"]:
        case "missing":
            return "is missing"
        case "enum" | "literal_error":
            return f"expected {context['expected']}{shown}"
        case "value_error":
            return str(context.get("error", item["msg"]))
        case "string_pattern_mismatch":
            return f"expected text like {context['pattern']}{shown}"
    return str(item["msg"][0]).lower() + str(item["msg"][1:]).replace("Input should be", "expected") + shown


def _known_keys(model: type[BaseModel], path: Path_) -> list[str]:
    current: Any = model
    for part in path:
        if isinstance(current, type) and issubclass(current, BaseModel):
            # A part that is no field is the key or the place of an entry of the table just entered.
            field = current.model_fields.get(str(part))
            current = _inner_model(field.annotation) if field else current
    return sorted(current.model_fields) if isinstance(current, type) and issubclass(current, BaseModel) else []


def _inner_model(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        if (inner := _inner_model(argument)) is not None:
            return inner
    return None


def _distinct(faults: list[Fault]) -> list[Fault]:
    """One fault a key: a union reports each of its members."""
    seen: dict[tuple[int, str], Fault] = {}
    for fault in faults:
        seen.setdefault((fault.line, fault.key), fault)
    return sorted(seen.values(), key=lambda fault: (fault.file, fault.line, fault.key))
