"""Credits: the balance, the ledger, what they were used for; the audit trail."""

from decimal import Decimal

from domain.access import Permission
from persistence import models as rows
from schema.entity import column, entity, expression, relation


@entity(rows.CreditBalance)
class Credits:
    """What the account may spend."""

    balance = column("To spend.")
    held = column("Set aside for work under way.")


@entity(rows.CreditTransaction, prefix="ctx", requires=Permission.VIEW_BILLING)
class CreditTransaction:
    """A leg of the ledger; it is never changed."""

    transaction_type = column(filter=True)
    amount = column()
    balance_after = column("Balance and held together.")
    description = column()
    job = relation()
    user = relation("Who began the work.")
    created_at = column(filter=True, order=True)


@entity(rows.CreditUsageLog, prefix="use", requires=Permission.VIEW_BILLING)
class CreditUsage:
    """What an item of work cost."""

    operation_type = column("The kind of job.", filter=True)
    credits_used = column(order=True)
    cost_usd = expression(lambda a: f"({a}.cost_micros * 0.000001)", Decimal | None)
    details = column()
    site = relation(filter=True)
    user = relation(filter=True)
    created_at = column(filter=True, order=True)


@entity(rows.AuditEvent, prefix="aud", requires=Permission.MANAGE_ACCOUNT)
class AuditEvent:
    """Who did what; it is never changed."""

    operation = column(filter=True)
    action = column(search=True)
    entity = column("What kind of thing it was done to.", filter=True)
    actor = relation("null for the platform itself, our staff, and who is gone.", filter=True)
    before = column()
    after = column()
    count = column()
    request_id = column()
    created_at = column(filter=True, order=True)
