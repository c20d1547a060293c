"""Operations whose plan is known and answers all of them: one statement, without the GraphQL engine."""

from typing import Any

from graphql import GraphQLSchema
from graphql.execution import get_variable_values
from strawberry.types import ExecutionResult

from persistence.redis.persisted_documents import Documents
from schema.context import Context
from schema.errors import told
from schema.execution.answering import authorise, extensions_of, read_whole, spend
from schema.execution.operation import Operation
from schema.execution.planner import KnownDocument, OperationPlan, Planner

ASKED = {"query", "variables", "operationName", "documentId"}


class KnownPlans:
    """`planner` knows the documents that the engine has run, and so validated."""

    def __init__(self, schema: GraphQLSchema, planner: Planner) -> None:
        self.schema, self.planner = schema, planner

    async def answer(self, asked: dict[str, Any], context: Context) -> ExecutionResult | None:
        """None of what the engine has to run, or to refuse."""
        found = self._known(asked, context.services.documents)
        if found is None or context.identity is None:
            return None
        plan, variables, document = found
        context.services.metrics.plan_known.inc()
        if context.record:
            context.record.known(document)
        operation = Operation(plan, variables)
        data, errors = None, None
        try:
            authorise(context, plan)
            await spend(context, operation)
            data = await read_whole(context, operation)
        except Exception as error:  # noqa: BLE001 - told to the client, and in the log where it is a fault
            errors = [told(error, context)]
        extensions = await extensions_of(context, operation)
        return ExecutionResult(data=data, errors=errors, extensions=extensions)  # type: ignore[arg-type]  # finished JSON

    def _known(self, asked: dict[str, Any], documents: Documents) -> tuple[OperationPlan, dict[str, Any], str] | None:
        if not ASKED.issuperset(asked):
            return None
        query = asked.get("query")
        if "documentId" in asked:
            if query is not None:
                return None
            query = documents.here(asked["documentId"])
        document = self.planner.known(query, asked.get("operationName"))
        if document is None or query is None:
            return None
        variables = self._coerced(document, asked.get("variables") or {})
        plan = document.tree.find(variables) if variables is not None else None
        return (plan, variables, query) if plan and variables is not None and plan.whole else None

    def _coerced(self, document: KnownDocument, given: dict[str, Any]) -> dict[str, Any] | None:
        if not document.definitions:
            return {}
        values = get_variable_values(self.schema, document.definitions, given)
        return None if isinstance(values, list) else dict(values.coerced)
