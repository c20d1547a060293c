"""Credits: the balance, the ledger, what they were used for; the audit trail."""

from decimal import Decimal

from domain.access import Permission
from persistence import models as rows
from schema.graph.entity import column, entity, expression, relation


@entity(rows.CreditBalance)
class Credits:
    """What the account may spend."""

    balance = column("Credits that work can be started with.")
    held = column("Set aside for work under way, and given back as far as it is not spent.")


@entity(rows.CreditTransaction, prefix="ctx", requires=Permission.VIEW_BILLING)
class CreditTransaction:
    """A leg of the ledger; it is never changed."""

    transaction_type = column("Why the account's credits changed.", filter=True)
    amount = column("Credits given, or taken where it is negative.")
    balance_after = column("Balance and held together, after it.")
    description = column("Why, in words; empty where the type says it all.")
    job = relation("The work that was charged; null where it was none, or is gone.")
    user = relation("Who began the work; null for the platform, and who is gone.")
    created_at = column(filter=True, order=True)


@entity(rows.CreditUsageLog, prefix="use", requires=Permission.VIEW_BILLING)
class CreditUsageLog:
    """What an item of work cost."""

    operation_type = column("The kind of job.", filter=True)
    credits_used = column("What the item was charged, in credits.", order=True)
    cost_usd = expression(
        lambda a: f"({a}.cost_micros * 0.000001)",
        Decimal | None,
        "What providers took for the item, in US dollars; null where nobody knows.",
    )
    details = column("What was counted, such as words, tokens or milliseconds.")
    site = relation("The website that the work was for; null where it was for none, or is gone.", filter=True)
    user = relation("Whose job it was; null when that user is gone.", filter=True)
    created_at = column(filter=True, order=True)


@entity(rows.AuditEvent, prefix="aud", requires=Permission.MANAGE_ACCOUNT)
class AuditEvent:
    """Who did what; it is never changed."""

    operation = column("What became of rows.", filter=True)
    action = column("What was done, by the name of its mutation.", search=True)
    entity = column("What kind of thing it was done to.", filter=True)
    actor = relation("null for the platform itself, our staff, and who is gone.", filter=True)
    before = column("What the changed columns were, by name; null where nothing was changed.")
    after = column(
        "What the columns are since then, long texts cut to 1,000 characters; null where there is nothing to say."
    )
    count = column("How many rows it was about, 1 where it was no bulk.")
    request_id = column(
        "Of the request that did it, as in the header X-Request-Id and the log; null for what no request did."
    )
    created_at = column(filter=True, order=True)
