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
from persistence.models.billing import CreditBalance, CreditHold, CreditTransaction, CreditUsageLog
from persistence.models.events import Event, SiteEvent
from persistence.models.jobs import AiCall, Job, JobItem
from persistence.models.planner import Cluster, ContentIdea, Keyword
from persistence.models.schedule import Schedule
from persistence.models.sites import Industry, IndustrySector, Sector, Site, SiteUserAccess
from persistence.models.system import AIPrompt, AuthorProfile, IntegrationSettings, Strategy, SystemSettings
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
    "AIPrompt",
    "Account",
    "AccountLimit",
    "AiCall",
    "ApiKey",
    "AuditEvent",
    "AuthorProfile",
    "Base",
    "Cluster",
    "Content",
    "ContentAttributeMap",
    "ContentClusterMap",
    "ContentIdea",
    "ContentRevision",
    "ContentTaxonomyMap",
    "CreditBalance",
    "CreditHold",
    "CreditTransaction",
    "CreditUsageLog",
    "Event",
    "IdempotencyKey",
    "Image",
    "Industry",
    "IndustrySector",
    "IntegrationSettings",
    "Invitation",
    "Job",
    "JobItem",
    "Keyword",
    "Plan",
    "RefreshToken",
    "Schedule",
    "Sector",
    "Session",
    "Site",
    "SiteEvent",
    "SiteUserAccess",
    "Strategy",
    "SystemSettings",
    "Task",
    "Taxonomy",
    "User",
]
