"""Clean HTML as Ghost is given it: nodes of its editor where it has them, cards where it would lose something."""

import re

import pytest
from hypothesis import given, settings
from selectolax.lexbor import LexborHTMLParser

from domain.destinations import RemoteMedia
from domain.writer.html import clean_html, text_of
from domain.writer.tags import TAGS
from jobs.adapters.ghost.body import BEGIN, END, ghost_html
from tests.ghost.documents import documents
from tests.standins.ghost_bodies import served

THERE = {"a" * 64: RemoteMedia("1", "https://there.example/a.png")}
IMAGE = f'<img src="picture:{"a" * 64}" alt="A &quot;cup&quot;" width="8" height="6">'
SHOWN = '<img src="https://there.example/a.png" alt="A &quot;cup&quot;" width="8" height="6">'


def card(html: str) -> str:
    return f"{BEGIN}{html}{END}"


KEPT = [
    "<p>a <b>b</b> <i>c</i> <s>d</s> <u>e</u> <code>f</code> <sub>g</sub> <sup>h</sup><br>i</p>",
    '<h2>a <a href="https://x.example/?a=1&amp;b=2" rel="noopener">b</a></h2><h6>c</h6><hr>',
    "<h1>a</h1><h3>b</h3><h4>c</h4><h5>d</h5><p><em>e</em> <strong>f</strong></p>",
    '<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul><ol start="3"><li>d</li></ol>',
    "<blockquote>a</blockquote><blockquote><p>a</p><p>b</p></blockquote>",
    "<pre><code>a &lt;\n\n  b\n</code></pre>",
]
MADE = [
    ("", "<p></p>"),
    ("<p></p><p> </p><div></div>", "<p></p>"),
    ("<p>one <mark>two</mark> <small>three</small>four</p>", "<p>one two threefour</p>"),
    ('<p>one <cite>two</cite> <time datetime="2026">three</time>four<wbr>five</p>', "<p>one two threefourfive</p>"),
    ("<p><del>a</del> <ins>b</ins> <kbd>c</kbd></p>", "<p><s>a</s> <u>b</u> <code>c</code></p>"),
    ("<p> a \n <b> b</b>  c<br> d</p>", "<p>a <b>b</b> c<br>d</p>"),
    ("<p>a<b><br></b>b</p>", "<p>a<br>b</p>"),
    ('<p><a rel="noopener">a</a></p>', "<p>a</p>"),
    ('<p><a href="/x" target="_blank" rel="noopener">a</a></p>', '<p><a href="/x" rel="noopener">a</a></p>'),
    ("un<b>break</b>able<p>b</p>tail", "<p>un<b>break</b>able</p><p>b</p><p>tail</p>"),
    ("<div>a</div><div>b</div>", "<p>a</p><p>b</p>"),
    ("<section><h2>a</h2><div><p>b</p></div></section>", "<h2>a</h2><p>b</p>"),
    ("<ul><li><p>a</p></li><li><p>b</p><ul><li>c</li></ul></li></ul>",
     "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>"),
    (f"<figure>{IMAGE}</figure>", f"<figure>{SHOWN}</figure>"),
    (f"<p>{IMAGE}</p>{IMAGE}", f"<figure>{SHOWN}</figure><figure>{SHOWN}</figure>"),
    (f"<figure>{IMAGE}<figcaption>a <b>b</b></figcaption></figure>",
     f"<figure>{SHOWN}<figcaption>a <b>b</b></figcaption></figure>"),
    (f"<figure>{IMAGE.replace('a' * 64, 'b' * 64)}<figcaption>a</figcaption></figure><p>b</p>", "<p>b</p>"),
]  # fmt: skip
CARDS = [
    "<table><caption>a</caption><colgroup><col></colgroup><tbody><tr><td>b</td></tr></tbody></table>",
    '<table><thead><tr><th scope="col">a</th></tr></thead><tfoot><tr><td>b</td></tr></tfoot></table>',
    "<dl><dt>a</dt><dd>b</dd></dl>",
    "<ul><li><p>a</p><p>b</p></li></ul>",
    "<ul><li>a<ul><li>b</li></ul>c</li></ul>",
    "<ul><li><ul><li>a</li></ul></li></ul>",
    "<ul><li>a<ul><li>b</li></ul><ol><li>c</li></ol></li></ul>",
    '<ol start="0"><li>a</li></ol>',
    '<ol start="-3"><li>a</li></ol>',
    "<p>a <q>b</q></p>",
    '<p>a <abbr title="b">c</abbr></p>',
    '<p lang="de">a</p>',
    '<p>a <span lang="de">b</span></p>',
    "<pre>a\n  b</pre>",
    "<pre><code>a <b>b</b></code></pre>",
    '<pre><code>a <a href="https://x.example/" rel="noopener">b</a></code></pre>',
    "<blockquote><p>a</p><ul><li>b</li></ul></blockquote>",
    "<blockquote>a<blockquote>b</blockquote></blockquote>",
    "<figure><blockquote>a</blockquote><figcaption>b</figcaption></figure>",
    "<figure><table><tbody><tr><td>a</td></tr></tbody></table><figcaption>b</figcaption></figure>",
    f'<figure><a href="https://x.example/" rel="noopener">{SHOWN}</a></figure>',
    f"<p>a {SHOWN} b</p>",
    "<p>a <ruby>b<rp>(</rp><rt>c</rt><rp>)</rp></ruby> d</p>",
    "<p><ruby><rb>a</rb><rt>b</rt><rtc><rt>c</rt></rtc></ruby></p>",
    '<details open=""><summary>a</summary><p>b</p></details>',
    '<p dir="rtl">a</p>',
    '<ol><li value="4">a</li></ol>',
    '<ol reversed="" type="A"><li>a</li></ol>',
]
ALL = [*KEPT, *CARDS, *(html for html, _ in MADE)]


