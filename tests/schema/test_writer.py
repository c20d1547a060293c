"""Tasks, contents, taxonomies and images made, changed and deleted by hand."""

import base64
import threading
import time
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.writer import html
from persistence.terms import Role
from tests.client import Api, Json
from tests.conftest import Place
from tests.jobs import support
from tests.jobs.support import sql
from tests.schema.editing import ERRORS, call, refused
from tests.schema.test_isolation import add_user, token

TASK = (
    "task { id title description keywords contentType contentStructure wordCount status dueAt version assignee { id } "
    f"cluster {{ id }} content {{ id status }} }} {ERRORS}"
)
CONTENT = (
    "content { id title slug htmlContent excerpt wordCount status origin metaTitle primaryKeyword secondaryKeywords "
    "version task { id status } taxonomyMap { nodes { taxonomy { name } } } "
    "clusterMap { nodes { role cluster { id } } } "
    f"attributeMap(orderBy: [{{field: NAME}}]) {{ nodes {{ name value }} }} }} {ERRORS}"
)
IMAGE = f"image {{ id imageType status url mimeType width height bytes origin prompt altText version }} {ERRORS}"
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAADElEQVR4nGNgwA8AAB4AATQ5vY0AAAAASUVORK5CYII=")


async def task(api: Api, sector: str, title: str = "A task", **more: Any) -> Json:
    payload = await call(api, "createTask", TASK, input={"sectorId": sector, "title": title, **more})
    assert payload["userErrors"] == []
    return dict(payload["task"])


async def content(api: Api, **given: Any) -> Json:
    fields = {"title": "An article", "htmlContent": "<h2>One</h2><p>Some words.</p>", **given}
    payload = await call(api, "createContent", CONTENT, input=fields)
    assert payload["userErrors"] == []
    return dict(payload["content"])


async def colleague(place: Place, owner: Api, role: Role) -> tuple[Api, str]:
    """Somebody else of the account, signed in: the client and the user's id."""
    account = UUID(owner.account_id.removeprefix("acc_"))
    user = add_user(place, account, role)
    return Api(owner.url, token(place, user)), f"usr_{user}"


async def test_a_task_from_its_making_to_its_end(owner: Api, place: Place) -> None:
    site = await owner.site()
    sector = await owner.sector(site)
    editor, user = await colleague(place, owner, Role.EDITOR)
    due = "2027-01-31T08:30:00.000Z"
    given = {"keywords": ["Latte", "latte"], "wordCount": 1200, "dueAt": due, "contentStructure": "REVIEW"}
    made = await task(owner, sector, " The  latte ", **given)
    assert (made["title"], made["keywords"], made["dueAt"], made["status"]) == ("The latte", ["Latte"], due, "DRAFT")
    blind = await refused(owner, "updateTask", id=made["id"], input={"assigneeId": user})
    assert blind["field"] == ["input", "assigneeId"]
    sql(place, "insert into site_user_access (account_id, site_id, user_id) values (%s, %s, %s)",
        owner.account_id[4:], site[5:], user[4:])  # fmt: skip
    assigned = await call(owner, "updateTask", TASK, id=made["id"], input={"assigneeId": user, "dueAt": None})
    assert (assigned["task"]["assignee"], assigned["task"]["dueAt"]) == ({"id": user}, None)
    mine = await owner.one("query($u: ID!) { tasks(filter: {assigneeId: $u}) { totalCount } }", u=user)
    assert mine == {"totalCount": 1}
    stale = await refused(owner, "updateTask", id=made["id"], input={"title": "x", "expectedVersion": made["version"]})
    assert stale["code"] == "CONFLICT"
    many = [{"sectorId": sector, "title": f"t{n}"} for n in range(3)]
    more = await call(owner, "createTasks", f"tasks {{ id }} {ERRORS}", input={"tasks": many})
    ids = [each["id"] for each in more["tasks"]]
    changed = await call(
        editor, "bulkUpdateTasks", f"tasks {{ wordCount }} {ERRORS}", ids=ids, input={"wordCount": 700}
    )
    assert [each["wordCount"] for each in changed["tasks"]] == [700] * 3
    assert (await refused(owner, "createTask", input={"title": "nowhere"}))["field"] == ["input", "sectorId"]
    gone = await call(owner, "deleteTasks", f"deletedIds {ERRORS}", ids=ids)
    assert gone["deletedIds"] == ids
    await editor.http.aclose()


