"""What writing any contact needs: the grammar bound to its people and dates, its lines of proof, and the findings they earn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from making.banks import Line, Matter, Texts
from making.dice import Dice
from making.grammar import Grammar
from making.people import CARDS, IBANS
from making.plan import Contact

RIVALS = {"Vantelo": 45.0, "Kestrix": 35.0, "Copper": 20.0}
PRIVATE = {"full_name": "NAME", "phone": "PHONE", "email_address": "EMAIL", "address": "ADDRESS", "card": "CARD", "iban": "IBAN"}
PLANS = ("Fibre 200", "Fibre 500", "Fibre Gig")
QUEUES = {
    "wifi": "technical",
    "line": "technical",
    "tv": "tv",
    "mobile": "mobile",
    "bill": "billing",
    "visit": "field",
    "order": "orders",
    "online": "digital",
    "care": "care",
    "sales": "sales",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A turn in words, marks of proof still in it."""

    role: str
    text: str
    visibility: str = "public"


@dataclass(frozen=True, slots=True)
class Written:
    """A contact in words: turns, title (letters and tickets), what was chosen, and which line proves which matter."""

    turns: tuple[Said, ...]
    title: str
    proofs: tuple[tuple[int, Matter, Line], ...]
    bound: Mapping[str, str]


class Pen:
    """Writes one contact."""

    def __init__(self, contact: Contact, texts: Texts, seed: int) -> None:
        """Binds the grammar to the contact's people, date and rival."""
        self.contact, self.texts = contact, texts
        self.dice = Dice(seed, "words", contact.ref)
        self.grammar = Grammar(texts.banks, self.dice, channel=contact.channel, bound=self._bound())
        self.frames: Mapping[str, Any] = texts.frames[contact.channel]
        self.area = contact.matters[0].area if contact.matters else contact.plain.area if contact.plain else "care"
        self.proofs: list[tuple[int, Matter, Line]] = []
        self._used: set[str] = set()
        self._reply = ""

    def _bound(self) -> dict[str, str]:
        contact, dice, person = self.contact, self.dice, self.contact.person
        before = contact.started - timedelta(days=dice.between(18, 60))
        rival = "Vantelo" if "rival_campaign" in contact.stories else dice.weighted(RIVALS)
        return {
            "full_name": person.name,
            "first_name": person.first,
            "last_name": person.last,
            "phone": person.phone,
            "email_address": person.email,
            "address": f"{person.street}, {person.town}",
            "town": person.town,
            "account": person.account,
            "card": dice.pick(CARDS),
            "iban": dice.pick(IBANS),
            "agent": contact.agent.name,
            "rival": rival,
            "plan": person.plan if person.plan in PLANS else dice.pick(PLANS),
            "month": f"{before:%B}",
            "weekday": f"{contact.started - timedelta(days=dice.between(1, 6)):%A}",
            "date": f"{before.day} {before:%B}",
        }

    def frame(self, name: str) -> str:
        """Returns a sentence of the channel's frame, a phrase not yet used in the contact where there is one."""
        return self.fresh(self.frames[name])

    def fresh(self, templates: Sequence[str]) -> str:
        """Returns a sentence from a template not used in this contact where there is one."""
        unused = [template for template in templates if template not in self._used] or list(templates)
        template = self.dice.pick(unused)
        self._used.add(template)
        return self.grammar.say(template)

    def voiced(self, text: str, voice: Callable[[str], str]) -> str:
        """Returns the text as the voice says it; names, numbers and addresses are said without a slip, so that gold can list them."""
        private = any(self.grammar.bound[field] in text for field in PRIVATE)
        return text if private else voice(text)

    def ask(self) -> str:
        """Returns a plain contact's question or wish, and remembers the answer that fits it."""
        assert self.contact.plain
        unused = [pair for pair in self.contact.plain.asks if pair[0] not in self._used]
        asked, self._reply = self.dice.pick(unused)
        self._used.add(asked)
        return self.grammar.say(asked)

    def reply(self) -> str:
        """Returns the answer to what was asked last."""
        return self.grammar.say(self._reply)

    def proof(self, place: int, *, notes: bool = False) -> str:
        """Returns the line that proves the contact's matter at a place."""
        matter = self.contact.matters[place]
        line = self.dice.pick(matter.notes if notes else matter.lines)
        self.proofs.append((place, matter, line))
        return self.grammar.say(line.template, mark=place)

    def details(self, place: int, most: int) -> list[str]:
        """Returns up to ``most`` further sentences on the matter at a place."""
        templates = self.dice.some(self.contact.matters[place].details, self.dice.between(0, most))
        return [self.grammar.say(template) for template in templates]

    def done(self, turns: Sequence[Said], title: str = "") -> Written:
        """Returns the finished contact."""
        return Written(tuple(turns), title, tuple(self.proofs), dict(self.grammar.bound))
