"""E-mails, tickets and notes: one person writing."""

from __future__ import annotations

from making.grammar import joined
from making.pen import Pen, Said, Written
from making.voice import STYLES, typed, written


def write_email(pen: Pen) -> Written:
    """Returns a letter with greeting, signature, and in a part of them quoted history."""
    dice, frames = pen.dice, pen.frames
    paragraphs = [pen.fresh(frames["greet"])]
    body = [pen.voiced(text, lambda text: written(text, dice)) for text in _body(pen, details=3)]
    paragraphs += _paragraphs(body, dice.chance(0.5))
    if dice.chance(0.35):
        paragraphs.append(pen.fresh(frames["identify"]))
    paragraphs.append(pen.fresh(frames["wish_problem" if _is_problem(pen) else "wish_other"]))
    paragraphs.append(pen.fresh(frames["sign"]).replace(" / ", "\n"))
    if dice.chance(0.25):
        paragraphs.append("-- \n" + pen.fresh(frames["signature"]).replace(" / ", "\n"))
    if dice.chance(0.3):
        paragraphs.append(_quoted(pen.fresh(frames["attribution"]), pen.fresh(frames["history"])))
    title = pen.fresh(pen.contact.matters[0].titles if pen.contact.matters else pen.contact.plain.titles)  # type: ignore[union-attr]
    return pen.done([Said("customer", "\n\n".join(paragraphs))], title)


def write_ticket(pen: Pen) -> Written:
    """Returns a web form's title and description."""
    style = pen.dice.weighted(STYLES)
    parts = [pen.voiced(text, lambda text: typed(text, pen.dice, style)) for text in _body(pen, details=2)]
    if pen.dice.chance(0.2):
        parts.append(pen.frame("identify"))
    title = pen.fresh(pen.contact.matters[0].titles if pen.contact.matters else pen.contact.plain.titles)  # type: ignore[union-attr]
    return pen.done([Said("customer", " ".join(parts))], title)


def write_note(pen: Pen) -> Written:
    """Returns agents' shorthand, in one or two entries."""
    dice, frames = pen.dice, pen.frames
    if pen.contact.plain:
        told = [pen.fresh(pen.contact.plain.notes)]
    else:
        told = [pen.proof(place, notes=True) for place in range(len(pen.contact.matters))]
    first = [pen.frame("start"), *told]
    if _is_problem(pen) and dice.chance(0.6):
        first.append(pen.fresh(pen.texts.areas[pen.area]["actions"]))
    turns = [Said("agent", " ".join(first), "internal")]
    if dice.chance(0.35):
        turns.append(Said("agent", pen.frame("after"), "internal"))
    else:
        turns[0] = Said("agent", f"{turns[0].text} {pen.fresh(frames['end'])}", "internal")
    return pen.done(turns)


def _body(pen: Pen, *, details: int) -> list[str]:
    lead = [pen.frame("open")] if pen.dice.chance(0.5) else []
    if pen.contact.plain:
        more = [joined(pen.frame("also"), pen.ask())] if pen.dice.chance(0.15) else []
        return [*lead, pen.ask(), *more]
    said = [pen.proof(0), *pen.details(0, details)]
    if len(said) > 1 and pen.dice.chance(0.1):
        said[0], said[1] = said[1], said[0]
    for place in range(1, len(pen.contact.matters)):
        said.append(joined(pen.frame("also"), pen.proof(place)))
    if pen.dice.chance(0.3):
        said.append(pen.fresh(pen.texts.frames["feelings"]["problem" if _is_problem(pen) else "other"]))
    return lead + said


def _paragraphs(sentences: list[str], split: bool) -> list[str]:
    if split and len(sentences) > 2:
        return [" ".join(sentences[:2]), " ".join(sentences[2:])]
    return [" ".join(sentences)]


def _quoted(attribution: str, history: str) -> str:
    lines = history.split(" / ")
    return attribution + "\n" + "\n".join(f"> {line}" for line in lines)


def _is_problem(pen: Pen) -> bool:
    return bool(pen.contact.matters) and pen.contact.matters[0].kind in {"product_issue", "process_failure"}
