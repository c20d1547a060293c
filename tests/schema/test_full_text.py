"""Keywords by words in any of their forms, each keyword in its own language."""

from collections.abc import AsyncIterator

import pytest

from tests.client import Api
from tests.schema.editing import ERRORS, call

FOUND = (
    "query($f: KeywordFilter) { keywords(first: 50, filter: $f, orderBy: [{field: KEYWORD}]) { nodes { keyword } } }"
)
KEYWORDS = {
    "en": ["best running shoes", "run shoe review", "how to lose weight", "weight loss", "shoe repair near me"],
    "de": ["schuhe für läufer", "gute laufschuhe", "häuser kaufen"],
    "fr": ["chaussures pour courir", "chaussure rouge"],
    "ja": ["ランニングシューズ おすすめ"],
}


@pytest.fixture(scope="module")
async def planned(url: str) -> AsyncIterator[Api]:
    async with Api(url) as api:
        await api.sign_up()
        sector = await api.sector()
        for language, keywords in KEYWORDS.items():
            listed = [{"keyword": keyword, "language": language} for keyword in keywords]
            made = await call(api, "createKeywords", ERRORS, input={"sectorId": sector, "keywords": listed})
            assert made["userErrors"] == []
        yield api


@pytest.mark.parametrize(
    ("search", "wanted"),
    [
        ("shoes", ["best running shoes", "run shoe review", "shoe repair near me"]),
        ("SHOE runs", ["best running shoes", "run shoe review"]),
        ('"running shoe"', ["best running shoes", "run shoe review"]),
        ('"shoe running"', []),
        ("shoe -review", ["best running shoes", "shoe repair near me"]),
        ("repairs or reviews", ["run shoe review", "shoe repair near me"]),
        ("how to", ["how to lose weight"]),
        ("haus", ["häuser kaufen"]),
        ("läufern", ["schuhe für läufer"]),
        ("rouges chaussure", ["chaussure rouge"]),
        ("ランニングシューズ", ["ランニングシューズ おすすめ"]),
        ("sho", []),
        ("' & | ! ( ) : * <-> \\", None),
        ("", None),
    ],
)
async def test_words_are_found_in_their_forms(planned: Api, search: str, wanted: list[str] | None) -> None:
    found = (await planned.run(FOUND, f={"fullText": search}))["keywords"]["nodes"]
    everything = sorted(keyword for listed in KEYWORDS.values() for keyword in listed)
    assert sorted(node["keyword"] for node in found) == (everything if wanted is None else sorted(wanted))


async def test_it_follows_what_a_keyword_becomes(planned: Api) -> None:
    (node,) = (await planned.run(FOUND.replace("{ keyword }", "{ id keyword }"), f={"fullText": "weight loss"}))[
        "keywords"
    ]["nodes"]
    rename = (
        "mutation($id: ID!, $w: String!) { updateKeyword(id: $id, input: {keyword: $w}) { userErrors { message } } }"
    )
    assert (await planned.one(rename, id=node["id"], w="gaining muscles"))["userErrors"] == []
    assert (await planned.run(FOUND, f={"fullText": "muscle"}))["keywords"]["nodes"] == [{"keyword": "gaining muscles"}]
    assert (await planned.run(FOUND, f={"fullText": "loss"}))["keywords"]["nodes"] == []
    assert (await planned.one(rename, id=node["id"], w="weight loss"))["userErrors"] == []


async def test_too_long_a_search_names_its_field(planned: Api) -> None:
    (error,) = await planned.errors(FOUND, f={"fullText": "a " * 21})
    assert error["extensions"]["code"] == "BAD_INPUT"
    assert "20 words" in error["message"]
