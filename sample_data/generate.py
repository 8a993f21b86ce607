"""Writes the sample company's half-year: five files of contacts and their gold labels.

Run ``python sample_data/generate.py`` (with the project's environment); ``--out DIR`` writes elsewhere, ``--seed N`` makes another half-year.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from making.banks import read_texts
from making.labels import Record, label
from making.letters import write_email, write_note, write_ticket
from making.mailbox import write_mailbox
from making.pen import Pen, Written
from making.plan import Sheet, make_plan
from making.tables import write_calls, write_chats, write_lines, write_notes, write_tickets
from making.talk import write_call, write_chat

HERE = Path(__file__).resolve().parent
SEED = 2026
_WRITERS: dict[str, Callable[[Pen], Written]] = {
    "call": write_call,
    "chat": write_chat,
    "email": write_email,
    "ticket": write_ticket,
    "note": write_note,
}


def make_records(seed: int) -> list[Record]:
    """Returns all contacts in words, with their labels, in order of time."""
    texts, sheet = read_texts(HERE / "texts"), Sheet(HERE / "stories.toml")
    return [label(contact, _WRITERS[contact.channel](Pen(contact, texts, seed))) for contact in make_plan(texts, sheet, seed)]


def write_all(records: list[Record], out: Path, seed: int) -> None:
    """Writes ``data/`` and ``gold.jsonl`` under a folder."""
    data = out / "data"
    data.mkdir(parents=True, exist_ok=True)
    of = {channel: [record for record in records if record.contact.channel == channel] for channel in _WRITERS}
    write_calls(of["call"], data / "calls.jsonl", seed)
    write_chats(of["chat"], data / "chats.csv", seed)
    write_mailbox(of["email"], data / "emails.mbox", seed)
    write_tickets(of["ticket"], data / "tickets.xlsx", seed)
    write_notes(of["note"], data / "notes.parquet")
    write_lines((record.gold for record in records), out / "gold.jsonl")


def main() -> None:
    """Parses the command line and writes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE, help="folder for data/ and gold.jsonl (default: beside this file)")
    parser.add_argument("--seed", type=int, default=SEED, help=f"seed (default: {SEED})")
    options = parser.parse_args()
    records = make_records(options.seed)
    write_all(records, options.out, options.seed)
    print(f"{len(records)} contacts written under {options.out}")


if __name__ == "__main__":
    main()
