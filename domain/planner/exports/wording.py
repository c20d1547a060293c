"""How the text of a keyword is written, shown and compared."""

import re
import unicodedata

LONGEST_KEYWORD = 255

_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_DAMAGED = re.compile("[\ufffd\ud800-\udfff]")


def spaced(text: str) -> str:
    """The text with every run of white space, line ends included, as one space and none around it."""
    return " ".join(text.split())


def display(text: str) -> str:
    """The keyword as people see it: Unicode NFC, single spaces."""
    if text.isascii():
        return " ".join(text.split())
    return spaced(unicodedata.normalize("NFC", text).replace("\ufeff", ""))


def keyword_key(text: str) -> str:
    """The keyword's identity: equal for texts that differ only in case, width, spacing or invisible characters."""
    if text.isascii():
        return " ".join(text.casefold().split())
    return spaced(_fold(_fold(text)))


def _fold(text: str) -> str:
    """Twice it is stable: folding the case of a few letters gives characters that normalise further."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold())


def fault(keyword: str, key: str) -> str | None:
    """Why a displayed keyword cannot be kept, or None."""
    if not key:
        return "no keyword text"
    if len(keyword) > LONGEST_KEYWORD or len(key) > LONGEST_KEYWORD:
        return f"longer than {LONGEST_KEYWORD} characters"
    if keyword.isprintable() and keyword.isascii():
        return None
    if _CONTROL.search(keyword):
        return "contains a control character"
    return "contains characters that cannot be decoded" if _DAMAGED.search(keyword) else None


def plain(text: str, longest: int = LONGEST_KEYWORD) -> str | None:
    """A side text such as a topic: single spaces, no control characters, cut to `longest`; None when blank."""
    return spaced(_DAMAGED.sub("", _CONTROL.sub("", text)))[:longest].strip() or None


def strange_share(text: str) -> float:
    """The share of characters that no text has: controls, and bytes that could not be decoded."""
    return (len(_CONTROL.findall(text)) + len(_DAMAGED.findall(text))) / max(len(text), 1)
