"""What a site shows people: looked at where its API says too little."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from domain.destinations import DestinationError
from jobs.adapters.wordpress.api import Api
from jobs.adapters.wordpress.failures import site_of
from jobs.adapters.wordpress.site import ROUTES
from persistence.terms import RemoteEntityKind

MOST = 2_000_000  # characters that are looked at
TRACES = ("wp-content/", "wp-includes/", "api.w.org")


@dataclass(frozen=True, slots=True)
class Page:
    """`api`: where it says that its site's API is."""

    title: str
    described: bool
    is_wordpress: bool
    api: str | None


async def look(api: Api, url: str) -> Page:
    """Without signing in. DestinationError where nothing answers."""
    response = await api.send("GET", url, headers={"accept": "text/html"}, signed=False)
    return await asyncio.to_thread(_read, response.text[:MOST], response.headers.get("link", ""))


def _read(html: str, link: str) -> Page:
    tree = LexborHTMLParser(html)
    title = tree.css_first("head title")
    named = tree.css_first('link[rel="https://api.w.org/"]')
    href = named.attributes.get("href") if named else None
    if href is None and "api.w.org" in link:
        href = link.partition("<")[2].partition(">")[0]
    return Page(
        title=" ".join(title.text().split()) if title else "",
        described=tree.css_first('head meta[name="description"]') is not None,
        is_wordpress=any(trace in html for trace in TRACES) or "api.w.org" in link,
        api=href or None,
    )


async def where_the_api_is(api: Api, failed: DestinationError) -> tuple[str, str]:
    """What was found and what to do, where the API does not answer as one."""
    try:
        home = await look(api, f"{api.url}/")
    except DestinationError:
        return failed.said, failed.cure
    title = api.failures.plain.line(home.title, 80)
    if home.api and site_of(home.api) != api.url:
        there = site_of(home.api)
        return f"The API of this site is at {there}.", f"Give {there} as the address."
    if home.is_wordpress:
        return f"WordPress runs there, but its REST API does not answer. {failed.said}", failed.cure
    shown = f"a page called “{title}”" if title else "a page without a title"
    return f"No WordPress answers there, but {shown}.", "Give the address of the site's home page."


async def head(api: Api) -> str:
    """What the newest page tells search engines."""
    try:
        params = {"per_page": 1, "_fields": "link"}
        rows = (await api.get(ROUTES[RemoteEntityKind.POST], params)).rows
        url = str(rows[0].get("link")) if rows else f"{api.url}/"
        if urlsplit(url).netloc != urlsplit(api.url).netloc:
            return f"Its posts are shown at {site_of(url)}."
        page = await look(api, url)
    except DestinationError as error:
        return f"No page of it could be looked at: {error.said}"
    title = f"the title “{api.failures.plain.line(page.title, 80)}”" if page.title else "no title"
    return f"Its newest page has {title} and {'a' if page.described else 'no'} description."
