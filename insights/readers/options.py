"""What every reader is told: the feed's name, its mapping, its zone, and where to write down what it did."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from insights.config.models import Mapping


@dataclass(slots=True)
class Trace:
    """What a reader decided while it read; filled only when somebody asks, by ``explain``.

    Attributes:
        encoding: Encoding of the text, or empty for a binary format.
        layout: Layout of a table, or empty.
        uses: Source field to what it became, in the order first seen.
        notes: Further decisions, such as the delimiter.
    """

    encoding: str = ""
    layout: str = ""
    uses: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Adds a decision once."""
        if text not in self.notes:
            self.notes.append(text)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How the records of one feed are to be read.

    Attributes:
        source: Name of the feed.
        received_at: When the engine received the records, aware.
        mapping: How columns or keys become interactions; None where the source uses the names of the interchange format.
        channel: Channel of records that name none.
        timezone: Zone of times that carry none, unless the mapping names another; never guessed.
        root: Folder the file was found under: formats with one interaction a file call it by its path below ``root``,
            so that files of the same name in two folders stay two interactions. The file's name alone where None.
        trace: Where to write down what was decided, for ``explain``.
    """

    source: str
    received_at: datetime
    mapping: Mapping | None = None
    channel: str | None = None
    timezone: str | None = None
    root: Path | None = None
    trace: Trace | None = field(default=None, compare=False)

    def reference(self, path: Path) -> str:
        """Returns what a file is called in ids: its path below ``root``, or its name, without ``.gz``."""
        inside = self.root is not None and path.is_relative_to(self.root) and path != self.root
        name = path.relative_to(self.root).as_posix() if inside and self.root else path.name
        return name[:-3] if name.lower().endswith(".gz") else name
