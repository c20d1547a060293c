"""Where what people make by hand belongs: a sector that takes it, or the sector of a cluster."""

from uuid import UUID

from domain.errors import bad_input, not_found
from domain.rows import find
from persistence.models import Cluster, Sector
from persistence.unit import Unit


async def open_sector(unit: Unit, sector_id: UUID, *path: str) -> Sector:
    """NOT_FOUND, or BAD_INPUT when it takes nothing."""
    sector = await find(unit, Sector, sector_id, *(path or ("input",)), "sectorId")
    if not sector.is_active:
        raise bad_input(
            "The sector is not active; activate it with updateSector first.", *(path or ("input",)), "sectorId"
        )
    return sector


async def place_for(
    unit: Unit, sector_id: UUID | None, cluster_id: UUID | None, *path: str
) -> tuple[Sector, UUID | None]:
    """The sector that is given, or the cluster's; BAD_INPUT for neither, NOT_FOUND for a cluster of another sector."""
    if cluster_id is None:
        if sector_id is None:
            raise bad_input("Give a sectorId or a clusterId.", *path, "sectorId")
        return await open_sector(unit, sector_id, *path), None
    cluster = await find(unit, Cluster, cluster_id, *path, "clusterId")
    if sector_id is not None and cluster.sector_id != sector_id:
        raise not_found("cluster in the sector", *path, "clusterId")
    return await open_sector(unit, cluster.sector_id, *path), cluster_id
