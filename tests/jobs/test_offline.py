"""The offline writer: deterministic, honest, made of the brief's own keywords."""

from collections.abc import Sequence
from typing import Any

import pytest

from domain.ai.briefs import ClusterBrief
from domain.planner.work.generate_ideas import IdeaAnswer, IdeasAnswer, IdeasBrief
from domain.ports import ProviderError, TextRequest
from domain.writer.html import clean_html, headings, word_count
from domain.writer.work.generate_content import ArticleAnswer, ArticleBrief
from jobs.adapters.offline import OfflineText
from persistence.terms import ContentStructure, ContentType

COLD_BREW = [
    "cold brew coffee",
    "cold brew ratio",
    "how to make cold brew",
    "best coffee for cold brew",
    "cold brew vs iced coffee",
    "cold brew ratio by weight",
    "how long does cold brew last",
    "buy cold brew maker",
]
MANY = [f"{size} {thing} {n}" for n in range(10) for size in ("small", "large") for thing in [*COLD_BREW, "a", "b"]]
ODD = ['<script>alert("x")</script>', "tea & coffee", "  spaced   out ", "???", "it's", "☕️", "a" * 300]
LANGUAGES = [
    "кофе дома",
    "コーヒーの淹れ方",
    "कॉफ़ी कैसे बनाएं",
    "wie lange ist cold brew haltbar",
    "¿qué es el café de especialidad?",
]


async def asked(function: str, brief: object) -> dict[str, Any]:
    request = TextRequest(function, brief, "", "", {}, seconds=1)
    return (await OfflineText().answer(request))[0]


async def ideas(keywords: Sequence[str], count: int, language: str | None = None) -> list[IdeaAnswer]:
    brief = IdeasBrief(ClusterBrief("Cold brew", keywords, language), count)
    return IdeasAnswer.model_validate(await asked("GENERATE_IDEAS", brief)).ideas


async def article(keywords: Sequence[str], *, title: str = "Cold brew at home", description: str = "") -> ArticleAnswer:
    brief = ArticleBrief(
        title, description, ContentType.POST, ContentStructure.GUIDE, keywords, "Cold brew", target_word_count=1500
    )
    return ArticleAnswer.model_validate(await asked("GENERATE_CONTENT", brief))


async def test_ideas_differ_in_kind_and_follow_what_is_searched_for() -> None:
    found = await ideas(COLD_BREW, 5)

    assert [(idea.content_structure, idea.title) for idea in found] == [
        (ContentStructure.ARTICLE, "Cold brew coffee: what to know"),
        (ContentStructure.GUIDE, "How to make cold brew: a step-by-step guide"),
        (ContentStructure.LISTICLE, "Best coffee for cold brew: the options worth knowing"),
        (ContentStructure.COMPARISON, "Cold brew vs iced coffee: how they compare"),
        (ContentStructure.LANDING_PAGE, "Buy cold brew maker: what is on offer"),
    ]
    assert found[4].content_type is ContentType.PAGE
    assert found[1].target_keywords == ["how to make cold brew", "how long does cold brew last"]
    assert found[1].description == "How to make cold brew, with answers on how long does cold brew last."


@pytest.mark.parametrize("keywords", [COLD_BREW, COLD_BREW[:1], MANY, ODD, LANGUAGES])
@pytest.mark.parametrize("count", [1, 2, 5, 10])
async def test_no_keyword_is_invented_or_targeted_twice(keywords: list[str], count: int) -> None:
    found = await ideas(keywords, count)
    targets = [keyword for idea in found for keyword in idea.target_keywords]

    assert 1 <= len(found) <= min(count, len(keywords))
    assert len({idea.title for idea in found}) == len(found)
    assert len(set(targets)) == len(targets)
    assert set(targets) <= {keyword.strip() for keyword in keywords}
    assert all(idea.title and idea.description and 500 <= idea.estimated_word_count <= 3000 for idea in found)


async def test_the_same_keyword_spelt_twice_makes_one_idea() -> None:
    found = await ideas(["What is crema", "what is  crema?"], 5)

    assert [(idea.title, idea.target_keywords) for idea in found] == [("What is crema?", ["What is crema"])]


async def test_titles_in_other_languages_get_no_english_endings() -> None:
    titles = [idea.title for idea in await ideas(["kaffee mahlen", "wie mahlt man kaffee"], 2, language="de")]

    assert titles == ["Kaffee mahlen", "Wie mahlt man kaffee"]
    assert [idea.title for idea in await ideas(["кофе дома"], 1)] == ["Кофе дома"]


async def test_the_article_says_that_it_is_an_outline_and_costs_nothing() -> None:
    brief = ArticleBrief("Cold brew", "", ContentType.POST, ContentStructure.ARTICLE, COLD_BREW, None, 1200)
    request = TextRequest("GENERATE_CONTENT", brief, "", "", {}, seconds=1)
    answer, call = await OfflineText().answer(request)
    draft = ArticleAnswer.model_validate(answer)

    assert "This is an outline to be written" in draft.html.splitlines()[0]
    assert (call.provider, call.model, call.cost_micros, call.input_tokens) == ("offline", "outline-1", 0, 0)
    assert (await OfflineText().answer(request))[0] == answer


async def test_sections_come_of_keywords_and_questions_become_the_faq() -> None:
    draft = await article(COLD_BREW)

    assert headings(draft.html) == [
        (2, "Cold brew coffee"),
        (2, "Cold brew ratio"),
        (3, "Cold brew ratio by weight"),
        (2, "Best coffee for cold brew"),
        (2, "Cold brew vs iced coffee"),
        (2, "Buy cold brew maker"),
        (2, "Frequently asked questions"),
        (3, "How to make cold brew?"),
        (3, "How long does cold brew last?"),
    ]
    assert draft.secondary_keywords == COLD_BREW[1:]


@pytest.mark.parametrize("keywords", [COLD_BREW, COLD_BREW[:1], MANY, ODD, LANGUAGES, []])
async def test_any_brief_makes_an_article_that_the_sanitiser_leaves_alone(keywords: list[str]) -> None:
    draft = await article(keywords, title="Tips & <b>tricks</b> " * 9)
    text = draft.html.casefold()

    assert clean_html(draft.html) == draft.html
    assert word_count(draft.html) > 30
    assert 0 < len(draft.meta_title) <= 60
    assert 0 < len(draft.meta_description) <= 155
    assert "<script" not in draft.html
    for keyword in draft.secondary_keywords:
        shown = " ".join(keyword.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        assert shown.casefold().rstrip("?") in text


async def test_two_hundred_keywords_stay_a_readable_outline() -> None:
    draft = await article(MANY)

    assert len(MANY) == 200
    assert len(headings(draft.html)) <= 60


async def test_description_leads_and_is_the_meta_description() -> None:
    draft = await article(COLD_BREW, description="Everything about <cold> brew. " * 10)

    assert "<p>Everything about &lt;cold&gt; brew." in draft.html
    assert draft.meta_description.startswith("Everything about <cold> brew.")
    assert draft.meta_description.endswith("…")


async def test_nothing_to_write_about_is_said() -> None:
    with pytest.raises(ProviderError, match="no keywords") as no_keywords:
        await ideas([" "], 3)
    with pytest.raises(ProviderError, match="neither a title nor a keyword"):
        await article([], title=" ")

    assert not no_keywords.value.retryable
