"""What names, an e-mail address and a password must be."""

import re

from domain.errors import bad_input
from domain.texts import check_unlinked

_PART = r"[^@\s\x00-\x1f,;:<>()\[\]\"\\]"  # nothing that makes a list, a comment or another address of it
EMAIL = re.compile(rf"{_PART}{{1,64}}@{_PART}+\.{_PART}+")
MIN_PASSWORD, MAX_PASSWORD = 10, 200


def check_name(name: str, *field: str) -> str:
    """Trimmed; 1 to 100 characters, none of them a control character."""
    trimmed = " ".join(name.split())
    if not 1 <= len(trimmed) <= 100 or not trimmed.isprintable():
        raise bad_input("Give a name of 1 to 100 printable characters.", *field)
    return trimmed


def check_account_name(name: str, *field: str) -> str:
    """As `check_name`, with no address in it: it goes into letters."""
    checked = check_name(name, *field)
    check_unlinked(checked, *field)
    return checked


def check_email(email: str, *field: str) -> str:
    """Lower-cased."""
    trimmed = email.strip().lower()
    if len(trimmed) > 254 or not EMAIL.fullmatch(trimmed):
        raise bad_input("Give an e-mail address such as ada@example.com.", *field)
    return trimmed


def check_password(password: str, *field: str) -> str:
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD or "\0" in password:
        raise bad_input(f"Give a password of {MIN_PASSWORD} to {MAX_PASSWORD} characters.", *field)
    return password
