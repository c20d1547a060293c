"""A text as it is kept, with what is told of it beside: computed once, when it is written."""

from dataclasses import dataclass

from domain.texts import cut
from domain.writer.article import Article
from domain.writer.normaliser import normalised
from domain.writer.tidier import Excess

EXCERPT = 200  # characters


@dataclass(frozen=True, slots=True)
class Written:
    """As columns of a content."""

    html_content: str
    word_count: int
    excerpt: str


def write(text: str) -> tuple[Written, Excess | None]:
    """Of HTML, Markdown or plain text, and what there was too much of."""
    html, excess = normalised(text)
    article = Article(html)
    return Written(html, article.word_count, cut(article.text, EXCERPT)), excess
