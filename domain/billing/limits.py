"""What a plan allows: checked where the thing is made, under the lock of the account's credit row."""

from uuid import UUID

from sqlalchemy import select

from domain.errors import DomainError
from persistence.models import AccountLimit
from persistence.terms import ErrorCode, LimitKey
from persistence.unit import Unit

WORDS = {
    LimitKey.USERS: "users and open invitations",
    LimitKey.SITES: "sites",
    LimitKey.KEYWORDS: "keywords",
    LimitKey.CLUSTERS: "clusters",
    LimitKey.CONTENT_IDEAS: "content ideas",
    LimitKey.AI_REQUESTS: "AI requests a month",
    LimitKey.WORDS: "written words a month",
    LimitKey.IMAGES: "drawn images a month",
    LimitKey.STORAGE: "bytes of files",
}


async def has_room(unit: Unit, account_id: UUID, key: LimitKey, more: int) -> bool:
    limit = await _limit(unit, account_id, key)
    return limit.limit is None or limit.used + more <= limit.limit


async def _limit(unit: Unit, account_id: UUID, key: LimitKey) -> AccountLimit:
    statement = select(AccountLimit).where(AccountLimit.account_id == account_id, AccountLimit.key == key)
    return (await unit.session.scalars(statement.execution_options(populate_existing=True))).one()


async def check_room(unit: Unit, account_id: UUID, key: LimitKey, more: int, *field: str) -> None:
    """LIMIT_REACHED when there would be more than the plan allows, with `more` that are not made yet."""
    limit = await _limit(unit, account_id, key)
    if limit.limit is not None and limit.used + more > limit.limit:
        raise DomainError(
            ErrorCode.LIMIT_REACHED,
            f"Your plan allows {limit.limit:,} {WORDS[key]} and this would make {limit.used + more:,}. Do less, make "
            "room, or choose a larger plan.",
            *(field or ("input",)),
        )
