"""The same asked of any Ghost, and what of its answers does not depend on when and where it was asked."""

import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.jwk import OctKey

from tests.ghost.articles import picture
from tests.ghost.sites import There

Json = dict[str, Any]
SHOWN = ("title", "slug", "status", "html", "custom_excerpt", "meta_title", "meta_description", "codeinjection_head",
         "feature_image", "feature_image_alt", "name", "visibility", "url", "ref")  # fmt: skip
HTML = "source=html&formats=html"
BODIES = [
    "<p>one <b>two</b> <i>three</i> <mark>four</mark> five <small>six</small> seven<br>eight</p>",
    '<h2>One <em>two</em></h2><p>a <a href="https://x.example/?a=1&amp;b=2" rel="noopener" target="_blank">b</a> c</p>',
    '<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul><p>x</p><ol start="3"><li>d</li></ol>',
    "<blockquote><p>a</p><p>b</p></blockquote><pre><code>a &lt;\n  b</code></pre><hr><p>c</p>",
    '<figure><img src="https://x.example/a.png" alt="A &quot;b&quot;" width="8" height="6"><figcaption>c <b>d</b>'
    "</figcaption></figure>",
    "<!--kg-card-begin: html--><dl><dt>a</dt><dd>b</dd></dl>\n<p>un<q>break</q>able</p><!--kg-card-end: html-->"
    "<p>c</p>",
    "<table><tbody><tr><td>a</td></tr></tbody></table><p>b</p>",
    "<p></p>",
]


@dataclass(slots=True)
class Conversation:
    """`told`: each question with its answer's status and what of it can be compared."""

    there: There
    http: httpx2.AsyncClient
    told: list[tuple[str, int, Any]] = field(default_factory=list)

    def token(self, key: str | None = None, made: float = 0, **claims: Any) -> str:
        id, digits = (key or self.there.key).split(":")
        now = int(datetime.now(UTC).timestamp() + made)
        header = {"alg": "HS256", "typ": "JWT", "kid": id}
        claims = {"iat": now, "exp": now + 300, "aud": "/admin/", **claims}
        return jwt.encode(header, claims, OctKey.import_key(bytes.fromhex(digits)))

    async def ask(
        self, method: str, path: str, body: Json | None = None, *, sign: str | None = None, **more: Any
    ) -> Json:
        token = self.token() if sign is None else sign
        headers = {"accept-version": "v5.0"} | ({"authorization": f"Ghost {token}"} if token else {})
        url = path if path.startswith("http") else f"{self.there.url}/ghost/api/admin/{path}"
        answer = await self.http.request(method, url, json=body, headers=headers, **more)
        try:
            found: Json = answer.json()
        except ValueError:
            found = {}
        said = self.plain(found) if found else answer.headers.get("location", "").partition("?")[0]
        self.told.append(
            (f"{method} {self.erased(path)} {self.erased(json.dumps(body))[:120]}", answer.status_code, said)
        )
        return found

    def plain(self, found: Json) -> Any:
        if "errors" in found:
            error = found["errors"][0]
            return self.erased(f"{error['type']} {error['code']} {error['message']}")
        for rows in found.values():
            if isinstance(rows, list):
                return [self.shown(row) for row in rows]
        return sorted(set(found["site"]) & {"title", "version", "url"}) if "site" in found else None

    def shown(self, row: Json) -> Json:
        said = {name: self.erased(str(row[name])) for name in SHOWN if row.get(name) is not None}
        if "tags" in row:
            said["tags"] = [(self.erased(tag["name"]), self.erased(tag["slug"])) for tag in row["tags"]]
        if "authors" in row:
            said["authors"] = len(row["authors"])
        for name in ("published_at", "updated_at"):
            said[name] = bool(row.get(name))
        return said

    def erased(self, text: str) -> str:
        text = text.replace(self.there.url, "URL")
        return re.sub(r"/p/[0-9a-f-]+/|[0-9a-f]{24}\b|\d{4}-\d\d-\d\dT[\d:.]+Z|(?:sha256|none)-[0-9a-f]+", "…", text)


