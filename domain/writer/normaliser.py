"""Whatever comes as an article (a page, a fragment, Markdown, plain lines) as the clean HTML that is kept."""

import re
from functools import cache
from typing import TYPE_CHECKING

from domain.writer.html import cleaned
from domain.writer.tidier import Excess

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_BLOCKS = "p|h[1-6]|div|ul|ol|li|table|section|article|blockquote|body|html|br|figure|details|ruby"
_MARKUP = re.compile(rf"</?(?:{_BLOCKS})\b[^<>]*>|\A\s*<a\s[^<>]*>[^<>]*</a>\s*\Z", re.I)
_FENCED = re.compile(r"\A\s*```(?:html|markdown|md)?[ \t]*\n(.*?)\n[ \t]*```\s*\Z", re.S | re.I)


@cache
def _markdown() -> "MarkdownIt":
    """Made for the first text: processes that only answer reads do without its library."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")


def normalise(text: str) -> str:
    """HTML is parsed, its body kept and cleaned; anything else is read as Markdown, of which plain lines are a part."""
    return normalised(text)[0]


def normalised(text: str) -> tuple[str, Excess | None]:
    """As `normalise`, and what there was too much of."""
    fenced = _FENCED.match(text)
    body = fenced[1] if fenced else text
    html, excess = cleaned(body if _MARKUP.search(body) else _markdown().render(body))
    return html.strip(), excess
