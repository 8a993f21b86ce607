"""From a reading to what may be stored: hashed, roles inferred, redacted, pseudonymised. Nothing before this is durable."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from insights.classify.taxonomy import compile_taxonomy
from insights.config.models import Taxonomy
from insights.domain import Interaction, Reading, Redaction, SetAside, Skipped
from insights.errors import InsightsError
from insights.flow import keys
from insights.text.redact import Redactor
from insights.text.roles import infer_roles

_EXCERPT = 160


@dataclass(frozen=True, slots=True)
class Storable:
    """A redacted interaction, the keyed hash of what was read, and where it was redacted."""

    interaction: Interaction
    content_hash: str
    redactions: tuple[Redaction, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A record for the dead letter: its content is already a hash and a masked excerpt."""

    locator: str
    stage: str
    reason: str
    digest: str
    excerpt: str


Prepared = Storable | Refused | Skipped
Preparer = Callable[[Sequence[Reading]], list[Prepared]]


def protected_names(taxonomy: Taxonomy, organisations: Iterable[str] = ()) -> tuple[str, ...]:
    """Returns the names redaction must leave readable: products, competitors, the company's own."""
    return tuple(sorted({*organisations, *compile_taxonomy(taxonomy).protected_names}))


def make_preparer(protected: tuple[str, ...], key: bytes, max_characters: int) -> Preparer:
    """Builds the function that prepares batches; picklable arguments, so that a pool can build it too."""
    return partial(_prepare_batch, Redactor(protected=protected), key, max_characters)


def _prepare_batch(redactor: Redactor, key: bytes, max_characters: int, batch: Sequence[Reading]) -> list[Prepared]:
    return [_prepare(reading, redactor, key, max_characters) for reading in batch]


def _prepare(reading: Reading, redactor: Redactor, key: bytes, max_characters: int) -> Prepared:
    match reading:
        case Skipped():
            return reading
        case SetAside():
            excerpt = _masked(reading.content, redactor)
            return Refused(reading.locator, reading.stage, reading.reason, keys.keyed_hash(reading.content, key), excerpt)
    content = _canonical(reading)
    length = sum(len(turn.text) for turn in reading.turns)
    if length > max_characters:
        reason = f"{length} characters are more than text.max_characters = {max_characters}"
        return Refused(_locator(reading), "text", reason, keys.keyed_hash(content, key), "")
    try:
        redacted, redactions = redactor.redact(infer_roles(_without_personal_fields(reading, redactor)))
    except InsightsError as error:
        return Refused(_locator(reading), "redact", error.problem, keys.keyed_hash(content, key), "")
    if redacted.customer_ref:
        redacted = replace(redacted, customer_ref=keys.pseudonym(redacted.customer_ref, key))
    return Storable(redacted, keys.keyed_hash(content, key), redactions)


def _without_personal_fields(interaction: Interaction, redactor: Redactor) -> Interaction:
    """Product, queue and channel are the source's words too: whoever typed a name there typed it everywhere."""
    channel, product, queue = (
        redactor.redact_text(value)[0] if value else value for value in (interaction.channel, interaction.product, interaction.queue)
    )
    return replace(interaction, channel=channel or "", product=product, queue=queue)


def _canonical(interaction: Interaction) -> bytes:
    """What makes a record the same record; when it was received does not."""
    turns = [(turn.role, turn.text, turn.at.isoformat() if turn.at else None, turn.visibility) for turn in interaction.turns]
    started = interaction.started_at.isoformat() if interaction.started_at else None
    fields = (interaction.source, interaction.source_ref, interaction.channel, started, interaction.language)
    more = (interaction.customer_ref, interaction.product, interaction.queue, sorted(interaction.meta.items()), turns)
    return json.dumps((*fields, *more), ensure_ascii=True, separators=(",", ":")).encode("ascii")


def _locator(interaction: Interaction) -> str:
    return f"{interaction.source}:{interaction.source_ref}"


def _masked(content: bytes, redactor: Redactor) -> str:
    """The beginning of a refused record with personal data masked; nothing at all if masking fails."""
    text = content[: 4 * _EXCERPT].decode("utf-8", errors="replace")
    try:
        return redactor.redact_text(text)[0][:_EXCERPT]
    except InsightsError:
        return ""
