"""Imports of keywords: within the request as long as they are of a size for it."""

from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from stamina import retry_context

from domain.errors import bad_input
from domain.planner.imports import Report, Source, TooManyRows, file_source, import_rows
from domain.planner.rules import MAX_FILE_BYTES, MAX_REQUEST_BYTES, MAX_REQUEST_ROWS
from domain.planner.work.import_keywords import import_later
from persistence.errors import Deadlock
from persistence.files.blobs import Blobs
from persistence.scope import Scope, SessionScope
from persistence.unit import Units


@dataclass(frozen=True, slots=True)
class Imported:
    """A report, or for a large file the job that goes on."""

    report: Report | None = None
    job_id: UUID | None = None


async def import_source(units: Units, scope: Scope, sector_id: UUID, source: Source, *, dry_run: bool) -> Report:
    """Within the request; BAD_INPUT when there are more rows than it may carry."""
    try:
        return await _import_now(units, scope, sector_id, source, dry_run=dry_run)
    except TooManyRows:
        raise bad_input(
            f"That is more than {MAX_REQUEST_ROWS} rows; send them as a file.", "input", source.name
        ) from None


async def _import_now(units: Units, scope: Scope, sector_id: UUID, source: Source, *, dry_run: bool) -> Report:
    """Once more where it and somebody else waited for each other: the plan's room is counted before rows are locked."""
    # A block and no decorator: of a function stamina logs the arguments too, and these are an account's keywords.
    async for attempt in retry_context(on=Deadlock, attempts=3, timeout=None, wait_initial=0.05, wait_jitter=0.2):
        with attempt:
            async with units(scope) as unit:
                return await import_rows(unit, sector_id, source, dry_run=dry_run, max_rows=MAX_REQUEST_ROWS)
    raise AssertionError("the last attempt returns or raises")


async def import_file(
    units: Units,
    scope: SessionScope,
    blobs: Blobs,
    user_id: UUID,
    sector_id: UUID,
    file: BinaryIO,
    size: int,
    *,
    dry_run: bool,
) -> Imported:
    """Up to 20 MB and 50,000 rows at once, more as a job. `size` of the file in bytes, as it is."""
    if size > MAX_FILE_BYTES:
        raise bad_input(f"The file is larger than {MAX_FILE_BYTES // 1_000_000} MB; split it.", "input", "file")
    if size <= MAX_REQUEST_BYTES:
        try:
            return Imported(await _import_now(units, scope, sector_id, file_source(file), dry_run=dry_run))
        except TooManyRows:
            file.seek(0)
    return Imported(job_id=await import_later(units, scope, blobs, user_id, sector_id, file, size, dry_run=dry_run))
