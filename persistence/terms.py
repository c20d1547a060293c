"""Every closed set of values of the product, as plain enums: stored as text with a CHECK, shown as GraphQL enums.

Imports nothing of the project, so that pure rules may use it.
"""

from enum import StrEnum
from typing import Self


class Term(StrEnum):
    """A value with what it says of itself in the SDL: `NEW = "NEW", "In no cluster."`."""

    description: str

    def __new__(cls, value: str, description: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_, member.description = value, description
        return member


class Role(Term):
    """What a user may do in an account; DEVELOPER is our own staff."""

    DEVELOPER = "DEVELOPER", "Our own staff: all that an admin may, and STAFF."
    OWNER = "OWNER", "Whom the account belongs to: one each, and alone in transferring or cancelling it."
    ADMIN = "ADMIN", "All that the owner may, but for what only the owner can do; sees every site."
    EDITOR = "EDITOR", "Plans and writes on the sites that were granted, and publishes nothing."
    VIEWER = "VIEWER", "Reads the sites that were granted."
    SYSTEM_BOT = "SYSTEM_BOT", "The platform's own work; nobody can be given it."


class Permission(Term):
    """What a field asks of its caller; domain/access.py says which role has which."""

    READ = "READ", "To read what one's role sees."
    PLAN = (
        "PLAN",
        "To change keywords, clusters, ideas and strategies, to make and delete tasks, and to end or retry jobs.",
    )
    WRITE = "WRITE", "To change tasks, contents, taxonomies, images and author profiles."
    PUBLISH = "PUBLISH", "To approve, schedule and publish, and to change what was approved."
    MANAGE_SITES = "MANAGE_SITES", "To make, change and delete sites and sectors."
    MANAGE_USERS = "MANAGE_USERS", "To invite people, set their roles and grant them sites."
    MANAGE_ACCOUNT = (
        "MANAGE_ACCOUNT",
        "To set up the account, its API keys, prompts and AI providers, and to read its audit trail.",
    )
    VIEW_BILLING = "VIEW_BILLING", "To read the ledger, and what credits were used for."
    STAFF = "STAFF", "For our own staff: other tenants' accounts, plans, industries and the platform's settings."


class MailKind(Term):
    """What a letter is about."""

    INVITATION = "INVITATION", "Somebody is asked to join an account."
    VERIFY_EMAIL = "VERIFY_EMAIL", "A link that confirms the address."
    RESET_PASSWORD = "RESET_PASSWORD", "A link to a new password."
    ADDRESS_TAKEN = "ADDRESS_TAKEN", "Somebody signed up with an address that has an account."
    CHANGE_EMAIL = "CHANGE_EMAIL", "To the new address: a link that makes it the user's."
    EMAIL_CHANGED = "EMAIL_CHANGED", "To the old address: it is not the user's any more."


class AccountStatus(Term):
    """SUSPENDED is read only, CANCELLED has no access."""

    ACTIVE = "ACTIVE", "In use, and no trial."
    TRIAL = "TRIAL", "In use, as every account is that signs up."
    SUSPENDED = "SUSPENDED", "Its people may read and change nothing."
    CANCELLED = "CANCELLED", "Nobody has access; ninety days later everything is gone."


class LimitKey(Term):
    """What a plan limits; those of a month begin anew with it."""

    USERS = "USERS", "Active users and open invitations together."
    SITES = "SITES", "Sites that are not archived."
    KEYWORDS = "KEYWORDS", "Keywords of all sites that are not archived."
    CLUSTERS = "CLUSTERS", "Clusters of all sites that are not archived."
    CONTENT_IDEAS = "CONTENT_IDEAS", "Ideas of all sites that are not archived."
    AI_REQUESTS = "AI_REQUESTS", "Questions to language models, by the month."
    WORDS = "WORDS", "Words written by language models, by the month."
    IMAGES = "IMAGES", "Pictures drawn, by the month."
    STORAGE = (
        "STORAGE",
        "Bytes of the files that are kept: pictures, uploads, imports that wait, published pages.",
    )
    CREDITS = "CREDITS", "Credits used, by the month."


class SiteStatus(Term):
    """INACTIVE is set aside by its owner, ARCHIVED waits to be purged."""

    ACTIVE = "ACTIVE", "Worked on."
    INACTIVE = "INACTIVE", "Set aside by its people; it can be read and changed."
    ARCHIVED = "ARCHIVED", "Deleted; it takes no changes, can be brought back for thirty days and is gone then."


class SectorStatus(Term):
    """As SiteStatus; at most five sectors of a site are active."""

    ACTIVE = "ACTIVE", "One of the site's five at most."
    INACTIVE = "INACTIVE", "Out of use; what it holds stays."
    ARCHIVED = "ARCHIVED", "Not in use: the sectors of an archived site are INACTIVE."


class KeywordStatus(Term):
    """NEW until it is placed in a cluster."""

    NEW = "NEW", "In no cluster."
    CLUSTERED = "CLUSTERED", "In a cluster."
    ARCHIVED = "ARCHIVED", "Put aside by somebody; jobs that take all keywords of a sector leave it out."


class ClusterStatus(Term):
    """Whether a cluster is put aside."""

    ACTIVE = "ACTIVE", "To be planned with."
    ARCHIVED = "ARCHIVED", "Put aside by somebody: a mark to filter by, which changes nothing else."


class IdeaStatus(Term):
    """SCHEDULED has a task, DONE its content."""

    NEW = "NEW", "Waits for a decision."
    SCHEDULED = "SCHEDULED", "A task was made of it."
    DONE = "DONE", "Its task has content."
    REJECTED = "REJECTED", "Decided against; no task is made of it."


class TaskStatus(Term):
    """Where a piece of writing stands, from its planning to its publication."""

    DRAFT = "DRAFT", "Planned, and nobody has begun."
    QUEUED = "QUEUED", "Being written by a job; nobody else changes it meanwhile."
    IN_PROGRESS = "IN_PROGRESS", "Being written by somebody."
    REVIEW = "REVIEW", "Written, to be read by another."
    APPROVED = "APPROVED", "May be published."
    SCHEDULED = "SCHEDULED", "Approved, and to be published later."
    PUBLISHED = "PUBLISHED", "On the site."
    ARCHIVED = "ARCHIVED", "Put aside; it can become a draft again."


class ContentStatus(Term):
    """Follows the task where there is one."""

    DRAFT = "DRAFT", "Being written."
    REVIEW = "REVIEW", "To be read by another."
    APPROVED = "APPROVED", "May be published; changing it takes PUBLISH from now on."
    PUBLISHED = "PUBLISHED", "On the site; changing it takes PUBLISH."


class ContentOrigin(Term):
    """Who wrote it; OFFLINE_DRAFT is an outline made without a language model."""

    AI = "AI", "A language or image model."
    OFFLINE_DRAFT = "OFFLINE_DRAFT", "The offline maker: an outline or a placeholder, made without a model."
    HUMAN = "HUMAN", "A person, here."
    IMPORTED = "IMPORTED", "Another system that it was taken over from."


class TaxonomyType(Term):
    """How a site sorts its content; ATTRIBUTE is a property that things are told apart by, such as a colour."""

    CATEGORY = "CATEGORY", "A main topic; categories may stand below one another."
    TAG = "TAG", "A word that crosses topics."
    ATTRIBUTE = "ATTRIBUTE", "A property that products are told apart by, such as a colour."


class ClusterRole(Term):
    """What a content is to a cluster: HUB is the page that the SUPPORTING ones lead to."""

    HUB = "HUB", "The page that the cluster's others lead to."
    SUPPORTING = "SUPPORTING", "One of the pages that lead to the hub."


class DiffKind(Term):
    """What became of a part of a text."""

    SAME = "SAME", "In both revisions."
    REMOVED = "REMOVED", "In the earlier revision alone."
    ADDED = "ADDED", "In the later revision alone."


class ContentType(Term):
    """What it becomes on the site."""

    POST = "POST", "An article of the blog."
    PAGE = "PAGE", "A page that stands by itself."
    PRODUCT = "PRODUCT", "A product of a shop."
    TAXONOMY = "TAXONOMY", "The page of a category, tag or attribute."


class ContentStructure(Term):
    """What kind of page it is: how it is built, not where it stands."""

    ARTICLE = "ARTICLE", "Explains a topic in sections."
    GUIDE = "GUIDE", "Leads through something step by step."
    COMPARISON = "COMPARISON", "Sets several things side by side."
    REVIEW = "REVIEW", "Judges one thing."
    LISTICLE = "LISTICLE", "A numbered list of things."
    LANDING_PAGE = "LANDING_PAGE", "Wins visitors for one offer."
    BUSINESS_PAGE = "BUSINESS_PAGE", "Says who the business is."
    SERVICE_PAGE = "SERVICE_PAGE", "Presents a service."
    CLUSTER_HUB = "CLUSTER_HUB", "Gives the overview of a cluster, and leads to its other pages."
    PRODUCT_PAGE = "PRODUCT_PAGE", "Describes a product."
    CATEGORY_ARCHIVE = "CATEGORY_ARCHIVE", "Introduces all that is in a category."
    TAG_ARCHIVE = "TAG_ARCHIVE", "Introduces all that has a tag."
    ATTRIBUTE_ARCHIVE = "ATTRIBUTE_ARCHIVE", "Introduces all that has an attribute."


class ImageStatus(Term):
    """PROMPTED is described, READY has a file."""

    PROMPTED = "PROMPTED", "Described, and not drawn yet."
    QUEUED = "QUEUED", "Being drawn by a job."
    READY = "READY", "Has a file."
    FAILED = "FAILED", "Could not be drawn; its error says why, and generateImages tries again."


class ImageType(Term):
    """Where a picture belongs: at the head, within the text, or for screens of a size."""

    FEATURED = "FEATURED", "At the head of the article; drawn at 1200×640 pixels."
    IN_ARTICLE = "IN_ARTICLE", "Within the text; drawn at 1024×768 pixels."
    DESKTOP = "DESKTOP", "For wide screens; drawn at 1920×1080 pixels."
    MOBILE = "MOBILE", "For phones; drawn at 1080×1344 pixels."


class IntegrationKind(Term):
    """What contents are published to."""

    WORDPRESS = "WORDPRESS", "A WordPress site, by its REST API and an application password."
    GHOST = "GHOST", "A Ghost site, by its Admin API and a key of a custom integration."
    WEBHOOK = "WEBHOOK", "An address that takes signed JSON."
    FOLDER = "FOLDER", "A folder of files beside this server."
    S3 = "S3", "A bucket of an S3-compatible store."


class IntegrationStatus(Term):
    """Whether an integration can be published to."""

    UNTESTED = "UNTESTED", "Its connection was not tested since it was made or its settings changed."
    CONNECTED = "CONNECTED", "Its last test passed every stage."
    FAILED = "FAILED", "Its last test failed; its error says at what, and what to do."


class CheckStage(Term):
    """What a connection test looks at, in this order; the first that fails ends it."""

    ADDRESS = "ADDRESS", "The address can be resolved, and may be called."
    TLS = "TLS", "The connection is made; with https its certificate holds."
    API = "API", "The destination's API answers there, with JSON."
    SIGN_IN = "SIGN_IN", "It offers a way to sign in."
    CREDENTIALS = "CREDENTIALS", "The credentials are accepted."
    CAPABILITIES = "CAPABILITIES", "Whoever they are of may do what publishing takes."
    MEDIA = "MEDIA", "Pictures can be stored."
    SEO_META = "SEO_META", "Titles and descriptions for search engines can be set."


class WordPressMarkup(Term):
    """How an article's body is written for WordPress."""

    BLOCKS = "BLOCKS", "As blocks of its editor."
    HTML = "HTML", "As plain HTML, for the classic editor and page builders."


class RemoteEntityKind(Term):
    """What a thing at a destination is."""

    POST = "POST", "An article."
    PAGE = "PAGE", "A page that stands by itself."
    TERM = "TERM", "A category or tag."
    MEDIA = "MEDIA", "A picture."


class RemoteStatus(Term):
    """Where a thing stands at its destination."""

    DRAFT = "DRAFT", "There, and not shown."
    SCHEDULED = "SCHEDULED", "Shown from a date on."
    PUBLISHED = "PUBLISHED", "Shown."
    TRASHED = "TRASHED", "In the trash."


class Weekday(Term):
    """A day of the week."""

    MONDAY = "MONDAY", "The first day of the week."
    TUESDAY = "TUESDAY", "The second."
    WEDNESDAY = "WEDNESDAY", "The third."
    THURSDAY = "THURSDAY", "The fourth."
    FRIDAY = "FRIDAY", "The fifth."
    SATURDAY = "SATURDAY", "The sixth."
    SUNDAY = "SUNDAY", "The last."


class ReadinessProblem(Term):
    """What may be in the way of publishing a content."""

    OTHER_SITE = "OTHER_SITE", "The integration is of another site."
    NOT_CONNECTED = "NOT_CONNECTED", "The integration's last connection test failed."
    UNTESTED = "UNTESTED", "The integration's connection was not tested yet."
    NOT_APPROVED = "NOT_APPROVED", "It was not approved; only as a draft it may go out."
    PAUSED = "PAUSED", "Publishing of the site is paused; only as a draft it may go out."
    DAY_FULL = "DAY_FULL", "As many contents came out today as the site's calendar allows, or are about to."
    EMPTY = "EMPTY", "It has no text."
    OFFLINE_DRAFT = "OFFLINE_DRAFT", "It is an outline made without a language model."
    PICTURES_MISSING = "PICTURES_MISSING", "Some of its pictures have no file."


class PublishingAction(Term):
    """What was done at a destination."""

    CREATE = "CREATE", "Made there."
    UPDATE = "UPDATE", "Brought to what the content says now."
    ADOPT = "ADOPT", "Found there after an answer was lost, and gone on with."
    SCHEDULE = "SCHEDULE", "Put there with a date."
    HOLD = "HOLD", "Put there as a draft, since publishing is paused."
    REVERT = "REVERT", "Brought back to an earlier revision."
    TRASH = "TRASH", "Taken away."


class PublishingOutcome(Term):
    """How an attempt ended."""

    UNDER_WAY = "UNDER_WAY", "No end of it is known yet."
    DONE = "DONE", "Done, and read back."
    FAILED = "FAILED", "Not done; the error says why."
    LOST = "LOST", "No answer came, or its worker died: what was done is found out by the next attempt."


class FieldVerdict(Term):
    """What became of a field that was sent."""

    SENT = "SENT", "There as it was sent."
    KEPT = "KEPT", "As it was there before: nothing was sent of it."
    CHANGED = "CHANGED", "There, but otherwise than it was sent."
    DROPPED = "DROPPED", "Not there: the destination does not take it."


class SyncField(Term):
    """A part of a content that may be changed here and at a destination."""

    TITLE = "TITLE", "Its title."
    HTML = "HTML", "Its text."
    EXCERPT = "EXCERPT", "Its excerpt."
    SLUG = "SLUG", "The last part of its address."
    META_TITLE = "META_TITLE", "Its title for search engines."
    META_DESCRIPTION = "META_DESCRIPTION", "Its description for search engines."
    PRIMARY_KEYWORD = "PRIMARY_KEYWORD", "What it is written to be found for."
    CATEGORIES = "CATEGORIES", "The categories that it is in."
    TAGS = "TAGS", "The tags that it has."


class ConflictStatus(Term):
    """What became of a conflict between here and a destination."""

    OPEN = "OPEN", "Changed on both sides, and nobody has chosen yet: neither side is overwritten."
    OURS = "OURS", "What it says here was chosen; it is sent with the next publication."
    THEIRS = "THEIRS", "What it says there was chosen, and is in the content now."
    OBSOLETE = "OBSOLETE", "Both sides came to say the same, or the text is at the destination no more."


class ConflictSide(Term):
    """Which side of a conflict counts."""

    OURS = "OURS", "What the content says here; it is sent with the next publication, over what is there."
    THEIRS = "THEIRS", "What it says at the destination; the content says it from now on, as a revision."


class SyncOutcome(Term):
    """How a synchronisation ended."""

    UNDER_WAY = "UNDER_WAY", "It has not ended, or its worker died and another goes on."
    DONE = "DONE", "Everything that is there was looked at."
    FAILED = "FAILED", "The destination did not answer as it must; its error says why."


class JobKind(Term):
    """What background work does."""

    IMPORT_KEYWORDS = "IMPORT_KEYWORDS", "Reads a large export of a keyword tool into a sector."
    CLUSTER_KEYWORDS = "CLUSTER_KEYWORDS", "Groups keywords into clusters by what they mean."
    NAME_CLUSTERS = "NAME_CLUSTERS", "Names and describes clusters."
    CLASSIFY_INTENT = "CLASSIFY_INTENT", "Says what the searchers of keywords want."
    GENERATE_IDEAS = "GENERATE_IDEAS", "Proposes pages for clusters."
    GENERATE_CONTENT = "GENERATE_CONTENT", "Writes the articles of tasks."
    GENERATE_IMAGE_PROMPTS = "GENERATE_IMAGE_PROMPTS", "Describes the pictures of articles."
    GENERATE_IMAGES = "GENERATE_IMAGES", "Draws pictures that were described."
    SEND_MAIL = "SEND_MAIL", "Sends one letter."
    TEST_AI_PROVIDER = "TEST_AI_PROVIDER", "Asks a language model one question, to see that it answers."
    TEST_IMAGE = "TEST_IMAGE", "Draws one picture, to see that the provider does."
    TEST_CONNECTION = "TEST_CONNECTION", "Tries an integration, stage by stage."
    PUBLISH_CONTENT = "PUBLISH_CONTENT", "Puts contents to a destination."
    UNPUBLISH_CONTENT = "UNPUBLISH_CONTENT", "Takes contents away from a destination."
    PUBLISH_DUE = "PUBLISH_DUE", "Reads back what a date has come for, and publishes what still waits."
    REVERT_PUBLICATION = "REVERT_PUBLICATION", "Brings what is at a destination back to an earlier revision."
    IMPORT_SITE = "IMPORT_SITE", "Reads a site page by page, so that planning knows what is there."
    SYNC_INTEGRATION = "SYNC_INTEGRATION", "Looks at all that is at a destination, and takes over what was changed."
    SCHEDULE_CONTENT = "SCHEDULE_CONTENT", "Puts contents to a destination, each to be shown from a date of its own on."
    HOLD_PUBLICATIONS = "HOLD_PUBLICATIONS", "Puts what waits for its date back to a draft, while publishing is paused."


class Queue(StrEnum):
    """Where items of work wait: each is worked off by itself, so that what takes long holds up its own kind alone."""

    TEXT = "text"
    IMAGES = "images"
    COMPUTE = "compute"
    FILES = "files"
    MAIL = "mail"
    PUBLISHING = "publishing"


class PromptType(Term):
    """The work that is done by asking a language model; each has a prompt."""

    NAME_CLUSTERS = "NAME_CLUSTERS", "Asked for names and descriptions of clusters."
    CLASSIFY_INTENT = "CLASSIFY_INTENT", "Asked what searchers want."
    GENERATE_IDEAS = "GENERATE_IDEAS", "Asked for pages that a cluster needs."
    GENERATE_CONTENT = "GENERATE_CONTENT", "Asked for an article."
    GENERATE_IMAGE_PROMPTS = "GENERATE_IMAGE_PROMPTS", "Asked for descriptions of an article's pictures."


class AiProvider(Term):
    """Who answers: OFFLINE needs neither network nor key, and says that it is no model."""

    OFFLINE = "OFFLINE", "Answers in this process by rules, free and without network; no model."
    OPENAI = "OPENAI", "OpenAI, or a server that speaks its protocol: language and pictures."
    RUNWARE = "RUNWARE", "Runware: pictures alone."


class IntegrationType(Term):
    """What a set of provider settings is for."""

    OPENAI = "OPENAI", "The key and model of OPENAI, and who answers which kind of question."
    RUNWARE = "RUNWARE", "The key and model of RUNWARE."
    IMAGE_GENERATION = "IMAGE_GENERATION", "Who draws pictures; it has no key of its own."


class JobStatus(Term):
    """PARTIAL: some items failed, what the others made stands."""

    QUEUED = "QUEUED", "No item has begun."
    RUNNING = "RUNNING", "Under way."
    SUCCEEDED = "SUCCEEDED", "All items were applied."
    PARTIAL = "PARTIAL", "Some items were applied, and the others failed."
    FAILED = "FAILED", "No item was applied; the error says why."
    CANCELLED = "CANCELLED", "Ended by cancelJob; what was applied before stands, and is charged."


ENDED = (JobStatus.SUCCEEDED, JobStatus.PARTIAL, JobStatus.FAILED, JobStatus.CANCELLED)


class JobItemStatus(Term):
    """WAITING will be tried again; APPLIED is done and charged."""

    QUEUED = "QUEUED", "Waits for a worker."
    RUNNING = "RUNNING", "With a worker."
    WAITING = "WAITING", "Failed, and is tried again later by itself."
    APPLIED = "APPLIED", "Its result is stored, and charged."
    FAILED = "FAILED", "Given up; it costs nothing, and retryJob tries it once more."
    CANCELLED = "CANCELLED", "Ended by cancelJob; it costs nothing."


class Intent(Term):
    """What a searcher wants; a keyword may have several."""

    INFORMATIONAL = "INFORMATIONAL", "To know something."
    NAVIGATIONAL = "NAVIGATIONAL", "To reach a certain site or brand."
    COMMERCIAL = "COMMERCIAL", "To compare before buying."
    TRANSACTIONAL = "TRANSACTIONAL", "To buy or do something now."


class CreditTransactionType(Term):
    """Why the balance changed."""

    PURCHASE = "PURCHASE", "Credits that were bought."
    USAGE = "USAGE", "Charged for work that was applied."
    REFUND = "REFUND", "Given back for what was charged before."
    ADJUSTMENT = "ADJUSTMENT", "Given or taken by the platform: when signing up, or by staff."


class CreditHoldStatus(Term):
    """OPEN while its job runs."""

    OPEN = "OPEN", "Its job runs."
    CLOSED = "CLOSED", "All of it was spent or given back."


class AiCallStatus(Term):
    """RUNNING until the provider has answered, or the worker was lost."""

    RUNNING = "RUNNING", "The provider has not answered, or the worker was lost meanwhile."
    SUCCEEDED = "SUCCEEDED", "The answer was taken."
    FAILED = "FAILED", "No answer, or none of use."


class FailureCause(Term):
    """Why an attempt at an item failed."""

    TIMED_OUT = "TIMED_OUT", "The provider took too long."
    UNREACHABLE = "UNREACHABLE", "There was no connection to the provider."
    RATE_LIMITED = "RATE_LIMITED", "The provider wants fewer requests; it is tried again later."
    KEY_REFUSED = "KEY_REFUSED", "There is no key, or the provider does not take it."
    NO_CREDIT = "NO_CREDIT", "The provider's own account is empty."
    REQUEST_REFUSED = "REQUEST_REFUSED", "The provider does not do what it was asked for."
    UNUSABLE_ANSWER = "UNUSABLE_ANSWER", "The answer was not what was asked for."
    PROVIDER_FAULT = "PROVIDER_FAULT", "The provider says that it has a fault."
    CANCELLED = "CANCELLED", "The job was cancelled meanwhile."
    RULE = "RULE", "A rule of the product forbids it, such as a row that is gone."
    NO_ROOM = "NO_ROOM", "There is no room on the disk."
    DATABASE = "DATABASE", "PostgreSQL was away."
    FILES = "FILES", "Where files are kept did not answer."
    OWN_FAULT = "OWN_FAULT", "A fault of ours; the log has it."


class AuditOperation(Term):
    """EVENT is anything but a change of rows."""

    INSERT = "INSERT", "Rows were made."
    UPDATE = "UPDATE", "Rows were changed."
    DELETE = "DELETE", "Rows were deleted."
    EVENT = "EVENT", "Anything else, such as signing out, or an invitation that was sent again."


class EventKind(Term):
    """What has happened; a step of a task or content is called by what it is then, in place of UPDATED."""

    SITE_CREATED = "SITE_CREATED", "A site was made."
    SITE_UPDATED = "SITE_UPDATED", "A site was changed, or brought back from the archive."
    SITE_DELETED = "SITE_DELETED", "A site was archived."
    SECTOR_CREATED = "SECTOR_CREATED", "A sector was made."
    SECTOR_UPDATED = "SECTOR_UPDATED", "A sector was changed."
    SECTOR_DELETED = "SECTOR_DELETED", "Sectors were deleted, with all that was in them."
    KEYWORDS_IMPORTED = "KEYWORDS_IMPORTED", "An export came in; the subject is its sector, count the new keywords."
    KEYWORD_CREATED = "KEYWORD_CREATED", "Keywords were made by hand."
    KEYWORD_UPDATED = "KEYWORD_UPDATED", "Keywords were changed, or put into another cluster."
    KEYWORD_DELETED = "KEYWORD_DELETED", "Keywords were deleted."
    CLUSTER_CREATED = "CLUSTER_CREATED", "Clusters were made by hand, or split off another."
    CLUSTER_UPDATED = "CLUSTER_UPDATED", "Clusters were changed, or others merged into one."
    CLUSTER_DELETED = "CLUSTER_DELETED", "Clusters were deleted, or merged into another."
    IDEA_CREATED = "IDEA_CREATED", "Ideas were made by hand."
    IDEA_UPDATED = "IDEA_UPDATED", "Ideas were changed."
    IDEA_DELETED = "IDEA_DELETED", "Ideas were deleted."
    TASK_CREATED = "TASK_CREATED", "Tasks were made, also of ideas."
    TASK_UPDATED = "TASK_UPDATED", "Tasks were changed, or are DRAFT or IN_PROGRESS now."
    TASK_DELETED = "TASK_DELETED", "Tasks were deleted."
    TASK_REVIEW = "TASK_REVIEW", "Tasks came to REVIEW."
    TASK_APPROVED = "TASK_APPROVED", "Tasks came to APPROVED."
    TASK_SCHEDULED = "TASK_SCHEDULED", "Tasks came to SCHEDULED."
    TASK_PUBLISHED = "TASK_PUBLISHED", "Tasks came to PUBLISHED."
    TASK_ARCHIVED = "TASK_ARCHIVED", "Tasks came to ARCHIVED."
    CONTENT_CREATED = "CONTENT_CREATED", "A content was written by hand."
    CONTENT_UPDATED = "CONTENT_UPDATED", "Contents were changed, or are DRAFT now."
    CONTENT_DELETED = "CONTENT_DELETED", "Contents were deleted."
    CONTENT_REVIEW = "CONTENT_REVIEW", "Contents came to REVIEW by hand; written ones tell JOB_SUCCEEDED."
    CONTENT_APPROVED = "CONTENT_APPROVED", "Contents came to APPROVED."
    CONTENT_PUBLISHED = "CONTENT_PUBLISHED", "Contents came to PUBLISHED."
    TAXONOMY_CREATED = "TAXONOMY_CREATED", "Taxonomies were made."
    TAXONOMY_UPDATED = "TAXONOMY_UPDATED", "Taxonomies were changed."
    TAXONOMY_DELETED = "TAXONOMY_DELETED", "Taxonomies were deleted."
    IMAGE_CREATED = "IMAGE_CREATED", "Images were described by hand."
    IMAGE_UPDATED = "IMAGE_UPDATED", "Images were changed."
    IMAGE_DELETED = "IMAGE_DELETED", "Images were deleted."
    INTEGRATION_CREATED = "INTEGRATION_CREATED", "An integration was made."
    INTEGRATION_UPDATED = "INTEGRATION_UPDATED", "An integration was changed."
    INTEGRATION_DELETED = "INTEGRATION_DELETED", "Integrations were deleted."
    SYNC_CONFLICT_UPDATED = "SYNC_CONFLICT_UPDATED", "A conflict with a destination was resolved."
    PUBLISHING_CALENDAR_UPDATED = "PUBLISHING_CALENDAR_UPDATED", "The publishing calendar of a site was changed."
    PUBLISHING_PAUSED = "PUBLISHING_PAUSED", "Publishing of a site was paused."
    PUBLISHING_RESUMED = "PUBLISHING_RESUMED", "Publishing of a site goes on."
    JOB_SUCCEEDED = "JOB_SUCCEEDED", "A job ended, and all its items were applied."
    JOB_PARTIAL = "JOB_PARTIAL", "A job ended, and some of its items failed."
    JOB_FAILED = "JOB_FAILED", "A job ended, and none of its items was applied."
    JOB_CANCELLED = "JOB_CANCELLED", "A job ended since somebody cancelled it, or archived its site."
    JOB_CANCEL_REQUESTED = "JOB_CANCEL_REQUESTED", "An operator cancelled a job."
    JOB_RETRIED = "JOB_RETRIED", "An operator began the failed items of a job once more."
    ACCOUNT_CREATED = "ACCOUNT_CREATED", "Somebody signed up."
    ACCOUNT_UPDATED = "ACCOUNT_UPDATED", "The account was changed, also by our staff."
    ACCOUNT_CANCELLED = "ACCOUNT_CANCELLED", "The owner cancelled the account."
    USER_CREATED = "USER_CREATED", "Somebody joined the account."
    USER_UPDATED = "USER_UPDATED", "A user was changed, or what they may do and see."
    USER_DELETED = "USER_DELETED", "Users were deleted."
    EMAIL_VERIFIED = "EMAIL_VERIFIED", "A user's address was confirmed."
    PASSWORD_CHANGED = "PASSWORD_CHANGED", "A user has another password."
    SESSION_ENDED = "SESSION_ENDED", "Somebody signed out, here or elsewhere."
    INVITATION_CREATED = "INVITATION_CREATED", "Somebody was invited."
    INVITATION_RESENT = "INVITATION_RESENT", "Somebody was invited once more."
    INVITATION_REVOKED = "INVITATION_REVOKED", "Invitations were taken back."
    API_KEY_CREATED = "API_KEY_CREATED", "An API key was made."
    API_KEY_REVOKED = "API_KEY_REVOKED", "API keys were revoked."
    PROMPT_CREATED = "PROMPT_CREATED", "The account has a new version of a prompt."
    PROMPT_UPDATED = "PROMPT_UPDATED", "Another version of a prompt serves."
    AI_SETTINGS_UPDATED = "AI_SETTINGS_UPDATED", "An AI provider was set up."
    AUTHOR_PROFILE_CREATED = "AUTHOR_PROFILE_CREATED", "An author profile was made."
    AUTHOR_PROFILE_UPDATED = "AUTHOR_PROFILE_UPDATED", "An author profile was changed."
    AUTHOR_PROFILE_DELETED = "AUTHOR_PROFILE_DELETED", "Author profiles were deleted."
    STRATEGY_CREATED = "STRATEGY_CREATED", "A strategy was made."
    STRATEGY_UPDATED = "STRATEGY_UPDATED", "A strategy was changed."
    STRATEGY_DELETED = "STRATEGY_DELETED", "Strategies were deleted."


class Granularity(Term):
    """How tight clusters are: BROAD makes few large ones, FINE many small ones."""

    BROAD = "BROAD", "Few large clusters."
    BALANCED = "BALANCED", "Between the two; taken when nothing is chosen."
    FINE = "FINE", "Many small clusters."


class KeywordSource(Term):
    """The keyword tool whose export a file is."""

    AHREFS_KEYWORDS = "AHREFS_KEYWORDS", "Ahrefs, Keywords Explorer."
    SEMRUSH_KEYWORD_MAGIC = "SEMRUSH_KEYWORD_MAGIC", "Semrush, Keyword Magic Tool."
    SEMRUSH_ORGANIC_POSITIONS = "SEMRUSH_ORGANIC_POSITIONS", "Semrush, Organic Positions of a domain."
    SEMRUSH_API = "SEMRUSH_API", "Semrush's API, with its short column names."
    GOOGLE_KEYWORD_PLANNER = "GOOGLE_KEYWORD_PLANNER", "Google Ads, Keyword Planner."
    GOOGLE_SEARCH_CONSOLE = "GOOGLE_SEARCH_CONSOLE", "Google Search Console, queries of a site."
    MOZ_LIST = "MOZ_LIST", "Moz, a keyword list."
    MANGOOLS = "MANGOOLS", "Mangools, KWFinder."
    UBERSUGGEST = "UBERSUGGEST", "Ubersuggest, keyword ideas."
    GENERIC = "GENERIC", "Any table with a column of keywords, or one keyword a line."


class CreditUsageGroupBy(Term):
    """What credits that were used are summed up by."""

    OPERATION = "OPERATION", "By the kind of job."
    SITE = "SITE", "By the site that the work was for."
    USER = "USER", "By who began the work."
    MODEL = "MODEL", "By the model that gave the last answer."
    DAY = "DAY", "By the day, in UTC."


class FileFormat(Term):
    """How a list is written: CSV for spreadsheets, JSONL (one JSON object a line) for programs."""

    CSV = "CSV", "Comma-separated, with a line of titles, for spreadsheets."
    JSONL = "JSONL", "One JSON object a line, for programs."


class ErrorCode(Term):
    """What went wrong, for programs; the message says it to people."""

    BAD_INPUT = "BAD_INPUT", "A value is not as it must be; nothing was done."
    NOT_FOUND = "NOT_FOUND", "It is not there, or not the caller's to see."
    CONFLICT = "CONFLICT", "It does not go with what is there now: read it again, or decide otherwise."
    FORBIDDEN = "FORBIDDEN", "The caller may not do this."
    UNAUTHENTICATED = "UNAUTHENTICATED", "Sign in first, or again."
    LIMIT_REACHED = "LIMIT_REACHED", "The plan, or a bound of the API, allows no more."
    OUT_OF_CREDITS = "OUT_OF_CREDITS", "The account has fewer credits than this would cost."
    RATE_LIMITED = "RATE_LIMITED", "Too much in a short time; wait and try again."
    UNAVAILABLE = "UNAVAILABLE", "Not possible for the moment; try again shortly."
    COMMITTED = "COMMITTED", "The change was made, but its answer could not be read: read it, and do not send it again."
    INTERNAL = "INTERNAL", "A fault of ours; name the request id when you tell us."
