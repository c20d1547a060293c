"""Articles of every tag and every nesting, to be cleaned before they are one."""

import re

from hypothesis import strategies as st

WORDS = st.sampled_from(["one", "two ", " three", "\n ", " ", "&nbsp;", "&lt;b&gt;", "größe", "ok, ", "&amp;amp;",
                         "{x}", "中文", "👩\u200d👧", "[y]", "%%z%%", "<br>"])  # fmt: skip
MARKS = ["abbr", "cite", "code", "kbd", "q", "span", "time", "b", "del", "em", "i", "ins", "mark", "s", "small",
         "strong", "sub", "sup", "u"]  # fmt: skip
LINK = '<a href="https://x.example/{}">{}</a>'
PICTURE = '<img src="https://x.example/{}.png" alt="A" width="3" height="4">'


def lines() -> st.SearchStrategy[str]:
    def more(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        joined = st.lists(inner, min_size=1, max_size=3).map("".join)
        marked = st.builds("<{0}>{1}</{0}>".format, st.sampled_from(MARKS), joined)
        said = st.builds('<{0} {2}="de">{1}</{0}>'.format, st.sampled_from(["span", "abbr"]), joined,
                         st.sampled_from(["lang", "title"]))  # fmt: skip
        return marked | said | st.builds(LINK.format, st.integers(1, 9), joined)

    leaves = WORDS | st.builds(PICTURE.format, st.integers(1, 9)) | st.just("<wbr>")
    return st.lists(st.recursive(leaves, more, max_leaves=6), min_size=1, max_size=4).map("".join)


def blocks() -> st.SearchStrategy[str]:
    def more(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        joined = st.lists(inner, min_size=1, max_size=3).map("".join)
        items = st.lists(joined, min_size=1, max_size=3).map(lambda all: "".join(f"<li>{one}</li>" for one in all))
        lists = st.builds("<{0}>{1}</{0}>".format, st.sampled_from(["ol", "ul", 'ol start="4"']), items)
        around = st.builds("<{0}>{1}</{0}>".format, st.sampled_from(["blockquote", "div", "section"]), joined)
        table = st.builds("<table><caption>c</caption><tr><td>{}</td><th>{}</th></tr></table>".format, inner, inner)
        terms = st.builds("<dl><dt>{}</dt><dd>{}</dd></dl>".format, lines(), joined)
        return lists.map(lambda html: re.sub(r"</ol start=\"4\">", "</ol>", html)) | around | table | terms

    single = st.builds("<{0}>{1}</{0}>".format, st.sampled_from(["p", "p", "h2", "h3", "div"]), lines())
    figure = st.builds("<figure>{}<figcaption>{}</figcaption></figure>".format, st.just(PICTURE.format(1)), lines())
    pre = st.builds("<pre><code>{}</code></pre>".format, lines())
    leaves = single | lines() | figure | pre | st.just("<hr>") | st.just("<p></p>")
    return st.recursive(leaves, more, max_leaves=8)


documents = st.lists(blocks(), min_size=1, max_size=4).map("".join)
