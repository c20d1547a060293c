"""An article's body as it is sent."""

import re
from collections.abc import Mapping
from typing import Protocol

from domain.destinations import RemoteMedia

JSON_LD = '\n<!-- wp:html -->\n<script type="application/ld+json">{}</script>\n<!-- /wp:html -->'

STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


class Body(Protocol):
    """Writes an article's HTML as WordPress keeps it, with `marker` where a person who edits it leaves it alone.

    `media` is by hash; pictures that are not in it are left out.
    """

    def __call__(self, html: str, media: Mapping[str, RemoteMedia], marker: str, /) -> str: ...


def with_json_ld(content: str, json_ld: str | None) -> str:
    """A block of its own behind the text: no paragraphs are made of it. WordPress would see shortcodes there too."""
    if not json_ld:
        return content
    return content + JSON_LD.format(STRING.sub(lambda found: found[0].replace("[", "\\u005b"), json_ld))
