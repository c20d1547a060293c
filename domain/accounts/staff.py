"""What our own staff does in a tenant's account; every step is on record there, with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from domain import audit
from domain.billing.service import adjust
from domain.crud import change
from domain.errors import bad_input, camel, not_found
from domain.rows import find, lock
from domain.texts import check_email, check_line, check_name
from persistence.models import Account, Plan, SystemSettings
from persistence.terms import AccountStatus, AuditOperation
from persistence.unit import Unit

MAX_FOUND, MOST_CREDITS = 50, 10_000_000
LARGEST, MOST_BYTES = 2**31 - 1, 2**53 - 1  # of numbers that clients read exactly
LIMITS = (
    "max_users", "max_sites", "max_keywords", "max_clusters", "max_content_ideas", "max_ai_requests_per_month",
    "max_words_per_month", "max_images_per_month", "max_storage_bytes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """An account as staff sees it in a list."""

    id: UUID
    name: str
    slug: str
    status: AccountStatus
    plan: str
    balance: int
    users: int
    created_at: datetime


async def find_accounts(unit: Unit, session_id: UUID, search: str) -> list[Found]:
    """Of names, slugs and e-mail addresses; the newest first, at most fifty."""
    escaped = search.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("\0", "")
    statement = text("select * from find_accounts(:session, :search, :most)")
    values = {"session": session_id, "search": f"%{escaped}%", "most": MAX_FOUND}
    rows = (await unit.session.execute(statement, values)).all()
    return [Found(r.id, r.name, r.slug, AccountStatus(r.status), r.plan, r.balance or 0, r.users, r.created_at)
            for r in rows]  # fmt: skip


def check_reason(reason: str) -> str:
    """Staff says why."""
    line = check_line(reason, 500, "input", "reason")
    if line is None:
        raise bad_input("Say why.", "input", "reason")
    return line


async def set_status(unit: Unit, id: UUID, status: AccountStatus, reason: str) -> UUID:
    """At once: SUSPENDED may only read, CANCELLED has no access."""
    account = await lock(unit, Account, id, "input", "accountId")
    before = account.status
    account.status = status
    account.archived_at = await unit.now() if status is AccountStatus.CANCELLED else None
    _record(unit, "setAccountStatus", id, reason, {"status": before.value}, {"status": status.value})
    return id


async def set_plan(unit: Unit, id: UUID, plan_id: UUID, reason: str) -> UUID:
    """What is there beyond the new plan's limits stays; nothing more is made."""
    account = await lock(unit, Account, id, "input", "accountId")
    plan = await find(unit, Plan, plan_id, "input", "planId")
    before, account.plan_id = account.plan_id, plan.id
    if account.status is AccountStatus.TRIAL and plan.price_cents:
        account.status = AccountStatus.ACTIVE
    _record(unit, "setAccountPlan", id, reason, {"planId": str(before)}, {"plan": plan.slug})
    return id


async def adjust_credits(unit: Unit, id: UUID, amount: int, reason: str) -> UUID:
    """A leg of the ledger: its id; who did it is on record. OUT_OF_CREDITS when the account has fewer."""
    if not amount or abs(amount) > MOST_CREDITS:
        raise bad_input(f"Give a number from -{MOST_CREDITS:,} to {MOST_CREDITS:,}, not 0.", "input", "amount")
    await find(unit, Account, id, "input", "accountId")  # not locked: the credit row is
    leg = await adjust(unit, id, amount, description=reason)
    _record(unit, "adjustCredits", id, reason, None, {"amount": amount})
    return leg.id


def _record(
    unit: Unit, action: str, id: UUID, reason: str, before: dict[str, Any] | None, after: dict[str, Any]
) -> None:
    audit.record(
        unit, id, action, "Account", id, operation=AuditOperation.UPDATE, before=before,
        after={**after, "reason": reason},
    )  # fmt: skip


# The platform


async def update_system_settings(unit: Unit, given: Mapping[str, Any]) -> None:
    """Only what is given changes, for everybody at once."""
    settings = (await unit.session.scalars(select(SystemSettings).with_for_update())).one()
    for name, value in given.items():
        match name:
            case "sign_ups_open":
                settings.sign_ups_open = value is not False
            case "sign_up_by_letter":
                settings.sign_up_by_letter = value
            case "sign_up_plan_id":
                plan = await unit.session.get(Plan, value) if value else None
                if plan is None:
                    raise not_found("plan", "input", "signUpPlanId")
                settings.sign_up_plan_slug = plan.slug
            case "support_email":
                settings.support_email = check_email(value, "input", "supportEmail") if value else None
            case "notice":
                settings.notice = check_line(value, 500, "input", "notice")
    await unit.flush()


async def system_settings(unit: Unit) -> tuple[SystemSettings, UUID]:
    """With the plan that new accounts come to."""
    settings = (await unit.session.scalars(select(SystemSettings))).one()
    plan = select(Plan.id).where(Plan.slug == settings.sign_up_plan_slug)
    return settings, (await unit.session.scalars(plan)).one()


# Plans


def _columns(given: Mapping[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for name, value in given.items():
        field = ("input", camel(name))
        match name:
            case "name":
                columns[name] = check_name(value or "", *field)
            case "slug":
                columns[name] = "-".join((check_line(value, 100, *field) or "").lower().split())
                if not columns[name]:
                    raise bad_input("Give a slug.", *field)
            case "is_active":
                columns[name] = value is not False
            case _:
                most = MOST_BYTES if name == "max_storage_bytes" else LARGEST
                optional = name in LIMITS or name == "included_credits"
                if (value is None and not optional) or (value is not None and not 0 <= value <= most):
                    raise bad_input(f"Give a number from 0 to {most:,}" + (" or null." if optional else "."), *field)
                columns[name] = value
    return columns


async def create_plan(unit: Unit, given: Mapping[str, Any]) -> UUID:
    plan = Plan(**_columns(given))
    unit.add(plan)
    await unit.flush()
    return plan.id


async def update_plan(unit: Unit, id: UUID, given: Mapping[str, Any]) -> UUID:
    """For all accounts that are on it, at once."""
    plan = await lock(unit, Plan, id, "id")
    await change(unit, plan, _columns(given), None)
    return id
