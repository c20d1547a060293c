"""Sites that can only be read: a real server's pages come here once, and nothing else does."""

import gzip
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

from domain.addresses import AllowedHosts
from domain.crawling import SiteReader
from domain.destinations import DestinationError
from jobs.adapters.door import Door
from jobs.adapters.site_reader import WebReader
from jobs.adapters.site_reader import reader as reading
from jobs.adapters.site_reader.pages import found
from jobs.adapters.site_reader.places import Scope
from jobs.adapters.site_reader.sitemaps import sitemap
from tests.client import Api, Json
from tests.conftest import Place
from tests.jobs.scripted import Received, Scripted, reply
from tests.jobs.support import sql
from tests.publishing.house import House, house
from tests.schema.articles import uuid_of

HTML = {"content-type": "text/html; charset=utf-8"}
FOUND = """
query($site: ID!) { contents(first: 50, filter: {siteId: $site}) { nodes {
  title slug status origin contentType htmlContent metaTitle metaDescription publishedUrl publishedAt } } }
"""


def page(title: str, text: str, head: str = "", round_it: str = "") -> str:
    return (
        f"<!doctype html><html lang=en><head><title>{title} | Site</title>{head}</head><body>"
        f"<nav><a href='/'>Home</a> <a href='/about/'>About</a></nav><main><h1>{title}</h1>{text}</main>"
        f"{round_it}<footer><a href='/imprint'>Imprint</a> words of every page</footer></body></html>"
    )


