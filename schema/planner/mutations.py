"""Importing keywords; clustering and ideas as background work."""

import strawberry
from starlette.datastructures import UploadFile

from domain.access import Permission
from domain.planner import service
from domain.planner.imports import Report, text_source
from domain.planner.service import Clustering
from schema.context import Info
from schema.entity import ref
from schema.jobs.types import Job
from schema.mutation import mutation
from schema.planner.inputs import (
    ClusterKeywordsInput,
    GenerateIdeasInput,
    ImportKeywordsInput,
    ImportKeywordsTextInput,
)
from schema.planner.payloads import ImportPayload, JobPayload, RejectedRow


@strawberry.type
class PlannerMutation:
    @mutation(Permission.PLAN)
    async def import_keywords(self, info: Info, input: ImportKeywordsInput) -> ImportPayload:
        """Recognises the tool and the encoding; of a keyword that is there twice the richer row wins."""
        file, context = input.file, info.context
        assert isinstance(file, UploadFile)
        imported = await service.import_file(
            context.services.units,
            context.scope(write=True),
            context.services.blobs,
            context.caller.user_id,
            input.sector_id,
            file.file,
            file.size or 0,
            dry_run=input.dry_run,
        )
        if imported.report:
            return report_payload(imported.report)
        assert imported.job_id
        return ImportPayload(job=ref(Job, imported.job_id))

    @mutation(Permission.PLAN)
    async def import_keywords_text(self, info: Info, input: ImportKeywordsTextInput) -> ImportPayload:
        """The same rows as text, for scripts without multipart."""
        context = info.context
        report = await service.import_source(
            context.services.units,
            context.scope(write=True),
            input.sector_id,
            text_source(input.text),
            dry_run=input.dry_run,
        )
        return report_payload(report)

    @mutation(Permission.PLAN)
    async def cluster_keywords(self, info: Info, input: ClusterKeywordsInput) -> JobPayload:
        """Without keywordIds all unclustered ones of the sector. 1 credit per 200 keywords placed."""
        wanted = Clustering(input.sector_id, input.keyword_ids, input.granularity, input.max_cluster_size)
        async with info.context.write() as unit:
            id = await service.cluster_keywords(unit, info.context.caller.user_id, wanted, input.idempotency_key)
        return JobPayload(job=ref(Job, id))

    @mutation(Permission.PLAN)
    async def generate_ideas(self, info: Info, input: GenerateIdeasInput) -> JobPayload:
        """2 credits per cluster."""
        async with info.context.write() as unit:
            id = await service.generate_ideas(
                unit, info.context.caller.user_id, input.cluster_ids, input.count, input.idempotency_key
            )
        return JobPayload(job=ref(Job, id))


def report_payload(report: Report) -> ImportPayload:
    return ImportPayload(
        format=report.format,
        imported=report.imported,
        updated=report.updated,
        skipped=report.skipped,
        rejected=report.rejected,
        rows=[RejectedRow(line=r.line, reason=r.reason) for r in report.rejections],
    )
