"""How an operation is answered that has a plan: by these lines, whichever way the plan was found."""

from typing import Any

import orjson

from persistence.graph.compiler import Plan
from persistence.graph.measure import LONGEST, ROOM
from persistence.graph.reading import read_plan
from schema.context import Context
from schema.execution.cost import check_balance, check_ceiling, counted, spent
from schema.execution.operation import Operation, forbidden, refuse_forbidden
from schema.execution.planner import OperationPlan


def authorise(context: Context, plan: OperationPlan) -> None:
    """UNAUTHENTICATED where somebody has to be signed in; FORBIDDEN."""
    if plan.people and context.identity and context.identity.is_api_key:
        raise forbidden(f"{plan.people[-1]} is not for API keys: sign in.", plan.people)
    if plan.requirements:
        refuse_forbidden(plan, context.permissions)


def check_cost(operation: Operation) -> None:
    """LIMIT_REACHED for what nobody may ask at once."""
    operation.requested = operation.plan.cost.of(operation.variables)
    check_ceiling(operation.requested)


async def spend(context: Context, operation: Operation) -> None:
    """Its cost, before anything is executed; of whom nobody knows yet nothing is counted. RATE_LIMITED too."""
    check_cost(operation)
    if context.identity:
        account = context.identity.account_id
        check_balance(operation.requested, await context.services.query_budgets.spend(account, operation.requested))
        operation.payer = account


async def read(context: Context, operation: Operation, plan: Plan, variables: dict[str, Any]) -> tuple[bytes, ...]:
    """What a plan answers, counted. Of what may be long one after another, each with the room that is left."""
    database, prepare = context.services.database, operation.plan.prepare
    if plan.measured:
        async with operation.reading:
            room = {ROOM: LONGEST - operation.sent}
            texts = await read_plan(database, context.scope(), plan, {**variables, **room}, prepare=prepare)
            operation.sent += sum(map(len, texts))
    else:
        texts = await read_plan(database, context.scope(), plan, variables, prepare=prepare)
        operation.sent += sum(map(len, texts))
    operation.actual += counted(texts, operation.requested)
    return texts


async def read_whole(context: Context, operation: Operation) -> orjson.Fragment:
    """The `data` of an operation all of whose roots are graph data, as it stands in the answer."""
    plan = operation.plan
    assert plan.roots
    texts = await read(context, operation, plan.roots, operation.variables)
    parts = (part for lead, text in zip(plan.leads, texts, strict=True) for part in (lead, text))
    return orjson.Fragment(b"".join((b"{", *parts, b"}")))


async def extensions_of(context: Context, operation: Operation | None) -> dict[str, Any]:
    """The request's id, and the cost of what was begun.

    It ends the count: what was asked for and did not come is given back, what came and is long is paid for.
    """
    found: dict[str, Any] = {"requestId": context.request_id}
    if operation and operation.payer:
        budgets, metrics = context.services.query_budgets, context.services.metrics
        actual = spent(operation.requested, operation.actual, operation.sent)
        metrics.objects.inc(actual)
        found["cost"] = {
            "requested": operation.requested,
            "actual": actual,
            "available": await budgets.settle(operation.payer, operation.requested, actual),
            "max": budgets.most,
            "restoreRate": budgets.rate,
        }
    return found
