"""What an article and its pictures must be, whoever made them."""

import re
from collections import Counter

from domain.ai.answers import ArticleAnswer, ImagePromptsAnswer
from domain.ai.briefs import ArticleBrief, ImagePromptsBrief
from domain.ai.function import Asked
from domain.ai.wording import fold, share_spoken_of
from domain.writer.article import Article
from domain.writer.normaliser import normalised
from persistence.terms import ContentOrigin, ImageType

LEAST_SHARE, LEAST_WORDS = 0.4, 60  # of the words asked for
LEAST_HEADINGS = 2
MOST_REPEATED = 0.25  # of all sentences
HALF = 0.5  # of the main keyword's words at least are in an article about it
IMAGE_SIZES: dict[ImageType, tuple[int, int]] = {
    ImageType.FEATURED: (1200, 640),
    ImageType.IN_ARTICLE: (1024, 768),
    ImageType.DESKTOP: (1920, 1080),
    ImageType.MOBILE: (1080, 1344),
}
_SENTENCE = re.compile(r"[.!?。！？]+\s*|\n+")


def article_problems(asked: Asked[ArticleBrief], answer: ArticleAnswer) -> list[str]:
    """An outline that says it is one need not be a whole article; keywords must not be invented in either."""
    known = {fold(keyword) for keyword in asked.brief.keywords}
    invented = [keyword for keyword in answer.secondary_keywords if fold(keyword) not in known]
    problems = [f"the secondary keyword “{keyword[:80]}” is not in the list" for keyword in invented[:5]]
    if asked.origin is not ContentOrigin.OFFLINE_DRAFT:
        problems += _unfinished(asked.brief, answer)
    return problems


def _unfinished(brief: ArticleBrief, answer: ArticleAnswer) -> list[str]:
    html, excess = normalised(answer.html)
    article = Article(html)
    text, words = article.text, article.word_count
    problems = [f"in html {excess.value}"] if excess else []
    least = max(LEAST_WORDS, round(brief.target_word_count * LEAST_SHARE))
    if words < least:
        problems.append(f"html has {words} words where about {brief.target_word_count} are wanted, {least} at least")
    if sum(level == 2 for level, _ in article.headings) < LEAST_HEADINGS:
        problems.append(f"html has fewer than {LEAST_HEADINGS} h2 headings")
    if share_spoken_of(text, brief.keywords[0]) < HALF:
        problems.append(f"html does not speak of the main keyword “{brief.keywords[0]}”")
    if _repeated(text) > MOST_REPEATED:
        problems.append("html says the same sentences again and again")
    return problems


def _repeated(text: str) -> float:
    """The share of sentences that were said before."""
    said = Counter(s for s in (fold(s) for s in _SENTENCE.split(text)) if len(s) > 20)
    total = sum(said.values())
    return (total - len(said)) / total if total else 0.0


def image_problems(asked: Asked[ImagePromptsBrief], answer: ImagePromptsAnswer) -> list[str]:
    kinds = Counter(image.image_type for image in answer.images)
    problems = []
    if kinds[ImageType.FEATURED] != 1:
        problems.append(f"there are {kinds[ImageType.FEATURED]} FEATURED images; exactly one is wanted")
    if kinds[ImageType.IN_ARTICLE] > asked.brief.in_article:
        problems.append(f"there are {kinds[ImageType.IN_ARTICLE]} IN_ARTICLE images; at most {asked.brief.in_article}")
    if others := [kind.value for kind in kinds if kind not in (ImageType.FEATURED, ImageType.IN_ARTICLE)]:
        problems.append(f"image_type {others[0]} is not wanted here; use FEATURED and IN_ARTICLE")
    prompts = Counter(fold(image.prompt) for image in answer.images)
    if any(times > 1 for times in prompts.values()):
        problems.append("two images have the same prompt")
    return problems