async def converse(there: There, http: httpx2.AsyncClient) -> list[tuple[str, int, Any]]:
    talk = Conversation(there, http)
    await _signing_in(talk)
    await _posts(talk)
    await _dates(talk)
    await _lists(talk)
    await _tags(talk)
    await _pictures(talk)
    for body in BODIES:
        await talk.ask("POST", f"posts/?{HTML}", {"posts": [{"title": "Body", "slug": "body", "html": body}]})
    return talk.told


async def _signing_in(talk: Conversation) -> None:
    await talk.ask("GET", "site/", sign="")
    await talk.ask("GET", "site", sign="")
    key = talk.there.key
    for sign in (
        talk.token(f"{'0' * 24}:{key[25:]}"), talk.token(f"{key[:25]}{'ab' * 32}"), talk.token(made=-3600),
        talk.token(aud="/other/"), "nonsense", "",
    ):  # fmt: skip
        await talk.ask("GET", "posts/?limit=1&fields=id", sign=sign)
    for path in ("users/me/", "slugs/post/some/", "nothing/", "posts/?filter=tag:[[", "posts/nonsense/"):
        await talk.ask("GET", path)
    await talk.ask("GET", "tags/?filter=name:'it's'&fields=name")


async def _posts(talk: Conversation) -> None:
    tags = [{"name": "One"}, {"name": "one"}, {"name": "#igny8-talk"}]
    made = await talk.ask("POST", f"posts/?{HTML}", {"posts": [
        {"title": "A & B <i>", "slug": "größe-x_y", "html": '<p>a <a href="/p/">b</a></p>', "tags": tags}
    ]})  # fmt: skip
    post = made["posts"][0]
    path = f"posts/{post['id']}/?{HTML}"

    async def put(**fields: Any) -> Json:
        fresh = (await talk.ask("GET", f"posts/{post['id']}/?formats=html"))["posts"][0]["updated_at"]
        found = await talk.ask("PUT", path, {"posts": [{"updated_at": fresh, **fields}]})
        return found.get("posts", [{}])[0]  # type: ignore[no-any-return]

    for query in ("posts/?filter=tag:hash-igny8-talk&formats=html", "pages/?filter=tag:hash-igny8-talk"):
        await talk.ask("GET", query)
    await talk.ask("POST", f"posts/?{HTML}", {"posts": [{"title": "Same", "slug": "größe-x_y"}]})
    await put(slug="größe-x_y")
    await put(slug="größe-x_y")
    await put(html="")
    for fields in (
        {"meta_title": "m" * 301}, {"meta_description": "m" * 501}, {"custom_excerpt": "m" * 301},
        {"title": "t" * 256}, {"slug": "s" * 192}, {"feature_image_alt": "a" * 192}, {"status": "nope"},
        {"codeinjection_head": "x" * 65_536}, {"tags": [{"id": "0" * 24}]}, {"tags": [{"name": ""}]},
        {"tags": [{"id": "0" * 24, "name": "Anew"}, {"name": "#igny8-talk"}]}, {"authors": [{"id": "0" * 24}]},
        {"meta_title": "M", "custom_excerpt": "E", "unknown": 1}, {"meta_title": "", "custom_excerpt": None},
        {"codeinjection_head": "<style>a{}</style>\n<script>1</script>"},
    ):  # fmt: skip
        await put(**fields)
    await talk.ask("PUT", path, {"posts": [{"title": "No time"}]})
    await talk.ask("PUT", path, {"posts": [{"title": "Stale", "updated_at": "2020-01-01T00:00:00.000Z"}]})
    await talk.ask("PUT", path.replace("posts/", "pages/"), {"pages": [{"updated_at": post["updated_at"]}]})
    await talk.ask("DELETE", f"posts/{post['id']}/")
    for method in ("GET", "PUT", "DELETE"):
        body = {"posts": [{"title": "x", "updated_at": post["updated_at"]}]} if method == "PUT" else None
        await talk.ask(method, f"posts/{post['id']}/", body)


