"""What takes the force from a matched phrase: negation, hypothesis, the speech of others, a question how, an agent's script."""

from __future__ import annotations

import re

from insights.classify.cues import built_in_cues
from insights.classify.phrases import Tokens, word_set
from insights.domain import PROBLEM_KINDS, Kind, Role, Sentence, Visibility

_REACH = 4  # words before a match in which a negator reaches it
_NEGATORS = word_set(
    "not no never without nor neither hardly isnt wasnt arent werent dont didnt doesnt hasnt havent hadnt wont wouldnt cant couldnt cannot nt aint"
)
# "I can't believe", "I don't know why", "not happy that": what follows is asserted all the same.
_NOT_NEGATING = word_set(
    "believe understand know see think happy sure acceptable impressed satisfied surprised wonder idea pleased only just sorry doubt question fathom explain helped matter good ok okay fair"
)
_BREAKS = re.compile(r"[,;:.!?()\n–—]|\s-\s")
_TURNS = word_set("but because although though however and when so that why yet which who since")
_SUPPOSED = re.compile(
    r" (?:(?<!even )(?<!as )if|whether|suppose|supposing|imagine|unless|in case|what happens|hypothetically|in the event|would it be)(?= )"
)
_OTHERS = re.compile(
    r" (?:(?:my|a|our|his|her) (?:\w+ )?(?:friend|friends|neighbour|neighbor|neighbours|neighbors|colleague|colleagues|sister|brother|mum|mom|dad|cousin"
    r"|uncle|aunt|boss|coworker)(?: \w+){0,2} (?:said|says|say|told|tells|claims|claimed|reckons|complained|complains|mentioned)"
    r"|(?:people|others|some|they all|everyone|folks|reviews|reviewers) (?:\w+ )?(?:say|says|said|claim|complain|complained|mention|reckon)"
    r"|i (?:have |ve )?(?:read|heard|saw) (?:\w+ ){0,3}that|ive (?:read|heard|seen) (?:\w+ ){0,3}that|according to (?:the )?(?:news|papers|reviews|rumours|rumors))(?= )"
)
_HOW_TO = re.compile(
    r" (?:how (?:do|can|could|would|should) (?:i|we|you)|how to|where (?:do|can) (?:i|we)|what should i do|is there a way to)(?= )"
)
_HOW_TO_MEND = word_set("stop fix solve avoid prevent complain resolve sort when because after")
_SCRIPT = re.compile(
    r" (?:(?:we|i) (?:do |sincerely |truly |really |would like to )?apologi[sz]e|(?:were|we are|im|i am) (?:so |very |really |truly )?sorry (?:to hear|for|that|about|youre|you)"
    r"|sorry (?:to hear|for any|for the (?:inconvenience|trouble|delay)|about that|about this|youre|you|that you)|thanks? (?:you )?for (?:reaching|contacting|calling|getting in touch|letting us|your patience|the feedback|your feedback|bringing)"
    r"|(?:dm|pm|message|direct message) (?:us|me)|via dm|send us|let us know|let me know if|how (?:can|may) i help|how may we|can you (?:please )?(?:confirm|provide|send|tell us|dm)"
    r"|please (?:dm|confirm|provide|send us|contact us|reach out|follow)|(?:we|well|ill|i will|we will|we can|i can) (?:look into|be happy to|be glad to|check|gladly)|happy to (?:help|assist|look)|glad to (?:help|hear)"
    r"|(?:is|was) there anything else|anything else i can|could you (?:please )?(?:confirm|provide|send|tell|let|dm|advise)|have you tried|we understand|i understand (?:your|how|that)|please (?:try|visit|check|call) )"
)
_ADMITS = re.compile(
    r" (?:i (?:can )?see (?:that|here|your|you|from)|it (?:looks|appears|seems) (?:like|that|as)|our (?:records|system|notes) (?:show|shows|indicate|say)|(?:we|i) (?:made|have made) (?:a|an) (?:mistake|error)"
    r"|there (?:was|has been|is) (?:a|an) (?:error|mistake|fault|outage|delay|problem|issue|known)|we (?:failed|forgot|overcharged|double charged|should have)"
    r"|your (?:\w+ ){1,3}(?:was|were|has been|had been|have been) (?:not |never |wrongly |incorrectly |charged|billed|lost|delayed|cancelled|sent to the wrong))"
)


