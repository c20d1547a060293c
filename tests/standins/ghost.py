"""A Ghost site in memory behind real HTTP: what its Admin API takes, refuses and gives back, as Ghost 6.65 does.

    site = GhostSite()
    async with Scripted(otherwise=site) as server:
        site.url = server.url

`tests/ghost/test_real.py` asks it and a real one the same, exchange by exchange.
"""

import asyncio
import json
import re
import secrets
import unicodedata
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from tests.jobs.scripted import Answer, Received, reply
from tests.standins.ghost_bodies import served
from tests.standins.ghost_filters import posts_in, values_in
from tests.standins.ghost_refusals import Refusal, bad_token, invalid, missing, nobody, unknown_key

Json = dict[str, Any]
LIMITS = {"meta_title": 300, "meta_description": 500, "custom_excerpt": 300, "slug": 191, "codeinjection_head": 65_535}
OF_MODELS = {"title": ("posts.title", 255), "feature_image_alt": ("posts_meta.feature_image_alt", 191)}
FIELDS = ("title", "slug", "status", "published_at", "custom_excerpt", "meta_title", "meta_description",
          "feature_image", "feature_image_alt", "codeinjection_head")  # fmt: skip
MOST = 100  # of a list
SIGNATURES = {"png": b"\x89PNG", "jpg": b"\xff\xd8", "gif": b"GIF8", "webp": b"RIFF", "svg": b"<svg"}


