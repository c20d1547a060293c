"""Slugs: what a title is called in an address, for everything that has one."""

import re
import unicodedata

_SPELT = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
_SILENT = "'’ʼ`\N{VARIATION SELECTOR-15}\N{VARIATION SELECTOR-16}"


def slugify(text: str, otherwise: str = "untitled", most: int = 80) -> str:
    """ASCII where the letters are Latin, Unicode letters where not; at most `most` characters.

    `otherwise` where the text has neither letters nor digits.
    """
    folded = "".join(_fold(character) for character in unicodedata.normalize("NFC", text)).lower()
    slug = re.sub(r"-+", "-", folded).strip("-")
    if len(slug) > most:
        hyphen = slug.rfind("-", most // 2, most + 1)
        slug = slug[: hyphen if hyphen > 0 else most]
    return slug if any(map(str.isalnum, slug)) else otherwise


def _fold(character: str) -> str:
    plain = "".join(part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part))
    letters = plain if plain and plain.isascii() else _SPELT.get(character.lower(), character)
    return "".join(_in_slug(letter) for letter in letters)


def _in_slug(letter: str) -> str:
    if letter in _SILENT or unicodedata.category(letter) == "Cf":
        return ""
    return letter if letter.isalnum() or unicodedata.category(letter) in {"Mn", "Mc"} else "-"
