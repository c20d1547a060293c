"""Strawberry's schema with the planner of its operations."""

from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.graphql import OperationType

from schema.errors import log_faults
from schema.execution.planner import Planner


class PlannedSchema(strawberry.Schema):
    planner: Planner

    async def execute(self, *given: Any, **named: Any) -> ExecutionResult:
        """One answer: of a subscription there are many."""
        allowed = set(named.get("allowed_operation_types") or OperationType) - {OperationType.SUBSCRIPTION}
        return await super().execute(*given, **{**named, "allowed_operation_types": allowed})

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        log_faults(errors, execution_context.context if execution_context else None)
