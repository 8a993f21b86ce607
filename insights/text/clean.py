"""What of a text is the writer's own: quoted history, signatures, disclaimers and known boilerplate are left out of analysis.

Nothing is removed from the stored turn; analysis is merely pointed at the rest. Only strong cues count, because a customer's
words lost are worse than a footer read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_MAIL_LIKE = frozenset({"email", "e-mail", "mail", "ticket", "letter", "web", "form", "case"})
_Span = tuple[int, int]

# --- quoted history -------------------------------------------------------------------------------------------------------------------

_QUOTED_LINE = re.compile(r"^[ \t]{0,3}(?:>|&gt;).*(?:\n|\Z)", re.MULTILINE)
# "On Monday, Anna wrote:" and its relatives; may run over two or three lines.
_LEAD_IN = re.compile(
    r"^[ \t>]*(?:"
    r"On\b[^\n]{5,200}(?:\n[^\n]{0,120}){0,2}?\b(?:wrote|writes|said)\s*:"
    r"|Am\b[^\n]{5,200}(?:\n[^\n]{0,120}){0,2}?\bschrieb\b[^\n]{0,120}:"
    r"|Le\b[^\n]{5,200}(?:\n[^\n]{0,120}){0,2}?\ba écrit\s*:"
    r"|El\b[^\n]{5,200}(?:\n[^\n]{0,120}){0,2}?\bescribió\s*:"
    r"|Il\b[^\n]{5,200}(?:\n[^\n]{0,120}){0,2}?\bha scritto\s*:"
    r"|(?:Em|No dia)\b[^\n]{5,200}(?:\n[^\n]{0,120}){0,2}?\bescreveu\s*:"
    r"|Op\b[^\n]{5,200}(?:\n[^\n]{0,120}){0,2}?\bschreef\b[^\n]{0,120}:"
    r"|(?:Den|På|Pe|W dniu|Dnia)\b[^\n]{5,200}(?:\n[^\n]{0,120}){0,2}?\b(?:skrev|a scris|napisał\(?a?\)?)\b[^\n]{0,120}:"
    r")[ \t]*$",
    re.MULTILINE,
)
_FORWARD_RULE = re.compile(
    r"^[ \t]*-{2,12}[ \t]*(?:Original Message|Forwarded [Mm]essage|Original[- ]?[Nn]achricht|Ursprüngliche Nachricht|Weitergeleitete Nachricht|Message d'origine|Message original"
    r"|Mensaje original|Messaggio originale|Mensagem original|Oorspronkelijk bericht|Oprindelig meddelelse|Ursprungligt meddelande|Reply above this line|Please reply above)[^\n]{0,40}$"
    r"|^[ \t]*#{2,}-?[ \t]*Please type your reply above this line[^\n]{0,20}$|^_{10,}[ \t]*$(?=\s*^(?:From|Von|De|Da|Van)\s*:)",
    re.MULTILINE | re.IGNORECASE,
)
_HEADER_BLOCK = re.compile(
    r"^[ \t*]*(?:From|Von|De|Da|Van|Od|Från|Fra)\s?:[^\n]*\n(?:[ \t*]*(?:Sent|Date|To|Cc|Subject|Gesendet|Datum|An|Betreff|Envoyé|À|Objet|Enviado|Enviado el|Para|Asunto|Inviato|A|Oggetto|Verzonden|Aan"
    r"|Onderwerp|Fecha|Data|Assunto|Skickat|Till|Ämne|Sendt|Til|Emne)\s?:[^\n]*(?:\n|\Z)){2,}",
    re.MULTILINE | re.IGNORECASE,
)

# --- signatures -------------------------------------------------------------------------------------------------------------------------

_DELIMITER = re.compile(r"^(?:-- ?|__+|—)[ \t]*$", re.MULTILINE)
_SENT_FROM = re.compile(
    r"^[ \t]*(?:Sent (?:from|via) (?:my|the|Outlook|Yahoo|Mail|Samsung|Gmail|AOL|Proton)\b|Get Outlook for\b|Von meinem\b|Gesendet (?:von|mit)\b|Envoyé (?:de|depuis)\b|Enviado (?:desde|do|de) (?:mi|meu)\b|Inviato da(?:l mio)?\b"
    r"|Verstuurd vanaf\b|Verzonden vanaf\b|Skickat från\b|Sendt fra\b)[^\n]{0,120}(?:\n|\Z)",
    re.MULTILINE | re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^[ \t]*(?:(?:kind(?:est)?|best|warm(?:est)?|many|with (?:kind|best)|my best) (?:regards|wishes|thanks)|regards|sincerely(?: yours)?|yours (?:sincerely|faithfully|truly)|respectfully(?: yours)?|cordially|cheers"
    r"|best|all the best|rgds|mit freundlichen grüßen|freundliche grüße|viele grüße|cordialement|bien à vous|saludos(?: cordiales)?|un saludo|atentamente|cordiali saluti|distinti saluti|met vriendelijke groet(?:en)?|atenciosamente"
    r"|med vänliga hälsningar|venlig hilsen|(?:thanks|thank you)(?: (?:and|&) (?:kind |best )?regards| in advance)?)[ \t]*[,.!]?[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_SIGNATURE_LINES = 9
_SIGNATURE_CHARACTERS = 500
_SIGNATURE_LINE = 90

# --- disclaimers ------------------------------------------------------------------------------------------------------------------------

_DISCLAIMER = re.compile(
    r"^[ \t*_]*(?:(?:confidentiality|legal|privacy|disclaimer)(?: notice| note)?\s*[:\-–]|disclaimer\b|this (?:e-?mail|message|communication|transmission)(?: and (?:any|all) (?:files|attachments?|documents?)[^\n]{0,60})? (?:is|are|may|contains?|was|and)\b[^\n]{0,200}"
    r"\b(?:confidential|privileged|intended (?:only|solely)|intended recipient|virus)|the information (?:contained )?in this (?:e-?mail|message|communication)\b|if you (?:are not|have received) (?:the intended recipient|this (?:e-?mail|message) in error)"
    r"|please consider the environment before printing|diese e-?mail enthält vertrauliche|ce message (?:et|est)\b[^\n]{0,120}confidentiel|este (?:mensaje|correo)\b[^\n]{0,160}confidencial)",
    re.MULTILINE | re.IGNORECASE,
)
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")


def analysable(text: str, *, channel: str, boilerplate: Sequence[str] = ()) -> list[_Span]:
    """Returns the half-open spans (code points) of ``text`` that may be analysed, in order and stripped of white space.

    Quoted history, signatures and disclaimers are left out of e-mails and tickets; a chat, call or post is left whole. Configured
    boilerplate is left out everywhere, whatever the case and spacing it is written in.

    Args:
        text: Text of a turn.
        channel: Channel of the interaction.
        boilerplate: Sentences of the user's own footers and announcements.
    """
    left_out: list[_Span] = list(_boilerplate(text, boilerplate)) if boilerplate else []
    if channel.lower() in _MAIL_LIKE and ("\n" in text or len(text) > 200):
        end = _history_start(text)
        if end < len(text):
            left_out.append((end, len(text)))
        left_out += [match.span() for match in _QUOTED_LINE.finditer(text, 0, end)]
        left_out += _signatures(text, end)
        left_out += _disclaimers(text, end)
    return _rest(text, left_out)


def _history_start(text: str) -> int:
    """Returns where the history of a reply begins: at a lead-in, a ruler or a block of headers, if anything is written before it."""
    starts = [match.start() for pattern in (_FORWARD_RULE, _HEADER_BLOCK) for match in [pattern.search(text)] if match]
    lead_in = _LEAD_IN.search(text)
    if lead_in and not _answered_inline(text, lead_in.end()):
        starts.append(lead_in.start())
    own = [start for start in starts if text[:start].strip()]
    return min(own, default=len(text))


def _answered_inline(text: str, after: int) -> bool:
    """Whether own lines follow between quoted ones, so that only the quoted lines themselves are history."""
    lines = [line for line in text[after:].split("\n") if line.strip()]
    quoted = [line.lstrip().startswith((">", "&gt;")) for line in lines]
    return any(quoted) and not all(quoted)


def _signatures(text: str, end: int) -> Iterator[_Span]:
    for match in _DELIMITER.finditer(text, 0, end):
        if text[: match.start()].strip() and end - match.start() <= 4 * _SIGNATURE_CHARACTERS:
            yield match.start(), end
            break
    yield from (match.span() for match in _SENT_FROM.finditer(text, 0, end))
    for match in _CLOSING.finditer(text, max(0, end - 3 * _SIGNATURE_CHARACTERS), end):
        if text[: match.start()].strip() and _is_signature(text[match.end() : end]):
            yield match.start(), end
            break


def _is_signature(block: str) -> bool:
    """Whether what follows a closing is a name and contact lines, not a postscript."""
    lines = [line for line in block.split("\n") if line.strip() and not line.lstrip().startswith((">", "&gt;"))]
    if len(lines) > _SIGNATURE_LINES or sum(map(len, lines)) > _SIGNATURE_CHARACTERS:
        return False
    return all(len(line) <= _SIGNATURE_LINE and not _SENTENCE.search(line) for line in lines)


_SENTENCE = re.compile(r"\A\s*(?:P\.?S\.?\b|[A-Za-z']+(?:\s+[a-z']+){6,})")


def _disclaimers(text: str, end: int) -> Iterator[_Span]:
    for match in _DISCLAIMER.finditer(text, 0, end):
        stop = _PARAGRAPH_END.search(text, match.start(), end)
        yield match.start(), stop.start() if stop else end


def _boilerplate(text: str, sentences: Sequence[str]) -> Iterator[_Span]:
    for sentence in sentences:
        words = sentence.split()
        if words:
            pattern = r"\s+".join(map(re.escape, words))
            yield from (match.span() for match in re.finditer(pattern, text, re.IGNORECASE))


def _rest(text: str, left_out: list[_Span]) -> list[_Span]:
    """Returns what is left of ``text``, stripped."""
    spans: list[_Span] = []
    at = 0
    for start, end in [*sorted(left_out), (len(text), len(text))]:
        if start > at:
            spans += _stripped(text, at, start)
        at = max(at, end)
    return spans


def _stripped(text: str, start: int, end: int) -> list[_Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return [(start, end)] if start < end else []
