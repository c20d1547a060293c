"""Keywords that people make, change, move and delete by hand."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select, update

from domain import audit
from domain.accounts.sectors import open_sector
from domain.billing.limits import check_room
from domain.billing.service import lock_balance
from domain.crud import create, delete_all, edit, edit_all, paths_of
from domain.errors import bad_input, conflict, not_found
from domain.planner.rules import MAX_KEYWORD_IDS, keyword_columns, status_of
from domain.rows import belonging, find, lock, lock_all, lock_ids
from persistence.models import Account, Cluster, Keyword, Sector
from persistence.terms import AuditOperation, KeywordStatus, LimitKey
from persistence.unit import Unit

Given = Mapping[str, Any]
BELONGS = ("sector_id", "cluster_id", "status")


async def create_keywords(unit: Unit, sector_id: UUID, given: Sequence[Given], *path: str) -> list[UUID]:
    """All or none. CONFLICT for one that the sector has for this market; LIMIT_REACHED at the plan's number.

    `path` leads to the list in the input; an empty one, to a single keyword.
    """
    paths = paths_of(given, Keyword, *path)
    sector = await open_sector(unit, sector_id)
    account = await unit.get(Account, sector.account_id)
    usual = {"country": account.default_country, "language": account.default_language}
    rows = [await _new(unit, sector, {**usual, **each}, at) for each, at in zip(given, paths, strict=True)]
    _check_distinct(rows, paths)
    made = await create(unit, *rows)
    await lock_balance(unit, sector.account_id)  # the credit row last, as everywhere
    await check_room(unit, sector.account_id, LimitKey.KEYWORDS, 0)
    return made


def _check_distinct(rows: Sequence[Keyword], paths: Sequence[tuple[str, ...]]) -> None:
    seen: set[tuple[str, str | None, str | None]] = set()
    for row, at in zip(rows, paths, strict=True):
        market = (row.key, row.country, row.language)
        if market in seen:
            raise conflict("The list has this keyword for this market twice.", *at, "keyword")
        seen.add(market)


async def _new(unit: Unit, sector: Sector, given: Given, path: tuple[str, ...]) -> Keyword:
    columns = keyword_columns({name: value for name, value in given.items() if name not in BELONGS}, *path)
    cluster = await _cluster_in(unit, given.get("cluster_id"), sector.id, *path, "clusterId")
    status = status_of(given.get("status"), cluster is not None, *path, "status")
    return Keyword(
        **belonging(sector),
        cluster_id=cluster,
        status=status,
        **columns,
    )


async def _cluster_in(unit: Unit, cluster_id: UUID | None, sector_id: UUID, *field: str) -> UUID | None:
    if cluster_id is not None:
        statement = select(Cluster.id).where(Cluster.id == cluster_id, Cluster.sector_id == sector_id)
        if await unit.session.scalar(statement) is None:
            raise not_found("cluster in the sector", *field)
    return cluster_id


async def update_keyword(unit: Unit, id: UUID, given: Given, expected_version: int | None) -> UUID:
    """Only what is given changes; a clusterId of null takes it out of its cluster."""
    keyword = await lock(unit, Keyword, id, "id")
    columns = keyword_columns({name: value for name, value in given.items() if name not in BELONGS}, "input")
    cluster = keyword.cluster_id
    if "cluster_id" in given:
        cluster = columns["cluster_id"] = await _cluster_in(
            unit, given["cluster_id"], keyword.sector_id, "input", "clusterId"
        )
    wanted = given.get("status") or _kept(keyword.status)
    columns["status"] = status_of(wanted, cluster is not None, "input", "status")
    return await edit(unit, keyword, columns, expected_version)


def _kept(status: KeywordStatus) -> KeywordStatus | None:
    return status if status is KeywordStatus.ARCHIVED else None


async def bulk_update_keywords(unit: Unit, ids: Sequence[UUID], given: Given) -> list[UUID]:
    """The same of all; NEW and CLUSTERED bring them back from the archive, each as its cluster says."""
    columns = keyword_columns({name: value for name, value in given.items() if name not in BELONGS}, "input")
    shown = dict(columns)
    if "status" in given:
        if given["status"] is None:
            raise bad_input("Give a status.", "input", "status")
        archived = given["status"] is KeywordStatus.ARCHIVED
        columns["status"] = KeywordStatus.ARCHIVED if archived else following()
        shown["status"] = given["status"]
    return await edit_all(unit, Keyword, ids, columns, shown=shown)


def following() -> Any:
    """The status that follows from the cluster."""
    clustered, new = KeywordStatus.CLUSTERED.value, KeywordStatus.NEW.value
    return case((Keyword.cluster_id.is_not(None), clustered), else_=new)


async def move_keywords(unit: Unit, ids: Sequence[UUID], cluster_id: UUID | None) -> list[UUID]:
    """Into a cluster of their sector, or out of any; archived ones stay archived."""
    target = await find(unit, Cluster, cluster_id, "input", "clusterId") if cluster_id else None
    locked = await lock_ids(unit, Keyword, ids, "input", "keywordIds", most=MAX_KEYWORD_IDS)
    if target:
        elsewhere = select(Keyword.id).where(Keyword.id.in_(locked.ids), Keyword.sector_id != target.sector_id)
        if await unit.session.scalar(elsewhere.limit(1)):
            raise bad_input("The cluster is in another sector than a keyword.", "input", "clusterId")
    left = select(Keyword.cluster_id).where(Keyword.id.in_(locked.ids))
    await lock_clusters(unit, Cluster.id.in_(left) | (Cluster.id == cluster_id))
    await place(unit, locked.ids, cluster_id)
    audit.record(
        unit, locked.account_id, "moveKeywords", "Keyword", operation=AuditOperation.UPDATE,
        after={"clusterId": str(cluster_id) if cluster_id else None}, ids=locked.sites,
    )  # fmt: skip
    return locked.ids


async def lock_clusters(unit: Unit, which: ColumnElement[bool]) -> None:
    """After the keywords, in the order of their ids: as the statement does that counts keywords."""
    await unit.all(select(Cluster).where(which).order_by(Cluster.id).with_for_update())


async def place(unit: Unit, ids: Sequence[UUID], cluster_id: UUID | None) -> None:
    """They are locked, and of the cluster's sector."""
    status = KeywordStatus.CLUSTERED if cluster_id else KeywordStatus.NEW
    archived = Keyword.status == KeywordStatus.ARCHIVED
    statement = update(Keyword).where(Keyword.id.in_(ids))
    values = {
        "cluster_id": cluster_id,
        "status": case((archived, Keyword.status), else_=status.value),
        "version": Keyword.version + 1,
        "updated_at": func.now(),
    }
    await unit.run(statement.values(values))


async def delete_keywords(unit: Unit, ids: Sequence[UUID]) -> list[UUID]:
    return await delete_all(unit, Keyword, ids, most=MAX_KEYWORD_IDS)


async def keywords_of(unit: Unit, cluster: Cluster, ids: Sequence[UUID], *field: str) -> list[Keyword]:
    """Locked; BAD_INPUT for one that is not in the cluster."""
    found = await lock_all(unit, Keyword, ids, *field, most=MAX_KEYWORD_IDS)
    if any(keyword.cluster_id != cluster.id for keyword in found):
        raise bad_input(f"A keyword is not in the cluster “{cluster.name}”.", *field)
    return found
