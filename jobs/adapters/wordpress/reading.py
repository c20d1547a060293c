"""A post's content as HTML: without marks of blocks, our marker and our structured data.

Each function's time grows with the length: what is read was written by anybody.
"""

import re

LD_JSON = '<script type="application/ld+json">'
BLOCKS = (
    "<h1", "<h2", "<h3", "<h4", "<h5", "<h6", "<ul", "<ol", "<dl", "<table", "<blockquote", "<figure", "<div", "<hr",
    "<section", "<details", "<p>", "<p ", "</",
)  # fmt: skip
BLANK = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def html_of(content: str) -> str:
    """Texts of the classic editor stand without paragraphs: WordPress makes them of blank lines when it shows them."""
    has_blocks = "<!-- wp:" in content
    for start, end in ((f"<div>{LD_JSON}", "</script></div>"), (LD_JSON, "</script>"), ("<!--", "-->")):
        content = without(content, start, end)
    text = BLANK.sub("\n\n", content.replace("\r\n", "\n")).strip()
    classic = text and not has_blocks and "<p>" not in text and "<p " not in text and "<pre" not in text
    return paragraphs(text) if classic else text


def without(text: str, start: str, end: str) -> str:
    """What does not end stays."""
    kept, at = [], 0
    while (begun := text.find(start, at)) >= 0 and (ended := text.find(end, begun + len(start))) >= 0:
        kept.append(text[at:begun])
        at = ended + len(end)
    return "".join([*kept, text[at:]])


def paragraphs(text: str) -> str:
    made = []
    for part in text.split("\n\n"):
        block = part.lstrip().lower().startswith(BLOCKS)
        made.append(part if block else f"<p>{part.strip()}</p>".replace("\n", "<br>"))
    return "\n".join(made)
