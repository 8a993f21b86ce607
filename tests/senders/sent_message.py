"""A rendered message and its destinations, for the tests of senders."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from insights.config.models import Destination
from insights.domain import BusinessUnit, Message

UNIT = BusinessUnit("billing", "Billing & Refunds")
QUOTE = "ZEBRA, my refund – 64 € – is late"


def message(**changes: Any) -> Message:
    """Returns a message of the billing unit for a week."""
    unit, period = changes.get("unit_id", "billing"), changes.get("period", "2026-W40")
    digest = {
        "schema": "insights.digest/1",
        "unit": {"id": unit, "name": "Billing & Refunds"},
        "period": {"label": period, "start": "2026-09-28T00:00:00Z"},
        "headline": "Refund not paid grew to 31 contacts.",
    }
    plain = Message(
        key="0f" * 12,
        unit_id=unit,
        period=period,
        subject="Billing & Refunds: weekly digest 2026-W40 (1 new, 1 growing)",
        html=f"<!DOCTYPE html><html lang='en'><title>page</title><p>{QUOTE}</p><svg></svg></html>",
        text=f"Billing & Refunds\n\n> {QUOTE}\n.\n.. a line of dots\n",
        markdown=f"# Billing\n\n> {QUOTE}\n",
        json=json.dumps(digest),
        at=datetime(2026, 10, 5, 6, 0, tzinfo=UTC),
        mail=f"<!DOCTYPE html><html lang='en'><p>{QUOTE}</p></html>",
    )
    return replace(plain, **changes)


def folder(**changes: Any) -> Destination:
    """Returns a folder in the workspace."""
    return Destination(**{"type": "folder", "path": "out", **changes})


def mailbox(**changes: Any) -> Destination:
    """Returns two recipients at a mail server."""
    settings = {
        "type": "email",
        "to": ["lead@billing.example", "Ann Other <ann@billing.example>"],
        "sender": "Insights <insights@company.example>",
        "host": "127.0.0.1",
        "security": "none",
    }
    return Destination(**{**settings, **changes})


def no_secret(reference: str) -> str:
    """Fails: nothing should be resolved."""
    raise AssertionError(f"resolved {reference}")
