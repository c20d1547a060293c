"""Which events there are of what is done, by whom and why."""

import ast
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain import audit, names
from domain.events import DONE, NAMED, kind_of
from jobs.recovery import mend
from jobs.schedule import forget_events
from persistence.queries.events import LONGEST, Record, recording
from persistence.scope import JobScope
from persistence.terms import AuditOperation, EventKind
from tests.client import Api, Json
from tests.conftest import Place
from tests.jobs.support import (
    AGAIN,
    NEVER,
    Bench,
    account_of,
    bench,
    buy,
    keywords,
    one,
    sector_with_keywords,
    sql,
    tasks,
)
from tests.schema.articles import article, clusters, colleague, uuid_of

COLUMNS = "kind, subject_type, subject_id, ids, count, actor_id, cause, site_id, payload"
ROOT = Path(__file__).parents[2]
# What the API shows and nobody changes by a mutation of its own, or what is told with another thing.
UNTOLD = {
    "Account": "made by signing up",
    "AiCall": "a part of its job",
    "Industry": "the catalogue's",
    "IndustrySector": "the catalogue's",
    "AuditEvent": "is what tells",
    "ConnectionCheck": "a part of its integration",
    "Publication": "told as its content's steps, and with the jobs",
    "PublishingCalendar": "told as its site's",
    "PublishingRecord": "told with the jobs",
    "SyncRun": "told with the jobs, and as contents are",
    "PublishingSlot": "told as its site's",
    "ContentAttributeMap": "told as its content's",
    "ContentClusterMap": "told as its content's",
    "ContentTaxonomyMap": "told as its content's",
    "ContentRevision": "told as its content's",
    "CreditBalance": "told with the jobs",
    "CreditTransaction": "told with the jobs",
    "CreditUsageLog": "told with the jobs",
    "AccountLimit": "computed",
    "Plan": "the platform's",
    "Job": "its end is told",
    "JobItem": "a part of its job",
    "Session": "its end is told",
    "SiteEvent": "is what tells",
    "SiteAccess": "told as its user's",
}
SOME = {  # of what has not all three
    "Prompt": {"CREATED", "UPDATED"},
    "ApiKey": {"CREATED"},
    "Invitation": {"CREATED"},
    "AiSettings": {"UPDATED"},
    "SyncConflict": {"UPDATED"},
}


@pytest.fixture
async def desk(place: Place) -> AsyncIterator[Bench]:
    async with bench(place) as made:
        yield made


def told(place: Place, owner: Api, *kinds: str) -> list[Json]:
    """The account's events of these kinds, the oldest first; all where none are given."""
    rows = sql(
        place,
        f"select {COLUMNS} from event where account_id = %s and (kind = any (%s) or %s) order by id",
        account_of(place, owner),
        list(kinds),
        not kinds,
    )
    return [dict(zip(COLUMNS.split(", "), row, strict=True)) for row in rows]


def user_of(place: Place, api: Api) -> UUID:
    found: UUID = one(place, "select id from app_user where email = %s", api.email)
    return found


# Every audited thing has a kind


