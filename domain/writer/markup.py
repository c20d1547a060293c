"""Tags and comments in a text, as HTML's own rules find them, in one pass over it."""

import re

from domain.writer.tags import ATTRIBUTES, ATTRIBUTES_OF_ALL

LONGEST_VALUE = 4000  # of an attribute; a longer one goes
SPACE = "\\t\\n\\f\\r "
# Nothing in it is tried twice: what a part has taken it keeps.
_VALUE = rf"""(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^{SPACE}>"'][^{SPACE}>]*+)"""
_ATTRIBUTE = rf"[^{SPACE}/>][^{SPACE}/>=]*+(?:[{SPACE}]*+=[{SPACE}]*+{_VALUE}?+)?+"
TOKEN = re.compile(
    rf"<(?:(/?)([a-zA-Z][^{SPACE}/>]*+)((?:[{SPACE}/]++|{_ATTRIBUTE})*+)(>?+)"
    rf"|!--(?:-?>|(?s:.)*?(?:--!?>|\Z))|[!?][^>]*+>?+|/(?:>|[^a-zA-Z>][^>]*+>?+))"
)
_NAMED = re.compile(
    rf"""([^{SPACE}/>][^{SPACE}/>=]*+)(?:[{SPACE}]*+=[{SPACE}]*+"""
    rf"""(?:"([^"]*+)"?+|'([^']*+)'?+|([^{SPACE}>"'][^{SPACE}>]*+))?+)?+"""
)


def kept(name: str, attributes: str) -> str:
    """An element's own attributes, each once and in double quotes; every link has a rel."""
    known = ATTRIBUTES.get(name, set()) | ATTRIBUTES_OF_ALL
    text, found = "", set[str]()
    for attribute, double, single, bare in _NAMED.findall(attributes):
        attribute = attribute.lower()
        if attribute in known and attribute not in found:
            found.add(attribute)
            value = double or single or bare
            if len(value) <= LONGEST_VALUE:
                text += f' {attribute}="{value.replace(chr(34), "&quot;")}"'
    return f'{text} rel="noopener"' if name == "a" and ' rel="' not in text else text
