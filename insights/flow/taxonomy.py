"""A taxonomy as it would stand in a workspace: read with its faults, whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from insights.classify.taxonomy import check_taxonomy, compile_taxonomy
from insights.config.load import Loaded
from insights.config.models import Ownership, Taxonomy, TopicRule
from insights.config.toml import Path_, line_of, locate, read_toml
from insights.errors import ConfigError, Fault, nearest
from insights.flow.learnt import learning_faults
from insights.flow.prepare import protected_names
from insights.route import unclaimed
from insights.text.redact import Redactor

_PARTS = ("any", "all", "unless")


@dataclass(frozen=True, slots=True)
class TaxonomyFile:
    """A taxonomy read from a file.

    Attributes:
        shown: The file's name in messages.
        content: Its bytes.
        taxonomy: What they say.
        lines: Lines of its keys.
    """

    shown: str
    content: bytes
    taxonomy: Taxonomy
    lines: Mapping[Path_, int]


def read_taxonomy(path: Path, *, shown: str = "") -> TaxonomyFile:
    """Reads a taxonomy whose phrases can be read.

    Args:
        path: The file.
        shown: Its name in messages; its path where empty.

    Raises:
        UsageError: The file is missing or may not be read.
        ConfigError: It has faults that keep it from being read, all of them told.
    """
    shown = shown or str(path)
    taxonomy = read_toml(path, Taxonomy, shown=shown)
    content = path.read_bytes()
    lines = locate(content.decode("utf-8-sig"))
    compile_taxonomy(taxonomy, shown=shown, lines=lines)
    return TaxonomyFile(shown, content, taxonomy, lines)


def taxonomy_faults(loaded: Loaded, taxonomy: Taxonomy, *, shown: str, lines: Mapping[Path_, int]) -> list[Fault]:
    """Returns the faults and warnings of a taxonomy beside the ownership of a workspace.

    Args:
        loaded: The workspace.
        taxonomy: Its own, or one that may become its own.
        shown: The file's name in messages.
        lines: Lines of its keys.
    """
    try:
        compiled = compile_taxonomy(taxonomy, shown=shown, lines=lines)
    except ConfigError as error:
        return list(error.faults)
    known = dict(lines)
    of_tables, of_topics = learning_faults(loaded.root, taxonomy)
    found = [*_orphans(loaded.ownership, taxonomy), *_redacted(loaded, taxonomy), *of_topics]
    return [
        *check_taxonomy(taxonomy, compiled, shown=shown, lines=lines),
        *of_tables,
        *(Fault(shown, line_of(known, path), _dotted(path), problem, hint, warning) for path, problem, hint, warning in found),
    ]


def _dotted(path: Path_) -> str:
    return ".".join(part for part in path if isinstance(part, str))


def _orphans(ownership: Ownership, taxonomy: Taxonomy) -> Iterator[tuple[Path_, str, str, bool]]:
    """Hints that name no unit, and topics that no rule can claim."""
    orphans = unclaimed(ownership, {key: rule.kind for key, rule in taxonomy.topic.items()})
    for key, rule in taxonomy.topic.items():
        if rule.owner and rule.owner not in ownership.unit:
            problem = f'no unit named "{rule.owner}" in the ownership file'
            yield ("topic", key, "owner"), problem, nearest(rule.owner, ownership.unit), False
        elif key in orphans:
            problem = f"no ownership rule can claim it: it always goes to {ownership.triage}"
            yield ("topic", key), problem, f'add a rule: topic = "{key}", owner = "{rule.owner or "UNIT"}"', True


def _redacted(loaded: Loaded, taxonomy: Taxonomy) -> Iterator[tuple[Path_, str, str, bool]]:
    """Phrases that hold personal data: a mark stands in its place before anything is analysed, so they find nothing."""
    redactor = Redactor(protected=protected_names(taxonomy, loaded.settings.workspace.organisations))
    for key, rule in taxonomy.topic.items():
        for part, index, text in _phrases_of(rule):
            for mark in sorted({mark for _, _, mark in redactor.redact_text(text)[1]}):
                problem = f'"{text}" can never match: [{mark}] stands in place of such words before anything is analysed'
                yield ("topic", key, part, index), problem, f"write [{mark}] in their place, or leave them out", True


def _phrases_of(rule: TopicRule) -> Iterator[tuple[str, int, str]]:
    for part in _PARTS:
        for index, text in enumerate(getattr(rule, part)):
            yield part, index, text
