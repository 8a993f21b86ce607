"""The one sentence at the top of a digest: what changed most, then how many other things did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from insights.digest import words
from insights.domain import Line, Period, Section

_SMALL = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_LABEL = 80


def headline(sections: Sequence[Section], totals: Mapping[str, int], period: Period, handled_before: int, min_contacts: int) -> str:
    """Returns a sentence of topic names and figures; never a customer's words.

    Args:
        sections: What the digest shows, in order.
        totals: Topics a section, those beyond the shown ones included.
        period: What the digest is about.
        handled_before: Contacts handled in the period before; 0 when there is nothing to compare with.
        min_contacts: Least contacts of a line of its own.
    """
    span = words.span(period)
    leads = leading(sections)
    if leads is None:
        return f"No topic reached {words.counted(min_contacts, 'contact')} this {span}."
    key, line = leads
    parts = [_lead(key, line, span), *_others(totals, key)]
    if handled_before == 0 and key != "undated":
        parts.append(f"there is no {span} before to compare with")
    return "; ".join(parts) + "."


def leading(sections: Sequence[Section]) -> tuple[str, Line] | None:
    """Returns the line the headline is about with its section's key: growth, unless something new is graver."""
    first = {section.key: section.lines[0] for section in sections}
    order = ["growing", "new", "recurring", "fixed", "praised", "undated"]
    if "growing" in first and "new" in first and first["new"].severity.rank > first["growing"].severity.rank:
        order.remove("growing")
    return next(((key, first[key]) for key in order if key in first), None)


def _lead(key: str, line: Line, span: str) -> str:
    name = words.clean(line.label, _LABEL)
    label = name[:1].upper() + name[1:]
    contacts = words.counted(line.now.count, "contact")
    size = f"{contacts} ({words.rate(line.now.per_1000)} per 1,000)"
    if key == "growing":
        return f"{label} grew to {size}{_growth(line, span)}"
    if key == "new":
        return f"{label} is new, with {size}"
    if key == "fixed":
        return f"{label} is down to {size} after its fix"
    if key == "praised":
        return f"{label} was praised in {size}"
    if key == "undated":
        return f"{label} leads the contacts without a date, with {contacts}"
    fell = words.direction(line.low, line.high) == "down"
    return f"{label} {'fell to' if fell else 'is the largest topic, with'} {size}" + ("" if fell else f", {_steady(line, span)}")


def _growth(line: Line, span: str) -> str:
    """Beside what a growing topic is measured: the period before where that tells, else what its own past led one to expect."""
    if line.ratio and words.direction(line.low, line.high) == "up":
        return f", {words.times(line.ratio)} times the rate of the {span} before"
    if line.now.expected is not None and line.now.upper is not None and line.now.count > line.now.upper:
        return f", where its own past led one to expect {words.rate(line.now.expected)}"
    return ""


def _steady(line: Line, span: str) -> str:
    return f"no clear change from the {span} before" if line.before.count else f"after none in the {span} before"


def _others(totals: Mapping[str, int], leading: str) -> Iterable[str]:
    left = {key: count - (key == leading) for key, count in totals.items()}
    another = {key: " other" if key == leading else "" for key in totals}
    if count := left.get("growing", 0):
        yield f"{_word(count)}{another['growing']} {_plural('topic', count)} grew"
    if count := left.get("new", 0):
        yield f"{_word(count)}{another['new']} new {_plural('topic', count)}"
    if count := left.get("fixed", 0):
        yield f"{_word(count)}{another['fixed']} {_plural('fix', count)} worked"


def _word(count: int) -> str:
    return _SMALL[count] if count < len(_SMALL) else words.number(count)


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else noun + ("es" if noun.endswith("x") else "s")