class Web:
    """A site: what each path answers, as a status, headers and a body; `asked` in order."""

    def __init__(self, pages: Mapping[str, Any]) -> None:
        self.pages, self.asked = dict(pages), list[str]()

    async def __call__(self, received: Received, writer: Any) -> None:
        self.asked.append(received.path)
        found = self.pages.get(received.path, (404, HTML, "<p>Not here.</p>"))
        status, headers, body = found if isinstance(found, tuple) else (200, HTML, found)
        data = body if isinstance(body, bytes) else body.encode()
        lines = [f"HTTP/1.1 {status} X", f"content-length: {len(data)}", "connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + data)


def root_of(server: Scripted) -> str:
    return f"http://127.0.0.1:{urlsplit(server.url).port}"


@pytest.fixture
async def home(place: Place, owner: Api) -> AsyncIterator[House]:
    async with house(place, owner) as made:
        sql(place, "delete from integration where site_id = %s", uuid_of(made.site))
        yield made


def reader_to(*servers: Scripted) -> WebReader:
    hosts = ",".join(f"127.0.0.1:{urlsplit(server.url).port}" for server in servers)
    return WebReader(Door(AllowedHosts.of(hosts)), pause=0.0)


async def imported(home: House, server: Scripted, path: str = "") -> Json:
    """The job, at its end."""
    home.desk.runner.tools = home.desk.runner.tools.having(SiteReader, reader_to(server))
    started = await home.owner.start("importSite", siteId=home.site, url=root_of(server) + path)
    assert started["userErrors"] == []
    await home.work()
    return await home.owner.finished(started["job"]["id"])


async def contents(home: House) -> dict[str, Json]:
    nodes: list[Json] = (await home.owner.one(FOUND, site=home.site))["nodes"]
    return {node["title"]: node for node in nodes}


async def test_what_its_sitemaps_list_comes_here_once(home: House) -> None:
    web = Web({})
    async with Scripted(otherwise=web) as server:
        root = root_of(server)
        web.pages |= {
            "/": page("Home", "<p>Welcome.</p>"),
            "/robots.txt": (200, {}, f"User-agent: *\nDisallow: /secret\nSitemap: {root}/maps.xml"),
            "/maps.xml": (200, {}, f"<sitemapindex><sitemap><loc>{root}/posts.xml.gz</loc></sitemap></sitemapindex>"),
            "/posts.xml.gz": (200, {}, gzip.compress(
                b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
                + "".join(f"<url><loc>{root}{p}</loc><lastmod>2026</lastmod></url>" for p in (
                    "/", "/tea-2/", "/%C3%BCber", "/secret", "/hidden", "/gone", "/file.pdf", "/moved",
                )).encode() + b"<url><loc>https://elsewhere.example/</loc></url></urlset>"
            )),
            "/tea-2/": page(
                "Tea & more", "<p>How to <a href='/brew'>brew</a>.</p><h2>Two</h2><p>More.</p>",
                '<meta name=description content="All of tea"><meta property="article:published_time" '
                'content="2024-05-06T07:08:09+02:00"><meta property=og:type content=article>',
            ),
            "/%C3%BCber": page("Über uns", "<p>Wir.</p>", f"<link rel=canonical href='{root}/ueber-uns'>"),
            "/secret": page("Secret", "<p>Nobody reads this.</p>"),
            "/hidden": page("Hidden", "<p>Not listed.</p>", "<meta name=ROBOTS content='NoIndex'>"),
            "/file.pdf": (200, {"content-type": "application/pdf"}, "%PDF"),
            "/moved": (301, {"location": "/tea-2/"}, ""),
        }  # fmt: skip
        job = await imported(home, server)
        assert (job["status"], job["message"]) == ("SUCCEEDED", "3 of 7 addresses imported")
        assert "/secret" not in web.asked
        here = await contents(home)
        assert set(here) == {"Home", "Tea & more", "Über uns"}
        tea = here["Tea & more"]
        assert tea == {
            "title": "Tea & more", "slug": "tea-2", "status": "PUBLISHED", "origin": "IMPORTED", "contentType": "POST",
            "htmlContent": f'<p>How to <a href="{root}/brew" rel="noopener">brew</a>.</p><h2>Two</h2><p>More.</p>',
            "metaTitle": "Tea & more | Site", "metaDescription": "All of tea", "publishedUrl": f"{root}/tea-2/",
            "publishedAt": "2024-05-06T05:08:09.000Z",
        }  # fmt: skip
        assert here["Über uns"]["publishedUrl"] == f"{root}/ueber-uns"
        assert here["Home"]["contentType"] == "PAGE"

        web.asked.clear()
        web.pages["/new"] = page("New", "<p>New.</p>")
        web.pages["/maps.xml"] = (200, {}, f"{root}/new\n{root}/tea-2/\n")
        await imported(home, server)
        assert set(await contents(home)) == {"Home", "Tea & more", "Über uns", "New"}
        assert "/tea-2/" not in web.asked, "what is here is not read again"


async def test_without_a_sitemap_its_links_lead_on(home: House) -> None:
    web = Web({
        "/blog": page("Blog", "<p>All.</p><a href='/blog/a'>A</a> <a href='/blog/a?page=2'>2</a><a href='/shop'>S"),
        "/blog/a": page("A", "<p>A.</p><a href='b#x'>B</a> <a rel=nofollow href='c'>C</a> <a href='d.zip'>D</a>"),
        "/blog/b": page("B", "<p>B.</p><a href='/blog'>back</a>"),
        "/blog/c": page("C", "<p>C.</p>"), "/shop": page("Shop", "<p>Shop.</p>"),
    })  # fmt: skip
    async with Scripted(otherwise=web) as server:
        await imported(home, server, "/blog")
        assert set(await contents(home)) == {"Blog", "A", "B"}
        assert {"/shop", "/blog/c", "/blog/d.zip", "/blog/a?page=2"}.isdisjoint(web.asked)


async def test_a_site_that_an_integration_tells_of_is_not_read(place: Place, owner: Api) -> None:
    async with house(place, owner, "Told") as home:
        started = await owner.start("importSite", siteId=home.site, url="https://example.com")
        assert started["userErrors"][0]["code"] == "CONFLICT"
        assert "syncIntegration" in started["userErrors"][0]["message"]


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        ({"/": (301, {"location": "https://elsewhere.example/"}, "")}, "leads to another site"),
        ({"/": (404, HTML, "no")}, "answers with 404"),
        ({"/": page("H", "<p>x</p>"), "/robots.txt": (200, {}, "User-agent: *\nDisallow: /")}, "robots.txt"),
        ({"/": page("H", "<p>x</p>"), "/robots.txt": (500, {}, "")}, "robots.txt cannot be read"),
    ],
)
async def test_a_site_that_cannot_be_read_says_why(pages: Mapping[str, Any], message: str) -> None:
    async with Scripted(otherwise=Web(pages)) as server:
        with pytest.raises(DestinationError, match=message):
            await read_all(reader_to(server), root_of(server))


async def test_addresses_inside_are_refused() -> None:
    async with Scripted(otherwise=Web({})) as server:
        with pytest.raises(DestinationError, match="public internet"):
            await read_all(WebReader(Door(AllowedHosts()), pause=0.0), root_of(server))
        assert server.requests == []


