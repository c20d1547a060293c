"""Requests to a WordPress and what the adapter reads of their answers, to hold two sites against each other.

`{name}` in a path or a field is the id that an answer before was kept by. What is read of an answer are dotted paths;
a star goes into each row of a list.
"""

import json
import re
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.wordpress.pictures import PICTURE, PICTURE_NAME
from tests.wordpress.places import Place

POST = (
    "slug", "status", "link", "title.raw", "content.raw", "excerpt.raw", "author", "featured_media", "categories",
    "tags", "meta",
)  # fmt: skip
ROWS = tuple(f"*.{name}" for name in ("id", *POST))
EDIT = "context=edit&status=any,trash&orderby=id&order=asc"
DATE = "2031-05-06T07:08:09"


@dataclass(frozen=True, slots=True)
class Exchange:
    method: str
    path: str
    fields: Any = None
    reads: tuple[str, ...] = ()
    who: str | None = "admin"
    keep: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    password: str | None = None
    header_reads: tuple[str, ...] = ()


def post(path: str, fields: Any, reads: tuple[str, ...] = POST, **more: Any) -> Exchange:
    return Exchange("POST", path, fields, reads, **more)


def get(path: str, reads: tuple[str, ...] = (), **more: Any) -> Exchange:
    return Exchange("GET", path, None, reads, **more)


def picture(query: str, body: bytes, name: str, mime_type: str = "image/png", **more: Any) -> Exchange:
    headers = {"content-type": mime_type, "content-disposition": f'attachment; filename="{name}"'}
    reads = ("slug", "title.raw", "alt_text", "mime_type", "source_url")
    return Exchange("POST", f"/wp/v2/media{query}", None, reads, headers=headers, body=body, **more)


