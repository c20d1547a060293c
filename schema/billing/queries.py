"""Reads of the ledger, of what credits were used for, and of the record of who did what."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from domain.access import Permission
from domain.billing.usage import Used, usage
from persistence.terms import CreditUsageGroupBy
from schema.accounts.types import Site, User
from schema.billing.types import AuditEvent, CreditTransaction, CreditUsageLog
from schema.context import Info
from schema.graph.entity import ref
from schema.graph.fields import Requires, said
from schema.graph.roots import RootPart, listed

ROOTS: dict[str, RootPart] = {
    "creditTransactions": listed(CreditTransaction, Permission.VIEW_BILLING),
    "creditUsageLogs": listed(CreditUsageLog, Permission.VIEW_BILLING),
    "auditEvents": listed(AuditEvent, Permission.MANAGE_ACCOUNT),
}


@strawberry.type(description="Credits that were used for the same thing.")
class CreditUsageGroup:
    key: str | None = strawberry.field(
        description="The kind of job, a model, or a day as YYYY-MM-DD; null for sites, users and what has none."
    )
    credits_used: int = strawberry.field(description="What its items were charged together, in credits.")
    cost_usd: Decimal = strawberry.field(description="What providers took for it, as far as that is known.")
    unpriced_calls: int = strawberry.field(description="Whose cost nobody knows: they are not in costUsd.")
    items: int = strawberry.field(description="How many items of work there were.")
    site: Site | None = strawberry.field(
        description="The website of the group; null unless grouped by SITE, and for work of none."
    )
    user: User | None = strawberry.field(
        description="Who began the work of the group; null unless grouped by USER, and for who is gone."
    )


@strawberry.type
class BillingQuery:
    @strawberry.field(  # type: ignore[untyped-decorator]
        description="Credits used, summed up; the most used first, days in order, at most 400.",
        directives=[Requires(permission=Permission.VIEW_BILLING)],
    )
    async def credit_usage(
        self,
        info: Info,
        group_by: Annotated[CreditUsageGroupBy, said("What credits are summed up by.")],
        from_: Annotated[
            datetime | None, strawberry.argument(name="from", description="From this moment on; from the beginning.")
        ] = None,
        to: Annotated[datetime | None, said("Before this moment; until now when not given.")] = None,
    ) -> list[CreditUsageGroup]:
        async with info.context.services.units(info.context.scope()) as unit:
            found = await usage(unit, group_by, from_, to)
        return [_shown(group_by, used) for used in found]


def _shown(group: CreditUsageGroupBy, used: Used) -> CreditUsageGroup:
    id = UUID(used.key) if used.key and group in (CreditUsageGroupBy.SITE, CreditUsageGroupBy.USER) else None
    return CreditUsageGroup(
        key=None if id else used.key,
        credits_used=used.credits_used,
        cost_usd=Decimal(used.cost_micros).scaleb(-6),
        unpriced_calls=used.unpriced,
        items=used.items,
        site=ref(Site, id) if id and group is CreditUsageGroupBy.SITE else None,
        user=ref(User, id) if id and group is CreditUsageGroupBy.USER else None,
    )