@dataclass(slots=True)
class GhostSite:
    """`key`: its Admin API key. `skew`: by how many seconds its clock is off. `meanwhile`: what somebody else does to a
    post just before the next edit of it. `role`: of the person whose token the key is; None for an integration's.
    `denied`: what the key may not see.
    """

    url: str = ""
    key: str = field(default_factory=lambda: f"{secrets.token_hex(12)}:{secrets.token_hex(32)}")
    posts: dict[str, Json] = field(default_factory=dict)
    tags: list[Json] = field(default_factory=list)
    users: list[Json] = field(default_factory=lambda: [{"id": secrets.token_hex(12), "name": "Owner"}])
    images: dict[str, bytes] = field(default_factory=dict)
    skew: float = 0
    meanwhile: list[Json] = field(default_factory=list)
    role: str | None = None
    denied: set[str] = field(default_factory=set)
    version: str = "6.65"
    made: int = 0

    async def __call__(self, received: Received, writer: asyncio.StreamWriter) -> None:
        await self._answer(received)(received, writer)

    def _answer(self, received: Received) -> Answer:
        path = unquote(urlsplit(received.path).path)
        if path.startswith("/content/images/"):
            return self._image(received, path)
        name = path.removeprefix("/ghost/api/admin/")
        if name == path:
            return reply(404, b"<!DOCTYPE html><h1>404</h1>", {"content-type": "text/html"})
        if not path.endswith("/"):
            return reply(301, b"", {"location": f"{path}/"})
        try:
            status, body = self._dispatch(received, name)
        except Refusal as refused:
            status, body = refused.status, refused.body
        return reply(status, body, {"date": f"{self._now():%a, %d %b %Y %H:%M:%S GMT}"})

    def _dispatch(self, received: Received, name: str) -> tuple[int, Json]:
        query = {key: values[0] for key, values in parse_qs(urlsplit(received.path).query).items()}
        if name == "site/":
            return 200, {"site": {"title": "Kit Site", "version": self.version, "url": f"{self.url}/"}}
        self._signed_in(received)
        kind, _, id = name.strip("/").partition("/")
        if kind in self.denied:
            raise Refusal(403, "NoPermissionError", f"You do not have permission to browse {kind}")
        if kind in ("posts", "pages"):
            return self._posts(received, kind, id, query)
        if (kind, id) == ("images", "upload"):
            return 201, {"images": [self._uploaded(received)]}
        if kind == "tags" and received.method == "POST":
            given = received.json["tags"][0]
            return 201, {"tags": [self._new_tag(given["name"], "save", "tag")]}
        if (kind, id) == ("users", "me"):
            if self.role:
                return 200, {"users": [self.users[0] | {"roles": [{"name": self.role}]}]}
            raise missing("read", "user", "User not found.")
        if kind in ("tags", "users") and not id:
            rows = self.tags if kind == "tags" else self.users
            name, values = values_in(query.get("filter"), kind)
            found = [_only(row, query) for row in rows if values is None or row[name] in values]
            return 200, {kind: found[:100]}
        if kind == "slugs":
            raise Refusal(403, "NoPermissionError", "API tokens do not have permission to access this endpoint")
        what = "Request could not be served, the endpoint was not found."
        raise Refusal(406, "RequestNotAcceptableError", what, code="UPDATE_CLIENT")

    def _signed_in(self, received: Received) -> None:
        scheme, _, token = received.headers.get("authorization", "").partition(" ")
        if scheme != "Ghost":
            raise nobody()
        id, digits = self.key.split(":")
        try:
            head = json.loads(urlsafe_b64decode(token.split(".")[0] + "=="))
        except ValueError:
            raise Refusal(400, "BadRequestError", "Invalid token", code="INVALID_JWT") from None
        if head.get("kid") != id:
            raise unknown_key()
        try:
            claims = jwt.decode(token, OctKey.import_key(bytes.fromhex(digits))).claims
        except JoseError:
            raise bad_token("invalid signature") from None
        now = self._now().timestamp()
        if claims["exp"] <= now or claims["iat"] + 300 <= now:
            raise bad_token("jwt expired")
        if claims["aud"] != "/admin/":
            raise bad_token("jwt audience invalid. expected: /\\/?admin\\/?$/")

    def _posts(self, received: Received, kind: str, id: str, query: dict[str, str]) -> tuple[int, Json]:
        if received.method == "POST":
            return 201, {kind: [self._shown(self._added(received.json[kind][0], kind, query), query)]}
        if not id:
            wanted = posts_in(query.get("filter"))
            rows = [post for post in self.posts.values() if post["kind"] == kind and wanted(post)]
            if query.get("order") == "id asc":
                rows.sort(key=lambda post: str(post["id"]))
            most = min(int(query.get("limit", 15)), MOST)
            return 200, {kind: [_only(self._shown(post, query), query) for post in rows[:most]]}
        verb, what = {"GET": "read", "PUT": "edit", "DELETE": "delete"}[received.method], kind[:-1]
        if not re.fullmatch("[0-9a-f]{24}", id):
            raise invalid("Validation (matches) failed for id undefined.id", verb, what)
        post = self.posts.get(id)
        if post is None or post["kind"] != kind:
            context = "Resource could not be found." if post and verb == "edit" else f"{what.capitalize()} not found."
            raise missing(verb, what, context)
        if received.method == "DELETE":
            del self.posts[id]
            return 204, {}
        if received.method == "PUT":
            if self.meanwhile:
                post.update(self.meanwhile.pop(0))
            self._edited(post, received.json[kind][0], query)
        return 200, {kind: [self._shown(post, query)]}

    def _added(self, given: Json, kind: str, query: dict[str, str]) -> Json:
        post: Json = dict.fromkeys(FIELDS)
        now = _time(self._now())
        self.made += 1
        id = f"{int(self._now().timestamp()):08x}{'5e' * 5}{self.made:06x}"
        post |= {"id": id, "kind": kind, "uuid": secrets.token_hex(16), "html": None, "tags": [],
                 "authors": self.users[:1], "status": "draft", "visibility": "public", "updated_at": now,
                 "created_at": now}  # fmt: skip
        self._change(post, {"title": "(Untitled)", **given}, "save", query)
        self.posts[post["id"]] = post
        return post

    def _edited(self, post: Json, given: Json, query: dict[str, str]) -> None:
        if "updated_at" not in given:
            raise invalid("Validation failed for 0.", "edit", post["kind"][:-1])
        changed = {k: v for k, v in given.items() if k in FIELDS and post[k] != v and k != "slug"}
        if given["updated_at"] != post["updated_at"] and (changed or "tags" in given or "html" in given):
            what = "Saving failed! Someone else is editing this post."
            raise Refusal(409, "UpdateCollisionError", what, what, "UPDATE_COLLISION")
        self._change(post, given, "edit", query)
        post["updated_at"] = _time(self._now())

    def _change(self, post: Json, given: Json, verb: str, query: dict[str, str]) -> None:
        what = post["kind"][:-1]
        for name, most in LIMITS.items():
            if len(given.get(name) or "") > most:
                raise invalid(f"Validation failed for {name}.", verb, what)
        for name, (column, most) in OF_MODELS.items():
            if len(given.get(name) or "") > most:
                raise invalid(f"Value in [{column}] exceeds maximum length of {most} characters. {column}", verb, what)
        self._stand(post, given, verb)
        tags = post["tags"]
        if "tags" in given:
            named = [str(tag.get("name") or tag.get("id")).lower() for tag in given["tags"]]
            tags = [self._tag(tag, verb, what) for n, tag in enumerate(given["tags"]) if named[n] not in named[:n]]
        for name in FIELDS:
            if name in given and name not in ("slug", "status", "published_at"):
                post[name] = given[name] or None
        post["tags"] = [tag for n, tag in enumerate(tags) if tag not in tags[:n]]
        if query.get("source") == "html" and given.get("html"):
            html = served(given["html"])
            post["html"] = html and re.sub(r'href="/', f'href="{self.url}/', html)
        if "authors" in given:
            known = [user for user in self.users if user["id"] == given["authors"][0].get("id")]
            post["authors"] = known or post["authors"]
        wanted = given.get("slug") or post["slug"] or given["title"]
        if wanted != post["slug"]:
            post["slug"] = self._free_slug(wanted)

    def _stand(self, post: Json, given: Json, verb: str) -> None:
        """A date stays until another is given, also with what it is over for."""
        status, date = given.get("status", post["status"]), given.get("published_at", post["published_at"])
        what = post["kind"][:-1]
        if status not in ("draft", "published", "scheduled", "sent"):
            raise invalid("Validation failed for status.", verb, what)
        if status == "scheduled" and post["status"] == "published":
            raise invalid("Your post is already published, please reload your page.", verb, what)
        if status == "scheduled" and not date:
            raise invalid("Value in published_at cannot be blank.", verb, what)
        if status == "scheduled" and (_moment(date) - self._now()).total_seconds() < -120:
            raise invalid("Date must be at least -2 minutes in the future.", verb, what)
        if status == "published" and not date:
            date = _time(self._now())
        post["status"], post["published_at"] = status, date and _time(_moment(date))

    def _tag(self, given: Json, verb: str, what: str) -> Json:
        known = next((tag for tag in self.tags if tag["id"] == given.get("id")), None)
        if known:
            known["name"] = given.get("name", known["name"])  # whoever gives both renames it
            return known
        name = given.get("name")
        if not name:
            raise invalid("Value in [tags.name] cannot be blank. tags.name", verb, what)
        return next((tag for tag in self.tags if tag["name"] == name), None) or self._new_tag(name, verb, what)

    def _new_tag(self, name: str, verb: str, what: str) -> Json:
        if len(name) > 191 or name.startswith(","):
            raise invalid("Validation failed for name.", verb, what)
        slug, taken = _slug(name.replace("#", "hash-")), {tag["slug"] for tag in self.tags}
        number = next(n for n in range(1, 1000) if (f"{slug}-{n}" if n > 1 else slug) not in taken)
        visibility = "internal" if name.startswith("#") else "public"
        tag = {"id": secrets.token_hex(12), "name": name, "slug": f"{slug}-{number}" if number > 1 else slug}
        url = f"{self.url}/404/" if visibility == "internal" else f"{self.url}/tag/{tag['slug']}/"
        self.tags.append(tag | {"visibility": visibility, "url": url, "updated_at": _time(self._now())})
        return self.tags[-1]

    def _free_slug(self, text: str) -> str:
        """Also its own is taken."""
        slug, taken = _slug(text)[:185], {post["slug"] for post in self.posts.values()}
        return next(each for n in range(1, 1000) if (each := f"{slug}-{n}" if n > 1 else slug) not in taken)

    def _shown(self, post: Json, query: dict[str, str]) -> Json:
        where = f"{post['slug']}/" if post["status"] == "published" else f"p/{post['uuid']}/"
        shown = {k: v for k, v in post.items() if k != "kind"} | {"url": f"{self.url}/{where}"}
        if query.get("formats") != "html":
            del shown["html"]
        if "authors" not in query.get("include", "authors"):
            del shown["authors"]
        return shown

    def _uploaded(self, received: Received) -> Json:
        head = b"content-type: " + received.headers.get("content-type", "").encode() + b"\r\n\r\n"
        parts = {
            part.get_param("name", header="content-disposition"): part
            for part in BytesParser(policy=HTTP).parsebytes(head + received.body).iter_parts()
        }
        if "file" not in parts:
            raise Refusal(422, "ValidationError", "Please select an image.")
        name, data = parts["file"].get_filename(), parts["file"].get_payload(decode=True)
        stem, _, ending = name.rpartition(".")
        if ending not in SIGNATURES:
            raise Refusal(415, "UnsupportedMediaTypeError", "Please select a valid image.")
        if not data.startswith(SIGNATURES[ending]):
            what = "Request not understood error, cannot upload image."
            raise Refusal(400, "BadRequestError", what, "Image processing failed Unable to manipulate image.")
        folder, n = f"/content/images/{self._now():%Y/%m}", 0
        while (path := f"{folder}/{stem}{f'-{n}' if n else ''}.{ending}") in self.images:
            n += 1
        self.images[path] = data
        return {"url": f"{self.url}{path}", "ref": parts["ref"].get_content().strip() if "ref" in parts else None}

    def _image(self, received: Received, path: str) -> Answer:
        data = self.images.get(path)
        if data is None:
            return reply(404, b"", {"content-type": "text/plain"})
        sent = b"" if received.method == "HEAD" else data
        return reply(200, sent, {"content-type": "image/png", "content-length": str(len(data))})

    def _now(self) -> datetime:
        return datetime.fromtimestamp(datetime.now(UTC).timestamp() + self.skew, UTC)


def _only(row: Json, query: dict[str, str]) -> Json:
    return {name: row[name] for name in query["fields"].split(",")} if "fields" in query else row


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"-+", "-", re.sub(r"[^a-z0-9_]", "-", re.sub(r"['\"]", "", plain))).strip("-") or "untitled"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}"
