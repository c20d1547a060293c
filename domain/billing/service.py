"""The ledger. Every change locks the account's one balance row; sum(ledger) = balance + held."""

from uuid import UUID, uuid4

from sqlalchemy import select

from domain.errors import DomainError
from persistence.models import CreditBalance, CreditHold, CreditTransaction, Job
from persistence.terms import CreditHoldStatus, CreditTransactionType, ErrorCode
from persistence.unit import Unit


async def lock_balance(unit: Unit, account_id: UUID) -> CreditBalance:
    """The row that spending and plan limits are counted under; take it after item, content and job."""
    statement = select(CreditBalance).where(CreditBalance.account_id == account_id).with_for_update()
    return (await unit.session.scalars(statement.execution_options(populate_existing=True))).one()


async def balance_of(unit: Unit, account_id: UUID) -> int:
    statement = select(CreditBalance.balance).where(CreditBalance.account_id == account_id)
    return (await unit.session.scalars(statement)).one()


async def grant(
    unit: Unit, account_id: UUID, amount: int, *, kind: CreditTransactionType, key: str, description: str
) -> None:
    """Adds to the balance; `key` makes it happen once."""
    balance = await lock_balance(unit, account_id)
    balance.balance += amount
    _leg(unit, balance, amount, kind, key, description)


async def adjust(unit: Unit, account_id: UUID, amount: int, *, description: str) -> CreditTransaction:
    """A correction by hand, in either direction; OUT_OF_CREDITS below nothing. Its leg."""
    balance = await lock_balance(unit, account_id)
    if balance.balance + amount < 0:
        raise DomainError(
            ErrorCode.OUT_OF_CREDITS, f"The account has {balance.balance} credits to take from.", "input", "amount"
        )
    balance.balance += amount
    leg = _leg(unit, balance, amount, CreditTransactionType.ADJUSTMENT, f"adjust:{uuid4()}", description)
    await unit.flush()
    return leg


async def hold(unit: Unit, job: Job, amount: int) -> None:
    """Sets aside what the job may cost; OUT_OF_CREDITS when the balance is smaller."""
    balance = await lock_balance(unit, job.account_id)
    if balance.balance < amount:
        raise DomainError(
            ErrorCode.OUT_OF_CREDITS,
            f"This needs {amount} credits and the account has {balance.balance}. Buy credits, or do less at once.",
        )
    balance.balance -= amount
    balance.held += amount
    job.credits_held += amount
    existing = await _hold_of(unit, job)
    if existing:
        existing.amount += amount
        existing.status = CreditHoldStatus.OPEN
    else:
        unit.add(CreditHold(account_id=job.account_id, job_id=job.id, amount=amount, spent=0, released=0))


async def release(unit: Unit, job: Job, amount: int) -> None:
    """Gives back what items that ended before they began had set aside."""
    if not amount:
        return
    balance, held = await lock_balance(unit, job.account_id), await _hold_of(unit, job)
    assert held is not None
    balance.held -= amount
    balance.balance += amount
    held.released += amount
    job.credits_held -= amount


async def _hold_of(unit: Unit, job: Job) -> CreditHold | None:
    return (await unit.session.scalars(select(CreditHold).where(CreditHold.job_id == job.id))).one_or_none()


def _leg(
    unit: Unit,
    balance: CreditBalance,
    amount: int,
    kind: CreditTransactionType,
    key: str,
    description: str,
    user_id: UUID | None = None,
    job_id: UUID | None = None,
) -> CreditTransaction:
    leg = CreditTransaction(
        account_id=balance.account_id,
        transaction_type=kind,
        amount=amount,
        balance_after=balance.balance + balance.held,
        description=description,
        key=key,
        user_id=user_id,
        job_id=job_id,
    )
    unit.add(leg)
    return leg
