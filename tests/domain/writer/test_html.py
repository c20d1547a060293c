"""Sanitising, measuring and naming articles."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.texts import cut
from domain.writer.article import Article
from domain.writer.html import _cleaner, clean_html, cleaned, excerpt, headings, text_of, word_count
from domain.writer.tidier import Excess


def test_article_markup_is_kept_as_it_is() -> None:
    article = (
        '<h2>Grind</h2><p>A <strong>fine</strong> <em>grind</em>, see <a href="/grind" rel="noopener">this</a>.</p>'
        '<ul><li>one</li></ul><table><thead><tr><th scope="col">a</th></tr></thead>'
        '<tbody><tr><td colspan="2">b</td></tr></tbody></table>'
        '<figure><img src="https://cdn.example/a.png" alt="A kettle"><figcaption>c</figcaption></figure>'
        '<blockquote lang="de" title="t"><p>q</p></blockquote>'
        "<pre><code>x &lt; y</code></pre>"
    )

    assert clean_html(article) == article


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("<p>a<script>alert(1)</script>b</p>", "<p>ab</p>"),
        ("<style>p{}</style><p style='color:red' class='x' id='y' onclick='z()'>a</p>", "<p>a</p>"),
        ("<iframe src='https://x.example'>inside</iframe>after", "after"),
        ("<html><head><title>t</title></head><body><p>a</p></body></html>", "<p>a</p>"),
        ("<a href='javascript:alert(1)'>a</a>", '<a rel="noopener">a</a>'),
        (
            "<a href='https://x.example' rel='opener' target='_top'>a</a>",
            '<a href="https://x.example" rel="noopener">a</a>',
        ),
        ("<img src='http://x.example/a.png' alt='a'>", ""),
        ("<img src='data:image/svg+xml,x'><img src='/a.png'><img>", ""),
        ("<p>open <b>bold", "<p>open <b>bold</b></p>"),
        ("a<!-- note -->b", "ab"),
        ("<pre>\n\n\na\n\n</pre>", "<pre>a\n\n</pre>"),
        ("<h2>a<x><h2>b", "<h2>a</h2><h2>b</h2>"),
        ("<p>a<button><p>b</p></button>c</p>", "<p>a</p><p>b</p>c<p></p>"),
    ],
)
def test_what_does_not_belong_in_an_article_goes(dirty: str, clean: str) -> None:
    assert clean_html(dirty) == clean


def test_dropping_an_image_never_frees_the_text_of_its_attributes() -> None:
    hostile = "<img alt='x\"><script>alert(1)</script><img src=https://x onerror=y>' src='http://x.example'>after"

    assert clean_html(hostile) == "after"


TAGS = ["<img ", "<script>", "<p", "<h2>", "</h2>", "<!--", "<svg>", "<pre>"]
PIECES = [*"<>&\"'/=- ai![]\n", *TAGS, " src=", "https://"]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_input_is_read_and_cleaning_twice_changes_nothing(html: str) -> None:
    once = clean_html(html)

    assert clean_html(once) == once
    assert "<script" not in once
    assert word_count(html) == word_count(once)
    assert headings(html) == headings(once)


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("", 0),
        ("<p>It&rsquo;s a well-known — fact</p><p>twice</p>", 5),
        ("<ul><li>one</li><li>two</li></ul>three<br>four", 4),
        ("un<b>break</b>able", 1),
        ("<p>珈琲を飲む</p>", 5),
        ("<p>커피 원두</p><p>कॉफ़ी कैसे बनाएं</p>", 5),
        ("<script>var a = 1</script><p>* * *</p>", 0),
    ],
)
def test_words_are_the_visible_ones(html: str, words: int) -> None:
    assert word_count(html) == words


def test_excerpt_is_plain_text_cut_at_a_word() -> None:
    html = "<h2>Cold brew</h2>\n<p>Steep &amp; strain, <em>then</em> serve over ice.</p>"

    assert excerpt(html) == "Cold brew Steep & strain, then serve over ice."
    assert excerpt(html, 26) == "Cold brew Steep & strain…"


@given(st.text(), st.integers(1, 50))
def test_a_cut_text_fits(text: str, length: int) -> None:
    assert len(cut(text, length)) <= length


def test_a_text_without_spaces_is_cut_all_the_same() -> None:
    assert cut("a" * 30, 10) == "a" * 9 + "…"
    assert cut("a " + "珈" * 30, 10) == "a " + "珈" * 7 + "…"


def test_headings_in_order_and_without_markup() -> None:
    html = "<h1>Brew <em>guides</em></h1><p>x</p><h2>Pour&nbsp;over</h2><h3></h3><h6>Last</h6>"

    assert headings(html) == [(1, "Brew guides"), (2, "Pour over"), (6, "Last")]


def depth(html: str) -> int:
    """Of clean HTML."""
    open, deepest = 0, 0
    for end, name in re.findall(r"<(/?)([a-z0-9]+)", html):
        open += 0 if name in ("br", "hr", "img", "wbr", "col") else -1 if end else 1
        deepest = max(deepest, open)
    return deepest


@pytest.mark.parametrize("tag", ["div", "b", "blockquote", "section", "span", "ul><li", "table><tr><td", "a><div"])
def test_nesting_ends_at_256(tag: str) -> None:
    html = f"<{tag}>" * 400 + "the text stays" + f"</{tag.rpartition('<')[2]}>" * 400

    clean, excess = cleaned(html)

    assert depth(clean) <= 256
    assert "the text stays" in clean
    assert excess is Excess.DEPTH


@pytest.mark.parametrize("tag", ["p", "li", "dd", "tr", "td", "h2", "br", "hr"])
def test_what_ends_by_itself_is_not_nested(tag: str) -> None:
    html = "<table>" * (tag in ("tr", "td")) + f"<{tag}>x" * 5000

    clean, excess = cleaned(html)

    assert excess is None
    assert depth(clean) <= 4
    assert clean.count(f"<{tag}>") == 5000


def test_what_nobody_ends_is_not_repeated_in_every_paragraph_after_it() -> None:
    html = "<p>" + "".join(f"<{mark}>" for mark in ("b", "i", "u", "s", "em", "code", "small", "strong"))

    assert len(clean_html(html + "<p>x" * 200)) < 200 * len("<p>x</p>") + 200


def test_inline_markup_that_crosses_ends_where_it_says() -> None:
    assert clean_html("<b>a<i>b</b>c</i>d") == "<b>a<i>b</i></b><i>c</i>d"
    assert clean_html("<p>a<b>b</p>c") == "<p>a<b>b</b></p>c"
    assert clean_html("<a href='/x'><h2>a</a></h2>b") == '<a href="/x" rel="noopener"><h2>a</h2></a>b'


def test_a_long_text_has_no_more_tags_than_it_can_need() -> None:
    clean, excess = cleaned("<i>x</i>" * 10_000 + "y")
    assert (clean.count("<i>"), excess) == (10_000, None)
    clean, excess = cleaned("<i></i>" * 12_000 + "y")
    assert excess is Excess.ELEMENTS
    assert clean.endswith("y")


@pytest.mark.parametrize("sign", ["&", "<", ">", "\N{POUND SIGN}", "\N{NO-BREAK SPACE}", "&pound;", "&nbsp;", "&x;"])
def test_signs_come_out_as_the_sanitiser_writes_them(sign: str) -> None:
    html = f"<p>a {sign} b</p><p title='{sign}'>{sign * 300}</p>"
    assert clean_html(html) == _cleaner().clean(html)
    assert text_of(html) == " ".join(unescape(f"a {sign} b {sign * 300}").split())


@given(
    st.lists(st.sampled_from([*PIECES, "<p>", "</p>", "<b>", "</b>", "<li>", "<ul>", "<table>", "<td>"])).map("".join)
)
def test_the_parts_of_an_article_are_the_whole(html: str) -> None:
    article = Article(clean_html(html))

    assert "".join(article.cut_before("h2")) == article.html
    assert "".join(article.cut_after("p, li, h2")) == article.html
