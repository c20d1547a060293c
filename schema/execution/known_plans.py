"""The short way for an operation whose plan is known and answers all of it: no GraphQL engine, one statement.

What it cannot do, or what fails on it, goes the long way through Strawberry, which words the errors. So the two ways
differ in speed alone; the tests of reads ask every document three times, and have come both ways by then.
"""

from itertools import chain
from typing import Any

import orjson
from graphql import GraphQLSchema
from graphql.execution import get_variable_values
from starlette.requests import Request
from starlette.responses import Response

from persistence.errors import Away, TooLong, TooSlow
from persistence.redis.persisted_documents import Documents
from schema.context import Context
from schema.execution.cost import CEILING
from schema.execution.executor import cost_report, read
from schema.execution.operation import Operation
from schema.execution.planner import KnownDocument, OperationPlan, Planner
from schema.http.negotiation import wanted
from schema.http.requests import Malformed, checked, read_json
from schema.metrics.queries import Passing

ASKED = {"query", "variables", "operationName", "documentId"}


class Shortcut:
    """`planner` knows the documents that went the long way, which validated them."""

    def __init__(self, schema: GraphQLSchema, planner: Planner) -> None:
        self.schema, self.planner = schema, planner

    async def answer(self, request: Request, context: Context, passing: Passing) -> Response | None:
        """None where the long way has to be taken."""
        found = self._known(await request.body(), context.services.documents)
        if found is None or context.identity is None:
            return None
        plan, variables, passing.document = found
        held = context.permissions
        if any(needed.permission and needed.permission not in held for needed in plan.requirements):
            return None
        assert plan.roots
        operation = Operation(plan, variables, requested=plan.cost.of(variables))
        budgets, account = context.services.budgets, context.identity.account_id
        if operation.requested > CEILING or (await budgets.spend(account, operation.requested)).wait:
            return None
        try:
            texts = await read(context, operation, plan.roots, variables)
        except Exception as error:  # noqa: BLE001 - told on the long way
            budgets.give_back(account, operation.requested)
            passing.failed = error if isinstance(error, Away | TooSlow | TooLong) else None  # not once more
            return None
        passing.way = "short"
        context.services.watch.plan_known.inc()
        extensions = {"requestId": context.request_id, "cost": await cost_report(context.services, account, operation)}
        parts = chain.from_iterable(zip(plan.leads, texts, strict=True))
        body = b"".join((b'{"data":{', *parts, b'},"extensions":', orjson.dumps(extensions), b"}"))
        media_type = wanted(request.headers.get("accept"))
        headers = {"x-request-id": context.request_id, "vary": "Accept"}
        return Response(body, 200, headers, f"{media_type}; charset=utf-8")

    def _known(self, body: bytes, documents: Documents) -> tuple[OperationPlan, dict[str, Any], str] | None:
        try:
            asked = checked(read_json(body, "The body"))
        except Malformed:
            return None
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
