"""Rivals with their roles, names that are everyday words, and subjects, against sentences of our own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from benchmarks.labelled_rows import WRITTEN, rows, share
from insights.classify.annotate import Annotator
from insights.classify.patterns import PatternMatcher
from insights.classify.phrases import tokens_of
from insights.classify.rivals import Rival, best_rival
from insights.classify.subjects import subject_of
from insights.classify.taxonomy import compile_taxonomy
from insights.config.models import CompetitorRule, Taxonomy
from insights.domain import Interaction, Kind, RivalRole, Role, Sentence, Turn
from insights.text.segment import Segmenter

Row = Mapping[str, Any]
_ADDING = {"of", "to", "in", "on", "for", "with", "at", "from", "by"}


def report() -> None:
    """Prints all figures, for the lines written before and after the rules."""
    for written in WRITTEN:
        print(f"-- written {written} the rules" + (" (tuned on)" if written == "before" else " (never tuned on)"))
        _report_rivals(rows("rivals", written))
        if names := rows("names", written):
            _report_names(names)
        _report_subjects(rows("subjects", written))


def _report_rivals(labelled: Sequence[Row]) -> None:
    spoken = [row for row in labelled if row["rival"]]
    found = [_rival(row["text"], certain=True) for row in spoken]
    roles = [rival is not None and rival.role == row["role"] for row, rival in zip(spoken, found, strict=True)]
    names = [(_words(rival.name) if rival else [], _words(row["rival"])) for row, rival in zip(spoken, found, strict=True)]
    majority, most = Counter(row["role"] for row in spoken).most_common(1)[0]
    print(f"rivals: {len(spoken)} contacts of one, {len(labelled) - len(spoken)} near misses")
    print(f"  role {share(roles)}; always {majority} would be {most / len(spoken):.3f}")
    print(
        f"  name exact {share([got == wanted for got, wanted in names])}, sharing a word {share([bool({*got} & {*wanted}) for got, wanted in names])}"
    )
    for role in RivalRole:
        own = [right for right, row in zip(roles, spoken, strict=True) if row["role"] == role]
        print(f"    {role}: {share(own)} of {len(own)}")
    print(
        f"  near misses taken for rivals {share([_rival(row['text'], certain=False) is not None for row in labelled if not row['rival']])}"
    )


def _rival(text: str, *, certain: bool) -> Rival | None:
    contact = Interaction("x", "x", "x", datetime(2026, 1, 1, tzinfo=UTC), "chat", (Turn(0, Role.CUSTOMER, text),))
    sentences = [(sentence.text, tokens_of(sentence.text), ()) for sentence in Segmenter().sentences(contact)]
    return best_rival(sentences, certain=certain)


def _report_names(labelled: Sequence[Row]) -> None:
    said = [_counts(row["declared"], row["text"]) for row in labelled]
    right = [got for got, row in zip(said, labelled, strict=True) if row["meant"]]
    wrong = [got for got, row in zip(said, labelled, strict=True) if not row["meant"]]
    print(
        f"declared names that are everyday words: seen where meant {share(right)} of {len(right)}, where not {share(wrong)} of {len(wrong)}"
    )


def _counts(name: str, text: str) -> bool:
    taxonomy = compile_taxonomy(Taxonomy(competitor={"rival": CompetitorRule(label=name)}))
    row = Annotator().read(Sentence(0, 0, len(text), text, Role.CUSTOMER))
    return bool(PatternMatcher(taxonomy).find([row]))


def _report_subjects(labelled: Sequence[Row]) -> None:
    said = [subject_of(Kind(row["kind"]), row["text"], tokens_of(row["text"])) for row in labelled]
    exact = [any(_words(got) == _words(wanted) for wanted in row["subjects"]) for got, row in zip(said, labelled, strict=True)]
    heads = [
        same or _head(got) in {word for wanted in row["subjects"] for word in _words(wanted)}
        for same, got, row in zip(exact, said, labelled, strict=True)
    ]
    guess, most = Counter(word for row in labelled for word in {_head(wanted) for wanted in row["subjects"]}).most_common(1)[0]
    print(f"subjects: {len(labelled)} sentences of evidence")
    print(f'  exact {share(exact)}, head word {share(heads)}; always "{guess}" would be {most / len(labelled):.3f}')
    for kind in Kind:
        own = [right for right, row in zip(heads, labelled, strict=True) if row["kind"] == kind]
        if own:
            print(f"    {kind}: head word {share(own)} of {len(own)}")


def _words(text: str) -> list[str]:
    """Words without case and without the s of a plural."""
    words = re.findall(r"\w+", text.lower())
    return [word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in words]


def _head(text: str) -> str:
    """The word a name of a thing hangs on: the last before what is added to it."""
    words = _words(text)
    end = next((place for place, word in enumerate(words) if place and word in _ADDING), len(words))
    return words[end - 1] if words else ""
