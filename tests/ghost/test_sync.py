"""What is at a Ghost is listed and read, also what others wrote there; what was only read is no change."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.destinations import Article, DestinationError, Placed, Remote
from domain.publisher.said import said_by
from jobs.adapters.ghost import Ghost, lists
from jobs.adapters.ghost.head import categories_in
from jobs.adapters.ghost.reading import html_of
from persistence.terms import FieldVerdict, RemoteEntityKind, RemoteStatus, SyncField, TaxonomyType
from tests.ghost.articles import article, picture, placed, published
from tests.ghost.sites import There

POST, PAGE = RemoteEntityKind.POST, RemoteEntityKind.PAGE
KINDS = [POST, PAGE]
CARD = "<!--kg-card-begin: html-->{}<!--kg-card-end: html-->"
FIELDS = {SyncField(name) for name in ("TITLE", "HTML", "EXCERPT", "SLUG", "META_TITLE", "META_DESCRIPTION",
                                       "CATEGORIES", "TAGS")}  # fmt: skip


def full(entity: RemoteEntityKind = POST, **more: Any) -> Article:
    """Of everything that is compared, in forms that Ghost keeps otherwise than they come."""
    cup, name = picture(), secrets.token_hex(4)
    one = article(
        entity=entity,
        title="A & B “<i>”",
        slug=f"größe-{name}",
        html='<h2>Grind</h2><p>One <mark>two</mark> <del>three</del> <a href="https://x.example/?a=1&amp;b=2" '
        f'rel="noopener">four</a>.</p><figure><img src="picture:{cup.sha256}" alt="A cup" width="2" height="5">'
        '</figure><h3 id="own">Own</h3><dl><dt>T</dt><dd>D</dd></dl><table><tbody><tr><td>1</td></tr></tbody></table>',
        excerpt="In short.",
        categories=(f"Coffee {name}", f"Beans {name}"),
        tags=(f"Привет {name}",),
        featured=cup.sha256,
        media=(cup,),
        meta_title="For engines",
        meta_description="What engines show.",
        json_ld='{"@type": "Article"}',
    )
    return replace(one, **more)


async def edit(ghost: Ghost, id: str, entity: RemoteEntityKind, **fields: Any) -> None:
    """As somebody does it there."""
    there = await ghost._read(id, entity)
    await ghost._edit(id, entity, {"updated_at": there["updated_at"], **fields})


async def read(ghost: Ghost, id: str, entity: RemoteEntityKind = POST) -> Remote:
    (found,) = await ghost.read([id], entity)
    return found


@pytest.mark.parametrize("entity", KINDS)
async def test_what_was_sent_and_only_touched_there_is_no_change(ghost: Ghost, entity: RemoteEntityKind) -> None:
    one = full(entity)
    id, remote = await published(ghost, one)
    base = await said_by(remote)
    assert base.keys() == FIELDS
    assert "sha256-" not in base[SyncField.HTML], "our pictures are no text of theirs"
    assert "<h2>Grind</h2>" in base[SyncField.HTML]
    assert '<h3 id="own">Own</h3>' in base[SyncField.HTML]

    fetched = await ghost.fetch(id, entity)
    assert fetched == replace(remote, fields={}) == await read(ghost, id, entity)
    await edit(ghost, id, entity, codeinjection_foot="<!-- theirs -->", tags=(await ghost._read(id, entity))["tags"])
    assert await said_by(await read(ghost, id, entity)) == base
    assert await said_by(await ghost.put(id, one, await placed(ghost, one))) == base


async def test_categories_are_told_apart_from_tags(ghost: Ghost) -> None:
    one = full()
    id, remote = await published(ghost, one)
    assert sorted(term.name for term in remote.categories) == sorted(one.categories)
    assert [term.name for term in remote.tags] == list(one.tags)

    there = (await ghost._read(id, POST))["tags"]
    more = await ghost.term(TaxonomyType.TAG, f"More {one.marker}")
    kept = [{"id": tag["id"]} for tag in reversed(there) if tag["name"] != one.categories[1]]
    await edit(ghost, id, POST, tags=[{"id": more}, *kept])
    found = await read(ghost, id)
    assert [term.name for term in found.categories] == [one.categories[0]]
    assert {term.name for term in found.tags} == {*one.tags, f"More {one.marker}"}
    assert found.marker == one.marker

    some = replace(one, categories=(one.categories[1],), keep=frozenset({"tags", "html", "featured"}))
    remote = await ghost.put(id, some, await placed(ghost, replace(some, media=())))
    assert [term.name for term in remote.categories] == [one.categories[1]]
    assert remote.tags == found.tags
    assert (remote.fields["tags"], remote.fields["categories"]) == (FieldVerdict.KEPT, FieldVerdict.SENT)


async def test_an_edit_made_there_is_told(ghost: Ghost) -> None:
    id, remote = await published(ghost, full())
    base, slug = await said_by(remote), f"moved-{secrets.token_hex(4)}"
    await edit(
        ghost, id, POST, title="Theirs", slug=slug, custom_excerpt=None, meta_title="Their meta", meta_description="",
        html="<h2>Theirs</h2><p>Two <strong>words</strong>.</p>",
    )  # fmt: skip
    found = await read(ghost, id)
    assert await said_by(found) == {
        **base, SyncField.TITLE: "Theirs", SyncField.SLUG: slug, SyncField.EXCERPT: "",
        SyncField.META_TITLE: "Their meta", SyncField.META_DESCRIPTION: "",
        SyncField.HTML: "<h2>Theirs</h2><p>Two <strong>words</strong>.</p>",
    }  # fmt: skip


async def test_everything_is_listed_once_also_what_is_not_shown(ghost: Ghost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE", 3)
    date = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)
    wanted = [
        article(status=RemoteStatus.DRAFT), article(), article(status=RemoteStatus.SCHEDULED, publish_at=date),
        article(), article(entity=PAGE),
    ]  # fmt: skip
    made = [(await published(ghost, each))[1] for each in wanted]
    lines = {entity: [line async for page in ghost.listed(entity) for line in page] for entity in KINDS}

    for entity, found in lines.items():
        ids = [line.id for line in found]
        assert ids == sorted(set(ids))
        own = [remote for remote, sent in zip(made, wanted, strict=True) if sent.entity is entity]
        told = {line.id: (line.status, line.modified_at) for line in found}
        assert [told[remote.id] for remote in own] == [(remote.status, remote.modified_at) for remote in own]
    assert {line.id for line in lines[POST]}.isdisjoint({line.id for line in lines[PAGE]})


async def test_a_list_that_is_gone_through_while_things_go_has_all_that_stay(memory: There) -> None:
    site = memory.site
    assert site
    async with memory.ghost() as ghost:
        ids = [(await ghost.create(article())).id for _ in range(205)]
        sizes, seen = [], set()
        async for page in ghost.listed(POST):
            sizes.append(len(page))
            seen |= {line.id for line in page}
            del site.posts[ids.pop(0)]
        assert [len(page) async for page in ghost.listed(PAGE)] == [0]
    assert sizes == [100, 100, 5]
    assert seen >= set(ids)


async def test_some_are_read_whole_in_their_order(ghost: Ghost) -> None:
    one, two = full(), article(status=RemoteStatus.DRAFT)
    (first, made), (second, _) = await published(ghost, one), await published(ghost, two)
    found = await ghost.read([second, "0" * 24, first], POST)
    assert [remote.id for remote in found] == [second, first]
    assert (found[0].tags, found[0].categories, found[0].excerpt, found[0].featured) == ((), None, "", "")
    assert found[1] == replace(made, fields={})
    assert await ghost.read([], POST) == []
    assert await ghost.read([first], PAGE) == []


async def test_what_is_too_large_together_is_read_in_halves(memory: There, monkeypatch: pytest.MonkeyPatch) -> None:
    async with memory.ghost() as ghost:
        ids = [(await ghost.create(article())).id for _ in range(5)]
        get, asked = ghost.api.get, list[int]()

        async def strict(path: str, **query: str) -> Any:
            asked.append(query["filter"].count(",") + 1)
            if asked[-1] > 2:
                raise DestinationError("Too large.", code="too_large")
            return await get(path, **query)

        monkeypatch.setattr(ghost.api, "get", strict)
        assert [remote.id for remote in await ghost.read(ids, POST)] == ids
    assert asked == [5, 2, 3, 1, 2]


@pytest.mark.parametrize("entity", KINDS)
async def test_what_others_wrote_is_read(ghost: Ghost, entity: RemoteEntityKind) -> None:
    kind, name = f"{entity.value.lower()}s", secrets.token_hex(4)
    date = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)
    written = {"title": f"By hand {name}", "html": "<h2>One two</h2><p>Three.</p>", "custom_excerpt": "Short."}
    tags = [{"name": f"Theirs {name}"}, {"name": "#theirs"}]
    for status in ("draft", "scheduled", "published"):
        given = {**written, "tags": tags, "status": status} | (
            {"published_at": f"{date:%Y-%m-%dT%H:%M:%S.000Z}"} if status == "scheduled" else {}
        )
        made = (await ghost.api.post(f"{kind}/", {kind: [given]}, source="html"))[kind][0]
        assert made["id"] in {line.id async for page in ghost.listed(entity) for line in page}
        found = await read(ghost, made["id"], entity)
        assert (found.status.value.lower(), found.marker, found.excerpt) == (status, None, "Short.")
        assert (found.title, found.html) == (written["title"], written["html"])
        assert ([term.name for term in found.tags], found.categories) == ([f"Theirs {name}"], None)
        assert (found.url is None) == (status != "published")
        assert status != "scheduled" or found.published_at == date


async def test_what_is_kept_is_left_alone(ghost: Ghost) -> None:
    id, _ = await published(ghost, full())
    await edit(ghost, id, POST, title="Theirs", html="<p>Theirs.</p>", feature_image="https://x.example/a.png")
    before = await ghost._read(id, POST)
    names = ("title", "slug", "html", "excerpt", "featured", "meta_title", "meta_description", "categories", "tags")
    one = full(marker=(await read(ghost, id)).marker, json_ld='{"@type": "Thing"}', keep=frozenset(names))
    remote = await ghost.put(id, one, Placed())
    after = await ghost._read(id, POST)

    assert {name for name in after if after[name] != before[name]} <= {"updated_at"}
    told = {name: verdict for name, verdict in remote.fields.items() if verdict is FieldVerdict.KEPT}
    assert told == dict.fromkeys((*names, "json_ld"), FieldVerdict.KEPT)
    bare = await ghost.put(id, replace(one, title="Ours", keep=frozenset(names) - {"title"}), Placed())
    assert (bare.title, bare.html, bare.fields["title"]) == ("Ours", "<p>Theirs.</p>", FieldVerdict.SENT)


async def test_a_category_of_what_others_wrote_is_known_again(ghost: Ghost) -> None:
    made = (await ghost.api.post("posts/", {"posts": [{"title": "T", "html": "<p>a</p>"}]}, source="html"))["posts"][0]
    name = f"Ours {secrets.token_hex(4)}"
    one = article(categories=(name,), json_ld='{"a": 1}', keep=frozenset({"title", "slug", "html", "tags", "featured"}))
    remote = await ghost.put(made["id"], one, await placed(ghost, one))
    assert [term.name for term in remote.categories] == [name]
    head = (await ghost._read(made["id"], POST))["codeinjection_head"]
    assert '"a"' not in head, "where the text is left alone, so is what is told of it"
    assert categories_in(head, None) == {remote.categories[0].id}


@pytest.mark.parametrize(
    ("served", "html"),
    [
        ("", ""),
        ('<h2 id="a-b">A b</h2><p>c</p>', "<h2>A b</h2><p>c</p>"),
        ('<h2 id="a">A</h2><p><a href="#a">b</a></p>', '<h2 id="a">A</h2><p><a href="#a">b</a></p>'),
        (CARD.format('<h2 id="a">A</h2>') + '<h3 id="b">B</h3>', '<h2 id="a">A</h2><h3>B</h3>'),
        (CARD.format("<div>a") + "<p>b</p>", "<div>a</div><p>b</p>"),
        ("<!--kg-card-begin: html--><i>a", "<i>a</i>"),
        ("a &lt;b&gt; <!--members-only--><p>c</p>", "a &lt;b&gt; <!--members-only--><p>c</p>"),
        ('<div class="kg-card kg-callout-card"><div class="kg-callout-emoji">!</div><div class="kg-callout-text">a <b>b'
         "</b></div></div>", "<blockquote>! a <b>b</b></blockquote>"),
        ('<div class="kg-card kg-toggle-card"><div><h4 class="kg-toggle-heading-text">a</h4><button>x'
         '</button></div><div class="kg-toggle-content"><p>b</p></div></div>',
         "<details><summary>a</summary><p>b</p></details>"),
        ('<div class="kg-card kg-button-card"><a href="https://x.example/?a&amp;b" class="kg-btn">a</a></div>',
         '<p><a href="https://x.example/?a&amp;b">a</a></p>'),
        ('<figure class="kg-card kg-embed-card"><iframe src="https://x.example/1"></iframe></figure>',
         '<p><a href="https://x.example/1">https://x.example/1</a></p>'),
        ('<figure class="kg-card kg-gallery-card"><div><img src="/a.png"></div><div><img src="/b.png"></div>'
         "<figcaption>c</figcaption></figure>",
         '<figure><img src="/a.png"></figure><figure><img src="/b.png"></figure><p>c</p>'),
        ('<figure class="kg-card kg-bookmark-card"><a class="kg-bookmark-container" href="https://x.example/"><div '
         'class="kg-bookmark-title">a &amp; b</div><div>c</div><img src="/i.png"></a></figure>',
         '<p><a href="https://x.example/">a &amp; b</a></p>'),
        ('<div class="kg-card kg-new-card"><div><h2 id="a">a</h2><svg></svg><span>b</span><a href="/c">c</a></div><img '
         'src="/d.png"></div>',
         '<h2>a</h2><p>b</p><p><a href="/c">c</a></p><figure><img src="/d.png"></figure>'),
        (f'<div class="kg-card">{"<div>" * 40}a{"</div>" * 40}</div>',
         f'<div class="kg-card">{"<div>" * 40}a{"</div>" * 40}</div>'),
    ],
)  # fmt: skip
def test_a_text_is_read_without_what_ghost_adds(served: str, html: str) -> None:
    assert html_of(served) == html
