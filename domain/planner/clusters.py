"""Clusters that people make, change, put together, take apart and delete by hand."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from domain import audit
from domain.accounts.sectors import open_sector
from domain.billing.limits import check_room
from domain.billing.service import lock_balance
from domain.crud import create, delete_all, edit, edit_all, number_of, paths_of, record
from domain.errors import bad_input
from domain.planner.keywords import keywords_of, place
from domain.planner.rules import MAX_KEYWORD_IDS
from domain.rows import belonging, distinct, find, lock, lock_all, lock_ids
from domain.texts import MAX_TEXT, check_text, check_title
from persistence.models import Cluster, Content, ContentClusterMap, Idea, Keyword, Sector, Task
from persistence.terms import AuditOperation, KeywordStatus, LimitKey
from persistence.unit import Unit

Given = Mapping[str, Any]


def _columns(given: Given, *path: str) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, value in given.items():
        match name:
            case "name":
                columns[name] = check_title(value, *path, "name")
            case "description":
                columns[name] = check_text(value, MAX_TEXT, *path, "description")
            case "status":
                if value is None:
                    raise bad_input("Give a status.", *path, "status")
                columns[name] = value
    return columns


async def create_clusters(unit: Unit, sector_id: UUID, given: Sequence[Given], *path: str) -> list[UUID]:
    """All or none; `keyword_ids` of each are put into it. LIMIT_REACHED at the plan's number of clusters."""
    paths = paths_of(given, Cluster, *path)
    sector = await open_sector(unit, sector_id)
    rows = [_new(sector, each, at) for each, at in zip(given, paths, strict=True)]
    made = await create(unit, *rows)
    for id, each, at in zip(made, given, paths, strict=True):
        if each.get("keyword_ids"):
            await _fill(unit, sector, id, each["keyword_ids"], *at, "keywordIds")
    await lock_balance(unit, sector.account_id)  # the credit row last, as everywhere
    await check_room(unit, sector.account_id, LimitKey.CLUSTERS, 0)
    return made


def _new(sector: Sector, given: Given, path: tuple[str, ...]) -> Cluster:
    columns = _columns(given, *path)
    return Cluster(**belonging(sector), **columns)


async def _fill(unit: Unit, sector: Sector, id: UUID, keyword_ids: Sequence[UUID], *field: str) -> None:
    locked = await lock_ids(unit, Keyword, keyword_ids, *field, most=MAX_KEYWORD_IDS)
    if await number_of(unit, Keyword.id, Keyword.id.in_(locked.ids), Keyword.sector_id != sector.id):
        raise bad_input("A keyword is in another sector.", *field)
    await place(unit, locked.ids, id)


async def update_cluster(unit: Unit, id: UUID, given: Given, expected_version: int | None) -> UUID:
    cluster = await lock(unit, Cluster, id, "id")
    return await edit(unit, cluster, _columns(given, "input"), expected_version)


async def bulk_update_clusters(unit: Unit, ids: Sequence[UUID], given: Given) -> list[UUID]:
    return await edit_all(unit, Cluster, ids, _columns(given, "input"))


async def delete_clusters(unit: Unit, ids: Sequence[UUID]) -> list[UUID]:
    """Their keywords are free again; ideas, tasks and contents stay, without a cluster."""
    wanted = distinct(ids, "ids")
    await _lock_keywords(unit, wanted)
    await lock_ids(unit, Cluster, wanted, "ids")
    status = case((Keyword.status == KeywordStatus.ARCHIVED, Keyword.status), else_=KeywordStatus.NEW.value)
    values = {"cluster_id": None, "status": status, "version": Keyword.version + 1, "updated_at": func.now()}
    await unit.run(update(Keyword).where(Keyword.cluster_id.in_(wanted)).values(values))
    return await delete_all(unit, Cluster, wanted)


