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
from schema.mutation import ABSENT, ENTITY, described, given_id_field, id_field


@strawberry.input
class KeywordFacts:
    country: str | None = described(
        "Where it is searched: ISO 3166, such as US; a new one without takes the account's.", ABSENT
    )
    language: str | None = described(
        "What it is written in: BCP 47, such as en; a new one without takes the account's.", ABSENT
    )
    volume: int | None = described("Searches a month; null where that is not known.", ABSENT)
    difficulty: int | None = described("How hard it is to rank for, 0 to 100; null where that is not known.", ABSENT)
    intent: list[Intent] | None = described("What its searchers want; empty where that is not known.", ABSENT)
    is_branded: bool | None = described("Whether it names a brand; null where nobody said.", ABSENT)
    is_local: bool | None = described("Whether it is about a place; null where nobody said.", ABSENT)
    cpc: Decimal | None = described(
        "What advertisers pay for a click, in currency: 0 to 1,000,000; null where that is not known.", ABSENT
    )
    currency: str | None = described("Of cpc: ISO 4217, such as USD; null where that is not known.", ABSENT)
    competition: int | None = described("How many advertisers want it, 0 to 100; null where that is not known.", ABSENT)
    parent_topic: str | None = described(
        "The broader term that its tool puts it under; null where there is none.", ABSENT
    )
    serp_features: list[str] | None = described("What else the results show, as its tool names it, at most 50.", ABSENT)
    clicks: int | None = described("Visits from search results to the site; null where that is not known.", ABSENT)
    impressions: int | None = described(
        "How often the site was shown in search results; null where that is not known.", ABSENT
    )
    position: Decimal | None = described(
        "Average rank of the site, 0 to 1,000,000; null where that is not known.", ABSENT
    )


@strawberry.input
class ImportKeywordsInput:
    sector_id: UUID = id_field("Sector", "The topic that they go into; it must be active.")
    file: Upload = described(
        "The export of any keyword tool, or one keyword a line. Above 20 MB as a job; at most 100 MB."
    )
    dry_run: bool = described("Only tell what would happen.", False)


@strawberry.input
class ImportKeywordsTextInput:
    sector_id: UUID = id_field("Sector", "The topic that they go into; it must be active.")
    text: str = described("The rows of an export, or one keyword a line.")
    dry_run: bool = described("Only tell what would happen.", False)


@strawberry.input
class ClusterKeywordsInput:
    sector_id: UUID = id_field("Sector", "The topic whose keywords they are.")
    keyword_ids: list[UUID] | None = id_field(
        "Keyword",
        "At most 10,000 of the sector; when not given all that are in no cluster and not archived.",
        optional=True,
        many=True,
    )
    granularity: Granularity = described("How tight the clusters shall be.", Granularity.BALANCED)
    max_cluster_size: int | None = described("80 when not given, 1 to 500; larger groups are split.", None)
    idempotency_key: str | None = None


@strawberry.input
class GenerateIdeasInput:
    cluster_ids: list[UUID] = id_field(
        "Cluster", "What the ideas are for: at most 500 clusters of one site.", many=True
    )
    count: int | None = described("Ideas per cluster, 1 to 10; 3 when not given.", None)
    idempotency_key: str | None = None


@strawberry.input
class NameClustersInput:
    cluster_ids: list[UUID] = id_field("Cluster", "What is to be named: at most 500 clusters of one sector.", many=True)
    merge: bool = described("Clusters that would become the same page may be put together.", False)
    idempotency_key: str | None = None


@strawberry.input
class ClassifyIntentInput:
    sector_id: UUID = id_field("Sector", "The topic whose keywords they are.")
    keyword_ids: list[UUID] | None = id_field(
        "Keyword",
        "At most 10,000 of the sector; when not given all that have no intent and are not archived.",
        optional=True,
        many=True,
    )
    idempotency_key: str | None = None


@strawberry.input(description="A keyword and what is known of it.")
class KeywordInput(KeywordFacts):
    keyword: str = described("The search term, 1 to 255 characters; spaces and case tell no two apart.")
    cluster_id: UUID | None = given_id_field("Cluster", "The cluster of the sector that it goes into; null for none.")
    status: KeywordStatus | None = described(
        "ARCHIVED puts it aside; NEW and CLUSTERED follow from its cluster, and need not be given.", ABSENT
    )


@strawberry.input
class CreateKeywordInput(KeywordInput):
    sector_id: UUID = id_field("Sector", "The topic that it is made in; it must be active.")
    idempotency_key: str | None = None


@strawberry.input
class CreateKeywordsInput:
    sector_id: UUID = id_field("Sector", "The topic that they are made in; it must be active.")
    keywords: list[KeywordInput] = described("At most 1,000.")
    idempotency_key: str | None = None


@strawberry.input
class UpdateKeywordInput(KeywordFacts):
    keyword: str | None = described("The search term, 1 to 255 characters; spaces and case tell no two apart.", ABSENT)
    cluster_id: UUID | None = strawberry.field(
        description="A cluster of its sector; null takes it out of its cluster.",
        graphql_type=strawberry.ID | None,
        metadata={ENTITY: "Cluster"},
        default=ABSENT,
    )
    status: KeywordStatus | None = described(
        "ARCHIVED, or anything else to bring it back: NEW and CLUSTERED follow from its cluster.", ABSENT
    )
    expected_version: int | None = None


