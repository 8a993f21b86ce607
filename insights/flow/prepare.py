"""From a reading to what may be stored: hashed, roles inferred, redacted, pseudonymised. Nothing before this is durable."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from insights.classify.taxonomy import compile_taxonomy
from insights.config.models import Taxonomy
from insights.domain import Interaction, Reading, Redaction, SetAside, Skipped
from insights.errors import InsightsError
from insights.flow import keys
from insights.text.language import language_of
from insights.text.redact import Redactor
from insights.text.roles import infer_roles

_EXCERPT = 160
_WITH_DIGIT = re.compile(r"[\w-]*\d[\w-]*")
# The longest thing redaction would know, which a cut may have made unknowable.
_LONGEST_MARKED = 80
# Words written so that redaction cannot read them: escaped, percent- or quoted-printable-encoded, or in base 64.
_ENCODED = re.compile(r"\S*(?:\\u[0-9a-fA-F]{4}|=[0-9A-F]{2}|%[0-9a-fA-F]{2}|&#?\w+;)\S*|[A-Za-z0-9+/]{24,}={0,2}")


@dataclass(frozen=True, slots=True)
class Storable:
    """A redacted interaction, the keyed hash of what was read, and where it was redacted."""

    interaction: Interaction
    content_hash: str
    redactions: tuple[Redaction, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A record for the dead letter: its content is already a hash and a masked excerpt.

    ``locator`` is the place in the file, or the record's own id where it was read well and refused later.
    """

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
    redactor = Redactor(protected=protected)
    return partial(_prepare_batch, _Masks(redactor, _label_mask(redactor)), key, max_characters)


@dataclass(frozen=True, slots=True)
class _Masks:
    """Redaction of whole records, and of the short labels many records share."""

    redactor: Redactor
    label: Callable[[str], str]


def _label_mask(redactor: Redactor) -> Callable[[str], str]:
    @lru_cache(maxsize=4096)
    def mask(label: str) -> str:
        return redactor.redact_text(label)[0]

    return mask


def _prepare_batch(masks: _Masks, key: bytes, max_characters: int, batch: Sequence[Reading]) -> list[Prepared]:
    return [_prepare(reading, masks, key, max_characters) for reading in batch]


def _prepare(reading: Reading, masks: _Masks, key: bytes, max_characters: int) -> Prepared:
    match reading:
        case Skipped():
            return reading
        case SetAside():
            excerpt = _masked(reading.content, masks.redactor)
            return Refused(reading.locator, reading.stage, reading.reason, keys.keyed_hash(reading.content, key), excerpt)
    content = _canonical(reading)
    length = sum(len(turn.text) for turn in reading.turns)
    if length > max_characters:
        reason = f"{length} characters are more than text.max_characters = {max_characters}"
        return Refused(reading.source_ref, "text", reason, keys.keyed_hash(content, key), "")
    try:
        redacted, redactions = masks.redactor.redact(infer_roles(_without_personal_labels(reading, masks.label)))
    except Exception as error:  # noqa: BLE001 - one document must never cost the others, nor pass unredacted
        reason = error.problem if isinstance(error, InsightsError) else f"preparing it failed: {type(error).__name__}"
        return Refused(reading.source_ref, "redact", reason, keys.keyed_hash(content, key), "")
    if redacted.language is None:
        redacted = replace(redacted, language=language_of(redacted))
    if redacted.customer_ref:
        redacted = replace(redacted, customer_ref=keys.pseudonym(redacted.customer_ref, key))
    return Storable(redacted, keys.keyed_hash(content, key), redactions)


def _without_personal_labels(interaction: Interaction, mask: Callable[[str], str]) -> Interaction:
    """Product, queue, channel and the names of further fields are the source's words too: whoever typed a name there typed it everywhere."""
    return replace(
        interaction,
        channel=mask(interaction.channel),
        product=mask(interaction.product) if interaction.product else None,
        queue=mask(interaction.queue) if interaction.queue else None,
        language=mask(interaction.language) if interaction.language else None,
        meta={mask(name): value for name, value in interaction.meta.items()},
    )


def _canonical(interaction: Interaction) -> bytes:
    """What makes a record the same record; when it was received does not."""
    turns = [(turn.role, turn.text, turn.at.isoformat() if turn.at else None, turn.visibility) for turn in interaction.turns]
    started = interaction.started_at.isoformat() if interaction.started_at else None
    fields = (interaction.source, interaction.source_ref, interaction.channel, started, interaction.language)
    more = (interaction.customer_ref, interaction.product, interaction.queue, sorted(interaction.meta.items()), turns)
    return json.dumps((*fields, *more), ensure_ascii=True, separators=(",", ":")).encode("ascii")


def _masked(content: bytes, redactor: Redactor) -> str:
    """The beginning of a refused record with personal data masked; nothing at all of what is no plain text, or if masking fails."""
    if b"\0" in content:
        return ""
    begin = content[: 4 * _EXCERPT]
    try:
        masked = redactor.redact_text(_ENCODED.sub("…", _decoded(begin)))[0]
    except Exception:  # noqa: BLE001 - what cannot be masked is not shown
        return ""
    whole = len(begin) == len(content)
    # Which of its words is the customer's id cannot be told of a broken record: every word with a digit is hidden.
    shown = _WITH_DIGIT.sub("#", masked if whole else masked[:-_LONGEST_MARKED])
    return " ".join(shown.split())[:_EXCERPT]


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
