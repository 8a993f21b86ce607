"""Who contacts the company when, where and about what: the calendar of the half-year with its planted stories."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from making.banks import Matter, Plain, Texts
from making.dice import Dice
from making.people import Agent, Person, agents, make_people

START, WEEKS, ZONE = date(2026, 3, 2), 26, ZoneInfo("Europe/Dublin")
CHANNELS = {"call": 2000.0, "chat": 1500.0, "email": 1000.0, "ticket": 900.0, "note": 600.0}
SOURCES = {"call": "calls", "chat": "chats", "email": "emails", "ticket": "tickets", "note": "notes"}
_WEEKDAYS = (1.25, 1.12, 1.05, 1.0, 0.98, 0.55, 0.4)
_FIRST_WEEK, _GROWTH, _CUSTOMERS = 207.0, 1.45, 3500
_NO_INSIGHT, _SECOND = 1000.0, 0.2
_HOURS = {8: 6.0, 9: 10.0, 10: 11.0, 11: 10.0, 12: 8.0, 13: 8.0, 14: 8.0, 15: 8.0, 16: 9.0, 17: 9.0, 18: 8.0, 19: 5.0}


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact before it is put into words."""

    number: int
    ref: str
    source: str
    channel: str
    started: datetime
    person: Person
    known: bool
    agent: Agent
    matters: tuple[Matter, ...]
    plain: Plain | None
    stories: tuple[str, ...]


class Sheet:
    """The story sheet: what is planted when."""

    def __init__(self, file: Path) -> None:
        """Reads ``stories.toml``."""
        self._table: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))

    @property
    def stories(self) -> list[dict[str, Any]]:
        """The stories."""
        return list(self._table["story"])

    def factor(self, day: date) -> float:
        """Returns by how much a jump of all contacts multiplies the day's volume."""
        return next((jump["factor"] for jump in self._table["jump"] if jump["from"] <= day <= jump["to"]), 1.0)

    def rate(self, topic: str, day: date, otherwise: float) -> float:
        """Returns contacts per 1,000 about a matter on a day: the sheet's where it has one, else the matter's own."""
        for story in self.stories:
            for part in story.get("rate", []):
                if story["matter"] == topic and part["from"] <= day <= part["to"]:
                    first = float(part["per_1000"])
                    return first + (float(part.get("to_per_1000", first)) - first) * _share(part, day)
        return otherwise

    def extra(self, day: date) -> list[tuple[str, str, float]]:
        """Returns contacts beyond the day's volume: matter, region, mean count."""
        parts = ((story, part) for story in self.stories for part in story.get("extra", []))
        return [(story["matter"], part["region"], float(part["contacts"])) for story, part in parts if part["on"] == day]

    def told_by(self, matters: tuple[Matter, ...], day: date, region: str) -> tuple[str, ...]:
        """Returns the stories a contact belongs to."""
        keys = {matter.key for matter in matters}
        return tuple(
            story["key"]
            for story in self.stories
            if story["matter"] in keys and story["from"] <= day <= story["to"] and story.get("region", region) == region
        )


def make_plan(texts: Texts, sheet: Sheet, seed: int) -> list[Contact]:
    """Returns all contacts in order of time."""
    planner = _Planner(texts, sheet, seed)
    for offset in range(WEEKS * 7):
        planner.add_day(START + timedelta(days=offset))
    return planner.contacts()