@strawberry.input
class BulkUpdateKeywordsInput:
    status: KeywordStatus | None = described(
        "ARCHIVED, or anything else to bring them back: each is then what its cluster says.", ABSENT
    )
    country: str | None = described(
        "Where they are searched: ISO 3166, such as US; null for no particular country.", ABSENT
    )
    language: str | None = described(
        "What they are written in: BCP 47, such as en; null where that is not known.", ABSENT
    )
    intent: list[Intent] | None = described("What their searchers want; empty where that is not known.", ABSENT)
    is_branded: bool | None = described("Whether they name a brand; null where nobody said.", ABSENT)
    is_local: bool | None = described("Whether they are about a place; null where nobody said.", ABSENT)


@strawberry.input
class MoveKeywordsInput:
    keyword_ids: list[UUID] = id_field(
        "Keyword", "What is moved: at most 10,000 keywords, of the cluster's sector.", many=True
    )
    cluster_id: UUID | None = strawberry.field(
        description="Of their sector; null takes them out of theirs.",
        graphql_type=strawberry.ID | None,
        metadata={ENTITY: "Cluster"},
        default=None,
    )


@strawberry.input(description="A cluster, and the keywords that go into it.")
class ClusterInput:
    name: str = described("What the page would be about, 1 to 255 characters.")
    description: str | None = described("What belongs on the page, at most 4,000 characters.", ABSENT)
    keyword_ids: list[UUID] | None = id_field(
        "Keyword",
        "What goes into it, from wherever it is in the sector: at most 10,000 keywords.",
        optional=True,
        many=True,
    )


@strawberry.input
class CreateClusterInput(ClusterInput):
    sector_id: UUID = id_field("Sector", "The topic that it is made in; it must be active.")
    idempotency_key: str | None = None


@strawberry.input
class CreateClustersInput:
    sector_id: UUID = id_field("Sector", "The topic that they are made in; it must be active.")
    clusters: list[ClusterInput] = described("At most 1,000 clusters.")
    idempotency_key: str | None = None


@strawberry.input
class UpdateClusterInput:
    name: str | None = described("What the page would be about, 1 to 255 characters.", ABSENT)
    description: str | None = described("What belongs on the page, at most 4,000 characters; null empties it.", ABSENT)
    status: ClusterStatus | None = described("ARCHIVED puts it aside, ACTIVE brings it back.", ABSENT)
    expected_version: int | None = None


@strawberry.input
class BulkUpdateClustersInput:
    status: ClusterStatus | None = described("ARCHIVED puts them aside, ACTIVE brings them back.", ABSENT)
    description: str | None = described("The same for all, at most 4,000 characters; null empties it.", ABSENT)


@strawberry.input
class MergeClustersInput:
    into_cluster_id: UUID = strawberry.field(
        description="The one that stays.", graphql_type=strawberry.ID, metadata={ENTITY: "Cluster"}
    )
    cluster_ids: list[UUID] = strawberry.field(
        description="The others, of the same sector; they go.",
        graphql_type=list[strawberry.ID],
        metadata={ENTITY: "Cluster"},
    )
    name: str | None = described(
        "What the one that stays is called, 1 to 255 characters; as before when not given.", None
    )


@strawberry.input
class SplitClusterInput:
    cluster_id: UUID = id_field("Cluster", "What is split; at least one keyword stays in it.")
    keyword_ids: list[UUID] = id_field("Keyword", "Keywords of the cluster that move into the new one.", many=True)
    name: str = described("What the new cluster is called, 1 to 255 characters.")


@strawberry.input
class IdeaFacts:
    description: str | None = described("What the page would say, at most 4,000 characters; null empties it.", ABSENT)
    content_type: ContentType | None = described(
        "What the page would become on the site; POST for a new one without.", ABSENT
    )
    content_structure: ContentStructure | None = described(
        "How the page would be built; ARTICLE for a new one without.", ABSENT
    )
    target_keywords: list[str] | None = described(
        "Search terms that the page would aim at, the main one first, at most 100.", ABSENT
    )
    estimated_word_count: int | None = described(
        "How long the page should be: 100 to 10,000 words; 1,000 for a new one without.", ABSENT
    )


@strawberry.input(description="An idea of a sector, or of one of its clusters.")
class IdeaInput(IdeaFacts):
    idea_title: str = described("The page's working title, 1 to 255 characters.")
    sector_id: UUID | None = id_field(
        "Sector", "The topic that the page would belong to; needed without a clusterId.", optional=True
    )
    cluster_id: UUID | None = id_field("Cluster", "The cluster that it is for; it brings its sector.", optional=True)


@strawberry.input
class CreateIdeaInput(IdeaInput):
    idempotency_key: str | None = None


@strawberry.input
class CreateIdeasInput:
    ideas: list[IdeaInput] = described("At most 1,000 ideas.")
    idempotency_key: str | None = None


@strawberry.input
class UpdateIdeaInput(IdeaFacts):
    idea_title: str | None = described("The page's working title, 1 to 255 characters.", ABSENT)
    cluster_id: UUID | None = given_id_field("Cluster", "A cluster of its sector; null for none.")
    status: IdeaStatus | None = described("NEW or REJECTED; its task does the rest.", ABSENT)
    expected_version: int | None = None


@strawberry.input
class BulkUpdateIdeasInput:
    status: IdeaStatus | None = described("NEW or REJECTED, of ideas that have no task.", ABSENT)
    content_type: ContentType | None = described("What the pages would become on the site.", ABSENT)
    content_structure: ContentStructure | None = described("How the pages would be built.", ABSENT)
    estimated_word_count: int | None = described("How long the pages should be: 100 to 10,000 words.", ABSENT)
