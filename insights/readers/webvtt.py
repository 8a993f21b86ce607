"""WebVTT transcripts as Teams, Zoom and Whisper write them: one file, one interaction.

Speakers are told by ``<v Name>`` (Teams), ``Name: `` (Zoom) or ``[SPEAKER_00]: `` (diarised Whisper). Consecutive cues of a
speaker are one turn; where nobody is named, cues are joined until a pause of two seconds. Cues carry offsets only, so the
start of the contact comes from a ``NOTE`` of ``name: value`` lines or from a time in the file's name; without either the
contact has no time.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from insights.domain import Reading, Role
from insights.readers.encoding import decode_whole
from insights.readers.opening import TooLargeError, opened, refused, whole
from insights.readers.options import ReadOptions
from insights.readers.plan import plan_for
from insights.readers.speech import Utterance, label_and_words, labels_among, reading_of_speech, speaker_and_words

NAME = "webvtt"

LONGEST = 16 * 1024 * 1024
"""Bytes of a transcript."""

PAUSE_S = 2.0
BROKEN_CUE = "cue without a readable time"

_TIMING = re.compile(r"^\s*((?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3})\s*-->\s*((?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3})")
_VOICE = re.compile(r"<v(?:\.[\w-]{1,40}){0,9}\s{1,9}([^<>]{0,200})>")
_TAG = re.compile(r"</?(?:[a-z]{1,10}(?:\.[\w-]{1,40}){0,9}(?:\s[^<>]{0,200})?|\d[\d:.]{0,15})/?>", re.IGNORECASE)
_NOTE_FIELD = re.compile(r"^([A-Za-z][\w -]{0,39}):\s*(.*)$")
_MAGIC = re.compile(r"^WEBVTT(?:[ \t\n]|$)")


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue: seconds from the start, and its lines with markup."""

    start_s: float
    end_s: float
    lines: tuple[str, ...]


def sniff(head: bytes) -> bool:
    """Whether the content begins with the word WEBVTT."""
    return bool(_MAGIC.match(decode_whole(head[:200])[0].replace("\r", "\n").lstrip("\ufeff")))


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
    mended = dict.fromkeys(repairs)
    fields, cues = _parse(text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff"), mended)
    spoken = _utterances(cues, plan.roles)
    yield reading_of_speech(spoken, fields, plan, options, path=path, raw=raw, repairs=mended)


def _parse(text: str, repairs: dict[str, None]) -> tuple[dict[str, str], list[Cue]]:
    """The fields of notes and the cues of a file."""
    fields: dict[str, str] = {}
    cues: list[Cue] = []
    for number, block in enumerate(re.split(r"\n[ \t]*\n+", text)):
        lines = [line for line in block.split("\n") if line.strip()]
        if not lines:
            continue
        if number == 0 or lines[0].startswith("NOTE"):
            fields.update(_fields(lines[1:] if number == 0 or lines[0].strip() == "NOTE" else [lines[0][4:].strip(), *lines[1:]]))
            if number:
                continue
        if lines[0].startswith(("STYLE", "REGION")):
            continue
        cues += _cues(lines, repairs, is_header=number == 0)
    return fields, cues


def _fields(lines: Sequence[str]) -> dict[str, str]:
    found = (_NOTE_FIELD.match(line.strip()) for line in lines if "-->" not in line)
    return {match[1].strip().lower().replace(" ", "_").replace("-", "_"): match[2].strip() for match in found if match}


def _cues(lines: list[str], repairs: dict[str, None], *, is_header: bool) -> list[Cue]:
    """The cues of a block: one, or more where a blank line between them is missing."""
    places = [place for place, line in enumerate(lines) if "-->" in line]
    if not places:
        if not is_header:
            repairs[BROKEN_CUE] = None
        return []
    cues = []
    for place, following in zip(places, [*places[1:], len(lines)], strict=True):
        timing = _TIMING.match(lines[place])
        if timing is None:
            repairs[BROKEN_CUE] = None
            continue
        said = lines[place + 1 : following]
        if following < len(lines) and said and re.fullmatch(r"[\w/-]{1,80}", said[-1].strip()):
            said = said[:-1]
        cues.append(Cue(_seconds(timing[1]), _seconds(timing[2]), tuple(said)))
    return cues


def _seconds(stamp: str) -> float:
    total = 0.0
    for part in stamp.replace(",", ".").split(":"):
        total = 60 * total + float(part)
    return total


def _utterances(cues: Sequence[Cue], roles: Mapping[str, Role]) -> list[Utterance]:
    """What was said, with consecutive cues of a speaker joined."""
    parts = [(cue, speaker, text) for cue in cues for speaker, text in _voices(cue)]
    splits = (label_and_words(text) for _, speaker, text in parts if not speaker)
    labels = labels_among((split[0] for split in splits if split), roles)
    joined: list[tuple[str, float, list[str]]] = []
    ended_s, current = 0.0, ""
    for cue, speaker, text in parts:
        if not speaker:
            speaker, text = speaker_and_words(text, labels)
            # Some exports name a speaker only where the speaker changes.
            speaker = speaker or (current if labels else "")
        if not text:
            continue
        goes_on = joined and joined[-1][0] == speaker and (speaker or cue.start_s - ended_s < PAUSE_S)
        if goes_on:
            joined[-1][2].append(text)
        else:
            joined.append((speaker, cue.start_s, [text]))
        ended_s, current = cue.end_s, speaker
    return [Utterance(speaker, " ".join(texts), start_s) for speaker, start_s, texts in joined]


def _voices(cue: Cue) -> list[tuple[str, str]]:
    """Speaker and plain words of each voice in a cue; no speaker where none is marked."""
    pieces = _VOICE.split("\n".join(cue.lines))
    named = zip(["", *pieces[1::2]], pieces[0::2], strict=True)
    return [(_plain(speaker), text) for speaker, marked in named if (text := _plain(marked))]


def _plain(marked: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", marked)).split())
