"""The tags and attributes of an article, and how they may stand in each other."""

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
PHRASES = {"a", "abbr", "cite", "code", "kbd", "q", "span", "time", "wbr"}
MARKS = {"b", "del", "em", "i", "ins", "mark", "s", "small", "strong", "sub", "sup", "u"}
RUBY_PARTS = {"rb", "rp", "rt", "rtc"}
RUBY = {"ruby"} | RUBY_PARTS
INLINE = PHRASES | MARKS | RUBY
LISTS = {"dd", "dl", "dt", "li", "ol", "ul"}
FOLDED = {"details", "summary"}
BLOCKS = {"blockquote", "br", "div", "figcaption", "figure", "hr", "img", "p", "pre", "section"} | FOLDED
SECTIONS_OF_TABLES = {"tbody", "tfoot", "thead"}
TABLES = {"caption", "col", "colgroup", "table", "td", "th", "tr"} | SECTIONS_OF_TABLES
TAGS = HEADINGS | INLINE | LISTS | BLOCKS | TABLES
ATTRIBUTES_OF_ALL = {"dir", "id", "lang", "title"}
ATTRIBUTES = {
    "a": {"href", "rel", "target"},
    "details": {"open"},
    "img": {"src", "alt", "width", "height"},
    "li": {"value"},
    "ol": {"reversed", "start", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
# What goes with all that is in it. Of the first the text up to the end goes where they have none, as in a browser.
RAW = {"iframe", "noscript", "script", "style", "textarea", "title"}
EMBEDDED = RAW | {"math", "select", "svg", "template"}
VOID = {"br", "col", "hr", "img", "wbr"}
ROWS = {"table", "tr"} | SECTIONS_OF_TABLES
WALLS = {"caption", "table", "td", "th"}  # what is open outside of them cannot be ended from inside
ENDS_P = HEADINGS | LISTS | (BLOCKS - {"br", "img"}) | {"table"}
_SECTIONING = {"address", "article", "aside", "footer", "header", "hgroup", "main", "nav", "search"}
_OTHERS = {"center", "dialog", "dir", "fieldset", "form", "listing", "menu", "plaintext", "xmp"}
STRANGE_BLOCKS = _SECTIONING | _OTHERS
# An item that is not ended ends before the next one, if nothing else of these is open inside of it.
SPECIAL = (TAGS - INLINE) - {"div", "p"}
ENDED_BY = {"li": {"li"}, "dd": {"dd", "dt"}, "dt": {"dd", "dt"}, **dict.fromkeys(HEADINGS, HEADINGS)}
# What a part of a table stands in; all else that is open there ends.
WITHIN = {
    **{name: {"table"} for name in ("caption", "colgroup", *SECTIONS_OF_TABLES)},
    "col": {"colgroup", "table"},
    "tr": {"table"} | SECTIONS_OF_TABLES,
    "td": ROWS,
    "th": ROWS,
}
# What ends before a part of ruby text begins, up to what holds it.
RUBY_HOLDS = {name: ({"ruby"}, RUBY_PARTS) for name in ("rb", "rtc")}
RUBY_HOLDS |= {name: ({"ruby", "rtc"}, RUBY_PARTS - {"rtc"}) for name in ("rp", "rt")}
IMPLIED = {"dd", "dt", "li", "p"} | RUBY_PARTS  # what every parser ends by itself where a part begins
