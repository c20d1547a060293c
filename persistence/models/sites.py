"""Sites, their sectors, who may see them; the industry catalogue."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from persistence.base import AccountRow, Row, belongs, index, term
from persistence.models.accounts import Account, User
from persistence.terms import SectorStatus, SiteStatus

if TYPE_CHECKING:
    from persistence.models.jobs import Job
    from persistence.models.planner import Cluster, ContentIdea, Keyword
    from persistence.models.writer import Content, Task, Taxonomy


class Industry(Row):
    __tablename__ = "industry"
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str] = mapped_column(server_default="")
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))

    sectors: Mapped[list["IndustrySector"]] = relationship(lazy="raise", viewonly=True)


class IndustrySector(Row):
    __tablename__ = "industry_sector"
    industry_id: Mapped[UUID] = mapped_column(ForeignKey("industry.id", ondelete="CASCADE"))
    name: Mapped[str]
    slug: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))

    industry: Mapped[Industry] = relationship(lazy="raise", viewonly=True)

    __table_args__ = (UniqueConstraint("industry_id", "slug"),)


class Site(AccountRow):
    __tablename__ = "site"
    name: Mapped[str]
    slug: Mapped[str]
    domain: Mapped[str | None]
    industry_id: Mapped[UUID | None] = mapped_column(ForeignKey("industry.id"))
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    status: Mapped[SiteStatus] = term(SiteStatus, SiteStatus.ACTIVE)
    wp_url: Mapped[str | None]
    wp_username: Mapped[str | None]
    wp_app_password: Mapped[bytes | None] = mapped_column(LargeBinary)
    archived_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")

    account: Mapped[Account] = relationship(lazy="raise", viewonly=True)
    industry: Mapped[Industry | None] = relationship(lazy="raise", viewonly=True)
    sectors: Mapped[list["Sector"]] = relationship(lazy="raise", viewonly=True)
    user_access: Mapped[list["SiteUserAccess"]] = relationship(lazy="raise", viewonly=True)
    keywords: Mapped[list["Keyword"]] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(Keyword.site_id) == Site.id"
    )
    clusters: Mapped[list["Cluster"]] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(Cluster.site_id) == Site.id"
    )
    ideas: Mapped[list["ContentIdea"]] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(ContentIdea.site_id) == Site.id"
    )
    tasks: Mapped[list["Task"]] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(Task.site_id) == Site.id"
    )
    contents: Mapped[list["Content"]] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(Content.site_id) == Site.id"
    )
    taxonomies: Mapped[list["Taxonomy"]] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(Taxonomy.site_id) == Site.id"
    )
    jobs: Mapped[list["Job"]] = relationship(lazy="raise", viewonly=True, primaryjoin="foreign(Job.site_id) == Site.id")

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
    name: Mapped[str]
    slug: Mapped[str]
    description: Mapped[str] = mapped_column(server_default="")
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    status: Mapped[SectorStatus] = term(SectorStatus, SectorStatus.ACTIVE)
    version: Mapped[int] = mapped_column(server_default="1")

    site: Mapped[Site] = relationship(lazy="raise", viewonly=True)
    industry_sector: Mapped[IndustrySector | None] = relationship(lazy="raise", viewonly=True)
    keywords: Mapped[list["Keyword"]] = relationship(lazy="raise", viewonly=True)
    clusters: Mapped[list["Cluster"]] = relationship(lazy="raise", viewonly=True)
    ideas: Mapped[list["ContentIdea"]] = relationship(lazy="raise", viewonly=True)
    tasks: Mapped[list["Task"]] = relationship(lazy="raise", viewonly=True)
    contents: Mapped[list["Content"]] = relationship(lazy="raise", viewonly=True)
    jobs: Mapped[list["Job"]] = relationship(lazy="raise", viewonly=True)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own protocol
    __table_args__ = (
        belongs("site", "account_id", "site_id"),
        UniqueConstraint("account_id", "site_id", "slug"),
        UniqueConstraint("account_id", "site_id", "id", name="uq_sector_identity"),
        index("sector", "account_id", "site_id", "created_at", "id"),
    )


class SiteUserAccess(AccountRow):
    """Lets an editor or viewer see a site; owners and admins see all."""

    __tablename__ = "site_user_access"
    site_id: Mapped[UUID]
    user_id: Mapped[UUID]
    granted_by_id: Mapped[UUID | None]

    site: Mapped[Site] = relationship(lazy="raise", viewonly=True)
    user: Mapped[User] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(SiteUserAccess.user_id) == User.id"
    )
    granted_by: Mapped[User | None] = relationship(
        lazy="raise", viewonly=True, primaryjoin="foreign(SiteUserAccess.granted_by_id) == User.id"
    )

    __table_args__ = (
        belongs("site", "account_id", "site_id"),
        belongs("app_user", "account_id", "user_id"),
        belongs("app_user", "account_id", "granted_by_id", ondelete="SET NULL"),
        UniqueConstraint("account_id", "user_id", "site_id"),
        index("site_user_access", "account_id", "site_id", "user_id"),
    )
