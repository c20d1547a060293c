"""A destination in memory, with a script of what goes wrong: for what the product does, not for what adapters do."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.destinations import (
    Article,
    Checked,
    Connected,
    Connection,
    DestinationError,
    Listed,
    Media,
    Placed,
    Remote,
    RemoteMedia,
    RemoteTerm,
)
from persistence.terms import CheckStage, FieldVerdict, RemoteEntityKind, RemoteStatus, TaxonomyType

KINDS = (TaxonomyType.CATEGORY, TaxonomyType.TAG)
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
LOST_BEFORE, LOST_AFTER = "lost before it came", "lost after it was done"
REFUSED = DestinationError("It says no.", "Ask its owner.", code="403 rest_forbidden")
BUSY = DestinationError("It is busy.", code="503", retryable=True)


@dataclass(slots=True)
class Post:
    id: str
    article: Article
    status: RemoteStatus
    placed: Placed = field(default_factory=Placed)
    said: dict[str, Any] = field(default_factory=dict)
    modified_at: datetime = FIRST
    entity: RemoteEntityKind = RemoteEntityKind.POST


def said_by(article: Article, placed: Placed) -> dict[str, Any]:
    """As it is kept there: with words of its own round the text, as destinations have."""
    terms = {kind: tuple(RemoteTerm(id, name) for (k, name), id in placed.terms.items() if k is kind) for kind in KINDS}
    return {
        "title": article.title, "html": f"{article.html}\n", "excerpt": article.excerpt, "slug": article.slug,
        "meta_title": article.meta_title or "", "meta_description": article.meta_description or "",
        "primary_keyword": article.primary_keyword or "",
        "categories": terms[TaxonomyType.CATEGORY], "tags": terms[TaxonomyType.TAG],
    }  # fmt: skip


@dataclass(slots=True)
class Shelf:
    """`faults`: (method, what) in order; the first of a method is taken by its next call."""

    posts: dict[str, Post] = field(default_factory=dict)
    media: dict[str, list[str]] = field(default_factory=dict)
    terms: list[tuple[TaxonomyType, str]] = field(default_factory=list)
    faults: list[tuple[str, object]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    closed: list[Exception] = field(default_factory=list)
    opened: list[Connection] = field(default_factory=list)
    stages: list[Checked] = field(default_factory=lambda: [Checked(CheckStage.ADDRESS, True, 3, "127.0.0.1")])
    put_as: RemoteStatus | None = None
    clock: int = 0
    removed_as: RemoteStatus = RemoteStatus.TRASHED
    meanwhile: Callable[[], None] | None = None
    gate: asyncio.Event | None = None  # until it is set nothing is put

    @asynccontextmanager
    async def open(self, connection: Connection, *, gated: bool = True) -> AsyncIterator["Shelf"]:
        if self.closed and gated:
            raise self.closed.pop(0)
        self.opened.append(connection)
        yield self

    def _fault(self, method: str) -> object:
        self.calls.append(method)
        for n, (name, what) in enumerate(self.faults):
            if name == method:
                del self.faults[n]
                if isinstance(what, Exception):
                    raise what
                if what == LOST_BEFORE:
                    raise DestinationError("No answer came.", code="timeout", retryable=True, maybe_done=True)
                return what
        return None

    def _lost(self, fault: object) -> None:
        if fault == LOST_AFTER:
            raise DestinationError("No answer came.", code="timeout", retryable=True, maybe_done=True)

    async def check(self, progress: Callable[[str, int, int], None]) -> Connected:
        self._fault("check")
        return Connected(self.stages, {"user": "ada"})

    async def find(self, marker: str, entity: RemoteEntityKind) -> Remote | None:
        self._fault("find")
        found = next((p for p in self.posts.values() if p.article.marker == marker), None)
        return self._remote(found) if found else None

    async def create(self, article: Article) -> Remote:
        fault = self._fault("create")
        post = Post(
            str(max(map(int, self.posts), default=0) + 1), article, RemoteStatus.DRAFT, said=said_by(article, Placed())
        )
        post.entity = article.entity
        self.posts[post.id] = post
        self._lost(fault)
        return self._remote(post)

    async def find_media(self, media: Media) -> RemoteMedia | None:
        self._fault("find_media")
        return RemoteMedia(media.sha256, f"https://there/{media.file_name}") if media.sha256 in self.media else None

    async def upload(self, media: Media) -> RemoteMedia:
        fault = self._fault("upload")
        assert len(await media.read()) > 0
        self.media.setdefault(media.sha256, []).append(media.file_name)
        self._lost(fault)
        return RemoteMedia(media.sha256, f"https://there/{media.file_name}")

    async def term(self, kind: TaxonomyType, name: str) -> str:
        self._fault("term")
        if (kind, name) not in self.terms:
            self.terms.append((kind, name))
        return f"{kind.value}-{name}"

    async def put(self, remote_id: str, article: Article, placed: Placed) -> Remote:
        fault = self._fault("put")
        if remote_id not in self.posts:
            raise DestinationError("There is no such post.", code="404 rest_post_invalid_id")
        if self.meanwhile:
            self.meanwhile()
        if self.gate:
            await self.gate.wait()
        post = self.posts[remote_id]
        post.article, post.placed, post.status = article, placed, self.put_as or article.status
        sent = said_by(article, placed)
        post.said |= {name: value for name, value in sent.items() if name not in article.keep}
        post.modified_at = self.tick()
        self._lost(fault)
        verdict = {"title": FieldVerdict.SENT, "meta_title": FieldVerdict.DROPPED}
        return replace(self._remote(post), fields=verdict)

    async def fetch(self, remote_id: str, entity: RemoteEntityKind) -> Remote | None:
        self._fault("fetch")
        return self._remote(self.posts[remote_id]) if remote_id in self.posts else None

    async def remove(self, remote_id: str, entity: RemoteEntityKind) -> Remote | None:
        self._fault("remove")
        if remote_id not in self.posts:
            return None
        self.posts[remote_id].status = self.removed_as
        return self._remote(self.posts[remote_id])

    def tick(self) -> datetime:
        self.clock += 1
        return FIRST + timedelta(seconds=self.clock)

    def write(self, id: str, status: RemoteStatus | None = None, **said: Any) -> None:
        """What somebody does there, at a post of ours or at one of theirs."""
        if id not in self.posts:
            nothing = Article("", RemoteEntityKind.POST, "", "", "", "", RemoteStatus.DRAFT)
            self.posts[id] = Post(id, nothing, RemoteStatus.PUBLISHED, said={**said_by(nothing, Placed()), "title": ""})
        post = self.posts[id]
        post.said |= said
        post.status, post.modified_at = status or post.status, self.tick()

    async def listed(self, entity: RemoteEntityKind) -> AsyncIterator[Sequence[Listed]]:
        self._fault("listed")
        lines = [Listed(p.id, p.status, p.modified_at) for p in self.posts.values() if p.entity is entity]
        for at in range(0, max(len(lines), 1), 2):
            yield lines[at : at + 2]

    async def read(self, ids: Sequence[str], entity: RemoteEntityKind) -> Sequence[Remote]:
        self._fault("read")
        found = [self._remote(self.posts[id]) for id in ids if id in self.posts]
        if self.meanwhile:
            self.meanwhile()
        return found

    def _remote(self, post: Post) -> Remote:
        shown = post.status is RemoteStatus.PUBLISHED
        return Remote(
            post.id, post.status, f"https://there/{post.said['slug']}" if shown else None,
            marker=post.article.marker or None, published_at=datetime(2026, 1, 2, tzinfo=UTC) if shown else None,
            modified_at=post.modified_at, **post.said,
        )  # fmt: skip
