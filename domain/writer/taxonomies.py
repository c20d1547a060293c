"""What contents are filed under: taxonomies of a site, further clusters, attributes."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from domain.access import Permission
from domain.crud import create, delete_all, edit, record
from domain.errors import bad_input, not_found
from domain.rows import belonging, distinct, find, lock, lock_all
from domain.slugs import slugify
from domain.texts import MAX_TEXT, check_line, check_text, check_title
from domain.writer.editorial import check_editable
from domain.writer.slugs import language_of, own_slug
from persistence.models import (
    Cluster,
    Content,
    ContentAttributeMap,
    ContentClusterMap,
    ContentTaxonomyMap,
    Site,
    Taxonomy,
)
from persistence.terms import AuditOperation, ClusterRole
from persistence.unit import Unit

Given = Mapping[str, Any]
Held = frozenset[Permission]
MAX_FILED, MAX_VALUE, MAX_LEVELS = 100, 500, 10


async def create_taxonomy(unit: Unit, site_id: UUID, given: Given) -> UUID:
    """CONFLICT when the site has one of this type under the slug."""
    site = await find(unit, Site, site_id, "input", "siteId")
    language = await language_of(unit, site.account_id, None)
    columns = _columns(given, language)
    columns.setdefault("slug", slugify(columns["name"], language=language))
    await _check_parent(unit, site.id, None, given.get("parent_id"), given["taxonomy_type"])
    row = Taxonomy(account_id=site.account_id, site_id=site.id, taxonomy_type=given["taxonomy_type"],
                   parent_id=given.get("parent_id"), **columns)  # fmt: skip
    (id,) = await create(unit, row)
    return id


def _columns(given: Given, language: str | None) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, value in given.items():
        match name:
            case "name":
                columns[name] = check_title(value, "input", "name")
            case "slug":
                if value is not None:
                    columns[name] = own_slug(value, language, "input", "slug")
            case "description":
                columns[name] = check_text(value, MAX_TEXT, "input", "description")
    return columns


async def _check_parent(unit: Unit, site_id: UUID, id: UUID | None, parent_id: UUID | None, kind: Any) -> None:
    """Of the same site and type, and not below itself."""
    above = parent_id
    for _ in range(MAX_LEVELS):
        if above is None:
            return
        found = await unit.session.get(Taxonomy, above)
        if found is None or found.site_id != site_id or found.taxonomy_type is not kind:
            raise not_found("taxonomy of this type and site", "input", "parentId")
        if found.id == id:
            raise bad_input("It would stand below itself.", "input", "parentId")
        above = found.parent_id
    raise bad_input(f"That would be more than {MAX_LEVELS} levels.", "input", "parentId")


async def update_taxonomy(unit: Unit, id: UUID, given: Given, expected_version: int | None) -> UUID:
    taxonomy = await lock(unit, Taxonomy, id, "id")
    columns = _columns(given, await language_of(unit, taxonomy.account_id, None))
    if "parent_id" in given:
        await _check_parent(unit, taxonomy.site_id, id, given["parent_id"], taxonomy.taxonomy_type)
        columns["parent_id"] = given["parent_id"]
    return await edit(unit, taxonomy, columns, expected_version)


async def delete_taxonomies(unit: Unit, ids: Sequence[UUID]) -> list[UUID]:
    """Contents are not in them any more; those below stand at the top."""
    return await delete_all(unit, Taxonomy, ids)


async def _editable(unit: Unit, content_id: UUID, held: Held) -> Content:
    """Locked. What it is filed under is part of what was approved."""
    content = await lock(unit, Content, content_id, "input", "contentId")
    check_editable(content.status, held, "input", "contentId")
    return content


async def set_content_taxonomies(unit: Unit, content_id: UUID, ids: Sequence[UUID], held: Held) -> UUID:
    """These instead of those that there were."""
    content = await _editable(unit, content_id, held)
    wanted = distinct(ids, "input", "taxonomyIds", most=MAX_FILED) if ids else []
    known = select(Taxonomy.id).where(Taxonomy.id.in_(wanted), Taxonomy.site_id == content.site_id)
    if len((await unit.session.scalars(known)).all()) != len(wanted):
        raise not_found("taxonomy of the site", "input", "taxonomyIds")
    await _replace(unit, ContentTaxonomyMap, content, [{"taxonomy_id": id} for id in wanted])
    return content.id


async def set_content_clusters(
    unit: Unit, content_id: UUID, given: Sequence[tuple[UUID, ClusterRole]], held: Held
) -> UUID:
    """These instead of those that there were; the one that it was written for is its `cluster`."""
    content = await _editable(unit, content_id, held)
    roles = dict(given)
    if roles:
        clusters = await lock_all(unit, Cluster, list(roles), "input", "clusters", "clusterId",
                                  most=MAX_FILED)  # fmt: skip
        if any(cluster.sector_id != content.sector_id for cluster in clusters):
            raise bad_input("Take clusters of the content's sector.", "input", "clusters", "clusterId")
    await _replace(unit, ContentClusterMap, content, [{"cluster_id": id, "role": r} for id, r in roles.items()])
    return content.id


async def set_content_attributes(unit: Unit, content_id: UUID, given: Sequence[tuple[str, str]], held: Held) -> UUID:
    """These instead of those that there were; each name once."""
    content = await _editable(unit, content_id, held)
    if len(given) > MAX_FILED:
        raise bad_input(f"Give at most {MAX_FILED} attributes.", "input", "attributes")
    rows = []
    for n, (name, value) in enumerate(given):
        at = ("input", "attributes", str(n))
        rows.append({
            "name": check_title(name, *at, "name"),
            "value": check_line(value, MAX_VALUE, *at, "value") or "",
        })  # fmt: skip
    if len({row["name"].casefold() for row in rows}) < len(rows):
        raise bad_input("Give each name once.", "input", "attributes")
    await _replace(unit, ContentAttributeMap, content, rows)
    return content.id


MapRow = type[ContentTaxonomyMap] | type[ContentClusterMap] | type[ContentAttributeMap]
MUTATIONS: dict[MapRow, str] = {
    ContentTaxonomyMap: "setContentTaxonomies",
    ContentClusterMap: "setContentClusters",
    ContentAttributeMap: "setContentAttributes",
}


async def _replace(unit: Unit, row: MapRow, content: Content, columns: list[dict[str, Any]]) -> None:
    """The content is locked."""
    await unit.run(delete(row).where(row.content_id == content.id))
    unit.add(*(row(**belonging(content), content_id=content.id, **each) for each in columns))
    await unit.flush()
    record(unit, MUTATIONS[row], content, AuditOperation.UPDATE, after={"number": len(columns)})
