"""Speed of the three efforts, redaction included, beside presidio + sentence-transformers + logistic regression in one run.

The peer needs packages that the product does not, so it runs under an interpreter that has them: ``--peer PYTHON --peer-model FOLDER``.
Both sides have loaded everything before the clock starts, and both may use all cores.
"""

from __future__ import annotations

import json
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.scale import interactions
from insights.domain import Effort, Interaction, Role, Turn, interaction_id
from insights.flow.analyse import analyse_stream
from insights.flow.stateless import recipe

PEER = Path(__file__).with_name("peer.py")
LENGTHS = {100: (4000, 200), 900: (600, 40)}
WARM = 256


def contacts(count: int, words: int) -> list[Interaction]:
    """Invented contacts of about so many words."""
    made = []
    for number, line in enumerate(interactions(count * max(1, words // 100), seed=7)):
        text = json.loads(line)["turns"][1]["text"]
        if number % max(1, words // 100) == 0:
            made.append([text])
        else:
            made[-1].append(text)
    at = datetime(2026, 1, 5, tzinfo=UTC)
    return [
        Interaction(interaction_id("bench", str(n)), "bench", str(n), at, "call", (Turn(0, Role.CUSTOMER, " ".join(texts)),))
        for n, texts in enumerate(made)
    ]


def report(peer: str | None, peer_model: Path | None, workers: int) -> None:
    """Prints interactions a second of each effort, and of the peer where it is named."""
    for words, (ours, theirs) in LENGTHS.items():
        rows = {effort.value: _ours(contacts(ours if effort is Effort.FAST else ours // 2, words), effort, workers) for effort in Effort}
        if peer and peer_model:
            rows["presidio + sentence-transformers"] = _theirs(contacts(theirs, words), peer, peer_model)
        slowest = rows.get("presidio + sentence-transformers")
        for name, rate in rows.items():
            times = f"  {rate / slowest:6.1f} x" if slowest else ""
            print(f"{words} words  {name:34} {rate:9.1f} a second{times}")


def _ours(made: list[Interaction], effort: Effort, workers: int) -> float:
    """Interactions a second once the processes are warm."""
    stream = analyse_stream(made, recipe(None, effort), protected=(), key=b"benchmark", workers=workers)
    start, first = 0.0, 0
    for number, _ in enumerate(stream, start=1):
        if not start and number >= WARM:
            start, first = time.perf_counter(), number
    return (len(made) - first) / (time.perf_counter() - start)


def _theirs(made: list[Interaction], peer: str, model: Path) -> float:
    texts = json.dumps([interaction.turns[0].text for interaction in made])
    done = subprocess.run([peer, str(PEER), str(model)], input=texts, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.strip().splitlines()[-1])
    print(
        f"   peer: {found['texts']} texts, redaction {found['redact_s']:.1f} s, encoding and classes {found['encode_and_classify_s']:.1f} s"
    )
    return float(found["texts"] / (found["redact_s"] + found["encode_and_classify_s"]))
