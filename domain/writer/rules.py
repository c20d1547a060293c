"""What an article must be, whoever wrote it."""

import re
from collections import Counter

from domain.ai.wording import fold, share_spoken_of
from domain.writer.article import Article
from domain.writer.normaliser import normalised

LEAST_SHARE, LEAST_WORDS = 0.4, 60  # of the words asked for
LEAST_HEADINGS = 2
MOST_REPEATED = 0.25  # of all sentences
HALF = 0.5  # of the main keyword's words at least are in an article about it
_SENTENCE = re.compile(r"[.!?。！？]+\s*|\n+")


def unfinished(html: str, wanted: int, keyword: str) -> list[str]:
    """What an article of about `wanted` words on a main keyword lacks."""
    html, excess = normalised(html)
    article = Article(html)
    text, words = article.text, article.word_count
    problems = [f"in html {excess.value}"] if excess else []
    least = max(LEAST_WORDS, round(wanted * LEAST_SHARE))
    if words < least:
        problems.append(f"html has {words} words where about {wanted} are wanted, {least} at least")
    if sum(level == 2 for level, _ in article.headings) < LEAST_HEADINGS:
        problems.append(f"html has fewer than {LEAST_HEADINGS} h2 headings")
    if share_spoken_of(text, keyword) < HALF:
        problems.append(f"html does not speak of the main keyword “{keyword}”")
    if _repeated(text) > MOST_REPEATED:
        problems.append("html says the same sentences again and again")
    return problems


def _repeated(text: str) -> float:
    """The share of sentences that were said before."""
    said = Counter(s for s in (fold(s) for s in _SENTENCE.split(text)) if len(s) > 20)
    total = sum(said.values())
    return (total - len(said)) / total if total else 0.0
