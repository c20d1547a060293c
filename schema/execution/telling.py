"""How a subscription's values are told: as one text for all who ask for the same scalars, or by the engine."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from functools import partial
from typing import Any, TypeVar

import orjson

from domain.errors import DomainError
from persistence.errors import AccountCancelled, SessionEnded
from persistence.redis.query_budget import Balance
from schema.context import Context
from schema.execution.cost import check_balance, spent
from schema.execution.operation import Telling, current
from schema.execution.planner import Leaves

T = TypeVar("T")
R = TypeVar("R")
Shown = Mapping[str, Callable[[T], object]]  # by GraphQL name


async def tell(
    context: Context, values: AsyncGenerator[T], shown: Shown[T], whole: Callable[[T], R]
) -> AsyncIterator[R]:
    """Where scalars alone are asked for, the transport tells all who ask the same with one text, and nothing is left
    for the engine. What reads rows itself spends the account's budget with each value, and waits for it.
    """
    operation = current()
    if operation.plan.leaves:
        operation.telling = Telling(values, partial(text_of, shown, operation.plan.leaves))
        return
    budgets, account = context.services.query_budgets, context.caller.account_id
    if operation.requested > budgets.most:
        wait = (operation.requested - budgets.most) / budgets.rate
        check_balance(operation.requested, Balance(budgets.most, wait))
    async with aclosing(values):
        async for value in values:
            while wait := (await budgets.spend(account, operation.requested)).wait:  # noqa: ASYNC110 - time restores it
                await asyncio.sleep(wait)
            operation.actual = operation.sent = 0
            context.services.metrics.values.inc()
            yield whole(value)
            used = spent(operation.requested, operation.actual, operation.sent)
            await budgets.settle(account, operation.requested, used)


async def read(context: Context, sql: str, values: list[Any]) -> tuple[Any, ...]:
    """A row under the caller's scope: so a session that has ended is noticed here, and its socket closed."""
    try:
        return await context.services.database.read(context.scope(), sql, values)
    except (SessionEnded, AccountCancelled, DomainError):
        await context.close_socket()
        raise


def text_of(shown: Shown[T], leaves: Leaves, value: T) -> str:
    """The `data` of one value. All feeds are offered the same object, and each after another's."""
    kept, text = leaves.kept
    if kept is not value:
        data = {key: shown[name](value) for key, name in leaves.fields}
        text = orjson.dumps({leaves.key: data}).decode()
        leaves.kept = value, text
    return text
