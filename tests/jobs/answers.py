"""Good answers to the product's questions, made of the prompts that a scripted endpoint received."""

import re
from typing import Any

WORDS = "water grind filter kettle pour steep press taste aroma roast blend crema froth warm cool sweet bitter bright"


def prompt(body: Any) -> str:
    return str(body["messages"][1]["content"])


def found(pattern: str, body: Any) -> str:
    match = re.search(pattern, prompt(body), re.MULTILINE)
    assert match, (pattern, prompt(body))
    return match.group(1).strip()


def article(body: Any) -> dict[str, Any]:
    """As many words as were asked for, no sentence twice, all about the main keyword."""
    keyword, words = found(r"^Main keyword: (.+)$", body), int(found(r"about (\d+) words", body))
    title = found(r'^Write the page "(.+?)" in', body)
    sentences = [
        f"{keyword} {number} {' '.join(WORDS.split()[number % 9 : number % 9 + 8])}." for number in range(words // 12)
    ]
    half = len(sentences) // 2
    parts = [
        f"<h2>{name}</h2><p>{' '.join(some)}</p>"
        for name, some in (("First", sentences[:half]), ("Then", sentences[half:]))
    ]
    return {
        "title": title,
        "html": f"<p>{keyword} in short.</p>{''.join(parts)}",
        "meta_title": title,
        "meta_description": f"All about {keyword}.",
        "secondary_keywords": [],
    }


def ideas(body: Any) -> dict[str, Any]:
    """As many as were asked for, each aiming at a keyword of its own."""
    count = int(found(r"^Propose (\d+) different", body))
    keywords = prompt(body).partition("Keywords:\n")[2].split("\n\n")[0].splitlines()
    return {"ideas": [idea(f"All about {keyword}", [keyword]) for keyword in keywords[:count]]}


def idea(title: str, keywords: list[str]) -> dict[str, Any]:
    return {
        "title": title,
        "description": "What there is to know.",
        "content_type": "POST",
        "content_structure": "GUIDE",
        "target_keywords": keywords,
        "estimated_word_count": 900,
    }
