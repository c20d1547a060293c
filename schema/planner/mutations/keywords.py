"""Keywords: made and changed by hand, imported, clustered, classified."""

from typing import Annotated
from uuid import UUID

import strawberry
from starlette.datastructures import UploadFile

from domain.access import Permission
from domain.planner import keywords, service
from domain.planner.imports import Report, text_source
from domain.planner.work.classify_intent import CLASSIFY_INTENT
from domain.planner.work.cluster_keywords import CLUSTER_KEYWORDS
from schema.context import Info
from schema.graph.entity import encoded, ref, refs
from schema.jobs.actions import starts
from schema.jobs.types import Job
from schema.mutation import DeletePayload, create_once, given, id_argument, mutation
from schema.planner.inputs import (
    BulkUpdateKeywordsInput,
    ClassifyIntentInput,
    ClusterKeywordsInput,
    CreateKeywordInput,
    CreateKeywordsInput,
    ImportKeywordsInput,
    ImportKeywordsTextInput,
    MoveKeywordsInput,
    UpdateKeywordInput,
)
from schema.planner.payloads import ImportPayload, KeywordPayload, KeywordsPayload, MoveKeywordsPayload, RejectedRow
from schema.planner.types import Cluster, Keyword

KeywordId = Annotated[UUID, id_argument("Keyword")]
KeywordIds = Annotated[list[UUID], id_argument("Keyword", many=True)]


@strawberry.type
class KeywordMutation:
    @mutation(Permission.PLAN)
    async def create_keyword(self, info: Info, input: CreateKeywordInput) -> KeywordPayload:
        """A sector has a keyword once for each country and language."""
        fields = given(input, "sector_id", "idempotency_key")
        (id,) = await create_once(
            info,
            Keyword,
            "createKeyword",
            input,
            lambda unit: keywords.create_keywords(unit, input.sector_id, [fields]),
        )
        return KeywordPayload(keyword=ref(Keyword, id))

    @mutation(Permission.PLAN)
    async def create_keywords(self, info: Info, input: CreateKeywordsInput) -> KeywordsPayload:
        """All or none; for many more there is importKeywords."""
        every = [given(each) for each in input.keywords]
        ids = await create_once(
            info,
            Keyword,
            "createKeywords",
            input,
            lambda unit: keywords.create_keywords(unit, input.sector_id, every, "keywords"),
        )
        return KeywordsPayload(keywords=refs(Keyword, ids))

    @mutation(Permission.PLAN)
    async def update_keyword(self, info: Info, id: KeywordId, input: UpdateKeywordInput) -> KeywordPayload:
        """Only what is given of the keyword changes; null empties."""
        async with info.context.write() as unit:
            await keywords.update_keyword(unit, id, given(input, "expected_version"), input.expected_version)
        return KeywordPayload(keyword=ref(Keyword, id))

    @mutation(Permission.PLAN)
    async def bulk_update_keywords(
        self, info: Info, ids: KeywordIds, input: BulkUpdateKeywordsInput
    ) -> KeywordsPayload:
        """The same for up to 1,000 keywords, all or none."""
        async with info.context.write() as unit:
            changed = await keywords.bulk_update_keywords(unit, ids, given(input))
        return KeywordsPayload(keywords=refs(Keyword, changed))

    @mutation(Permission.PLAN)
    async def move_keywords(self, info: Info, input: MoveKeywordsInput) -> MoveKeywordsPayload:
        """Up to 10,000 into one cluster, or out of theirs."""
        async with info.context.write() as unit:
            moved = await keywords.move_keywords(unit, input.keyword_ids, input.cluster_id)
        cluster = ref(Cluster, input.cluster_id) if input.cluster_id else None
        return MoveKeywordsPayload(moved_ids=encoded(Keyword, moved), cluster=cluster)

    @mutation(Permission.PLAN, archived=True)
    async def delete_keywords(self, info: Info, ids: KeywordIds) -> DeletePayload:
        """Up to 10,000 keywords, all or none."""
        async with info.context.write() as unit:
            deleted = await keywords.delete_keywords(unit, ids)
        return DeletePayload(deleted_ids=encoded(Keyword, deleted))

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

    classify_intent = starts(
        CLASSIFY_INTENT,
        ClassifyIntentInput,
        "What searchers want; without keywordIds of all that have no intent yet. 1 credit per 50 keywords.",
    )


def report_payload(report: Report) -> ImportPayload:
    return ImportPayload(
        format=report.format,
        imported=report.imported,
        updated=report.updated,
        skipped=report.skipped,
        rejected=report.rejected,
        rows=[RejectedRow(line=r.line, reason=r.reason) for r in report.rejections],
    )
