"""Reads of tasks, contents and images; and what is made of contents to look at."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, TypeVar
from uuid import UUID

import strawberry

from domain.errors import camel
from domain.writer.cannibalisation import rivals_of
from domain.writer.contents import two_revisions
from domain.writer.difference import changed_blocks, changed_fields
from domain.writer.preview import preview_of
from domain.writer.threads import beside
from persistence.errors import Missing
from persistence.terms import DiffKind
from persistence.unit import Unit
from schema.accounts.types import Site
from schema.context import Info
from schema.execution.operation import current
from schema.graph.entity import decoded, encoded, refs
from schema.graph.roots import RootPart, by_id, listed
from schema.mutation import id_argument
from schema.writer.types import Content, ContentRevision, Image, Task, Taxonomy

ROOTS: dict[str, RootPart] = {
    "task": by_id(Task),
    "tasks": listed(Task),
    "content": by_id(Content),
    "contents": listed(Content),
    "contentRevision": by_id(ContentRevision),
    "taxonomy": by_id(Taxonomy),
    "taxonomies": listed(Taxonomy),
    "image": by_id(Image),
    "images": listed(Image),
}


T = TypeVar("T")


@strawberry.type(description="Whoever has the link sees the article, until it expires or its maker's session ends.")
class ContentPreview:
    url: str = strawberry.field(description="Path on this API.")
    expires_at: datetime = strawberry.field(description="When the link ends.")


@strawberry.type(description="A field that two revisions say differently.")
class FieldChange:
    field: str = strawberry.field(description="Its name in ContentRevision.")
    before: str | None = strawberry.field(description="What it said in the earlier revision; null for nothing.")
    after: str | None = strawberry.field(description="What it says in the later one; null for nothing.")


@strawberry.type(description="A paragraph, heading or item, and what became of it.")
class DiffBlock:
    kind: DiffKind = strawberry.field(description="What became of it.")
    html: str = strawberry.field(description="The block itself, sanitised.")


@strawberry.type(description="What changed from one revision of a content to another.")
class ContentDiff:
    fields: list[FieldChange] = strawberry.field(description="What is said differently, but for the text.")
    blocks: list[DiffBlock] = strawberry.field(description="The text in the order of reading.")


@strawberry.type(description="Contents of a site that aim at the same keyword, and so take readers from each other.")
class Cannibalisation:
    primary_keyword: str = strawberry.field(description="What all of them aim at, whatever its case.")
    contents: list[Content] = strawberry.field(description="The oldest first.")


@strawberry.type
class PreviewQuery:
    @strawberry.field(description="null for content that is not there, or not yours.")  # type: ignore[untyped-decorator]
    async def content_preview(
        self, info: Info, content_id: Annotated[UUID, id_argument("Content", "The article or page to look at.")]
    ) -> ContentPreview | None:
        context = info.context
        id = decoded(Content, content_id)
        if id is None or await found(info, lambda unit: preview_of(unit, id)) is None:
            return None
        token, expires_at = context.services.tokens.link(context.caller, id)
        return ContentPreview(url=f"/preview/{encoded(Content, [id])[0]}?token={token}", expires_at=expires_at)

    @strawberry.field(description="Of one content; null for a revision that is not there, or not yours.")  # type: ignore[untyped-decorator]
    async def content_diff(
        self,
        info: Info,
        from_id: Annotated[UUID, id_argument("ContentRevision", "The earlier revision.")],
        to_id: Annotated[UUID, id_argument("ContentRevision", "The later revision, of the same content.")],
    ) -> ContentDiff | None:
        one, two = decoded(ContentRevision, from_id), decoded(ContentRevision, to_id)
        if one is None or two is None:
            return None
        operation = current()
        async with operation.reading:
            both = await found(info, lambda unit: two_revisions(unit, one, two))
            if both is None:
                return None
            blocks = await beside(lambda: changed_blocks(*both))
            operation.take(sum(len(block.html) for block in blocks))
        return ContentDiff(
            fields=[FieldChange(field=camel(c.field), before=c.before, after=c.after) for c in changed_fields(*both)],
            blocks=[DiffBlock(kind=block.kind, html=block.html) for block in blocks],
        )

    @strawberry.field(description="Up to 100 keywords that several contents aim at; null for a site that is not yours.")  # type: ignore[untyped-decorator]
    async def cannibalisation(
        self, info: Info, site_id: Annotated[UUID, id_argument("Site", "The website whose contents are compared.")]
    ) -> list[Cannibalisation] | None:
        id = decoded(Site, site_id)
        rivals = await found(info, lambda unit: rivals_of(unit, id)) if id else None
        if rivals is None:
            return None
        return [Cannibalisation(primary_keyword=r.keyword, contents=refs(Content, r.content_ids)) for r in rivals]


async def found(info: Info, read: Callable[[Unit], Awaitable[T]]) -> T | None:
    """None for what is not there, or not the caller's."""
    try:
        async with info.context.services.units(info.context.scope()) as unit:
            return await read(unit)
    except Missing:
        return None