async def test_steps_of_a_task_are_taken_or_refused(owner: Api, place: Place) -> None:
    """Each of them: tests/domain/writer/test_editorial.py."""
    site = await owner.site()
    sector = await owner.sector(site)
    editor, user = await colleague(place, owner, Role.EDITOR)
    sql(place, "insert into site_user_access (account_id, site_id, user_id) values (%s, %s, %s)",
        owner.account_id[4:], site[5:], user[4:])  # fmt: skip
    made = await task(owner, sector)

    async def step(api: Api, after: str) -> Json:
        query = f"mutation($id: ID!, $input: UpdateTaskInput!) {{ updateTask(id: $id, input: $input) {{ {TASK} }} }}"
        answer: Json = await api.answer(query, id=made["id"], input={"status": after})
        return answer

    for after, told in (("PUBLISHED", "From DRAFT it goes to"), ("REVIEW", "It has no content yet")):
        (error,) = (await step(owner, after))["data"]["updateTask"]["userErrors"]
        assert (error["code"], error["field"]) == ("CONFLICT", ["input", "status"])
        assert told in error["message"]
    await content(owner, taskId=made["id"])
    assert (await step(editor, "REVIEW"))["data"]["updateTask"]["task"]["status"] == "REVIEW"
    assert (await step(editor, "APPROVED"))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert (await step(owner, "APPROVED"))["data"]["updateTask"]["task"]["status"] == "APPROVED"
    await editor.http.aclose()


async def test_a_content_follows_its_task_and_takes_it_along(owner: Api) -> None:
    sector = await owner.sector()
    made = await task(owner, sector)
    text = await content(owner, taskId=made["id"])
    assert (text["status"], text["task"]["status"], text["origin"]) == ("DRAFT", "IN_PROGRESS", "HUMAN")
    assert (await refused(owner, "createContent", input={"title": "x", "htmlContent": "", "taskId": made["id"]}))[
        "code"
    ] == "CONFLICT"
    for status in ("REVIEW", "APPROVED"):
        moved = await call(owner, "updateTask", TASK, id=made["id"], input={"status": status})
        assert moved["task"]["content"]["status"] == status
    at = {"status": "PUBLISHED", "publishedUrl": "https://example.com/page"}
    public = await call(owner, "updateContent", CONTENT, id=text["id"], input=at)
    assert (public["content"]["status"], public["content"]["task"]["status"]) == ("PUBLISHED", "PUBLISHED")
    kept = await refused(owner, "deleteTasks", ids=[made["id"]])
    assert "1 content;" in kept["message"]
    query = f"mutation($ids: [ID!]!) {{ deleteTasks(ids: $ids, input: {{cascade: true}}) {{ deletedIds {ERRORS} }} }}"
    assert (await owner.one(query, ids=[made["id"]]))["deletedIds"] == [made["id"]]
    assert await owner.one("{ contents { totalCount } }") == {"totalCount": 0}


async def test_what_was_published_by_hand_has_an_address(owner: Api) -> None:
    site = await owner.site()
    sector = await owner.sector(site)
    look = "content { status publishedUrl publishedAt } " + ERRORS
    (text,) = [await content(owner, taskId=(await task(owner, sector))["id"])]
    for status in ("REVIEW", "APPROVED"):
        await call(owner, "updateContent", look, id=text["id"], input={"status": status})
    for given, field in (
        ({"status": "PUBLISHED"}, "status"),
        ({"status": "PUBLISHED", "publishedUrl": "javascript:1"}, "publishedUrl"),
        ({"status": "REVIEW", "publishedUrl": "https://example.com/page"}, "publishedUrl"),
    ):
        assert (await refused(owner, "updateContent", id=text["id"], input=given))["field"] == ["input", field]
    at = {"status": "PUBLISHED", "publishedUrl": "https://example.com/page"}
    public = (await call(owner, "updateContent", look, id=text["id"], input=at))["content"]
    assert (public["publishedUrl"], public["publishedAt"] is None) == ("https://example.com/page", False)
    back = (await call(owner, "updateContent", look, id=text["id"], input={"status": "APPROVED"}))["content"]
    assert back == {"status": "APPROVED", "publishedUrl": None, "publishedAt": None}
    there = {"url": "https://example.com", "username": "ada", "appPassword": "x"}
    await call(owner, "createIntegration", ERRORS, input={"siteId": site, "name": "Blog", "wordPress": there})
    late = await refused(owner, "updateContent", id=text["id"], input=at)
    assert "publishContent" in late["message"]


