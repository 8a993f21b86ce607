"""Which encoding a text file has, and its decoding with every repair noted."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from insights.errors import UsageError

BOM_DROPPED = "byte order mark dropped"
REPLACED = "undecodable bytes replaced"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Encodings in which a line feed is always the byte 0x0A, so that a file can be decoded line by line.
_CANDIDATES = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "koi8_r", "shift_jis", "euc_jp", "gb18030", "big5", "cp949")
_SAMPLE = 32 * 1024


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes of a file become text.

    Attributes:
        name: Python codec tried first.
        fallback: Codec of a line that ``name`` cannot decode; the same as ``name`` where nothing else makes sense.
        bom: Length of the byte order mark.
        repairs: What every record of the file carries as repair.
    """

    name: str
    fallback: str
    bom: int = 0
    repairs: tuple[str, ...] = ()

    @property
    def is_wide(self) -> bool:
        """Whether a character always takes two or four bytes, so that lines cannot be told by bytes."""
        return self.name.startswith(("utf-16", "utf-32"))


def detect(head: bytes, declared: str | None = None) -> Encoding:
    """Tells the encoding of a file from its first bytes.

    A byte order mark decides; then NUL bytes in every second place (UTF-16); then strict UTF-8; then the most
    plausible single- or multi-byte encoding, Windows-1252 unless another is clearly better.

    Raises:
        UsageError: ``declared`` is no encoding Python knows.
    """
    if declared is not None:
        return _declared(head, declared)
    for mark, name in _BOMS:
        if head.startswith(mark):
            repairs = (BOM_DROPPED,) if name == "utf-8" else (f"{name[:6].upper()} decoded",)
            return Encoding(name, "cp1252" if name == "utf-8" else name, len(mark), repairs)
    if wide := _wide(head):
        return Encoding(wide, wide, repairs=("UTF-16 decoded",))
    if _is_utf8(head):
        return Encoding("utf-8", "cp1252")
    return Encoding("utf-8", _single(head))


def decode(raw: bytes, encoding: Encoding) -> tuple[str, tuple[str, ...]]:
    """Decodes bytes; returns the text and the repairs that were needed beyond those of the whole file."""
    try:
        return raw.decode(encoding.name), ()
    except UnicodeDecodeError:
        pass
    if encoding.fallback != encoding.name:
        try:
            return raw.decode(encoding.fallback), (f"{encoding.fallback} decoded",)
        except UnicodeDecodeError:
            # Five bytes are undefined in Windows-1252; Latin-1 would turn them into invisible controls.
            return raw.decode(encoding.fallback, "replace"), (f"{encoding.fallback} decoded", REPLACED)
    return raw.decode(encoding.name, "replace"), (REPLACED,)


def decode_whole(raw: bytes, declared: str | None = None) -> tuple[str, tuple[str, ...], str]:
    """Decodes a whole file; returns text, repairs and the encoding's name."""
    encoding = detect(raw, declared)
    text, repairs = decode(raw[encoding.bom :], encoding)
    used = encoding.fallback if f"{encoding.fallback} decoded" in repairs else encoding.name
    return text, encoding.repairs + repairs, used


def _declared(head: bytes, declared: str) -> Encoding:
    try:
        name = codecs.lookup(declared).name
        "".encode(name)
    except (LookupError, ValueError, TypeError) as error:
        raise UsageError(f'unknown encoding "{declared}" in the mapping', "write a name such as utf-8, cp1252 or utf-16") from error
    if name.startswith(("utf-16", "utf-32", "utf_16", "utf_32")):
        name = name.replace("_", "-")
        for mark, marked in _BOMS[1:]:
            if head.startswith(mark) and marked.startswith(name[:6]):
                return Encoding(marked, marked, len(mark))
        name = name if name.endswith("e") else name + "-le"
        return Encoding(name, name)
    if name in {"utf-8", "utf-8-sig"}:
        bom = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
        return Encoding("utf-8", "utf-8", bom, (BOM_DROPPED,) if bom else ())
    return Encoding(name, name)


def _wide(head: bytes) -> str:
    sample = head[:2000]
    pairs = len(sample) // 2
    if pairs < 2:
        return ""
    even, odd = sample[0 : 2 * pairs : 2].count(0), sample[1 : 2 * pairs : 2].count(0)
    if odd > 0.4 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    if even > 0.4 * pairs and odd < 0.05 * pairs:
        return "utf-16-be"
    return ""


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=False)
    except UnicodeDecodeError:
        return False
    return True


def _single(head: bytes) -> str:
    """The likeliest encoding of the lines that are not UTF-8; Windows-1252 needs the least proof."""
    from charset_normalizer import from_bytes

    strange = [line for line in head[: 8 * _SAMPLE].split(b"\n") if not _is_utf8(line)]
    sample = b"\n".join(strange)[:_SAMPLE]
    high = sum(byte >= 0x80 for byte in sample)
    letters = sum(chr(byte).isalpha() for byte in sample if byte < 0x80)
    # Western text has a few accents among plain letters; a page of other script has hardly any plain letters.
    if high < 0.3 * max(letters, 1):
        return "cp1250" if _is_central_european(sample) else "cp1252"
    best = from_bytes(sample, cp_isolation=list(_CANDIDATES), steps=5, chunk_size=512).best()
    return best.encoding if best is not None and best.encoding in _CANDIDATES else "cp1252"


def _is_central_european(sample: bytes) -> bool:
    """Whether Windows-1250 reads common Polish, Czech or Hungarian letters where Windows-1252 reads signs inside words."""
    as_western = sample.decode("cp1252", "replace")
    as_central = sample.decode("cp1250", "replace")
    signs = wins = 0
    for before, western, central, after in zip(as_central, as_western[1:], as_central[1:], as_central[2:], strict=False):
        if before.isalpha() and after.isalpha() and western > "\x7f" and not western.isalpha() and western not in "’\u00ad":
            signs += 1
            wins += central.isalpha()
    return signs >= 3 and wins == signs
