"""Articles at a Ghost site: found by their tags alone, whole, in the status that is wanted, and told field by field."""

import re
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.destinations import DestinationError, Placed, RemoteMedia
from jobs.adapters.ghost import Ghost
from persistence.terms import FieldVerdict, RemoteEntityKind, RemoteStatus, TaxonomyType
from tests.ghost.articles import article, picture, placed, published

SENT, CHANGED, DROPPED, KEPT = FieldVerdict.SENT, FieldVerdict.CHANGED, FieldVerdict.DROPPED, FieldVerdict.KEPT
KINDS = [RemoteEntityKind.POST, RemoteEntityKind.PAGE]


@pytest.mark.parametrize("entity", KINDS)
async def test_what_is_made_is_found_by_its_marker_and_by_nothing_else(ghost: Ghost, entity: RemoteEntityKind) -> None:
    one = article(entity=entity)
    assert await ghost.find(one.marker, entity) is None
    made = await ghost.create(one)

    assert (made.status, made.slug, made.marker, made.url) == (RemoteStatus.DRAFT, one.slug, one.marker, None)
    found = await ghost.find(one.marker, entity)
    assert found
    assert found.id == made.id
    other = RemoteEntityKind.PAGE if entity is RemoteEntityKind.POST else RemoteEntityKind.POST
    assert await ghost.find(one.marker, other) is None
    for marker in (one.marker[:-1], f"{one.marker}0", one.marker.upper().lower()[1:]):
        assert await ghost.find(marker, entity) is None
    twin = await ghost.create(replace(article(entity=entity), slug=one.slug))
    assert twin.slug == f"{one.slug}-2"
    assert (await ghost.find(one.marker, entity)).id == made.id  # type: ignore[union-attr]


@pytest.mark.parametrize("entity", KINDS)
async def test_the_whole_of_an_article_is_there(ghost: Ghost, entity: RemoteEntityKind) -> None:
    cup, name = picture(), secrets.token_hex(4)
    full = article(
        entity=entity,
        title='A & B “<i>” "q"',
        html=f'<h2>Grind</h2><p>See <a href="https://x.example/?a=1&amp;b=2" rel="noopener">it</a>, <mark>now</mark>'
        f' or never.</p><figure><img src="picture:{cup.sha256}" alt="A cup" width="2" height="5"></figure>'
        "<table><tbody><tr><td>1</td></tr></tbody></table><dl><dt>T</dt><dd>D</dd></dl>",
        excerpt="In short.",
        categories=(f"Coffee {name}", f"Beans {name}"),
        tags=(f"Привет {name}", f'It\'s "{name}"'),
        author="Owner",
        featured=cup.sha256,
        media=(cup,),
        meta_title="For engines",
        meta_description="What engines show.",
        json_ld='{"@type": "Article", "headline": "A \\u003c B"}',
        language="de",
        primary_keyword="coffee",
    )
    id, remote = await published(ghost, full)

    assert (remote.status, remote.slug, remote.marker, remote.title) == (
        RemoteStatus.PUBLISHED, full.slug, full.marker, full.title,
    )  # fmt: skip
    assert remote.url.endswith(f"/{full.slug}/")
    assert abs((datetime.now(UTC) - remote.published_at).total_seconds()) < 300
    dropped = {"language": DROPPED, "primary_keyword": DROPPED}
    names = ("title", "slug", "html", "status", "excerpt", "categories", "tags", "author", "featured", "meta_title",
             "meta_description", "json_ld")  # fmt: skip
    assert remote.fields == dict.fromkeys(names, SENT) | dropped
    assert '<p>See <a href="https://x.example/?a=1&amp;b=2" rel="noopener">it</a>, now or never.</p>' in remote.content
    post = await ghost._read(id, entity)
    assert [tag["name"] for tag in post["tags"]] == [*full.categories, *full.tags, f"#{full.marker}"]
    assert post["feature_image_alt"] == "A cup"
    assert full.json_ld in post["codeinjection_head"]


@pytest.mark.parametrize("json_ld", [None, '{"@type": "Article"}'])
@pytest.mark.parametrize("form", ["taken-{}", "größe-{}", "как-{}"])
async def test_what_is_put_again_keeps_its_address(ghost: Ghost, form: str, json_ld: str | None) -> None:
    """Also where the slug was taken, or Ghost writes it otherwise."""
    slug = form.format(secrets.token_hex(4))
    await ghost.create(article(slug=slug))
    one = article(slug=slug, json_ld=json_ld)
    made = await ghost.create(one)
    assert made.slug != slug
    slugs = {(await ghost.put(made.id, one, Placed())).slug for _ in range(3)}
    assert slugs == {made.slug}

    other = f"other-{secrets.token_hex(4)}"
    assert (await ghost.put(made.id, replace(one, slug=other), Placed())).slug == other