class _Planner:
    def __init__(self, texts: Texts, sheet: Sheet, seed: int) -> None:
        self._texts, self._sheet, self._seed = texts, sheet, seed
        self._people = make_people(seed, _CUSTOMERS)
        self._of_region = {region: [p for p in self._people if p.region == region] for region in {p.region: 0 for p in self._people}}
        self._agents = agents()
        self._before: defaultdict[str, list[tuple[date, Person]]] = defaultdict(list)
        self._drafts: list[tuple[datetime, int, str, Person, tuple[Matter, ...], Plain | None, Dice]] = []

    def add_day(self, day: date) -> None:
        dice = Dice(self._seed, "day", day)
        week = (day - START).days // 7
        mean = (_FIRST_WEEK + _GROWTH * week) * _WEEKDAYS[day.weekday()] / sum(_WEEKDAYS) * self._sheet.factor(day)
        rates = {key: self._sheet.rate(key, day, matter.rate) for key, matter in self._texts.matters.items()}
        for number in range(dice.poisson(mean)):
            self._add(day, Dice(self._seed, "contact", day, number), rates)
        for key, region, extra in self._sheet.extra(day):
            for number in range(dice.poisson(extra)):
                self._add(day, Dice(self._seed, "extra", day, key, number), {key: 1.0}, region=region)

    def _add(self, day: date, dice: Dice, rates: Mapping[str, float], *, region: str = "") -> None:
        channel = dice.weighted(CHANNELS)
        suited = {key: rate * self._texts.matters[key].channels.get(channel, 1.0) for key, rate in rates.items()}
        if not region:
            suited |= {"": max(0.0, _NO_INSIGHT - sum(suited.values()))}
        key = dice.weighted(suited)
        matters = self._with_companion(self._texts.matters[key], dice) if key else ()
        plain = None if matters else dice.pick(self._texts.plain)
        person = self._person(day, dice, matters, region)
        self._drafts.append((_moment(day, dice), len(self._drafts), channel, person, matters, plain, dice))

    def _with_companion(self, first: Matter, dice: Dice) -> tuple[Matter, ...]:
        matters = [first]
        if first.companions and dice.chance(_SECOND):
            matters.append(self._texts.matters[dice.pick(first.companions)])
            if dice.chance(0.12):
                more = [key for key in first.companions if key != matters[1].key]
                matters += [self._texts.matters[dice.pick(more)]] if more else []
        return tuple(matters)

    def _person(self, day: date, dice: Dice, matters: tuple[Matter, ...], region: str) -> Person:
        """Some come back about the same matter; else a customer at random, a few of whom contact more than the others."""
        people = self._of_region[region] if region else self._people
        person = people[int(len(people) * dice.unit() ** 1.35)]
        if matters:
            recent = [p for when, p in self._before[matters[0].key] if 1 <= (day - when).days <= 24 and (not region or p.region == region)]
            if recent and dice.chance(matters[0].follow_up):
                person = dice.pick(recent)
            self._before[matters[0].key].append((day, person))
        return person

    def contacts(self) -> list[Contact]:
        self._drafts.sort(key=lambda draft: draft[:2])
        counts: defaultdict[str, int] = defaultdict(int)
        contacts = []
        for number, (started, _, channel, person, matters, plain, dice) in enumerate(self._drafts):
            counts[channel] += 1
            stories = self._sheet.told_by(matters, started.date(), person.region)
            ref = _ref(channel, counts[channel], started)
            agent, known = dice.pick(self._agents), dice.chance(0.9)
            contacts.append(Contact(number, ref, SOURCES[channel], channel, started, person, known, agent, matters, plain, stories))
        return contacts


def _share(part: Mapping[str, Any], day: date) -> float:
    whole: int = (part["to"] - part["from"]).days
    return float((day - part["from"]).days / whole) if whole else 0.0


def _moment(day: date, dice: Dice) -> datetime:
    moment = time(dice.weighted(_HOURS), dice.between(0, 59), dice.between(0, 59))
    return datetime.combine(day, moment, ZONE)


def _ref(channel: str, number: int, started: datetime) -> str:
    if channel == "email":
        return f"{started:%Y%m%d%H%M%S}.{number:05d}@mail.example.org"
    return {"call": f"CALL-{10_000 + number}", "chat": f"ch-{number:05d}", "ticket": f"TK{400_000 + number}", "note": f"N-{number:05d}"}[
        channel
    ]
