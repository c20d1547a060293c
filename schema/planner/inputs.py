"""What planning takes."""

from decimal import Decimal
from uuid import UUID

import strawberry
from strawberry.file_uploads import Upload

from persistence.terms import (
    ClusterStatus,
    ContentStructure,
    ContentType,
    Granularity,
    IdeaStatus,
    Intent,
    KeywordStatus,
)
from schema.mutation import ABSENT, ENTITY, given_id_field, id_field


@strawberry.input
class KeywordFacts:
    country: str | None = strawberry.field(description="ISO 3166, such as US.", default=ABSENT)
    language: str | None = strawberry.field(description="BCP 47, such as en.", default=ABSENT)
    volume: int | None = strawberry.field(description="Searches a month.", default=ABSENT)
    difficulty: int | None = strawberry.field(description="0 to 100.", default=ABSENT)
    intent: list[Intent] | None = ABSENT
    is_branded: bool | None = ABSENT
    is_local: bool | None = ABSENT
    cpc: Decimal | None = strawberry.field(description="Cost per click, in currency.", default=ABSENT)
    currency: str | None = strawberry.field(description="ISO 4217, such as USD.", default=ABSENT)
    competition: int | None = strawberry.field(description="0 to 100.", default=ABSENT)
    parent_topic: str | None = ABSENT
    serp_features: list[str] | None = ABSENT
    clicks: int | None = ABSENT
    impressions: int | None = ABSENT
    position: Decimal | None = strawberry.field(description="Average rank.", default=ABSENT)


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


@strawberry.input(description="A keyword and what is known of it.")
class KeywordInput(KeywordFacts):
    keyword: str
    cluster_id: UUID | None = given_id_field("Cluster")
    status: KeywordStatus | None = ABSENT


@strawberry.input
class CreateKeywordInput(KeywordInput):
    sector_id: UUID = id_field("Sector")
    idempotency_key: str | None = None


@strawberry.input
class CreateKeywordsInput:
    sector_id: UUID = id_field("Sector")
    keywords: list[KeywordInput] = strawberry.field(description="At most 1,000.")
    idempotency_key: str | None = None


@strawberry.input
class UpdateKeywordInput(KeywordFacts):
    keyword: str | None = ABSENT
    cluster_id: UUID | None = strawberry.field(
        description="null takes it out of its cluster.",
        graphql_type=strawberry.ID | None,
        metadata={ENTITY: "Cluster"},
        default=ABSENT,
    )
    status: KeywordStatus | None = strawberry.field(
        description="ARCHIVED, or anything else to bring it back: NEW and CLUSTERED follow from its cluster.",
        default=ABSENT,
    )
    expected_version: int | None = None


@strawberry.input
class BulkUpdateKeywordsInput:
    status: KeywordStatus | None = ABSENT
    country: str | None = ABSENT
    language: str | None = ABSENT
    intent: list[Intent] | None = ABSENT
    is_branded: bool | None = ABSENT
    is_local: bool | None = ABSENT


@strawberry.input
class MoveKeywordsInput:
    keyword_ids: list[UUID] = id_field("Keyword", many=True)
    cluster_id: UUID | None = strawberry.field(
        description="Of their sector; null takes them out of theirs.",
        graphql_type=strawberry.ID | None,
        metadata={ENTITY: "Cluster"},
        default=None,
    )


@strawberry.input(description="A cluster, and the keywords that go into it.")
class ClusterInput:
    name: str
    description: str | None = ABSENT
    keyword_ids: list[UUID] | None = id_field("Keyword", optional=True, many=True)


@strawberry.input
class CreateClusterInput(ClusterInput):
    sector_id: UUID = id_field("Sector")
    idempotency_key: str | None = None


@strawberry.input
class CreateClustersInput:
    sector_id: UUID = id_field("Sector")
    clusters: list[ClusterInput] = strawberry.field(description="At most 1,000.")
    idempotency_key: str | None = None


@strawberry.input
class UpdateClusterInput:
    name: str | None = ABSENT
    description: str | None = ABSENT
    status: ClusterStatus | None = ABSENT
    expected_version: int | None = None


@strawberry.input
class BulkUpdateClustersInput:
    status: ClusterStatus | None = ABSENT
    description: str | None = ABSENT


@strawberry.input
class MergeClustersInput:
    into_id: UUID = strawberry.field(
        description="The one that stays.", graphql_type=strawberry.ID, metadata={ENTITY: "Cluster"}
    )
    cluster_ids: list[UUID] = strawberry.field(
        description="The others, of the same sector; they go.",
        graphql_type=list[strawberry.ID],
        metadata={ENTITY: "Cluster"},
    )
    name: str | None = strawberry.field(description="As before when not given.", default=None)


@strawberry.input
class SplitClusterInput:
    cluster_id: UUID = id_field("Cluster")
    keyword_ids: list[UUID] = id_field("Keyword", many=True)
    name: str


@strawberry.input
class IdeaFacts:
    description: str | None = ABSENT
    content_type: ContentType | None = ABSENT
    content_structure: ContentStructure | None = ABSENT
    target_keywords: list[str] | None = strawberry.field(description="The main one first.", default=ABSENT)
    estimated_word_count: int | None = ABSENT


@strawberry.input(description="An idea of a sector, or of one of its clusters.")
class IdeaInput(IdeaFacts):
    idea_title: str
    sector_id: UUID | None = id_field("Sector", optional=True)
    cluster_id: UUID | None = id_field("Cluster", optional=True)


@strawberry.input
class CreateIdeaInput(IdeaInput):
    idempotency_key: str | None = None


@strawberry.input
class CreateIdeasInput:
    ideas: list[IdeaInput] = strawberry.field(description="At most 1,000.")
    idempotency_key: str | None = None


@strawberry.input
class UpdateIdeaInput(IdeaFacts):
    idea_title: str | None = ABSENT
    cluster_id: UUID | None = given_id_field("Cluster")
    status: IdeaStatus | None = strawberry.field(description="NEW or REJECTED; its task does the rest.", default=ABSENT)
    expected_version: int | None = None


@strawberry.input
class BulkUpdateIdeasInput:
    status: IdeaStatus | None = ABSENT
    content_type: ContentType | None = ABSENT
    content_structure: ContentStructure | None = ABSENT
    estimated_word_count: int | None = ABSENT
