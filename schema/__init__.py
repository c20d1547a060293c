"""The GraphQL schema; build_schema is the only place that assembles it."""

from collections.abc import Iterator

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import get_object_definition

import schema.graph.enums  # noqa: F401 - registers the enums
from schema.accounts.mutations import AccountsMutation
from schema.accounts.queries import ROOTS as ACCOUNTS
from schema.accounts.queries import StaffQuery
from schema.auth.mutations import AuthMutation
from schema.auth.queries import AuthQuery
from schema.billing.queries import ROOTS as BILLING
from schema.billing.queries import BillingQuery
from schema.errors import Errors
from schema.events.subscriptions import EventsSubscription
from schema.execution.document_limits import LIMITS
from schema.execution.executor import Executor, Planned
from schema.execution.planned_schema import PlannedSchema
from schema.execution.planner import Planner, Rules
from schema.exports import export_query
from schema.graph.descriptions import describe
from schema.graph.entity import bind, entity_permissions
from schema.graph.fields import ForPeople, Requires, require_read
from schema.graph.roots import NODES, query_type, root_specs
from schema.graph.scalars import SCALARS
from schema.integration.mutations import IntegrationMutation
from schema.integration.queries import ROOTS as INTEGRATION
from schema.jobs.estimates import estimate_query
from schema.jobs.mutations import JobsMutation
from schema.jobs.queries import ROOTS as JOBS
from schema.jobs.subscriptions import JobsSubscription
from schema.metrics.queries import MetricsQuery
from schema.planner.mutations import PlannerMutation
from schema.planner.queries import ROOTS as PLANNER
from schema.publisher.mutations import PublisherMutation
from schema.publisher.queries import ROOTS as PUBLISHER
from schema.publisher.queries import PublisherQuery
from schema.system.mutations import SystemMutation
from schema.system.queries import ROOTS as SYSTEM
from schema.system.queries import SystemQuery
from schema.writer.mutations import WriterMutation
from schema.writer.queries import ROOTS as WRITER
from schema.writer.queries import PreviewQuery

ROOTS = {**NODES, **ACCOUNTS, **PLANNER, **WRITER, **SYSTEM, **JOBS, **BILLING, **INTEGRATION, **PUBLISHER}
PLAIN = (AuthQuery, SystemQuery, estimate_query(), PreviewQuery, MetricsQuery, StaffQuery, BillingQuery, PublisherQuery)
WITHOUT_SESSION = (
    "signUp",
    "signIn",
    "refreshSession",
    "requestPasswordReset",
    "resetPassword",
    "verifyEmail",
    "changeEmail",
    "acceptInvitation",
)
GUARDED = frozenset((*WITHOUT_SESSION, "changePassword", "requestEmailChange"))
PUBLIC = frozenset(("Mutation", name) for name in WITHOUT_SESSION)


@strawberry.type
class Mutation(
    AuthMutation,
    AccountsMutation,
    PlannerMutation,
    WriterMutation,
    IntegrationMutation,
    PublisherMutation,
    SystemMutation,
    JobsMutation,
):
    """Changes. What a caller can put right comes as userErrors of the payload, all or nothing.

    Of what takes a password, or a token of a letter or a session, an operation may have one.
    """


@strawberry.type
class Subscription(JobsSubscription, EventsSubscription):
    """What changes while one listens."""


def build_schema(*, closed: bool = False) -> PlannedSchema:
    """`closed`: who is not signed in may not look at it."""
    registry = bind()
    query = query_type(ROOTS, registry, (*PLAIN, export_query(registry)))
    require_read(query, "viewer")  # who one is, and what one may do, whoever asks may know of themselves
    require_read(Subscription)
    made = PlannedSchema(
        query=query,
        mutation=Mutation,
        subscription=Subscription,
        types=[b.cls for b in registry.bindings.values()],
        extensions=[Errors, *LIMITS, lambda: Planned(made.planner)],
        execution_context_class=Executor,
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    rules = Rules(
        root_specs(ROOTS, registry),
        {key: found.permission for key, found in _directives(made) if isinstance(found, Requires)},
        entity_permissions(registry),
        PUBLIC,
        frozenset(key for key, found in _directives(made) if isinstance(found, ForPeople)),
        GUARDED,
        closed,
    )
    describe(made)
    made.planner = Planner(made._schema, registry.graph, rules)
    return made


def _directives(schema: strawberry.Schema) -> Iterator[tuple[tuple[str, str], object]]:
    """(type, field) and what the SDL shows beside it."""
    for kind in schema.schema_converter.type_map.values():
        definition = get_object_definition(getattr(kind.definition, "origin", None))
        if definition is None:
            continue
        for field in definition.fields:
            name = schema.config.name_converter.get_graphql_name(field)
            yield from (((definition.name, name), directive) for directive in field.directives)
