"""Personal data replaced by typed marks, before the first durable byte; fails closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from insights.domain import Interaction, Redaction, Role, Turn
from insights.errors import RedactionError
from insights.text.redact.conversation import asked_by, find_answers, find_dictated
from insights.text.redact.detect import detect
from insights.text.redact.known import KnownNames, Protected
from insights.text.redact.marks import Mark, Redacted, Span, hide_marks, merge
from insights.text.redact.view import View, look

__all__ = ["Mark", "Redactor"]

# Every pass makes the text poorer, so passes come to an end; more than this is an attack, not a text.
_MOST_PASSES = 12
_NAME_KEYS = (
    "name",
    "customer_name",
    "agent_name",
    "first_name",
    "last_name",
    "full_name",
    "surname",
    "contact_name",
    "author_name",
    "sender_name",
)
_EMAIL_KEYS = ("email", "e_mail", "mail_from", "mail_to", "from_address", "to_address")
_PHONE_KEYS = ("phone", "mobile", "telephone", "msisdn", "caller_number", "ani", "fax")
_ADDRESS_KEYS = ("address", "street", "postcode", "postal_code", "zip", "zip_code", "eircode")
_MARK_OF_KEY = {
    **dict.fromkeys(_NAME_KEYS, Mark.NAME),
    **dict.fromkeys(_EMAIL_KEYS, Mark.EMAIL),
    **dict.fromkeys(_PHONE_KEYS, Mark.PHONE),
    **dict.fromkeys(_ADDRESS_KEYS, Mark.ADDRESS),
}
_PREFIXES = (("name", Mark.NAME), ("email", Mark.EMAIL))


class Redactor:
    """Replaces personal data in turns and meta values by marks such as ``[EMAIL]``.

    Redacting what is already redacted changes nothing. Names found by strong context in one turn, and names the record's meta carries
    (keys that begin with ``name``, ``customer_name`` and the like), are replaced in all its turns.

    Args:
        protected: Names of organisations, products and rivals that must stay readable.
    """

    def __init__(self, *, protected: Iterable[str] = ()) -> None:
        self._protected = Protected(protected)

    def redact(self, interaction: Interaction) -> tuple[Interaction, tuple[Redaction, ...]]:
        """Returns the interaction with marks for personal data, and what was replaced where.

        Offsets of the redactions count code points of the original turns, in order of turn and start; meta values are not listed.

        Raises:
            RedactionError: Anything went wrong; the record must not be stored.
        """
        try:
            known = KnownNames(_names_in(interaction.meta))
            texts = [Redacted(turn.text) for turn in interaction.turns]
            self._settle(interaction.turns, texts, known)
            meta = {key: self._redact_value(key, value, known) for key, value in interaction.meta.items()}
        except RedactionError:
            raise
        except Exception:  # noqa: BLE001 - whatever it is, the text must not pass, nor show in the error
            raise RedactionError(
                "the personal data of a record could not be redacted", "it is set aside; report the kind of record"
            ) from None
        turns = tuple(
            turn if text.text == turn.text else replace(turn, text=text.text) for turn, text in zip(interaction.turns, texts, strict=True)
        )
        redactions = tuple(
            Redaction(turn.index, span.start, span.end, span.mark.value)
            for turn, text in zip(interaction.turns, texts, strict=True)
            for span in text.replaced
        )
        return replace(interaction, turns=turns, meta=meta), redactions

    def redact_text(self, text: str, *, names: Iterable[str] = ()) -> tuple[str, tuple[tuple[int, int, str], ...]]:
        """Returns a lone text with marks, and (start, end, type) of what was replaced, as offsets into the original.

        Args:
            text: Any text.
            names: Names of people known to occur.

        Raises:
            RedactionError: Anything went wrong.
        """
        try:
            redacted = Redacted(text)
            self._settle((Turn(0, Role.UNKNOWN, text),), [redacted], KnownNames(names))
        except RedactionError:
            raise
        except Exception:  # noqa: BLE001 - as above
            raise RedactionError("the personal data of a text could not be redacted", "report the kind of text") from None
        return redacted.text, tuple((span.start, span.end, span.mark.value) for span in redacted.replaced)

    def _settle(self, turns: tuple[Turn, ...], texts: list[Redacted], known: KnownNames) -> None:
        """Runs all detectors until they find nothing more."""
        clean: dict[int, tuple[str, frozenset[str], int]] = {}
        for _ in range(_MOST_PASSES):
            views = _views(turns, texts)
            learnt = known.size
            found: list[list[Span]] = [[] for _ in views]
            for at, view in enumerate(views):
                # A turn in which nothing was found is looked at again only if names were learnt or another question precedes it.
                if clean.get(at) == (view.text, view.asked, known.size):
                    continue
                found[at] = detect(view, known, self._protected)
                if view.asked:
                    found[at] = merge([*found[at], *find_answers(view)])
                if not found[at]:
                    clean[at] = (view.text, view.asked, known.size)
            if len(views) > 1:
                for at, span in find_dictated([(turn.role, view) for turn, view in zip(turns, views, strict=True)]):
                    found[at] = merge([*found[at], span])
            if not any(found) and known.size == learnt:
                return
            for text, spans in zip(texts, found, strict=True):
                if spans:
                    text.replace(spans)
        raise RedactionError("redaction of a record did not come to an end", "it is set aside; report the kind of record")

    def _redact_value(self, key: str, value: str, known: KnownNames) -> str:
        if not value or not any(char.isalnum() for char in value):
            return value
        mark = _mark_of_key(key)
        if mark:
            return f"[{mark}]"
        redacted = Redacted(value)
        self._settle((Turn(0, Role.UNKNOWN, value),), [redacted], known)
        return redacted.text


def _mark_of_key(key: str) -> Mark | None:
    """Returns the mark that stands for the whole value of a meta key, or None."""
    low = key.lower().replace("-", "_").replace(" ", "_")
    for prefix, mark in _PREFIXES:
        if low.startswith(prefix):
            return mark
    return _MARK_OF_KEY.get(low)


def _names_in(meta: Mapping[str, str]) -> list[str]:
    names = (hide_marks(meta[key]) for key in sorted(meta) if _mark_of_key(key) is Mark.NAME)
    return [name for name in names if name.strip()]


def _views(turns: tuple[Turn, ...], texts: list[Redacted]) -> list[View]:
    """Returns the views of all turns as they stand, each knowing what the turn before it asked for."""
    views: list[View] = []
    asked: frozenset[str] = frozenset()
    asker: Role | None = None
    for turn, text in zip(turns, texts, strict=True):
        hidden = hide_marks(text.text)
        answering = asked if turn.role is not asker or turn.role is Role.UNKNOWN else frozenset()
        view = look(hidden, asked=answering, by_agent=turn.role in {Role.AGENT, Role.BOT})
        views.append(view)
        asked = asked_by(view) if len(turns) > 1 else frozenset()
        asker = turn.role
    return views