MARKED = "<p><!-- igny8-0011223344556677 -->Tea &amp; toast</p>"
LONG = "как-выбрать-беговые-кроссовки-для-начинающих-бегунов"
EXCHANGES: list[Exchange] = [
    get("/?_fields=name,namespaces,authentication", ("name",), who=None),
    get("/wp/v2/users/me?context=edit", ("id", "username", "name", "roles", "capabilities.publish_posts")),
    get("/wp/v2/users/me?context=edit", ("roles", "capabilities.unfiltered_html"), who="author"),
    get("/wp/v2/users/me?context=edit", ("roles", "capabilities.publish_posts"), who="subscriber"),
    get("/wp/v2/users/me?context=edit", who=None),
    get("/wp/v2/users/me?context=edit", password="wrong"),
    get("/wp/v2/users?who=authors&search=Edit&_fields=id,name", ("*.name",), who="editor"),
    get("/wp/v2/users?who=authors&search=nobody-of-this-name&_fields=id,name", ("*.name",), who="author"),
    get("/wp/v2/users?who=authors", who="subscriber"),
    Exchange("OPTIONS", "/wp/v2/posts", header_reads=("allow",), reads=("schema.properties.meta.properties",)),
    Exchange("OPTIONS", "/wp/v2/pages", header_reads=("allow",), reads=("schema.properties.meta.properties",)),
    Exchange("OPTIONS", "/wp/v2/posts", who="subscriber", header_reads=("allow",)),
    Exchange("OPTIONS", "/wp/v2/media", header_reads=("allow",)),
    Exchange("OPTIONS", "/wp/v2/media", who="subscriber", header_reads=("allow",)),
    # Drafts
    post("/wp/v2/posts", {"status": "draft", "title": "Tea", "slug": "tea", "content": MARKED}, keep="tea"),
    post("/wp/v2/posts", {"status": "draft", "title": "Tea", "slug": "tea", "content": "x"}, keep="second"),
    post("/wp/v2/posts", {"title": "No slug"}, keep="bare"),
    post("/wp/v2/posts", {"status": "draft", "title": "Long", "slug": LONG}, keep="long"),
    post("/wp/v2/posts", {"status": "draft", "title": "Year", "slug": "2024"}, keep="year"),
    post("/wp/v2/posts", {"status": "draft", "title": "Feed", "slug": "feed"}, keep="feed"),
    post("/wp/v2/posts", {"status": "draft", "title": "Umlaut", "slug": "Grüße aus Köln"}, keep="umlaut"),
    post("/wp/v2/pages", {"status": "draft", "title": "A page", "slug": "tea", "content": MARKED}, POST, keep="page"),
    post("/wp/v2/posts", {}),
    post("/wp/v2/posts", {"title": "T", "status": "nonsense"}),
    post("/wp/v2/posts", {"title": "T", "id": 5}),
    post("/wp/v2/posts", {"title": "T"}, who="subscriber"),
    post("/wp/v2/posts", {"title": "T"}, who=None),
    post("/wp/v2/posts", {"title": "T"}, password="wrong"),
    Exchange("POST", "/wp/v2/posts", body=b"{nonsense", headers={"content-type": "application/json"}),
    Exchange("POST", "/wp/v2/posts", body=b'{"title": "T"}', headers={"content-type": "text/plain"}),
    # Look-ups
    get(f"/wp/v2/posts?search=igny8-0011223344556677&{EDIT}", ROWS, header_reads=("x-wp-total", "x-wp-totalpages")),
    get(f"/wp/v2/posts?search=igny8-00112233&{EDIT}", ("*.id",)),
    get(f"/wp/v2/posts?search=IGNY8-0011223344556677&{EDIT}", ("*.id",)),
    get(f"/wp/v2/posts?search=nothing-is-called-so&{EDIT}", ("*.id",), header_reads=("x-wp-total", "x-wp-totalpages")),
    get(f"/wp/v2/posts?search=%3C!--+igny8-0011223344556677+--%3E&{EDIT}", ("*.id",)),
    get("/wp/v2/posts?no_such_filter=x&context=edit&status=any&orderby=id&order=asc&per_page=3", ("*.id",)),
    get("/wp/v2/posts?search=igny8-0011223344556677", ("*.id",), password="wrong"),
    get(f"/wp/v2/posts?search=igny8-0011223344556677&{EDIT}", password="wrong"),
    get(f"/wp/v2/posts?{EDIT}", who="subscriber"),
    get("/wp/v2/posts?status=any", who=None),
    get("/wp/v2/posts?status=nonsense"),
    get("/wp/v2/posts?per_page=101"),
    get("/wp/v2/posts?page=99&context=edit&status=any"),
    get("/wp/v2/posts?publisher_external_id=nobody&context=edit&status=any&orderby=id&order=asc", ("*.id",)),
    get("/wp/v2/posts/{tea}?context=edit", POST),
    get("/wp/v2/posts/{tea}?context=edit", who="subscriber"),
    get("/wp/v2/posts/{tea}?context=edit", password="wrong"),
    get("/wp/v2/posts/{tea}", who=None),
    get("/wp/v2/posts/999999?context=edit"),
    get("/wp/v2/posts/{page}?context=edit"),
    get("/wp/v2/nothing"),
    # Terms
    post("/wp/v2/categories", {"name": "News & Views"}, ("name", "slug"), keep="news"),
    post("/wp/v2/categories", {"name": "news & views"}, ("data.term_id",)),
    post("/wp/v2/tags", {"name": "Привет"}, ("name",), keep="hello"),
    post("/wp/v2/tags", {"name": "привет"}, ("name",), keep="small_hello"),
    post("/wp/v2/tags", {"name": "  tea   time "}, ("name", "slug"), keep="time"),
    post("/wp/v2/tags", {"name": "<b>bold</b> “x” 'y'"}, ("name",)),
    post("/wp/v2/tags", {"name": ""}, ()),
    post("/wp/v2/tags", {"name": "x" * 201}, ()),
    post("/wp/v2/categories", {"name": "By an author"}, (), who="author"),
    post("/wp/v2/categories", {"name": "By nobody"}, (), password="wrong"),
    get("/wp/v2/categories?search=News+%26amp%3B+Views&per_page=100&_fields=id,name,parent", ("*.id", "*.name")),
    get("/wp/v2/categories?search=News+%26+Views&per_page=100&_fields=id,name,parent", ("*.id",)),
    get("/wp/v2/tags?search=%D0%9F%D0%A0%D0%98%D0%92%D0%95%D0%A2&orderby=id&_fields=id,name,parent", ("*.id",)),
    # Pictures
    picture(f"?title=A+cup&alt_text=A+%22white%22+cup&slug={PICTURE_NAME}", PICTURE, f"{PICTURE_NAME}.png", keep="cup"),
    picture(f"?title=A+cup&slug={PICTURE_NAME}", PICTURE, f"{PICTURE_NAME}.png", keep="again"),
    picture("?title=Drawn", b"<svg/>", "drawn.svg", "image/svg+xml"),
    picture("?title=Nothing", b"", "nothing.png"),
    Exchange("POST", "/wp/v2/media", body=PICTURE, headers={"content-type": "image/png"}),
    picture("?title=X", PICTURE, "x.png", who="subscriber"),
    picture("?title=X", PICTURE, "x.png", password="wrong"),
    get(f"/wp/v2/media?slug={PICTURE_NAME}&context=edit", ("*.id", "*.slug", "*.source_url")),
    get(f"/wp/v2/media?search={PICTURE_NAME}&context=edit&orderby=id&order=asc", ("*.id", "*.source_url")),
    get("/wp/v2/media?slug=sha256-no&context=edit", ("*.id",)),
    get("/wp/v2/media?slug=sha256-no&context=edit", password="wrong"),
    # Whole articles
    post(
        "/wp/v2/posts/{tea}",
        {
            "title": " Tea & <em>toast</em> ", "slug": "tea-time", "status": "publish", "excerpt": "Short.",
            "content": f'{MARKED}<p><a href="https://example.org" target="_blank">x</a></p>'
            '<script type="application/ld+json">{"a": 1}</script>',
            "categories": ["{news}", 999999], "tags": ["{hello}", "{time}"], "featured_media": "{cup}",
            "meta": {"_yoast_wpseo_title": "A  <b>title</b>", "publisher_external_id": "igny8-0011223344556677"},
        },
    ),
    get("/wp/v2/posts?publisher_external_id=igny8-0011223344556677&context=edit&status=any&order=asc", ("*.id",)),
    post("/wp/v2/posts/{tea}", {"excerpt": "", "categories": [], "tags": [], "featured_media": 0}),
    post("/wp/v2/posts/{tea}", {"featured_media": 999999, "nonsense": True, "meta": {"no_key": "x"}}),
    post("/wp/v2/posts/{tea}", {"status": "future", "date_gmt": DATE}, (*POST, "date_gmt")),
    post("/wp/v2/posts/{tea}", {"status": "publish"}, (*POST, "date_gmt")),
    post("/wp/v2/posts/{tea}", {"status": "publish", "date_gmt": "2026-01-02T03:04:05"}, (*POST, "date_gmt")),
    post("/wp/v2/posts/{second}", {"status": "publish", "slug": "tea-time"}),
    post("/wp/v2/posts/{bare}", {"status": "publish"}),
    post("/wp/v2/posts/{page}", {"status": "publish", "slug": "tea-time", "categories": [1]}),
    post("/wp/v2/posts/999999", {"title": "T"}),
    post("/wp/v2/posts/{tea}", {"title": "T", "author": 999999}),
    post("/wp/v2/posts/{tea}", {"title": "T"}, who="subscriber"),
    post("/wp/v2/posts/{tea}", {"title": "T"}, who="author"),
    post("/wp/v2/posts/{tea}", {"title": "T"}, password="wrong"),
    post("/wp/v2/posts", {"title": "Of an author & co", "status": "publish", "slug": "of-an-author",
                          "content": '<p>a & b</p><script>var x = 1</script>'}, who="author", keep="of_author"),
    post("/wp/v2/posts", {"title": "Of another", "author": 1}, who="author"),
    post("/wp/v2/pages", {"title": "A page"}, who="author"),
    # All that is there
    get("/wp/v2/posts?include={year},{tea},999999&context=edit&status=any,trash&orderby=include&per_page=3", ROWS),
    get("/wp/v2/tags?include={time},{hello},999999&per_page=100&_fields=id,name", ("*.name",)),
    get(f"/wp/v2/posts?{EDIT}&per_page=4&page=2&_fields=id,status,modified_gmt", ("*.id", "*.status"),
        header_reads=("x-wp-total", "x-wp-totalpages")),
    get(f"/wp/v2/pages?{EDIT}&per_page=100&page=1&_fields=id,status,modified_gmt", ("*.id", "*.status")),
    # The trash
    Exchange("DELETE", "/wp/v2/posts/{tea}", None, POST),
    Exchange("DELETE", "/wp/v2/posts/{tea}"),
    get("/wp/v2/posts/{tea}?context=edit", POST),
    get(f"/wp/v2/posts?search=igny8-0011223344556677&{EDIT}", ROWS),
    post("/wp/v2/posts/{tea}", {"title": "In the trash"}),
    post("/wp/v2/posts/{tea}", {"status": "publish"}),
    Exchange("DELETE", "/wp/v2/posts/{tea}", who="subscriber"),
    Exchange("DELETE", "/wp/v2/posts/{tea}", password="wrong"),
    Exchange("DELETE", "/wp/v2/posts/999999"),
    post("/rankmath/v1/updateMeta", {"objectType": "post", "objectID": 1, "meta": {}}, ()),
]  # fmt: skip

