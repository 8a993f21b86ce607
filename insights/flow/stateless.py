"""The commands that need no workspace: a file in, rows out, nothing kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from insights import readers
from insights.config.load import Loaded, read_mapping
from insights.config.models import Taxonomy
from insights.config.toml import read_toml
from insights.discover.rows import rows, summary
from insights.discover.topics import discover as find_topics
from insights.domain import Decision, Effort, Evidence, Insight, Interaction, Reading, Skipped, Turn
from insights.encoder import load_encoder
from insights.errors import UsageError
from insights.flow.analyse import Recipe, Streamed, analyse_stream, default_recipe, redact_stream
from insights.flow.discover import ENCODER
from insights.flow.learnt import NO_TOPICS, learnt_topics, place_texts
from insights.flow.prepare import Prepared, Refused, Storable, protected_names
from insights.flow.progress import Progress, silent
from insights.readers import ReadOptions
from insights.registry import find_model

# Nothing is stored, so a pseudonym only has to be the same within one run.
_KEY = b"stateless commands keep nothing"

Row = dict[str, Any]


def recipe(taxonomy: Path | None, effort: Effort | None = None) -> Recipe:
    """Returns what decides: the shipped model, with a company's own taxonomy and another effort where they are named.

    Topics to be learnt are learnt each time, for nothing is kept; tables of examples are named from the taxonomy's folder.
    """
    default = default_recipe()
    chosen = replace(default, classify=default.classify.model_copy(update={"effort": effort})) if effort else default
    if taxonomy is None:
        return chosen
    read = read_toml(taxonomy, Taxonomy)
    return replace(chosen, taxonomy=read, learnt=learnt_topics(taxonomy.parent, read, keep=False))


def readings(path: Path, *, reader: str | None, mapping: Path | None, timezone: str | None, received_at: datetime) -> Iterator[Reading]:
    """Reads a file of any format; the source is named after the reader. A file nobody can read is one record set aside.

    Raises:
        UsageError: No such file, an unknown reader or zone, or a column that is not there.
    """
    if not path.exists():
        raise UsageError(f"no such file: {path}", "name an existing file, or - for stdin")
    options = ReadOptions(
        source=readers.name_for(path, reader),
        received_at=received_at,
        mapping=read_mapping(mapping) if mapping else None,
        timezone=timezone,
    )
    return readers.read(path, options, reader)


@dataclass(frozen=True, slots=True)
class Aside:
    """A line for each record that gives no row: refused as faulty, or skipped as no contact of a customer."""

    refused: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def analyse(stream: Iterable[Reading], recipe: Recipe, *, with_text: bool, workers: int, aside: Aside) -> Iterator[Row]:
    """Yields a row an interaction; what gives none is told in ``aside``."""
    protected = protected_names(recipe.taxonomy)
    for item in analyse_stream(stream, recipe, protected=protected, key=_KEY, workers=workers):
        if (interaction := _kept(item.prepared, aside)) is None:
            continue
        if item.analysed and item.analysed.failure:
            aside.refused.append(f"set aside {interaction.source_ref}: {item.analysed.failure}")
            continue
        yield _analysed_row(interaction, item, with_text=with_text)


def redact(stream: Iterable[Reading], recipe: Recipe, *, aside: Aside) -> Iterator[Row]:
    """Yields a redacted interaction a row; what gives none is told in ``aside``."""
    protected = protected_names(recipe.taxonomy)
    for item in redact_stream(stream, protected=protected, key=_KEY, max_characters=recipe.text.max_characters):
        if (interaction := _kept(item, aside)) is not None and isinstance(item, Storable):
            spans = [{"turn": r.turn, "start": r.start, "end": r.end, "type": r.type} for r in item.redactions]
            yield interchange(interaction) | {"redactions": spans}


def _kept(item: Prepared, aside: Aside) -> Interaction | None:
    match item:
        case Refused():
            place = Path(item.locator).name if item.stage == "read" else item.locator
            aside.refused.append(f"set aside {place}: {item.reason}")
        case Skipped():
            aside.skipped.append(f"skipped {Path(item.locator).name}: {item.reason}")
        case Storable():
            return item.interaction
    return None


def _analysed_row(interaction: Interaction, item: Streamed, *, with_text: bool) -> Row:
    insights = item.analysed.insights if item.analysed else ()
    row: Row = {
        "id": interaction.source_ref,
        "insights": [insight_row(insight) for insight in insights if insight.decision is Decision.YES],
        "undecided": [insight_row(insight) for insight in insights if insight.decision is Decision.UNDECIDED],
        "language": interaction.language,
    }
    if with_text:
        row["turns"] = [_turn_row(turn) for turn in interaction.turns]
    return row


def insight_row(insight: Insight) -> Row:
    """An insight as the contract's JSON."""
    return {
        "kind": insight.kind.value,
        "topic": insight.topic,
        "subject": insight.named,
        "confidence": round(insight.confidence, 4),
        "severity": insight.severity.value,
        "missed_expectations": [expectation.value for expectation in insight.missed_expectations],
        "evidence": [_span_row(insight.evidence[0])],
        "supporting": [_span_row(evidence) for evidence in insight.evidence[1:]],
        "why": [vote.why for vote in insight.votes],
        "role": insight.role.value if insight.role else None,
    }


