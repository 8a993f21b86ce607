"""Who speaks, where the source does not say: customers and agents told apart by what each of them says.

A conversation is read as a chain of two states, customer and agent. Cues give every turn log-odds; speakers tend to alternate; the
forward-backward posterior of a turn decides. Where it is not clear, the role stays unknown.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from insights.domain import Interaction, Role, Turn

_SURE = 0.9
_SWITCH = 0.8
_CLIP = 6.0
# Channels in which the customer opens; on the telephone the agent does.
_CUSTOMER_OPENS = {"call": -0.5, "voice": -0.5, "phone": -0.5}
_OPENING = 2.0

# Weights are log-odds for the agent (positive) or the customer (negative), set by hand from what the phrases mean.
_CUES: tuple[tuple[float, re.Pattern[str]], ...] = tuple(
    (weight, re.compile(pattern, re.IGNORECASE))
    for weight, pattern in (
        (
            4.0,
            r"\bhow (?:may|can|could) (?:i|we) (?:help|assist|be of)|\bwhat can (?:i|we) (?:do for|help)|\banything else (?:i|we|you)\b|\bi can help you with",
        ),
        (
            3.5,
            r"\bthank(?:s| you) for (?:calling|contacting|reaching|getting in touch|letting us|bringing|your (?:patience|call|message|feedback|understanding))",
        ),
        (
            3.0,
            r"\b(?:dm|pm|message|call|contact|email|reach|follow|tell|send) us\b|\blet us know\b|\bus a (?:dm|message|call|note)\b|\bvia (?:a )?dm\b",
        ),
        (
            2.5,
            r"\b(?:sorry|apologi[sz]e|apologies) (?:to (?:hear|see|read|learn)|for (?:the|any|this|that|your)|about (?:the|that|this|any)|you(?:'re|re|r)?\b|that you)",
        ),
        (
            2.5,
            r"\b(?:please|kindly) (?:dm|provide|share|send|call|contact|visit|let|follow|confirm|allow|check|try|enter|hold|stay|be advised|click)\b",
        ),
        (
            2.5,
            r"\b(?:may|can|could) i (?:please )?(?:have|get|ask|take|know|confirm)\b|\bcould you (?:please )?(?:confirm|provide|give|tell|verify|share|dm|let)\b",
        ),
        (
            2.5,
            r"\b(?:can|would|could) you (?:please )?(?:dm|confirm|provide|verify|specify|elaborate|share|clarify)\b|\bhave you (?:tried|checked|contacted|spoken|already)\b",
        ),
        (
            2.0,
            r"\bwhat(?:'?s| is| was)? (?:your|the) (?:full )?(?:name|account|order|number|address|postcode|zip|date|email|issue|model|version|reason)\b",
        ),
        (
            2.5,
            r"\b(?:happy|glad|here) to (?:help|assist|look|check|take)\b|\b(?:like|love) to (?:help|look|assist|investigate)\b|\bfor (?:any|the|this) inconvenience\b",
        ),
        (
            2.5,
            r"\byou(?:'?re| are) (?:very |most )?welcome\b|\bmy pleasure\b|\bhave a (?:great|nice|good|lovely|wonderful|pleasant)\b|\bno problem at all\b",
        ),
        (
            2.0,
            r"\blet me (?:check|look|see|pull|find|get|just)|\b(?:one|just a) moment\b|\bbear with (?:me|us)\b|\bi(?:'?ll| will) (?:check|look into|pass|forward|pop|arrange)\b",
        ),
        (1.5, r"\b(?:we|our)\b.{0,40}\b(?:team|colleagues|specialists?|systems?|store|policy|records|website|customers|guests)\b"),
        (1.2, r"\bwe(?:'d|'ll|'re|'ve|d|ve|re| are| can| do| will| have| would| don'?t| apologi[sz]e| understand| appreciate)\b"),
        (
            1.2,
            r"\byour (?:account|order|booking|reservation|appointment|request|ticket|patience|feedback|details|concern|parcel|package|ride|transaction)\b",
        ),
        (
            1.0,
            r"\b(?:unfortunately|at the moment|at this time|at your convenience|as soon as possible|further assistance|look into (?:this|it|that))\b",
        ),
        (
            1.5,
            r"\A(?:hi|hello|hey|good (?:morning|afternoon|evening))\b[^.!?]{0,20}[.!,?] ?(?:what|which|where|when|have|are|is|do|did|can|could|to confirm)\b|\bto confirm\b",
        ),
        (0.7, r"<link>|https?://|\bwww\."),
        (3.5, r"(?:\^|\s[-–—~*/]\s?)[A-Za-z]{2,10}\s*\Z"),
        (-2.5, r"\A@\w+"),
        (
            -2.0,
            r"\byou (?:guys|people|lot|folks)\b|\byour (?:service|app|site|website|staff|company|customer service|employees?|drivers?|agents?|people|support)\b",
        ),
        (
            -2.0,
            r"\b(?:terrible|worst|ridiculous|disgusting|disgraceful|joke|wtf|useless|unacceptable|pathetic|rubbish|fed up|disappointed|shocking|appalling|awful|crap)\b",
        ),
        (
            -1.5,
            r"\bi(?:'d| would)? (?:like|want|need|wanted|ordered|bought|paid|called|emailed|waited|received)\b|\b(?:please help|help me|any update|how do i|can i)\b",
        ),
        (
            -1.2,
            r"\bwhy (?:is|are|do|does|did|have|has|can'?t|won'?t|would|am)\b|\bwhen (?:will|is|are|can)\b|\bstill (?:no|not|waiting|hasn'?t|haven'?t|doesn'?t)\b",
        ),
        (-1.0, r"\b(?:my|mine)\b"),
        (-0.8, r"\bi(?:'m|'ve|ve|m| am| have| was| got| can'?t| don'?t| didn'?t| just| did)\b"),
        (-0.5, r"\A(?:yes|no|yeah|nope|ok|okay|sure|yep|thanks|thank you|great|perfect)\b"),
    )
)
_INITIALS = re.compile(r"(?:[.!?>]|\s)\s?(?:\d/?\d\s?)?([A-Z]{1,3})\s*\Z")
_FIRST_WORD = re.compile(r"\A@?(\w{4,30})\b")
_SIGNED = 2.5
_ADDRESSED = -4.0
_NOT_ADDRESSED = 1.5


def infer_roles(interaction: Interaction) -> Interaction:
    """Returns the interaction with unknown roles inferred where cues are strong; the rest stay unknown, known roles stay.

    Bots and system messages are left out of the chain. An interaction of one turn, or without an unknown role, is returned as it is.
    """
    spoken = [turn for turn in interaction.turns if turn.role in {Role.CUSTOMER, Role.AGENT, Role.UNKNOWN}]
    if len(spoken) < 2 or all(turn.role is not Role.UNKNOWN for turn in spoken):
        return interaction
    odds = _log_odds(spoken, interaction.channel)
    roles = {turn.index: _decide(agent) for turn, agent in zip(spoken, _posteriors(odds), strict=True) if turn.role is Role.UNKNOWN}
    turns = tuple(replace(turn, role=roles[turn.index]) if turn.index in roles else turn for turn in interaction.turns)
    return replace(interaction, turns=turns)


def _decide(agent: float) -> Role:
    if agent >= _SURE:
        return Role.AGENT
    return Role.CUSTOMER if agent <= 1 - _SURE else Role.UNKNOWN


def _log_odds(turns: Sequence[Turn], channel: str) -> list[float]:
    """Returns log-odds for the agent, a turn; a marked turn is certain."""
    handles = _handles(turns)
    signers = _signers(turns)
    odds: list[float] = []
    for place, turn in enumerate(turns):
        if turn.role is not Role.UNKNOWN:
            odds.append(3 * _CLIP if turn.role is Role.AGENT else -3 * _CLIP)
            continue
        text = turn.text[:2000]
        score = sum(weight for weight, pattern in _CUES if pattern.search(text))
        first = _FIRST_WORD.match(text)
        if first and handles:
            score += _ADDRESSED if first[1] in handles else _NOT_ADDRESSED
        last = _INITIALS.search(text[-12:])
        if last and last[1] in signers:
            score += _SIGNED
        if place == 0:
            score -= _CUSTOMER_OPENS.get(channel, _OPENING)
        odds.append(max(-_CLIP, min(_CLIP, score)))
    return odds


def _handles(turns: Sequence[Turn]) -> frozenset[str]:
    """Returns the firm's public name where customers begin their posts with it, such as ``AcmeHelp``: it opens two turns or more."""
    opened = Counter(match[1] for turn in turns if (match := _FIRST_WORD.match(turn.text)))
    return frozenset(word for word, count in opened.items() if count >= 2 and (not word[1:].islower() or "@" + word in turns[0].text))


