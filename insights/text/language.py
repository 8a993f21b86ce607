"""Which language a contact is in, told only where it is sure: a text that is short, misspelt or full of names stays English or untold.

Most English is known by its function words, without asking the library; what is left goes to py3langid. What counts there is how unlikely English
is, not how sure the best guess is: between Danish and Norwegian it may waver and still know that neither is English.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from insights.domain import Interaction, Role

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

ENGLISH = "en"
UNDETERMINED = "und"
"""BCP 47's code for a language that is not known: here surely not English, and nothing else for sure."""

_READ = 400  # code points of a contact that are looked at
_GLANCE = 160  # of those, enough for most English
_ENGLISH_SHARE = 0.1
_LEAST_WORDS = 3
_LEAST_LETTERS = 12
_LEAST_LETTERS_OTHER_SCRIPT = 6
_UNLIKELY = 0.01  # English less probable than this is not English
_SURE = 0.5  # a language more probable than this is named
_COUSINS = frozenset({"en", "sco", "pcm"})  # written so, it is English with an accent
# No word of another large language is written like one of these, but for rare ones.
_ENGLISH_WORDS = """
the and you your youre this that with they them but not from are been would could should which because what when where who there their
its it's i'm im i've ive don't dont can't cant didn't didnt isn't wasn't has if our out after please thanks still again never very just
about how why more than every other these those then were did does get got
"""
_FUNCTION_WORDS = frozenset(_ENGLISH_WORDS.split())
_NOISE = re.compile(r"\[[A-Z_]+\]|https?://\S+|www\.\S+|[@#]\w+|\S+@\S+|[\w./-]*\d[\w./-]*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_LATIN = re.compile(r"[a-zA-ZÀ-ɏḀ-ỿ]")
_CODE = re.compile(r"[a-z]{2,3}(?=$|[-_])")


def language_of(interaction: Interaction) -> str | None:
    """Returns the language of a contact as a BCP 47 code, or None where it cannot be told.

    It is that of the customer's words; those of others count where the customer's role is not known or the customer says nothing.

    Args:
        interaction: Best already redacted: marks such as ``[NAME]`` are no words.
    """
    theirs = _text(turn.text for turn in interaction.turns if turn.role in (Role.CUSTOMER, Role.UNKNOWN))
    return language_of_text(theirs or _text(turn.text for turn in interaction.turns))


def language_of_text(text: str) -> str | None:
    """Returns the language of a text as a BCP 47 code, ``und`` for what is surely not English and nothing else for sure, or None.

    Only the first 400 code points are read. None means too little to tell.
    """
    if _reads_as_english(text[:_GLANCE].lower().replace("’", "'").split()):
        return ENGLISH
    plain = " ".join(_NOISE.sub(" ", text[:_READ]).split())
    words = [word.lower().replace("’", "'") for word in _WORD.findall(plain)]
    if _reads_as_english(words):
        return ENGLISH
    if not _is_enough(words):
        return None
    ranked = _identifier().rank(plain)
    if sum(share for code, share in ranked if code in _COUSINS) >= _UNLIKELY:
        return ENGLISH
    code, share = ranked[0]
    return str(code) if share >= _SURE else UNDETERMINED


def is_read(language: str | None, languages: Collection[str]) -> bool:
    """Whether a contact in ``language`` may be analysed by an engine that reads ``languages``.

    What cannot be told may, and so may a source's word that is no language code; regions and scripts do not count.
    """
    base = code_of(language)
    return not base or base in languages


def code_of(language: str | None) -> str:
    """Returns the language's own part of a tag (``de`` of ``de-AT``), empty where there is none."""
    found = _CODE.match((language or "").strip().lower())
    return found.group() if found else ""


def _text(parts: Iterable[str]) -> str:
    """As much of the parts as is looked at."""
    kept: list[str] = []
    length = 0
    for part in parts:
        kept.append(part[:_READ])
        length += len(part)
        if length >= _READ:
            break
    return " ".join(kept).strip()


def _reads_as_english(words: list[str]) -> bool:
    found = [word for word in words if word in _FUNCTION_WORDS]
    return len(set(found)) >= 2 and len(found) >= _ENGLISH_SHARE * len(words)


def _is_enough(words: list[str]) -> bool:
    """Whether there is enough to judge by; writing without blanks between words shows itself by its letters."""
    letters = sum(map(len, words))
    other = sum(len(word) for word in words if not _LATIN.search(word))
    return (len(words) >= _LEAST_WORDS and letters >= _LEAST_LETTERS) or (other >= _LEAST_LETTERS_OTHER_SCRIPT and 2 * other > letters)


@functools.cache
def _identifier() -> LanguageIdentifier:
    """The library's model: loaded by the first text that needs it, which takes a second or two."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
