"""A link that shows an article as a page, for a short while."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from domain.writer.preview import preview_of
from persistence.errors import Missing
from schema.context import Info
from schema.entity import REGISTRY
from schema.mutation import id_argument


@strawberry.type(description="Whoever has the link sees the article, until it expires or its maker's session ends.")
class ContentPreview:
    url: str = strawberry.field(description="Path on this API.")
    expires_at: datetime


@strawberry.type
class PreviewQuery:
    @strawberry.field(description="null for content that is not there, or not yours.")  # type: ignore[untyped-decorator]
    async def content_preview(
        self, info: Info, content_id: Annotated[UUID, id_argument("Content")]
    ) -> ContentPreview | None:
        context = info.context
        entity = REGISTRY.bindings["Content"].entity
        assert entity
        id = entity.decode(content_id)
        if id is None:
            return None
        try:
            async with context.services.units(context.scope()) as unit:
                await preview_of(unit, id)
        except Missing:
            return None
        token, expires_at = context.services.tokens.link(context.caller, id)
        return ContentPreview(url=f"/preview/{entity.encode(id)}?token={token}", expires_at=expires_at)
