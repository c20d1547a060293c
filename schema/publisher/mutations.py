"""Contents put to destinations, taken away and brought back; each is a job."""

import strawberry

from domain.publisher.work.publish_content import PUBLISH_CONTENT
from domain.publisher.work.revert_publication import REVERT_PUBLICATION
from domain.publisher.work.unpublish_content import UNPUBLISH_CONTENT
from schema.jobs.actions import starts
from schema.publisher.inputs import PublishContentInput, RevertPublicationInput, UnpublishContentInput


@strawberry.type
class PublisherMutation:
    publish_content = starts(
        PUBLISH_CONTENT,
        PublishContentInput,
        "Each content once at the integration, as it is now; what is there already is brought to it.",
    )
    unpublish_content = starts(
        UNPUBLISH_CONTENT,
        UnpublishContentInput,
        "Into the destination's trash; back to a draft where it has none, as Ghost: Publication.status says which. "
        "What is live nowhere any more is APPROVED again.",
    )
    revert_publication = starts(
        REVERT_PUBLICATION,
        RevertPublicationInput,
        "What is there says again what an earlier revision said; the content itself stays as it is.",
    )
