"""A content's rows as the article that goes out."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import escape
from typing import Any

from sqlalchemy import func, select

from domain.destinations import PICTURE, Article, Media
from domain.publisher.links import Links, links_of
from domain.publisher.merging import hash_of
from domain.publisher.said import ours_of
from domain.writer.preview import Figure, Preview, preview_of
from persistence.files.blobs import Blobs
from persistence.models import (
    AuthorProfile,
    Content,
    ContentRevision,
    ContentTaxonomyMap,
    Publication,
    Taxonomy,
)
from persistence.terms import ContentOrigin, RemoteStatus, SyncField, TaxonomyType
from persistence.unit import Unit


@dataclass(frozen=True, slots=True)
class Draft:
    """`article` without its body and media; `preview` is what these are made of. `ours`: what
    the content says now, whatever revision is sent. `links` to other contents are put into the body with them.
    """

    article: Article
    preview: Preview = field(repr=False)
    revision: int
    ours: Mapping[SyncField, str] = field(repr=False)
    links: Links = field(repr=False)

    def standing(self, status: RemoteStatus, publish_at: datetime | None) -> "Draft":
        """The same, to stand there so."""
        return replace(self, article=replace(self.article, status=status, publish_at=publish_at))

    @property
    def hash(self) -> str:
        """The same for what would go out the same. Keys of files are never given to others."""
        shown = [(f.key, f.alt_text) for f in (self.preview.featured, *self.preview.figures) if f]
        whole = replace(self.article, keep=frozenset())
        linked = [self.links.said] if self.links.said else []
        said = json.dumps([repr(whole), self.preview.html, shown, *linked])
        return hashlib.sha256(said.encode()).hexdigest()


async def draft_of(unit: Unit, publication: Publication, revision: int | None = None) -> Draft:
    """As the content is now, or as it was in a revision. Missing for a revision that is not there."""
    content = await unit.get(Content, publication.content_id)
    preview = await preview_of(unit, content.id)
    newest = await unit.session.scalar(
        select(func.max(ContentRevision.number)).where(ContentRevision.content_id == content.id)
    )
    said: Content | ContentRevision = content
    if revision is not None:
        of = select(ContentRevision).where(ContentRevision.content_id == content.id, ContentRevision.number == revision)
        said = (await unit.session.scalars(of)).one()
        preview = replace(preview, html=said.html_content, title=said.title)
    author = await unit.session.get(AuthorProfile, content.author_profile_id) if content.author_profile_id else None
    categories, tags = await terms_of(unit, content)
    ours = ours_of(content, categories, tags)
    article = Article(
        marker=publication.marker,
        entity=publication.entity,
        title=said.title,
        slug=content.slug,
        html="",
        excerpt=content.excerpt,
        status=publication.wanted_status,
        publish_at=publication.publish_at,
        language=author.language or None if author else None,
        categories=categories,
        tags=tags,
        author=author.name if author else None,
        meta_title=said.meta_title,
        meta_description=said.meta_description,
        primary_keyword=said.primary_keyword,
        keep=frozenset() if revision is not None else _kept(publication, content, preview, ours),
    )
    return Draft(article, preview, revision or newest or 1, ours, await links_of(unit, publication, preview.html))


def _kept(
    publication: Publication, content: Content, preview: Preview, ours: Mapping[SyncField, str]
) -> frozenset[str]:
    """What was not changed here is left as it is there; also a text that came from there, which may hold more than is
    kept here.
    """
    if publication.remote_id is None:
        return frozenset()
    same = {name for name, pair in publication.base.items() if hash_of(ours[SyncField(name)]) == pair[0]}
    kept = {name.lower() for name in same if name != SyncField.HTML.value}
    if content.origin is ContentOrigin.IMPORTED and preview.featured is None:
        kept |= {"featured"}
        if SyncField.HTML.value in same and not preview.figures and not publication.is_stale:
            kept |= {"html"}
    return frozenset(kept)


async def terms_of(unit: Unit, content: Content) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of its categories and tags, in their order."""
    of = (
        select(Taxonomy)
        .join(ContentTaxonomyMap, ContentTaxonomyMap.taxonomy_id == Taxonomy.id)
        .where(ContentTaxonomyMap.content_id == content.id)
        .order_by(Taxonomy.name, Taxonomy.id)
    )
    found = await unit.all(of)
    kinds = (TaxonomyType.CATEGORY, TaxonomyType.TAG)
    categories, tags = (tuple(t.name for t in found if t.taxonomy_type is kind) for kind in kinds)
    return categories, tags


async def article_of(draft: Draft, blobs: Blobs) -> Article:
    """With its body and its pictures, which are read when somebody asks for their bytes. No transaction is open."""
    preview = draft.preview
    media: dict[str, Media] = {}
    for figure in (preview.featured, *preview.figures):
        if figure and figure.key not in media:
            media[figure.key] = await _media(figure, preview.title, blobs)
    html = "".join(f"{_figure(figure, media) if figure else ''}{part}" for figure, part in preview.parts())
    html = draft.links.resolve(html)
    featured = media[preview.featured.key].sha256 if preview.featured else None
    article = replace(
        draft.article, html=html, featured=featured, media=tuple({m.sha256: m for m in media.values()}.values())
    )
    return replace(article, json_ld=_json_ld(article))


async def _media(figure: Figure, title: str, blobs: Blobs) -> Media:
    return Media(
        sha256=figure.sha256 or await blobs.digest(figure.key),  # rows of other databases may have none
        mime_type=figure.media_type,
        width=figure.width,
        height=figure.height,
        alt_text=figure.alt_text,
        title=figure.alt_text or title,
        read=lambda: blobs.read(figure.key),
        size=figure.bytes,
        key=figure.key,
    )


def _figure(figure: Figure, media: dict[str, Media]) -> str:
    size = f' width="{figure.width}" height="{figure.height}"' if figure.width and figure.height else ""
    alt = escape(figure.alt_text, quote=True)
    return f'<figure><img src="{PICTURE}{media[figure.key].sha256}" alt="{alt}"{size}></figure>'


def _json_ld(article: Article) -> str:
    """An Article of schema.org, on one line, with nothing that ends a script element."""
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": article.title,
        "description": article.meta_description or article.excerpt or None,
        "inLanguage": article.language,
        "keywords": article.primary_keyword,
        "author": {"@type": "Person", "name": article.author} if article.author else None,
    }
    text = json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False)
    return text.replace("<", "\\u003c")
