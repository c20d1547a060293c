"""What work costs before paying, and when it is refused."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.client import Api, Json
from tests.conftest import Place
from tests.jobs.support import Bench, account_of, check_books, keywords, one, sql, tasks
from tests.schema.articles import Heard, article, clusters, colleague, image, listening, run, uuid_of

ESTIMATE = (
    "query($action: EstimateAction!) { estimate(action: $action) { kind credits balance "
    "breakdown { items creditsEach credits } userErrors { code message field } } }"
)
KEY = "0123456789abcdef" * 2
Given = Callable[[Place, Api], Awaitable[Json]]


@pytest.fixture(autouse=True)
def _many_sign_ups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.auth.service.SIGN_UPS_PER_IP", "9999/hour")


@pytest.fixture
async def desk(place: Place) -> AsyncIterator[tuple[Bench, Heard]]:
    async with listening(place) as made:
        yield made


async def estimate(api: Api, action: str, **given: object) -> Json:
    found: Json = await api.one(ESTIMATE, action={action: given})
    return found


async def refusal(api: Api, action: str, **given: object) -> tuple[str, list[str], str]:
    """The same of an estimate and of the mutation, but for where the input is."""
    estimated, started = await estimate(api, action, **given), await api.start(action, **given)
    assert (estimated["credits"], estimated["breakdown"], started["job"]) == (None, None, None)
    (asked,), (told,) = estimated["userErrors"], started["userErrors"]
    assert (asked["code"], asked["message"]) == (told["code"], told["message"])
    assert asked["field"] == ["action", action, *told["field"][1:]]
    return told["code"], told["field"], told["message"]


def rows(place: Place, api: Api) -> list[object]:
    """All that an account has, but for who signed in when."""
    tables = "job job_item credit_hold credit_balance credit_transaction idempotency_key audit_event task image content"
    account = account_of(place, api)
    return [
        sql(place, f"select t::text from {table} t where account_id = %s order by 1", account)
        for table in f"{tables} cluster keyword".split()
    ]


async def unclustered(place: Place, api: Api, number: int = 230) -> Json:
    sector = await api.sector()
    await api.import_text(sector, keywords(number))
    return {"sectorId": sector}


async def without_intent(place: Place, api: Api) -> Json:
    given = await unclustered(place, api, 120)
    sql(place, "update keyword set intent = '{}' where sector_id = %s", uuid_of(given["sectorId"]))
    return given


async def twenty_three_clusters(place: Place, api: Api) -> Json:
    return {"clusterIds": await clusters(place, api, 23)}


async def tasks_of_two_lengths(place: Place, api: Api) -> Json:
    ids = await tasks(place, api, 3)
    sql(place, "update task set word_count = 1401 where id = %s", uuid_of(ids[0]))
    return {"taskIds": ids}


async def tasks_of_one_length(place: Place, api: Api) -> Json:
    return {"taskIds": await tasks(place, api, 2), "targetWordCount": 250}


async def written(place: Place, api: Api) -> Json:
    return {"contentIds": [await article(place, api)], "inArticle": 3}


async def described(place: Place, api: Api) -> Json:
    content = await article(place, api)
    image(place, content, key=KEY)
    image(place, content, image_type="IN_ARTICLE", position=1)
    image(place, content, image_type="IN_ARTICLE", position=2, status="FAILED", error="It failed.")
    return {"contentIds": [content]}


@pytest.mark.parametrize(
    ("action", "given", "lines"),
    [
        ("clusterKeywords", unclustered, [(1, 2)]),
        ("nameClusters", twenty_three_clusters, [(2, 1)]),
        ("classifyIntent", without_intent, [(3, 1)]),
        ("generateIdeas", twenty_three_clusters, [(23, 2)]),
        ("generateContent", tasks_of_two_lengths, [(2, 10), (1, 15)]),
        ("generateContent", tasks_of_one_length, [(2, 3)]),
        ("generateImagePrompts", written, [(1, 1)]),
        ("generateImages", described, [(2, 3)]),
    ],
)
async def test_the_estimate_is_what_the_job_holds(
    place: Place, owner: Api, action: str, given: Given, lines: list[tuple[int, int]]
) -> None:
    input = await given(place, owner)
    before = rows(place, owner)

    estimated = await estimate(owner, action, **input)

    assert rows(place, owner) == before, "nothing is started, held or changed"
    assert estimated["userErrors"] == []
    assert [(line["items"], line["creditsEach"]) for line in estimated["breakdown"]] == lines
    assert estimated["credits"] == sum(line["credits"] for line in estimated["breakdown"])
    assert estimated["balance"] == 500
    job = (await owner.start(action, **input))["job"]
    assert (job["creditsHeld"], job["kind"]) == (estimated["credits"], estimated["kind"])
    assert one(place, "select count(*) from job_item where account_id = %s", account_of(place, owner)) == sum(
        items for items, _ in lines
    )
    check_books(place)


async def test_more_than_there_is_can_be_estimated_and_not_started(place: Place, owner: Api) -> None:
    ids = await tasks(place, owner, 51)
    estimated = await estimate(owner, "generateContent", taskIds=ids)
    assert (estimated["credits"], estimated["balance"], estimated["userErrors"]) == (510, 500, [])
    (error,) = (await owner.start("generateContent", taskIds=ids))["userErrors"]
    assert error["code"] == "OUT_OF_CREDITS"


@pytest.mark.parametrize(
    ("action", "given", "more", "field"),
    [
        ("clusterKeywords", unclustered, {"maxClusterSize": 0}, "maxClusterSize"),
        ("clusterKeywords", unclustered, {"maxClusterSize": 501}, "maxClusterSize"),
        ("nameClusters", twenty_three_clusters, {"clusterIds": []}, "clusterIds"),
        ("generateIdeas", twenty_three_clusters, {"count": 0}, "count"),
        ("generateIdeas", twenty_three_clusters, {"count": 11}, "count"),
        ("generateContent", tasks_of_one_length, {"targetWordCount": 99}, "targetWordCount"),
        ("generateContent", tasks_of_one_length, {"targetWordCount": 10_001}, "targetWordCount"),
        ("generateContent", tasks_of_one_length, {"taskIds": []}, "taskIds"),
        ("generateImagePrompts", written, {"inArticle": -1}, "inArticle"),
        ("generateImagePrompts", written, {"inArticle": 6}, "inArticle"),
        ("generateImagePrompts", written, {"contentIds": []}, "contentIds"),
        ("generateImages", described, {"contentIds": []}, "contentIds"),
        ("generateImages", described, {"contentIds": None, "imageIds": []}, "imageIds"),
    ],
)
async def test_bad_input_is_named(place: Place, owner: Api, action: str, given: Given, more: Json, field: str) -> None:
    input = {**await given(place, owner), **more}
    before = rows(place, owner)
    code, path, _ = await refusal(owner, action, **input)
    assert (code, path) == ("BAD_INPUT", ["input", field])
    assert rows(place, owner) == before


@pytest.mark.parametrize("foreign", [False, True])
async def test_unknown_and_foreign_ids_are_not_found(place: Place, owner: Api, url: str, foreign: bool) -> None:
    async with Api(url) as stranger:
        await stranger.sign_up()
        content = await article(place, stranger)
        sector = await stranger.sector(await stranger.site("Tea"), "Tea")
        author = 'mutation { createAuthorProfile(input: {name: "Ada"}) { authorProfile { id } } }'
        there = {
            "sector": sector,
            "cluster": (await clusters(place, stranger, sector=sector))[0],
            "task": (await stranger.one("{ tasks { nodes { id } } }"))["nodes"][0]["id"],
            "content": content,
            "image": image(place, content),
            "author": (await stranger.one(author))["authorProfile"]["id"],
        }
    given = there if foreign else {name: id[:-12] + "0" * 12 for name, id in there.items()}
    (mine,) = await tasks(place, owner, 1)
    before = rows(place, owner)

    refusals = [
        await refusal(owner, "clusterKeywords", sectorId=given["sector"]),
        await refusal(owner, "nameClusters", clusterIds=[given["cluster"]]),
        await refusal(owner, "classifyIntent", sectorId=given["sector"]),
        await refusal(owner, "generateIdeas", clusterIds=[given["cluster"]]),
        await refusal(owner, "generateContent", taskIds=[mine, given["task"]]),
        await refusal(owner, "generateContent", taskIds=[mine], authorProfileId=given["author"]),
        await refusal(owner, "generateImagePrompts", contentIds=[given["content"]]),
        await refusal(owner, "generateImages", contentIds=[given["content"]]),
        await refusal(owner, "generateImages", imageIds=[given["image"]]),
        await refusal(owner, "generateImages", imageIds=["nonsense"]),
    ]

    assert [r[0] for r in refusals] == ["NOT_FOUND"] * 10
    fields = "sectorId clusterIds sectorId clusterIds taskIds authorProfileId contentIds contentIds imageIds imageIds"
    assert [r[1][1] for r in refusals] == fields.split()
    assert rows(place, owner) == before


@pytest.mark.parametrize(
    "action",
    [
        {},
        {"generateIdeas": None},
        {"generateIdeas": {"clusterIds": ["x"]}, "nameClusters": {"clusterIds": ["x"]}},
        {"generateIdeas": {"clusterIds": ["x"]}, "nameClusters": None},
        {"nothing": {}},
        None,
    ],
)
async def test_exactly_one_action_is_estimated(owner: Api, action: Json | None) -> None:
    (error,) = await owner.errors(ESTIMATE, action=action)
    assert error["extensions"]["code"] == "BAD_INPUT"


async def test_who_may_not_start_work_may_not_ask_what_it_costs(place: Place, owner: Api, api: Api) -> None:
    ids = await tasks(place, owner, 1)
    action = {"generateContent": {"taskIds": ids}}
    async with colleague(place, owner, "VIEWER") as viewer, colleague(place, owner, "EDITOR") as editor:
        assert (await viewer.errors(ESTIMATE, action=action))[0]["extensions"]["code"] == "FORBIDDEN"
        assert (await editor.one(ESTIMATE, action=action))["credits"] == 10
    assert (await api.errors(ESTIMATE, action=action))[0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_suspended_account_may_still_ask(place: Place, owner: Api) -> None:
    ids = await tasks(place, owner, 1)
    sql(place, "update account set status = 'SUSPENDED' where id = %s", account_of(place, owner))
    assert (await estimate(owner, "generateContent", taskIds=ids))["credits"] == 10
    start = "mutation($i: GenerateContentInput!) { generateContent(input: $i) { job { id } } }"
    assert (await owner.errors(start, i={"taskIds": ids}))[0]["extensions"]["code"] == "FORBIDDEN"


# Writing anew


async def test_writing_anew_keeps_what_was_said(place: Place, owner: Api, desk: tuple[Bench, Heard]) -> None:
    ids = await tasks(place, owner, 1)
    await run(desk[0], place, owner, "generateContent", taskIds=ids)
    assert (await refusal(owner, "generateContent", taskIds=ids))[0] == "CONFLICT"
    sql(place, "update task set title = 'Another title' where id = %s", uuid_of(ids[0]))

    job = await run(desk[0], place, owner, "generateContent", taskIds=ids, rewrite=True)

    assert job["status"] == "SUCCEEDED"
    (content,) = (
        await owner.one(
            "{ contents { nodes { title htmlContent wordCount task { status } revisions(orderBy: [{field: NUMBER, "
            "direction: ASC}]) { nodes { number reason title htmlContent wordCount user { id } } } } } }"
        )
    )["nodes"]
    first, second = content["revisions"]["nodes"]
    assert (first["number"], first["reason"], first["title"]) == (1, "written", "Task 1")
    assert (second["number"], second["reason"], second["title"]) == (2, "rewritten", "Another title")
    assert first["htmlContent"] != second["htmlContent"]
    assert (second["htmlContent"], second["wordCount"]) == (content["htmlContent"], content["wordCount"])
    assert first["user"] == second["user"] == {"id": owner.user_id}
    assert content["task"]["status"] == "REVIEW"
    check_books(place)


@pytest.mark.parametrize("task_status", ["REVIEW", "PUBLISHED"])
async def test_what_is_published_is_not_written_anew(place: Place, owner: Api, task_status: str) -> None:
    await article(place, owner, status="PUBLISHED")
    (task,) = (await owner.one("{ tasks { nodes { id } } }"))["nodes"]
    sql(place, "update task set status = %s where id = %s", task_status, uuid_of(task["id"]))

    code, field, message = await refusal(owner, "generateContent", taskIds=[task["id"]], rewrite=True)

    assert (code, field) == ("CONFLICT", ["input", "taskIds"])
    assert "PUBLISHED" in message
    assert one(place, "select status from task where id = %s", uuid_of(task["id"])) == task_status


@pytest.mark.parametrize("rewrite", [False, True])
async def test_tasks_under_way_are_left_alone(
    place: Place, owner: Api, desk: tuple[Bench, Heard], rewrite: bool
) -> None:
    ids = await tasks(place, owner, 1)
    assert (await owner.start("generateContent", taskIds=ids))["job"]
    for status in ("QUEUED", "IN_PROGRESS", "ARCHIVED"):
        sql(place, "update task set status = %s where id = %s", status, uuid_of(ids[0]))
        code, _, message = await refusal(owner, "generateContent", taskIds=ids, rewrite=rewrite)
        assert (code, message) == ("CONFLICT", f"The task “Task 1” is {status}.")


async def test_articles_of_one_title_are_each_asked_for_once(
    place: Place, owner: Api, desk: tuple[Bench, Heard]
) -> None:
    ids = await tasks(place, owner, 6)
    account = account_of(place, owner)
    sql(place, "update task set title = 'One title' where account_id = %s", account)
    job = (await owner.start("generateContent", taskIds=ids))["job"]["id"]

    while one(place, "select count(*) from job_item where account_id = %s and status <> 'APPLIED'", account):
        await asyncio.gather(*(desk[0].runner.run(account, "text") for _ in ids))

    assert (await owner.one("query($id: ID!) { job(id: $id) { status } }", id=job))["status"] == "SUCCEEDED"
    assert len(desk[1].requests) == 6, "no answer was paid for twice"
    assert one(place, "select count(distinct slug) from content where account_id = %s", account) == 6


# Pictures


@pytest.mark.parametrize(("status", "refused"), [("READY", True), ("QUEUED", True), ("PROMPTED", False)])
async def test_drawn_pictures_are_not_described_again(place: Place, owner: Api, status: str, refused: bool) -> None:
    content = await article(place, owner)
    image(place, content, status=status, blob_key=KEY if status == "READY" else None)
    if refused:
        code, field, _ = await refusal(owner, "generateImagePrompts", contentIds=[content])
        assert (code, field) == ("CONFLICT", ["input", "contentIds"])
    else:
        assert (await owner.start("generateImagePrompts", contentIds=[content]))["job"]


async def test_pictures_are_taken_by_content_or_by_id(place: Place, owner: Api, desk: tuple[Bench, Heard]) -> None:
    content = await article(place, owner)
    assert (await refusal(owner, "generateImages"))[:2] == ("BAD_INPUT", ["input"])
    code, field, message = await refusal(owner, "generateImages", contentIds=[content])
    assert (code, field) == ("BAD_INPUT", ["input", "contentIds"])
    assert "generateImagePrompts" in message

    await run(desk[0], place, owner, "generateImagePrompts", contentIds=[content], inArticle=2)
    images = (await owner.one("{ images(orderBy: [{field: POSITION, direction: ASC}]) { nodes { id imageType } } }"))[
        "nodes"
    ]
    assert [i["imageType"] for i in images] == ["FEATURED", "IN_ARTICLE", "IN_ARTICLE"]
    first = images[0]["id"]
    assert (await refusal(owner, "generateImages", contentIds=[content], imageIds=[first]))[:2] == (
        "BAD_INPUT",
        ["input"],
    )

    assert (await run(desk[0], place, owner, "generateImages", "images", imageIds=[first]))["status"] == "SUCCEEDED"
    assert (await refusal(owner, "generateImages", imageIds=[first]))[:2] == ("CONFLICT", ["input", "imageIds"])
    job = (await owner.start("generateImages", contentIds=[content]))["job"]
    assert (job["total"], job["creditsHeld"]) == (2, 6), "those that are not drawn yet"
    assert (await refusal(owner, "generateImages", contentIds=[content]))[0] == "BAD_INPUT"
    assert (await refusal(owner, "generateImages", imageIds=[images[1]["id"]]))[0] == "CONFLICT"


async def test_cancelled_pictures_are_only_described(place: Place, owner: Api) -> None:
    picture = image(place, await article(place, owner))
    job = (await owner.start("generateImages", imageIds=[picture]))["job"]
    await owner.run("mutation($id: ID!) { cancelJob(id: $id) { userErrors { code } } }", id=job["id"])
    assert (await owner.one("{ images { nodes { status } } }"))["nodes"] == [{"status": "PROMPTED"}]
    assert (await owner.start("generateImages", imageIds=[picture]))["job"]


# Once


@pytest.mark.parametrize(
    ("action", "given"),
    [
        ("generateContent", tasks_of_one_length),
        ("generateImagePrompts", written),
        ("generateImages", described),
        ("nameClusters", twenty_three_clusters),
        ("classifyIntent", without_intent),
    ],
)
async def test_the_same_key_starts_once(place: Place, owner: Api, action: str, given: Given) -> None:
    input = {**await given(place, owner), "idempotencyKey": "once"}
    assert (await estimate(owner, action, **input))["userErrors"] == []
    first = (await owner.start(action, **input))["job"]
    again = (await owner.start(action, **input))["job"]
    assert again["id"] == first["id"]
    assert one(place, "select count(*) from job where account_id = %s", account_of(place, owner)) == 1

    other = {
        name: value[:1] if isinstance(value, list) and len(value) > 1 else value for name, value in input.items()
    } | ({"inArticle": 1} if action == "generateImagePrompts" else {})
    if other != input:
        (error,) = (await owner.start(action, **other))["userErrors"]
        assert (error["code"], error["field"]) == ("CONFLICT", ["input", "idempotencyKey"])
