"""Every closed set of values of the product, as plain enums: stored as text with a CHECK, shown as GraphQL enums.

Imports nothing of the project, so that pure rules may use it.
"""

from enum import StrEnum


class Role(StrEnum):
    """What a user may do in an account; DEVELOPER is our own staff."""

    DEVELOPER = "DEVELOPER"
    OWNER = "OWNER"
    ADMIN = "ADMIN"
    EDITOR = "EDITOR"
    VIEWER = "VIEWER"
    SYSTEM_BOT = "SYSTEM_BOT"


class Permission(StrEnum):
    """What a field asks of its caller; domain/access.py says which role has which."""

    READ = "READ"
    PLAN = "PLAN"
    WRITE = "WRITE"
    PUBLISH = "PUBLISH"
    MANAGE_SITES = "MANAGE_SITES"
    MANAGE_USERS = "MANAGE_USERS"
    MANAGE_ACCOUNT = "MANAGE_ACCOUNT"
    VIEW_BILLING = "VIEW_BILLING"
    STAFF = "STAFF"


class MailKind(StrEnum):
    """What a letter is about."""

    INVITATION = "INVITATION"
    VERIFY_EMAIL = "VERIFY_EMAIL"
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105 - a word
    ADDRESS_TAKEN = "ADDRESS_TAKEN"
    CHANGE_EMAIL = "CHANGE_EMAIL"
    EMAIL_CHANGED = "EMAIL_CHANGED"


class AccountStatus(StrEnum):
    """SUSPENDED is read only, CANCELLED has no access."""

    ACTIVE = "ACTIVE"
    TRIAL = "TRIAL"
    SUSPENDED = "SUSPENDED"
    CANCELLED = "CANCELLED"


class LimitKey(StrEnum):
    """What a plan limits; those of a month begin anew with it."""

    USERS = "USERS"
    SITES = "SITES"
    KEYWORDS = "KEYWORDS"
    CLUSTERS = "CLUSTERS"
    CONTENT_IDEAS = "CONTENT_IDEAS"
    AI_REQUESTS = "AI_REQUESTS"
    WORDS = "WORDS"
    IMAGES = "IMAGES"
    CREDITS = "CREDITS"


class SiteStatus(StrEnum):
    """INACTIVE is set aside by its owner, ARCHIVED waits to be purged."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    ARCHIVED = "ARCHIVED"


class SectorStatus(StrEnum):
    """As SiteStatus; at most five sectors of a site are active."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    ARCHIVED = "ARCHIVED"


class KeywordStatus(StrEnum):
    """NEW until it is placed in a cluster."""

    NEW = "NEW"
    CLUSTERED = "CLUSTERED"
    ARCHIVED = "ARCHIVED"


class ClusterStatus(StrEnum):
    """ARCHIVED ones are kept out of planning."""

    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"


class IdeaStatus(StrEnum):
    """SCHEDULED has a task, DONE its content."""

    NEW = "NEW"
    SCHEDULED = "SCHEDULED"
    DONE = "DONE"
    REJECTED = "REJECTED"


class TaskStatus(StrEnum):
    """Where a piece of writing stands, from its planning to its publication."""

    DRAFT = "DRAFT"
    QUEUED = "QUEUED"
    IN_PROGRESS = "IN_PROGRESS"
    REVIEW = "REVIEW"
    APPROVED = "APPROVED"
    SCHEDULED = "SCHEDULED"
    PUBLISHED = "PUBLISHED"
    ARCHIVED = "ARCHIVED"


class ContentStatus(StrEnum):
    """Follows the task where there is one."""

    DRAFT = "DRAFT"
    REVIEW = "REVIEW"
    APPROVED = "APPROVED"
    PUBLISHED = "PUBLISHED"


class ContentOrigin(StrEnum):
    """Who wrote it; OFFLINE_DRAFT is an outline made without a language model."""

    AI = "AI"
    OFFLINE_DRAFT = "OFFLINE_DRAFT"
    HUMAN = "HUMAN"
    IMPORTED = "IMPORTED"