async def test_who_asks_to_be_let_be_is_let_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LONGEST_PAUSE", 0.01)
    web = Web({"/a": page("A", "<p>A.</p>")})
    busy = reply(503, {})
    async with Scripted([busy, busy], otherwise=web) as server:
        web.pages["/"] = page("Home", "<p>Home. <a href='/a'>A</a></p>")
        assert await read_all(reader_to(server), root_of(server)) == ["Home", "A"]
        server.play(busy, busy, busy)
        with pytest.raises(DestinationError, match="let be") as asked:
            await read_all(reader_to(server), root_of(server))
        assert asked.value.retryable


async def test_no_more_pages_than_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_PAGES", 5)
    links = "".join(f"<a href='/{n}'>{n}</a>" for n in range(50))
    web = Web(
        {
            "/": page("Home", links),
            "/about/": page("About", "<p>x</p>"),
            **{f"/{n}": page(f"P{n}", f"<p>x</p>{links}") for n in range(50)},
        }
    )
    async with Scripted(otherwise=web) as server:
        assert len(await read_all(reader_to(server), root_of(server))) == 5


async def read_all(reader: WebReader, url: str) -> list[str]:
    async def known(urls: Any) -> set[str]:
        return set()

    return [step.page.title async for step in reader.read(url, known) if step.page]


def test_a_pages_own_text_is_without_what_stands_round_it() -> None:
    html = (
        "<body><header><h1>Site</h1><nav>menu</nav></header><div><article><header><h1>Own  title</h1></header>"
        "<p>The longest text of the page by far, which is its own.</p><img data-src='/late.jpg' src='x.gif'>"
        "<form>subscribe</form><aside>related</aside><p><a href='more#x'>more</a> <a href='#own'>own</a></p></article>"
        "</div><footer>all rights</footer></body>"
    )
    page = found(html.encode(), None, "https://site.example/a/b", Scope("https://site.example/")).page
    assert page is not None
    assert page.title == "Own title"
    for word in ("menu", "subscribe", "related", "rights", "Own title"):
        assert word not in page.html
    assert 'src="https://site.example/late.jpg"' in page.html
    assert 'href="https://site.example/a/more"' in page.html
    assert 'href="#own"' in page.html


@pytest.mark.parametrize(
    ("data", "charset", "title"),
    [
        ("<title>Тест</title><p>x</p>".encode("windows-1251"), "windows-1251", "Тест"),
        (b"<meta charset='Shift_JIS'>" + "<title>日本</title><p>x</p>".encode("shift_jis"), None, "日本"),
        ("<title>Größe</title><p>x</p>".encode(), "ascii", "Größe"),
        ("<title>Größe</title><p>x</p>".encode(), "no-such-charset", "Größe"),
    ],
)
def test_its_letters_are_read_as_they_were_written(data: bytes, charset: str | None, title: str) -> None:
    page = found(data, charset, "https://site.example/", Scope("https://site.example/")).page
    assert page is not None
    assert page.title == title


def test_what_says_that_it_is_an_article_is_one() -> None:
    graph = json.dumps({"@graph": [{"@type": ["WebPage"]}, {"@type": "BlogPosting", "datePublished": "2025-01-02"}]})
    html = f'<script type="application/ld+json">{graph}</script><h1>T</h1><p>x</p>'
    page = found(html.encode(), None, "https://site.example/", Scope("https://site.example/")).page
    assert page is not None
    assert page.is_article
    assert page.published_at is not None
    assert page.published_at.isoformat() == "2025-01-02T00:00:00+00:00"


@pytest.mark.parametrize(
    ("url", "within"),
    [
        ("https://site.example/blog", True), ("https://site.example/blog/a", True),
        ("http://www.site.example/blog/", True), ("https://a.site.example/blog", False),
        ("https://site.example/blogger", False), ("https://site.example/", False),
        ("https://site.example:8443/blog", False),
    ],
)  # fmt: skip
def test_what_belongs_to_a_site(url: str, within: bool) -> None:
    assert Scope("https://site.example/blog").has(url) is within


@pytest.mark.parametrize(
    ("data", "pages"),
    [
        (b"", []), (b"<html><body><loc>https://a.example/</loc></body></html>", []),
        (b"<urlset><url><loc> https://a.example/ </loc></url><url><loc>https://b.example/", ["https://a.example/"]),
        (b"\xef\xbb\xbfhttps://a.example/\nno address\n", ["https://a.example/"]),
        (b"\x1f\x8b\x00broken", []),
    ],
)  # fmt: skip
def test_sitemaps_are_read_as_far_as_they_can_be(data: bytes, pages: list[str]) -> None:
    assert sitemap(data).pages == pages
