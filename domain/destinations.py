"""What is published, and where to: as protocols and plain values; adapters in jobs/adapters implement them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from domain.ports import ProviderError
from persistence.terms import (
    CheckStage,
    FailureCause,
    FieldVerdict,
    IntegrationKind,
    RemoteEntityKind,
    RemoteStatus,
    TaxonomyType,
)

READ_AT_ONCE = 20
GONE = "gone"  # the code of a destination that asked to be called no more
PICTURE = "picture:"  # how an article's pictures stand in its HTML: src="picture:<sha256>"


class DestinationError(ProviderError):
    """A destination did not do what it was asked.

    `code` is for programs (HTTP status and the destination's own code, such as `401 rest_not_logged_in`), `cure` says
    in a sentence what a user does about it. `maybe_done`: the request may have arrived and been carried out; what was
    to be created is looked for before it is sent again.
    """

    def __init__(
        self,
        reason: str,
        cure: str = "",
        *,
        code: str = "",
        retryable: bool = False,
        retry_after: float | None = None,
        maybe_done: bool = False,
    ) -> None:
        super().__init__(
            f"{reason} {cure}".strip(), retryable=retryable, retry_after=retry_after, cause=FailureCause.PROVIDER_FAULT
        )
        self.said, self.cure, self.code, self.maybe_done = reason, cure, code, maybe_done


@dataclass(frozen=True, slots=True)
class Errand:
    """What a destination is opened for: `id` is the same for every try, `at` when it was asked for, `now` when this try
    began, both by the database's clock. `content` is the content's id as the API writes it.
    """

    id: str
    content: str
    revision: int
    at: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Connection:
    """How a destination is reached: `config` is what the model of its kind says, `secret` in clear."""

    kind: IntegrationKind
    url: str | None
    config: Mapping[str, Any]
    secret: str | None = field(default=None, repr=False)
    errand: Errand | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """A picture to be there once: `sha256` of its bytes in hexadecimal digits names it."""

    sha256: str
    mime_type: str
    width: int
    height: int
    alt_text: str
    title: str
    read: Callable[[], Awaitable[bytes]] = field(repr=False)
    size: int = 0  # in bytes, where it is known
    key: str = ""  # of its file here

    @property
    def file_name(self) -> str:
        return f"sha256-{self.sha256}.{self.mime_type.partition('/')[2].replace('jpeg', 'jpg')}"


@dataclass(frozen=True, slots=True)
class Article:
    """A content as it goes out.

    `marker` is unique to content and integration, `[a-z0-9-]`, and says nothing to strangers. `html` is clean, its
    links are resolved, and its pictures stand in it as `<figure><img src="picture:SHA256" alt width height></figure>`.
    `status`: DRAFT, PUBLISHED, or SCHEDULED for `publish_at`. `json_ld` is one line of JSON. `author` is a name. What
    is in `keep` is not sent: `put` leaves it as it is there, and says KEPT.
    """

    marker: str
    entity: RemoteEntityKind
    title: str
    slug: str
    html: str
    excerpt: str
    status: RemoteStatus
    publish_at: datetime | None = None
    language: str | None = None
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    author: str | None = None
    featured: str | None = None
    media: tuple[Media, ...] = ()
    meta_title: str | None = None
    meta_description: str | None = None
    primary_keyword: str | None = None
    json_ld: str | None = None
    keep: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RemoteMedia:
    id: str
    url: str


@dataclass(frozen=True, slots=True)
class Placed:
    """What of an article is there already: media by hash, terms by (type, casefolded name)."""

    media: Mapping[str, RemoteMedia] = field(default_factory=dict)
    terms: Mapping[tuple[TaxonomyType, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RemoteTerm:
    """`name` in plain text; empty where only ids were told."""

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Remote:
    """What a destination says that it has. `fields`: what became of each field that was sent; empty where none was.

    `content` is the body as it is kept there, where it was read; `html` the same as HTML, without what the adapter adds
    (markup of blocks, marker, JSON-LD). Texts are plain, not escaped. None for what was not told, which is not the same
    as an empty text. Times are aware.
    """

    id: str
    status: RemoteStatus
    url: str | None = None
    slug: str | None = None
    marker: str | None = None
    title: str | None = None
    content: str | None = None
    published_at: datetime | None = None
    modified_at: datetime | None = None
    fields: Mapping[str, FieldVerdict] = field(default_factory=dict)
    html: str | None = None
    excerpt: str | None = None
    meta_title: str | None = None
    meta_description: str | None = None
    primary_keyword: str | None = None
    categories: tuple[RemoteTerm, ...] | None = None
    tags: tuple[RemoteTerm, ...] | None = None
    featured: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a list of what is there."""

    id: str
    status: RemoteStatus
    modified_at: datetime | None


@dataclass(frozen=True, slots=True)
class Checked:
    """A stage of a connection test: how long it took in ms, what was found, what to do where it failed."""

    stage: CheckStage
    ok: bool
    ms: int
    found: str
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Connected:
    """All stages up to the first that failed; `capabilities` is kept with the integration when none did."""

    stages: Sequence[Checked]
    capabilities: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return all(stage.ok for stage in self.stages)


class Destination(Protocol):
    """Each method answers, or raises DestinationError. None repeats a request that may have been carried out.

    `put` is safe to repeat, and so are `remove` and all that only read; `create` and `upload` are looked up by `find`
    and `find_media` after `maybe_done`; `term` gets or creates.
    """

    async def check(self, progress: Callable[[str, int, int], None]) -> Connected: ...

    async def find(self, marker: str, entity: RemoteEntityKind) -> Remote | None:
        """By its marker alone, never by its slug; also what is in the trash."""
        ...

    async def create(self, article: Article) -> Remote:
        """A draft with its marker and slug, without pictures and terms; what `put` completes."""
        ...

    async def find_media(self, media: Media) -> RemoteMedia | None: ...

    async def upload(self, media: Media) -> RemoteMedia: ...

    async def term(self, kind: TaxonomyType, name: str) -> str: ...

    async def put(self, remote_id: str, article: Article, placed: Placed) -> Remote:
        """The whole of it, in its wanted status; read back, with a verdict for each field."""
        ...

    async def fetch(self, remote_id: str, entity: RemoteEntityKind) -> Remote | None:
        """As it is there now; None for what is gone for good."""
        ...

    async def remove(self, remote_id: str, entity: RemoteEntityKind) -> Remote | None:
        """Into the trash; back to a draft where there is none, with the status it has then; None where it is gone."""
        ...


class Syncable(Destination, Protocol):
    """A destination that tells what is there."""

    def listed(self, entity: RemoteEntityKind) -> AsyncIterator[Sequence[Listed]]:
        """All of a kind, also drafts, dates to come and the trash, a page at a time, and little of each."""
        ...

    async def read(self, ids: Sequence[str], entity: RemoteEntityKind) -> Sequence[Remote]:
        """Whole, with the names of their terms; what is gone is left out. At most READ_AT_ONCE."""
        ...


class Destinations(Protocol):
    """All destinations that a worker process can reach."""

    def open(self, connection: Connection, *, gated: bool = True) -> AbstractAsyncContextManager[Destination]:
        """PostponedError while it is let be, unless not `gated`."""
        ...
