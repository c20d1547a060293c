"""Runs an operation by its plan: permissions first, then graph data in one statement, then the rest by graphql-core."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLError, GraphQLSchema
from graphql import OperationType as GraphQLOperation
from graphql.execution import get_variable_values
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.graphql import OperationType

from domain.errors import DomainError, too_long
from persistence.errors import TooLong
from persistence.terms import ErrorCode
from schema.context import Context
from schema.execution.answering import authorise, check_cost, extensions_of, read, read_whole, spend
from schema.execution.operation import Operation, begin, current
from schema.execution.planner import IDS, Planner
from schema.graph.entity import Ref


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Takes an already shaped JSON value as complete, and an entity's reference as something to read back."""

    def complete_value(
        self, return_type: Any, field_details_list: Any, info: Any, path: Any, result: Any, position_context: Any
    ) -> Any:
        if isinstance(result, orjson.Fragment):
            return result
        if isinstance(result, Ref):
            committed = info.operation.operation is GraphQLOperation.MUTATION
            return read_back(info.context, path.as_list(), result, committed=committed)
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)


async def read_back(context: Context, path: list[str | int], ref: Ref, *, committed: bool) -> orjson.Fragment:
    """The entity as it is now, in the caller's scope; COMMITTED when it cannot be read after a change was made."""
    operation = current()
    plan = operation.plan.readbacks[tuple(part for part in path if isinstance(part, str))]
    try:
        (value,) = await read(context, operation, plan, {**operation.variables, IDS: list(ref.ids)})
    except TooLong as error:
        known = too_long(error.size, error.most)
        if not committed:
            raise known from error
        raise DomainError(ErrorCode.COMMITTED, f"It is done, but was not read back. {known.message}") from error
    except Exception as error:
        if not committed:
            raise
        raise DomainError(ErrorCode.COMMITTED, "It is done, but reading it back failed. Read it by its id.") from error
    return orjson.Fragment(value)


class Planned(SchemaExtension):
    """Plans every operation before it executes, and may set its whole result."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self.operation: Operation | None = None

    async def on_execute(self) -> AsyncIterator[None]:
        execution = self.execution_context
        try:
            await self._plan()
        except Exception as error:
            if execution.operation_type is OperationType.SUBSCRIPTION:
                raise
            # Raised, it would pass by the extension that masks errors.
            known = error if isinstance(error, GraphQLError) else GraphQLError(str(error), original_error=error)
            execution.result = ExecutionResult(data=None, errors=[known])
        yield

    async def _plan(self) -> None:
        execution = self.execution_context
        variables = coerced(self.planner.schema, execution)
        if variables is None:
            return
        assert execution.query
        assert execution.graphql_document
        _refuse_unnamed(execution)
        made = self.planner.made
        plan = self.planner.plan(execution.query, execution.operation_name, execution.graphql_document, variables)
        result = "known" if self.planner.made == made else "made" if plan.prepare else "unkept"
        execution.context.services.metrics.plans.labels(result).inc()
        self.planner.remember(
            execution.query, execution.operation_name, execution._provided_operation_name, execution.graphql_document
        )
        authorise(execution.context, plan)
        operation = self.operation = Operation(plan, variables)
        begin(operation)
        if execution.operation_type is OperationType.SUBSCRIPTION:
            check_cost(operation)
        else:
            await spend(execution.context, operation)
        if execution.operation_type is OperationType.QUERY and plan.requirements and not plan.roots:
            await execution.context.services.database.read(execution.context.scope(), "select 1", [])
        if plan.whole:
            data: Any = await read_whole(execution.context, operation)
            execution.result = ExecutionResult(data=data, errors=None)
        elif plan.roots:
            execution.root_value = await self._materialised(operation)

    async def get_results(self) -> dict[str, Any]:
        return await extensions_of(self.execution_context.context, self.operation)

    async def _materialised(self, operation: Operation) -> dict[str, orjson.Fragment]:
        roots = operation.plan.roots
        assert roots
        texts = await read(self.execution_context.context, operation, roots, operation.variables)
        return {key: orjson.Fragment(text) for key, text in zip(roots.keys, texts, strict=True)}


def coerced(schema: GraphQLSchema, execution: Any) -> dict[str, Any] | None:
    """The operation's variables; None when they are wrong, which graphql-core then reports."""
    definitions = _definitions(execution)
    if not definitions:
        return {}
    values = get_variable_values(schema, definitions, execution.variables or {})
    return None if isinstance(values, list) else dict(values.coerced)


def _refuse_unnamed(execution: Any) -> None:
    """Strawberry would take the first of several operations."""
    operations = [d for d in execution.graphql_document.definitions if d.kind == "operation_definition"]
    if len(operations) > 1 and execution._provided_operation_name is None:
        raise GraphQLError("The document has several operations: name one as operationName.")


def _definitions(execution: Any) -> Any:
    for node in execution.graphql_document.definitions:
        if node.kind == "operation_definition" and (
            execution.operation_name is None or (node.name and node.name.value == execution.operation_name)
        ):
            return node.variable_definitions
    return ()
