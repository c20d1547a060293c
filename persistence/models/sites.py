"""Sites, their sectors, who may see them; the industry catalogue."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from persistence.models.base import AccountRow, Line, Row, belongs, index, many_to_one, one_to_many, one_to_one, term
from persistence.terms import SectorStatus, SiteStatus


class Industry(Row):
    __tablename__ = "industry"
    name: Mapped[Line]
    slug: Mapped[Line] = mapped_column(unique=True)
    description: Mapped[str] = mapped_column(server_default="")
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))

    sectors = one_to_many("IndustrySector", "industry_id")


class IndustrySector(Row):
    __tablename__ = "industry_sector"
    industry_id: Mapped[UUID] = mapped_column(ForeignKey("industry.id", ondelete="CASCADE"))
    name: Mapped[Line]
    slug: Mapped[Line]
    description: Mapped[str] = mapped_column(server_default="")
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))

    industry = many_to_one("Industry", "industry_id")

    __table_args__ = (UniqueConstraint("industry_id", "slug"),)


class Site(AccountRow):
    __tablename__ = "site"
    name: Mapped[Line]
    slug: Mapped[Line]
    domain: Mapped[Line | None]
    industry_id: Mapped[UUID | None] = mapped_column(ForeignKey("industry.id"))
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    status: Mapped[SiteStatus] = term(SiteStatus, SiteStatus.ACTIVE)
    archived_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    account = many_to_one("Account", "account_id")
    industry = many_to_one("Industry", "industry_id")
    sectors = one_to_many("Sector", "site_id")
    user_access = one_to_many("SiteAccess", "site_id")
    keywords = one_to_many("Keyword", "site_id")
    clusters = one_to_many("Cluster", "site_id")
    ideas = one_to_many("Idea", "site_id")
    tasks = one_to_many("Task", "site_id")
    contents = one_to_many("Content", "site_id")
    taxonomies = one_to_many("Taxonomy", "site_id")
    integrations = one_to_many("Integration", "site_id")
    publishing_calendar = one_to_one("PublishingCalendar", "site_id")
    publications = one_to_many("Publication", "site_id")
    publishing_records = one_to_many("PublishingRecord", "site_id")
    jobs = one_to_many("Job", "site_id")
    events = one_to_many("SiteEvent", "site_id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol
    __table_args__ = (
        UniqueConstraint("account_id", "slug"),
        UniqueConstraint("account_id", "id", name="uq_site_identity"),
        index("site", "account_id", "created_at", "id"),
        index("site", "account_id", "name", "id"),
    )


class Sector(AccountRow):
    __tablename__ = "sector"
    site_id: Mapped[UUID]
    industry_sector_id: Mapped[UUID | None] = mapped_column(ForeignKey("industry_sector.id"))
    name: Mapped[Line]
    slug: Mapped[Line]
    description: Mapped[str] = mapped_column(server_default="")
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    status: Mapped[SectorStatus] = term(SectorStatus, SectorStatus.ACTIVE)
    archived_at: Mapped[datetime | None]  # with its site, where it was active then
    version: Mapped[int] = mapped_column(server_default="1")

    site = many_to_one("Site", "site_id")
    industry_sector = many_to_one("IndustrySector", "industry_sector_id")
    keywords = one_to_many("Keyword", "sector_id")
    clusters = one_to_many("Cluster", "sector_id")
    ideas = one_to_many("Idea", "sector_id")
    tasks = one_to_many("Task", "sector_id")
    contents = one_to_many("Content", "sector_id")
    jobs = one_to_many("Job", "sector_id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol
    __table_args__ = (
        belongs("site", "account_id", "site_id"),
        UniqueConstraint("account_id", "site_id", "slug"),
        UniqueConstraint("account_id", "site_id", "id", name="uq_sector_identity"),
        index("sector", "account_id", "site_id", "created_at", "id"),
    )


class SiteAccess(AccountRow):
    """Lets an editor or viewer see a site; owners and admins see all."""

    __tablename__ = "site_user_access"
    site_id: Mapped[UUID]
    user_id: Mapped[UUID]
    granted_by_id: Mapped[UUID | None]

    site = many_to_one("Site", "site_id")
    user = many_to_one("User", "user_id")
    granted_by = many_to_one("User", "granted_by_id")

    __table_args__ = (
        belongs("site", "account_id", "site_id"),
        belongs("app_user", "account_id", "user_id"),
        belongs("app_user", "account_id", "granted_by_id", ondelete="SET NULL"),
        UniqueConstraint("account_id", "user_id", "site_id"),
        index("site_user_access", "account_id", "site_id", "user_id"),
    )
