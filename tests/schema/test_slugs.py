"""Slugs of contents and taxonomies, as people and languages want them."""

from urllib.parse import quote

import pytest

from tests.client import Api
from tests.conftest import Place
from tests.jobs.support import account_of, bench, sql, tasks
from tests.schema.editing import ERRORS, call, refused

MADE = f"content {{ id slug htmlContent }} {ERRORS}"
LONG = "Как выбрать беговые кроссовки для "


async def made(owner: Api, sector: str, title: str, **more: object) -> str:
    given = {"sectorId": sector, "title": title, "htmlContent": "<p>Some words.</p>", **more}
    payload = await call(owner, "createContent", MADE, input=given)
    assert payload["userErrors"] == []
    return str(payload["content"]["slug"])


async def changed(owner: Api, id: str, slug: str) -> str:
    payload = await call(owner, "updateContent", MADE, id=id, input={"slug": slug})
    assert payload["userErrors"] == []
    return str(payload["content"]["slug"])


async def test_they_are_spelt_in_the_authors_language_or_the_accounts(owner: Api) -> None:
    sector = await owner.sector()
    profile = f"authorProfile {{ id }} {ERRORS}"
    author = await call(owner, "createAuthorProfile", profile, input={"name": "Ada", "language": "German"})

    assert await made(owner, sector, "Über uns") == "uber-uns"
    assert await made(owner, sector, "Über uns", authorProfileId=author["authorProfile"]["id"]) == "ueber-uns"
    await call(owner, "updateAccount", f"account {{ id }} {ERRORS}", input={"defaultLanguage": "da"})
    assert await made(owner, sector, "På øen") == "paa-oeen"
    assert await made(owner, sector, "Für Öl", authorProfileId=author["authorProfile"]["id"]) == "fuer-oel"


async def test_those_that_are_the_same_when_they_are_cut_fit_nevertheless(owner: Api) -> None:
    sector = await owner.sector()
    one = await made(owner, sector, LONG + "начинающих бегунов")
    two = await made(owner, sector, LONG + "спортсменов")

    assert one == "как-выбрать-беговые-кроссовки-для"
    assert two.startswith("как-выбрать-беговые-кроссовки-")
    assert len({one, two}) == 2
    assert max(len(quote(one)), len(quote(two))) <= 200


@pytest.mark.parametrize("slug", ["—", " ", "☕️", "2026", "feed", "Page 2", "%00"])
async def test_one_that_cannot_stand_alone_is_refused(owner: Api, slug: str) -> None:
    site = await owner.site()
    sector = await owner.sector(site)
    given = {"sectorId": sector, "title": "An article", "htmlContent": "<p>a</p>"}
    made = await call(owner, "createContent", MADE, input=given)
    new = await refused(owner, "createContent", input={**given, "slug": slug})
    own = await refused(owner, "updateContent", id=made["content"]["id"], input={"slug": slug})
    category = {"siteId": site, "taxonomyType": "CATEGORY", "name": "Tea", "slug": slug}
    filed = await refused(owner, "createTaxonomy", input=category)

    assert {e["code"] for e in (new, own, filed)} == {"BAD_INPUT"}
    assert {tuple(e["field"]) for e in (new, own, filed)} == {("input", "slug")}


async def test_one_that_is_chosen_follows_the_rules_of_all(owner: Api) -> None:
    sector = await owner.sector()
    given = {"sectorId": sector, "title": "2026", "htmlContent": "<p>a</p>"}
    found = (await call(owner, "createContent", MADE, input=given))["content"]
    assert found["slug"] == "about-2026"

    assert await changed(owner, found["id"], " Grüße/Aus Köln? ") == "grusse-aus-koln"
    assert await changed(owner, found["id"], "%D0%BA%D0%BE%D1%82") == "кот"
    assert await changed(owner, found["id"], "%D0%BA%D0%BE%D1%82") == "кот"
    assert len(await changed(owner, found["id"], "x" * 150)) == 150


async def test_what_is_generated_is_spelt_in_its_language(place: Place, owner: Api) -> None:
    plain, german = await tasks(place, owner, 2)
    sql(place, "update task set title = 'Größe messen' where account_id = %s", account_of(place, owner))
    profile = f"authorProfile {{ id }} {ERRORS}"
    author = await call(owner, "createAuthorProfile", profile, input={"name": "Ada", "language": "Deutsch"})
    async with bench(place) as desk:
        await owner.start("generateContent", taskIds=[plain])
        await owner.start("generateContent", taskIds=[german], authorProfileId=author["authorProfile"]["id"])
        await desk.work(account_of(place, owner))

    made = await owner.one("{ contents { nodes { slug } } }")
    assert sorted(node["slug"] for node in made["nodes"]) == ["groesse-messen", "grosse-messen"]
