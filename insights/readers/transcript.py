"""Speaker-labelled text: ``Agent: …``, ``[00:12] Customer: …``, ``(10:31:02) Name: …`` or a name and time above the words.

One file is one interaction. A block of ``name: value`` lines before the first blank line is read as its fields when it names
an ``id`` or ``started_at``. Lines without a label go on with the turn before; words before the first label go to ``meta``.
A label is a role, or recurs; so ``Note:`` or a web address in the text starts no turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from insights.domain import Reading, Role
from insights.readers.encoding import decode_whole
from insights.readers.opening import TooLargeError, opened, refused, whole
from insights.readers.options import ReadOptions
from insights.readers.plan import plan_for
from insights.readers.speech import Utterance, label_and_words, labels_among, reading_of_speech

NAME = "transcript"

LONGEST = 16 * 1024 * 1024
"""Bytes of a transcript."""

NO_LABELS = "no speaker labels"

_BRACKETED = re.compile(r"^\s*[\[(]\s*(\d[\dT:.,+Z /-]{3,34})\s*[\])]\s*[-–]?\s*")
_BARE = re.compile(r"^\s*(\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?)\s+[-–]?\s*")
_AFTER_LABEL = re.compile(r"^([^\[(:]{1,40}?)\s*[\[(](\d{1,2}:\d{2}(?::\d{2})?)[\])]\s*:")
_NAME_ABOVE = re.compile(r"^\s*([^\W\d][^\t:,;|]{0,39}?)(?:\t+| {2,})(\d{1,2}:\d{2}(?::\d{2})?)\s*$")
_OFFSET = re.compile(r"^(?:(\d{1,2}):)?(\d{1,2}):(\d{2})(?:[.,](\d+))?$")
_FIELD = re.compile(r"^([A-Za-z][\w -]{0,39}):\s*(\S.*)$")
_SAMPLE_LINES = 400
_LABEL_ENDS = 300


def sniff(head: bytes) -> bool:
    """Whether the first line has a speaker's label, and at least two lines have."""
    text = decode_whole(head)[0].replace("\r\n", "\n").replace("\r", "\n")
    _, lines = _header(text.lstrip("\ufeff").split("\n")[:_SAMPLE_LINES])
    lines = [line for line in lines if line.strip()]
    labels = _labels(lines, {})
    starts = [split is not None and split[0] in labels for split in map(_split, lines)]
    return bool(starts) and starts[0] and sum(starts) >= 2


def read(path: Path, options: ReadOptions) -> Iterator[Reading]:
    """Yields the one interaction of the file.

    Raises:
        UsageError: The file cannot be opened.
    """
    plan = plan_for(options, has_columns=False)
    try:
        with opened(path) as handle:
            raw = whole(handle, limit=LONGEST)
    except TooLargeError as error:
        yield refused(str(path), error.reason)
        return
    text, repairs, encoding = decode_whole(raw, options.mapping.encoding if options.mapping else None)
    if options.trace is not None:
        options.trace.encoding = encoding
    fields, lines = _header(text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff").split("\n"))
    preamble, utterances = _utterances(lines, plan.roles)
    if not utterances:
        yield refused(str(path), NO_LABELS, raw)
        return
    if preamble:
        fields["preamble"] = preamble
    yield reading_of_speech(utterances, fields, plan, options, path=path, raw=raw, repairs=dict.fromkeys(repairs))


def _header(lines: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The fields in front, if there are any, and the lines after them."""
    fields: dict[str, str] = {}
    for place, line in enumerate(lines[:50]):
        if not line.strip() or line.strip() == "---":
            if {"id", "started_at"} & set(fields):
                return fields, list(lines[place + 1 :])
            break
        found = _FIELD.match(line)
        if found is None:
            break
        fields[found[1].strip().lower().replace(" ", "_").replace("-", "_")] = found[2].strip()
    return {}, list(lines)


def _split(line: str) -> tuple[str, str, str] | None:
    """Label, words and time as written of a line that may begin a turn."""
    line, rest = line[:_LABEL_ENDS], line[_LABEL_ENDS:]
    if not rest and (above := _NAME_ABOVE.match(line)):
        return " ".join(above[1].split()), "", above[2]
    stamp = ""
    if found := _BRACKETED.match(line) or _BARE.match(line):
        stamp, line = found[1].strip(), line[found.end() :]
    elif found := _AFTER_LABEL.match(line):
        stamp, line = found[2], f"{found[1]}:{line[found.end() :]}"
    split = label_and_words(line)
    return (split[0], split[1] + rest, stamp) if split else None


def _labels(lines: Sequence[str], roles: Mapping[str, Role]) -> frozenset[str]:
    splits = [split for line in lines if (split := _split(line))]
    # A name and a time with nothing else on the line can hardly be anything but a label.
    alone = frozenset(label for label, words, stamp in splits if stamp and not words)
    return labels_among((label for label, _, _ in splits), roles) | alone


def _utterances(lines: Sequence[str], roles: Mapping[str, Role]) -> tuple[str, list[Utterance]]:
    """The words before the first label, and the turns."""
    labels = _labels(lines, roles)
    preamble: list[str] = []
    turns: list[tuple[str, str, list[str]]] = []
    for line in lines:
        split = _split(line)
        if split is not None and split[0] in labels:
            turns.append((split[0], split[2], [split[1]]))
        else:
            (turns[-1][2] if turns else preamble).append(line.strip())
    offsets = _offsets([stamp for _, stamp, _ in turns])
    utterances = []
    for (speaker, stamp, texts), offset_s in zip(turns, offsets, strict=True):
        is_full = len(stamp) > 8 and not _OFFSET.match(stamp)
        text = "\n".join(texts).strip()
        if text:
            utterances.append(Utterance(speaker, text, offset_s, stamp if is_full else ""))
    return "\n".join(preamble).strip(), utterances


def _offsets(stamps: Sequence[str]) -> list[float | None]:
    """Seconds from the start of each turn, where the stamps are offsets.

    Stamps that begin within ten minutes of zero and never go back count as offsets; others could be the time of day, of
    which neither date nor zone is known, and are left out.
    """
    found: list[float | None] = []
    for stamp in stamps:
        parts = _OFFSET.match(stamp)
        found.append(3600.0 * int(parts[1] or 0) + 60.0 * int(parts[2]) + int(parts[3]) + float(f"0.{parts[4] or 0}") if parts else None)
    known = [offset for offset in found if offset is not None]
    is_offset = bool(known) and known[0] < 600 and known == sorted(known)
    return found if is_offset else [None] * len(found)
