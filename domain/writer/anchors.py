"""The places in an article that links can lead to: ids of its headings, and of whatever its own links name."""

import re
from urllib.parse import unquote

from domain.writer.attributes import is_id
from domain.writer.tags import HEADINGS

# Of HTML as the sanitiser writes it: every opening tag whole, so that none is looked for inside of a value.
_OPENING = re.compile(r'<([a-z][a-z0-9]*)((?: [a-z]+="[^"]*")*)>')
_ID = re.compile(r' id="([^"]*)"')
_LINK = re.compile(r'<a(?: [a-z]+="[^"]*")*? href="(?:content:[^"#]*)?#([^"]+)"')


def with_own_anchors(html: str) -> str:
    """Each id once, where it stands first. Ids of other elements, to which no link of the article leads, go."""
    if ' id="' not in html:
        return html
    named = set(_LINK.findall(html))
    named |= {unquote(name) for name in named}
    taken = set[str]()

    def settled(found: re.Match[str]) -> str:
        tag, attributes = found.groups()
        id = _ID.search(attributes)
        if id is None:
            return found[0]
        if is_id(id[1]) and id[1] not in taken and (tag in HEADINGS or id[1] in named):
            taken.add(id[1])
            return found[0]
        return f"<{tag}{attributes[: id.start()]}{attributes[id.end() :]}>"

    return _OPENING.sub(settled, html)
