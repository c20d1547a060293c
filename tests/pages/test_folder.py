"""Pages in a folder: whole, each under a slug that is its own, and nothing of what is not to be shown."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from domain.destinations import Connection, DestinationError
from jobs.adapters.pages import Pages
from jobs.adapters.pages.folder import FolderPlace, folder_pages
from jobs.adapters.pages.leftovers import remove_leftovers
from persistence.terms import FieldVerdict, IntegrationKind, RemoteEntityKind, RemoteStatus
from tests.pages.articles import article, errand, looked_at, picture, put

POST = RemoteEntityKind.POST


def pages_in(folder: Path, base: str | None = "https://blog.example/read") -> Pages:
    return Pages(FolderPlace(folder, ""), Connection(IntegrationKind.FOLDER, base, {}, errand=errand()))


def every(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def files(folder: Path) -> set[str]:
    """What readers can come by: all but our own notes."""
    found = {str(path.relative_to(folder)) for path in every(folder)}
    return {name for name in found if not name.startswith(".igny8/")}


async def test_a_page_is_whole_with_its_head_and_its_pictures_beside_it(tmp_path: Path) -> None:
    cup, beans = picture('A "cup"'), picture("Beans")
    one = article(
        title="A & B <i>",
        html=f'<p>One.</p><figure><img src="picture:{beans.sha256}" alt="Beans" width="8" height="6"></figure>',
        featured=cup.sha256, media=(cup, beans), meta_title="For engines", meta_description='What "they" show',
        language="de-AT", categories=("Coffee",), tags=("Привет", "<b>"), author="Ada",
        primary_keyword="cold brew", json_ld='{"@type": "Article", "headline": "A \\u003c/script>"}',
    )  # fmt: skip
    remote = await put(pages_in(tmp_path), one)

    assert (remote.id, remote.status, remote.slug) == (one.marker, RemoteStatus.PUBLISHED, "cold-brew")
    assert remote.url == "https://blog.example/read/cold-brew/"
    assert files(tmp_path) == {f"cold-brew/{name}" for name in ("index.html", cup.file_name, beans.file_name)}
    assert (tmp_path / "cold-brew" / cup.file_name).read_bytes() == await cup.read()
    page = LexborHTMLParser((tmp_path / "cold-brew/index.html").read_text())
    metas = {(m.attributes.get("name") or m.attributes.get("property")): m.attributes["content"]
             for m in page.css("meta[content]")}  # fmt: skip
    assert metas["description"] == metas["og:description"] == 'What "they" show'
    assert (metas["igny8"], metas["keywords"], metas["author"]) == (one.marker, "cold brew", "Ada")
    assert metas["og:image"] == f"{remote.url}{cup.file_name}"
    assert "robots" not in metas
    assert [m.attributes["content"] for m in page.css('meta[property="article:tag"]')] == ["Привет", "<b>"]
    assert page.css_first("title").text() == "For engines"
    assert page.css_first("h1").text() == "A & B <i>"
    assert page.css_first("html").attributes["lang"] == "de-AT"
    assert page.css_first("link[rel=canonical]").attributes["href"] == remote.url
    assert json.loads(page.css_first("script").text())["headline"] == "A </script>"
    assert [i.attributes["src"] for i in page.css("img")] == [cup.file_name, beans.file_name]
    assert page.css_first("img").attributes["alt"] == 'A "cup"'
    dropped = {"excerpt": FieldVerdict.DROPPED}
    assert {name: v for name, v in remote.fields.items() if v is not FieldVerdict.SENT} == dropped


async def test_without_a_base_a_page_has_no_address(tmp_path: Path) -> None:
    remote = await put(pages_in(tmp_path, None), article())

    assert remote.url is None
    assert "canonical" not in (tmp_path / "cold-brew/index.html").read_text()


async def test_what_is_not_to_be_shown_is_not_written(tmp_path: Path) -> None:
    pages, cup = pages_in(tmp_path), picture()
    for status, at in ((RemoteStatus.DRAFT, None), (RemoteStatus.SCHEDULED, datetime.now(UTC) + timedelta(days=1))):
        one = article(title="Secret", status=status, publish_at=at, featured=cup.sha256, media=(cup,))
        remote = await put(pages, one)
        assert (remote.status, remote.url, remote.fields["html"]) == (status, None, FieldVerdict.DROPPED)
        assert (await pages.fetch(one.marker, POST)).status is status  # type: ignore[union-attr]
        assert files(tmp_path) == set()
        assert all(b"Secret" not in path.read_bytes() for path in every(tmp_path))

    shown = await put(pages, replace(one, status=RemoteStatus.PUBLISHED))
    assert (shown.status, len(files(tmp_path))) == (RemoteStatus.PUBLISHED, 2)
    again = await put(pages, replace(one, status=RemoteStatus.DRAFT))
    assert (again.status, files(tmp_path)) == (RemoteStatus.DRAFT, set())


async def test_two_contents_never_have_one_place(tmp_path: Path) -> None:
    pages = pages_in(tmp_path)
    first, second = article(title="First"), article(title="Second")
    await put(pages, first)
    remote = await put(pages, second)

    assert (remote.slug, remote.fields["slug"]) == ("cold-brew-2", FieldVerdict.CHANGED)
    assert "First" in (tmp_path / "cold-brew/index.html").read_text()
    await pages.remove(first.marker, POST)
    assert files(tmp_path) == {"cold-brew-2/index.html"}
    kept = await put(pages, replace(second, title="Second, again"))
    assert (kept.slug, files(tmp_path)) == ("cold-brew-2", {"cold-brew-2/index.html"}), "addresses stay"
    assert (await put(pages, article())).slug == "cold-brew"


async def test_two_at_once_get_two_places(tmp_path: Path) -> None:
    many = [article(title=f"No. {n}") for n in range(12)]
    remotes = await asyncio.gather(*(put(pages_in(tmp_path), one) for one in many))

    assert len({remote.slug for remote in remotes}) == 12
    for one, remote in zip(many, remotes, strict=True):
        assert one.title in (tmp_path / str(remote.slug) / "index.html").read_text()


async def test_a_page_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "cold-brew").mkdir()
    (tmp_path / "cold-brew/index.html").write_text("theirs")
    remote = await put(pages_in(tmp_path), article())

    assert remote.slug == "cold-brew-2"
    await pages_in(tmp_path).remove(remote.id, POST)
    assert (tmp_path / "cold-brew/index.html").read_text() == "theirs"


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("..", None), ("../../etc/passwd", "etc-passwd"), ("/abs", "abs"), (".igny8", "igny8"), ("a\0b", "a-b"),
        ("Cold-Brew", "cold-brew"), ("größe", "grosse"), ("как-варить", "как-варить"), ("a\\b", "a-b"),
        ("%2e%2e", None), ("", None), ("x" * 4000, "x" * 150), ("con.", "con"),
    ],
)  # fmt: skip
async def test_no_slug_leads_out_of_the_folder(tmp_path: Path, asked: str, given: str | None) -> None:
    inside = tmp_path / "a" / "b"
    one = article(asked)
    remote = await put(pages_in(inside), one)

    assert remote.slug == (given or one.marker)
    assert remote.fields["slug"] is (FieldVerdict.SENT if given == asked else FieldVerdict.CHANGED)
    assert files(inside) == {f"{remote.slug}/index.html"}
    assert files(tmp_path) >= {f"a/b/{remote.slug}/index.html"}
    assert all(path.is_relative_to(inside) for path in every(tmp_path))


async def test_slugs_that_differ_in_their_capitals_are_one(tmp_path: Path) -> None:
    """As they are where the folder is copied to a disk that does not tell them apart."""
    pages = pages_in(tmp_path)
    assert [(await put(pages, article(slug))).slug for slug in ("About", "about", "ABOUT")] == [
        "about", "about-2", "about-3",
    ]  # fmt: skip


async def test_what_moves_leaves_nothing_behind_and_pictures_go_with_the_last_page(tmp_path: Path) -> None:
    pages, cup, beans = pages_in(tmp_path), picture(), picture()
    one = article(media=(cup, beans), featured=cup.sha256)
    first = await put(pages, one)
    moved = await put(pages_in(tmp_path), replace(one, slug="warm-brew", media=(cup,)))

    assert files(tmp_path) == {"warm-brew/index.html", f"warm-brew/{cup.file_name}"}
    assert moved.published_at == first.published_at is not None
    assert moved.modified_at > first.modified_at
    fewer = await put(pages, replace(one, slug="warm-brew", media=(), featured=None))
    assert (fewer.slug, files(tmp_path)) == ("warm-brew", {"warm-brew/index.html"})
    assert (await put(pages, article())).slug == "cold-brew", "the old place is free"
    assert await pages.remove(one.marker, POST) is None
    assert await pages.fetch(one.marker, POST) is None
    assert files(tmp_path) == {"cold-brew/index.html"}


@pytest.mark.parametrize("fails", range(1, 9))
async def test_what_breaks_off_is_ended_by_the_next_try(tmp_path: Path, fails: int) -> None:
    """Wherever it breaks off: no file is forgotten."""
    place = FolderPlace(tmp_path, "")
    pages, cup = Pages(place, Connection(IntegrationKind.FOLDER, None, {})), picture()
    one = article(media=(cup,), featured=cup.sha256)
    await put(pages, one)
    written, acted = 0, place._at

    async def breaking(key: str, act: object) -> object:
        nonlocal written
        written += 1
        if written == fails:
            raise DestinationError("The disk is away.", retryable=True)
        return await acted(key, act)  # type: ignore[arg-type]

    place._at = breaking  # type: ignore[method-assign,assignment]
    moved = replace(one, slug="warm-brew")
    with pytest.raises(DestinationError):
        await put(pages, moved)
    place._at = acted  # type: ignore[method-assign]
    await put(pages, moved)

    assert files(tmp_path) == {"warm-brew/index.html", f"warm-brew/{cup.file_name}"}
    await pages.remove(one.marker, POST)
    assert every(tmp_path) == []


async def test_a_spoilt_note_is_none(tmp_path: Path) -> None:
    pages, one = pages_in(tmp_path), article()
    await put(pages, one)
    (note,) = (tmp_path / ".igny8/contents").iterdir()
    (tmp_path / "theirs.txt").write_text("theirs")
    for spoilt in ("", "[]", "{}", note.read_text().replace('"cold-brew": []', '"cold-brew": ["../theirs.txt"]')):
        note.write_text(spoilt)
        with pytest.raises(DestinationError) as refused:
            await pages.remove(one.marker, POST)
        assert refused.value.code == "note_spoilt"
        assert (await put(pages, one)).slug == "cold-brew"
    await pages.remove(one.marker, POST)
    assert files(tmp_path) == {"theirs.txt"}


async def test_a_test_looks_at_folder_rights_and_room(tmp_path: Path) -> None:
    found = await looked_at(pages_in(tmp_path / "new"))
    assert [(stage.stage.value, stage.ok) for stage in found.stages] == [
        ("ADDRESS", True), ("CAPABILITIES", True), ("MEDIA", True),
    ]  # fmt: skip
    full = Pages(FolderPlace(tmp_path, "", reserve=1 << 60), Connection(IntegrationKind.FOLDER, None, {}))
    failed = (await looked_at(full)).stages[-1]
    assert (failed.ok, failed.found) == (False, "The disk has no room.")
    with pytest.raises(DestinationError) as refused:
        await put(full, article())
    assert (refused.value.code, refused.value.retryable) == ("no_room", True)


async def test_a_folder_of_the_operators_is_found_by_its_name_alone(tmp_path: Path) -> None:
    made = folder_pages(tmp_path / "own", {"blog": tmp_path / "blog"}, 0)

    def opened(root: str | None) -> Pages:
        config = {"id": "i", "account_id": "a", **({"root": root} if root else {})}
        return made(None, Connection(IntegrationKind.FOLDER, None, config))  # type: ignore[arg-type]

    await put(opened("blog"), article())
    await put(opened(None), article())
    assert files(tmp_path / "blog/a/i") == files(tmp_path / "own/a/i") == {"cold-brew/index.html"}
    failed = (await looked_at(opened("docs"))).stages
    assert [(stage.ok, "“docs”" in stage.found, "IGNY8_FOLDERS" in stage.cure) for stage in failed] == [
        (False, True, True)
    ]


async def test_pages_that_are_nobodys_are_removed(tmp_path: Path) -> None:
    account, kept, gone = ("0198c7a0-0000-7000-8000-00000000000" + n for n in "123")
    (tmp_path / "notes.txt").write_text("not ours")
    cup = picture()
    ours = [article(), article("other", media=(cup,))]
    for one in ours:
        await put(pages_in(tmp_path / account / kept), one)
    await put(pages_in(tmp_path / account / gone), article(media=(cup,)))

    async def known(account_id: object, integration_id: object, markers: list[str]) -> set[str]:
        return {ours[0].marker} & set(markers) if str(integration_id) == kept else set()

    assert await remove_leftovers(tmp_path, known) == 2
    assert files(tmp_path / account / kept) == {"cold-brew/index.html"}
    assert not (tmp_path / account / gone).exists()
    assert await remove_leftovers(tmp_path, known) == 0
    assert await remove_leftovers(tmp_path / "none", known) == 0
