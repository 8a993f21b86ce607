"""Commands about the model: train, evaluate."""

from __future__ import annotations

import typer


def add_to(app: typer.Typer) -> None:
    """Adds the commands of this file."""