async def _lock_keywords(unit: Unit, cluster_ids: Sequence[UUID]) -> None:
    """Before the clusters, as every writer of keywords does."""
    held = select(func.count()).select_from(
        select(Keyword.id).where(Keyword.cluster_id.in_(cluster_ids)).order_by(Keyword.id).with_for_update().subquery()
    )
    await unit.session.execute(held)


async def merge_clusters(unit: Unit, into: UUID, others: Sequence[UUID], name: str | None) -> UUID:
    """What belongs to the others moves into one; they go. All are of one sector."""
    await find(unit, Cluster, into, "input", "intoClusterId")
    await _lock_keywords(unit, [into, *others])
    target, *going = await lock_all(unit, Cluster, [into, *others], "input", "clusterIds")
    if not going:
        raise bad_input("Give at least one other cluster.", "input", "clusterIds")
    if any(cluster.sector_id != target.sector_id for cluster in going):
        raise bad_input("Take clusters of one sector.", "input", "clusterIds")
    gone, names = [cluster.id for cluster in going], [cluster.name for cluster in going]
    await merge_into(unit, target.id, going)
    await unit.session.refresh(target)
    if name is not None:
        target.name = check_title(name, "input", "name")
        await unit.flush()
    record(unit, "mergeClusters", target, AuditOperation.UPDATE, after={"name": target.name, "merged": names[:100]})
    audit.record(
        unit, target.account_id, "mergeClusters", "Cluster", site_id=target.site_id, operation=AuditOperation.DELETE,
        after={"into": str(target.id)}, ids=gone,
    )  # fmt: skip
    return target.id


async def merge_into(unit: Unit, target_id: UUID, others: Sequence[Cluster]) -> int:
    """All are locked; how many went."""
    ids = [other.id for other in others]
    if ids:
        await unit.flush()
        for row in (Keyword, Idea, Task, Content):
            moved = update(row).where(row.cluster_id.in_(ids)).values(cluster_id=target_id, version=row.version + 1)
            await unit.run(moved)
        await _move_filings(unit, target_id, ids)
        for other in others:
            await unit.session.refresh(other)  # its counts have changed under the trigger
            await unit.session.delete(other)
        await unit.flush()
    return len(ids)


async def _move_filings(unit: Unit, target_id: UUID, cluster_ids: Sequence[UUID]) -> None:
    """Contents that speak of the others speak of the target."""
    of = ContentClusterMap
    kept = (of.account_id, of.site_id, of.sector_id, of.content_id)
    moved = (
        select(*kept, literal(target_id), of.role).where(of.cluster_id.in_(cluster_ids)).order_by(of.content_id, of.id)
    )
    names = [column.key for column in kept]
    await unit.run(insert(of).from_select([*names, "cluster_id", "role"], moved).on_conflict_do_nothing())


async def split_cluster(unit: Unit, id: UUID, keyword_ids: Sequence[UUID], name: str) -> UUID:
    """These of its keywords become a cluster of their own: the new one's id."""
    await find(unit, Cluster, id, "input", "clusterId")
    await _lock_keywords(unit, [id])
    cluster = await lock(unit, Cluster, id, "input", "clusterId")
    moving = await keywords_of(unit, cluster, keyword_ids, "input", "keywordIds")
    if len(moving) == cluster.keywords_count:
        raise bad_input("Leave at least one keyword in the cluster.", "input", "keywordIds")
    made = Cluster(**belonging(cluster), name=check_title(name, "input", "name"))
    unit.add(made)
    await unit.flush()
    await place(unit, [keyword.id for keyword in moving], made.id)
    await lock_balance(unit, cluster.account_id)
    await check_room(unit, cluster.account_id, LimitKey.CLUSTERS, 0)
    record(unit, "splitCluster", made, AuditOperation.INSERT, after={"name": made.name, "from": cluster.name})
    audit.record(
        unit, cluster.account_id, "splitCluster", "Keyword", site_id=made.site_id, operation=AuditOperation.UPDATE,
        after={"clusterId": str(made.id)}, ids=[keyword.id for keyword in moving],
    )  # fmt: skip
    return made.id