def calls_of_record() -> list[tuple[str, str, str, str]]:
    """(file, action, entity, operation) of all that name them as constants."""
    found = []
    for room in ("domain", "cli"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record":
                    action, entity = (each.value if isinstance(each, ast.Constant) else "" for each in node.args[2:4])
                    given = {each.arg: ast.unparse(each.value) for each in node.keywords}
                    found.append((path.name, action, entity, given.get("operation", "AuditOperation.EVENT")))
    return found


def test_every_action_that_goes_on_record_is_a_kind_of_event() -> None:
    named = [call for call in calls_of_record() if call[1] and call[2]]
    assert len(named) > 15
    for _, action, entity, operation in named:
        assert kind_of(action, entity, AuditOperation[operation.rpartition(".")[2]], {}) in EventKind


def test_every_entity_has_kinds_of_its_own_or_a_reason() -> None:
    from schema.graph.entity import bind

    shown = {binding.row.__name__ for binding in bind().bindings.values()}
    assert UNTOLD.keys() <= shown, "reasons without an entity"
    for name in sorted(shown - UNTOLD.keys()):
        thing = names.one(name).upper().replace(" ", "_")
        for done in SOME.get(name, set(DONE.values())):
            assert f"{thing}_{done}" in EventKind.__members__, (
                f"{name} has no kind of event {thing}_{done}: add it to EventKind, or say in UNTOLD why it needs none"
            )


def test_what_has_no_kind_says_what_to_do() -> None:
    with pytest.raises(AssertionError, match="add PLAN_UPDATED to EventKind"):
        kind_of("updatePlan", "Plan", AuditOperation.UPDATE, None)
    with pytest.raises(AssertionError, match=r"domain\.events\.NAMED"):
        kind_of("lookAtKeyword", "Keyword", AuditOperation.EVENT, None)


def test_every_name_is_of_an_action_that_there_is() -> None:
    source = "".join(path.read_text() for room in ("domain", "cli") for path in (ROOT / room).rglob("*.py"))
    assert [action for action in NAMED if source.count(f'"{action}"') < 2] == []


async def test_what_is_of_a_site_cannot_be_told_without_it(place: Place, owner: Api, desk: Bench) -> None:
    account = account_of(place, owner)
    with pytest.raises(AssertionError, match="names no site"):
        async with desk.units(JobScope(account)) as unit:
            audit.record(unit, account, "updateKeyword", "Keyword", account, operation=AuditOperation.UPDATE)


# What people do


CREATE = "mutation($i: CreateKeywordInput!) { createKeyword(input: $i) { keyword { id } userErrors { message } } }"


async def test_a_change_tells_what_it_changed_and_who_did_it(place: Place, owner: Api) -> None:
    sector = await owner.sector()
    made = (await owner.one(CREATE, i={"sectorId": sector, "keyword": "cold brew"}))["keyword"]["id"]
    await owner.one(
        "mutation($id: ID!, $i: UpdateKeywordInput!) { updateKeyword(id: $id, input: $i) { userErrors { message } } }",
        id=made,
        i={"volume": 10},
    )

    created, updated = told(place, owner, "KEYWORD_CREATED", "KEYWORD_UPDATED")

    site = one(place, "select site_id from sector where id = %s", uuid_of(sector))
    for event in (created, updated):
        assert (event["subject_type"], event["subject_id"], event["count"]) == ("Keyword", uuid_of(made), 1)
        assert (event["actor_id"], event["cause"], event["site_id"]) == (user_of(place, owner), None, site)
    assert updated["payload"] == {"action": "updateKeyword", "before": {"volume": None}, "after": {"volume": 10}}


async def test_what_is_rolled_back_is_not_told(place: Place, owner: Api, desk: Bench) -> None:
    account = account_of(place, owner)
    before = told(place, owner)

    async def fail() -> None:
        async with desk.units(JobScope(account)) as unit:
            audit.record(unit, account, "updateAccount", "Account", account, operation=AuditOperation.UPDATE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert told(place, owner) == before
    audited = "select count(*) from audit_event where account_id = %s and action = 'updateAccount'"
    assert one(place, audited, account) == 0


async def test_a_bulk_is_one_event_of_each_site(place: Place, owner: Api) -> None:
    """With at most 1,000 ids, and their number."""
    buy(place, owner, 1)
    sectors = [await owner.sector(await owner.site(name)) for name in ("Coffee", "Tea")]
    for sector, number in zip(sectors, (1_200, 3), strict=True):
        await owner.import_text(sector, keywords(number))
    ids = [f"kw_{id}" for (id,) in sql(place, "select id from keyword where account_id = %s", account_of(place, owner))]

    await owner.one("mutation($ids: [ID!]!) { deleteKeywords(ids: $ids) { deletedIds } }", ids=ids)

    events = {event["site_id"]: event for event in told(place, owner, "KEYWORD_DELETED")}
    sites = [one(place, "select site_id from sector where id = %s", uuid_of(sector)) for sector in sectors]
    assert [events[site]["count"] for site in sites] == [1_200, 3]
    assert [len(events[site]["ids"]) for site in sites] == [1_000, 3]
    assert len(told(place, owner, "KEYWORD_DELETED")) == 2
    assert one(place, "select count(*) from audit_event where action = 'deleteKeywords' and count = 1203") == 1


async def test_an_import_is_one_event_of_its_sector(place: Place, owner: Api) -> None:
    sector = await sector_with_keywords(owner, 50)
    (event,) = told(place, owner, "KEYWORDS_IMPORTED")
    assert (event["subject_type"], event["subject_id"], event["count"]) == ("Sector", uuid_of(sector), 50)


UPDATE_TASK = """mutation($id: ID!, $i: UpdateTaskInput!) {
  updateTask(id: $id, input: $i) { userErrors { message } } }"""
UPDATE_CONTENT = """mutation($id: ID!, $i: UpdateContentInput!) {
  updateContent(id: $id, input: $i) { userErrors { message } } }"""
BULK = """mutation($ids: [ID!]!, $i: BulkUpdateContentsInput!) {
  bulkUpdateContents(ids: $ids, input: $i) { userErrors { message } } }"""


@pytest.mark.parametrize("door", ["task", "content", "contents"])
async def test_a_step_is_told_of_the_content_and_of_its_task_by_whichever_it_is_taken(
    place: Place, owner: Api, door: str
) -> None:
    (task,) = await tasks(place, owner, 1)
    content = await article(place, owner, task=task)
    sql(place, "update content set status = 'REVIEW' where id = %s", uuid_of(content))

    step = {"status": "APPROVED"}
    match door:
        case "task":
            answer = await owner.one(UPDATE_TASK, id=task, i=step)
        case "content":
            answer = await owner.one(UPDATE_CONTENT, id=content, i=step)
        case _:
            answer = await owner.one(BULK, ids=[content], i=step)

    assert answer["userErrors"] == []
    stepped = told(place, owner, *(kind for kind in EventKind if kind.startswith(("TASK_", "CONTENT_"))))
    assert sorted((event["kind"], event["ids"] or [event["subject_id"]]) for event in stepped) == [
        ("CONTENT_APPROVED", [uuid_of(content)]),
        ("TASK_APPROVED", [uuid_of(task)]),
    ]


async def test_a_change_without_a_step_is_no_step(place: Place, owner: Api) -> None:
    content = await article(place, owner)
    await owner.one(UPDATE_CONTENT, id=content, i={"metaTitle": "Other"})
    await owner.one(UPDATE_CONTENT, id=content, i={"metaTitle": "Other"})
    (event,) = told(place, owner, "CONTENT_UPDATED")
    assert event["payload"]["after"] == {"meta_title": "Other"}


async def test_merging_and_splitting_tell_of_what_came_went_and_moved(place: Place, owner: Api) -> None:
    sector = await owner.sector()
    one_, two = await clusters(place, owner, 2, sector=sector)
    await owner.one(
        "mutation($i: MergeClustersInput!) { mergeClusters(input: $i) { userErrors { message } } }",
        i={"intoClusterId": one_, "clusterIds": [two]},
    )
    moving = [f"kw_{id}" for (id,) in sql(place, "select id from keyword where cluster_id = %s limit 2", uuid_of(one_))]
    split = await owner.one(
        "mutation($i: SplitClusterInput!) { splitCluster(input: $i) { cluster { id } userErrors { message } } }",
        i={"clusterId": one_, "keywordIds": moving, "name": "Rest"},
    )
    known = [(e["kind"], e["subject_id"], e["ids"]) for e in told(place, owner)[-4:]]
    assert known == [
        ("CLUSTER_UPDATED", uuid_of(one_), None),
        ("CLUSTER_DELETED", None, [uuid_of(two)]),
        ("CLUSTER_CREATED", uuid_of(split["cluster"]["id"]), None),
        ("KEYWORD_UPDATED", None, [uuid_of(id) for id in moving]),
    ]


def test_what_would_be_long_is_told_by_its_names() -> None:
    long = {f"column{n}": "x" * 900 for n in range(12)}
    record = Record(
        UUID(int=1), None, None, AuditOperation.UPDATE, "updateKeyword", "Keyword", UUID(int=2), long, long, None, 1,
        EventKind.KEYWORD_UPDATED, "Keyword", [(UUID(int=3), None, 1)],
    )  # fmt: skip
    _, events = recording([record]).values
    assert len(events) < LONGEST
    assert '"changed":["column0",' in events


# Jobs


async def test_each_way_in_which_a_job_ends_is_told_once(place: Place, owner: Api, desk: Bench) -> None:
    account, user = account_of(place, owner), user_of(place, owner)
    buy(place, owner, 100)

    free = await tasks(place, owner, 5)

    async def ended(number: int, faults: list[Exception]) -> Json:
        before = len(told(place, owner))
        job = (await owner.start("generateContent", taskIds=[free.pop() for _ in range(number)]))["job"]["id"]
        desk.writer.faults = list(faults)
        await desk.work(account)
        (event,) = [e for e in told(place, owner)[before:] if e["subject_type"] == "Job"]
        assert (event["subject_id"], event["cause"], event["actor_id"]) == (uuid_of(job), uuid_of(job), user)
        return event

    whole = await ended(2, [AGAIN])
    partial = await ended(2, [NEVER])
    failed = await ended(1, [NEVER])

    assert [event["kind"] for event in (whole, partial, failed)] == ["JOB_SUCCEEDED", "JOB_PARTIAL", "JOB_FAILED"]
    assert len(whole["ids"]) == whole["count"] == 2, "the tasks"
    said = whole["payload"]
    assert (said["kind"], said["applied"], said["failed"], said["items"]) == ("GENERATE_CONTENT", 2, 0, 2)
    assert said["creditsSpent"] == one(place, "select credits_spent from job where id = %s", whole["subject_id"]) > 0
    assert (partial["payload"]["applied"], partial["payload"]["failed"]) == (1, 1)
    assert failed["payload"]["error"] == NEVER.reason


async def started(place: Place, owner: Api) -> str:
    ids = await tasks(place, owner, 1)
    job: str = (await owner.start("generateContent", taskIds=ids[-1:]))["job"]["id"]
    return job


def ends(place: Place, job: str) -> list[tuple[Any, ...]]:
    query = "select kind, actor_id, cause from event where subject_type = 'Job' and subject_id = %s order by id"
    return sql(place, query, uuid_of(job))


async def test_who_cancels_a_job_is_who_ended_it(place: Place, owner: Api) -> None:
    job = await started(place, owner)
    async with colleague(place, owner, "EDITOR") as editor:
        await editor.one("mutation($id: ID!) { cancelJob(id: $id) { userErrors { message } } }", id=job)
        assert ends(place, job) == [("JOB_CANCELLED", user_of(place, editor), None)]


async def test_a_job_that_is_cancelled_while_it_runs_ends_once(place: Place, owner: Api, desk: Bench) -> None:
    job = await started(place, owner)
    sql(place, "update job set cancel_requested_at = now() where id = %s", uuid_of(job))
    await desk.work(account_of(place, owner))
    assert ends(place, job) == [("JOB_CANCELLED", user_of(place, owner), uuid_of(job))]


async def test_archiving_a_site_ends_its_jobs_and_is_told_there(place: Place, owner: Api) -> None:
    job = await started(place, owner)
    site = one(place, "select site_id from job where id = %s", uuid_of(job))
    await owner.one(
        "mutation($ids: [ID!]!) { deleteSites(ids: $ids) { userErrors { message } } }", ids=[f"site_{site}"]
    )
    assert ends(place, job) == [("JOB_CANCELLED", user_of(place, owner), None)]
    (event,) = told(place, owner, "SITE_DELETED")
    assert (event["site_id"], event["ids"], event["count"]) == (site, [site], 1)


async def test_a_job_that_was_forgotten_is_told_when_it_is_found(place: Place, owner: Api, desk: Bench) -> None:
    job = await started(place, owner)
    sql(place, "update job_item set status = 'APPLIED' where job_id = %s", uuid_of(job))
    await mend(desk.units)
    await mend(desk.units)
    assert ends(place, job) == [("JOB_SUCCEEDED", user_of(place, owner), uuid_of(job))]


async def test_a_job_that_is_retried_ends_once_more(place: Place, owner: Api, desk: Bench) -> None:
    job = await started(place, owner)
    desk.writer.faults = [NEVER]
    await desk.work(account_of(place, owner))
    await owner.one("mutation($id: ID!) { retryJob(id: $id) { userErrors { message } } }", id=job)
    await desk.work(account_of(place, owner))
    assert [kind for kind, _, _ in ends(place, job)] == ["JOB_FAILED", "JOB_SUCCEEDED"]


async def test_what_a_job_does_names_it_as_the_cause(place: Place, owner: Api, desk: Bench) -> None:
    account = account_of(place, owner)
    job = await started(place, owner)
    sector = f"sec_{one(place, 'select id from sector where account_id = %s', account)}"
    scope = JobScope(account, cause=uuid_of(job))
    site = one(place, "select site_id from sector where id = %s", uuid_of(sector))
    async with desk.units(scope) as unit:
        audit.record(unit, account, "importKeywords", "Keyword", uuid_of(sector), site_id=site,
                     operation=AuditOperation.INSERT, count=7)  # fmt: skip
    (event,) = told(place, owner, "KEYWORDS_IMPORTED")
    assert (event["cause"], event["actor_id"], event["count"]) == (uuid_of(job), user_of(place, owner), 7)


# How long they are kept


async def test_thirty_days_are_kept(place: Place, owner: Api, desk: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from jobs import schedule

    monkeypatch.setattr(schedule, "EVENTS_AT_ONCE", 2)
    account = account_of(place, owner)
    for days in (29, 31, 32, 33):
        sql(
            place,
            "insert into event (id, account_id, kind, subject_type, created_at) values "
            "(uuidv7(make_interval(days => -%s)), %s, 'ACCOUNT_UPDATED', %s, now() - make_interval(days => %s))",
            days, account, f"{days} days", days,
        )  # fmt: skip
    async with desk.units(JobScope(account)) as unit:
        now = await unit.now()
    await forget_events(desk.units, now)
    kept = {event["subject_type"] for event in told(place, owner, "ACCOUNT_UPDATED")}
    assert kept == {"29 days"}


@pytest.mark.parametrize("table", ["site", "account"])
async def test_what_is_deleted_takes_its_events_along(place: Place, owner: Api, table: str) -> None:
    site, account = uuid_of(await owner.site()), account_of(place, owner)
    row = site if table == "site" else account
    count = f"select count(*) from event where {table}_id = %s"
    assert one(place, count, row) > 0
    sql(place, f"delete from {table} where id = %s", row)
    assert one(place, count, row) == 0
