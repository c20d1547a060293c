"""Markup that says something to browsers, crawlers or readers, and stays what it says."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.writer.html import clean_html, cleaned, excerpt, headings, text_of, word_count
from domain.writer.normaliser import normalise
from domain.writer.tags import HEADINGS

ID = "con_0190f3a2-1b2c-7d3e-8f40-123456789abc"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("nofollow sponsored", "noopener nofollow sponsored"),
        ("UGC NoFollow", "noopener nofollow ugc"),
        ("sponsored,nofollow ugc", "noopener ugc"),
        ("opener external", "noopener"),
        ("\tugc\n noopener  ugc ", "noopener ugc"),
        ("noreferrer noopener", "noopener noreferrer"),
        ("no&#102;ollow", "noopener nofollow"),
        ("", "noopener"),
    ],
)
def test_links_say_what_they_are(given: str, kept: str) -> None:
    html = f'<a href="https://shop.example.com/x" rel="{given}">buy</a>'
    assert clean_html(html) == f'<a href="https://shop.example.com/x" rel="{kept}">buy</a>'


def test_a_link_alone_is_markup() -> None:
    html = '<a href="https://shop.example.com/x" rel="nofollow sponsored">buy</a>'
    assert normalise(html) == '<a href="https://shop.example.com/x" rel="noopener nofollow sponsored">buy</a>'


@pytest.mark.parametrize(
    "html",
    [
        '<p dir="rtl" lang="he">שלום</p>',
        '<blockquote dir="auto"><p>مرحبا</p></blockquote>',
        "<details><summary>Q?</summary><p>A</p></details>",
        '<details open=""><summary>Q?</summary>A</details>',
        "<p><ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>字</p>",
        "<ruby><rb>東</rb><rb>京</rb><rtc><rt>とう</rt><rt>きょう</rt></rtc></ruby>",
        '<ol start="-3"><li>a</li><li value="7">b</li></ol>',
        '<ol reversed="" type="A"><li>a</li></ol>',
        '<p><a href="#sizes" rel="noopener">Sizes</a></p><h2 id="sizes">Sizes</h2>',
        f'<p><a href="content:{ID}" rel="noopener">brewing</a></p>',
        f'<p><a href="content:{ID}#größe" rel="noopener">brewing</a></p>',
    ],
)
def test_is_kept_as_it_is(html: str) -> None:
    assert clean_html(html) == html
    assert normalise(html) == html


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("<p dir=RTL>a</p>", '<p dir="rtl">a</p>'),
        ("<p dir=left>a</p>", "<p>a</p>"),
        ("<ol start=x type=disc><li value=1.5>a</ol>", "<ol><li>a</li></ol>"),
        ("<ol reversed=reversed start=' 9 '><li>a</ol>", '<ol reversed="" start="9"><li>a</li></ol>'),
        ("<ul start=3 reversed><li>a</ul>", "<ul><li>a</li></ul>"),
        ("<details open=false><summary>Q", '<details open=""><summary>Q</summary></details>'),
        ("<p>a<details>b</details>c", "<p>a</p><details>b</details>c"),
        ("<ruby>漢<rt>かん字<rt>じ</ruby>b", "<ruby>漢<rt>かん字</rt><rt>じ</rt></ruby>b"),
        ("<ruby>漢<rp>(<rt>かん<rp>)</ruby>", "<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>"),
        ("<ruby>a<rtc><rt>b<rt>c<rtc>d", "<ruby>a<rtc><rt>b</rt><rt>c</rt></rtc><rtc>d</rtc></ruby>"),
        ("<ruby>a<rt><b>b<rt>c</ruby>", "<ruby>a<rt><b>b</b></rt><rt>c</rt></ruby>"),
        ("<b>x<ruby>a<rt>b</b>c", "<b>x<ruby>a<rt>b</rt></ruby></b>c"),
        ("<rt>all of it</rt><ruby><table><td><rp>and this", "all of it<ruby><table><tbody><tr><td>and this"),
    ],
)
def test_is_brought_into_order(dirty: str, clean: str) -> None:
    assert clean_html(dirty).startswith(clean)


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ('<h2 id="a">A</h2><h3 id="a">B</h3>', '<h2 id="a">A</h2><h3>B</h3>'),
        ('<p id="x">a</p><h2 id="x">b</h2>', '<p>a</p><h2 id="x">b</h2>'),
        ('<p id="note">a</p><a href="#note">b</a>', '<p id="note">a</p><a href="#note" rel="noopener">b</a>'),
        ('<a href="/other#note">b</a><p id="note">a</p>', '<a href="/other#note" rel="noopener">b</a><p>a</p>'),
        (
            '<a href="#gr%C3%B6%C3%9Fe">b</a><li id="größe">',
            '<a href="#gr%C3%B6%C3%9Fe" rel="noopener">b</a><li id="größe"></li>',
        ),
        ('<h2 id="n º">A</h2><h2 id="nº">B</h2><h2 id="a&quot;b">C</h2>', '<h2>A</h2><h2 id="nº">B</h2><h2>C</h2>'),
        (f'<h2 id="{"x" * 201}">A</h2><h2 id="">B</h2>', "<h2>A</h2><h2>B</h2>"),
        ("<h2 id='x onclick=1'>A</h2>", "<h2>A</h2>"),
        ("<p title='<h2 id=\"x\">'>a</p>", '<p title="&lt;h2 id=&quot;x&quot;&gt;">a</p>'),
    ],
)
def test_ids_are_what_links_can_lead_to(dirty: str, clean: str) -> None:
    assert clean_html(dirty) == clean


@pytest.mark.parametrize(
    ("href", "kept"),
    [
        (f"content:{ID}", f"content:{ID}"),
        (f" CONTENT:{ID.upper()} ", f"content:{ID}"),
        (f"con\ntent:{ID}#a", f"content:{ID}#a"),
        (f"content:{ID}#a b", f"content:{ID}"),
        (f"content:{ID}#", f"content:{ID}"),
        (f"content:{ID}?a=1", None),
        (f"content:task_{ID[4:]}", None),
        (f"content://{ID}", None),
        ("content:javascript:alert(1)", None),
        ("content:", None),
        (f"content:{ID}/x", None),
    ],
)
def test_a_link_to_a_content_names_it_and_nothing_else(href: str, kept: str | None) -> None:
    address = f' href="{kept}"' if kept else ""
    assert clean_html(f'<p><a href="{href}">b</a></p>') == f'<p><a{address} rel="noopener">b</a></p>'


def test_markdown_links_to_contents_as_well() -> None:
    assert normalise(f"See [this](content:{ID}).") == f'<p>See <a href="content:{ID}" rel="noopener">this</a>.</p>'


def test_how_a_word_is_read_is_not_a_word_more() -> None:
    html = (
        "<h2><ruby>東京<rp>(</rp><rt>とうきょう</rt><rp>)</rp></ruby>へ</h2><p>one <ruby>two<rtc><rt>2</rtc></ruby></p>"
    )
    assert text_of(html) == "東京へ one two"
    assert word_count(html) == 5
    assert headings(html) == [(2, "東京へ")]
    assert excerpt(html) == "東京へ one two"


def test_of_ruby_text_in_ruby_text_the_outermost_is_read() -> None:
    assert text_of("<ruby>a<rt>b<ruby>c<rt>d</ruby>e</rt></ruby>f") == "af"


def test_a_question_and_its_answer_are_apart() -> None:
    html = "<details><summary>How long?</summary>Two <b>min</b>utes</details><details>Why?</details>"
    assert text_of(html) == "How long? Two minutes Why?"
    assert word_count(html) == 5


NAMES = ["ruby", "rb", "rt", "rp", "rtc", "details", "summary", "a", "b", "p", "li", "ol", "h2", "td", "table"]
ATTRIBUTES = [
    "",
    " id=x",
    " id='y z'",
    " id=q",
    " href=#x",
    " dir=rtl",
    " rel=ugc",
    " value=3",
    " open",
    ' title="<p id=x>"',
]
PIECES = st.one_of(
    st.builds("<{}{}>".format, st.sampled_from(NAMES), st.sampled_from(ATTRIBUTES)),
    st.builds("</{}>".format, st.sampled_from(NAMES)),
    st.sampled_from(["x", " ", "字", "&amp;", "£", "<", f"<a href=content:{ID}#x>"]),
)
PAGES = st.lists(PIECES, max_size=25).map("".join)


@given(PAGES)
@settings(deadline=None)  # the machine may be busy
def test_any_page_comes_to_rest_with_ids_that_are_its_own(html: str) -> None:
    clean, excess = cleaned(html)

    assert clean_html(clean) == clean
    assert excess is None
    ids = re.findall(r'<([a-z0-9]+)(?: [a-z]+="[^"]*")*? id="([^"]*)"', clean)
    assert len({id for _, id in ids}) == len(ids)
    assert all(tag in HEADINGS or "#" + id in clean for tag, id in ids)
    assert all('rel="noopener' in tag for tag in re.findall("<a[^>]*>", clean))
    assert word_count(html) == word_count(clean)


@given(PAGES)
@settings(deadline=None)  # the machine may be busy
def test_readings_stand_in_ruby_text_alone(html: str) -> None:
    open: list[str] = []
    for end, name in re.findall(r"<(/?)([a-z0-9]+)[^>]*>", clean_html(html)):
        if end:
            assert open.pop() == name
            continue
        assert name not in ("rb", "rp", "rt", "rtc") or "ruby" in open
        open.append(name)
    assert open == []


@given(st.text(max_size=60))
@settings(deadline=None)  # the machine may be busy
def test_no_value_of_an_attribute_gets_out_of_it(value: str) -> None:
    quoted = value.replace("&", "&amp;").replace('"', "&quot;")
    names = ("rel", "id", "dir", "href", "title", "lang")
    html = f"<p><a {' '.join(f'{name}={chr(34)}{quoted}{chr(34)}' for name in names)}>a</a></p>"
    clean = clean_html(html)

    assert re.fullmatch(r'<p><a(?: (?:rel|id|dir|href|title|lang)="[^"<>]*")*>a</a></p>', clean)
    assert clean_html(clean) == clean
