"""Calls and chats: two people taking turns."""

from __future__ import annotations

from collections.abc import Callable

from making.grammar import joined
from making.pen import Pen, Said, Written
from making.voice import STYLES, spoken, typed


def write_call(pen: Pen) -> Written:
    """Returns a call: greeting, matter, identification, questions, a way out, goodbye."""
    ease = pen.dice.pick((0.4, 1.0, 1.7))
    return _talk(pen, lambda text: spoken(text, pen.dice, ease=ease), lambda text: spoken(text, pen.dice, ease=0.06))


def write_chat(pen: Pen) -> Written:
    """Returns a chat: a bot first, then an agent."""
    style = pen.dice.weighted(STYLES)
    return _talk(pen, lambda text: typed(text, pen.dice, style), lambda text: text)


def _talk(pen: Pen, voice: Callable[[str], str], agent_voice: Callable[[str], str]) -> Written:
    dice, chat = pen.dice, pen.contact.channel == "chat"
    turns: list[Said] = []

    def customer(text: str) -> None:
        turns.append(Said("customer", pen.voiced(text, voice)))

    def agent(text: str) -> None:
        turns.append(Said("agent", agent_voice(text)))

    if chat and dice.chance(0.75):
        turns.append(Said("bot", pen.frame("bot")))
        opening = _opening(pen)
        customer(opening[0])
        turns.append(Said("bot", pen.frame("handover")))
        agent(pen.frame("greet"))
        if opening[1:]:
            customer(" ".join(opening[1:]))
    else:
        agent(pen.frame("greet"))
        customer(" ".join(_opening(pen)))
    if dice.chance(0.55 if not chat else 0.35):
        asked, answered = dice.pick(pen.frames["verify"])
        agent(pen.grammar.say(asked))
        customer(pen.grammar.say(answered))
    _exchange(pen, customer, agent)
    for place in range(1, len(pen.contact.matters)):
        customer(joined(pen.frame("also"), pen.proof(place)))
        agent(pen.frame("ack"))
        agent_says = pen.texts.areas[pen.contact.matters[place].area]["solves"]
        turns[-1] = Said("agent", f"{turns[-1].text} {agent_voice(pen.fresh(agent_says))}")
    if dice.chance(0.22):
        asked, answered = dice.pick(pen.texts.frames["negatives"]["pairs"])
        agent(pen.grammar.say(asked))
        customer(pen.grammar.say(answered))
    if dice.chance(0.25):
        agent(pen.fresh(pen.texts.frames["negatives"]["scripts"]))
        customer(pen.frame("noted"))
    customer(pen.frame("close"))
    agent(pen.frame("bye"))
    return pen.done(turns)


def _opening(pen: Pen) -> list[str]:
    """The first words; in a quarter of contacts something beside the point comes before the matter."""
    lead = [pen.frame("open")] if pen.dice.chance(0.7) else []
    lead += [pen.fresh(pen.texts.frames["digressions"]["lines"])] if pen.dice.chance(0.15) else []
    if pen.contact.plain:
        return [*lead, pen.ask()]
    said = [pen.proof(0), *pen.details(0, 2)]
    if len(said) > 1 and pen.dice.chance(0.08):
        said[0], said[1] = said[1], said[0]
    if pen.dice.chance(0.3):
        said.append(pen.fresh(pen.texts.frames["feelings"][_mood(pen)]))
    return lead + said


def _exchange(pen: Pen, customer: Callable[[str], None], agent: Callable[[str], None]) -> None:
    """Questions and answers of the area, then a way out."""
    area = pen.texts.areas[pen.area]
    praise = bool(pen.contact.matters) and pen.contact.matters[0].kind in {"testimonial", "improvement_idea", "market_opportunity"}
    if pen.contact.plain:
        agent(pen.reply())
        customer(pen.frame("accept"))
        if pen.dice.chance(0.25):
            customer(joined(pen.frame("also"), pen.ask()))
            agent(pen.reply())
        return
    if praise:
        agent(pen.fresh(pen.texts.frames["thanks"][pen.contact.matters[0].kind]))
        return
    agent(pen.frame("ack"))
    for asked, answered in pen.dice.some(area["probes"], pen.dice.between(0, 2)):
        agent(pen.grammar.say(asked))
        customer(pen.grammar.say(answered))
    agent(pen.fresh(area["solves"]))
    if pen.dice.chance(0.6):
        customer(pen.frame("accept"))


def _mood(pen: Pen) -> str:
    kind = pen.contact.matters[0].kind
    return "problem" if kind in {"product_issue", "process_failure"} else "other"
