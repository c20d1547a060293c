"""What importing, clustering and ideas take."""

from uuid import UUID

import strawberry
from strawberry.file_uploads import Upload

from persistence.terms import Granularity
from schema.mutation import id_field


@strawberry.input
class ImportKeywordsInput:
    sector_id: UUID = id_field("Sector")
    file: Upload = strawberry.field(
        description="The export of any keyword tool, or one keyword a line. Above 20 MB as a job; at most 100 MB."
    )
    dry_run: bool = strawberry.field(description="Only tell what would happen.", default=False)


@strawberry.input
class ImportKeywordsTextInput:
    sector_id: UUID = id_field("Sector")
    text: str = strawberry.field(description="The rows of an export, or one keyword a line.")
    dry_run: bool = strawberry.field(description="Only tell what would happen.", default=False)


@strawberry.input
class ClusterKeywordsInput:
    sector_id: UUID = id_field("Sector")
    keyword_ids: list[UUID] | None = id_field("Keyword", optional=True, many=True)
    granularity: Granularity = Granularity.BALANCED
    max_cluster_size: int | None = strawberry.field(
        description="80 when not given; larger groups are split.", default=None
    )
    idempotency_key: str | None = None


@strawberry.input
class GenerateIdeasInput:
    cluster_ids: list[UUID] = id_field("Cluster", many=True)
    count: int | None = strawberry.field(description="Ideas per cluster, 1 to 10; 3 when not given.", default=None)
    idempotency_key: str | None = None


@strawberry.input
class NameClustersInput:
    cluster_ids: list[UUID] = id_field("Cluster", many=True)
    merge: bool = strawberry.field(
        description="Clusters that would become the same page may be put together.", default=False
    )
    idempotency_key: str | None = None


@strawberry.input
class ClassifyIntentInput:
    sector_id: UUID = id_field("Sector")
    keyword_ids: list[UUID] | None = id_field("Keyword", optional=True, many=True)
    idempotency_key: str | None = None