def _signers(turns: Sequence[Turn]) -> frozenset[str]:
    """Returns the initials agents sign with: capitals at the end of a turn, not of a shouted one."""
    ends = (_INITIALS.search(turn.text[-12:]) for turn in turns if not turn.text.isupper())
    return frozenset(
        match[1]
        for match in ends
        if match and match[1] not in {"I", "UK", "US", "USA", "TV", "PM", "AM", "OK", "NOT", "NOW", "DM", "ID", "X", "XX", "LOL"}
    )


def _posteriors(odds: Sequence[float]) -> list[float]:
    """Returns each turn's probability of being the agent's: forward-backward over two states that switch with ``_SWITCH``."""
    forward = [_logistic(odds[0])]
    for score in odds[1:]:
        before = forward[-1]
        agent = before * (1 - _SWITCH) + (1 - before) * _SWITCH
        forward.append(_logistic(score + math.log(agent / (1 - agent))))
    later = 0.5
    posteriors = [forward[-1]]
    for place in range(len(odds) - 2, -1, -1):
        seen = _logistic(odds[place + 1] + _logit(later))
        later = seen * (1 - _SWITCH) + (1 - seen) * _SWITCH
        posteriors.append(_logistic(_logit(forward[place]) + _logit(later)))
    return posteriors[::-1]


def _logistic(score: float) -> float:
    return 1 / (1 + math.exp(-score))


def _logit(probability: float) -> float:
    return math.log(probability / (1 - probability))