def may_speak(sentence: Sentence) -> bool:
    """Whether a sentence may give evidence at all: never what an agent, a bot or a system says to the customer, but notes may."""
    if sentence.role in (Role.CUSTOMER, Role.UNKNOWN):
        return True
    return sentence.visibility is Visibility.INTERNAL and sentence.role is not Role.BOT


def line_of(tokens: Tokens) -> str:
    """Returns the words, each between blanks, as the guards read them."""
    return " " + " ".join(tokens.words) + " "


def is_script(line: str) -> bool:
    """Whether a sentence whose speaker is unknown sounds like an agent's script."""
    return _SCRIPT.search(line) is not None


def admits(line: str) -> bool:
    """Whether an agent states a fact about the customer's case, as in "I can see your refund was not processed"."""
    return _ADMITS.search(line) is not None


def guard(kind: Kind, text: str, tokens: Tokens, start: int, end: int) -> str:
    """Names what takes the force from a match, or returns an empty text.

    Args:
        kind: Kind the match speaks for; ideas and opportunities live on hypotheses and are not guarded against them.
        text: The sentence.
        tokens: Its words.
        start: First word of the match.
        end: Word after the match.
    """
    before = _same_clause(text, tokens, start)
    if _negated(tokens.words[before:start], tokens.words[start:end]):
        return "negated"
    if kind in PROBLEM_KINDS or kind is Kind.TESTIMONIAL:
        head = " " + " ".join(tokens.words[before:start]) + " "
        if _SUPPOSED.search(head):
            return "supposed"
    if kind is Kind.TESTIMONIAL and (why_not := _hollow_praise(tokens.words, before, start, _clause_end(text, tokens, end))):
        return why_not
    if kind in PROBLEM_KINDS:
        head = " " + " ".join(tokens.words[before : start + 1]) + " "
        if _OTHERS.search(head):
            return "reported of others"
        if (asked := _HOW_TO.search(head)) and _HOW_TO_MEND.isdisjoint(head[asked.end() :].split()):
            return "asked how"
    return ""


def _same_clause(text: str, tokens: Tokens, start: int) -> int:
    """First word of the clause that word ``start`` stands in, by punctuation."""
    first = start
    while first > 0 and not _BREAKS.search(text, tokens.ends[first - 1], tokens.starts[first]):
        first -= 1
    return first


def _clause_end(text: str, tokens: Tokens, end: int) -> int:
    """Word after the clause that word ``end - 1`` stands in, by punctuation and words that turn a sentence."""
    last = end
    while (
        last < len(tokens.words)
        and tokens.words[last] not in _TURNS
        and not _BREAKS.search(text, tokens.ends[last - 1], tokens.starts[last])
    ):
        last += 1
    return last


def _hollow_praise(words: tuple[str, ...], before: int, start: int, after: int) -> str:
    """Praise that is only wished for, or stands in a complaint ("great service, ignoring me for hours")."""
    groups = built_in_cues().words
    if not groups["wished"].isdisjoint(words[max(before, start - _REACH) : start]):
        return "wished for"
    return "in a complaint" if not groups["spoilt"].isdisjoint(words[before:after]) else ""


def _negated(before: tuple[str, ...], match: tuple[str, ...]) -> bool:
    near = before[-_REACH:]
    for position in range(len(near) - 1, -1, -1):
        word = near[position]
        if word in _TURNS:
            return False
        if word in _NEGATORS or (word == "longer" and position and near[position - 1] == "no"):
            if position and near[position - 1] == "why":  # "why not", "why don't you": a proposal
                return False
            following = near[position + 1] if position + 1 < len(near) else (match[0] if match else "")
            return following not in _NOT_NEGATING
    return False
