"""What a content said after each change."""

from uuid import UUID

from sqlalchemy import func, select

from domain.rows import belonging
from persistence.models import Content, ContentRevision
from persistence.unit import Unit


async def record_revision(
    unit: Unit, content: Content, reason: str, *, user_id: UUID | None = None, job_item_id: UUID | None = None
) -> None:
    """The next revision of a content that is locked, or new; it must be flushed."""
    last = await unit.session.scalar(
        select(func.max(ContentRevision.number)).where(ContentRevision.content_id == content.id)
    )
    unit.add(
        ContentRevision(
            **belonging(content),
            content_id=content.id,
            number=(last or 0) + 1,
            reason=reason,
            origin=content.origin,
            title=content.title,
            html_content=content.html_content,
            word_count=content.word_count,
            meta_title=content.meta_title,
            meta_description=content.meta_description,
            primary_keyword=content.primary_keyword,
            secondary_keywords=content.secondary_keywords,
            user_id=user_id,
            job_item_id=job_item_id,
        )
    )