class TaxonomyType(StrEnum):
    """How a site sorts its content; ATTRIBUTE is a property that things are told apart by, such as a colour."""

    CATEGORY = "CATEGORY"
    TAG = "TAG"
    ATTRIBUTE = "ATTRIBUTE"


class ClusterRole(StrEnum):
    """What a content is to a cluster: HUB is the page that the SUPPORTING ones lead to."""

    HUB = "HUB"
    SUPPORTING = "SUPPORTING"


class DiffKind(StrEnum):
    """What became of a part of a text."""

    SAME = "SAME"
    REMOVED = "REMOVED"
    ADDED = "ADDED"


class ContentType(StrEnum):
    """What it becomes on the site."""

    POST = "POST"
    PAGE = "PAGE"
    PRODUCT = "PRODUCT"
    TAXONOMY = "TAXONOMY"


class ContentStructure(StrEnum):
    """What kind of page it is: how it is built, not where it stands."""

    ARTICLE = "ARTICLE"
    GUIDE = "GUIDE"
    COMPARISON = "COMPARISON"
    REVIEW = "REVIEW"
    LISTICLE = "LISTICLE"
    LANDING_PAGE = "LANDING_PAGE"
    BUSINESS_PAGE = "BUSINESS_PAGE"
    SERVICE_PAGE = "SERVICE_PAGE"
    CLUSTER_HUB = "CLUSTER_HUB"
    PRODUCT_PAGE = "PRODUCT_PAGE"
    CATEGORY_ARCHIVE = "CATEGORY_ARCHIVE"
    TAG_ARCHIVE = "TAG_ARCHIVE"
    ATTRIBUTE_ARCHIVE = "ATTRIBUTE_ARCHIVE"


class ImageStatus(StrEnum):
    """PROMPTED is described, READY has a file."""

    PROMPTED = "PROMPTED"
    QUEUED = "QUEUED"
    READY = "READY"
    FAILED = "FAILED"


class ImageType(StrEnum):
    """Where a picture belongs: at the head, within the text, or for screens of a size."""

    FEATURED = "FEATURED"
    IN_ARTICLE = "IN_ARTICLE"
    DESKTOP = "DESKTOP"
    MOBILE = "MOBILE"


class JobKind(StrEnum):
    """What background work does."""

    IMPORT_KEYWORDS = "IMPORT_KEYWORDS"
    CLUSTER_KEYWORDS = "CLUSTER_KEYWORDS"
    NAME_CLUSTERS = "NAME_CLUSTERS"
    CLASSIFY_INTENT = "CLASSIFY_INTENT"
    GENERATE_IDEAS = "GENERATE_IDEAS"
    GENERATE_CONTENT = "GENERATE_CONTENT"
    GENERATE_IMAGE_PROMPTS = "GENERATE_IMAGE_PROMPTS"
    GENERATE_IMAGES = "GENERATE_IMAGES"
    SEND_MAIL = "SEND_MAIL"
    TEST_AI_PROVIDER = "TEST_AI_PROVIDER"
    TEST_IMAGE = "TEST_IMAGE"


class PromptType(StrEnum):
    """The work that is done by asking a language model; each has a prompt."""

    NAME_CLUSTERS = "NAME_CLUSTERS"
    CLASSIFY_INTENT = "CLASSIFY_INTENT"
    GENERATE_IDEAS = "GENERATE_IDEAS"
    GENERATE_CONTENT = "GENERATE_CONTENT"
    GENERATE_IMAGE_PROMPTS = "GENERATE_IMAGE_PROMPTS"


class AiProvider(StrEnum):
    """Who answers: OFFLINE needs neither network nor key, and says that it is no model."""

    OFFLINE = "OFFLINE"
    OPENAI = "OPENAI"
    RUNWARE = "RUNWARE"


class IntegrationType(StrEnum):
    """What a set of provider settings is for."""

    OPENAI = "OPENAI"
    RUNWARE = "RUNWARE"
    IMAGE_GENERATION = "IMAGE_GENERATION"


