"""Keyword exports into a sector: parsed in batches off the event loop, staged, merged in one statement."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from uuid import UUID

from domain import audit
from domain.accounts.sectors import open_sector
from domain.billing.limits import check_room, has_room
from domain.billing.service import lock_balance
from domain.errors import bad_input
from domain.planner.exports import LOADED, Batch, Export, ExportError, RejectedRow, open_export, open_text
from persistence.models import Job, Sector
from persistence.queries import keywords
from persistence.queries.keywords import Merge
from persistence.terms import AuditOperation, KeywordSource, LimitKey
from persistence.unit import Unit

SHOWN = 100  # rejected rows that are listed
BATCH = 5000


class TooManyRows(Exception):
    """More than a request may carry; goes on as a job."""


@dataclass(slots=True)
class Report:
    """What an import did, or with dry_run would do. `rejections`: the first 100."""

    format: KeywordSource
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
    unit: Unit,
    sector_id: UUID,
    source: Source,
    *,
    dry_run: bool,
    max_rows: int | None = None,
    job_id: UUID | None = None,
) -> Report:
    """All rows or none. TooManyRows beyond `max_rows`; LIMIT_REACHED at the plan's number of keywords.

    `job_id`: the job that this is the work of; it is locked before the credit row, as everywhere.
    """
    sector = await open_sector(unit, sector_id)
    try:
        export = await asyncio.to_thread(source.open)
        report = Report(export.format)
        staged = await _stage(unit, export, report, max_rows)
    except ExportError as error:
        raise bad_input(error.message, "input", source.name) from None
    if job_id:
        await unit.get(Job, job_id, lock=True)
    await lock_balance(unit, sector.account_id)
    merged = await _checked_preview(unit, sector, staged, dry_run=dry_run)
    if not dry_run:
        merged = await keywords.merge(
            unit.session, account_id=sector.account_id, site_id=sector.site_id, sector_id=sector.id,
            source=export.format.value,
        )  # fmt: skip
        audit.record(
            unit, sector.account_id, "importKeywords", "Keyword", sector.id, operation=AuditOperation.INSERT,
            after={"format": export.format.value, "updated": merged.updated}, count=merged.imported,
        )  # fmt: skip
    report.imported, report.updated = merged.imported, merged.updated
    report.skipped = staged - merged.imported - merged.updated
    return report


async def _stage(unit: Unit, export: Export, report: Report, max_rows: int | None) -> int:
    """Rows staged; what the reader rejects goes into the report."""
    batches = export.batches(BATCH)
    staged = 0
    async with keywords.staging(unit.session, LOADED) as write:
        while block := await asyncio.to_thread(_next, batches, staged):
            report.rejected += len(block.rejected)
            report.rejections += block.rejected[: SHOWN - len(report.rejections)]
            staged += block.rows
            if max_rows is not None and staged > max_rows:
                raise TooManyRows
            await write(block.text)
    return staged


@dataclass(frozen=True, slots=True)
class Block:
    """A batch as the database reads it."""

    rows: int
    text: bytes
    rejected: list[RejectedRow]


def _next(batches: Iterator[Batch], staged: int) -> Block | None:
    """In a thread; StopIteration cannot leave one."""
    batch = next(batches, None)
    if batch is None:
        return None
    return Block(len(batch.rows), keywords.rendered((row[1:] for row in batch.rows), staged), batch.rejected)


async def _checked_preview(unit: Unit, sector: Sector, staged: int, *, dry_run: bool) -> Merge:
    """What is coming, looked at only when it matters; LIMIT_REACHED before anything is written."""
    near = not await has_room(unit, sector.account_id, LimitKey.KEYWORDS, staged)
    if not (near or dry_run):
        return Merge(0, 0)
    coming = await keywords.preview(unit.session, sector.id)
    if coming.imported:
        await check_room(unit, sector.account_id, LimitKey.KEYWORDS, coming.imported)
    return coming
