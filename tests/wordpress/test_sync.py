"""What is at a WordPress is listed and read, also what others wrote there."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.destinations import Placed, RemoteTerm
from jobs.adapters.wordpress.reading import html_of, without
from persistence.terms import RemoteEntityKind, RemoteStatus, TaxonomyType
from tests.standins.wordpress import WordPressSite
from tests.wordpress.opening import article, in_days, opened
from tests.wordpress.places import Place, place_of

POST, PAGE = RemoteEntityKind.POST, RemoteEntityKind.PAGE


async def test_everything_is_listed_once_also_drafts_dates_and_the_trash(place: Place) -> None:
    wanted = [
        article(status=RemoteStatus.DRAFT), article(), article(status=RemoteStatus.SCHEDULED, publish_at=in_days(9)),
        article(), article(entity=PAGE),
    ]  # fmt: skip
    made = []
    async with opened(place) as there:
        for each in wanted:
            remote = await there.wordpress.put((await there.wordpress.create(each)).id, each, Placed())
            made.append(remote)
        await there.wordpress.remove(made[3].id, POST)
        posts = [line async for page in there.wordpress.listed(POST) for line in page]
        pages = [line async for page in there.wordpress.listed(PAGE) for line in page]

    found = {line.id: line for line in posts}
    assert len(found) == len(posts)
    assert [found[remote.id].status for remote in made[:4]] == [
        RemoteStatus.DRAFT, RemoteStatus.PUBLISHED, RemoteStatus.SCHEDULED, RemoteStatus.TRASHED,
    ]  # fmt: skip
    assert found[made[0].id].modified_at == made[0].modified_at
    assert made[4].id in {line.id for line in pages}
    assert made[4].id not in found


async def test_more_than_a_page_is_listed(site: WordPressSite) -> None:
    for _ in range(205):
        site.shelf.change(site.shelf.add("post", 1), {"title": "T"}, site.users["admin"])
    async with opened(place_of(site)) as there:
        sizes = [len(page) async for page in there.wordpress.listed(POST)]
        assert [len(page) async for page in there.wordpress.listed(PAGE)] == [0]
    assert sizes == [100, 100, 5]


async def test_some_are_read_whole_with_the_names_of_their_terms(place: Place) -> None:
    async with opened(place) as there:
        term = await there.wordpress.term(TaxonomyType.TAG, "Cups & saucers")
        tagged = article(tags=("Cups & saucers",), title="Tea <3 & “toast”", slug="чай-и-тосты")
        terms = Placed(terms={(TaxonomyType.TAG, "cups & saucers"): term})
        made = await there.wordpress.put((await there.wordpress.create(tagged)).id, tagged, terms)
        draft = await there.wordpress.create(article())
        read = await there.wordpress.read([draft.id, "99999999", made.id], POST)
        before = len(there.asked)
        assert await there.wordpress.read([], POST) == []
        assert await there.wordpress.read([made.id], PAGE) == []
        again = await there.wordpress.read([made.id], POST)
        assert len(there.asked) == before + 2
        await there.wordpress.remove(made.id, POST)

    assert [remote.id for remote in read] == [draft.id, made.id]
    assert read[1].tags == (RemoteTerm(term, "Cups & saucers"),)
    assert (read[1].title, read[1].excerpt, read[1].marker) == (tagged.title, tagged.excerpt, tagged.marker)
    assert read[1].modified_at == made.modified_at
    assert read[1].html == made.html
    assert again == read[1:]


async def test_a_list_that_is_gone_through_while_things_come_has_all_that_were_there(site: WordPressSite) -> None:
    admin = site.users["admin"]
    for _ in range(150):
        site.shelf.change(site.shelf.add("post", 1), {"title": "T", "status": "publish"}, admin)
    before = set(site.shelf.posts)
    seen = set()
    async with opened(place_of(site)) as there:
        async for page in there.wordpress.listed(POST):
            seen |= {int(line.id) for line in page}
            later = site.shelf.add("post", 1)
            site.shelf.change(later, {"title": "New", "date_gmt": "2001-01-01T00:00:00"}, admin)
    assert before <= seen


@pytest.mark.parametrize(
    ("content", "html"),
    [
        ('<!-- wp:heading {"level":3} -->\n<h3>A</h3>\n<!-- /wp:heading -->\n\n<!-- wp:paragraph -->\n<p>b</p>\n'
         "<!-- /wp:paragraph -->", "<h3>A</h3>\n\n\n\n<p>b</p>"),
        ('<p><!-- igny8-001122334455667788990011 -->a</p>\n<div><script type="application/ld+json">{"a": 1}</script>'
         "</div>", "<p>a</p>"),
        ('<p>a</p>\n\n<!-- wp:html -->\n<script type="application/ld+json">{}</script>\n<!-- /wp:html -->', "<p>a</p>"),
        ("One line\nand another\n\n<h2>Title</h2>\n \n\nMore", "<p>One line<br>and another</p>\n<h2>Title</h2>\n"
         "<p>More</p>"),
        ("One\r\n\r\nTwo", "<p>One</p>\n<p>Two</p>"),
        ("<pre>a\n\nb</pre>", "<pre>a\n\nb</pre>"),
        ("", ""),
        ("a <!-- that never ends", "<p>a <!-- that never ends</p>"),
    ],
)  # fmt: skip
def test_a_text_is_read_without_what_wordpress_and_we_add(content: str, html: str) -> None:
    assert "\n".join(filter(None, html_of(content).split("\n"))) == "\n".join(filter(None, html.split("\n")))


def test_marks_that_never_end_are_passed_in_one_go() -> None:
    text = "<!-- " * 200_000
    assert without(text, "<!--", "-->") == text


async def test_what_others_wrote_is_read(site: WordPressSite) -> None:
    post = site.shelf.add("post", 2)
    site.shelf.change(post, {"title": "By hand", "content": "One\n\nTwo", "status": "private"}, site.users["editor"])
    async with opened(place_of(site)) as there:
        (read,) = await there.wordpress.read([str(post.id)], POST)
    assert (read.status, read.url, read.marker) == (RemoteStatus.DRAFT, None, None)
    assert read.html == "<p>One</p>\n<p>Two</p>"
    assert read.featured == ""
    assert read.modified_at
    assert read.modified_at - in_days(0) < timedelta(minutes=2)
    assert replace(read, tags=()) == read
