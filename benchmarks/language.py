"""Is another language recognised, and English never taken for one? Against short texts of our own; and how long telling takes."""

from __future__ import annotations

import time
from collections import Counter

from benchmarks.labelled_rows import WRITTEN, rows, share
from insights.text.language import ENGLISH, language_of_text

_LONG = "My order has not arrived and nobody answers when I call about the refund you promised me two weeks ago. " * 5


def report() -> None:
    """Prints the shares by when the lines were written, then microseconds a text."""
    for written in WRITTEN:
        labelled = rows("languages", written)
        said = [(row["language"], language_of_text(row["text"]), row["text"]) for row in labelled]
        english = [(told, text) for language, told, text in said if language == ENGLISH]
        other = [(language, told) for language, told, _ in said if language != ENGLISH]
        print(
            f"-- written {written} the threshold was set: {len(english)} English texts, {len(other)} in {len({code for code, _ in other})} other languages"
        )
        print(f"  English taken for another language {share([told not in (ENGLISH, None) for told, _ in english])}")
        print(
            f"  another language set apart {share([told not in (ENGLISH, None) for _, told in other])}, named rightly {share([told == code for code, told in other])}"
        )
        print(f"  always English would be right in {len(english) / len(labelled):.3f}")
        for told, text in english:
            if told not in (ENGLISH, None):
                print(f"    taken for {told}: {text}")
        missed = Counter(code for code, told in other if told in (ENGLISH, None))
        print("    not set apart: " + (", ".join(f"{code} {count}" for code, count in missed.most_common()) or "none"))
    print(
        f"100 words of English {_microseconds(_LONG):.0f} µs, without function words {_microseconds('broken router late parcel ' * 25):.0f} µs a text"
    )


def _microseconds(text: str, times: int = 300) -> float:
    language_of_text(text)
    began = time.process_time()
    for _ in range(times):
        language_of_text(text)
    return (time.process_time() - began) / times * 1e6
