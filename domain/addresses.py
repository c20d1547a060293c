"""Addresses that tenants give: which may be called, and which lead back inside.

What a name leads to is known when it is called; what an address says of itself is refused when it is saved.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit, urlunsplit

from domain.errors import bad_input

Address = IPv4Address | IPv6Address

MAX_URL = 500
HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?")
NUMBER = re.compile(r"(0x[0-9a-f]*|\d+)\.?")  # what ends in one, resolvers read as IPv4 in an old form
# Reached by translation: an IPv4 address stands at this bit of them.
CARRIERS = {
    IPv6Network("64:ff9b::/96"): 0,  # NAT64
    IPv6Network("::/96"): 0,  # IPv4-compatible
    IPv6Network("2002::/16"): 80,  # 6to4
}
# Not public, but not all of them private by the library's word.
CLOSED = (
    IPv4Network("192.0.0.0/24"),  # of protocols
    IPv4Network("100.64.0.0/10"),  # carrier-grade NAT, and clouds' metadata
    IPv4Network("192.88.99.0/24"),  # 6to4 relays
    IPv6Network("64:ff9b:1::/48"),  # NAT64 of one's own
    IPv6Network("2001::/32"),  # Teredo
    IPv6Network("fec0::/10"),  # site-local
)


def is_public(address: Address) -> bool:
    """False for loopback, private, link-local, metadata, multicast and reserved addresses, in every form of IPv6 that
    carries one of IPv4.
    """
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return False
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        for network, at in CARRIERS.items():
            if address in network:
                return is_public(IPv4Address((int(address) >> at) & 0xFFFFFFFF))
    if any(address.version == network.version and address in network for network in CLOSED):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """Hosts that the operator lets in though they are not public, by name; a port of None is any."""

    hosts: frozenset[tuple[str, int | None]] = frozenset()

    @classmethod
    def of(cls, text: str) -> "AllowedHosts":
        """`wordpress.internal, 127.0.0.1:8080, [::1]:8080`; ValueError that says how one is written."""
        return cls(frozenset(_allowed(part) for part in filter(None, (part.strip() for part in text.split(",")))))

    def lets_in(self, host: str, port: int) -> bool:
        name = host.lower().rstrip(".")
        return (name, None) in self.hosts or (name, port) in self.hosts


def _allowed(part: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(f"//{part}")
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.path or parts.query or parts.username is not None:
        raise ValueError(f"“{part}” is no host: write it as wordpress.internal, 127.0.0.1:8080 or [::1]:8080")
    return host, port


def check_url(text: str | None, *field: str) -> str:
    """As it is kept: the host in small letters and ASCII, without a slash at the end.

    BAD_INPUT for what is no plain http or https address, and for numbers that lead nowhere public. What the operator
    lets in is known to workers alone, so that a literal address inside is taken here only in its usual form, and is
    refused where it is called.
    """
    parts = _split((text or "").strip(), *field)
    host = _ascii(parts.hostname or "", *field)
    port = "" if parts.port is None else f":{parts.port}"
    shown = f"[{host}]" if ":" in host else host
    return urlunsplit((parts.scheme, f"{shown}{port}", parts.path.rstrip("/"), "", ""))


def _split(text: str, *field: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _refused(*field) from None
    bad = (
        len(text) > MAX_URL or not text.isprintable() or " " in text or parts.scheme not in ("http", "https")
        or parts.username is not None or parts.query or parts.fragment or not parts.hostname or port == 0
    )  # fmt: skip
    if bad:
        raise _refused(*field)
    return parts


def _ascii(host: str, *field: str) -> str:
    if ":" in host:
        try:
            return ip_address(host).compressed
        except ValueError:
            raise _refused(*field) from None
    try:
        name = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise _refused(*field) from None
    if not HOST.fullmatch(name):
        raise _refused(*field)
    last = name.rstrip(".").rpartition(".")[2]
    if NUMBER.fullmatch(last):
        try:
            return IPv4Address(name).compressed
        except ValueError:
            raise bad_input("Give an IPv4 address as four decimal numbers, or better a name.", *field) from None
    return name


def _refused(*field: str) -> Exception:
    return bad_input("Give an address such as https://example.com/blog, without a query or a password.", *field)


def public_of(found: Iterable[str]) -> list[Address]:
    """The addresses that a name was resolved to; ValueError unless every one of them is public."""
    addresses = [ip_address(each) for each in found]
    if not addresses or not all(map(is_public, addresses)):
        raise ValueError("not public")
    return addresses
