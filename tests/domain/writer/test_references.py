"""Links to contents by their ids, put into addresses."""

import re
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.writer.html import clean_html, text_of
from domain.writer.references import references, resolved, unresolved

OWN, ONE, TWO = (UUID(int=n) for n in (1, 2, 3))
ADDRESSES = {ONE: "https://blog.example/one?a=1&b=2"}
SHOWN = "https://blog.example/one?a=1&amp;b=2"


def linked(id: UUID, place: str = "", more: str = "") -> str:
    return f'<a href="content:con_{id}{place}"{more} rel="noopener">there</a>'


@pytest.mark.parametrize(
    ("html", "out"),
    [
        (f"<p>See {linked(ONE)}.</p>", f'<p>See <a href="{SHOWN}" rel="noopener">there</a>.</p>'),
        (linked(ONE, "#größe"), f'<a href="{SHOWN}#größe" rel="noopener">there</a>'),
        (f"<p>See {linked(TWO)}.</p>", "<p>See there.</p>"),
        (linked(TWO, "", ' id="x"'), '<a id="x">there</a>'),
        (linked(OWN, "#sizes"), '<a href="#sizes" rel="noopener">there</a>'),
        (linked(OWN), '<a href="#" rel="noopener">there</a>'),
        ('<a href="/x" rel="noopener">a</a>', '<a href="/x" rel="noopener">a</a>'),
        (f"{linked(TWO)}{linked(ONE)}", f'there<a href="{SHOWN}" rel="noopener">there</a>'),
        ("<p>content:con_x</p>", "<p>content:con_x</p>"),
    ],
)
def test_a_reference_becomes_an_address_or_text(html: str, out: str) -> None:
    assert resolved(html, OWN, ADDRESSES) == out


def test_a_link_in_a_cell_of_a_link_ends_where_it_ends() -> None:
    html = clean_html(
        f"<a href='content:con_{TWO}'>a<table><tr><td><a href='content:con_{ONE}'>b</a>c</td></tr></table>d</a>"
    )
    out = resolved(html, OWN, ADDRESSES)

    assert out.count("<a") == out.count("</a>")
    assert text_of(out) == text_of(html)
    assert clean_html(out) == out


def test_what_only_looks_like_one_is_none() -> None:
    html = clean_html(f"<p title='<a href=\"content:con_{ONE}\">'>content:con_{ONE}</p>")

    assert references(html) == set()
    assert resolved(html, OWN, ADDRESSES) == html


PIECES = [
    *(f"<a href=content:con_{id}{place}>" for id in (OWN, ONE, TWO) for place in ("", "#x")),
    "</a>", "<p>", "<b>", "</b>", "<table><td>", "<li id=x>", "<h2 id=x>", "<a href=/y>", "<a id=x>", "word ", "&amp;",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
@settings(deadline=None)  # the machine may be busy
def test_nothing_else_changes(page: str) -> None:
    html = clean_html(page)
    out = resolved(html, OWN, ADDRESSES)

    assert "content:" not in out
    assert text_of(out) == text_of(html)
    tags, left = (re.sub(r"</?a[^>]*>", "", each) for each in (html, out))
    assert left == tags
    assert references(out) == set()
    assert references(html) <= {OWN, ONE, TWO}
    assert out.count("<a") == out.count("</a>")


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
@settings(deadline=None)  # the machine may be busy
def test_what_was_resolved_is_a_reference_again(page: str) -> None:
    known = {ONE: "https://blog.example/one?a=1&b=2", TWO: "https://blog.example/two", OWN: "https://blog.example/own"}
    html = clean_html(page)
    out = resolved(html, UUID(int=9), known)

    assert unresolved(out, {address: id for id, address in known.items()}) == html
    assert unresolved(html, {}) == html
