"""What credits were used for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, Text, cast, func, select

from domain.errors import bad_input
from persistence.models import AiCall, CreditUsageLog
from persistence.terms import AiCallStatus, CreditUsageGroupBy
from persistence.unit import Unit

MOST = 400  # groups; a year has 366 days


@dataclass(frozen=True, slots=True)
class Used:
    """`key`: the operation, an id of a site or user, a model, a day as YYYY-MM-DD (UTC); None for what has none.

    `cost_micros` is what is known; `unpriced` items had a call whose cost nobody knows.
    """

    key: str | None
    credits_used: int
    cost_micros: int
    items: int
    unpriced: int


def _model() -> Any:
    """Of the last answer that an item got."""
    calls = select(AiCall.model).where(
        AiCall.job_item_id == CreditUsageLog.job_item_id, AiCall.status == AiCallStatus.SUCCEEDED
    )
    return calls.order_by(AiCall.created_at.desc(), AiCall.id.desc()).limit(1).scalar_subquery()


def _key(group: CreditUsageGroupBy) -> ColumnElement[Any]:
    match group:
        case CreditUsageGroupBy.OPERATION:
            return cast(CreditUsageLog.operation_type, Text)
        case CreditUsageGroupBy.SITE:
            return cast(CreditUsageLog.site_id, Text)
        case CreditUsageGroupBy.USER:
            return cast(CreditUsageLog.user_id, Text)
        case CreditUsageGroupBy.DAY:
            return cast(cast(func.timezone("UTC", CreditUsageLog.created_at), Date), Text)
    return cast(_model(), Text)


async def usage(
    unit: Unit, group: CreditUsageGroupBy, since: datetime | None, until: datetime | None
) -> Sequence[Used]:
    """From `since` until before `until`; days in order, all else the most used first, at most 400."""
    if since and until and since >= until:
        raise bad_input("This must be later than from.", "to")
    key = _key(group).label("key")
    credits = func.coalesce(func.sum(CreditUsageLog.credits_used), 0)
    cost = func.coalesce(func.sum(CreditUsageLog.cost_micros), 0)
    unpriced = func.count().filter(CreditUsageLog.cost_micros.is_(None))
    statement = select(key, credits, cost, func.count(), unpriced)
    if since:
        statement = statement.where(CreditUsageLog.created_at >= since)
    if until:
        statement = statement.where(CreditUsageLog.created_at < until)
    order = key.asc() if group is CreditUsageGroupBy.DAY else credits.desc()
    rows = await unit.session.execute(statement.group_by(key).order_by(order, key).limit(MOST))
    return [Used(k, int(used), int(cost), items, unpriced) for k, used, cost, items, unpriced in rows]
