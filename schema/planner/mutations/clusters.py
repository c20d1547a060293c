"""Clusters: made and changed by hand, named, and ideas made of them."""

from typing import Annotated
from uuid import UUID

import strawberry

from domain.access import Permission
from domain.planner import clusters
from domain.planner.work.generate_ideas import GENERATE_IDEAS
from domain.planner.work.name_clusters import NAME_CLUSTERS
from schema.context import Info
from schema.graph.entity import encoded, ref, refs
from schema.jobs.actions import starts
from schema.mutation import DeletePayload, create_once, given, id_argument, mutation
from schema.planner.inputs import (
    BulkUpdateClustersInput,
    CreateClusterInput,
    CreateClustersInput,
    GenerateIdeasInput,
    MergeClustersInput,
    NameClustersInput,
    SplitClusterInput,
    UpdateClusterInput,
)
from schema.planner.payloads import (
    ClusterPayload,
    ClustersPayload,
)
from schema.planner.types import Cluster

ClusterId = Annotated[UUID, id_argument("Cluster")]
ClusterIds = Annotated[list[UUID], id_argument("Cluster", many=True)]


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
            id = await clusters.merge_clusters(unit, input.into_cluster_id, input.cluster_ids, input.name)
        return ClusterPayload(cluster=ref(Cluster, id))

    @mutation(Permission.PLAN)
    async def split_cluster(self, info: Info, input: SplitClusterInput) -> ClusterPayload:
        """Some of its keywords become a cluster of their own, which is the answer."""
        async with info.context.write() as unit:
            id = await clusters.split_cluster(unit, input.cluster_id, input.keyword_ids, input.name)
        return ClusterPayload(cluster=ref(Cluster, id))

    name_clusters = starts(
        NAME_CLUSTERS,
        NameClustersInput,
        "Names and describes clusters of one sector, and may put together those of one page. 1 credit per 20.",
    )

    generate_ideas = starts(GENERATE_IDEAS, GenerateIdeasInput, "2 credits per cluster.")
