"""What the planner, writer, accounts, system and billing modules have to offer, and where each is and is tried.

`FIELDS`: model → its fields, as the schema has them. `OPERATIONS`: what may be done with a thing → the root fields that
do it, and the test that uses them.
"""

from pathlib import Path

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType

from schema import build_schema

TESTS = Path(__file__).parents[1]
CORE = build_schema()._schema

FIELDS = {
    "Account": "name slug owner plan credits.balance status",
    "User": "email account role firstName lastName isActive",
    "Plan": (
        "name slug maxUsers maxSites maxKeywords maxClusters maxContentIdeas maxAiRequestsPerMonth maxWordsPerMonth "
        "maxImagesPerMonth maxStorageBytes creditsPerMonth includedCredits effectiveCreditsPerMonth"
    ),
    "AccountLimit": "key used limit resetsAt",
    "Site": "account name slug domain industry isActive status integrations sectors createdAt updatedAt",
    "Sector": "site industrySector name slug isActive status",
    "Industry": "name slug sectors",
    "IndustrySector": "name slug industry",
    "SiteAccess": "site user grantedBy",
    "Session": "userAgent ip lastUsedAt expiresAt revokedAt",
    "ApiKey": "name permissions expiresAt lastUsedAt",
    "Invitation": "email role expiresAt acceptedAt",
    "Keyword": (
        "site sector keyword volume difficulty intent status cluster country language cpc source opportunity "
        "createdAt updatedAt"
    ),
    "Cluster": "site sector name description keywordsCount volume status keywords createdAt updatedAt",
    "Idea": (
        "site sector ideaTitle description contentType contentStructure targetKeywords cluster estimatedWordCount "
        "status"
    ),
    "Task": (
        "site sector title description cluster idea contentType contentStructure status keywords wordCount assignee "
        "dueAt"
    ),
    "Content": (
        "site sector task htmlContent wordCount status publishedAt publishedUrl metaTitle metaDescription "
        "primaryKeyword secondaryKeywords revisions taxonomyMap clusterMap attributeMap"
    ),
    "ContentTaxonomyMap": "content taxonomy",
    "ContentClusterMap": "content cluster role",
    "ContentAttributeMap": "content name value",
    "ContentRevision": "content number reason user htmlContent",
    "Taxonomy": "site parent taxonomyType name slug description",
    "Integration": "site kind name url config hasSecret status error capabilities checks checkedAt",
    "Publication": "content integration wantedStatus status publishAt publishedAt remoteId url records",
    "PublishingCalendar": "site timeZone slots maxPerDay pausedAt pausedBy version",
    "PublishingSlot": "day at",
    "PublishingRecord": "content integration action outcome remoteId url fields error createdAt",
    "Image": "site sector task content imageType prompt url status altText",
    "Prompt": "promptType promptValue functionName number isActive",
    "AiSettings": "integrationType config hasApiKey",
    "AuthorProfile": "name description tone language",
    "Strategy": "name description sector promptTypes sectionLogic isActive",
    "CreditTransaction": "transactionType amount balanceAfter description",
    "CreditUsageLog": "operationType creditsUsed costUsd details",
    "AuditEvent": "actor action entity before after createdAt",
}
FILTERS = {
    "KeywordFilter": "search fullText status clusterId intent difficulty volume opportunity",
    "TaskFilter": "search status clusterId contentType contentStructure assigneeId dueAt",
    "ClusterFilter": "search status sectorId",
    "IdeaFilter": "search status clusterId contentType contentStructure",
    "ContentFilter": "search status taskId clusterId",
    "ImageFilter": "imageType status contentId taskId",
}
ORDERS = {
    "KeywordOrderField": "CREATED_AT VOLUME DIFFICULTY OPPORTUNITY",
    "TaskOrderField": "TITLE CREATED_AT WORD_COUNT STATUS DUE_AT",
    "ClusterOrderField": "NAME VOLUME KEYWORDS_COUNT CREATED_AT",
}
OPERATIONS = {
    "keywords: list, one": ("keywords keyword", "schema/test_planner.py"),
    "keywords: create, update, delete": (
        "createKeyword createKeywords updateKeyword deleteKeywords",
        "schema/test_planner.py",
    ),
    "keywords: bulk_update_status": ("bulkUpdateKeywords moveKeywords", "schema/test_planner.py"),
    "keywords: auto_cluster": ("clusterKeywords", "schema/test_road.py"),
    "keywords: import_csv": ("importKeywords importKeywordsText", "schema/test_import.py"),
    "keywords: export_csv": ("exportKeywords exportClusters exportIdeas", "schema/test_exports.py"),
    "clusters": ("cluster createCluster deleteClusters mergeClusters splitCluster", "schema/test_planner.py"),
    "clusters: many": ("clusters createClusters updateCluster bulkUpdateClusters", "schema/test_isolation.py"),
    "clusters: auto_generate_ideas": ("generateIdeas", "schema/test_road.py"),
    "ideas": ("idea createIdea createIdeas updateIdea bulkUpdateIdeas deleteIdeas", "schema/test_planner.py"),
    "tasks": ("tasks createTask createTasks updateTask bulkUpdateTasks deleteTasks", "schema/test_writer.py"),
    "tasks: from ideas": ("createTasksFromIdeas", "schema/test_planner.py"),
    "tasks: auto_generate_content": ("generateContent", "schema/test_road.py"),
    "content": (
        "content contents createContent updateContent bulkUpdateContents deleteContents",
        "schema/test_writer.py",
    ),
    "content: revisions": ("contentDiff restoreRevision", "schema/test_writer.py"),
    "content: maps": (
        "setContentTaxonomies setContentClusters setContentAttributes createTaxonomy updateTaxonomy deleteTaxonomies "
        "taxonomy",
        "schema/test_writer.py",
    ),
    "content: cannibalisation": ("cannibalisation", "schema/test_writer.py"),
    "content: preview": ("contentPreview", "schema/test_downloads.py"),
    "images": ("images createImage updateImage deleteImages", "schema/test_writer.py"),
    "integrations: lists": (
        "integrations publications publishingRecords publication syncRuns syncConflicts",
        "schema/test_isolation.py",
    ),
    "integrations": (
        "integration createIntegration updateIntegration deleteIntegrations",
        "publishing/test_integrations.py",
    ),
    "integrations: test_connection": ("testConnection", "publishing/test_integrations.py"),
    "publisher: publish": ("publishContent unpublishContent revertPublication", "publishing/test_publishing.py"),
    "integrations: sync": (
        "syncIntegration syncRun syncConflict resolveConflict integrationHealth",
        "publishing/test_sync.py",
    ),
    "publisher: calendar": ("scheduleContent updatePublishingCalendar", "publishing/test_calendar.py"),
    "publisher: pausing": ("pausePublishing resumePublishing", "publishing/test_pausing.py"),
    "integrations: import_site": ("importSite", "publishing/test_import_site.py"),
    "publisher: check_readiness": ("publishReadiness", "publishing/test_publishing.py"),
    "images: generate_images": ("generateImagePrompts generateImages", "schema/test_estimate.py"),
    "accounts": ("account updateAccount cancelAccount", "schema/test_people.py"),
    "users": ("updateUser updateProfile setRole deleteUsers transferOwnership", "schema/test_people.py"),
    "users: invitations": ("inviteUser resendInvitation revokeInvitations acceptInvitation", "schema/test_people.py"),
    "users: passwords and addresses": (
        "changePassword requestPasswordReset resetPassword requestEmailVerification verifyEmail requestEmailChange "
        "changeEmail",
        "schema/test_people.py",
    ),
    "users: sessions": ("sessions revokeSessions revokeOtherSessions", "schema/test_people.py"),
    "users: API keys": ("apiKeys createApiKey revokeApiKeys", "schema/test_people.py"),
    "site access": ("grantSiteAccess revokeSiteAccess", "schema/test_people.py"),
    "plans": ("plans createPlan updatePlan setAccountPlan", "schema/test_people.py"),
    "sites and sectors": ("sites updateSite deleteSites updateSector deleteSectors", "schema/test_people.py"),
    "industries": (
        "industries createIndustry updateIndustry createIndustrySector updateIndustrySector",
        "schema/test_people.py",
    ),
    "statuses": ("setAccountStatus accountSummaries", "schema/test_people.py"),
    "prompts": ("createPrompt activatePrompt resetPrompt prompts promptTemplates", "schema/test_system.py"),
    "prompts: preview": ("promptPreview", "schema/test_settings.py"),
    "author profiles": ("createAuthorProfile updateAuthorProfile deleteAuthorProfiles", "schema/test_system.py"),
    "strategies": ("createStrategy updateStrategy deleteStrategies", "schema/test_system.py"),
    "integration settings": ("aiSettings updateAiSettings", "schema/test_system.py"),
    "integration settings: test_openai, test_runware, generate_image": (
        "testAiProvider testImage",
        "schema/test_settings.py",
    ),
    "integration settings: task_progress": ("jobProgress", "client.py"),
    "settings": ("systemSettings updateSystemSettings", "schema/test_settings.py"),
    "credit transactions, usage, adjustments": (
        "creditTransactions creditUsage creditUsageLogs",
        "schema/test_settings.py",
    ),
    "credits: adjustments": ("adjustCredits", "schema/test_people.py"),
    "activity": ("auditEvents", "schema/test_settings.py"),
}


