"""Reads a site as a guest who asks first and does not hurry."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import NamedTuple

import httpx2
from protego import Protego

from domain.crawling import MOST_PAGES, Known, Read
from domain.destinations import DestinationError
from jobs.adapters.door import Door, TooLargeError
from jobs.adapters.failures import retry_after
from jobs.adapters.site_reader.pages import Found, found
from jobs.adapters.site_reader.places import Scope, address
from jobs.adapters.site_reader.sitemaps import sitemap

NAME = "IGNY8"
PAUSE, LONGEST_PAUSE = 0.2, 10.0  # seconds from one request to the next
PATIENCE, TRIES = 60.0, 3  # where it asks to be let be
MAX_PAGE, MAX_SITEMAP, MAX_ROBOTS = 5_000_000, 60_000_000, 500_000  # bytes
MOST_SITEMAPS, DEEPEST = 500, 3
REDIRECTS = 5
USUAL = ("/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml")
KNOWN_AT_ONCE = 500


class Answer(NamedTuple):
    """`url`: where it was found in the end."""

    url: str
    response: httpx2.Response
    body: bytes


class WebReader:
    """Implements SiteReader."""

    def __init__(self, door: Door, pause: float = PAUSE) -> None:
        self._door, self._pause = door, pause

    async def read(self, url: str, known: Known) -> AsyncIterator[Read]:
        async with self._door.client(max_bytes=MAX_SITEMAP) as client:
            async for step in _Reading(client, url, known, self._pause).steps():
                yield step


class _Reading:
    """One site, once."""

    def __init__(self, client: httpx2.AsyncClient, url: str, known: Known, pause: float) -> None:
        self._client, self._known, self._pause = client, known, pause
        self._root = address(url) or url
        self._scope = Scope(self._root)
        self._robots = Protego.parse("")
        self._next = 0.0
        self._seen: set[str] = set()  # addresses that were read, or need not be

    async def steps(self) -> AsyncIterator[Read]:
        """DestinationError when it cannot be begun; what fails later is left out."""
        await self._arrive()
        listed = await self._listed()
        waiting, follows = (deque(listed), False) if listed else (deque([self._root]), True)
        queued, done = set(waiting), 0
        while waiting and done < MOST_PAGES:
            batch = [waiting.popleft() for _ in range(min(KNOWN_AT_ONCE if not follows else 1, len(waiting)))]
            here = set() if follows else await self._known(batch)
            for url in batch:
                done += 1
                what = None if url in here else await self._page(url)
                if what and follows:
                    new = [link for link in what.links if link not in queued and self._may(link)]
                    room = MOST_PAGES - len(queued)
                    new = list(dict.fromkeys(new))[: max(room, 0)]
                    queued.update(new)
                    waiting.extend(new)
                page = what.page if what else None
                if page and follows and await self._known([page.url]):
                    page = None
                yield Read(page, done, len(queued))

    async def _arrive(self) -> None:
        """Where the address leads to within the site, and what its robots.txt says."""
        answer = await self._get(self._root, MAX_PAGE)
        if answer is None:
            raise DestinationError(
                f"{self._root} leads to another site.", "Give the address that it leads to.", code="moved"
            )
        if answer.response.status_code >= 400:
            status = answer.response.status_code
            raise DestinationError(
                f"{self._root} answers with {status}.", "Give the address of the site's home page.", code=str(status),
                retryable=status >= 500,
            )  # fmt: skip
        robots = await self._get(address("/robots.txt", answer.url) or "", MAX_ROBOTS)
        if robots and robots.response.status_code == 200:
            self._robots = Protego.parse(robots.body.decode("utf-8", "replace"))
        elif robots and robots.response.status_code >= 500:  # RFC 9309, 2.3.1.4
            raise DestinationError(
                "Its robots.txt cannot be read now.", "Try again later.", code="robots", retryable=True
            )
        self._pause = min(max(self._robots.crawl_delay(NAME) or 0.0, self._pause), LONGEST_PAUSE)
        if not self._may(self._root):
            raise DestinationError(
                "Its robots.txt lets nobody read it.", f"Allow the user agent {NAME} there.", code="robots"
            )

    def _may(self, url: str) -> bool:
        return bool(self._robots.can_fetch(url, NAME))

    async def _listed(self) -> list[str]:
        """Pages of the site that its sitemaps list, in their order."""
        said = [url for url in (address(each) for each in self._robots.sitemaps) if url]
        waiting = deque((url, 0) for url in said or [address(path, self._root) or "" for path in USUAL])
        asked: set[str] = set()
        pages: dict[str, None] = {}
        while waiting and len(asked) < MOST_SITEMAPS and len(pages) < MOST_PAGES:
            url, depth = waiting.popleft()
            if url in asked or depth > DEEPEST:
                continue
            asked.add(url)
            answer = await self._tried(url, MAX_SITEMAP, elsewhere=True)
            if answer is None or answer.response.status_code != 200:
                continue
            map = await asyncio.to_thread(sitemap, answer.body)
            waiting.extend((found, depth + 1) for each in map.sitemaps if (found := address(each, url)))
            for page in (address(each, url) for each in map.pages):
                if page and self._scope.has(page) and self._may(page) and len(pages) < MOST_PAGES:
                    pages[page] = None
        return list(pages)

    async def _page(self, url: str) -> Found | None:
        """None for what is no page of the site, and for what was read under another address."""
        answer = await self._tried(url, MAX_PAGE)
        if answer is None or answer.response.status_code != 200 or not _is_html(answer.response):
            return None
        if "noindex" in answer.response.headers.get("x-robots-tag", "").lower():
            return None
        charset = answer.response.charset_encoding
        what = await asyncio.to_thread(found, answer.body, charset, answer.url, self._scope)
        if what.canonical in self._seen:
            return Found(None, what.canonical, what.links)
        self._seen.add(what.canonical)
        return what

    async def _tried(self, url: str, most: int, *, elsewhere: bool = False) -> Answer | None:
        """None for one that does not answer as it must: others may."""
        try:
            return await self._get(url, most, elsewhere=elsewhere)
        except TooLargeError:
            return None
        except DestinationError as error:
            if error.retryable:
                raise
            return None

    async def _get(self, url: str, most: int, *, elsewhere: bool = False) -> Answer | None:
        """Also where it is found now, as long as that is on the site; None elsewhere."""
        for _ in range(REDIRECTS):
            response, body = await self._ask(url, most)
            location = response.headers.get("location")
            if not 300 <= response.status_code < 400 or not location:
                return Answer(url, response, body)
            there = address(location, url)
            if there is None or not (elsewhere or self._scope.has(there)):
                return None
            url = there
        return None

    async def _ask(self, url: str, most: int) -> tuple[httpx2.Response, bytes]:
        """DestinationError for a site that does not answer, or asks again and again to be let be."""
        for _ in range(TRIES):
            await self._in_turn()
            try:
                async with self._client.stream("GET", url) as response:
                    body = await _body(response, most)
            except httpx2.TransportError as error:
                raise DestinationError(
                    f"{url} cannot be reached ({type(error).__name__}).", "See that the site is up, and try again.",
                    code="unreachable", retryable=True,
                ) from error  # fmt: skip
            if response.status_code not in (429, 503):
                return response, body
            wait = retry_after(response.headers)
            await asyncio.sleep(min(wait if wait is not None else LONGEST_PAUSE, PATIENCE))
        raise DestinationError(
            "It asks to be let be.", "Try again later.", code=str(response.status_code), retryable=True,
            retry_after=retry_after(response.headers),
        )  # fmt: skip

    async def _in_turn(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._next - loop.time()))
        self._next = loop.time() + self._pause


async def _body(response: httpx2.Response, most: int) -> bytes:
    """TooLargeError past so many bytes."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > most:
            raise TooLargeError(most)
    return bytes(body)


def _is_html(response: httpx2.Response) -> bool:
    kind = response.headers.get("content-type", "text/html").partition(";")[0].strip().lower()
    return kind in ("text/html", "application/xhtml+xml")
