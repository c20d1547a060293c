"""What people write into fields: trimmed, bounded, and without what no text has."""

import re
import unicodedata

from domain.errors import bad_input

MAX_TEXT, MAX_TITLE, MAX_KEYWORDS = 4000, 255, 100
MIN_WORDS, MAX_WORDS, MAX_CODE, MAX_NAME, MAX_EMAIL = 100, 10_000, 35, 100, 254
COUNTRY, LANGUAGE, CURRENCY = re.compile("[A-Z]{2}"), re.compile("[a-z]{2,3}(-[a-z0-9]{2,8})*"), re.compile("[A-Z]{3}")

_PART = r"[^@\s\x00-\x1f,;:<>()\[\]\"\\]"  # nothing that makes a list, a comment or another address of it
EMAIL = re.compile(rf"{_PART}{{1,64}}@{_PART}+\.{_PART}+")

# What programs make links of: schemes, e-mail, domains, IPv4.
_ADDRESS = re.compile(r"\S@\S|:/|//|\bwww\.\S|[\w-]\.[^\W\d_]{2,}|\d+(\.\d+){3}", re.IGNORECASE)


def has_address(text: str) -> bool:
    """Also in other scripts' dots and in wide letters: whoever reads it may be led there."""
    return _ADDRESS.search(_plain(text)) is not None


def unlinked(text: str) -> str:
    """The same words, of which nothing makes a link; as it is where nothing would."""
    if not has_address(text):
        return text
    return " ".join(_plain(text).replace("/", " ").replace("@", " at ").replace(".", ". ").replace(":", ": ").split())


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("\u3002", ".")


def check_unlinked(line: str | None, *field: str) -> str | None:
    """For names that go into letters to people who did not ask for them."""
    if line and has_address(line):
        raise bad_input("Give a name without an address in it: no @, no //, and a space after a dot.", *field)
    return line


def check_text(text: str | None, most: int, *field: str) -> str:
    """Trimmed; empty is allowed."""
    trimmed = (text or "").strip()
    if len(trimmed) > most or "\0" in trimmed:
        raise bad_input(f"Give at most {most} characters.", *field)
    return trimmed


def check_name(name: str, *field: str) -> str:
    """One line of 1 to 100 characters with single spaces."""
    trimmed = " ".join(name.split())
    if not 1 <= len(trimmed) <= MAX_NAME or not trimmed.isprintable():
        raise bad_input(f"Give a name of 1 to {MAX_NAME} printable characters.", *field)
    return trimmed


def check_email(email: str, *field: str) -> str:
    """Lower-cased."""
    trimmed = email.strip().lower()
    if len(trimmed) > MAX_EMAIL or not EMAIL.fullmatch(trimmed):
        raise bad_input("Give an e-mail address such as ada@example.com.", *field)
    return trimmed


def check_title(text: str | None, *field: str) -> str:
    """One line of 1 to 255 characters with single spaces."""
    line = " ".join((text or "").split())
    if not 1 <= len(line) <= MAX_TITLE or not line.isprintable():
        raise bad_input(f"Give from 1 to {MAX_TITLE} printable characters.", *field)
    return line


def check_line(text: str | None, most: int, *field: str) -> str | None:
    """One line with single spaces; None when it is empty."""
    line = " ".join((text or "").split())
    if len(line) > most or not line.isprintable():
        raise bad_input(f"Give at most {most} printable characters.", *field)
    return line or None


def check_keywords(texts: list[str] | None, *field: str) -> list[str]:
    """Keywords that a page aims at, each once whatever its case, the main one first."""
    if len(texts or ()) > MAX_KEYWORDS:
        raise bad_input(f"Give at most {MAX_KEYWORDS} keywords.", *field)
    lines = [line for text in texts or () if (line := check_line(text, MAX_TITLE, *field))]
    return list({line.casefold(): line for line in reversed(lines)}.values())[::-1]


def check_word_count(words: int | None, *field: str) -> int:
    if words is None or not MIN_WORDS <= words <= MAX_WORDS:
        raise bad_input(f"Give from {MIN_WORDS} to {MAX_WORDS:,} words.", *field)
    return words


def check_country(code: str | None, *field: str) -> str | None:
    """ISO 3166-1 alpha-2, in capitals."""
    return _code((code or "").strip().upper(), COUNTRY, "US", *field)


def check_language(tag: str | None, *field: str) -> str | None:
    """BCP 47, in small letters."""
    return _code((tag or "").strip().lower(), LANGUAGE, "en or pt-br", *field)


def check_currency(code: str | None, *field: str) -> str | None:
    """ISO 4217, in capitals."""
    return _code((code or "").strip().upper(), CURRENCY, "USD", *field)


def _code(text: str, pattern: re.Pattern[str], example: str, *field: str) -> str | None:
    if len(text) > MAX_CODE or (text and not pattern.fullmatch(text)):
        raise bad_input(f"Give a code such as {example}.", *field)
    return text or None


def cut(text: str, length: int) -> str:
    """At most `length` characters with single spaces; a longer text ends in … after a whole word where it can."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    head = text[: max(length - 1, 0)]
    space = text.rfind(" ", 0, len(head) + 1)
    if space > length // 2:
        head = head[:space]
    return head.rstrip(" ,;:.-–—") + "…"
