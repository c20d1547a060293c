"""Links of an article to other contents of its site, which stand in its HTML by the contents' ids."""

import re
from collections.abc import Mapping
from html import escape, unescape
from urllib.parse import urldefrag
from uuid import UUID

from domain.writer.attributes import CONTENT

_ATTRIBUTES = r'(?: [a-z]+="[^"]*")*'
_REFERENCE = re.compile(rf' href="{CONTENT}con_([0-9a-f-]{{36}})(#[^"]*)?"')
_OPENING = re.compile(rf"<a({_ATTRIBUTES})>")
_LINK = re.compile(rf"<(?:[a-z][a-z0-9]*{_ATTRIBUTES}|/a)>")
_ADDRESSED = re.compile(r'(<a(?: [a-z]+="[^"]*")*?) href="([^"]*)"')
_HREF = re.compile(r' href="([^"]*)"')
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


def unresolved(html: str, contents: Mapping[str, UUID]) -> str:
    """With references in place of these addresses: `resolved` the other way. HTML is clean."""
    if not contents:
        return html

    def named(found: re.Match[str]) -> str:
        address, mark, place = unescape(found[2]).partition("#")
        target = contents.get(address)
        if target is None:
            return found[0]
        return f'{found[1]} href="{CONTENT}con_{target}{escape(mark + place)}"'

    return _ADDRESSED.sub(named, html)


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


def addresses(html: str) -> set[str]:
    """To which clean HTML links, without the places in them."""
    links = (_OPENING.fullmatch(found[0]) for found in _LINK.finditer(html))
    named = (_HREF.search(link[1]) for link in links if link)
    return {urldefrag(unescape(name[1])).url for name in named if name} - {""}


def referring(html: str, contents: Mapping[str, UUID]) -> str:
    """With references in place of addresses that are contents'; the other way of `resolved`."""

    def link(found: re.Match[str]) -> str:
        opening = _OPENING.fullmatch(found[0])
        named = _HREF.search(opening[1]) if opening else None
        if opening is None or named is None:
            return found[0]
        target = contents.get(urldefrag(unescape(named[1])).url)
        if target is None:
            return found[0]
        mark, place = named[1].partition("#")[1:]
        at, attributes = named.span(), opening[1]
        return (
            f'<a{attributes[: at[0]]} href="{CONTENT}con_{target}{mark if place else ""}{place}"{attributes[at[1] :]}>'
        )

    return _LINK.sub(link, html) if contents else html