class JobStatus(StrEnum):
    """PARTIAL: some items failed, what the others made stands."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class JobItemStatus(StrEnum):
    """WAITING will be tried again; APPLIED is done and charged."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    WAITING = "WAITING"
    APPLIED = "APPLIED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class Intent(StrEnum):
    """What a searcher wants; a keyword may have several."""

    INFORMATIONAL = "INFORMATIONAL"
    NAVIGATIONAL = "NAVIGATIONAL"
    COMMERCIAL = "COMMERCIAL"
    TRANSACTIONAL = "TRANSACTIONAL"


class CreditTransactionType(StrEnum):
    """Why the balance changed."""

    PURCHASE = "PURCHASE"
    USAGE = "USAGE"
    REFUND = "REFUND"
    ADJUSTMENT = "ADJUSTMENT"


class CreditHoldStatus(StrEnum):
    """OPEN while its job runs."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


class AiCallStatus(StrEnum):
    """RUNNING until the provider has answered, or the worker was lost."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class FailureCause(StrEnum):
    """Why an attempt at an item failed."""

    TIMED_OUT = "TIMED_OUT"
    UNREACHABLE = "UNREACHABLE"
    RATE_LIMITED = "RATE_LIMITED"
    KEY_REFUSED = "KEY_REFUSED"
    NO_CREDIT = "NO_CREDIT"
    REQUEST_REFUSED = "REQUEST_REFUSED"
    UNUSABLE_ANSWER = "UNUSABLE_ANSWER"
    PROVIDER_FAULT = "PROVIDER_FAULT"
    CANCELLED = "CANCELLED"
    RULE = "RULE"
    NO_ROOM = "NO_ROOM"
    DATABASE = "DATABASE"
    OWN_FAULT = "OWN_FAULT"


class AuditOperation(StrEnum):
    """EVENT is anything but a change of rows."""

    INSERT = "INSERT"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    EVENT = "EVENT"


class Granularity(StrEnum):
    """How tight clusters are: BROAD makes few large ones, FINE many small ones."""

    BROAD = "BROAD"
    BALANCED = "BALANCED"
    FINE = "FINE"


class ExportFormat(StrEnum):
    """The keyword tool whose export a file is."""

    AHREFS_KEYWORDS = "AHREFS_KEYWORDS"
    SEMRUSH_KEYWORD_MAGIC = "SEMRUSH_KEYWORD_MAGIC"
    SEMRUSH_ORGANIC_POSITIONS = "SEMRUSH_ORGANIC_POSITIONS"
    SEMRUSH_API = "SEMRUSH_API"
    GOOGLE_KEYWORD_PLANNER = "GOOGLE_KEYWORD_PLANNER"
    GOOGLE_SEARCH_CONSOLE = "GOOGLE_SEARCH_CONSOLE"
    MOZ_LIST = "MOZ_LIST"
    MANGOOLS = "MANGOOLS"
    UBERSUGGEST = "UBERSUGGEST"
    GENERIC = "GENERIC"


class UsageGroup(StrEnum):
    """What credits that were used are summed up by."""

    OPERATION = "OPERATION"
    SITE = "SITE"
    USER = "USER"
    MODEL = "MODEL"
    DAY = "DAY"


class FileFormat(StrEnum):
    """How a list is written: CSV for spreadsheets, JSONL (one JSON object a line) for programs."""

    CSV = "CSV"
    JSONL = "JSONL"


class ErrorCode(StrEnum):
    """What went wrong, for programs; the message says it to people."""

    BAD_INPUT = "BAD_INPUT"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    FORBIDDEN = "FORBIDDEN"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    LIMIT_REACHED = "LIMIT_REACHED"
    OUT_OF_CREDITS = "OUT_OF_CREDITS"
    RATE_LIMITED = "RATE_LIMITED"
    UNAVAILABLE = "UNAVAILABLE"
    COMMITTED = "COMMITTED"
    INTERNAL = "INTERNAL"
