"""Interactions of 100 words through ingest, redaction, analysis, routing and store: how many a second, how much memory."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.measure import Measured, insights
from insights.registry import resource

# Pieces of contacts, with personal data and findings in the share in which a contact centre sees them.
_OPENINGS = (
    "Hello, I am calling about my account.",
    "Good morning, I have a question about my bill.",
    "Hi there, this is about the line at home.",
)
_MATTERS = (
    "The hub loses the connection every evening and I have to restart it.",
    "I was charged twice for the same month and nobody has called me back.",
    "I have been waiting three weeks for a refund that was promised to me.",
    "Your competitor offers the same speed for ten less a month.",
    "It would help if the app showed which device uses the data.",
    "The technician was quick and explained everything he did.",
    "Do you offer the faster line in our village as well?",
    "Could you tell me how I change the address on the contract?",
)
_PERSONAL = (
    "My name is Dana Whitfield and my number is 01632 960 448.",
    "You can write to dana.whitfield@example.org.",
    "The card ends in 1111.",
)
_FILLERS = (
    "I looked at the settings page and it shows the same values as last week.",
    "We moved in last spring and the line was already there when we came.",
    "My neighbour has the same plan and told me to give you a call about it.",
    "I am at home most evenings, so any time after six would be fine for me.",
    "The letter you sent mentioned a new plan but not when it would begin.",
)


def interactions(count: int, seed: int) -> Iterator[str]:
    """Yields JSON Lines of about 100 words each over two turns."""
    rng = random.Random(seed)
    start = datetime(2026, 1, 5, 8, tzinfo=UTC)
    for number in range(count):
        sentences = [rng.choice(_OPENINGS), rng.choice(_MATTERS)]
        if rng.random() < 0.3:
            sentences.append(rng.choice(_PERSONAL))
        while sum(len(sentence.split()) for sentence in sentences) < 85:
            sentences.append(rng.choice(_FILLERS))
        turns = [
            {"role": "agent", "text": "Thank you for calling, how can I help you today?"},
            {"role": "customer", "text": " ".join(sentences)},
        ]
        at = (start + timedelta(minutes=rng.randrange(60 * 24 * 180))).isoformat()
        row = {"id": f"s-{number}", "channel": "call", "started_at": at, "customer": f"c-{rng.randrange(count)}", "turns": turns}
        yield json.dumps(row)


def run(count: int, seed: int = 1) -> tuple[Measured, Measured]:
    """Makes a workspace of ``count`` interactions and runs ingest, then analyse and route; returns both measurements."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in ("taxonomy.toml", "ownership.toml"):
            (folder / file).write_bytes((resource("sample_data") / file).read_bytes())
        (folder / "insights.toml").write_text(
            '[workspace]\ntimezone = "Europe/Dublin"\n[[source]]\nname = "calls"\npath = "calls.jsonl"\n'
            '[destination.folder]\ntype = "folder"\npath = "out"\n'
        )
        (folder / "pipelines").mkdir()
        (folder / "pipelines" / "bench.toml").write_text('name = "bench"\nsteps = ["ingest", "analyse", "route"]\n')
        with (folder / "calls.jsonl").open("w", encoding="utf-8") as handle:
            handle.writelines(line + "\n" for line in interactions(count, seed))
        return insights("--workspace", name, "run", "bench"), insights("--workspace", name, "run", "bench")


def report(counts: tuple[int, ...] = (10_000, 50_000)) -> None:
    """Prints a line a size and the ratio of memory."""
    peaks = []
    for count in counts:
        first, again = run(count)
        peaks.append(first.peak_mib)
        print(
            f"{count:7,d} interactions of 100 words, ingested, redacted, analysed, routed, stored: {first.seconds:6.1f} s, "
            f"{count / first.seconds:6.0f} a second, peak {first.peak_mib:5.0f} MiB over all processes; the same again {again.seconds:.1f} s"
        )
    if len(peaks) == 2:
        print(f"memory at {counts[1]:,d} over memory at {counts[0]:,d}: {peaks[1] / peaks[0]:.2f}")
