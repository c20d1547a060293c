"""What happens on sites."""

import strawberry

from persistence import models as rows
from schema.graph.entity import REGISTRY, column, entity, expression, relation


def _type(alias: str) -> str:
    """As the API calls it."""
    other = {b.row.__name__: name for name, b in REGISTRY.bindings.items() if b.row.__name__ != name}
    return f"(case {alias}.subject_type {_cases(other)} else {alias}.subject_type end)"


def _prefix(alias: str) -> str:
    prefixes = {b.row.__name__: f"{b.prefix}_" for b in REGISTRY.bindings.values() if b.prefix}
    return f"(case {alias}.subject_type {_cases(prefixes)} end)"


def _cases(words: dict[str, str]) -> str:
    return " ".join(f"when '{word}' then '{other}'" for word, other in words.items())


@entity(rows.SiteEvent, prefix="evt")
class SiteEvent:
    """Something that was done on a site, or a job that has ended; kept for thirty days."""

    kind = column("What has happened.", filter=True)
    subject_type = expression(_type, str, "The type of what it happened to, such as Keyword.")
    subject_id = expression(
        lambda a: f"({_prefix(a)} || {a}.subject_id)",
        strawberry.ID | None,
        "What it happened to, also when it is gone; null of a bulk.",
    )
    ids = expression(
        lambda a: f"(select array_agg({_prefix(a)} || i order by n) from unnest({a}.ids) with ordinality u(i, n))",  # noqa: S608
        list[strawberry.ID] | None,
        "Of a bulk the rows that it was about, at most 1,000 of them; null where it was none.",
    )
    count = column("How many rows it was about; of a job, how many items it has.")
    actor = relation("Who did it, or began the job; null for the platform, our staff, and who is gone.", filter=True)
    job = relation("The job that brought it about; null for a person's act.")
    request_id = column("Of the request that did it, as its answer tells it; null for what no request did.")
    payload = column(
        "The action with what the columns were before and are after it, or what the job says of its end; of what would "
        "be longer than 8,000 bytes only the names of the columns."
    )
    created_at = column(filter=True, order=True)