async def _dates(talk: Conversation) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    day = timedelta(days=1)
    made = await talk.ask("POST", "pages/?formats=html", {"pages": [{"title": "Page", "status": "draft"}]})
    id = made["pages"][0]["id"]
    for fields in (
        {"status": "scheduled"}, {"status": "scheduled", "published_at": now - day},
        {"status": "scheduled", "published_at": now + day}, {"status": "published"}, {"status": "scheduled"},
        {"status": "draft"}, {"status": "published", "published_at": None}, {"status": "draft"},
        {"status": "published"},
    ):  # fmt: skip
        there = (await talk.ask("GET", f"pages/{id}/"))["pages"][0]
        given = {
            k: v.isoformat().replace("+00:00", ".000Z") if isinstance(v, datetime) else v for k, v in fields.items()
        }
        found = await talk.ask("PUT", f"pages/{id}/", {"pages": [{"updated_at": there["updated_at"], **given}]})
        for page in found.get("pages", ()):
            date = page["published_at"] and datetime.fromisoformat(page["published_at"])
            talk.told.append(("its date is to come", 0, bool(date and date > now + timedelta(hours=1))))


async def _lists(talk: Conversation) -> None:
    """Of posts of our own alone: a new Ghost has one more."""
    ids = []
    for n in range(3):
        given = {"title": f"Listed {n}", "html": "<p>a</p>", "codeinjection_head": "<i></i>", "tags": [{"name": "#l"}]}
        ids.append((await talk.ask("POST", f"posts/?{HTML}", {"posts": [given]}))["posts"][0]["id"])
    before = f"{int(ids[0], 16) - 1:024x}"
    for query in (
        f"filter=id:>'{before}'&order=id asc&limit=2&fields=id,status,updated_at",
        f"filter=id:>'{ids[1]}'&order=id asc&limit=100&fields=title,status,updated_at",
        f"filter=id:>'{ids[2]}'&order=id asc&limit=100",
        f"filter=id:['{ids[2]}','{'0' * 24}']&formats=html&include=tags&limit=2",
        f"filter=id:['{'0' * 24}']&formats=html&include=tags&limit=1",
        "filter=id:['no id']&limit=1",
    ):
        found = await talk.ask("GET", f"posts/?{query}")
        talk.told.append(("which", 0, [ids.index(post["id"]) for post in found["posts"] if "id" in post]))
    await talk.ask("GET", f"pages/?filter=id:['{ids[0]}']")


async def _tags(talk: Conversation) -> None:
    for name in ("Talk", "talk", 'It\'s "q", (a)', "Ä tag", "#hidden", "x" * 192, ",a"):
        await talk.ask("POST", "tags/", {"tags": [{"name": name}]})
    ids = (await talk.ask("GET", "tags/?filter=name:['Talk','talk']&fields=id,name&order=created_at asc"))["tags"]
    await talk.ask("GET", f"tags/?filter=id:['{ids[0]['id']}','{'0' * 24}']&fields=id,name")
    await talk.ask("GET", "tags/?fields=name&filter=name:'It\\'s \\\"q\\\", (a)'")
    renamed = [{"id": ids[0]["id"], "name": "Renamed"}]
    await talk.ask("POST", "posts/", {"posts": [{"title": "Renames", "tags": renamed}]})
    await talk.ask("GET", f"tags/?filter=id:'{ids[0]['id']}'&fields=name")
    await talk.ask("GET", "users/?filter=name:'Owner'&fields=name")
    await talk.ask("GET", "users/?filter=name:'Nobody'&fields=name")


async def _pictures(talk: Conversation) -> None:
    cup = picture(secrets.token_hex(8))
    data = await cup.read()

    async def bring(name: str, content: bytes, mime: str = "image/png") -> Json:
        return await talk.ask(
            "POST", "images/upload/", files={"file": (name, content, mime)}, data={"ref": name, "purpose": "image"}
        )

    there = await bring(cup.file_name, data)
    await bring(cup.file_name, data)
    await bring("broken.png", b"nonsense")
    await bring("text.txt", b"text", "text/plain")
    await talk.ask("POST", "images/upload/")
    await talk.ask("HEAD", there["images"][0]["url"])
    await talk.ask("HEAD", there["images"][0]["url"].replace("sha256-", "none-"))
