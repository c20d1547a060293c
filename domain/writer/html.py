"""Article HTML: what may stay in it, and what can be read out of it.

The readers see `clean_html` of what they are given, so any input is safe to pass and only what a visitor sees counts.
Who wants several things of one article reads it once, as `Article`.
"""

import re
from functools import cache
from typing import TYPE_CHECKING

from domain.texts import cut
from domain.writer.anchors import with_own_anchors
from domain.writer.article import Article
from domain.writer.attributes import permitted
from domain.writer.sanitiser_marks import unmarked
from domain.writer.tags import ATTRIBUTES, ATTRIBUTES_OF_ALL, EMBEDDED, TAGS
from domain.writer.tidier import Excess, tidied

if TYPE_CHECKING:
    import nh3

# Quoted values only: the sanitiser writes no others, and anything looser could cut inside one and free its text.
_IMAGE_WITHOUT_SOURCE = re.compile(r'<img(?: (?!src=)[a-z]+="[^"]*")*>')
_PRE_BLANK = re.compile(r"<pre>\n+")  # every reading takes one of these lines away
_READINGS = 8  # more than what was tried needs; each result is as safe as the last


@cache
def _cleaner() -> "nh3.Cleaner":
    """Made for the first article: processes that only answer reads do without its library."""
    import nh3

    return nh3.Cleaner(
        tags=TAGS,
        clean_content_tags=EMBEDDED,
        attributes={"*": ATTRIBUTES_OF_ALL, **ATTRIBUTES},
        attribute_filter=permitted,
        link_rel=None,  # every link has its own by then
        url_schemes={"http", "https", "mailto", "tel", "content"},
    )


def clean_html(html: str) -> str:
    """Allow-listed article markup; the text of tags that are not allowed stays, scripts and the like go whole."""
    return cleaned(html)[0]


def cleaned(html: str) -> tuple[str, Excess | None]:
    """As `clean_html`, and what there was too much of, if anything: such tags are left out.

    What is written otherwise than the sanitiser writes it is read again until it stays as it is.
    """
    tidy, excess = tidied(html)
    html = _PRE_BLANK.sub("<pre>", tidy)
    for _ in range(_READINGS):
        read, html = html, _PRE_BLANK.sub("<pre>", _IMAGE_WITHOUT_SOURCE.sub("", _cleaner().clean(html)))
        if html == read:
            break
    return with_own_anchors(unmarked(html)), excess


def article(html: str) -> Article:
    return Article(clean_html(html))


def word_count(html: str) -> int:
    """Visible words; every CJK ideograph or kana is one."""
    return article(html).word_count


def text_of(html: str) -> str:
    """What a visitor reads, with single spaces."""
    return article(html).text


def sections(html: str) -> list[str]:
    """Clean HTML cut before every h2; put together it is whole again. The first part may be empty."""
    return article(html).cut_before("h2")


def excerpt(html: str, length: int = 200) -> str:
    return cut(article(html).text, length)


def headings(html: str) -> list[tuple[int, str]]:
    """Level and text of every heading that has text, in order."""
    return article(html).headings
