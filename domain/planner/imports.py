"""Keyword exports into a sector: parsed in batches off the event loop, staged, merged in one statement."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import func, select

from domain import audit
from domain.billing.service import lock_balance, plan_of
from domain.errors import DomainError, bad_input, not_found
from domain.planner.exports import Batch, Export, ExportError, KeywordRow, RejectedRow, open_export, open_text
from persistence.errors import Missing
from persistence.models import Keyword, Sector
from persistence.queries import keywords
from persistence.terms import AuditOperation, ErrorCode, ExportFormat
from persistence.unit import Unit

SHOWN = 100  # rejected rows that are listed
BATCH = 5000


class TooManyRows(Exception):
    """More than a request may carry; goes on as a job."""


@dataclass(slots=True)
class Report:
    """What an import did, or with dry_run would do. `rejections`: the first 100."""

    format: ExportFormat
    imported: int = 0
    updated: int = 0
    skipped: int = 0
    rejected: int = 0
    rejections: list[RejectedRow] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        return (
            f"{self.format.value}: {self.imported} imported, {self.updated} updated, {self.skipped} skipped, "
            f"{self.rejected} rejected"
        )


@dataclass(frozen=True, slots=True)
class Source:
    """Opens an export; blocking. `name` is the input's field that it came in."""

    open: Callable[[], Export]
    name: str


def file_source(stream: BinaryIO) -> Source:
    return Source(lambda: open_export(stream), "file")


def text_source(text: str) -> Source:
    return Source(lambda: open_text(text), "text")


async def import_rows(
    unit: Unit, sector_id: UUID, source: Source, *, dry_run: bool, max_rows: int | None = None
) -> Report:
    """All rows or none. TooManyRows beyond `max_rows`; LIMIT_REACHED at the plan's number of keywords."""
    sector = await _sector(unit, sector_id)
    try:
        export = await asyncio.to_thread(source.open)
        report = Report(export.format)
        await keywords.stage(unit.session)
        staged = await _stage(unit, export, report, max_rows)
    except ExportError as error:
        raise bad_input(error.message, "input", source.name) from None
    await lock_balance(unit, sector.account_id)
    merged = await keywords.merge(
        unit.session, account_id=sector.account_id, site_id=sector.site_id, sector_id=sector.id,
        source=export.format.value, dry_run=dry_run,
    )  # fmt: skip
    report.imported, report.updated = merged.imported, merged.updated
    report.skipped = staged - merged.imported - merged.updated
    await _check_limit(unit, sector.account_id, report.imported if dry_run else 0)
    if not dry_run:
        audit.record(
            unit, sector.account_id, "importKeywords", "Keyword", sector.id, operation=AuditOperation.INSERT,
            after={"format": export.format.value, "updated": merged.updated}, count=merged.imported,
        )  # fmt: skip
    return report


async def _sector(unit: Unit, sector_id: UUID) -> Sector:
    try:
        sector = await unit.get(Sector, sector_id)
    except Missing:
        raise not_found("sector", "input", "sectorId") from None
    if not sector.is_active:
        raise bad_input("The sector is not active; activate it with updateSector first.", "input", "sectorId")
    return sector


async def _stage(unit: Unit, export: Export, report: Report, max_rows: int | None) -> int:
    """Rows staged; what the reader rejects goes into the report."""
    batches: Iterator[Batch] = export.batches(BATCH)
    staged = 0
    while batch := await asyncio.to_thread(_next, batches):
        report.rejected += len(batch.rejected)
        report.rejections += batch.rejected[: SHOWN - len(report.rejections)]
        if max_rows is not None and staged + len(batch.rows) > max_rows:
            raise TooManyRows
        await keywords.load(unit.session, (_values(staged + n, row) for n, row in enumerate(batch.rows)))
        staged += len(batch.rows)
    return staged


def _next(batches: Iterator[Batch]) -> Batch | None:
    """StopIteration cannot cross a thread's future."""
    return next(batches, None)


def _values(number: int, row: KeywordRow) -> tuple[object, ...]:
    return (
        number, row.keyword, row.key, row.country, row.language, row.volume, row.difficulty,
        [i.value for i in row.intents], row.is_branded, row.is_local, row.cpc_micros, row.currency, row.competition,
        row.parent_topic, list(row.serp_features), row.clicks, row.impressions, row.position_hundredths,
    )  # fmt: skip


async def _check_limit(unit: Unit, account_id: UUID, coming: int) -> None:
    limit = (await plan_of(unit, account_id)).max_keywords
    used = ((await unit.session.scalar(select(func.count()).select_from(Keyword))) or 0) + coming
    if limit is not None and used > limit:
        raise DomainError(
            ErrorCode.LIMIT_REACHED,
            f"Your plan allows {limit} keywords and this would make {used}. Import fewer, delete some, or choose a "
            "larger plan.",
            "input",
        )