async def test_every_change_of_a_content_is_a_revision_that_can_be_restored(owner: Api, place: Place) -> None:
    sector = await owner.sector()
    text = await content(owner, sectorId=sector, metaTitle="One")
    given = {"htmlContent": "<h2>One</h2><p>Other words.</p><script>x</script>", "reason": "wording", "metaTitle": None}
    changed = (await call(owner, "updateContent", CONTENT, id=text["id"], input=given))["content"]
    assert (changed["htmlContent"], changed["wordCount"]) == ("<h2>One</h2><p>Other words.</p>", 3)
    await call(owner, "updateContent", ERRORS, id=text["id"], input={"slug": "elsewhere"})
    revisions = await owner.one(
        "query($id: ID!) { content(id: $id) { slug revisions { nodes { id number reason metaTitle user { id } } } } }",
        id=text["id"],
    )
    nodes = revisions["revisions"]["nodes"]
    assert [(n["number"], n["reason"], n["metaTitle"]) for n in nodes] == [(1, "written", "One"), (2, "wording", None)]
    assert {n["user"]["id"] for n in nodes} == {owner.user_id}
    assert revisions["slug"] == "elsewhere"
    one, two = (n["id"] for n in nodes)
    diff = await owner.one(
        "query($a: ID!, $b: ID!) { contentDiff(fromId: $a, toId: $b) { fields { field before after } "
        "blocks { kind html } } }", a=one, b=two,
    )  # fmt: skip
    assert diff["fields"] == [{"field": "metaTitle", "before": "One", "after": None}]
    assert [(b["kind"], b["html"]) for b in diff["blocks"]] == [
        ("SAME", "<h2>One</h2>"), ("REMOVED", "<p>Some words.</p>"), ("ADDED", "<p>Other words.</p>"),
    ]  # fmt: skip
    back = await owner.one(f"mutation($id: ID!) {{ restoreRevision(id: $id) {{ {CONTENT} }} }}", id=one)
    assert back["content"]["htmlContent"] == "<h2>One</h2><p>Some words.</p>"
    assert back["content"]["metaTitle"] == "One"
    sql(place, "update content set status = 'APPROVED' where id = %s", text["id"][4:])
    editor, user = await colleague(place, owner, Role.EDITOR)
    sql(place, "insert into site_user_access (account_id, site_id, user_id) select account_id, site_id, %s "
        "from content where id = %s", user[4:], text["id"][4:])  # fmt: skip
    closed = await refused(editor, "updateContent", id=text["id"], input={"title": "x"})
    assert "back to REVIEW" in closed["message"]
    assert (await call(owner, "updateContent", CONTENT, id=text["id"], input={"title": "x"}))["content"]["title"] == "x"
    await editor.http.aclose()


async def test_two_edits_at_once_do_not_overwrite_each_other(owner: Api) -> None:
    text = await content(owner, sectorId=await owner.sector())
    first = {"title": "First", "expectedVersion": text["version"]}
    assert (await call(owner, "updateContent", ERRORS, id=text["id"], input=first))["userErrors"] == []
    second = await refused(owner, "updateContent", id=text["id"], input={**first, "title": "Second"})
    assert (second["code"], second["field"]) == ("CONFLICT", ["input", "expectedVersion"])


async def test_slugs_are_a_sites_own(owner: Api) -> None:
    sector = await owner.sector()
    one, two = [await content(owner, sectorId=sector) for _ in range(2)]
    assert one["slug"] == "an-article"
    assert two["slug"].startswith("an-article-")
    taken = await refused(owner, "updateContent", id=two["id"], input={"slug": "An article"})
    assert (taken["code"], taken["field"]) == ("CONFLICT", ["input", "slug"])


