"""What kinds of work would cost, asked with the inputs that start them."""

from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache
from itertools import groupby
from typing import Annotated, Any

import strawberry

from domain.access import Permission
from domain.billing.service import balance_of
from domain.errors import DomainError
from domain.planned import Planned
from persistence.terms import JobKind
from schema.context import Info
from schema.graph.fields import said
from schema.jobs.actions import STARTED
from schema.jobs.payloads import EstimateLine, EstimatePayload
from schema.mutation import payload_field

ACTION = "One action, with the input of the mutation of the same name."


@cache
def estimate_query() -> type:
    """Of all actions that modules start: they have been imported by now."""

    async def estimate(self: Any, info: Info, action: Any) -> EstimatePayload:
        input = next(given.value for f in fields(action) if (given := getattr(action, f.name)) is not None)
        scope = replace(info.context.scope(), named=info.context.named)  # refused as the mutation would be
        started = STARTED[type(input)]
        async with info.context.services.units(scope) as unit:
            try:
                planned = await started.action.plan(unit, info.context.caller.user_id, started.wanted(input))
            except DomainError as error:  # the mutation's input is inside the action here
                field = ("action", started.operation, *error.field[1:])
                raise DomainError(error.code, error.message, *field) from None
            balance = await balance_of(unit, info.context.caller.account_id)
        return EstimatePayload(
            kind=planned.kind, credits=planned.credits, balance=balance, breakdown=list(_breakdown(planned))
        )

    estimate.__annotations__["action"] = Annotated[_one_action(), said("What would be done.")]
    field = payload_field(Permission.PLAN, "What an action would cost, before paying.")(estimate)
    return strawberry.type(type("EstimateQuery", (), {"estimate": field}))


def _one_action() -> type:
    """In the order of the kinds."""
    order = list(JobKind)
    started = sorted(STARTED.values(), key=lambda each: order.index(each.action.kind))
    maybe: Any = strawberry.Maybe
    annotations = {each.action.kind.value.lower(): maybe[each.input] for each in started}
    described = {
        each.action.kind.value.lower(): strawberry.field(description=f"What {each.operation} would cost.", default=None)
        for each in started
    }
    made = type("EstimateAction", (), {"__annotations__": annotations, **described})
    return strawberry.input(made, one_of=True, description=ACTION)


def _breakdown(planned: Planned) -> Iterator[EstimateLine]:
    for price, group in groupby(sorted(work.credits for work in planned.work)):
        items = len(list(group))
        yield EstimateLine(items=items, credits_each=price, credits=items * price)