async def test_what_is_too_long_is_cut_after_a_word(ghost: Ghost) -> None:
    long = article(
        title="Word " * 60, slug="-".join(["word"] * 50), excerpt="Word " * 80, meta_title="Word " * 80,
        meta_description="Word " * 120,
    )  # fmt: skip
    _, remote = await published(ghost, long)

    assert all(
        remote.fields[name] is CHANGED for name in ("title", "slug", "excerpt", "meta_title", "meta_description")
    )
    assert remote.title.endswith("Word…")
    assert re.fullmatch(r"word(-word)+(-\d+)?", remote.slug)


async def test_what_is_kept_stays_as_it_is_there_and_what_is_emptied_goes(ghost: Ghost) -> None:
    cup, one = picture(), article(json_ld='{"@type": "Article"}')
    id, _ = await published(ghost, one)
    there = await ghost._read(id, one.entity)
    other = await ghost.term(TaxonomyType.TAG, f"Theirs {one.marker}")
    theirs = {
        "updated_at": there["updated_at"],
        "custom_excerpt": "Theirs.",
        "meta_title": "Theirs",
        "feature_image": "https://x.example/theirs.png",
        "codeinjection_head": f"<style>a{{}}</style>{there['codeinjection_head']}<style>b{{}}</style>",
        "tags": [{"id": other}, {"name": "#theirs"}, {"name": f"#{one.marker}"}],
    }
    await ghost._edit(id, one.entity, theirs)
    keep = frozenset({"excerpt", "meta_title", "categories", "tags"})
    remote = await ghost.put(id, replace(one, json_ld='{"@type": "Thing"}', keep=keep), Placed())

    assert {name: remote.fields[name] for name in (*keep, "featured")} == dict.fromkeys((*keep, "featured"), KEPT)
    assert (remote.excerpt, remote.meta_title, remote.featured) == ("Theirs.", "Theirs", theirs["feature_image"])
    post = await ghost._read(id, one.entity)
    head = post["codeinjection_head"]
    assert (head.count("<style>"), head.count("<script"), "Thing" in head) == (2, 1, True)
    assert {tag["name"] for tag in post["tags"]} == {f"Theirs {one.marker}", "#theirs", f"#{one.marker}"}

    tagged = replace(one, categories=(f"Ours {one.marker}",), media=(cup,), featured=cup.sha256)
    remote = await ghost.put(id, tagged, await placed(ghost, tagged))
    names = [tag["name"] for tag in (await ghost._read(id, one.entity))["tags"]]
    assert names[0] == f"Ours {one.marker}"
    assert set(names[1:]) == {"#theirs", f"#{one.marker}"}, "internal tags of others steer their themes"
    assert (remote.excerpt, remote.meta_title) == ("", "")
    assert cup.sha256 in remote.featured
    remote = await ghost.put(id, one, Placed())
    assert (remote.featured, remote.categories, remote.tags) == ("", None, ()), "what we brought, we take away"


async def test_a_tag_is_there_once_however_it_is_written(ghost: Ghost) -> None:
    name = secrets.token_hex(4)
    for ways in ((f"Kaffee {name}", f"KAFFEE {name}".upper(), f"kaffee {name}"), (f"Кофе {name}", f"кофе {name}")):
        ids = [await ghost.term(TaxonomyType.TAG, way) for way in ways]
        assert len(set(ids)) == 1, ways
    odd = [f'It\'s "{name}", (a)+[b]', f"back\\slash {name}", f"a,{name}", "x" * 300, f"#{name}", "👩\u200d👧"]
    for way in odd:
        assert await ghost.term(TaxonomyType.CATEGORY, way)
    with pytest.raises(DestinationError) as refused:
        await ghost.term(TaxonomyType.TAG, "#,")
    assert not refused.value.retryable


async def test_a_tag_that_was_deleted_there_does_not_stop_an_article(ghost: Ghost) -> None:
    one = article(tags=("Gone for good",))
    made = await ghost.create(one)
    gone = Placed(terms={(TaxonomyType.TAG, "gone for good"): "0" * 24})
    remote = await ghost.put(made.id, one, gone)

    assert remote.fields["tags"] is SENT
    left_out = await ghost.put(made.id, replace(one, tags=("Never placed",)), Placed())
    assert left_out.fields["tags"] is DROPPED


async def test_a_tag_that_was_renamed_there_keeps_its_new_name(ghost: Ghost) -> None:
    name = secrets.token_hex(4)
    id = await ghost.term(TaxonomyType.TAG, f"Theirs {name}")
    one = article(tags=(f"Ours {name}",))
    made = await ghost.create(one)
    remote = await ghost.put(made.id, one, Placed(terms={(TaxonomyType.TAG, f"ours {name}"): id}))

    assert remote.fields["tags"] is CHANGED
    tags = (await ghost._read(made.id, one.entity))["tags"]
    assert (tags[0]["id"], tags[0]["name"]) == (id, f"Theirs {name}")


async def test_an_author_is_who_bears_the_name(ghost: Ghost) -> None:
    _, remote = await published(ghost, article(author="owner"))
    assert remote.fields["author"] in (SENT, DROPPED), "by the database there"
    _, remote = await published(ghost, article(author="Nobody O'Neill \\"))
    assert remote.fields["author"] is DROPPED


