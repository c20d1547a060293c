"""All mapped rows."""

import persistence.models.references  # noqa: F401 - makes its tables
from persistence.models.accounts import (
    Account,
    AccountLimit,
    ApiKey,
    IdempotencyKey,
    Invitation,
    Plan,
    RefreshToken,
    Session,
    User,
)
from persistence.models.audit import AuditEvent
from persistence.models.base import Base, close_sets
from persistence.models.billing import CreditBalance, CreditHold, CreditTransaction, CreditUsageLog, StoredFile
from persistence.models.events import Event, SiteEvent
from persistence.models.integration import ConnectionCheck, Integration, RemoteEntity
from persistence.models.jobs import AiCall, Job, JobItem
from persistence.models.planner import Cluster, Idea, Keyword
from persistence.models.publisher import (
    Publication,
    PublicationLink,
    PublishingCalendar,
    PublishingRecord,
    PublishingSlot,
)
from persistence.models.schedule import Schedule
from persistence.models.sites import Industry, IndustrySector, Sector, Site, SiteAccess
from persistence.models.sync import SyncConflict, SyncRun
from persistence.models.system import AiSettings, AuthorProfile, Prompt, Strategy, SystemSettings
from persistence.models.writer import (
    Content,
    ContentAttributeMap,
    ContentClusterMap,
    ContentRevision,
    ContentTaxonomyMap,
    Image,
    Task,
    Taxonomy,
)

close_sets(Base.metadata.tables.values())

__all__ = [
    "Account",
    "AccountLimit",
    "AiCall",
    "AiSettings",
    "ApiKey",
    "AuditEvent",
    "AuthorProfile",
    "Base",
    "Cluster",
    "ConnectionCheck",
    "Content",
    "ContentAttributeMap",
    "ContentClusterMap",
    "ContentRevision",
    "ContentTaxonomyMap",
    "CreditBalance",
    "CreditHold",
    "CreditTransaction",
    "CreditUsageLog",
    "Event",
    "Idea",
    "IdempotencyKey",
    "Image",
    "Industry",
    "IndustrySector",
    "Integration",
    "Invitation",
    "Job",
    "JobItem",
    "Keyword",
    "Plan",
    "Prompt",
    "Publication",
    "PublicationLink",
    "PublishingCalendar",
    "PublishingRecord",
    "PublishingSlot",
    "RefreshToken",
    "RemoteEntity",
    "Schedule",
    "Sector",
    "Session",
    "Site",
    "SiteAccess",
    "SiteEvent",
    "StoredFile",
    "Strategy",
    "SyncConflict",
    "SyncRun",
    "SystemSettings",
    "Task",
    "Taxonomy",
    "User",
]
