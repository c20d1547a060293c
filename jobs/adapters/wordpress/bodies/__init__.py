"""An article's body as WordPress keeps it."""

import re
from collections.abc import Mapping

from domain.destinations import RemoteMedia
from jobs.adapters.wordpress.bodies.autop import plain
from jobs.adapters.wordpress.bodies.blocks import blocks
from jobs.adapters.wordpress.bodies.tree import read
from persistence.terms import WordPressMarkup

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def body(html: str, media: Mapping[str, RemoteMedia], marker: str, markup: WordPressMarkup) -> str:
    """What goes into a post's content for clean HTML in which pictures stand as `src="picture:SHA256"`.

    `media` is by that hash; pictures that are not in it are left out. `marker`, of `[a-z0-9-]`, is in it once, where a
    person who edits the text or turns it into blocks leaves it alone. Time and memory grow with the length.
    """
    article = read(html, media)
    return blocks(article, marker) if markup is WordPressMarkup.BLOCKS else plain(article, marker)


def html_block(line: str) -> str:
    """A line of HTML as a block, to stand behind a body of blocks after a blank line."""
    return f"<!-- wp:html -->\n{line}\n<!-- /wp:html -->"


def html_line(line: str) -> str:
    """The same, behind a body that is plain HTML: no paragraph is made of it."""
    return f"<div>{line}</div>"


def with_json_ld(content: str, json_ld: str, markup: WordPressMarkup) -> str:
    """`content` as `body` makes it, with a line of JSON-LD behind it in which WordPress sees no shortcode."""
    json = _STRING.sub(lambda found: found[0].replace("[", "\\u005b"), json_ld)
    line = f'<script type="application/ld+json">{json}</script>'
    if markup is WordPressMarkup.BLOCKS:
        return f"{content}\n\n{html_block(line)}"
    return f"{content}\n{html_line(line)}"
