"""Runs an operation by its plan: permissions first, then graph data in one statement, then the rest by graphql-core."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLError, GraphQLSchema
from graphql.execution import get_variable_values
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from domain.errors import DomainError
from persistence.graph.compiler import Plan
from persistence.terms import ErrorCode
from schema.context import Context
from schema.entity import Ref
from schema.operation import Operation, begin, current
from schema.planner import IDS, OperationPlan, Planner


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Takes an already shaped JSON value as complete, and an entity's reference as something to read back."""

    def complete_value(
        self, return_type: Any, field_details_list: Any, info: Any, path: Any, result: Any, position_context: Any
    ) -> Any:
        if isinstance(result, orjson.Fragment):
            return result
        if isinstance(result, Ref):
            return read_back(info.context, path.as_list(), result)
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)


async def read_back(context: Context, path: list[str | int], ref: Ref) -> orjson.Fragment:
    """The entity as it is now, in the caller's scope; COMMITTED when it cannot be read."""
    operation = current()
    plan = operation.plan.readbacks[tuple(part for part in path if isinstance(part, str))]
    try:
        (value,) = await _read(context, plan, {**operation.variables, IDS: list(ref.ids)}, prepare=operation.plan.prepare)
    except Exception as error:
        if context.identity is None or context.websocket:
            raise
        raise DomainError(ErrorCode.COMMITTED, "It is done, but reading it back failed. Read it by its id.") from error
    return orjson.Fragment(value)


async def _read(context: Context, plan: Plan, variables: dict[str, Any], *, prepare: bool) -> tuple[str, ...]:
    return await context.services.database.read(context.scope(), plan.sql, plan.values(variables), prepare=prepare)


def planned(planner: Planner) -> type[SchemaExtension]:
    """The extension that plans every operation; on_execute may set the whole result."""

    class Planned(SchemaExtension):
        async def on_execute(self) -> AsyncIterator[None]:  # type: ignore[override]
            execution, context = self.execution_context, self.execution_context.context
            document, query = execution.graphql_document, execution.query
            assert document and query
            variables = coerced(planner.schema, execution)
            if variables is not None:
                plan = planner.plan(query, execution.operation_name, document, variables)
                authorise(context, plan)
                operation = Operation(plan, variables)
                begin(operation)
                if plan.roots:
                    texts = await _read(context, plan.roots, variables, prepare=plan.prepare)
                    pairs = zip(plan.roots.keys, texts, strict=True)
                    operation.materialised = {key: orjson.Fragment(text) for key, text in pairs}
                    if plan.whole:
                        execution.result = ExecutionResult(data=dict(operation.materialised), errors=None)
            yield

    return Planned


def coerced(schema: GraphQLSchema, execution: Any) -> dict[str, Any] | None:
    """The operation's variables; None when they are wrong, which graphql-core then reports."""
    definitions = _definitions(execution)
    if not definitions:
        return {}
    values = get_variable_values(schema, definitions, execution.variables or {})
    return None if isinstance(values, list) else dict(values.coerced)


def _definitions(execution: Any) -> Any:
    for node in execution.graphql_document.definitions:
        if node.kind == "operation_definition" and (
            execution.operation_name is None or (node.name and node.name.value == execution.operation_name)
        ):
            return node.variable_definitions
    return ()


def authorise(context: Context, plan: OperationPlan) -> None:
    """One forbidden field refuses the operation."""
    for requirement in plan.requirements:
        held = context.permissions
        if requirement.permission and requirement.permission not in held:
            name = requirement.path[-1]
            raise GraphQLError(
                f"{name} needs the permission {requirement.permission.value}.",
                extensions={
                    "code": ErrorCode.FORBIDDEN.value,
                    "permission": requirement.permission.value,
                    "field": ".".join(requirement.path),
                },
            )
