"""Keywords, clusters and ideas made, changed, moved and deleted by hand."""

import asyncio
import gc
from typing import Any

import pytest

from persistence.unit import Unit
from tests.client import Api, Json
from tests.conftest import Place
from tests.jobs.support import sql
from tests.schema.editing import ERRORS, call, refused
from tests.waiting import until

FACTS = (
    "id keyword country language volume difficulty intent isBranded isLocal cpc currency competition parentTopic "
    "serpFeatures clicks impressions position opportunity status version cluster { id name keywordsCount volume }"
)
KEYWORD = f"keyword {{ {FACTS} }} {ERRORS}"
CLUSTER = f"cluster {{ id name description status keywordsCount volume ideasCount version }} {ERRORS}"
IDEA = (
    "idea { id ideaTitle description contentType contentStructure targetKeywords estimatedWordCount status version "
    f"cluster {{ id }} sector {{ id }} }} {ERRORS}"
)


async def keyword(api: Api, sector: str, text: str, **more: Any) -> Json:
    payload = await call(api, "createKeyword", KEYWORD, input={"sectorId": sector, "keyword": text, **more})
    assert payload["userErrors"] == []
    return dict(payload["keyword"])


async def cluster(api: Api, sector: str, name: str, **more: Any) -> Json:
    payload = await call(api, "createCluster", CLUSTER, input={"sectorId": sector, "name": name, **more})
    assert payload["userErrors"] == []
    return dict(payload["cluster"])


async def test_a_keyword_from_its_making_to_its_end(owner: Api) -> None:
    sector = await owner.sector()
    made = await keyword(
        owner, sector, "  Espresso   Machine ", country="us", language="EN", volume=1000, difficulty=25,
        intent=["COMMERCIAL", "COMMERCIAL"], isBranded=False, cpc="1.2345678", currency="usd", position="3.456",
        serpFeatures=["PAA", " "], parentTopic="coffee",
    )  # fmt: skip
    assert made["keyword"] == "Espresso Machine"
    assert (made["country"], made["language"], made["currency"], made["cpc"]) == ("US", "en", "USD", "1.234568")
    assert (made["intent"], made["position"], made["serpFeatures"]) == (["COMMERCIAL"], "3.46", ["PAA"])
    assert (made["status"], made["cluster"], made["opportunity"]) == ("NEW", None, 48)
    group = await cluster(owner, sector, "Machines")

    moved = await call(owner, "updateKeyword", KEYWORD, id=made["id"], input={"clusterId": group["id"], "volume": 90})
    assert moved["keyword"]["status"] == "CLUSTERED"
    assert moved["keyword"]["cluster"] == {"id": group["id"], "name": "Machines", "keywordsCount": 1, "volume": 90}
    stale = await refused(
        owner, "updateKeyword", id=made["id"], input={"volume": 1, "expectedVersion": made["version"]}
    )
    assert (stale["code"], stale["field"]) == ("CONFLICT", ["input", "expectedVersion"])
    emptied = await call(
        owner, "updateKeyword", KEYWORD, id=made["id"], input={"clusterId": None, "volume": None, "parentTopic": None}
    )
    assert (emptied["keyword"]["status"], emptied["keyword"]["opportunity"]) == ("NEW", None)
    assert (emptied["keyword"]["parentTopic"], emptied["keyword"]["difficulty"]) == (None, 25)
    gone = await call(owner, "deleteKeywords", f"deletedIds {ERRORS}", ids=[made["id"]])
    assert gone["deletedIds"] == [made["id"]]
    assert await owner.one("query($id: ID!) { keyword(id: $id) { id } }", id=made["id"]) is None
    assert (await refused(owner, "deleteKeywords", ids=[made["id"]]))["code"] == "NOT_FOUND"


async def test_what_was_refused_is_let_go(owner: Api) -> None:
    sector = await owner.sector()
    made, other = [await keyword(owner, sector, text) for text in ("moka pot", "moka pots")]
    codes = set()
    for n in range(20):
        for given in ({"volume": n, "expectedVersion": 99}, {"keyword": other["keyword"]}):
            codes.add((await refused(owner, "updateKeyword", id=made["id"], input=given))["code"])
    assert codes == {"CONFLICT"}
    await until(lambda: units() == 0)


