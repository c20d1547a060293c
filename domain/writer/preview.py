"""An article with its pictures, as a reader would see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from domain.writer.html import sections
from domain.writer.references import references, resolved
from persistence.models import Content, Image
from persistence.terms import ContentOrigin, ContentStatus, ImageStatus, ImageType
from persistence.unit import Unit


@dataclass(frozen=True, slots=True)
class Figure:
    key: str
    alt_text: str
    width: int
    height: int
    media_type: str = ""
    sha256: str = ""
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """`figures`: those that stand between the article's sections. `addresses`: where contents of the site that it links
    to are live.
    """

    id: UUID
    title: str
    description: str
    origin: ContentOrigin
    status: ContentStatus
    word_count: int
    featured: Figure | None
    figures: list[Figure]
    html: str
    addresses: Mapping[UUID, str] = field(default_factory=dict)

    def linked(self, html: str) -> str:
        """Of these sections; what links to a content that is live nowhere stays without the link."""
        return resolved(html, self.id, self.addresses)

    def parts(self) -> list[tuple[Figure | None, str]]:
        """The article's sections as clean HTML, each with the picture that stands before it."""
        return _spread(sections(self.html), self.figures)


async def preview_of(unit: Unit, content_id: UUID) -> Preview:
    """Missing for content that the scope does not show."""
    content = await unit.get(Content, content_id)
    statement = select(Image).where(Image.content_id == content.id, Image.status == ImageStatus.READY)
    images = await unit.all(statement.order_by(Image.position, Image.id))
    featured = next((_figure(i) for i in images if i.image_type is ImageType.FEATURED), None)
    others = [_figure(i) for i in images if i.image_type is ImageType.IN_ARTICLE]
    return Preview(
        id=content.id,
        title=content.title,
        description=content.meta_description or content.excerpt,
        origin=content.origin,
        status=content.status,
        word_count=content.word_count,
        featured=featured,
        figures=others,
        html=content.html_content,
        addresses=await _addresses(unit, content),
    )


async def _addresses(unit: Unit, content: Content) -> dict[UUID, str]:
    targets = references(content.html_content)
    if not targets:
        return {}
    live = select(Content.id, Content.published_url).where(Content.id.in_(targets), Content.site_id == content.site_id)
    return {id: url for id, url in await unit.session.execute(live) if url}


def _figure(image: Image) -> Figure:
    size, digest = (image.width or 0, image.height or 0), image.sha256 or ""
    return Figure(image.blob_key or "", image.alt_text, *size, image.mime_type or "", digest, image.bytes or 0)


def _spread(parts: list[str], figures: list[Figure]) -> list[tuple[Figure | None, str]]:
    """Evenly among the sections after the first; what finds no section of its own is left out."""
    places = list(range(1, len(parts)))
    step = max(1, len(places) // len(figures)) if figures else 1
    at = dict(zip(places[::step], figures, strict=False))
    return [(at.get(n), part) for n, part in enumerate(parts)]
