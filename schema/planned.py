"""Strawberry's schema with the planner of its operations."""

import strawberry
from graphql import GraphQLError
from strawberry.types import ExecutionContext

from schema.errors import log_faults
from schema.planning import Planner


class PlannedSchema(strawberry.Schema):
    planner: Planner

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        log_faults(errors, execution_context.context if execution_context else None)
