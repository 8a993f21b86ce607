"""One record of a source becomes one interaction, or is refused with a reason."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from insights.domain import Interaction, Role, Turn, Visibility, interaction_id
from insights.readers.options import ReadOptions
from insights.readers.plan import SINGLE, Plan
from insights.readers.speakers import UNKNOWN_ROLE, name_meta, role_of_label, speaker_order, visibility_of
from insights.readers.times import BadTimeError, Moment, read_time, shape_of
from insights.readers.values import RefusedError, as_meta, label, words

NO_TEXT = "no text"
NO_ID = "no id"
TURN_TIME_DROPPED = "unusable time of a turn dropped"
EMPTY_TURN_DROPPED = "empty turn dropped"

_FIELD_CONSTANTS = frozenset({*SINGLE, "role", "visibility"})
_LONGEST_KEY = 100

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """A turn before roles are settled.

    Attributes:
        text: The words.
        role: None where nothing says who speaks.
        label: The source's word for who speaks, to tell two unknown speakers apart; may be empty.
        name: The label where it may be a person's name.
        at: When, UTC, or None.
        visibility: Public unless the source says otherwise.
    """

    text: str
    role: Role | None
    label: str = ""
    name: str = ""
    at: datetime | None = None
    visibility: Visibility = Visibility.PUBLIC


def interaction_of(
    fields: Fields,
    plan: Plan,
    options: ReadOptions,
    *,
    place: str,
    channel: str,
    repairs: Sequence[str] = (),
    rows: Sequence[Fields] = (),
    said: Sequence[Said] = (),
) -> Interaction:
    """Builds an interaction from a record.

    Args:
        fields: Source field to value.
        plan: What the fields mean.
        options: Of the feed.
        place: The record's place, its id where the source gives none.
        channel: Channel where record, mapping and feed name none.
        repairs: What was mended in the record so far.
        rows: The rows of its turns, in order (layout turn).
        said: What was said, where the format tells it apart from the fields.

    Raises:
        RefusedError: The record cannot be read.
    """
    mended: dict[str, None] = dict.fromkeys(repairs)
    if options.trace is not None:
        for name in fields:
            options.trace.uses.setdefault(name, plan.use_of(name))
    single = {name: _single(name, fields, plan, mended) for name in ("id", "channel", "customer", "product", "queue", "language")}
    reference = single["id"] or ("" if plan.needs_id else place)
    if not reference:
        raise RefusedError(NO_ID)
    zoned: list[bool] = []
    started_at = _started_at(fields, plan, rows, mended, zoned)
    said = said or _said(fields, plan, rows, mended, zoned)
    meta = _meta(fields, plan, mended)
    if any(zoned) and plan.zone is not None:
        if "timezone" in meta:
            meta["source_timezone"] = meta["timezone"]
        meta["timezone"] = f"declared {plan.zone.key}"
    turns, speakers = _turns(said, mended)
    for name, value in speakers.items():
        meta.setdefault(name, value)
    return Interaction(
        id=interaction_id(options.source, reference),
        source=options.source,
        source_ref=reference,
        received_at=options.received_at,
        channel=(single["channel"] or options.channel or channel).casefold(),
        turns=turns,
        started_at=started_at,
        language=single["language"] or None,
        customer_ref=single["customer"] or None,
        product=single["product"] or None,
        queue=single["queue"] or None,
        meta={name: meta[name] for name in sorted(meta)},
        repairs=tuple(mended),
    )


def _turns(said: Sequence[Said], repairs: dict[str, None]) -> tuple[tuple[Turn, ...], dict[str, str]]:
    """The turns that hold words, and what ``meta`` should keep of their speakers."""
    spoken = [one for one in said if one.text]
    if not spoken:
        raise RefusedError(NO_TEXT)
    if len(spoken) < len(said):
        repairs[EMPTY_TURN_DROPPED] = None
    roles, speakers = _settle_roles(spoken)
    paired = enumerate(zip(spoken, roles, strict=True))
    return tuple(Turn(index, role, one.text, one.at, one.visibility) for index, (one, role) in paired), speakers


def _single(name: str, fields: Fields, plan: Plan, repairs: dict[str, None]) -> str:
    column = plan.fields.get(name)
    found = label(fields.get(column), name, repairs) if column else ""
    return found or plan.constants.get(name, "")


def _moment(value: object, plan: Plan, repairs: dict[str, None], zoned: list[bool]) -> Moment | None:
    moment = read_time(value, zone=plan.zone, date_format=plan.date_format)
    if moment is not None:
        zoned.append(moment.used_zone)
        if moment.repair:
            repairs[moment.repair] = None
    return moment


def _started_at(fields: Fields, plan: Plan, rows: Sequence[Fields], repairs: dict[str, None], zoned: list[bool]) -> datetime | None:
    column = plan.fields.get("started_at")
    values = [row.get(column) for row in rows or [fields]] if column else []
    if not any(value not in (None, "") for value in values):
        values = [plan.constants.get("started_at")]
    try:
        moments = [_moment(value, plan, repairs, zoned) for value in values]
    except BadTimeError as error:
        raise RefusedError(f"started_at: {error.reason}") from error
    return min((moment.at for moment in moments if moment is not None), default=None)


def _said(fields: Fields, plan: Plan, rows: Sequence[Fields], repairs: dict[str, None], zoned: list[bool]) -> list[Said]:
    if rows:
        return [_said_by_row(row, plan, repairs, zoned) for row in rows]
    listed = _turn_list(fields.get(plan.turns)) if plan.turns else None
    if listed:
        return [_said_by_row(_as_object(item, plan), plan, repairs, zoned) for item in listed]
    role = _role(fields, plan, repairs)[0] if plan.layout == "interaction" else _constant_role(plan)
    return [Said(_text(fields, plan, repairs), role or Role.CUSTOMER, visibility=_visibility(fields, plan, repairs))]


def _turn_list(value: object) -> Sequence[object] | None:
    """The list of turns: as it is, or written as JSON in a text cell."""
    if isinstance(value, str) and value.strip():
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise RefusedError("turns: expected a list of turns, got text that is no JSON") from error
    if value is None or value == "":
        return None
    if not isinstance(value, list | tuple):
        raise RefusedError(f"turns: expected a list of turns, got {shape_of(value)}")
    return value


def _as_object(item: object, plan: Plan) -> Fields:
    if isinstance(item, str):
        return {plan.text[0]: item}
    if not isinstance(item, Mapping):
        raise RefusedError(f"turns: expected turns of role and text, got {shape_of(item)}")
    return item


def _said_by_row(row: Fields, plan: Plan, repairs: dict[str, None], zoned: list[bool]) -> Said:
    role, speaker, name = _role(row, plan, repairs)
    try:
        moment = _moment(row.get(plan.at), plan, repairs, zoned) if plan.at else None
    except BadTimeError:
        # The time of the contact is checked apart and costs the record; that of one turn inside it does not.
        repairs[TURN_TIME_DROPPED] = None
        moment = None
    return Said(_text(row, plan, repairs), role, speaker, name, moment.at if moment else None, _visibility(row, plan, repairs))


def _role(row: Fields, plan: Plan, repairs: dict[str, None]) -> tuple[Role | None, str, str]:
    """A turn's role, the label it has in the source, and that label once more where it may be a name."""
    given = row.get(plan.role) if plan.role else None
    if given is not None and given != "":
        text = words(given, "role", repairs) if isinstance(given, str) else ""
        role = plan.roles.get(text.casefold())
        if role is None:
            repairs[UNKNOWN_ROLE] = None
        return role or Role.UNKNOWN, text, ""
    speaker = row.get("speaker") if plan.layout == "nested" and not plan.mapped_role else None
    if isinstance(speaker, str) and speaker.strip():
        text = " ".join(words(speaker, "speaker", repairs).split())
        role = role_of_label(text, plan.roles)
        return role, text, "" if role else text
    return _constant_role(plan), "", ""


