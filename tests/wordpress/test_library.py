"""Categories, tags and pictures: found before they are made."""

from dataclasses import replace

import httpx2
import pytest

from domain.destinations import DestinationError
from persistence.terms import RemoteEntityKind, TaxonomyType
from tests.jobs.scripted import reply
from tests.standins.wordpress import WordPressSite, after_it_was_done, once
from tests.wordpress.opening import article, capabilities_of, opened
from tests.wordpress.pictures import media_of, picture
from tests.wordpress.places import KIT, MISSING, Kits, Place, in_database, place_of

CATEGORY, TAG = TaxonomyType.CATEGORY, TaxonomyType.TAG


@pytest.mark.parametrize(
    ("name", "again"),
    [
        ("Café Ölwechsel", "café ÖLWECHSEL"),
        ("Заварка & чай", "заварка  &  ЧАЙ"),
        ("Straße 7", "STRASSE 7"),
        ("STRESS", "stress"),
        ("<3 tea", "<3 Tea"),
        ("Plain “quoted” 'tea'", "plain “quoted” 'TEA'"),
        ("お茶", " お茶 "),
    ],
)
@pytest.mark.parametrize("kind", [CATEGORY, TAG])
async def test_a_term_is_one_whatever_its_case(place: Place, kind: TaxonomyType, name: str, again: str) -> None:
    async with opened(place, capabilities=await capabilities_of(place)) as there:
        made = await there.wordpress.term(kind, name)
        before = len(there.asked)
        assert await there.wordpress.term(kind, again) == made
        assert await there.wordpress.term(kind, name) == made
        assert [asked.partition(" ")[0] for asked in there.asked[before:]] == ["GET", "GET"]


@pytest.mark.parametrize(
    ("kind", "name"),
    [(TAG, "x" * 201), (CATEGORY, "&" * 41), (TAG, " \n "), (CATEGORY, ""), (TaxonomyType.ATTRIBUTE, "x")],
)
async def test_names_that_wordpress_takes_in_no_case_are_not_sent(place: Place, kind: TaxonomyType, name: str) -> None:
    async with opened(place, capabilities=await capabilities_of(place)) as there:
        with pytest.raises(DestinationError, match="at most 200 characters") as refused:
            await there.wordpress.term(kind, name)
        assert there.asked == []
    assert (refused.value.retryable, refused.value.maybe_done) == (False, False)


async def test_the_longest_name_is_taken(place: Place) -> None:
    async with opened(place) as there:
        for name in ("ж" * 200, "&" * 40):
            assert (await there.wordpress.term(TAG, name)).isdecimal()


async def test_a_term_that_comes_to_be_meanwhile_is_taken(site: WordPressSite) -> None:
    known = site.terms.make("category", "Tea")
    site.breaks_with(once(reply(200, b"[]"), "GET", "/wp/v2/categories"))
    async with opened(place_of(site)) as there:
        assert await there.wordpress.term(CATEGORY, "TEA") == str(known.id)
    assert len(site.terms.of("category")) == 2


async def test_of_two_terms_of_a_name_the_topmost_is_taken(site: WordPressSite) -> None:
    below = site.terms.make("category", "Tea", parent=1)
    top = site.terms.make("category", "tea")
    async with opened(place_of(site)) as there:
        assert await there.wordpress.term(CATEGORY, "Tea") == str(top.id)
        del site.terms.terms[top.id]
        assert await there.wordpress.term(CATEGORY, "Tea") == str(below.id)


async def test_a_picture_is_found_by_its_bytes(place: Place) -> None:
    wanted = media_of(picture(100_000 + len(place.url) + place.companion), alt_text='"Tea" & <toast>')
    async with opened(place, capabilities=await capabilities_of(place)) as there:
        assert await there.wordpress.find_media(wanted) is None
        made = await there.wordpress.upload(wanted)
        found = await there.wordpress.find_media(replace(wanted, alt_text="Another"))
        other = await there.wordpress.find_media(media_of(picture(110_000)))

    assert found == made
    assert other is None
    assert made.url.startswith(f"{place.url}/wp-content/uploads/")
    assert made.url.endswith(f"/{wanted.file_name}")


@pytest.mark.skipif(not KIT, reason=MISSING)
async def test_a_picture_that_a_killed_server_left_half_made_is_completed(kits: Kits) -> None:
    there = await kits.of(companion=False)
    wanted = media_of(picture(140_000, size=(400, 300)))
    async with opened(there) as opening:
        made = await opening.wordpress.upload(wanted)
        rest = "'_wp_attachment_image_alt', '_wp_attachment_metadata'"
        in_database(there, f"delete from wp_postmeta where post_id = {made.id} and meta_key in ({rest})")
        assert await opening.wordpress.find_media(wanted) == made
        before = len(opening.asked)
        assert await opening.wordpress.find_media(wanted) == made
        assert len(opening.asked) == before + 1, "what is whole is left alone"
    async with httpx2.AsyncClient(trust_env=False) as client:
        shown = (await client.get(f"{there.url}/wp-json/wp/v2/media/{made.id}")).json()
    assert shown["alt_text"] == wanted.alt_text
    assert {"thumbnail", "medium"} <= set(shown["media_details"]["sizes"])


async def test_a_picture_is_found_by_its_file_when_its_slug_was_changed(site: WordPressSite) -> None:
    wanted = media_of(picture(5))
    async with opened(place_of(site)) as there:
        made = await there.wordpress.upload(wanted)
        site.media[0].slug = site.media[0].title = "somebody-s-own"
        assert await there.wordpress.find_media(wanted) == made


async def test_a_picture_takes_no_slug_from_a_page(place: Place) -> None:
    wanted, shown = article(entity=RemoteEntityKind.PAGE), media_of(picture(120_000 + place.companion))
    async with opened(place) as there:
        await there.wordpress.upload(replace(shown, title=wanted.slug))
        made = await there.wordpress.create(wanted)
    assert made.slug == wanted.slug


@pytest.mark.parametrize("mime_type", ["image/svg+xml", "application/octet-stream", "image/png"])
async def test_what_is_no_picture_is_refused_for_good(place: Place, mime_type: str) -> None:
    async with opened(place) as there:
        with pytest.raises(DestinationError, match="does not take the picture") as refused:
            await there.wordpress.upload(media_of(b"<svg xmlns='http://www.w3.org/2000/svg'/>", mime_type))
    assert refused.value.code == "500 rest_upload_sideload_error"
    assert (refused.value.retryable, refused.value.maybe_done) == (False, False)


@pytest.mark.parametrize(("format", "ending"), [("JPEG", "jpg"), ("GIF", "gif"), ("WEBP", "webp")])
async def test_pictures_of_other_kinds_are_taken(place: Place, format: str, ending: str) -> None:
    shown = media_of(picture(130_000 + place.companion, format), f"image/{format.lower()}")
    async with opened(place) as there:
        made = await there.wordpress.upload(shown)
        assert await there.wordpress.find_media(shown) == made
    assert made.url.endswith(f"sha256-{shown.sha256}.{ending}")


async def test_an_upload_whose_answer_was_lost_is_found(site: WordPressSite) -> None:
    shown = media_of(picture(7))
    site.breaks_with(after_it_was_done("POST", "/wp/v2/media"))
    async with opened(place_of(site)) as there:
        with pytest.raises(DestinationError) as lost:
            await there.wordpress.upload(shown)
        found = await there.wordpress.find_media(shown)
    assert (lost.value.maybe_done, lost.value.retryable) == (True, True)
    assert found
    assert [str(media.id) for media in site.media] == [found.id]
