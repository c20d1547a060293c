"""Sites that are read page by page, to know what is there: as a protocol and plain values."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

MOST_PAGES = 10_000
Known = Callable[[Sequence[str]], Awaitable[set[str]]]


@dataclass(frozen=True, slots=True)
class Page:
    """`url` is its canonical address, `html` its own text, not clean, with absolute addresses and without what stands
    on every page; `is_article` where it says that it is one. Times are aware.
    """

    url: str
    title: str
    html: str = field(repr=False)
    meta_title: str = ""
    meta_description: str = ""
    is_article: bool = False
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """A step of reading: a page, or None for an address that is none; `total` addresses are known so far."""

    page: Page | None
    done: int
    total: int


class SiteReader(Protocol):
    def read(self, url: str, known: Known) -> AsyncIterator[Read]:
        """Of the site at and below an address, at most MOST_PAGES: what its sitemaps list, or where its links lead.

        As its robots.txt allows, and no faster than it asks. Those of the addresses that are `known` are not read
        again. DestinationError when the site does not answer, or lets nobody read it.
        """
        ...
