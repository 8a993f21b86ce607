"""Knows token patterns of spaCy when they stand where phrases are expected, so that they are told for what they are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

PLAIN_WORDS_ONLY = (
    "such patterns need a trained spaCy pipeline, and none is shipped or needed; "
    "write plain words: refund* for all words that begin so, a|b for either"
)
_ATTRIBUTE = (
    "LEMMA|POS|TAG|DEP|MORPH|ENT_TYPE|ENT_ID|ENT_IOB|ENT_KB_ID|LOWER|ORTH|TEXT|NORM|SHAPE|LENGTH|REGEX|FUZZY|SPACY|OP"
    "|IS_(?:ALPHA|ASCII|DIGIT|LOWER|UPPER|TITLE|PUNCT|SPACE|STOP|SENT_START)|LIKE_(?:NUM|URL|EMAIL)"
)
_KEY = re.compile(_ATTRIBUTE)
_WRITTEN = re.compile(rf"""(?<!\w)["']?({_ATTRIBUTE})["']?\s*[:=]""")


def token_attribute(value: object) -> str | None:
    """Returns the first attribute of a spaCy token pattern in a text, a table or a list of tables; None where there is none."""
    if isinstance(value, str):
        found = _WRITTEN.search(value)
        return found.group(1) if found else None
    if isinstance(value, Mapping):
        own = next((str(key) for key in value if _KEY.fullmatch(str(key))), None)
        return own or next(filter(None, map(token_attribute, value.values())), None)
    if isinstance(value, Sequence):
        return next(filter(None, map(token_attribute, value)), None)
    return None