@pytest.mark.parametrize("html", KEPT)
def test_what_ghost_knows_is_given_as_it_is(html: str) -> None:
    assert clean_html(html) == html
    assert ghost_html(html, {}) == html


@pytest.mark.parametrize(("html", "made"), MADE)
def test_what_ghost_would_run_together_or_lose_is_written_otherwise(html: str, made: str) -> None:
    assert ghost_html(html, THERE) == made


@pytest.mark.parametrize("html", CARDS)
def test_what_ghost_does_not_know_is_in_a_card(html: str) -> None:
    assert clean_html(html) == html
    assert ghost_html(html, {}) == card(html)
    assert ghost_html(f"<p>before</p>{html}{html}<p>after</p>", {}) == (
        f"<p>before</p>{card(f'{html}{chr(10)}{html}')}<p>after</p>"
    )


def test_lists_that_ghost_would_join_are_kept_apart() -> None:
    one, two = "<ol><li>a</li></ol>", "<ol><li>b</li></ol>"

    assert ghost_html(f"{one}{two}<ul><li>c</li></ul>", {}) == f"{one}{card(two)}<ul><li>c</li></ul>"
    assert ghost_html(f"{one}<p></p>{two}{one}", {}) == f"{one}{card(two)}{one}"


def test_nothing_stands_loose_in_a_card() -> None:
    """It gets lines between what stands at its top."""
    assert ghost_html("un<b>break<p>a</p></b>able", {}) == card("<div>un<b>break<p>a</p></b>able</div>")
    assert ghost_html("un<q>break</q>able", {}) == card("<p>un<q>break</q>able</p>")


@pytest.mark.parametrize("html", [html for html in ALL if "b" * 64 not in html])
def test_it_reads_the_same_as_ghost_serves_it(html: str) -> None:
    back = served(ghost_html(html, THERE)) or ""

    assert text_of(back) == text_of(html)
    assert links(back) == links(html)
    assert code(back) == code(html)
    assert len(re.findall("<img", back)) == len(re.findall("<img", html))


def test_every_tag_of_an_article_is_tried() -> None:
    assert set(re.findall(r"<([a-z0-9]+)", "".join(ALL))) >= TAGS


@settings(max_examples=25, deadline=None)
@given(documents)
def test_no_word_and_no_picture_is_lost_on_the_way(document: str) -> None:
    html = clean_html(document)
    made = ghost_html(html, {})

    assert text_of(made) == text_of(html)
    assert len(re.findall("<img", made)) == len(re.findall("<img", html))
    for inside in re.findall(f"{BEGIN}(.*?){END}", made, re.S):
        assert clean_html(inside) == inside, "a card holds whole elements"


@pytest.mark.parametrize("tag", ["b", "mark", "div", "blockquote", "section", "ul><li", "table><tr><td"])
def test_the_deepest_article_is_read(tag: str) -> None:
    html = clean_html(f"<{tag}>a " * 300)

    assert text_of(ghost_html(html, {})) == text_of(html)


def links(html: str) -> list[str]:
    body = LexborHTMLParser(f"<body>{html}").body
    assert body
    return [node.attributes["href"] or "" for node in body.css("a[href]")]


def code(html: str) -> list[str]:
    body = LexborHTMLParser(f"<body>{html}").body
    assert body
    return [node.text() for node in body.css("pre")]