async def test_contents_are_filed(owner: Api) -> None:
    site = await owner.site()
    sector = await owner.sector(site)
    text = await content(owner, sectorId=sector)
    answer = f"taxonomy {{ id slug parent {{ id }} }} {ERRORS}"
    made = []
    for name in ("Coffee", "Beans"):
        given = {"siteId": site, "taxonomyType": "CATEGORY", "name": name, "parentId": made[0] if made else None}
        made.append((await call(owner, "createTaxonomy", answer, input=given))["taxonomy"]["id"])
    again = await refused(owner, "createTaxonomy", input={"siteId": site, "taxonomyType": "CATEGORY", "name": "coffee"})
    assert (again["code"], again["field"]) == ("CONFLICT", ["input", "slug"])
    circle = await refused(owner, "updateTaxonomy", id=made[0], input={"parentId": made[1]})
    assert "below itself" in circle["message"]
    tag = {"siteId": site, "taxonomyType": "TAG", "name": "x", "parentId": made[0]}
    assert (await refused(owner, "createTaxonomy", input=tag))["field"] == ["input", "parentId"]
    filed = await call(owner, "setContentTaxonomies", CONTENT, input={"contentId": text["id"], "taxonomyIds": made})
    assert [n["taxonomy"]["name"] for n in filed["content"]["taxonomyMap"]["nodes"]] == ["Coffee", "Beans"]
    attributes = [{"name": "Roast", "value": "dark"}, {"name": "Origin", "value": "Kenya"}]
    named = await call(
        owner, "setContentAttributes", CONTENT, input={"contentId": text["id"], "attributes": attributes}
    )
    assert [n["value"] for n in named["content"]["attributeMap"]["nodes"]] == ["Kenya", "dark"]
    twice = [{"name": "roast", "value": "1"}, {"name": "Roast", "value": "2"}]
    error = await refused(owner, "setContentAttributes", input={"contentId": text["id"], "attributes": twice})
    assert error["code"] == "BAD_INPUT"
    cluster = await call(owner, "createCluster", "cluster { id }", input={"sectorId": sector, "name": "c"})
    id = cluster["cluster"]["id"]
    spoken = await call(
        owner, "setContentClusters", CONTENT,
        input={"contentId": text["id"], "clusters": [{"clusterId": id, "role": "HUB"}]},
    )  # fmt: skip
    assert spoken["content"]["clusterMap"]["nodes"] == [{"role": "HUB", "cluster": {"id": id}}]
    await call(owner, "deleteTaxonomies", ERRORS, ids=made[:1])
    left = await call(owner, "setContentAttributes", CONTENT, input={"contentId": text["id"], "attributes": []})
    assert [n["taxonomy"]["name"] for n in left["content"]["taxonomyMap"]["nodes"]] == ["Beans"]
    assert left["content"]["attributeMap"]["nodes"] == []
    events = await owner.one("{ account { auditEvents(last: 100) { nodes { action } } } }")
    recorded = {event["action"] for event in events["auditEvents"]["nodes"]}
    filed_by = {"setContentTaxonomies", "setContentAttributes", "setContentClusters"}
    assert {"createTaxonomy", "deleteTaxonomies", *filed_by} <= recorded
    assert await owner.one("query($id: ID!) { taxonomy(id: $id) { parent { id } } }", id=made[1]) == {"parent": None}


UPLOAD = f"mutation($input: CreateImageInput!) {{ createImage(input: $input) {{ {IMAGE} }} }}"


