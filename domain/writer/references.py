"""Links of an article to other contents of its site, which stand in its HTML by the contents' ids."""

import re
from collections.abc import Mapping
from html import escape
from urllib.parse import urldefrag
from uuid import UUID

from domain.writer.attributes import CONTENT

_ATTRIBUTES = r'(?: [a-z]+="[^"]*")*'
_REFERENCE = re.compile(rf' href="{CONTENT}con_([0-9a-f-]{{36}})(#[^"]*)?"')
_OPENING = re.compile(rf"<a({_ATTRIBUTES})>")
_LINK = re.compile(rf"<(?:[a-z][a-z0-9]*{_ATTRIBUTES}|/a)>")
_OF_LINKS = re.compile(r' (?:href|rel|target)="[^"]*"')


def references(html: str) -> set[UUID]:
    """The contents to which clean HTML links."""
    if CONTENT not in html:
        return set()
    links = (_OPENING.fullmatch(found[0]) for found in _LINK.finditer(html))
    named = (_REFERENCE.search(link[1]) for link in links if link)
    return {UUID(name[1]) for name in named if name}


def resolved(html: str, own: UUID, addresses: Mapping[UUID, str]) -> str:
    """With addresses in place of references, and no link where there is none; what it says stays. HTML is clean.

    In a link to its `own` content a place in it does without the address, and without one it leads to its top.
    """
    if CONTENT not in html:
        return html
    ends: list[str] = []  # of the links that are open, how each is to end

    def link(found: re.Match[str]) -> str:
        if found[0] == "</a>":
            return ends.pop() if ends else found[0]
        opening = _OPENING.fullmatch(found[0])
        if opening is None:
            return found[0]
        said, end = _link(opening[1], own, addresses)
        ends.append(end)
        return said

    return _LINK.sub(link, html)


def _link(attributes: str, own: UUID, addresses: Mapping[UUID, str]) -> tuple[str, str]:
    """How it begins and ends. An id stays, since links can lead to it."""
    named = _REFERENCE.search(attributes)
    if named is None:
        return f"<a{attributes}>", "</a>"
    target, place = UUID(named[1]), named[2] or ""
    address = addresses.get(target)
    if target == own:
        href: str | None = place or escape(address or "#")
    else:
        href = escape(urldefrag(address).url) + place if address else None
    if href is not None:
        return f'<a{attributes[: named.start()]} href="{href}"{attributes[named.end() :]}>', "</a>"
    others = _OF_LINKS.sub("", attributes)
    return (f"<a{others}>", "</a>") if others else ("", "")
