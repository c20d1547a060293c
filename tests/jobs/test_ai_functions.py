"""AI functions beyond ideas and articles: names and merges, intents, image prompts, images; one made on the spot."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from domain.access import Permission
from domain.ai.answers import Answer, Line
from domain.ai.briefs import ClusterBrief
from domain.ai.function import AiFunction, Asked, Done
from domain.ai.templates import PromptTemplate
from domain.planned import Planned, Work, place_of
from domain.ports import CallReport, TextRequest
from jobs.runner import Runner
from persistence.models import Cluster, Job, JobItem
from persistence.terms import JobKind, PromptType
from persistence.unit import Unit
from tests.client import Api, Json
from tests.conftest import Place
from tests.jobs.scripted import Answer as Reply
from tests.jobs.scripted import Scripted, chat, computed
from tests.jobs.support import Bench, ScriptedProviders, account_of, check_books, one, sql, tasks, tools_of
from tests.jobs.test_endpoint import cluster, desk_at, job


async def done(place: Place, owner: Api, reply: Reply, mutation: str, **given: Any) -> Json:
    """A job of that mutation, answered so."""
    async with Scripted(otherwise=reply) as server, desk_at(place, server) as desk:
        payload = await owner.start(mutation, **given)
        assert payload["userErrors"] == []
        await desk.work(account_of(place, owner))
    check_books(place)
    return await job(owner, payload["job"]["id"])


async def clusters(place: Place, owner: Api) -> list[str]:
    """Three of one sector, strongest first: green tea, tea green, coffee."""
    await cluster(place, owner, "green tea", "tea green", "coffee")
    sql(
        place,
        "with made as (insert into cluster (account_id, site_id, sector_id, name) "
        "select account_id, site_id, sector_id, keyword from keyword where account_id = %s and keyword <> 'green tea' "
        "returning id, sector_id, name) "
        "update keyword k set cluster_id = made.id from made "
        "where k.sector_id = made.sector_id and keyword = made.name",
        account_of(place, owner),
    )
    found = await owner.one("{ clusters(orderBy: [{field: VOLUME, direction: DESC}]) { nodes { id name } } }")
    assert [c["name"] for c in found["nodes"]] == ["Tea", "tea green", "coffee"]
    return [c["id"] for c in found["nodes"]]


def named(*entries: tuple[list[int], str]) -> Reply:
    return chat({"clusters": [{"numbers": n, "name": name, "description": f"On {name}."} for n, name in entries]})


async def test_clusters_are_named_and_those_of_one_page_merged(place: Place, owner: Api) -> None:
    ids = await clusters(place, owner)
    reply = named(([1, 2], "Green tea"), ([3], "Coffee"))

    found = await done(place, owner, reply, "nameClusters", clusterIds=ids, merge=True)

    assert (found["status"], found["creditsSpent"]) == ("SUCCEEDED", 1)
    left = await owner.one(
        "{ clusters(orderBy: [{field: VOLUME, direction: DESC}]) { nodes { id name description keywordsCount volume "
        "keywords(orderBy: [{field: VOLUME, direction: DESC}]) { nodes { keyword } } } } }"
    )
    first, second = left["nodes"]
    assert (first["id"], first["name"], first["description"]) == (ids[0], "Green tea", "On Green tea.")
    assert [k["keyword"] for k in first["keywords"]["nodes"]] == ["green tea", "tea green"]
    assert (first["keywordsCount"], first["volume"]) == (2, 90 + 89)
    assert (second["id"], second["name"], second["keywordsCount"]) == (ids[2], "Coffee", 1)


@pytest.mark.parametrize(
    ("merge", "entries", "reason"),
    [
        (True, [([1, 2], "Tea")], "number 3 is missing"),
        (True, [([1, 2], "Tea"), ([2, 3], "Coffee")], "number 2 appears more than once"),
        (True, [([1], "Tea"), ([2], "Green"), ([3, 4], "Coffee")], "number 4 was not given"),
        (True, [([1], "Tea"), ([2], "tea"), ([3], "Coffee")], "the name “tea” is given to several clusters"),
        (False, [([1, 2], "Tea"), ([3], "Coffee")], "merging was not asked for"),
    ],
)
async def test_names_that_do_not_add_up_change_nothing(
    place: Place, owner: Api, merge: bool, entries: list[tuple[list[int], str]], reason: str
) -> None:
    ids = await clusters(place, owner)
    before = sql(place, "select * from cluster where account_id = %s order by id", account_of(place, owner))

    found = await done(place, owner, named(*entries), "nameClusters", clusterIds=ids, merge=merge)

    assert (found["status"], found["creditsSpent"]) == ("FAILED", 0)
    assert reason in found["error"]
    assert sql(place, "select * from cluster where account_id = %s order by id", account_of(place, owner)) == before


async def test_intents_are_classified_in_portions_of_fifty(place: Place, owner: Api) -> None:
    sector = await owner.sector()
    await owner.import_text(sector, "\n".join(f"tea number {n}" for n in range(120)))

    def classified(body: Any) -> Any:
        lines = body["messages"][1]["content"].partition("Keywords:\n")[2].splitlines()
        return {"keywords": [{"number": n + 1, "intents": ["COMMERCIAL"]} for n in range(len(lines))]}

    found = await done(place, owner, computed(classified), "classifyIntent", sectorId=sector)

    assert (found["status"], len(found["items"]["nodes"]), found["creditsSpent"]) == ("SUCCEEDED", 3, 3)
    counted = await owner.one("{ keywords(filter: {intent: {in: [COMMERCIAL]}}) { totalCount } }")
    assert counted["totalCount"] == 120
    payload = await owner.start("classifyIntent", sectorId=sector)
    assert [e["code"] for e in payload["userErrors"]] == ["BAD_INPUT"], "all have one"


async def test_offline_intents_go_by_words(place: Place, owner: Api, desk: Bench) -> None:
    sector = await owner.sector()
    await owner.import_text(sector, "buy green tea\nbest green tea\nhow to brew tea\ntea shop login\ntea")
    await owner.start("classifyIntent", sectorId=sector)
    await desk.work(account_of(place, owner))

    found = (await owner.one("{ keywords { nodes { keyword intent } } }"))["nodes"]
    assert {k["keyword"]: k["intent"] for k in found} == {
        "buy green tea": ["TRANSACTIONAL"],
        "best green tea": ["COMMERCIAL"],
        "how to brew tea": ["INFORMATIONAL"],
        "tea shop login": ["NAVIGATIONAL"],
        "tea": ["INFORMATIONAL"],
    }


async def contents(place: Place, owner: Api, desk: Bench) -> list[str]:
    """One article."""
    await owner.start("generateContent", taskIds=await tasks(place, owner, 1))
    await desk.work(account_of(place, owner))
    return [c["id"] for c in (await owner.one("{ contents { nodes { id } } }"))["nodes"]]


def image(kind: str, prompt: str) -> Json:
    return {"image_type": kind, "prompt": prompt, "alt_text": f"A picture: {prompt}"}


async def test_pictures_are_described_then_drawn(place: Place, owner: Api, desk: Bench) -> None:
    ids = await contents(place, owner, desk)
    reply = chat({"images": [image("IN_ARTICLE", "steam"), image("FEATURED", "a cup")]})

    await done(place, owner, reply, "generateImagePrompts", contentIds=ids, inArticle=1)
    started = (await owner.start("generateImages", contentIds=ids))["job"]
    assert started["creditsHeld"] == 6
    await desk.work(account_of(place, owner), "images")

    ended = await job(owner, started["id"])
    assert (ended["status"], ended["creditsSpent"], ended["creditsHeld"]) == ("SUCCEEDED", 6, 0)
    query = (
        "{ contents { nodes { images(orderBy: [{field: POSITION}]) { nodes "
        "{ imageType prompt altText status url width height mimeType origin } } } } }"
    )
    first, second = (await owner.one(query))["nodes"][0]["images"]["nodes"]
    assert (first["imageType"], first["prompt"], first["altText"]) == ("FEATURED", "a cup", "A picture: a cup")
    assert (second["imageType"], second["status"], second["origin"]) == ("IN_ARTICLE", "READY", "OFFLINE_DRAFT")
    for each, size in ((first, (1200, 640)), (second, (1024, 768))):
        assert (each["width"], each["height"], each["mimeType"]) == (*size, "image/webp")
        assert (await owner.http.get(owner.url + each["url"])).headers["content-type"] == "image/webp"
    check_books(place)


@pytest.mark.parametrize(
    ("images", "reason"),
    [
        ([image("IN_ARTICLE", "steam")], "there are 0 FEATURED images"),
        ([image("FEATURED", "a"), image("FEATURED", "b")], "there are 2 FEATURED images"),
        (
            [image("FEATURED", "a"), image("IN_ARTICLE", "b"), image("IN_ARTICLE", "c")],
            "2 IN_ARTICLE images",
        ),
        ([image("FEATURED", "a"), image("MOBILE", "b")], "image_type MOBILE is not wanted"),
        ([image("FEATURED", "a"), image("IN_ARTICLE", " A ")], "two images have the same prompt"),
    ],
)
async def test_descriptions_that_do_not_fit_are_not_kept(
    place: Place, owner: Api, desk: Bench, images: list[Json], reason: str
) -> None:
    ids = await contents(place, owner, desk)

    found = await done(place, owner, chat({"images": images}), "generateImagePrompts", contentIds=ids, inArticle=1)

    assert found["status"] == "FAILED"
    assert reason in found["error"]
    assert one(place, "select count(*) from image where account_id = %s", account_of(place, owner)) == 0


# A feature of its own, as one declaration


class Slogan(Answer):
    slogan: Line


async def gather(unit: Unit, job: Job, item: JobItem) -> ClusterBrief | None:
    found = await unit.session.get(Cluster, item.subject_id)
    return ClusterBrief(found.name, []) if found else None


@dataclass(frozen=True, slots=True)
class Wanted:
    cluster_ids: list[UUID]


async def plan(unit: Unit, user_id: UUID, wanted: Wanted) -> Planned:
    clusters = await unit.many(Cluster, wanted.cluster_ids)
    return Planned(SLOGANS, place_of(clusters, user_id), [Work(cluster.id, 1, 2) for cluster in clusters])


async def keep(unit: Unit, job: Job, item: JobItem, asked: Asked[ClusterBrief], answer: Slogan) -> Done:
    (await unit.get(Cluster, item.subject_id)).description = answer.slogan  # type: ignore[arg-type]
    return Done(len(answer.slogan), {"letters": len(answer.slogan)}, "a slogan")


SLOGANS = AiFunction(
    kind=JobKind.GENERATE_IDEAS,
    phase="finding slogans",
    permission=Permission.PLAN,
    wanted=Wanted,
    plan=plan,
    sample=ClusterBrief("Tea", []),
    template=PromptTemplate(PromptType.GENERATE_IDEAS, 1, {"name": "the topic"}, "You are brief.", "For {{name}}!"),
    answer=Slogan,
    gather=gather,
    values=lambda brief: {"name": brief.name},
    checks=lambda asked, answer: [] if asked.brief.name in answer.slogan else ["the topic is not named"],
    make=keep,
    price=lambda letters: letters // 10,
)


async def test_a_new_function_takes_one_declaration(place: Place, owner: Api, desk: Bench) -> None:
    id = await cluster(place, owner, "green tea")
    said = iter([{"slogan": "Drink coffee!"}, {"slogan": "Tea, and nothing else"}])

    class Copywriter:
        async def answer(self, request: TextRequest) -> tuple[dict[str, Any], CallReport]:
            assert request.prompt.startswith("For Tea!")
            return next(said), CallReport("copywriter", "pen")

    tools = tools_of(place, ScriptedProviders(Copywriter()), desk.units)
    desk.runner = Runner(desk.units, {SLOGANS.kind: SLOGANS}, tools)
    started = (await owner.start("generateIdeas", clusterIds=[id]))["job"]
    await desk.work(account_of(place, owner))

    found = await job(owner, started["id"])
    (item,) = found["items"]["nodes"]
    assert (found["status"], found["creditsSpent"]) == ("SUCCEEDED", 2)
    assert [(c["status"], c["error"] and "the topic is not named" in c["error"]) for c in item["calls"]] == [
        ("FAILED", True),
        ("SUCCEEDED", None),
    ]
    assert (await owner.one("{ clusters { nodes { description } } }"))["nodes"] == [
        {"description": "Tea, and nothing else"}
    ]
    check_books(place)
