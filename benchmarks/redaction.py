"""Measures redaction: recall a type, precision and F2 over characters, spans leaking, texts a second.

    python benchmarks/redaction.py GOLD.parquet [--out REDACTED.ndjson]

GOLD has the columns id, text and spans (a list of {start, end, type}, as JSON or nested). Types that do not identify a person (organisations,
places, titles, ages, dates) are neither asked for nor held against.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq

from insights.text.redact import Redactor

NEUTRAL = {"ORGANIZATION", "GPE", "NRP", "TITLE", "AGE", "DATE_TIME", "DOMAIN_NAME", "LOCATION", "PREFIX"}
WORDS_OF_A_TEXT = 100


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--out", type=Path, help="write the redactions as NDJSON")
    options = parser.parse_args()
    rows = pq.read_table(options.gold, columns=["id", "text", "spans"]).to_pylist()
    redactor = Redactor()
    found = [redactor.redact_text(row["text"])[1] for row in rows]
    if options.out:
        with options.out.open("w", encoding="utf-8") as handle:
            for row, spans in zip(rows, found, strict=True):
                redactions = [{"turn": 0, "start": start, "end": end, "type": mark} for start, end, mark in spans]
                handle.write(json.dumps({"id": row["id"], "redactions": redactions}) + "\n")
    score(rows, found)
    print(f"texts of {WORDS_OF_A_TEXT} words a second and core: {speed(redactor, rows):,.0f}")


def score(rows: list[dict], found: list[tuple]) -> None:
    """Prints recall a type, and precision, recall, F2 and leaks in all."""
    hit, total, spans, leaking = Counter(), Counter(), Counter(), Counter()
    covered = covered_rightly = 0
    for row, marks in zip(rows, found, strict=True):
        letters = {at for at, char in enumerate(row["text"]) if char.isalnum()}
        gold = [json.loads(span) if isinstance(span, str) else span for span in _list(row["spans"])]
        neutral = {at for span in gold if span["type"] in NEUTRAL for at in range(span["start"], span["end"])}
        masked = ({at for start, end, _ in marks for at in range(start, end)} & letters) - neutral
        truth = set()
        for span in gold:
            if span["type"] not in NEUTRAL:
                own = set(range(span["start"], span["end"])) & letters
                truth |= own
                hit[span["type"]] += len(own & masked)
                total[span["type"]] += len(own)
                spans[span["type"]] += 1
                leaking[span["type"]] += bool(own - masked)
        covered += len(masked)
        covered_rightly += len(masked & truth)
    for kind, size in total.most_common():
        print(f"{kind:20s} spans {spans[kind]:5d}  recall {hit[kind] / size:.3f}  spans leaking {leaking[kind] / spans[kind]:.3f}")
    precision, recall = covered_rightly / max(1, covered), sum(hit.values()) / sum(total.values())
    f2 = 5 * precision * recall / (4 * precision + recall)
    print(
        f"all  precision {precision:.3f}  recall {recall:.3f}  F2 {f2:.3f}  spans leaking {sum(leaking.values()) / sum(spans.values()):.3f}"
    )


def speed(redactor: Redactor, rows: list[dict]) -> float:
    """Returns texts of a hundred words a second: the gold texts, joined and cut to that length."""
    words = " ".join(row["text"] for row in rows).split(" ")
    texts = [" ".join(words[at : at + WORDS_OF_A_TEXT]) for at in range(0, len(words), WORDS_OF_A_TEXT)]
    began = time.process_time()
    for text in texts:
        redactor.redact_text(text)
    return len(texts) / (time.process_time() - began)


def _list(value: object) -> list:
    return json.loads(value) if isinstance(value, str) else list(value)  # type: ignore[call-overload]


if __name__ == "__main__":
    main()