async def test_pictures_are_uploaded_looked_at_and_served(owner: Api) -> None:
    text = await content(owner, sectorId=await owner.sector())
    given = {"contentId": text["id"], "imageType": "FEATURED", "altText": "a dot", "file": None}
    answer = await owner.upload(UPLOAD, "dot.png", PIXEL, "variables.input.file", input=given)
    image = answer["data"]["createImage"]["image"]
    assert (image["status"], image["mimeType"], image["origin"]) == ("READY", "image/png", "HUMAN")
    assert (image["width"], image["height"], image["bytes"]) == (3, 2, len(PIXEL))
    assert (await owner.http.get(owner.url + image["url"])).content == PIXEL
    for bad in (b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", PIXEL[:20]):
        answer = await owner.upload(UPLOAD, "dot.png", bad, "variables.input.file", input=given)
        (error,) = answer["data"]["createImage"]["userErrors"]
        assert (error["code"], error["field"]) == ("BAD_INPUT", ["input", "file"])
    assert (await refused(owner, "createImage", input={**given, "file": None}))["field"] == ["input", "prompt"]
    drawn = await call(owner, "createImage", IMAGE, input={**given, "prompt": "a dot"})
    assert (drawn["image"]["status"], drawn["image"]["url"]) == ("PROMPTED", None)
    changed = await call(owner, "updateImage", IMAGE, id=image["id"], input={"altText": "", "position": 3})
    assert (changed["image"]["altText"], changed["image"]["status"]) == ("", "READY")
    kept = await refused(owner, "deleteContents", ids=[text["id"]])
    assert "1 drawn image;" in kept["message"]
    query = (
        f"mutation($ids: [ID!]!) {{ deleteContents(ids: $ids, input: {{cascade: true}}) {{ deletedIds {ERRORS} }} }}"
    )
    assert (await owner.one(query, ids=[text["id"]]))["deletedIds"] == [text["id"]]
    assert await owner.one("{ images { totalCount } }") == {"totalCount": 0}


async def test_a_picture_sent_again_is_there_once(owner: Api) -> None:
    text = await content(owner, sectorId=await owner.sector())
    given = {"contentId": text["id"], "imageType": "FEATURED", "file": None, "idempotencyKey": "the same"}
    sent = [await owner.upload(UPLOAD, "dot.png", PIXEL, "variables.input.file", input=given) for _ in range(2)]
    first, again = (answer["data"]["createImage"]["image"] for answer in sent)
    assert first == again
    assert await owner.one("{ images { totalCount } }") == {"totalCount": 1}
    other = await owner.upload(UPLOAD, "dot.png", PIXEL + b"\0", "variables.input.file", input=given)
    (error,) = other["data"]["createImage"]["userErrors"]
    assert (error["code"], error["field"]) == ("CONFLICT", ["input", "idempotencyKey"])


async def test_rivals_for_a_keyword_are_told(owner: Api) -> None:
    site = await owner.site()
    sector = await owner.sector(site)
    texts = [
        await content(owner, sectorId=sector, title=f"t{n}", primaryKeyword=keyword)
        for n, keyword in enumerate(("Latte", "latte", "Mocha", None))
    ]
    query = "query($id: ID!) { cannibalisation(siteId: $id) { primaryKeyword contents { id title } } }"
    found = await owner.one(query, id=site)
    assert [[c["id"] for c in rivals["contents"]] for rivals in found] == [[t["id"] for t in texts[:2]]]
    await call(owner, "updateContent", ERRORS, id=texts[1]["id"], input={"primaryKeyword": "Flat white"})
    assert await owner.one(query, id=site) == []


async def test_many_contents_and_images_at_once(owner: Api) -> None:
    sector = await owner.sector()
    texts = [await content(owner, sectorId=sector, title=f"t{n}") for n in range(3)]
    ids = [text["id"] for text in texts]
    answer = f"contents {{ status contentStructure }} {ERRORS}"
    changed = await call(
        owner, "bulkUpdateContents", answer, ids=ids, input={"status": "REVIEW", "contentStructure": "GUIDE"}
    )
    assert changed["contents"] == [{"status": "REVIEW", "contentStructure": "GUIDE"}] * 3
    error = await refused(owner, "bulkUpdateContents", ids=[*ids, f"con_{uuid4()}"], input={"status": "DRAFT"})
    assert error["code"] == "NOT_FOUND"
    back = await refused(owner, "bulkUpdateContents", ids=ids, input={"status": "PUBLISHED"})
    assert back["code"] == "CONFLICT", "not before it is approved"
    given = {"contentId": ids[0], "imageType": "FEATURED", "prompt": "a dot"}
    images = [(await call(owner, "createImage", IMAGE, input=given))["image"]["id"] for _ in range(2)]
    gone = await call(owner, "deleteImages", f"deletedIds {ERRORS}", ids=images)
    assert gone["deletedIds"] == images


async def test_hostile_texts_take_no_time(owner: Api) -> None:
    sector = await owner.sector()
    for text in ("```\n" + "\n" * 200_000 + "x", "<p " * 100_000, "<p>a</p>" * 50_000):
        started = time.process_time()
        made = await content(owner, sectorId=sector, htmlContent=text)
        assert time.process_time() - started < 10
    await call(owner, "updateContent", ERRORS, id=made["id"], input={"metaTitle": "m"})
    query = "query($id: ID!) { content(id: $id) { revisions { nodes { id } } } }"
    one, two = (n["id"] for n in (await owner.one(query, id=made["id"]))["revisions"]["nodes"])
    started = time.process_time()
    diff = "query($a: ID!, $b: ID!) { contentDiff(fromId: $a, toId: $b) { fields { field } } }"
    assert (await owner.one(diff, a=one, b=two))["fields"] == [{"field": "metaTitle"}]
    assert time.process_time() - started < 10


async def test_a_text_that_is_nested_too_deep_is_refused(owner: Api) -> None:
    sector = await owner.sector()
    deep = {"htmlContent": "<div>" * 300 + "x"}
    error = await refused(owner, "createContent", input={"sectorId": sector, "title": "t", **deep})
    assert (error["code"], error["field"]) == ("BAD_INPUT", ["input", "htmlContent"])
    assert "more than 256 deep" in error["message"]
    made = await content(owner, sectorId=sector, htmlContent="<p>" * 5000 + "x")
    assert (await refused(owner, "updateContent", id=made["id"], input=deep))["field"] == ["input", "htmlContent"]


async def test_no_transaction_is_open_while_a_text_is_read(
    owner: Api, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    sector, sanitiser, seen = await owner.sector(), html._cleaner, list[tuple[str, int]]()

    def watched() -> Any:
        waiting = "select count(*) from pg_stat_activity where datname = current_database() and state = %s"
        open = support.one(place, waiting, "idle in transaction")
        seen.append((threading.current_thread().name.partition("_")[0], open))
        return sanitiser()

    monkeypatch.setattr(html, "_cleaner", watched)
    made = await content(owner, sectorId=sector, htmlContent="<p>x</p>")
    await call(owner, "updateContent", ERRORS, id=made["id"], input={"htmlContent": "<p>y</p>"})
    query = "query($id: ID!) { content(id: $id) { revisions { nodes { id } } } }"
    first, second = (n["id"] for n in (await owner.one(query, id=made["id"]))["revisions"]["nodes"])
    await owner.one("mutation($id: ID!) { restoreRevision(id: $id) { userErrors { code } } }", id=first)
    await owner.one(
        "query($a: ID!, $b: ID!) { contentDiff(fromId: $a, toId: $b) { blocks { html } } }", a=first, b=second
    )
    link = await owner.one("query($id: ID!) { contentPreview(contentId: $id) { url } }", id=made["id"])
    assert (await owner.http.get(owner.url + link["url"])).status_code == 200
    assert len(seen) >= 6, "written, changed, restored, both revisions compared, shown"
    assert set(seen) == {("texts", 0)}, "in a thread of its own, no transaction open"


async def test_what_is_approved_is_not_an_editors_to_delete(owner: Api, place: Place) -> None:
    site = await owner.site()
    text = await content(owner, sectorId=await owner.sector(site), excerpt="Mine")
    assert text["excerpt"] == "Mine"
    sql(place, "update content set status = 'APPROVED' where id = %s", text["id"][4:])
    editor, user = await colleague(place, owner, Role.EDITOR)
    sql(place, "insert into site_user_access (account_id, site_id, user_id) values (%s, %s, %s)",
        owner.account_id[4:], site[5:], user[4:])  # fmt: skip
    assert "back to REVIEW" in (await refused(editor, "deleteContents", ids=[text["id"]]))["message"]
    back = await call(editor, "bulkUpdateContents", f"contents {{ status }} {ERRORS}", ids=[text["id"]],
                      input={"status": "REVIEW"})  # fmt: skip
    assert back["contents"] == [{"status": "REVIEW"}]
    assert (await call(editor, "deleteContents", ERRORS, ids=[text["id"]]))["userErrors"] == []
    await editor.http.aclose()
