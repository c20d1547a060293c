"""Keywords, clusters and ideas made and changed by hand."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.access import Permission
from domain.planner import clusters, ideas, keywords
from schema.context import Info
from schema.graph.entity import encoded, ref, refs
from schema.mutation import DeletePayload, create_once, given, id_argument, mutation
from schema.planner.inputs import (
    BulkUpdateClustersInput,
    BulkUpdateIdeasInput,
    BulkUpdateKeywordsInput,
    CreateClusterInput,
    CreateClustersInput,
    CreateIdeaInput,
    CreateIdeasInput,
    CreateKeywordInput,
    CreateKeywordsInput,
    MergeClustersInput,
    MoveKeywordsInput,
    SplitClusterInput,
    UpdateClusterInput,
    UpdateIdeaInput,
    UpdateKeywordInput,
)
from schema.planner.payloads import (
    ClusterPayload,
    ClustersPayload,
    IdeaPayload,
    IdeasPayload,
    KeywordPayload,
    KeywordsPayload,
    MovedKeywordsPayload,
)
from schema.planner.types import Cluster, ContentIdea, Keyword

KeywordId = Annotated[UUID, id_argument("Keyword")]
KeywordIds = Annotated[list[UUID], id_argument("Keyword", many=True)]
ClusterId = Annotated[UUID, id_argument("Cluster")]
ClusterIds = Annotated[list[UUID], id_argument("Cluster", many=True)]
IdeaId = Annotated[UUID, id_argument("ContentIdea")]
IdeaIds = Annotated[list[UUID], id_argument("ContentIdea", many=True)]


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
    async def move_keywords(self, info: Info, input: MoveKeywordsInput) -> MovedKeywordsPayload:
        """Up to 10,000 into one cluster, or out of theirs."""
        async with info.context.write() as unit:
            moved = await keywords.move_keywords(unit, input.keyword_ids, input.cluster_id)
        cluster = ref(Cluster, input.cluster_id) if input.cluster_id else None
        return MovedKeywordsPayload(moved=len(moved), cluster=cluster)

    @mutation(Permission.PLAN, archived=True)
    async def delete_keywords(self, info: Info, ids: KeywordIds) -> DeletePayload:
        """Up to 10,000 keywords, all or none."""
        async with info.context.write() as unit:
            deleted = await keywords.delete_keywords(unit, ids)
        return DeletePayload(deleted_ids=encoded(Keyword, deleted))


@strawberry.type
class ClusterMutation:
    @mutation(Permission.PLAN)
    async def create_cluster(self, info: Info, input: CreateClusterInput) -> ClusterPayload:
        """With the keywords that go into it, from wherever they are in the sector."""
        fields = given(input, "sector_id", "idempotency_key")
        (id,) = await create_once(
            info,
            Cluster,
            "createCluster",
            input,
            lambda unit: clusters.create_clusters(unit, input.sector_id, [fields]),
        )
        return ClusterPayload(cluster=ref(Cluster, id))

    @mutation(Permission.PLAN)
    async def create_clusters(self, info: Info, input: CreateClustersInput) -> ClustersPayload:
        """Up to 1,000 clusters with their keywords, all or none."""
        every = [given(each) for each in input.clusters]
        ids = await create_once(
            info,
            Cluster,
            "createClusters",
            input,
            lambda unit: clusters.create_clusters(unit, input.sector_id, every, "clusters"),
        )
        return ClustersPayload(clusters=refs(Cluster, ids))

    @mutation(Permission.PLAN)
    async def update_cluster(self, info: Info, id: ClusterId, input: UpdateClusterInput) -> ClusterPayload:
        """Only what is given of the cluster changes."""
        async with info.context.write() as unit:
            await clusters.update_cluster(unit, id, given(input, "expected_version"), input.expected_version)
        return ClusterPayload(cluster=ref(Cluster, id))

    @mutation(Permission.PLAN)
    async def bulk_update_clusters(
        self, info: Info, ids: ClusterIds, input: BulkUpdateClustersInput
    ) -> ClustersPayload:
        """The same for up to 1,000 clusters, all or none."""
        async with info.context.write() as unit:
            changed = await clusters.bulk_update_clusters(unit, ids, given(input))
        return ClustersPayload(clusters=refs(Cluster, changed))

    @mutation(Permission.PLAN, archived=True)
    async def delete_clusters(self, info: Info, ids: ClusterIds) -> DeletePayload:
        """Their keywords are free again; ideas, tasks and contents stay, without a cluster."""
        async with info.context.write() as unit:
            deleted = await clusters.delete_clusters(unit, ids)
        return DeletePayload(deleted_ids=encoded(Cluster, deleted))

    @mutation(Permission.PLAN)
    async def merge_clusters(self, info: Info, input: MergeClustersInput) -> ClusterPayload:
        """Keywords, ideas, tasks and contents of the others move into one."""
        async with info.context.write() as unit:
            id = await clusters.merge_clusters(unit, input.into_id, input.cluster_ids, input.name)
        return ClusterPayload(cluster=ref(Cluster, id))

    @mutation(Permission.PLAN)
    async def split_cluster(self, info: Info, input: SplitClusterInput) -> ClusterPayload:
        """Some of its keywords become a cluster of their own, which is the answer."""
        async with info.context.write() as unit:
            id = await clusters.split_cluster(unit, input.cluster_id, input.keyword_ids, input.name)
        return ClusterPayload(cluster=ref(Cluster, id))


@strawberry.type
class IdeaMutation:
    @mutation(Permission.PLAN)
    async def create_idea(self, info: Info, input: CreateIdeaInput) -> IdeaPayload:
        """An idea for a page, of a sector or of one of its clusters."""
        fields = given(input, "idempotency_key")
        (id,) = await create_once(
            info, ContentIdea, "createIdea", input, lambda unit: ideas.create_ideas(unit, [fields])
        )
        return IdeaPayload(idea=ref(ContentIdea, id))

    @mutation(Permission.PLAN)
    async def create_ideas(self, info: Info, input: CreateIdeasInput) -> IdeasPayload:
        """Up to 1,000 ideas, all or none."""
        every = [given(each) for each in input.ideas]
        ids = await create_once(
            info, ContentIdea, "createIdeas", input, lambda unit: ideas.create_ideas(unit, every, "ideas")
        )
        return IdeasPayload(ideas=refs(ContentIdea, ids))

    @mutation(Permission.PLAN)
    async def update_idea(self, info: Info, id: IdeaId, input: UpdateIdeaInput) -> IdeaPayload:
        """Only what is given of the idea changes."""
        async with info.context.write() as unit:
            await ideas.update_idea(unit, id, given(input, "expected_version"), input.expected_version)
        return IdeaPayload(idea=ref(ContentIdea, id))

    @mutation(Permission.PLAN)
    async def bulk_update_ideas(self, info: Info, ids: IdeaIds, input: BulkUpdateIdeasInput) -> IdeasPayload:
        """The same for up to 1,000 ideas, all or none."""
        async with info.context.write() as unit:
            changed = await ideas.bulk_update_ideas(unit, ids, given(input))
        return IdeasPayload(ideas=refs(ContentIdea, changed))

    @mutation(Permission.PLAN, archived=True)
    async def delete_ideas(self, info: Info, ids: IdeaIds) -> DeletePayload:
        """Up to 1,000 ideas, all or none; their tasks stay."""
        async with info.context.write() as unit:
            deleted = await ideas.delete_ideas(unit, ids)
        return DeletePayload(deleted_ids=encoded(ContentIdea, deleted))