def units() -> int:
    """How many are alive in this process, which is the server's too."""
    gc.collect()
    return sum(isinstance(each, Unit) for each in gc.get_objects())


BAD_KEYWORDS: list[tuple[Json, str, str]] = [
    ({"keyword": " "}, "keyword", "no keyword text"),
    ({"keyword": "a" * 256}, "keyword", "longer than 255"),
    ({"keyword": "a\0b"}, "keyword", "control character"),
    ({"country": "USA"}, "country", "such as US"),
    ({"language": "English"}, "language", "such as en"),
    ({"currency": "dollars"}, "currency", "such as USD"),
    ({"volume": -1}, "volume", "from 0"),
    ({"difficulty": 101}, "difficulty", "from 0 to 100"),
    ({"competition": -1}, "competition", "from 0 to 100"),
    ({"cpc": "-0.1"}, "cpc", "from 0"),
    ({"position": "NaN"}, "position", "from 0"),
    ({"serpFeatures": ["x"] * 51}, "serpFeatures", "at most 50"),
    ({"status": "CLUSTERED"}, "status", "clusterId"),
]


@pytest.mark.parametrize(("given", "field", "told"), BAD_KEYWORDS)
async def test_a_bad_keyword_is_refused_whole(owner: Api, given: Json, field: str, told: str) -> None:
    sector = await owner.sector()
    good = {"keyword": "good"}
    error = await refused(owner, "createKeyword", input={"sectorId": sector, **good, **given})
    assert (error["code"], error["field"]) == ("BAD_INPUT", ["input", field])
    assert told in error["message"]
    error = await refused(owner, "createKeywords", input={"sectorId": sector, "keywords": [good, {**good, **given}]})
    assert (error["code"], error["field"]) == ("BAD_INPUT", ["input", "keywords", "1", field])
    assert await owner.one("{ keywords { totalCount } }") == {"totalCount": 0}


async def test_a_keyword_is_there_once_for_each_market(owner: Api) -> None:
    sector = await owner.sector()
    await keyword(owner, sector, "Espresso", country="US")
    await keyword(owner, sector, "Espresso", country="GB")
    again = await refused(owner, "createKeyword", input={"sectorId": sector, "keyword": "ESPRESSO", "country": "us"})
    assert (again["code"], again["field"]) == ("CONFLICT", ["input", "keyword"])
    twice = [{"keyword": "latte"}, {"keyword": "Latte"}]
    error = await refused(owner, "createKeywords", input={"sectorId": sector, "keywords": twice})
    assert error["code"] == "CONFLICT"
    assert await owner.one("{ keywords { totalCount } }") == {"totalCount": 2}