@pytest.mark.parametrize("kind", [*FIELDS, *FILTERS])
def test_every_field_is_there(kind: str) -> None:
    for path in {**FIELDS, **FILTERS}[kind].split():
        at: object = CORE.type_map[kind]
        for name in path.split("."):
            assert isinstance(at, GraphQLObjectType | GraphQLInputObjectType)
            assert name in at.fields, f"{kind}.{path}"
            at = getattr(at.fields[name].type, "of_type", at.fields[name].type)


@pytest.mark.parametrize("kind", ORDERS)
def test_every_order_is_there(kind: str) -> None:
    assert set(ORDERS[kind].split()) <= set(CORE.type_map[kind].values)  # type: ignore[attr-defined]


@pytest.mark.parametrize("what", OPERATIONS)
def test_every_operation_is_there_and_is_tried(what: str) -> None:
    names, file = OPERATIONS[what]
    roots = {
        name
        for root in (CORE.query_type, CORE.mutation_type, CORE.subscription_type)
        for name in (root.fields if root else ())
    }
    text = (TESTS / file).read_text()
    for name in names.split():
        assert name in roots, f"{what}: there is no {name}"
        # The walk over the schema calls every root field there is.
        assert file == "schema/test_isolation.py" or name in text, f"{what}: {file} does not use {name}"


def test_no_mutation_is_left_out() -> None:
    named = {name for names, _ in OPERATIONS.values() for name in names.split()}
    elsewhere = {
        "signUp", "signIn", "refreshSession", "signOut", "createSite", "createSector", "nameClusters", "classifyIntent",
        "cancelJob", "retryJob",
    }  # fmt: skip
    assert CORE.mutation_type
    assert set(CORE.mutation_type.fields) - named - elsewhere == set()
