"""What of ours stands in the code injection of a post's head, beside what others have put there.

JSON-LD does not stay in a body. Beside it stands the slug that was asked for: Ghost makes another of it where it is
taken or has letters that Ghost writes otherwise, and to ask for the same again moves the post from `same-2` to `same-3`
and back at the next time. And there stand the ids of those of its tags that are categories here: Ghost has tags alone.
"""

import re
from collections.abc import Sequence
from html import escape, unescape

from domain.destinations import Article

NOTHING = "{}"
MAX_HEAD = 65_535  # characters, of all that is there
ANY = "igny8-[a-z0-9-]+"


def ours(marker: str) -> re.Pattern[str]:
    return _block(re.escape(marker))


def _block(marker: str) -> re.Pattern[str]:
    return re.compile(
        rf'\n?<script type="application/(?:ld\+)?json" id="{marker}"(?: data-slug="(?P<slug>[^"]*)")?'
        r'(?: data-categories="(?P<categories>[^"]*)")?>(?P<json>.*?)</script>',
        re.S,
    )


_ANY = _block(ANY)


def slug_asked(head: str | None, marker: str) -> str | None:
    """None where nothing tells."""
    found = ours(marker).search(head or "")
    return unescape(found["slug"]) if found and found["slug"] is not None else None


def categories_in(head: str | None, marker: str | None) -> frozenset[str] | None:
    """Ids; None where nothing tells. Without a marker, by whichever block of ours is there."""
    found = (ours(marker) if marker else _ANY).search(head or "")
    return frozenset(found["categories"].split()) if found and found["categories"] is not None else None


def json_of(article: Article) -> str | None:
    return None if article.json_ld is None else article.json_ld.replace("</", "<\\/")


def block_of(article: Article, categories: Sequence[str], json: str | None) -> str | None:
    """None where there is nothing to say. Without JSON-LD it is data that nobody else reads."""
    if json is None and not categories:
        return None
    said = {"id": article.marker, "data-slug": article.slug}
    if categories:
        said["data-categories"] = " ".join(categories)
    attributes = "".join(f' {name}="{escape(text, quote=True)}"' for name, text in said.items())
    kind = "json" if json is None or json == NOTHING else "ld+json"
    return f'<script type="application/{kind}"{attributes}>{json or NOTHING}</script>'


def head_with(head: str | None, article: Article, categories: Sequence[str] = ()) -> str | None:
    """All that was there, with our block anew, if it fits; None for nothing. What is kept is the JSON-LD there."""
    own, json = ours(article.marker), json_of(article)
    if "html" in article.keep:
        before = categories_in(head, article.marker)
        if before == frozenset(categories) or (before is None and not categories):
            return head or None
        found = own.search(head or "")
        json = found["json"] if found else None
    others, block = own.sub("", head or ""), block_of(article, categories, json)
    whole = "\n".join(part for part in (others, block) if part)
    return (whole if len(whole) <= MAX_HEAD else others) or None