def _span_row(evidence: Evidence) -> Row:
    return {"turn": evidence.turn, "start": evidence.start, "end": evidence.end, "quote": evidence.quote}


def interchange(interaction: Interaction) -> Row:
    """An interaction as the interchange's JSON."""
    return {
        "id": interaction.source_ref,
        "channel": interaction.channel,
        "started_at": _time(interaction.started_at),
        "customer": interaction.customer_ref,
        "product": interaction.product,
        "queue": interaction.queue,
        "turns": [_turn_row(turn) for turn in interaction.turns],
        "meta": dict(interaction.meta),
    }


def _turn_row(turn: Turn) -> Row:
    return {"role": turn.role.value, "text": turn.text, "at": _time(turn.at), "visibility": turn.visibility.value}


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


@dataclass(frozen=True, slots=True)
class Found:
    """Topics over texts: a row a text, the summary of the topics, and why there are none where there are none."""

    rows: list[Row]
    summary: Row = field(default_factory=dict)
    reason: str = ""


def discover(path: Path, *, topics: str, seed: int, refused: list[str]) -> Found:
    """Finds topics in the texts of a file.

    Args:
        path: JSON Lines of ``{"id", "text"}``.
        topics: ``auto``, or how many.
        seed: Of whatever is random.
        refused: A line for each record that could not be read is added.

    Raises:
        UsageError: No such file, or ``topics`` is neither ``auto`` nor a number from 2 on.
    """
    wanted = None if topics == "auto" else int(topics) if topics.isascii() and topics.isdigit() and len(topics) < 7 else 0
    if wanted is not None and wanted < 2:
        raise UsageError(f'--topics is "{topics}"', "write auto, or a number from 2 on")
    pairs = texts_of(path, refused)
    ids, texts = [text_id for text_id, _ in pairs], [text for _, text in pairs]
    vectors = load_encoder(find_model(ENCODER)).encode(texts)
    found = find_topics(texts, vectors, seed=seed, count=wanted)
    return Found(list(rows(ids, found)), summary(texts, found), found.reason)


def place(path: Path, loaded: Loaded, *, refused: list[str], progress: Progress = silent) -> list[Row]:
    """Says which learnt topic each text of a file is about.

    Args:
        path: JSON Lines of ``{"id", "text"}``.
        loaded: The workspace whose topics are learnt.
        refused: A line for each record that could not be read is added.
        progress: Told while sentences are encoded.

    Raises:
        UsageError: No such file, or the taxonomy has no topics to learn.
    """
    pairs = texts_of(path, refused)
    model = learnt_topics(loaded.root, loaded.taxonomy, progress=progress)
    if model is None:
        raise UsageError("the taxonomy has no topics to learn", NO_TOPICS)
    placed = place_texts(model, [text for _, text in pairs], progress=progress)
    return [{"id": text_id, **row} for (text_id, _), row in zip(pairs, placed, strict=True)]


def texts_of(path: Path, refused: list[str]) -> list[tuple[str, str]]:
    """Reads JSON Lines of ``{"id", "text"}``; a bad line costs itself.

    Raises:
        UsageError: No such file.
    """
    if not path.is_file():
        raise UsageError(f"no such file: {path}", 'name a file of JSON Lines with "id" and "text"')
    found: list[tuple[str, str]] = []
    with path.open(encoding="utf-8", errors="replace") as handle:
        for number, line in enumerate(handle, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                found.append((str(row["id"]), str(row["text"])))
            except (ValueError, KeyError, TypeError, RecursionError):
                refused.append(f'set aside {path.name}:{number}: no JSON object with "id" and "text"')
    return found
