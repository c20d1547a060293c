"""Importing keywords; clustering and ideas as background work."""

import strawberry
from starlette.datastructures import UploadFile

from domain.access import Permission
from domain.planner import service
from domain.planner.imports import Report, text_source
from domain.planner.work.classify_intent import CLASSIFY_INTENT
from domain.planner.work.cluster_keywords import CLUSTER_KEYWORDS
from domain.planner.work.generate_ideas import GENERATE_IDEAS
from domain.planner.work.name_clusters import NAME_CLUSTERS
from schema.context import Info
from schema.graph.entity import ref
from schema.jobs.actions import starts
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

    cluster_keywords = starts(
        CLUSTER_KEYWORDS,
        ClusterKeywordsInput,
        "Without keywordIds all unclustered ones of the sector. 1 credit per 200 keywords placed.",
    )

    name_clusters = starts(
        NAME_CLUSTERS,
        NameClustersInput,
        "Names and describes clusters of one sector, and may put together those of one page. 1 credit per 20.",
    )

    classify_intent = starts(
        CLASSIFY_INTENT,
        ClassifyIntentInput,
        "What searchers want; without keywordIds of all that have no intent yet. 1 credit per 50 keywords.",
    )

    generate_ideas = starts(GENERATE_IDEAS, GenerateIdeasInput, "2 credits per cluster.")


def report_payload(report: Report) -> ImportPayload:
    return ImportPayload(
        format=report.format,
        imported=report.imported,
        updated=report.updated,
        skipped=report.skipped,
        rejected=report.rejected,
        rows=[RejectedRow(line=r.line, reason=r.reason) for r in report.rejections],
    )
