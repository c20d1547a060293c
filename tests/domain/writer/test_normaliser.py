"""Whatever comes as an article becomes the clean HTML that is kept."""

import pytest

from domain.writer.normaliser import normalise

CASES = {
    "": "",
    "One line.": "<p>One line.</p>",
    "One.\n\nTwo &amp; <three> < 4.": "<p>One.</p>\n<p>Two &amp; &lt;three&gt; &lt; 4.</p>",
    "# Title\n\n- a\n- **b**": "<h1>Title</h1>\n<ul>\n<li>a</li>\n<li><strong>b</strong></li>\n</ul>",
    "| a | b |\n|---|---|\n| 1 | 2 |": None,
    "```html\n<p>Fenced.</p>\n```": "<p>Fenced.</p>",
    "<!doctype html><html><head><title>T</title></head><body class=x><p onclick=y>B</p></body></html>": "<p>B</p>",
    "<style>p{}</style><p>B</p>": "<p>B</p>",
    "<p>open <b>bold": "<p>open <b>bold</b></p>",
    "<script>alert(1)</script><p>x</p>": "<p>x</p>",
    "[a](javascript:alert(1))": None,
}  # fmt: skip


@pytest.mark.parametrize("text", CASES)
def test_it_is_read_and_cleaned(text: str) -> None:
    html = normalise(text)
    if (expected := CASES[text]) is not None:
        assert html == expected
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert normalise(html) == html


def test_a_table_stays_one() -> None:
    assert "<td>1</td>" in normalise("| a | b |\n|---|---|\n| 1 | 2 |")
