"""The demo's walk along the main path, against the same path in memory."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from cli.demo.client import DemoFailed
from cli.demo.publishing import Destination, PagesFolder, WordPress, allowed_too
from cli.demo.story import run_demo
from tests.cli.planning_api import PlanningApi
from tests.cli.serving import serving


async def told(api: PlanningApi, tmp_path: Path, destination: Destination | None = None) -> str:
    file = tmp_path / "keywords.csv"
    file.write_text("Keyword\ncold brew\n")
    console = Console(file=io.StringIO(), width=140)
    async with serving(api.app()) as url:
        await run_demo(f"{url}/", file, console, destination or PagesFolder(tmp_path))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().replace(url, "URL")


async def test_the_demo_walks_from_keywords_to_articles_and_says_where_to_go_on(tmp_path: Path) -> None:
    api = PlanningApi()

    output = await told(api, tmp_path)

    assert api.asked["createSite"]["industryId"] == "Food & drink"
    assert api.asked["importKeywords"]["file"] == b"Keyword\ncold brew\n"
    assert api.asked["generateIdeas"] == {"clusterIds": ["c0", "c1", "c2"], "count": 2}
    assert api.asked["createTasksFromIdeas"]["ideaIds"] == ["c0-i0", "c1-i0", "c2-i0", "c0-i1", "c1-i1", "c2-i1"]
    assert api.asked["generateImages"]["contentIds"] == api.asked["generateContent"]["taskIds"]
    assert api.asked["generateContent"]["taskIds"] == [f"task-{idea}" for idea in ("c0-i0", "c1-i0", "c2-i0", "c0-i1")]
    for line in (
        "Read as GENERIC: 3 imported, 0 updated, 1 skipped, 1 rejected, in ",
        "line 9: no [keyword]",
        "41 clusters in ",
        "Cluster [c0]",
        "Article task-c0-i1 (6 words, OFFLINE_DRAFT)",
        "Ratio [by weight]",
        "Article task-c1-i0: 1 images (featured 1200×640)",
        "URL/preview/task-c1-i0?token=t",
        f"{tmp_path.as_uri()}/x/i/slug-task-c0-i0/index.html",
        "It is an OFFLINE_DRAFT",
        "Credits: 49 spent, 479 left, 0 held.",
        "URL/ and URL/graphiql",
        f"Sign in as {api.asked['signUp']['email']} with the password {api.asked['signUp']['password']}",
    ):
        assert line in output


async def test_a_large_file_is_followed_to_the_end_of_its_job(tmp_path: Path) -> None:
    output = await told(PlanningApi(large=True), tmp_path)

    assert "importKeywords is done" in output
    assert "Credits: 56 spent" in output


async def test_it_is_published_to_a_wordpress_that_is_named(tmp_path: Path) -> None:
    api = PlanningApi()
    output = await told(api, tmp_path, WordPress("https://wp", "ada", "abcd efgh"))

    asked = api.asked["createIntegration"]
    assert asked["wordPress"] == {"url": "https://wp", "username": "ada", "appPassword": "abcd efgh"}
    assert "folder" not in asked
    assert "https://wp/task-c0-i0" in output
    assert "abcd" not in output


@pytest.mark.parametrize(
    ("url", "before", "after"),
    [
        ("http://127.0.0.1:8081/blog", "", "127.0.0.1:8081"), ("http://[::1]:8081", "a", "a,[::1]:8081"),
        ("http://localhost", "a:1", "a:1,localhost"), ("https://example.com", "a", "a"),
        ("http://10.0.0.1", "", ""), ("http://[", "a", "a"),
    ],
)  # fmt: skip
def test_this_machine_is_let_in_and_no_other(url: str, before: str, after: str) -> None:
    assert allowed_too(url, before) == after


async def test_what_failed_of_a_job_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    output = await told(PlanningApi(partial="generateContent"), tmp_path)

    assert "failed after 4 attempts: the model [talked] nonsense" in output
    assert "Article task-c1-i0: 1 images" in output


@pytest.mark.parametrize(
    ("api", "reason"),
    [
        (PlanningApi(refused="signUp"), "signUp: Not today (BAD_INPUT)"),
        (PlanningApi(refused="generateContent"), "generateContent: Not today (BAD_INPUT)"),
        (PlanningApi(failed="clusterKeywords"), "clusterKeywords ended as FAILED: the worker is tired"),
        (
            PlanningApi(broken="The password is wrong."),
            "the connection test of Pages ended as FAILED: The password is wrong.",
        ),
        (PlanningApi(clusters=0), "clustering the keywords made no clusters"),
        (PlanningApi(industries=()), "there are no industries to choose from: the database has not been seeded"),
    ],
)
async def test_the_first_thing_that_goes_wrong_ends_the_demo(api: PlanningApi, reason: str, tmp_path: Path) -> None:
    with pytest.raises(DemoFailed) as failed:
        await told(api, tmp_path)

    assert failed.value.reason == reason
