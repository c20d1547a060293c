"""Background work."""

from decimal import Decimal

from persistence import models as rows
from schema.entity import column, entity, every, expression, relation


@entity(rows.Job, prefix="job")
class Job:
    """Work under way, or done; follow it with jobProgress."""

    kind = column(filter=True)
    status = column(filter=True)
    phase = column()
    message = column()
    done = column()
    total = column()
    credits_held = column()
    credits_spent = column()
    error = column()
    site = relation(filter=True)
    sector = relation(filter=True)
    user = relation()
    items = relation()
    created_at = column(filter=True, order=True)
    started_at = column()
    finished_at = column()


@entity(rows.JobItem, prefix="item")
class JobItem:
    """One unit of a job's work."""

    position = column(order=True)
    status = column(filter=True)
    attempts = column()
    error = column()
    credits_spent = column()
    calls = every("created_at")
    created_at = column()
    started_at = column()
    finished_at = column()


@entity(rows.AiCall, prefix="call")
class AiCall:
    """One attempt at a provider."""

    function = column()
    provider = column()
    model = column()
    prompt_version = column("Of the account's own prompt; null for the default.")
    status = column()
    input_tokens = column()
    output_tokens = column()
    cost_usd = expression(lambda a: f"({a}.cost_micros * 0.000001)", Decimal | None)
    latency_ms = column()
    finish_reason = column()
    error = column()
    problems = column("What was wrong with an answer that was not taken.")
    created_at = column()
