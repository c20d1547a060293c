"""Files of keywords that are too large for a request."""

import asyncio
from collections.abc import Sequence
from typing import BinaryIO
from uuid import UUID

from domain.billing.storage import keep, storing
from domain.errors import bad_input
from domain.functions import Charge, Params, Progress, Tools
from domain.job import create_job
from domain.planned import Place, Planned, Work
from domain.planner.imports import file_source, import_rows
from domain.planner.rules import MAX_FILE_BYTES
from domain.planner.subjects import find_sector
from persistence.files.blobs import Blobs, Copy
from persistence.models import Job, JobItem
from persistence.scope import SessionScope
from persistence.terms import JobKind, LimitKey, Queue
from persistence.unit import Unit, Units


async def import_later(
    units: Units,
    scope: SessionScope,
    blobs: Blobs,
    user_id: UUID,
    sector_id: UUID,
    file: BinaryIO,
    size: int,
    *,
    dry_run: bool,
) -> UUID:
    """The job's id. LIMIT_REACHED where the plan has no room for the file, BAD_INPUT for an unknown sector."""
    async with storing(units, scope, blobs, size, "input", "file") as key:
        await blobs.put(file, MAX_FILE_BYTES, key)
        async with units(scope) as unit:
            sector = await find_sector(unit, sector_id)
            place = Place(sector.account_id, user_id, sector.site_id, sector.id)
            work = [Work(sector.id, max(1, size // 1024), 0)]
            params = {"blob": key, "dryRun": dry_run}
            job = await create_job(unit, Planned(IMPORT_KEYWORDS, place, work, params))
            await keep(unit, key)
            return job.id


class ImportKeywords:
    """A file too large for a request. It streams into its one transaction."""

    kind, queue, phase = JobKind.IMPORT_KEYWORDS, Queue.FILES, "importing"

    async def begin(self, unit: Unit, subject_ids: Sequence[UUID], params: Params) -> None:
        return None

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> str:
        key = job.params.get("blob")
        if key is None:
            raise bad_input("The file is no longer kept; import it again.", "input", "file")
        return str(key)

    async def call(self, tools: Tools, brief: str, progress: Progress) -> Copy:
        """Here, so that no transaction waits for where files are kept."""
        return await tools[Blobs].copy(brief)

    async def apply(self, unit: Unit, job: Job, item: JobItem, brief: str, answer: Copy) -> Charge:
        assert job.sector_id
        await asyncio.to_thread(answer.file.seek, 0)
        source = file_source(answer.file)
        report = await import_rows(unit, job.sector_id, source, dry_run=bool(job.params["dryRun"]))
        return Charge(0, message=report.sentence)

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        return None

    def uses_again(self, failed: Sequence[JobItem]) -> dict[LimitKey, int]:
        return {}


IMPORT_KEYWORDS = ImportKeywords()