TERMS = ("/wp/v2/categories", "/wp/v2/tags")
NAMES_OF_TERMS = {each.keep for each in EXCHANGES if each.path.startswith(TERMS)}


class Asker:
    """Asks one site all of it, and says what it answered in words that do not depend on its address and its ids."""

    def __init__(self, client: httpx2.AsyncClient, place: Place) -> None:
        self.client, self.place = client, place
        self.kept: dict[str, int] = {}

    async def ask(self, exchange: Exchange) -> dict[str, Any]:
        headers = dict(exchange.headers)
        if exchange.who:
            person = self.place.people[exchange.who]
            said = f"{person.username}:{exchange.password or person.password}"
            headers["authorization"] = f"Basic {b64encode(said.encode()).decode()}"
        body = exchange.body
        if exchange.fields is not None:
            headers["content-type"] = "application/json"
            body = json.dumps(self._named(exchange.fields)).encode()
        url = f"{self.place.url}/wp-json{self._named(exchange.path)}"
        response = await self.client.request(exchange.method, url, content=body, headers=headers)
        data = response.json()
        if exchange.keep and response.is_success:
            self.kept[exchange.keep] = data["id"]
        answer = {"status": response.status_code}
        if isinstance(data, dict) and "code" in data:
            more = data.get("data")
            params = more.get("params", {}) if isinstance(more, dict) else {}
            answer |= {"code": data["code"], "params": sorted(params)}
        reads = exchange.reads if response.is_success else tuple(r for r in exchange.reads if r.startswith("data."))
        for path in reads:
            last = path.rpartition(".")[2]
            of_terms = exchange.path.startswith(TERMS) or last in ("categories", "tags", "term_id")
            answer[path] = self._known(_read(data, path.split(".")), last, of_terms=of_terms)
        for name in exchange.header_reads:
            answer[name] = response.headers.get(name)
        return answer

    def _named(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._named(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._named(each) for each in value]
        if not isinstance(value, str):
            return value
        if whole := re.fullmatch(r"\{(\w+)\}", value):
            return self.kept[whole[1]]
        return re.sub(r"\{(\w+)\}", lambda found: str(self.kept[found[1]]), value)

    def _known(self, value: Any, name: str, *, of_terms: bool) -> Any:
        """Ids by the names that they are kept by, addresses without the site's; `{}` and `[]` are both nothing."""
        kept = {id: each for each, id in self.kept.items() if (each in NAMES_OF_TERMS) == of_terms}
        if isinstance(value, list):
            return [self._known(each, name, of_terms=of_terms) for each in value]
        if isinstance(value, dict):
            told = {key: each for key, each in value.items() if key != "footnotes"}
            return (told or []) if name == "meta" else sorted(told)
        if isinstance(value, int) and not isinstance(value, bool) and name != "author":
            return kept.get(value, value)
        if isinstance(value, str):
            text = value.replace(self.place.url, "")
            return re.sub(r"=(\d+)$", lambda found: f"={kept.get(int(found[1]), found[1])}", text)
        return value


def _read(data: Any, path: list[str]) -> Any:
    for n, name in enumerate(path):
        if name == "*":
            return [_read(row, path[n + 1 :]) for row in data] if isinstance(data, list) else None
        data = data.get(name) if isinstance(data, dict) else None
    return data if data != {} else []
