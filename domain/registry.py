"""All kinds of background work: one line each."""

from collections.abc import Callable
from typing import Any

from domain.ai.answers import Answer
from domain.ai.function import AiFunction
from domain.functions import Function
from domain.integration.work.test_connection import TEST_CONNECTION
from domain.mail.work.send_mail import SEND_MAIL
from domain.planner.work.classify_intent import CLASSIFY_INTENT
from domain.planner.work.cluster_keywords import CLUSTER_KEYWORDS
from domain.planner.work.generate_ideas import GENERATE_IDEAS
from domain.planner.work.import_keywords import IMPORT_KEYWORDS
from domain.planner.work.name_clusters import NAME_CLUSTERS
from domain.publisher.work.hold_publications import HOLD_PUBLICATIONS
from domain.publisher.work.import_site import IMPORT_SITE
from domain.publisher.work.publish_content import PUBLISH_CONTENT
from domain.publisher.work.publish_due import PUBLISH_DUE
from domain.publisher.work.revert_publication import REVERT_PUBLICATION
from domain.publisher.work.schedule_content import SCHEDULE_CONTENT
from domain.publisher.work.sync_integration import SYNC_INTEGRATION
from domain.publisher.work.unpublish_content import UNPUBLISH_CONTENT
from domain.system.work.test_ai_provider import TEST_AI_PROVIDER
from domain.system.work.test_image import TEST_IMAGE
from domain.writer.work.generate_content import GENERATE_CONTENT
from domain.writer.work.generate_image_prompts import GENERATE_IMAGE_PROMPTS
from domain.writer.work.generate_images import GENERATE_IMAGES
from persistence.terms import JobKind, PromptType

_ALL: tuple[Function, ...] = (
    IMPORT_KEYWORDS,
    CLUSTER_KEYWORDS,
    NAME_CLUSTERS,
    CLASSIFY_INTENT,
    GENERATE_IDEAS,
    GENERATE_CONTENT,
    GENERATE_IMAGE_PROMPTS,
    GENERATE_IMAGES,
    SEND_MAIL,
    TEST_AI_PROVIDER,
    TEST_IMAGE,
    TEST_CONNECTION,
    PUBLISH_CONTENT,
    SCHEDULE_CONTENT,
    UNPUBLISH_CONTENT,
    REVERT_PUBLICATION,
    PUBLISH_DUE,
    HOLD_PUBLICATIONS,
    SYNC_INTEGRATION,
    IMPORT_SITE,
)
FUNCTIONS: dict[JobKind, Function] = {function.kind: function for function in _ALL}
AI_FUNCTIONS: dict[PromptType, AiFunction[Any, Any, Any]] = {
    function.template.function: function for function in _ALL if isinstance(function, AiFunction)
}
# What answers without a model, by the name that its requests say.
OFFLINE: dict[str, Callable[[Any], Answer]] = {
    function.kind.value: maker for function in _ALL if (maker := getattr(function, "offline", None))
}