def _constant_role(plan: Plan) -> Role | None:
    constant = plan.constants.get("role")
    return plan.roles.get(constant.casefold()) if constant else None


def _settle_roles(said: Sequence[Said]) -> tuple[list[Role], dict[str, str]]:
    """Roles of all turns, and what is known of speakers whose role is not.

    Where nothing at all says who speaks the first turn is the customer's; the rest is for role inference.
    """
    labels = [one.label for one in said]
    if all(one.role is None for one in said) and len(set(labels)) == 1:
        return [Role.CUSTOMER if index == 0 else Role.UNKNOWN for index in range(len(said))], {}
    roles = [one.role or Role.UNKNOWN for one in said]
    meta = name_meta([one.name for one in said])
    if Role.UNKNOWN in roles and all(labels) and (order := speaker_order(labels)):
        meta["speakers"] = order
    return roles, meta


def _text(row: Fields, plan: Plan, repairs: dict[str, None]) -> str:
    return "\n\n".join(found for name in plan.text if (found := words(row.get(name), "text", repairs)))


def _visibility(row: Fields, plan: Plan, repairs: dict[str, None]) -> Visibility:
    value = row.get(plan.visibility) if plan.visibility else None
    visibility, repair = visibility_of(plan.constants.get("visibility") if value is None else value, plan.visibility or "")
    if repair:
        repairs[repair] = None
    return visibility


def _meta(fields: Fields, plan: Plan, repairs: dict[str, None]) -> dict[str, str]:
    """Every field that is neither used nor ignored, as text; names of people under keys that begin with ``name``."""
    meta: dict[str, str] = {}
    has_turns = plan.layout == "nested" and bool(plan.turns and fields.get(plan.turns))
    for name, value in fields.items():
        is_spare = has_turns and name in plan.text
        if name in plan.used and name not in plan.names and not is_spare:
            continue
        if plan.has_meta and name == "meta" and isinstance(value, Mapping):
            continue
        _put(meta, name, value, plan, repairs)
    further = fields.get("meta") if plan.has_meta else None
    for name, value in further.items() if isinstance(further, Mapping) else ():
        _put(meta, name, value, plan, repairs)
    for name, value in plan.constants.items():
        if name not in _FIELD_CONSTANTS:
            _put(meta, name, value, plan, repairs)
    return meta


def _put(meta: dict[str, str], name: object, value: object, plan: Plan, repairs: dict[str, None]) -> None:
    if name in plan.ignored:
        return
    if found := as_meta(value, repairs):
        key = as_meta(name, repairs)[:_LONGEST_KEY] or "unnamed"
        is_name = name in plan.names and not key.startswith("name")
        meta[f"name_{key}" if is_name else key] = found
