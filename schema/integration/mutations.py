"""Destinations of a site, made, changed, deleted and tried."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from domain.access import Permission
from domain.integration import service
from domain.integration.work.test_connection import TEST_CONNECTION
from domain.publisher.forgetting import delete_integrations
from persistence.terms import IntegrationKind
from persistence.unit import Unit
from schema.context import Info
from schema.graph.entity import encoded, ref
from schema.integration.inputs import (
    CreateIntegrationInput,
    DeleteIntegrationsInput,
    TestConnectionInput,
    UpdateIntegrationInput,
)
from schema.integration.payloads import IntegrationPayload
from schema.integration.types import Integration
from schema.jobs.actions import starts
from schema.mutation import DeletePayload, create_one_once, given, id_argument, mutation

IntegrationId = Annotated[UUID, id_argument("Integration")]
IntegrationIds = Annotated[list[UUID], id_argument("Integration", many=True)]


def settings(input: CreateIntegrationInput | UpdateIntegrationInput) -> service.Given:
    """What is given, by kind of destination."""
    kinds: dict[IntegrationKind, Any] = {
        IntegrationKind.WORDPRESS: input.word_press,
        IntegrationKind.GHOST: input.ghost,
        IntegrationKind.FOLDER: input.folder,
        IntegrationKind.S3: input.s3,
        IntegrationKind.WEBHOOK: input.webhook,
    }
    return {kind: given(fields) for kind, fields in kinds.items() if fields is not None}


def looks(input: CreateIntegrationInput | UpdateIntegrationInput) -> dict[str, Any]:
    """How often it is looked at, and where to; what is absent is not there."""
    fields = {"sync_minutes": input.sync_minutes, "sync_sector_id": input.sync_sector_id}
    return {name: value for name, value in fields.items() if value is not strawberry.UNSET}


@strawberry.type
class IntegrationMutation:
    @mutation(Permission.MANAGE_SITES)
    async def create_integration(self, info: Info, input: CreateIntegrationInput) -> IntegrationPayload:
        """A destination of a site, by the settings of one kind. Try it with testConnection."""
        made: list[service.Kept] = []

        async def make(unit: Unit) -> UUID:
            roots = info.context.services.roots
            kept = await service.create_integration(
                unit, input.site_id, input.name, settings(input), looks(input), roots
            )
            made.append(kept)
            return kept.id

        id = await create_one_once(info, Integration, "createIntegration", input, make)
        return IntegrationPayload(integration=ref(Integration, id), signing_secret=made[-1].secret if made else None)

    @mutation(Permission.MANAGE_SITES)
    async def update_integration(
        self, info: Info, id: IntegrationId, input: UpdateIntegrationInput
    ) -> IntegrationPayload:
        """Only what is given changes; with other settings it is UNTESTED again. The kind never changes."""
        async with info.context.write() as unit:
            kept = await service.update_integration(
                unit, id, input.name, settings(input), looks(input), input.expected_version
            )
        return IntegrationPayload(integration=ref(Integration, id), signing_secret=kept.secret)

    @mutation(Permission.MANAGE_SITES, archived=True)
    async def delete_integrations(
        self, info: Info, ids: IntegrationIds, input: DeleteIntegrationsInput | None = None
    ) -> DeletePayload:
        """All or none; what is published there stays there."""
        async with info.context.write() as unit:
            deleted = await delete_integrations(unit, ids, cascade=bool(input and input.cascade))
        return DeletePayload(deleted_ids=encoded(Integration, deleted))

    test_connection = starts(
        TEST_CONNECTION,
        TestConnectionInput,
        "Looks at address, encryption, API, sign-in, rights, media and metas; Integration.checks says what it found.",
    )
