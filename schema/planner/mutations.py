"""Importing keywords; clustering and ideas as background work."""

import strawberry
from starlette.datastructures import UploadFile

from domain.access import Permission
from domain.planner import service
from domain.planner.imports import Report, text_source
from schema.context import Info
from schema.entity import ref
from schema.jobs.actions import start
from schema.jobs.payloads import JobPayload
from schema.jobs.types import Job
from schema.mutation import mutation
from schema.planner.editing import ClusterMutation, IdeaMutation, KeywordMutation
from schema.planner.inputs import (
    ClassifyIntentInput,
    ClusterKeywordsInput,
    GenerateIdeasInput,
    ImportKeywordsInput,
    ImportKeywordsTextInput,
    NameClustersInput,
)
from schema.planner.payloads import ImportPayload, RejectedRow


@strawberry.type
class PlannerMutation(KeywordMutation, ClusterMutation, IdeaMutation):
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
        return await start(info, input)

    @mutation(Permission.PLAN)
    async def name_clusters(self, info: Info, input: NameClustersInput) -> JobPayload:
        """Names and describes clusters of one sector, and may put together those of one page. 1 credit per 20."""
        return await start(info, input)

    @mutation(Permission.PLAN)
    async def classify_intent(self, info: Info, input: ClassifyIntentInput) -> JobPayload:
        """What searchers want; without keywordIds of all that have no intent yet. 1 credit per 50 keywords."""
        return await start(info, input)

    @mutation(Permission.PLAN)
    async def generate_ideas(self, info: Info, input: GenerateIdeasInput) -> JobPayload:
        """2 credits per cluster."""
        return await start(info, input)


def report_payload(report: Report) -> ImportPayload:
    return ImportPayload(
        format=report.format,
        imported=report.imported,
        updated=report.updated,
        skipped=report.skipped,
        rejected=report.rejected,
        rows=[RejectedRow(line=r.line, reason=r.reason) for r in report.rejections],
    )
