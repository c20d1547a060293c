"""Background work."""

from decimal import Decimal

from persistence import models as rows
from schema.graph.entity import column, entity, every, expression, relation


@entity(rows.Job, prefix="job")
class Job:
    """Work under way, or done; follow it with jobProgress."""

    kind = column("What the work is.", filter=True)
    status = column("How far the work is, or how it ended.", filter=True)
    phase = column("What is being done now, in a word or two; done once it has ended.")
    message = column("What it says of itself, such as what came of it; empty at first.")
    done = column("How much of total has ended, in any way.")
    total = column("How much there is to do, in the units of its kind: keywords, clusters, articles and so on.")
    credits_held = column("Credits still set aside for items that have not ended.")
    credits_spent = column("Credits charged so far for items that were applied.")
    error = column("The newest reason why an item failed, for who can do something about it; null when none has.")
    site = relation("The website that it works for; null for work of the account.", filter=True)
    sector = relation("The topic that it works for; null when it is about several, or is gone.", filter=True)
    user = relation("Who began it; null for the platform, and who is gone.")
    items = relation("The units that it is done and charged in.")
    created_at = column(filter=True, order=True)
    started_at = column("When a worker first took an item; null while none has.")
    finished_at = column("When the last item ended; null while one is open.")


@entity(rows.JobItem, prefix="item")
class JobItem:
    """One unit of a job's work."""

    position = column("Its place among the job's items, from 0.", order=True)
    status = column("How far this item is, or how it ended.", filter=True)
    attempts = column("How often a worker has taken it since it was started or retried.")
    error = column("Why it failed the last time; null when it has not.")
    credits_spent = column("Credits charged for it; 0 until it is applied.")
    calls = every("created_at", "Requests to providers for it, the first one first.")
    created_at = column()
    started_at = column("When a worker first took the item; null while none has.")
    finished_at = column("When the item ended; null while it is open.")


@entity(rows.AiCall, prefix="call")
class AiCall:
    """One attempt at a provider."""

    function = column("The kind of job that asked.")
    provider = column("Who was asked, such as OPENAI.")
    model = column("The model as its provider names it.")
    prompt_version = column("Of the account's own prompt; null for the default.")
    status = column("Whether an answer came, and was taken.")
    input_tokens = column("Tokens of the question, as the provider counted; 0 where it did not.")
    output_tokens = column("Tokens of the answer, as the provider counted; 0 where it did not.")
    cost_usd = expression(
        lambda a: f"({a}.cost_micros * 0.000001)",
        Decimal | None,
        "What the provider took, in US dollars, by its own word or by list price; null where nobody knows.",
    )
    latency_ms = column("Milliseconds from the question to the answer; null while there is none.")
    finish_reason = column("Why the model stopped, in the provider's word; null where it gave none.")
    error = column("Why there is no answer, or none of use; null when there is.")
    problems = column("What was wrong with an answer that was not taken.")
    created_at = column()
