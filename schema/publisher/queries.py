"""Reads of publications and their records; and whether contents may go out."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry

from domain.access import Permission
from domain.publisher.health import health_of
from domain.publisher.readiness import readiness_of
from persistence.terms import ReadinessProblem
from schema.context import Info
from schema.graph.entity import ref
from schema.graph.roots import RootPart, by_id, listed
from schema.integration.types import Integration
from schema.mutation import UserError, id_argument, payload_field
from schema.publisher.types import Publication, PublishingRecord, SyncConflict
from schema.writer.types import Content

ROOTS: dict[str, RootPart] = {
    "publication": by_id(Publication),
    "publications": listed(Publication),
    "publishingRecord": by_id(PublishingRecord),
    "publishingRecords": listed(PublishingRecord),
    "syncConflict": by_id(SyncConflict),
    "syncConflicts": listed(SyncConflict),
}


@strawberry.type(description="Something in the way of publishing a content, or to be known before.")
class PublishProblem:
    code: ReadinessProblem = strawberry.field(description="For programs.")
    message: str = strawberry.field(description="For people.")
    blocks: bool = strawberry.field(description="Whether it has to be put right before it can be PUBLISHED.")


@strawberry.type(description="Whether a content may be published at an integration now.")
class PublishReadiness:
    content: Content = strawberry.field(description="The content that was looked at.")
    ready: bool = strawberry.field(description="Whether nothing blocks.")
    problems: list[PublishProblem] = strawberry.field(description="What is in the way, and what is to be known.")


@strawberry.type
class PublishReadinessPayload:
    readiness: list[PublishReadiness] | None = strawberry.field(
        description="In the order of the ids; null when userErrors says why not.", default=None
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type(description="How an integration fares: what it does by itself, and what waits for somebody.")
class IntegrationHealth:
    integration: Integration = strawberry.field(description="Which one.")
    last_success: datetime | None = strawberry.field(description="When all that is there was last looked at.")
    lag: int | None = strawberry.field(description="Seconds since then.")
    drift: int = strawberry.field(description="Publications that are not there as they should be.")
    conflicts: int = strawberry.field(description="Fields changed on both sides, which wait for resolveConflict.")
    failures: int = strawberry.field(description="Looks that failed since the last success, and failed publications.")
    next_run: datetime | None = strawberry.field(description="When it is looked at next; null for not by itself.")


@strawberry.type
class IntegrationHealthPayload:
    health: IntegrationHealth | None = strawberry.field(description="Null when userErrors says why not.", default=None)
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class PublisherQuery:
    @payload_field(Permission.READ, "What an integration does by itself, and what waits for somebody.")
    async def integration_health(
        self, info: Info, id: Annotated[UUID, id_argument("Integration", "Whose.")]
    ) -> IntegrationHealthPayload:
        async with info.context.services.units(info.context.scope()) as unit:
            found = await health_of(unit, id)
        return IntegrationHealthPayload(
            health=IntegrationHealth(
                integration=ref(Integration, found.integration_id),
                last_success=found.last_success,
                lag=found.lag,
                drift=found.drift,
                conflicts=found.conflicts,
                failures=found.failures,
                next_run=found.next_run,
            )
        )

    @payload_field(Permission.READ, "What publishContent would say of these contents, before it is asked.")
    async def publish_readiness(
        self,
        info: Info,
        content_ids: Annotated[list[UUID], id_argument("Content", "Up to 1,000 contents.", many=True)],
        integration_id: Annotated[UUID, id_argument("Integration", "Where they would go.")],
    ) -> PublishReadinessPayload:
        async with info.context.services.units(info.context.scope()) as unit:
            found = await readiness_of(unit, content_ids, integration_id)
        return PublishReadinessPayload(
            readiness=[
                PublishReadiness(
                    content=ref(Content, each.content_id),
                    ready=each.ready,
                    problems=[PublishProblem(code=p.code, message=p.message, blocks=p.blocks) for p in each.problems],
                )
                for each in found
            ]
        )
