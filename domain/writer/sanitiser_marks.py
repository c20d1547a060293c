"""Marks in place of signs that the sanitiser writes slowly.

Writing & < > and whatever lies from U+0080 to U+00BF, nh3 takes a time quadratic in how many of them one text has: a
second for a price list of half a megabyte. Letters that nobody uses stand for them while it has the text.
"""

import re
from html.entities import html5

_SLOW = re.compile("[\x80-\xbf]")
_FIRST = 0x10F000  # of the last plane for private use: what a text holds of these goes
_WRITTEN = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\xa0": "&nbsp;"}
_MARKS = {sign: chr(_FIRST + n) for n, sign in enumerate(("&", "<", ">", *map(chr, range(0x80, 0xC0))))}
CUT = chr(_FIRST + len(_MARKS))  # a place in a text
_TAKEN = re.compile(f"[{chr(_FIRST)}-{CUT}]")
_SIGNS = {ord(mark): _WRITTEN.get(sign, sign) for sign, mark in _MARKS.items()} | {ord(CUT): ""}
_TABLE = str.maketrans({sign: mark for sign, mark in _MARKS.items() if not sign.isascii()})
_AMPERSAND, _LESS, _GREATER, _SPACE = (_MARKS[sign] for sign in _WRITTEN)
# An ampersand that begins no reference, or one to itself.
_OLD_NAMES = "|".join(sorted((name for name in html5 if not name.endswith(";")), reverse=True))
_BARE = re.compile(rf"&(?:amp;|(?!#[0-9]|#[xX][0-9a-fA-F]|[a-zA-Z][a-zA-Z0-9]*+;|{_OLD_NAMES}))")
_NAMED = re.compile(r"&([a-zA-Z][a-zA-Z0-9]*+;)")


def marked(html: str) -> str:
    """With marks for the signs that are no part of markup."""
    if html.isascii():
        return html
    html = _TAKEN.sub("", html)
    return html.translate(_TABLE) if _SLOW.search(html) else html


def marked_text(text: str) -> str:
    """Of what stands between tags, with marks for & < > as well."""
    if "&" in text:
        text = _NAMED.sub(_known, _BARE.sub(_AMPERSAND, text.replace("&nbsp;", _SPACE)))
    return text.replace("<", _LESS).replace(">", _GREATER)


def _known(found: re.Match[str]) -> str:
    return found[0] if found[1] in html5 else _AMPERSAND + found[1]


def unmarked(html: str) -> str:
    """As the sanitiser would have written it."""
    return html if html.isascii() else html.translate(_SIGNS)
