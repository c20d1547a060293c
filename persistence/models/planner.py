"""Keywords, the clusters they are grouped in, and the ideas made of those."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from persistence.models.base import (
    SECTOR,
    BigInt,
    Line,
    SectorRow,
    Texts,
    belongs,
    in_order,
    index,
    many_to_one,
    one_to_many,
    sector_keys,
    term,
    term_list,
)
from persistence.terms import (
    ClusterStatus,
    ContentStructure,
    ContentType,
    IdeaStatus,
    Intent,
    KeywordSource,
    KeywordStatus,
)

CLUSTERED = text("cluster_id is not null")

# 0 to 100: many searches (each tenfold adds 20), little difficulty (unknown is 50), somebody who wants to buy.
OPPORTUNITY = """
case when volume is null then null else round(
  least(100, 20 * log(volume::float8 + 1)) * (1 - coalesce(difficulty, 50) / 125.0)
  * (case when intent && array['TRANSACTIONAL', 'COMMERCIAL'] then 1.0 else 0.85 end))::integer end
"""


class Cluster(SectorRow):
    """One page's worth of keywords. The counts are kept by a trigger."""

    __tablename__ = "cluster"
    name: Mapped[Line]
    description: Mapped[str] = mapped_column(server_default="")
    status: Mapped[ClusterStatus] = term(ClusterStatus, ClusterStatus.ACTIVE)
    keywords_count: Mapped[int] = mapped_column(server_default="0")
    volume: Mapped[BigInt] = mapped_column(server_default="0")
    ideas_count: Mapped[int] = mapped_column(server_default="0")
    version: Mapped[int] = mapped_column(server_default="1")

    keywords = one_to_many("Keyword", "cluster_id")
    ideas = one_to_many("Idea", "cluster_id")
    tasks = one_to_many("Task", "cluster_id")
    contents = one_to_many("Content", "cluster_id")
    content_map = one_to_many("ContentClusterMap", "cluster_id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol
    __table_args__ = (
        *sector_keys("cluster"),
        *in_order("cluster"),
        index("cluster", "account_id", "sector_id", "volume", "id"),
        index("cluster", "account_id", "sector_id", "keywords_count", "id"),
        index("cluster", "account_id", "sector_id", "created_at", "id"),
        index("cluster", "account_id", "site_id", "volume", "id"),
        index("cluster", "account_id", "volume", "id"),
    )


class Keyword(SectorRow):
    """A search term of a market. `key` is its identity: the text after Unicode, case and space folding."""

    __tablename__ = "keyword"
    cluster_id: Mapped[UUID | None]
    keyword: Mapped[Line]
    key: Mapped[str]
    country: Mapped[Line | None]
    language: Mapped[Line | None]
    volume: Mapped[int | None]
    difficulty: Mapped[int | None]
    intent: Mapped[list[Intent]] = term_list(Intent)
    is_branded: Mapped[bool | None]
    is_local: Mapped[bool | None]
    cpc_micros: Mapped[BigInt | None]
    currency: Mapped[Line | None]
    competition: Mapped[int | None]
    parent_topic: Mapped[Line | None]
    serp_features: Mapped[Texts]
    clicks: Mapped[int | None]
    impressions: Mapped[int | None]
    position_hundredths: Mapped[int | None]
    status: Mapped[KeywordStatus] = term(KeywordStatus, KeywordStatus.NEW)
    source: Mapped[KeywordSource | None] = term(KeywordSource)
    opportunity: Mapped[int | None] = mapped_column(Computed(OPPORTUNITY, persisted=False))
    words: Mapped[str] = mapped_column(
        TSVECTOR, Computed("keyword_words(key, language)", persisted=True), deferred=True, nullable=True
    )
    version: Mapped[int] = mapped_column(server_default="1")

    cluster = many_to_one("Cluster", "cluster_id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol
    __table_args__ = (
        belongs("sector", *SECTOR),
        belongs("cluster", *SECTOR, "cluster_id", ondelete="SET NULL"),
        UniqueConstraint(
            "account_id",
            "sector_id",
            "key",
            "country",
            "language",
            name="uq_keyword_market",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("length(keyword) between 1 and 255", name="keyword_length"),
        CheckConstraint("difficulty between 0 and 100", name="difficulty_range"),
        CheckConstraint("volume >= 0", name="volume_range"),
        *in_order("keyword"),
        index("keyword", "account_id", "sector_id", "volume", "id"),
        index("keyword", "account_id", "cluster_id", "volume", "id", postgresql_where=CLUSTERED),
        index("keyword", "account_id", "cluster_id", "id", postgresql_where=CLUSTERED),
    )


class Idea(SectorRow):
    __tablename__ = "content_idea"
    cluster_id: Mapped[UUID | None]
    idea_title: Mapped[Line]
    description: Mapped[str] = mapped_column(server_default="")
    content_type: Mapped[ContentType] = term(ContentType, ContentType.POST)
    content_structure: Mapped[ContentStructure] = term(ContentStructure, ContentStructure.ARTICLE)
    target_keywords: Mapped[Texts]
    estimated_word_count: Mapped[int] = mapped_column(server_default=text("1000"))
    status: Mapped[IdeaStatus] = term(IdeaStatus, IdeaStatus.NEW)
    job_item_id: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(server_default="1")

    cluster = many_to_one("Cluster", "cluster_id")
    tasks = one_to_many("Task", "idea_id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol
    __table_args__ = (
        *sector_keys("content_idea"),
        *in_order("content_idea"),
        belongs("cluster", *SECTOR, "cluster_id", ondelete="SET NULL"),
        index("content_idea", "account_id", "sector_id", "created_at", "id"),
        index("content_idea", "account_id", "cluster_id", "created_at", "id"),
        index("content_idea", "account_id", "cluster_id", "id"),
    )