async def test_a_date_is_the_sites_own_and_ends_when_it_is_published(ghost: Ghost) -> None:
    at = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
    one = article(status=RemoteStatus.SCHEDULED, publish_at=at.astimezone(UTC))
    id, remote = await published(ghost, one)
    assert (remote.status, remote.published_at, remote.url) == (RemoteStatus.SCHEDULED, at, None)
    assert (remote.fields["status"], remote.fields["publish_at"]) == (SENT, SENT)

    now = replace(one, status=RemoteStatus.PUBLISHED, publish_at=None)
    remote = await ghost.put(id, now, Placed())
    assert remote.status is RemoteStatus.PUBLISHED
    assert remote.published_at < at - timedelta(days=1), "not from the date on that it waited for"
    since = remote.published_at
    assert (await ghost.put(id, now, Placed())).published_at == since
    again = await ghost.put(id, one, Placed())
    assert (again.status, again.published_at) == (RemoteStatus.SCHEDULED, at), "what is shown can wait again"
    draft = await ghost.put(id, replace(now, status=RemoteStatus.DRAFT), Placed())
    assert (draft.status, draft.url) == (RemoteStatus.DRAFT, None)
    remote = await ghost.put(id, now, Placed())
    assert remote.published_at < at - timedelta(days=1)


async def test_a_date_that_is_over_is_from_when_on_it_is_shown(ghost: Ghost) -> None:
    at = (datetime.now(UTC) - timedelta(hours=2)).replace(microsecond=0)
    _, remote = await published(ghost, article(status=RemoteStatus.SCHEDULED, publish_at=at))

    assert (remote.status, remote.published_at) == (RemoteStatus.PUBLISHED, at)
    assert (remote.fields["status"], remote.fields["publish_at"]) == (CHANGED, SENT)


@pytest.mark.parametrize("entity", KINDS)
async def test_what_is_taken_away_is_a_draft_that_has_lost_nothing(ghost: Ghost, entity: RemoteEntityKind) -> None:
    one = article(entity=entity, tags=("Taken",), meta_title="Meta")
    id, before = await published(ghost, one)
    gone = await ghost.remove(id, entity)
    assert gone
    assert (gone.status, gone.url, gone.title, gone.slug) == (RemoteStatus.DRAFT, None, one.title, one.slug)
    again = await ghost.remove(id, entity)
    assert again
    assert again.modified_at == gone.modified_at, "what is a draft is not touched"
    back = await ghost.put(id, one, await placed(ghost, one))
    assert (back.status, back.published_at, back.url) == (before.status, before.published_at, before.url)


async def test_what_is_gone_is_none_and_not_put(ghost: Ghost) -> None:
    one, id = article(), "0" * 24
    assert await ghost.fetch(id, one.entity) is None
    assert await ghost.remove(id, one.entity) is None
    with pytest.raises(DestinationError) as gone:
        await ghost.put(id, one, Placed())
    assert gone.value.code == "404 NotFoundError"
    page = await ghost.create(article(entity=RemoteEntityKind.PAGE))
    assert await ghost.fetch(page.id, RemoteEntityKind.POST) is None


async def test_a_picture_is_found_where_it_was_brought(ghost: Ghost) -> None:
    cup = picture()
    assert await ghost.find_media(cup) is None
    there = await ghost.upload(cup)
    assert there.url.endswith(cup.file_name)
    assert await ghost.find_media(cup) == there
    async with ghost.api.client.stream("GET", there.url) as answer:
        assert answer.status_code == 200


async def test_a_picture_that_ghost_does_not_take_is_told(ghost: Ghost) -> None:
    for broken in (replace(picture(), mime_type="image/tiff"), replace(picture(), mime_type="image/jpeg")):

        async def read() -> bytes:
            return b"nonsense"

        with pytest.raises(DestinationError) as refused:
            await ghost.upload(replace(broken, read=read))
        assert refused.value.code.startswith("4")
        assert (refused.value.retryable, refused.value.maybe_done) == (False, False)


async def test_a_body_is_replaced_also_by_an_empty_one(ghost: Ghost) -> None:
    one = article()
    id, remote = await published(ghost, one)
    assert remote.content == "<p>One.</p>"
    for html in ("", "<p></p>", "<p> </p>"):
        assert (await ghost.put(id, replace(one, html=html), Placed())).content is None
        await ghost.put(id, one, Placed())


async def test_a_picture_that_is_not_there_is_left_out_and_told(ghost: Ghost) -> None:
    cup = picture()
    html = f'<p>One.</p><figure><img src="picture:{cup.sha256}" alt="A cup"></figure>'
    one = article(html=html, media=(cup,), featured=cup.sha256)
    made = await ghost.create(one)
    remote = await ghost.put(made.id, one, Placed())

    assert remote.content == "<p>One.</p>"
    assert (remote.fields["html"], remote.fields["featured"]) == (CHANGED, DROPPED)
    elsewhere = Placed({cup.sha256: RemoteMedia("1", "https://cdn.example/cup.png")})
    remote = await ghost.put(made.id, one, elsewhere)
    assert (remote.fields["html"], remote.fields["featured"]) == (SENT, SENT)
