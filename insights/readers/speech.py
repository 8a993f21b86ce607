"""Transcripts of one contact a file: labels in front of words, times of offsets, and times in file names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from insights.domain import Reading, Role
from insights.readers.opening import refused
from insights.readers.options import ReadOptions
from insights.readers.plan import Plan
from insights.readers.record import NO_TEXT, Said, interaction_of
from insights.readers.speakers import role_of_label
from insights.readers.times import BadTimeError, read_time
from insights.readers.values import RefusedError, mend

_LABEL = re.compile(r"^\s*\[?([^\s:\[\]<>,;|\"'][^:\[\]<>,;|\t\"]{0,39}?)\]?\s*:(?:\s+|$)(.*)$", re.DOTALL)
# Words in front of a colon that are part of what is said.
_NO_LABEL = re.compile(
    r"^(?:https?|note|notes|nb|ps|p\.s\.|re|fw|fwd|subject|warning|attention|update|edit|question|answer|example|e\.g\.|i\.e\.|todo|tip|error)$",
    re.IGNORECASE,
)
_FILE_TIME = re.compile(
    r"(?<!\d)(?P<zoom>GMT)?(?P<y>20\d\d)-?(?P<m>[01]\d)-?(?P<d>[0-3]\d)"
    r"(?:[T_ -]?(?P<H>[0-2]\d)[:.h_-]?(?P<M>[0-5]\d)(?:[:._-]?(?P<S>[0-5]\d))?(?P<utc>_?Z|_?UTC)?)?(?!\d)"
)
_FULL_NAME = re.compile(r"^[^\W\d_a-z]\w*\.?(?: (?:[a-z]{2,3} )?[^\W\d_a-z][\w'’.-]*){1,3}$")
_TAKEN = frozenset({"text", "turns", "meta", "role", "visibility"})


@dataclass(frozen=True, slots=True)
class Utterance:
    """Words of one speaker.

    Attributes:
        speaker: Label, or empty.
        text: The words.
        offset_s: Seconds from the start of the contact, or None.
        at: The time itself where the transcript gives it, as it is written, or empty.
    """

    speaker: str
    text: str
    offset_s: float | None = None
    at: str = ""


def label_and_words(text: str) -> tuple[str, str] | None:
    """Splits ``Name: words``; None where nothing that could be a label stands in front of a colon."""
    found = _LABEL.match(text)
    if found is None:
        return None
    label = " ".join(found[1].split())
    is_short = len(label.split()) <= 5 and not _NO_LABEL.match(label)
    is_label = label[:1].isupper() or role_of_label(label, {}) is not None
    return (label, found[2].strip()) if label and is_short and is_label else None


def labels_among(labels: Iterable[str], roles: Mapping[str, Role]) -> frozenset[str]:
    """Returns which of the words in front of colons are speakers' labels.

    Those that recur and those that name a role are; where there are any, a first and last name that stands once is one too.
    """
    counts = Counter(labels)
    sure = frozenset(label for label, count in counts.items() if count > 1 or role_of_label(label, roles) is not None)
    return sure | frozenset(label for label in counts if _FULL_NAME.match(label)) if sure else sure


def speaker_and_words(text: str, labels: frozenset[str]) -> tuple[str, str]:
    """Returns the speaker, where the text begins with one of ``labels``, and the words."""
    split = label_and_words(text)
    return split if split and split[0] in labels else ("", text)


def reading_of_speech(
    utterances: Sequence[Utterance],
    fields: Mapping[str, str],
    plan: Plan,
    options: ReadOptions,
    *,
    path: Path,
    raw: bytes,
    repairs: dict[str, None],
) -> Reading:
    """Returns the interaction of a transcript, or the file set aside.

    Args:
        utterances: In order.
        fields: What the file says of the contact, by the names of the interchange format; other names go to ``meta``.
        plan: For roles, zone and constants.
        options: Of the feed.
        path: The file; its name is the id and may hold the start where the fields give neither.
        raw: Its bytes.
        repairs: What was mended so far; added to.
    """
    known: dict[str, str] = {f"note_{name}" if name in _TAKEN else name: value for name, value in fields.items()}
    reference = options.reference(path)
    if not known.get("started_at"):
        written = next((one.at for one in utterances if one.at), "") or _time_in_name(path.name, plan, options)
        if written:
            known["started_at"] = written
    try:
        said = [_said(one, _start(known, plan), plan, repairs) for one in utterances]
        if not said:
            raise RefusedError(NO_TEXT)
        place = reference.rsplit(".", 1)[0] if "." in Path(reference).name else reference
        return interaction_of(known, plan, options, place=place, channel="call", repairs=tuple(repairs), said=said)
    except RefusedError as error:
        return refused(str(path), error.reason, raw)


def _start(fields: Mapping[str, str], plan: Plan) -> datetime | None:
    try:
        moment = read_time(fields.get("started_at"), zone=plan.zone, date_format=plan.date_format)
    except BadTimeError as error:
        raise RefusedError(f"started_at: {error.reason}") from error
    return moment.at if moment else None


def _said(one: Utterance, start: datetime | None, plan: Plan, repairs: dict[str, None]) -> Said:
    role = role_of_label(one.speaker, plan.roles) if one.speaker else Role.UNKNOWN
    at = None
    if one.at:
        try:
            moment = read_time(one.at, zone=plan.zone, date_format=plan.date_format)
            at = moment.at if moment else None
        except BadTimeError:
            at = None
    elif start is not None and one.offset_s is not None:
        at = start + timedelta(seconds=one.offset_s)
    text = mend(one.text, repairs).strip()
    return Said(text, role or Role.UNKNOWN, mend(one.speaker, repairs), "" if role else mend(one.speaker, repairs), at)


def _time_in_name(name: str, plan: Plan, options: ReadOptions) -> str:
    """The time a file's name tells, if it can be used; a name is no field, so one that cannot costs nothing."""
    found = _FILE_TIME.search(name)
    if found is None or int(found["y"]) > options.received_at.year + 1:
        return ""
    written = f"{found['y']}-{found['m']}-{found['d']}"
    if found["H"]:
        written += f"T{found['H']}:{found['M']}:{found['S'] or '00'}" + ("+00:00" if found["zoom"] or found["utc"] else "")
    try:
        read_time(written, zone=plan.zone)
    except BadTimeError:
        return ""
    if options.trace is not None:
        options.trace.note("started_at from the file's name")
    return written
