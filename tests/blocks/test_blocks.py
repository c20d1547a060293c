"""What WordPress makes of our bodies: its editor's own parser and serialiser, its wpautop, and its shortcodes."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings

from domain.writer.html import clean_html
from domain.writer.tags import ATTRIBUTES, ATTRIBUTES_OF_ALL, TAGS, VOID
from jobs.adapters.wordpress.bodies import body, with_json_ld
from persistence.terms import WordPressMarkup
from tests.wordpress.articles import MARKER, MEDIA, PICTURE, VALUES, articles, outside_pre

HERE = Path(__file__).parent
INSTALLED = HERE / "node_modules" / ".package-lock.json"  # the last that npm writes
WORDPRESS = Path(os.environ.get("IGNY8_WORDPRESS", "/usr/share/wordpress"))
MANY = 500
JSON_LD = '{"@context":"https://schema.org","headline":"[gallery] \\"A\\""}'

needs_editor = pytest.mark.skipif(
    not (shutil.which("node") and INSTALLED.exists()),
    reason="needs Node.js 20.19 or newer and the packages that `make test-blocks` installs",
)
needs_php = pytest.mark.skipif(
    not (shutil.which("php") and (WORDPRESS / "wp-includes" / "formatting.php").exists()),
    reason="needs php and WordPress's own files, in /usr/share/wordpress or where IGNY8_WORDPRESS says",
)


@dataclass(frozen=True)
class Written:
    html: str
    blocks: str
    plain: str


def every_tag() -> Iterable[str]:
    """Alone, with each of its attributes, and in each other tag."""
    for tag in sorted(TAGS):
        yield element(tag)
        for name in sorted(ATTRIBUTES.get(tag, set()) | ATTRIBUTES_OF_ALL):
            for value in VALUES[name]:
                src = ' src="https://cdn.example/a.png"' * (tag == "img" and name != "src")
                yield element(tag, f" {name}='{value}'{src}")
        yield "".join(element(tag, inside=f"a{element(inside)}b") for inside in sorted(TAGS))


def element(tag: str, attributes: str = "", inside: str = "x") -> str:
    if tag == "img" and not attributes:
        attributes = ' src="https://cdn.example/a.png"'
    start = f"<{tag}{attributes}>" + ("" if tag in VOID else f"{inside}</{tag}>")
    return f"<table>{start}</table>" if tag in ("td", "th", "tr", "col", "caption", "colgroup") else start


OTHERS = [
    '<h3 id="a">x</h3><h2 id="b b">x</h2><p dir="rtl">x</p><p dir="auto">x</p><h2 dir="rtl">x</h2>',
    '<ol reversed type="i" start="0"><li value="3">a</li></ol><ol reversed><li>a</li></ol><ol type="A"><li>a</li></ol>',
    "<details open><summary>a <b>b</b></summary>c<p>d</p></details><details><summary></summary>c</details>",
    "<p><ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby></p><ul><li>a<ul><li>b</li></ul></li><li></li></ul>",
    '<blockquote cite="/x"><p>a</p></blockquote><blockquote><p>a</p><cite>b</cite></blockquote>',
    "<blockquote>" * 40 + "deep" + "</blockquote>" * 40,
    "<ul><li>" * 40 + "deep" + "</li></ul>" * 40,
    "<section>" * 40 + "deep" + "</section>" * 40,
    PICTURE + "<h2>a</h2>" + PICTURE + "<p>b</p>",
    "<p>a<br><br> <br>b</p><table><tr><td>a\n\nb<br> <br>c<ul><li>d</li></ul></td></tr></table>",
    '<figure><p>a</p><img src="https://cdn.example/a.png"></figure><p>https://video.example/1</p>',
    "<table><caption>a<p>b</p></caption><tr><td>c<p>d</p></td></tr></table>",
    "<ul><li>a<p></p><h4>b</h4></li><li>c<figure><pre>d\n\ne</pre></figure></li></ul>",
    '<a id="a"></a><h2>b</h2><blockquote>c<p>d</p><cite><a id="e"></a></cite></blockquote>',
    '<figure id="a"><img src="https://cdn.example/a.png"><figcaption><a id="b"></a></figcaption></figure>',
    '<figure><img src="https://cdn.example/a.png" id="b"></figure><table id="c"><tr><td>d</td></tr></table>',
    '<figure id="a"><table id="c"><tr><td>d</td></tr></table></figure><hr id="e"><div id="f">g</div>',
    '<ol id="a" start="2"><li id="b">c</li></ol><pre id="d">e</pre><pre id="f"><code>g</code></pre>',
    '<section id="a">b</section><details id="c" open><summary>d</summary>e</details><p id="f" dir="rtl">g</p>',
    '<b id="a"><p>b</p><p>c</p></b><details><summary><a id="d"></a></summary>e</details>',
    "<div>a<section>b<blockquote>c<cite>d</cite></blockquote>e</section></div>",
]


@pytest.fixture(scope="module")
def written() -> list[Written]:
    """Of every tag, and of many articles that Hypothesis makes up."""
    found = [clean_html(each) for each in every_tag()] + OTHERS

    @settings(max_examples=MANY, deadline=None, database=None, phases=[Phase.generate])
    @given(articles())
    def made_up(html: str) -> None:
        found.append(html)

    made_up()
    assert len(found) > MANY + len(TAGS) * 2
    return [
        Written(
            html,
            with_json_ld(body(html, MEDIA, MARKER, WordPressMarkup.BLOCKS), JSON_LD, WordPressMarkup.BLOCKS),
            with_json_ld(body(html, MEDIA, MARKER, WordPressMarkup.HTML), JSON_LD, WordPressMarkup.HTML),
        )
        for html in found
    ]


@pytest.fixture(scope="module")
def read(written: list[Written]) -> dict[str, Any]:
    """What the editor says of them, in one process."""
    given = {"blocks": [each.blocks for each in written], "html": [each.plain for each in written]}
    return told(["node", "--no-warnings", "editor.mjs"], given)


def told(command: list[str], given: object) -> Any:
    process = subprocess.run(command, cwd=HERE, input=json.dumps(given), capture_output=True, text=True, timeout=300)
    assert (process.returncode, process.stderr) == (0, "")
    return json.loads(process.stdout)


def plain_signs(blocks: str) -> str:
    """With what the editor writes plainly: `[` and `/`, and (not in newer browsers) < and > in attributes."""
    blocks = blocks.replace("&#91;", "[").replace("&#47;", "/")
    return re.sub(r'"[^"]*"', lambda value: value[0].replace("&lt;", "<").replace("&gt;", ">"), blocks)


def without_space(html: str) -> str:
    """Without what stands around the tags of blocks, which is all that wpautop may change."""
    return "".join(re.sub(r"\s*\n\s*|\s+(?=<)", "", part) for part in outside_pre(html))


@needs_editor
def test_blocks_are_valid_and_written_the_same_again(written: list[Written], read: dict[str, Any]) -> None:
    for ours, theirs in zip(written, read["blocks"], strict=True):
        assert theirs["invalid"] == [], ours
        assert plain_signs(theirs["again"]) == plain_signs(ours.blocks), ours.html
        assert "core/missing" not in theirs["names"], ours
        assert "core/freeform" not in theirs["names"], ours


@needs_editor
def test_blocks_of_every_kind_are_tried(read: dict[str, Any]) -> None:
    kinds = "code details group heading html image list list-item paragraph preformatted quote separator table"

    names = {name for theirs in read["blocks"] for name in theirs["names"]}

    assert names == {f"core/{kind}" for kind in kinds.split()}


@needs_editor
def test_the_editors_wpautop_changes_nothing(written: list[Written], read: dict[str, Any]) -> None:
    for ours, theirs in zip(written, read["html"], strict=True):
        assert without_space(theirs["autop"]) == without_space(ours.plain), ours.html


@needs_editor
def test_the_marker_is_there_when_html_was_turned_into_blocks(written: list[Written], read: dict[str, Any]) -> None:
    for ours, theirs in zip(written, read["html"], strict=True):
        assert theirs["converted"].count(f"<!-- {MARKER} -->") == 1, ours


@needs_php
def test_wordpress_changes_nothing_and_runs_nothing(written: list[Written]) -> None:
    command = ["php", "wordpress.php", str(WORDPRESS)]
    alive = told(command, {"blocks": [], "html": ["<p>[gallery] <code>[gallery]</code></p>\n\n<td>a\n\nb"]})["html"][0]
    assert alive["run"].count("RUN") == 2, "it runs shortcodes in code, too"
    assert "<td>a</p>" in alive["autop"]

    found = told(command, {"blocks": [each.blocks for each in written], "html": [each.plain for each in written]})

    for ours, theirs in zip(written, found["html"], strict=True):
        assert without_space(theirs["autop"]) == without_space(ours.plain), ours.html
        assert theirs["run"] == theirs["autop"], ours
        assert JSON_LD.replace("[", "\\u005b") in theirs["run"], ours
    for ours, theirs in zip(written, found["blocks"], strict=True):
        assert theirs["again"] == theirs["run"] == ours.blocks, ours.html
