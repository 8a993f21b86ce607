"""Invented customers and agents; numbers and addresses come from ranges reserved for examples."""

from __future__ import annotations

from dataclasses import dataclass

from making.dice import Dice

REGIONS = {
    "Northmoor": ("Harrowdale", "Kettlemoor", "Dunscar", "Upper Wenby"),
    "Eastvale": ("Selbrook", "Tanfield Quay", "Orlestone", "Marrick"),
    "Southmere": ("Pellworth", "Ashcombe Bay", "Lindle", "Great Sorrel"),
    "Westhaven": ("Carrowmouth", "Brineport", "Stannick", "Oxley Head"),
}
_REGION_WEIGHTS = {"Northmoor": 26.0, "Eastvale": 28.0, "Southmere": 26.0, "Westhaven": 20.0}
_FIRST = [
    "Aoife",
    "Brendan",
    "Carmel",
    "Declan",
    "Eimear",
    "Fergus",
    "Grace",
    "Hugo",
    "Imelda",
    "Jarlath",
    "Keira",
    "Lorcan",
    "Maeve",
    "Niall",
    "Orla",
    "Padraig",
    "Roisin",
    "Seamus",
    "Tara",
    "Una",
    "Adaeze",
    "Bola",
    "Chidi",
    "Dalia",
    "Emeka",
    "Farida",
    "Gita",
    "Hassan",
    "Ines",
    "Jakub",
    "Katarzyna",
    "Luca",
    "Mateusz",
    "Nadia",
    "Olga",
    "Priya",
    "Rafael",
    "Samira",
    "Tomasz",
    "Wei",
    "Alice",
    "Benjamin",
    "Charlotte",
    "Daniel",
    "Eleanor",
    "Frank",
    "Gillian",
    "Henry",
    "Isabel",
    "Jack",
    "Karen",
    "Liam",
    "Margaret",
    "Nathan",
    "Oliver",
    "Pauline",
    "Rachel",
    "Simon",
    "Teresa",
    "Victor",
]
_LAST = [
    "Ashby",
    "Brannock",
    "Callow",
    "Dunphy",
    "Ellwood",
    "Farrant",
    "Gallivan",
    "Hendry",
    "Ivers",
    "Joyce",
    "Kearns",
    "Langley",
    "Mulcahy",
    "Nolan",
    "Orme",
    "Pascoe",
    "Quigley",
    "Rourke",
    "Slattery",
    "Tiernan",
    "Usher",
    "Vesey",
    "Whelan",
    "Yeats",
    "Zielinski",
    "Okafor",
    "Adeyemi",
    "Sharma",
    "Rahman",
    "Kowalski",
    "Ferrari",
    "Duarte",
    "Novak",
    "Petrov",
    "Chen",
    "Haddad",
    "Barlow",
    "Crosby",
    "Dempsey",
    "Egan",
    "Finch",
    "Garrity",
    "Hollis",
    "Keane",
    "Lacey",
    "Marsden",
    "Norcott",
    "Prior",
    "Ridley",
    "Sutcliffe",
    "Thorne",
    "Wardle",
]
_STREETS = (
    "Larch Road",
    "Chapel Lane",
    "Quay Street",
    "Millrace Avenue",
    "Orchard Close",
    "Saint Brigid's Terrace",
    "Foundry Road",
    "Hazel Drive",
    "Station Road",
    "Bridge Street",
    "Beacon Hill Road",
    "Weavers Row",
)
_DOMAINS = ("example.org", "example.com", "example.net", "mail.example.org")
_AGENTS = [
    "Ade",
    "Becky",
    "Callum",
    "Dearbhla",
    "Eoin",
    "Fatima",
    "Georgia",
    "Harpreet",
    "Ivana",
    "Joel",
    "Kasia",
    "Leon",
    "Mina",
    "Noel",
    "Oisin",
    "Petra",
    "Ruairi",
    "Sadie",
    "Theo",
    "Yusuf",
    "Zara",
    "Conor",
    "Megan",
    "Patryk",
    "Shauna",
    "Vikram",
]
_SITES = ("Fennick", "Dunmarrow", "Home")
_PLANS = {"Fibre 500": 38.0, "Fibre 200": 24.0, "Fibre Gig": 14.0, "Lumbrell Mobile": 16.0, "Lumbrell View": 8.0}
CARDS = ("4111 1111 1111 1111", "5555 5555 5555 4444", "4000 0566 5566 5556", "5105-1051-0510-5100", "4242424242424242")
IBANS = ("IE64 IRCE 9205 0112 3456 78", "GB33BUKB20201555555555")


@dataclass(frozen=True, slots=True)
class Person:
    """A customer."""

    id: str
    first: str
    last: str
    email: str
    phone: str
    street: str
    town: str
    region: str
    account: str
    plan: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


@dataclass(frozen=True, slots=True)
class Agent:
    """Someone who answers."""

    name: str
    site: str


def make_people(seed: int, count: int) -> tuple[Person, ...]:
    """Returns the customers, the same for the same seed."""
    return tuple(_person(Dice(seed, "person", number), number) for number in range(count))


def agents() -> tuple[Agent, ...]:
    """Returns the agents, each with the place they work at."""
    return tuple(Agent(name, _SITES[place % len(_SITES)]) for place, name in enumerate(_AGENTS))


def _person(dice: Dice, number: int) -> Person:
    first, last = dice.pick(_FIRST), dice.pick(_LAST)
    region = dice.weighted(_REGION_WEIGHTS)
    joint = dice.pick((".", "", "_"))
    tail = str(dice.between(1, 99)) if dice.chance(0.4) else ""
    return Person(
        id=f"LB{200_000 + number * 7}",
        first=first,
        last=last,
        email=f"{first}{joint}{last}{tail}@{dice.pick(_DOMAINS)}".lower(),
        phone=_phone(dice),
        street=f"{dice.between(1, 148)} {dice.pick(_STREETS)}",
        town=dice.pick(REGIONS[region]),
        region=region,
        account=f"{dice.between(10_000_000, 99_999_999)}",
        plan=dice.weighted(_PLANS),
    )


def _phone(dice: Dice) -> str:
    last = dice.between(0, 999)
    return dice.pick((f"01632 960{last:03d}", f"07700 900{last:03d}", f"+44 7700 900{last:03d}", f"01632-960-{last:03d}"))
