"""Names, slugs and domains of accounts, sites and sectors."""

import re
from urllib.parse import urlsplit
from uuid import UUID

from domain.errors import bad_input
from domain.slugs import slugify
from domain.texts import check_name, check_unlinked

MAX_ACTIVE_SECTORS, MAX_SLUG = 5, 60
HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}|localhost")


def slug_of(name: str, id: UUID) -> str:
    """Unique among accounts: whether a name is taken is nobody's business."""
    return f"{slugify(name, 'account', MAX_SLUG)}-{id.hex[-8:]}"


def check_account_name(name: str, *field: str) -> str:
    """As `check_name`, with no address in it: it goes into letters."""
    checked = check_name(name, *field)
    check_unlinked(checked, *field)
    return checked


def check_domain(domain: str | None, *field: str) -> str | None:
    """The bare host of a domain or URL, lower-cased and in ASCII."""
    if domain is None or not domain.strip():
        return None
    text = domain.strip().lower()
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
        host = host.encode("idna").decode()
    except (ValueError, UnicodeError):
        host = ""
    if not HOST.fullmatch(host):
        raise bad_input("Give a domain such as example.com.", *field)
    return host
