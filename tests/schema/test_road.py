"""The main path as a client walks it, with a real worker."""

import pytest

from tests.client import Api

KEYWORDS = "\n".join(
    ["Keyword,Intent,Volume,Keyword Difficulty,CPC (USD)"]
    + [f"{word} coffee grinder,Commercial,{n * 100},{n},1.5" for n, word in enumerate(["best", "manual", "hand"], 1)]
    + [
        f"{word} cold brew,Informational,{n * 50},{n},0.2"
        for n, word in enumerate(["how to make", "easy", "what is"], 1)
    ]
)


@pytest.mark.usefixtures("worker")
async def test_from_keywords_to_an_article(owner: Api) -> None:
    sector = await owner.sector()
    report = await owner.import_text(sector, KEYWORDS)
    assert (report["format"], report["imported"], report["userErrors"]) == ("SEMRUSH_KEYWORD_MAGIC", 6, [])

    job = (await owner.start("clusterKeywords", sectorId=sector))["job"]
    assert job["creditsHeld"] == 1
    ended = await owner.finished(job["id"])
    assert (ended["status"], ended["done"], ended["creditsSpent"], ended["creditsHeld"]) == ("SUCCEEDED", 6, 1, 0)

    clusters = await owner.one(
        "query($id: ID!) { sector(id: $id) { clusters(orderBy: [{field: VOLUME, direction: DESC}]) { totalCount nodes "
        "{ id name keywordsCount volume keywords { nodes { keyword cluster { id } } } } } } }",
        id=sector,
    )
    nodes = clusters["clusters"]["nodes"]
    assert sum(c["keywordsCount"] for c in nodes) == 6
    assert all(k["cluster"]["id"] == c["id"] for c in nodes for k in c["keywords"]["nodes"])

    job = (await owner.start("generateIdeas", clusterIds=[nodes[0]["id"]], count=2))["job"]
    assert (await owner.finished(job["id"]))["status"] == "SUCCEEDED"
    ideas = await owner.one("{ ideas { nodes { id ideaTitle cluster { ideasCount } status } } }")
    assert [i["status"] for i in ideas["nodes"]] == ["NEW", "NEW"]
    assert ideas["nodes"][0]["cluster"]["ideasCount"] == 2

    made = await owner.one(
        "mutation($ids: [ID!]!) { createTasksFromIdeas(input: {ideaIds: $ids}) { tasks { id title idea { id } } "
        "userErrors { code } } }",
        ids=[i["id"] for i in ideas["nodes"]],
    )
    assert [t["idea"]["id"] for t in made["tasks"]] == [i["id"] for i in ideas["nodes"]]

    job = (await owner.start("generateContent", taskIds=[t["id"] for t in made["tasks"]]))["job"]
    assert (await owner.finished(job["id"]))["status"] == "SUCCEEDED"
    contents = await owner.one("{ contents { nodes { title origin htmlContent wordCount task { status } } } }")
    assert len(contents["nodes"]) == 2
    for content in contents["nodes"]:
        assert content["origin"] == "OFFLINE_DRAFT"
        assert content["wordCount"] > 20
        assert content["task"]["status"] == "REVIEW"
        assert "<h2>" in content["htmlContent"]

    account = await owner.one("{ account { credits { balance held } creditTransactions { nodes { amount } } } }")
    articles = sum(-(-content["wordCount"] // 100) for content in contents["nodes"])
    assert account["credits"] == {"balance": 500 - 1 - 2 - articles, "held": 0}
    assert sum(t["amount"] for t in account["creditTransactions"]["nodes"]) == account["credits"]["balance"]
