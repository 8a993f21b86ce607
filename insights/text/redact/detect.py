"""All detectors over one text."""

from __future__ import annotations

from collections.abc import Iterator

from insights.text.redact.addresses import find_addresses
from insights.text.redact.known import KnownNames, Protected
from insights.text.redact.labelled import find_labelled
from insights.text.redact.marks import Span, merge
from insights.text.redact.numbers import find_formed, find_streams, find_written
from insights.text.redact.online import find_emails, find_network, find_spoken_emails, find_urls
from insights.text.redact.people import find_people
from insights.text.redact.view import View

_DETECTORS = (
    find_emails,
    find_spoken_emails,
    find_urls,
    find_network,
    find_formed,
    find_streams,
    find_written,
    find_labelled,
    find_addresses,
)


def detect(view: View, known: KnownNames, protected: Protected) -> list[Span]:
    """Returns the spans of personal data in a text, merged and in order; learns into ``known`` the names it finds."""
    spans = [span for find in _DETECTORS for span in find(view)]
    for span in find_people(view):
        kept = protected.keep(view, span)
        for part in kept:
            known.add(view.text[part.start : part.end])
        spans += kept
    for span in known.find(view):
        spans += protected.keep(view, span)
    return merge(_worth_a_mark(view, spans))


def _worth_a_mark(view: View, spans: list[Span]) -> Iterator[Span]:
    """Leaves out spans without a letter or digit, so that every replacement makes the text poorer and redaction comes to an end."""
    for span in spans:
        if any(char.isalnum() for char in view.text[span.start : span.end]):
            yield span
