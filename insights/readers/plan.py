"""A mapping made ready: which source field becomes what, checked against the columns there are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from insights.config.models import Columns
from insights.domain import Role
from insights.errors import UsageError, nearest
from insights.readers.options import ReadOptions
from insights.readers.speakers import role_words
from insights.readers.times import zone_named

SINGLE = ("id", "started_at", "channel", "customer", "product", "queue", "language")
"""Fields of an interaction that one column holds."""

_SHOWABLE = re.compile(r"^[^\W\d][\w .:/()\[\]-]{0,39}$")


@dataclass(frozen=True, slots=True)
class Plan:
    """How a source's records become interactions.

    Attributes:
        layout: ``interaction``, ``turn`` or ``nested``.
        fields: Interaction field (those of ``SINGLE``) to source field.
        text: Source fields of the words; those of a turn in the layouts turn and nested.
        turns: Source field with the list of turns, or None.
        role, at, visibility, turn_index: Source fields of a turn, or None.
        names: Source fields with names of people.
        constants: Fixed values.
        roles: Word to role, casefolded.
        ignored: Source fields left out by name.
        zone: Zone of times that carry none, or None.
        date_format: ``strptime`` form of times, or None.
        needs_id: Whether a record without an id is set aside; otherwise its place is the id.
        has_meta: Whether a field ``meta`` holds an object of further fields (the interchange format).
        mapped_role: Whether the mapping names the field of roles.
    """

    layout: str
    fields: Mapping[str, str]
    text: tuple[str, ...]
    turns: str | None
    role: str | None
    at: str | None
    visibility: str | None
    turn_index: str | None
    names: tuple[str, ...]
    constants: Mapping[str, str]
    roles: Mapping[str, Role]
    ignored: frozenset[str]
    zone: ZoneInfo | None
    date_format: str | None
    needs_id: bool
    has_meta: bool
    mapped_role: bool
    used: Mapping[str, str]

    def use_of(self, field: str) -> str:
        """Returns what becomes of a source field, in words."""
        if field in self.ignored:
            return "ignored by name"
        return self.used.get(field, "meta")


def plan_for(options: ReadOptions, columns: Sequence[str] | None = None, *, needs_id: bool = False, has_columns: bool = True) -> Plan:
    """Returns the plan for a source.

    Args:
        options: With or without a mapping. A mapping that names no column leaves the names of the interchange format.
        columns: Names of the columns there are, where the format knows them.
        needs_id: Whether a record without an id is set aside even where no field for it is declared.
        has_columns: False for formats whose fields are fixed, such as mail: the mapping's columns and layout say nothing then.

    Raises:
        UsageError: A mapped column does not exist, or a role, zone or constant is not known.
    """
    mapping = options.mapping
    if mapping is not None and not has_columns:
        mapping = mapping.model_copy(update={"columns": Columns(), "layout": "nested"})
    declared = mapping.columns if mapping else Columns()
    is_declared = bool(declared.model_dump(exclude_defaults=True))
    chosen = declared if is_declared else _by_own_names(columns)
    layout = mapping.layout if mapping and (is_declared or "layout" in mapping.model_fields_set) else _layout_of(chosen, columns)
    if is_declared and columns is not None:
        _check(declared, columns, layout)
    zone = (mapping.timezone if mapping else None) or options.timezone
    text = chosen.text if isinstance(chosen.text, list) else [chosen.text] if chosen.text else []
    nested = layout == "nested"
    turns = chosen.turns or ("turns" if nested else None)
    plan = Plan(
        layout=layout,
        fields={name: column for name in SINGLE if (column := getattr(chosen, name))},
        text=tuple(text) or (("text",) if nested else ()),
        turns=turns,
        role=chosen.role or ("role" if nested else None),
        at=chosen.started_at if layout == "turn" else "at" if nested else None,
        visibility=chosen.visibility or ("visibility" if nested else None),
        turn_index=chosen.turn_index if layout == "turn" else None,
        names=tuple(chosen.names),
        constants=mapping.constants if mapping else {},
        roles=role_words(mapping.roles if mapping else {}),
        ignored=frozenset(mapping.ignore if mapping else ()),
        zone=zone_named(zone),
        date_format=mapping.date_format if mapping else None,
        needs_id=needs_id or (has_columns and chosen.id is not None),
        has_meta=not is_declared,
        mapped_role=is_declared and declared.role is not None,
        used=_uses(chosen, layout, tuple(text), turns),
    )
    _check_constants(plan)
    return plan


def shown_columns(columns: Sequence[str]) -> str:
    """Lists column names for a message; what does not look like a name (a table without a header) is left out."""
    shown = [name for name in columns if _SHOWABLE.match(name)][:12]
    return ", ".join(shown) + (", …" if len(columns) > len(shown) else "") if shown else "none that look like names"


def _by_own_names(columns: Sequence[str] | None) -> Columns:
    """The names of the interchange format, as far as the table has them, without regard to case."""
    own = (*SINGLE, "text", "turns", "role", "turn_index", "visibility")
    if columns is None:
        return Columns(**{name: name for name in (*SINGLE, "text", "turns")})
    found: dict[str, str] = {}
    for column in columns:
        name = column.strip().casefold()
        if name in own:
            found.setdefault(name, column)
    return Columns.model_validate(found)


def _layout_of(chosen: Columns, columns: Sequence[str] | None) -> str:
    if columns is None or chosen.turns:
        return "nested"
    # Rows that say who speaks are turns; a table with one row an interaction reads the same that way.
    return "turn" if chosen.id and (chosen.role or chosen.turn_index) else "interaction"


def _check(declared: Columns, columns: Sequence[str], layout: str) -> None:
    inner = {"text", "role", "visibility"} if layout == "nested" else set()
    for name, value in declared.model_dump(exclude_defaults=True).items():
        for column in [value] if isinstance(value, str) else value:
            if column not in columns and name not in inner:
                likely = nearest(column, [known for known in columns if _SHOWABLE.match(known)])
                raise UsageError(
                    f'the mapping takes {name} from a column "{column}" that does not exist', likely or "look at the table's header"
                )


def _check_constants(plan: Plan) -> None:
    role = plan.constants.get("role")
    if role is not None and role.casefold() not in plan.roles:
        raise UsageError(f'the mapping\'s constant role "{role}" is none', nearest(role, plan.roles))


def _uses(chosen: Columns, layout: str, text: tuple[str, ...], turns: str | None) -> dict[str, str]:
    singles = (*SINGLE, "role", "turn_index", "visibility") if layout != "nested" else SINGLE
    uses = {column: name for name in singles if (column := getattr(chosen, name))}
    uses.update(dict.fromkeys(text, "text"))
    if turns:
        uses[turns] = "turns"
    uses.update((column, "name, for redaction") for column in chosen.names)
    return uses
