"""What is published where, and how it came there."""

from persistence import models as rows
from schema.graph.entity import column, entity, every, expression, relation


@entity(rows.PublishingCalendar)
class PublishingCalendar:
    """When a site's contents come out."""

    time_zone = column("Whose clocks slots and days go by, as IANA calls it; UTC at first.")
    slots = every("minute", "The times of the week that scheduleContent gives, from Monday on.")
    max_per_day = column("How many contents may come out on a day; null for no limit.")
    paused_at = column("Since when nothing new is shown; null while publishing is not paused.")
    paused_by = relation("Who paused it; null while it is not, and when that user is gone.")
    site = relation("The website whose calendar it is.")
    updated_at = column()
    version = column("For expectedVersion of an update; counts changes.")


@entity(rows.PublishingSlot)
class PublishingSlot:
    """A time of the week at which a content may come out."""

    day = column("The day of the week.")
    at = expression(
        lambda a: f"to_char(make_interval(mins => {a}.minute % 1440), 'HH24:MI')",
        str,
        "What the clocks of the calendar show, such as 09:00.",
    )


@entity(rows.Publication, prefix="pub")
class Publication:
    """A content at an integration: what is wanted, and what was last known to be there."""

    content = relation("What is published.", filter=True)
    integration = relation("Where to.", filter=True)
    site = relation("The website of both.", filter=True)
    entity = column("What it is there: a POST or a PAGE.")
    wanted_status = column("Where it shall stand there.", filter=True)
    status = column("Where it was last known to stand; null while nothing of it is there.", filter=True)
    publish_at = column("From when on it shall be shown; null for no date.", filter=True, order=True)
    is_held = column("Whether it waited for its date and is a DRAFT there while publishing is paused.", filter=True)
    published_at = column("When it came to be shown; null while it is not.", filter=True, order=True)
    remote_id = column("What it is called there; null while nothing of it is there.")
    url = column("Its address there; null while it has none.")
    slug = column("Its slug there, which may be another than was wanted; null while it has none.")
    revision = column("The content's revision that is there; null while none is.")
    bytes = column("What it takes of the account's STORAGE: of pages in a folder of ours.")
    is_stale = column("Whether what is there is not what it would be now, and is to be sent again.", filter=True)
    error = column("Why the last attempt failed, and what to do; null when it did not.")
    records = relation("All attempts, the outcome of each.")
    conflicts = relation("What was changed there and here since both said the same.")
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("Counts changes.")


@entity(rows.PublishingRecord, prefix="prec")
class PublishingRecord:
    """One attempt at a destination; it never changes once it has ended."""

    content = relation("What was published.", filter=True)
    integration = relation("Where to.", filter=True)
    publication = relation("Where it stands now.")
    site = relation("The website of both.", filter=True)
    revision = column("Of the content's revisions the one that was sent.")
    attempt = column("How often a worker had taken it for this by then.")
    action = column("What was done.", filter=True)
    outcome = column("How it ended.", filter=True)
    remote_id = column("What it is called there; null while that is not known.")
    url = column("Its address there; null while it has none.")
    fields = column(
        "What became of each field that was sent: SENT, KEPT, CHANGED or DROPPED. `links`, where there are any, are "
        "those to other contents: DROPPED where one of these is not shown there, of which the text alone was sent."
    )
    error = column("Why it failed, and what to do; null when it did not.")
    code = column("The destination's own code of the failure, such as 401 rest_not_logged_in; null for none.")
    created_at = column(filter=True, order=True)
    ended_at = column("When its end was known; null while it is not.")


@entity(rows.SyncConflict, prefix="cfl")
class SyncConflict:
    """A field of a content that was changed here and at a destination; neither is overwritten until one is chosen."""

    content = relation("Whose field it is.", filter=True)
    integration = relation("The destination.", filter=True)
    publication = relation("The content at the destination.", filter=True)
    site = relation("The website of both.", filter=True)
    field = column("What was changed.", filter=True)
    ours = column("What it says here.")
    theirs = column("What it says there; terms as a JSON list of their names.")
    base = column("What both said before; null where that is not known.")
    status = column("Which side was chosen, if any.", filter=True)
    user = relation("Who chose; null while nobody has.")
    resolved_at = column("When it was resolved; null while it is not.")
    created_at = column(filter=True, order=True)
    updated_at = column()
    version = column("For expectedVersion of resolveConflict; counts changes.")
