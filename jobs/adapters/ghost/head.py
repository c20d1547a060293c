"""What of ours stands in the code injection of a post's head, beside what others have put there.

JSON-LD does not stay in a body. Beside it stands the slug that was asked for: Ghost makes another of it where it is
taken or has letters that Ghost writes otherwise, and to ask for the same again moves the post from `same-2` to `same-3`
and back at the next time.
"""

import re
from html import escape, unescape

from domain.destinations import Article

MAX_HEAD = 65_535  # characters, of all that is there


def ours(marker: str) -> re.Pattern[str]:
    return re.compile(
        rf'\n?<script type="application/ld\+json" id="{re.escape(marker)}"(?: data-slug="([^"]*)")?>.*?</script>', re.S
    )


def slug_asked(head: str | None, marker: str) -> str | None:
    """None where nothing tells."""
    found = ours(marker).search(head or "")
    return unescape(found[1]) if found and found[1] is not None else None


def block_of(article: Article) -> str | None:
    if article.json_ld is None:
        return None
    slug, json_ld = escape(article.slug, quote=True), article.json_ld.replace("</", "<\\/")
    return f'<script type="application/ld+json" id="{article.marker}" data-slug="{slug}">{json_ld}</script>'


def head_with(head: str | None, article: Article) -> str | None:
    """All that was there, with our block anew, if it fits; None for nothing."""
    others, block = ours(article.marker).sub("", head or ""), block_of(article)
    whole = "\n".join(part for part in (others, block) if part)
    return (whole if len(whole) <= MAX_HEAD else others) or None
