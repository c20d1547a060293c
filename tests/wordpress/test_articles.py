"""Articles at a WordPress: drafts with a marker, whole ones with a verdict for each field, and out again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from domain.destinations import Article, DestinationError, Placed, Remote
from domain.publisher.said import own_text
from domain.writer.html import text_of
from persistence.terms import FieldVerdict, RemoteEntityKind, RemoteStatus, TaxonomyType, WordPressMarkup
from tests.wordpress.opening import Opened, article, capabilities_of, in_days, marker, opened
from tests.wordpress.pictures import media_of, picture
from tests.wordpress.places import Place

SENT, KEPT, CHANGED, DROPPED = FieldVerdict.SENT, FieldVerdict.KEPT, FieldVerdict.CHANGED, FieldVerdict.DROPPED
SEO = ("meta_title", "meta_description", "primary_keyword")
POST, PAGE = RemoteEntityKind.POST, RemoteEntityKind.PAGE


async def placed_at(there: Opened, wanted: Article) -> Placed:
    media = {each.sha256: await there.wordpress.upload(each) for each in wanted.media}
    names = [(TaxonomyType.CATEGORY, name) for name in wanted.categories]
    names += [(TaxonomyType.TAG, name) for name in wanted.tags]
    return Placed(media, {(kind, name.casefold()): await there.wordpress.term(kind, name) for kind, name in names})


def illustrated(colour: int, **more: Any) -> Article:
    """With two pictures and all that an article may have."""
    shown, inside = media_of(picture(colour)), media_of(picture(colour + 1), alt_text='A "white" cup')
    html = (
        f'<p>Boil the <a href="https://example.org/" target="_blank">water</a>.</p><figure><img src="picture:'
        f'{inside.sha256}" alt="A &quot;white&quot; cup" width="8" height="6"></figure><p>Wait.</p>'
    )
    whole: dict[str, Any] = {
        "html": html, "media": (shown, inside), "featured": shown.sha256, "categories": ("News & Views", "Tea"),
        "tags": ("Привет", "Kettles", "C++"), "author": "Editor", "meta_title": "Tea, told", "meta_description": "All.",
        "primary_keyword": "tea", "json_ld": '{"@type": "Article", "headline": "Tea"}',
    }  # fmt: skip
    return article(**(whole | more))


async def put_new(there: Opened, wanted: Article, placed: Placed | None = None) -> Remote:
    made = await there.wordpress.create(wanted)
    return await there.wordpress.put(made.id, wanted, placed or Placed())


async def test_a_draft_carries_marker_and_slug(place: Place) -> None:
    wanted = article()
    async with opened(place) as there:
        assert await there.wordpress.find(wanted.marker, POST) is None
        made = await there.wordpress.create(wanted)
        found = await there.wordpress.find(wanted.marker, POST)

    assert (made.status, made.slug, made.url, made.marker) == (RemoteStatus.DRAFT, wanted.slug, None, wanted.marker)
    assert found
    assert found.id == made.id
    assert wanted.html not in (made.content or "")


async def test_a_whole_article_is_there_as_it_was_sent(place: Place) -> None:
    wanted = illustrated(1_000)
    async with opened(place, capabilities=await capabilities_of(place)) as there:
        made = await there.wordpress.create(wanted)
        remote = await there.wordpress.put(made.id, wanted, await placed_at(there, wanted))
        read = await there.wordpress.fetch(made.id, POST)

    seo = SENT if place.companion else DROPPED
    fields = dict.fromkeys(remote.fields, SENT) | dict.fromkeys(SEO, seo) | {"date": KEPT}
    assert remote.fields == fields
    assert len(fields) == 16
    assert (remote.id, remote.status, remote.title) == (made.id, RemoteStatus.PUBLISHED, wanted.title)
    assert remote.url == f"{place.url}/{wanted.slug}/"
    assert remote.marker == wanted.marker
    assert 'application/ld+json">{"@type": "Article"' in (remote.content or "")
    assert "picture:" not in (remote.content or "")
    assert remote.published_at
    assert abs(remote.published_at - datetime.now(UTC)) < timedelta(minutes=2)
    assert read
    assert [[term.name for term in terms or ()] for terms in (read.categories, read.tags)] == [
        sorted(wanted.categories), sorted(wanted.tags),
    ]  # fmt: skip
    named = {"categories": read.categories, "tags": read.tags, "marker": remote.marker, "fields": remote.fields}
    assert replace(read, **named) == replace(remote, **named)
    assert remote.html == read.html
    assert "<!--" not in (remote.html or "<!--")
    assert "ld+json" not in (remote.html or "")
    assert (remote.excerpt, remote.meta_title) == (wanted.excerpt, "Tea, told" if place.companion else None)


WHOLE = """<p>Boil 2 – 3 cups &amp; <a href="https://example.org/?a=1&amp;b=2" target="_blank">wait</a> [gallery].</p>
<h2>Then</h2><ul><li>one<ul><li>within</li></ul></li><li>two</li></ul><ol start="3"><li>three</li></ol>
<table><caption>Times</caption><tbody><tr><th>Tea</th><td>3 min</td></tr></tbody></table>
<blockquote><p>Said</p></blockquote><pre><code>if a &lt; b:

    [x]</code></pre><hr><p>日本茶</p>"""


@pytest.mark.parametrize("markup", list(WordPressMarkup))
async def test_bodies_of_both_kinds_are_kept_as_they_are_written(place: Place, markup: WordPressMarkup) -> None:
    wanted = illustrated(1_500 + len(markup.value))
    figure = wanted.html[wanted.html.index("<figure>") : wanted.html.index("</figure>") + 9]
    wanted = replace(wanted, html=WHOLE.replace("<h2>", f"{figure}<h2>", 1), json_ld='{"@type": "Article", "a": "[x]"}')
    async with opened(place, markup=markup) as there:
        made = await put_new(there, wanted, await placed_at(there, wanted))
        found = await there.wordpress.find(wanted.marker, POST)

    assert {made.fields[name] for name in ("content", "pictures", "alt_texts", "json_ld")} == {SENT}
    assert found
    assert (found.id, found.html) == (made.id, made.html)
    assert sorted(text_of(own_text(made.html or "")).split()) == sorted(text_of(WHOLE).split())
    assert ("<!-- wp:" in (made.content or "")) is (markup is WordPressMarkup.BLOCKS)


async def test_an_article_costs_two_requests_and_one_a_picture(place: Place) -> None:
    capabilities = await capabilities_of(place)
    first = illustrated(2_000)
    async with opened(place, capabilities=capabilities) as there:
        terms = (await placed_at(there, first)).terms
    asked = []
    for number in range(1, 4):
        wanted = illustrated(2_000 + number * 10)
        async with opened(place, capabilities=capabilities) as there:
            made = await there.wordpress.create(wanted)
            media = {each.sha256: await there.wordpress.upload(each) for each in wanted.media}
            remote = await there.wordpress.put(made.id, wanted, Placed(media, terms))
        assert remote.fields["author"] is remote.fields["tags"] is SENT
        asked.append(len(there.asked))

    assert asked == [4, 4, 4]


async def test_what_is_kept_is_left_as_it_is_there(place: Place) -> None:
    wanted = illustrated(2_900)
    other = illustrated(2_950, slug=f"{wanted.slug}-other", excerpt="Other.", tags=("Cups",), title="Another title")
    names = {"slug", "html", "excerpt", "featured", "categories", "tags", "meta_title", "meta_description"}
    async with opened(place) as there:
        placed, others = await placed_at(there, wanted), await placed_at(there, other)
        made = await put_new(there, wanted, placed)
        kept = replace(other, marker=wanted.marker, keep=frozenset(names))
        remote = await there.wordpress.put(made.id, kept, others)
        title = replace(other, marker=wanted.marker, keep=frozenset({"title"}), title="No title")
        after = await there.wordpress.put(made.id, title, others)

    same = ("slug", "content", "excerpt", "featured", "categories", "tags", "meta_title", "meta_description", "url")
    assert [getattr(remote, name) for name in same] == [getattr(made, name) for name in same]
    shown = (names - {"html"}) | {"content", "pictures", "alt_texts", "json_ld", "date"}
    assert {name for name, verdict in remote.fields.items() if verdict is KEPT} == shown
    assert (remote.title, remote.primary_keyword) == ("Another title", "tea" if place.companion else None)
    assert (after.title, after.fields["title"], after.slug) == ("Another title", KEPT, other.slug)


async def test_what_an_article_has_no_more_is_emptied_there(place: Place) -> None:
    wanted = illustrated(3_000)
    bare = replace(
        wanted, excerpt="", categories=(), tags=(), featured=None, media=(), author=None, meta_title=None,
        meta_description=None, primary_keyword=None, json_ld=None, html="<p>Bare.</p>",
    )  # fmt: skip
    async with opened(place) as there:
        made = await put_new(there, wanted, await placed_at(there, wanted))
        remote = await there.wordpress.put(made.id, bare, Placed())

    assert {name: verdict for name, verdict in remote.fields.items() if verdict is not SENT} == {
        "date": KEPT, "author": KEPT, "pictures": KEPT, "alt_texts": KEPT, "json_ld": KEPT,
        **({} if place.companion else dict.fromkeys(SEO, KEPT)),
    }  # fmt: skip
    assert "ld+json" not in (remote.content or "")


async def test_a_date_is_the_sites_own_until_it_is_to_be_shown_at_once(place: Place) -> None:
    later, latest = article(status=RemoteStatus.SCHEDULED, publish_at=in_days(40)), in_days(50)
    async with opened(place) as there:
        remote = await put_new(there, later)
        moved = await there.wordpress.put(remote.id, replace(later, publish_at=latest), Placed())
        now = await there.wordpress.put(remote.id, replace(later, status=RemoteStatus.PUBLISHED), Placed())
        again = await there.wordpress.put(remote.id, replace(later, status=RemoteStatus.PUBLISHED), Placed())
        back = await there.wordpress.put(remote.id, replace(later, status=RemoteStatus.DRAFT), Placed())

    assert (remote.status, remote.fields["date"], remote.url) == (RemoteStatus.SCHEDULED, SENT, None)
    assert remote.published_at == later.publish_at
    assert moved.published_at == latest
    assert (now.status, now.fields["status"], now.fields["date"]) == (RemoteStatus.PUBLISHED, SENT, SENT)
    assert now.published_at
    assert now.published_at <= datetime.now(UTC) + timedelta(seconds=2)
    assert now.fields["categories"] is SENT
    assert (again.published_at, again.fields["date"]) == (now.published_at, KEPT)
    assert back.status is RemoteStatus.DRAFT


async def test_what_is_in_the_trash_is_found_and_brought_back(place: Place) -> None:
    wanted, other = article(), article()
    async with opened(place) as there:
        made = await put_new(there, wanted)
        gone = await there.wordpress.remove(made.id, POST)
        again = await there.wordpress.remove(made.id, POST)
        found = await there.wordpress.find(wanted.marker, POST)
        await put_new(there, replace(other, slug=wanted.slug))
        back = await there.wordpress.put(made.id, wanted, Placed())
        missing = await there.wordpress.remove("99999999", POST), await there.wordpress.fetch("99999999", POST)

    assert gone
    assert again
    assert found
    assert {gone.status, again.status, found.status} == {RemoteStatus.TRASHED}
    assert (found.id, back.id, back.status) == (made.id, made.id, RemoteStatus.PUBLISHED)
    assert (back.slug, back.fields["slug"]) == (f"{wanted.slug}-2", CHANGED)
    assert missing == (None, None)


async def test_a_marker_is_found_whole_and_nothing_by_its_slug(place: Place) -> None:
    short = marker()
    longer, same_slug = article(marker=f"{short}d", slug=short), article(slug=short)
    async with opened(place) as there:
        await put_new(there, longer)
        await put_new(there, same_slug)
        assert await there.wordpress.find(short, POST) is None
        wanted = article(marker=short, slug=short)
        made = await put_new(there, wanted)
        copy = replace(wanted, title="A copy that somebody made")
        await put_new(there, copy)
        found = await there.wordpress.find(short, POST)
        assert await there.wordpress.find(short, PAGE) is None

    assert found
    assert found.id == made.id
    assert made.fields["slug"] is CHANGED


async def test_the_companion_knows_what_somebody_took_the_marker_from(place: Place) -> None:
    wanted = article()
    async with opened(place) as there:
        made = await put_new(there, wanted)
        stripped = replace(wanted, html="<h2>No paragraph</h2>")
        await there.wordpress.put(made.id, stripped, Placed())
        found = await there.wordpress.find(wanted.marker, POST)

    assert (found and found.id) == (made.id if place.companion else None)


async def test_a_page_has_no_categories(place: Place) -> None:
    wanted = article(entity=PAGE, categories=("Tea",), tags=("Tea",), meta_title="A page")
    async with opened(place) as there:
        remote = await put_new(there, wanted, await placed_at(there, wanted))
        found = await there.wordpress.find(wanted.marker, PAGE)
        fetched = await there.wordpress.fetch(remote.id, PAGE), await there.wordpress.fetch(remote.id, POST)
        gone = await there.wordpress.remove(remote.id, PAGE)

    assert remote.status is RemoteStatus.PUBLISHED
    assert (remote.fields["categories"], remote.fields["tags"]) == (DROPPED, DROPPED)
    assert remote.fields["meta_title"] is (SENT if place.companion else DROPPED)
    assert found
    assert fetched[0]
    assert fetched[1] is None
    assert gone
    assert gone.status is RemoteStatus.TRASHED


@pytest.mark.parametrize(
    ("slug", "there"),
    [
        ("как-выбрать-беговые-кроссовки-для-начинающих-бегунов", "как-выбрать-беговые-кроссовки-для"),
        ("東京" * 20, ("東京" * 20)[:22]),
        ("grüße-aus-köln", "gruse-aus-koln"),
        ("feed", "feed-2"),
    ],
)
async def test_a_slug_that_is_not_kept_is_said_to_be_changed(place: Place, slug: str, there: str) -> None:
    async with opened(place) as site:
        remote = await put_new(site, article(slug=slug))
        await site.wordpress.remove(remote.id, POST)

    assert remote.fields["slug"] is CHANGED
    assert len(quote(remote.slug or "")) <= 200
    assert (remote.slug or "").startswith(there)


async def test_an_author_goes_without_what_the_role_may_not(place: Place) -> None:
    wanted = illustrated(4_000, categories=())
    async with opened(place, "author", capabilities=await capabilities_of(place, "author")) as there:
        remote = await put_new(there, wanted, await placed_at(there, wanted))
        with pytest.raises(DestinationError, match="may not do that there") as refused:
            await there.wordpress.term(TaxonomyType.CATEGORY, f"New of an author {wanted.slug}")
        own = await there.wordpress.put(remote.id, replace(wanted, author="author"), Placed())
        found = await there.wordpress.find(wanted.marker, POST)

    assert (refused.value.retryable, refused.value.maybe_done) == (False, False)
    assert refused.value.code == "403 rest_cannot_create"
    assert remote.status is RemoteStatus.PUBLISHED
    assert remote.fields["title"] is remote.fields["excerpt"] is SENT
    assert remote.fields["author"] is remote.fields["json_ld"] is DROPPED
    assert "ld+json" not in (remote.content or "")
    assert "headline" not in (remote.content or "")
    assert own.fields["author"] is SENT
    assert found
    assert found.id == remote.id


async def test_authors_go_by_name(place: Place) -> None:
    async with opened(place, "editor", capabilities=await capabilities_of(place, "editor")) as there:
        made = await put_new(there, article(author="ADMIN"))
        nobody = await there.wordpress.put(made.id, article(author="Nobody"), Placed())
    async with opened(place) as untested:
        other = await put_new(untested, article(author="Author"))
        unknown = await untested.wordpress.put(made.id, article(author="Nobody"), Placed())

    assert [remote.fields["author"] for remote in (made, other)] == [SENT, SENT]
    assert [remote.fields["author"] for remote in (nobody, unknown)] == [DROPPED, DROPPED]


async def test_pictures_and_terms_that_are_gone_there_are_missed(place: Place) -> None:
    wanted = illustrated(5_000)
    async with opened(place) as there:
        placed = await placed_at(there, wanted)
        known = dict(list(placed.terms.items())[:1])
        gone = replace(placed, terms=known | {(TaxonomyType.TAG, "kettles"): "99999999"})
        without = await put_new(there, wanted, Placed())
        some = await put_new(there, wanted, replace(gone, media=dict(list(placed.media.items())[:1])))

    names = ("featured", "pictures", "categories", "tags")
    assert [without.fields[name] for name in names] == [DROPPED, DROPPED, DROPPED, DROPPED]
    assert [some.fields[name] for name in names] == [SENT, DROPPED, CHANGED, DROPPED]


@pytest.mark.parametrize("method", ["find", "find_media", "fetch", "create", "put", "remove", "term", "upload"])
async def test_a_wrong_password_never_reads_as_nothing_there(place: Place, method: str) -> None:
    wanted, shown = article(), media_of(picture(6_000))
    async with opened(place, password="wrong wrong", capabilities=await capabilities_of(place)) as there:
        site = there.wordpress
        calls = {
            "find": lambda: site.find(wanted.marker, POST), "find_media": lambda: site.find_media(shown),
            "fetch": lambda: site.fetch("1", POST), "create": lambda: site.create(wanted),
            "put": lambda: site.put("1", wanted, Placed()), "remove": lambda: site.remove("1", POST),
            "term": lambda: site.term(TaxonomyType.TAG, f"New {wanted.slug}"), "upload": lambda: site.upload(shown),
        }  # fmt: skip
        if method in ("fetch", "put", "remove"):
            async with opened(place) as right:
                made = await right.wordpress.create(wanted)
            calls["fetch"] = lambda: site.fetch(made.id, POST)
            calls["put"] = lambda: site.put(made.id, wanted, Placed())
            calls["remove"] = lambda: site.remove(made.id, POST)
        with pytest.raises(DestinationError, match=r"takes admin for nobody|may not see drafts") as refused:
            await calls[method]()

    assert not refused.value.retryable
    assert not refused.value.maybe_done
    assert "wrong" not in str(refused.value)