async def test_the_same_key_makes_them_once(owner: Api) -> None:
    sector = await owner.sector()
    given = {"sectorId": sector, "keywords": [{"keyword": f"k{n}"} for n in range(3)], "idempotencyKey": "one"}
    answers = [await call(owner, "createKeywords", f"keywords {{ id }} {ERRORS}", input=given) for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(answers[0]["keywords"]) == 3
    error = await refused(owner, "createKeywords", input={**given, "keywords": [{"keyword": "other"}]})
    assert (error["code"], error["field"]) == ("CONFLICT", ["input", "idempotencyKey"])


async def test_plans_limit_what_is_made_by_hand(owner: Api, place: Place) -> None:
    sector = await owner.sector()
    sql(place, "insert into plan (name, slug, max_keywords, max_clusters, max_content_ideas) "
        "values ('Tiny', 'tiny', 2, 1, 1) on conflict do nothing")  # fmt: skip
    sql(place, "update account set plan_id = (select id from plan where slug = 'tiny') where id = %s",
        owner.account_id.removeprefix("acc_"))  # fmt: skip
    group = await cluster(owner, sector, "One")
    made = await asyncio.gather(
        *(call(owner, "createKeyword", KEYWORD, input={"sectorId": sector, "keyword": f"k{n}"}) for n in range(6))
    )
    assert sum(payload["keyword"] is not None for payload in made) == 2
    codes = {error["code"] for payload in made for error in payload["userErrors"]}
    assert codes == {"LIMIT_REACHED"}
    assert (await refused(owner, "createCluster", input={"sectorId": sector, "name": "Two"}))["code"] == "LIMIT_REACHED"
    ideas = [{"ideaTitle": "a", "clusterId": group["id"]}, {"ideaTitle": "b", "sectorId": sector}]
    assert (await refused(owner, "createIdeas", input={"ideas": ideas}))["code"] == "LIMIT_REACHED"
    limits = await owner.one("{ account { limits { key used limit resetsAt } } }")
    found = {each["key"]: (each["used"], each["limit"]) for each in limits["limits"]}
    assert (found["KEYWORDS"], found["CLUSTERS"], found["CONTENT_IDEAS"]) == ((2, 2), (1, 1), (0, 1))
    assert {each["key"] for each in limits["limits"] if each["resetsAt"]} == {
        "AI_REQUESTS",
        "WORDS",
        "IMAGES",
        "CREDITS",
    }


async def test_many_are_changed_and_moved_at_once(owner: Api) -> None:
    sector = await owner.sector()
    await owner.import_text(sector, "\n".join(f"keyword {n}" for n in range(1500)))
    ids: list[str] = []
    cursor = None
    while len(ids) < 1500:
        page = await owner.one(
            "query($a: String) { keywords(first: 100, after: $a) { nodes { id } pageInfo { endCursor } } }", a=cursor
        )
        ids += [node["id"] for node in page["nodes"]]
        cursor = page["pageInfo"]["endCursor"]
    group = await cluster(owner, sector, "Some", keywordIds=ids[:10])
    assert group["keywordsCount"] == 10
    archived = await call(
        owner, "bulkUpdateKeywords", f"keywords {{ status }} {ERRORS}", ids=ids[:20], input={"status": "ARCHIVED"}
    )
    assert [k["status"] for k in archived["keywords"]] == ["ARCHIVED"] * 20
    back = await call(
        owner, "bulkUpdateKeywords", f"keywords {{ status intent }} {ERRORS}", ids=ids[5:15],
        input={"status": "NEW", "intent": ["NAVIGATIONAL"]},
    )  # fmt: skip
    assert [k["status"] for k in back["keywords"]] == ["CLUSTERED"] * 5 + ["NEW"] * 5
    assert all(k["intent"] == ["NAVIGATIONAL"] for k in back["keywords"])
    moved = await call(
        owner, "moveKeywords", f"movedIds cluster {{ keywordsCount }} {ERRORS}",
        input={"keywordIds": ids, "clusterId": group["id"]},
    )  # fmt: skip
    assert (len(moved["movedIds"]), moved["cluster"]) == (1500, {"keywordsCount": 1500})
    statuses = await owner.one("{ keywords(filter: {status: {in: [ARCHIVED]}}) { totalCount } }")
    assert statuses["totalCount"] == 10
    error = await refused(owner, "bulkUpdateKeywords", ids=ids[:1001], input={"status": "NEW"})
    assert error["field"] == ["ids"]
    assert (await refused(owner, "bulkUpdateKeywords", ids=ids[:2], input={}))["code"] == "BAD_INPUT"
    gone = await call(owner, "deleteKeywords", f"deletedIds {ERRORS}", ids=ids)
    assert len(gone["deletedIds"]) == 1500
    events = await owner.one(
        "{ account { auditEvents(last: 3, filter: {operation: {in: [DELETE]}}) { nodes { action count } } } }"
    )
    assert events["auditEvents"]["nodes"] == [{"action": "deleteKeywords", "count": 1500}]


async def test_clusters_are_merged_split_and_deleted(owner: Api) -> None:
    site = await owner.site()
    sector, other = await owner.sector(site), await owner.sector(site, "Other")
    words = [await keyword(owner, sector, f"k{n}", volume=n) for n in range(4)]
    ids = [word["id"] for word in words]
    one = await cluster(owner, sector, "One", keywordIds=ids[:2], description="d")
    two = await cluster(owner, sector, "Two", keywordIds=ids[2:])
    far = await cluster(owner, other, "Far")
    idea = await call(owner, "createIdea", IDEA, input={"clusterId": two["id"], "ideaTitle": "An idea"})
    wrong = await refused(owner, "mergeClusters", input={"intoClusterId": one["id"], "clusterIds": [far["id"]]})
    assert wrong["field"] == ["input", "clusterIds"]
    alone = await refused(owner, "mergeClusters", input={"intoClusterId": one["id"], "clusterIds": [one["id"]]})
    assert alone["code"] == "BAD_INPUT"
    given = {"intoClusterId": one["id"], "clusterIds": [two["id"]], "name": "Both"}
    merged = (await call(owner, "mergeClusters", CLUSTER, input=given))["cluster"]
    assert (merged["name"], merged["keywordsCount"], merged["volume"], merged["ideasCount"]) == ("Both", 4, 6, 1)
    assert await owner.one("query($id: ID!) { cluster(id: $id) { id } }", id=two["id"]) is None

    whole = await refused(owner, "splitCluster", input={"clusterId": one["id"], "keywordIds": ids, "name": "x"})
    assert whole["field"] == ["input", "keywordIds"]
    split = await call(
        owner, "splitCluster", CLUSTER, input={"clusterId": one["id"], "keywordIds": ids[3:], "name": "Rest"}
    )
    assert (split["cluster"]["name"], split["cluster"]["keywordsCount"]) == ("Rest", 1)
    foreign = await refused(owner, "splitCluster", input={"clusterId": one["id"], "keywordIds": ids[3:], "name": "x"})
    assert "not in the cluster" in foreign["message"]

    gone = await call(owner, "deleteClusters", f"deletedIds {ERRORS}", ids=[one["id"], split["cluster"]["id"]])
    assert len(gone["deletedIds"]) == 2
    left = await owner.one("{ keywords { nodes { status cluster { id } } } }")
    assert left["nodes"] == [{"status": "NEW", "cluster": None}] * 4
    kept = await owner.one("query($id: ID!) { idea(id: $id) { cluster { id } status } }", id=idea["idea"]["id"])
    assert kept == {"cluster": None, "status": "NEW"}


async def test_a_cluster_takes_keywords_of_its_own_sector_only(owner: Api) -> None:
    site = await owner.site()
    sector, other = await owner.sector(site), await owner.sector(site, "Other")
    word, group = await keyword(owner, sector, "k"), await cluster(owner, other, "Far")
    for mutation, given in {
        "createKeyword": {"sectorId": sector, "keyword": "l", "clusterId": group["id"]},
        "createCluster": {"sectorId": other, "name": "x", "keywordIds": [word["id"]]},
        "moveKeywords": {"keywordIds": [word["id"]], "clusterId": group["id"]},
    }.items():
        assert (await refused(owner, mutation, input=given))["code"] in ("NOT_FOUND", "BAD_INPUT"), mutation
    error = await refused(owner, "updateKeyword", id=word["id"], input={"clusterId": group["id"]})
    assert (error["code"], error["field"]) == ("NOT_FOUND", ["input", "clusterId"])
    assert await owner.one("{ clusters { totalCount } }") == {"totalCount": 1}
    assert await owner.one("{ keywords { nodes { cluster { id } } } }") == {"nodes": [{"cluster": None}]}


async def test_ideas_by_hand(owner: Api) -> None:
    sector = await owner.sector()
    group = await cluster(owner, sector, "Machines")
    given = {
        "clusterId": group["id"], "ideaTitle": " Which  machine? ", "targetKeywords": ["Machine", "machine", " "],
        "contentStructure": "GUIDE", "estimatedWordCount": 1500, "description": " d ",
    }  # fmt: skip
    made = (await call(owner, "createIdea", IDEA, input=given))["idea"]
    assert (made["ideaTitle"], made["targetKeywords"], made["description"]) == ("Which machine?", ["Machine"], "d")
    assert (made["sector"]["id"], made["status"], made["contentStructure"]) == (sector, "NEW", "GUIDE")
    nowhere = await refused(owner, "createIdea", input={"ideaTitle": "x"})
    assert nowhere["field"] == ["input", "sectorId"]
    for bad, field in (({"ideaTitle": ""}, "ideaTitle"), ({"estimatedWordCount": 99}, "estimatedWordCount")):
        error = await refused(owner, "createIdea", input={**given, **bad})
        assert error["field"] == ["input", field]
    changed = await call(
        owner, "updateIdea", IDEA, id=made["id"],
        input={"clusterId": None, "status": "REJECTED", "expectedVersion": made["version"]},
    )  # fmt: skip
    assert (changed["idea"]["cluster"], changed["idea"]["status"]) == (None, "REJECTED")
    forced = await refused(owner, "updateIdea", id=made["id"], input={"status": "DONE"})
    assert forced["field"] == ["input", "status"]
    back = await call(
        owner, "bulkUpdateIdeas", f"ideas {{ status }} {ERRORS}", ids=[made["id"]], input={"status": "NEW"}
    )
    assert back["ideas"] == [{"status": "NEW"}]
    await call(owner, "createTasksFromIdeas", ERRORS, input={"ideaIds": [made["id"]]})
    taken = await refused(owner, "bulkUpdateIdeas", ids=[made["id"]], input={"status": "REJECTED"})
    strange = await refused(owner, "updateIdea", id="idea_none", input={})
    assert (strange["code"], strange["message"]) == ("NOT_FOUND", "There is no such idea here.")
    events = await owner.one("{ account { auditEvents(last: 100) { nodes { action } } } }")
    recorded = {event["action"] for event in events["auditEvents"]["nodes"]}
    assert {"createIdea", "updateIdea", "bulkUpdateIdeas"} <= recorded
    assert "has a task" in taken["message"]
    gone = await call(owner, "deleteIdeas", f"deletedIds {ERRORS}", ids=[made["id"]])
    assert gone["deletedIds"] == [made["id"]]
    assert (await owner.one("{ tasks { nodes { idea { id } } } }"))["nodes"] == [{"idea": None}]


async def test_what_cannot_be_is_told_not_broken(owner: Api) -> None:
    sector = await owner.sector()
    one_, two = [await keyword(owner, sector, "espresso", country=country) for country in ("US", "GB")]
    error = await refused(owner, "bulkUpdateKeywords", ids=[one_["id"], two["id"]], input={"country": "DE"})
    assert error["code"] == "CONFLICT"
    twice = [{"keyword": "a"}, {"keyword": "b"}, {"keyword": "A"}]
    error = await refused(owner, "createKeywords", input={"sectorId": sector, "keywords": twice})
    assert (error["code"], error["field"]) == ("CONFLICT", ["input", "keywords", "2", "keyword"])
    error = await refused(
        owner, "createKeyword", input={"sectorId": sector, "keyword": "l", "language": "en-" + "a1" * 20}
    )
    assert error["field"] == ["input", "language"]


async def test_keywords_that_change_places_at_once_all_arrive(owner: Api) -> None:
    sector = await owner.sector()
    one_, two = [await cluster(owner, sector, name) for name in ("One", "Two")]
    words = [await keyword(owner, sector, f"k{n}", clusterId=(one_, two)[n % 2]["id"]) for n in range(40)]

    async def move(half: int, to: Json) -> list[Json]:
        ids = [word["id"] for word in words[half::2]]
        return [dict(e) for e in (await call(
            owner, "moveKeywords", ERRORS, input={"keywordIds": ids, "clusterId": to["id"]}
        ))["userErrors"]]  # fmt: skip

    for _ in range(5):
        assert await asyncio.gather(move(0, two), move(1, one_), move(0, one_), move(1, two)) == [[]] * 4
    counts = await owner.one("{ clusters { nodes { keywordsCount } } }")
    assert sum(node["keywordsCount"] for node in counts["nodes"]) == 40


async def test_the_same_key_sent_again_meanwhile_waits_for_the_first(owner: Api) -> None:
    given = {"sectorId": await owner.sector(), "keyword": "k", "idempotencyKey": "once"}
    answers = await asyncio.gather(*(call(owner, "createKeyword", KEYWORD, input=given) for _ in range(5)))
    assert len({answer["keyword"]["id"] for answer in answers}) == 1


async def test_filings_move_with_a_merge(owner: Api) -> None:
    sector = await owner.sector()
    one_, two = [await cluster(owner, sector, name) for name in ("One", "Two")]
    text = await call(
        owner, "createContent", "content { id }", input={"sectorId": sector, "title": "t", "htmlContent": "x"}
    )
    filed = {"contentId": text["content"]["id"], "clusters": [{"clusterId": two["id"], "role": "HUB"}]}
    await call(owner, "setContentClusters", ERRORS, input=filed)
    await call(owner, "mergeClusters", ERRORS, input={"intoClusterId": one_["id"], "clusterIds": [two["id"]]})
    found = await owner.one("{ contents { nodes { clusterMap { nodes { role cluster { id } } } } } }")
    assert found["nodes"][0]["clusterMap"]["nodes"] == [{"role": "HUB", "cluster": {"id": one_["id"]}}]
