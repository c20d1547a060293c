"""What was changed at a destination, taken over: a revision where nothing was changed here, a conflict where it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urldefrag
from uuid import UUID, uuid4

from sqlalchemy import delete, select

from domain.crud import record
from domain.destinations import RemoteTerm
from domain.publisher.links import with_references
from domain.publisher.merging import Change, changes, hash_of, names_of, rebased
from domain.publisher.outgoing import terms_of
from domain.publisher.said import Theirs, ours_of
from domain.rows import belonging
from domain.slugs import slugify
from domain.texts import MAX_TITLE, cut
from domain.writer.contents import MAX_META_DESCRIPTION, MAX_META_TITLE
from domain.writer.references import unresolved
from domain.writer.revisions import record_revision
from domain.writer.slugs import claim_slug, language_of
from persistence.models import (
    Content,
    ContentRevision,
    ContentTaxonomyMap,
    Integration,
    Publication,
    PublicationLink,
    SyncConflict,
    Taxonomy,
)
from persistence.terms import AuditOperation, ConflictStatus, ContentOrigin, SyncField, TaxonomyType
from persistence.unit import Unit

ACTION = "syncIntegration"
LONGEST = {  # what a content has room for
    SyncField.TITLE: MAX_TITLE, SyncField.EXCERPT: MAX_META_DESCRIPTION, SyncField.META_TITLE: MAX_META_TITLE,
    SyncField.META_DESCRIPTION: MAX_META_DESCRIPTION, SyncField.PRIMARY_KEYWORD: MAX_TITLE,
}  # fmt: skip
COLUMNS = {
    SyncField.TITLE: "title", SyncField.EXCERPT: "excerpt", SyncField.META_TITLE: "meta_title",
    SyncField.META_DESCRIPTION: "meta_description", SyncField.PRIMARY_KEYWORD: "primary_keyword",
}  # fmt: skip
OPTIONAL = ("meta_title", "meta_description", "primary_keyword")
FILED = {SyncField.CATEGORIES: TaxonomyType.CATEGORY, SyncField.TAGS: TaxonomyType.TAG}
IN_REVISIONS = {
    SyncField.TITLE: "title", SyncField.HTML: "html_content", SyncField.META_TITLE: "meta_title",
    SyncField.META_DESCRIPTION: "meta_description", SyncField.PRIMARY_KEYWORD: "primary_keyword",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taken:
    """`conflicts`: fields that were changed on both sides; `ours`: fields that are to be sent."""

    updated: list[SyncField] = field(default_factory=list)
    conflicts: list[SyncField] = field(default_factory=list)
    ours: list[SyncField] = field(default_factory=list)


async def take(unit: Unit, publication: Publication, theirs: Theirs, item_id: UUID | None) -> Taken:
    """The content, its task and the publication are locked. Whether it is shown there is not looked at."""
    content = await unit.get(Content, publication.content_id)
    if (text := theirs.written) is not None:
        html = await with_references(unit, publication.integration_id, text.html_content)
        theirs = replace(theirs, written=replace(text, html_content=html))
    ours = ours_of(content, *await terms_of(unit, content))
    found = changes(publication.base, ours, theirs.said)
    if found.get(SyncField.SLUG) is Change.THEIRS and await has_slug(unit, content, theirs.said[SyncField.SLUG]):
        found[SyncField.SLUG] = Change.BOTH  # it would be another content's
    theirs = await _with_references(unit, publication, theirs)
    wanted = [name for name, change in found.items() if change is Change.THEIRS]
    taken = Taken(
        wanted,
        [name for name, change in found.items() if change is Change.BOTH],
        [name for name, change in found.items() if change is Change.OURS],
    )
    if wanted:
        integration = await unit.get(Integration, publication.integration_id)
        await apply_fields(unit, content, theirs, wanted, f"edited at {integration.name}"[:500], item_id)
        ours = ours_of(content, *await terms_of(unit, content))
    await _note_conflicts(unit, publication, taken.conflicts, ours, theirs)
    same = [name for name, change in found.items() if change in (Change.NONE, Change.THEIRS)]
    publication.base = rebased(publication.base, ours, theirs.said, same)
    if taken.ours:
        publication.is_stale = True
    return taken


async def _with_references(unit: Unit, publication: Publication, theirs: Theirs) -> Theirs:
    """Its links to contents lead to these again, not to where they were when it was sent."""
    if theirs.written is None:
        return theirs
    of = select(PublicationLink.resolved_url, PublicationLink.target_content_id).where(
        PublicationLink.publication_id == publication.id, PublicationLink.resolved_url.is_not(None)
    )
    sent = {urldefrag(url).url: target for url, target in await unit.session.execute(of) if url}
    text = unresolved(theirs.written.html_content, sent)
    return replace(theirs, written=replace(theirs.written, html_content=text))


async def apply_fields(
    unit: Unit, content: Content, theirs: Theirs, fields: Sequence[SyncField], reason: str, item_id: UUID | None,
    user_id: UUID | None = None,
) -> None:  # fmt: skip
    """The content says what it says there; a revision, and on record."""
    before: dict[str, Any] = {}
    for name in fields:
        if name in FILED:
            terms = theirs.remote.categories if name is SyncField.CATEGORIES else theirs.remote.tags
            await file_under(unit, content, FILED[name], terms or ())
            continue
        for column, value in _columns(name, theirs).items():
            if getattr(content, column) != value:
                before[column] = getattr(content, column)
                setattr(content, column, value)
    if SyncField.HTML in fields:
        content.origin = ContentOrigin.IMPORTED
    await unit.flush()
    if any(name in IN_REVISIONS for name in fields):
        await record_revision(unit, content, reason, user_id=user_id, job_item_id=item_id)
    shown = [name for name in before if name != "html_content"]
    record(
        unit, ACTION, content, AuditOperation.UPDATE,
        before={name: before[name] for name in shown}, after={name: getattr(content, name) for name in shown},
    )  # fmt: skip


def _columns(name: SyncField, theirs: Theirs) -> dict[str, Any]:
    if name is SyncField.HTML:
        assert theirs.written
        return {"html_content": theirs.written.html_content, "word_count": theirs.written.word_count}
    text = theirs.said[name]
    if name is SyncField.SLUG:
        return {"slug": text}
    column = COLUMNS[name]
    if column == "title" and not text:
        return {}  # here every content has one
    kept = cut("".join(c if c.isprintable() else " " for c in text), LONGEST[name])
    return {column: kept or None if column in OPTIONAL else kept}


async def has_slug(unit: Unit, content: Content, slug: str) -> bool:
    """Whether another content of the site is found there; else it is claimed."""
    if not slug or len(slug) > 500:
        return True
    await claim_slug(unit, content.site_id, slug)
    other = select(Content.id).where(Content.site_id == content.site_id, Content.slug == slug, Content.id != content.id)
    return await unit.session.scalar(other) is not None


async def file_under(unit: Unit, content: Content, kind: TaxonomyType, terms: Sequence[RemoteTerm]) -> None:
    """In these of a kind instead of those that it was in; what the site has not yet is made."""
    names = list({term.name.casefold(): term.name[:500] for term in terms if term.name}.values())
    wanted = [await _taxonomy(unit, content, kind, name) for name in names]
    of_kind = select(Taxonomy.id).where(Taxonomy.site_id == content.site_id, Taxonomy.taxonomy_type == kind)
    await unit.run(
        delete(ContentTaxonomyMap).where(
            ContentTaxonomyMap.content_id == content.id, ContentTaxonomyMap.taxonomy_id.in_(of_kind)
        )
    )
    own = {**belonging(content), "content_id": content.id}
    unit.add(*(ContentTaxonomyMap(**own, taxonomy_id=id) for id in dict.fromkeys(wanted)))
    await unit.flush()


async def _taxonomy(unit: Unit, content: Content, kind: TaxonomyType, name: str) -> UUID:
    """By its name, or by its slug where the site writes the name otherwise."""
    slug = slugify(name, language=await language_of(unit, content.account_id, None))
    await claim_slug(unit, content.site_id, f"{kind.value} {slug}")
    of = select(Taxonomy).where(Taxonomy.site_id == content.site_id, Taxonomy.taxonomy_type == kind)
    found = (await unit.session.scalars(of.where(Taxonomy.slug == slug))).first()
    if found is not None and found.name.casefold() != name.casefold():
        found = (await unit.session.scalars(of.where(Taxonomy.name == name))).first()
        slug = f"{slug}-{uuid4().hex[:6]}"
    if found is not None:
        return found.id
    made = Taxonomy(account_id=content.account_id, site_id=content.site_id, taxonomy_type=kind, name=name, slug=slug)
    unit.add(made)
    await unit.flush()
    return made.id


async def _note_conflicts(
    unit: Unit, publication: Publication, fields: Sequence[SyncField], ours: Mapping[SyncField, str], theirs: Theirs
) -> None:
    """Those that are open say what both sides say now; those that are none any more are OBSOLETE."""
    of = select(SyncConflict).where(
        SyncConflict.publication_id == publication.id, SyncConflict.status == ConflictStatus.OPEN
    )
    known = {row.field: row for row in await unit.all(of.with_for_update())}
    for name, row in known.items():
        if name not in fields and name in theirs.said:
            row.status, row.resolved_at = ConflictStatus.OBSOLETE, await unit.now()
    for name in fields:
        values = {"ours": ours[name], "theirs": _shown(name, theirs), "theirs_hash": hash_of(theirs.said[name])}
        if name in known:
            for column, value in values.items():
                setattr(known[name], column, value)
            continue
        unit.add(
            SyncConflict(
                **belonging(publication), content_id=publication.content_id, integration_id=publication.integration_id,
                publication_id=publication.id, field=name, base=await _before(unit, publication, name), **values,
            )
        )  # fmt: skip
    await unit.flush()


def _shown(name: SyncField, theirs: Theirs) -> str:
    """Terms by their names."""
    if name in FILED:
        terms = theirs.remote.categories if name is SyncField.CATEGORIES else theirs.remote.tags
        return names_of([term.name for term in terms or ()])
    if name is SyncField.HTML and theirs.written:
        return theirs.written.html_content
    return theirs.said[name]


async def _before(unit: Unit, publication: Publication, name: SyncField) -> str | None:
    """What both said, where a revision tells."""
    if name not in IN_REVISIONS or publication.revision is None:
        return None
    of = select(getattr(ContentRevision, IN_REVISIONS[name])).where(
        ContentRevision.content_id == publication.content_id, ContentRevision.number == publication.revision
    )
    found: str | None = await unit.session.scalar(of)
    return found
