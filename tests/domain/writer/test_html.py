"""Sanitising, measuring and naming articles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.writer.html import clean_html, cut, excerpt, headings, word_count


def test_article_markup_is_kept_as_it_is() -> None:
    article = (
        '<h2>Grind</h2><p>A <strong>fine</strong> <em>grind</em>, see <a href="/grind" rel="noopener">this</a>.</p>'
        '<ul><li>one</li></ul><table><thead><tr><th scope="col">a</th></tr></thead>'
        '<tbody><tr><td colspan="2">b</td></tr></tbody></table>'
        '<figure><img src="https://cdn.example/a.png" alt="A kettle"><figcaption>c</figcaption></figure>'
        "<blockquote><p>q</p></blockquote><pre><code>x &lt; y</code></pre>"
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
