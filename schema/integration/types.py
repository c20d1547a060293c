"""Where contents of a site are published to."""

from persistence import models as rows
from schema.graph.entity import column, entity, every, expression, relation


@entity(rows.Integration, prefix="intg")
class Integration:
    """A destination of a site. Its secret is never shown."""

    kind = column("What contents are published to.", filter=True)
    name = column("What people call it; unique on the site.", search=True, order=True)
    url = column("Where it is; null for what has no address.")
    config = column("How it is used, by kind; without the secret.")
    has_secret = expression(lambda a: f"({a}.secret is not null)", bool, "Whether it has a password or key.")
    status = column("How its last connection test ended.", filter=True)
    error = column("Why the last test failed, and what to do; null when it did not.")
    capabilities = column("What the last test found that it can do; empty until one passed.")
    checks = every("position", "What the stages of the last test found, up to the first that failed.")
    checked_at = column("When it was last tested; null for never.")
    sync_minutes = column("How often it is looked at; null for never, but by syncIntegration.")
    sync_sector = relation("Where what is found there and not known here is put; null for the site's first sector.")
    sync_runs = relation("Looks at all that is there, of the last 90 days.")
    conflicts = relation("What was changed there and here.")
    site = relation("The website whose contents are published there.", filter=True)
    publications = relation("What is published there, or shall be.")
    publishing_records = relation("All attempts to publish there.")
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of an update; counts changes.")


@entity(rows.ConnectionCheck)
class ConnectionCheck:
    """A stage of a connection test."""

    position = column("Its place in the test, from 0.")
    stage = column("What this stage looks at.")
    is_ok = column("Whether it was as it must be.")
    ms = column("How many milliseconds it took.")
    found = column("What was found.")
    cure = column("What to do about it; empty where all is well.")


@entity(rows.SyncRun, prefix="sync")
class SyncRun:
    """A look at all that is at a destination."""

    integration = relation("What was looked at.", filter=True)
    outcome = column("How it ended.", filter=True)
    listed = column("Posts and pages that are there.")
    imported = column("Those that were not known here, and are contents now.")
    updated = column("Those that were changed there, and whose contents have a revision for it.")
    pushed = column("Those that were changed here, and were sent.")
    conflicting = column("Fields that were changed on both sides.")
    gone = column("Those that were known, and are there no more.")
    skipped = column("Those that were not taken: empty, too long, or deleted here.")
    error = column("Why it failed, and what to do; null when it did not.")
    created_at = column(filter=True, order=True)
    ended_at = column("When it ended; null while it has not.")
