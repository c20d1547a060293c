"""An article's skeleton from its keywords alone, to be written out."""

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape

from domain.ai.offline import is_question, sentence, structure_of, words_of
from persistence.terms import ContentStructure

_FORMS = {
    ContentStructure.COMPARISON: "Put the options side by side in a table and say who each one suits.",
    ContentStructure.REVIEW: "Say what was tried and how, then strengths, weaknesses and who it suits.",
    ContentStructure.LISTICLE: "Name each entry, say why it is on the list and whom it suits.",
    ContentStructure.LANDING_PAGE: "Say what is offered, for whom and at what price, and what to do next.",
    ContentStructure.GUIDE: "Write numbered steps, each with what is needed and what can go wrong.",
}
_SECTIONS = 8
_ENTRIES = 5
_QUESTIONS = 10


def outline(keywords: Sequence[str], description: str, structure: ContentStructure, words: int) -> str:
    """The article's HTML; `keywords` distinct, strongest first, every one of them named somewhere in it."""
    primary, *others = keywords
    questions = [keyword for keyword in others if is_question(keyword)]
    themes = _themes(primary, [keyword for keyword in others if not is_question(keyword)])
    chapters, rest = themes[:_SECTIONS], [keyword for theme in themes[_SECTIONS:] for keyword in theme]
    budget = max(50, words // (len(chapters) + 1))
    return "\n".join(
        [
            *_opening(primary, description, structure),
            *(line for theme in chapters for line in _section(theme, budget)),
            *_faq(questions[:_QUESTIONS]),
            *_mentions("Also mention", rest + questions[_QUESTIONS:]),
        ]
    )


def _themes(primary: str, keywords: Sequence[str]) -> list[list[str]]:
    """The primary keyword, then keywords that share the commonest word it lacks, by their strongest member."""
    known = set(words_of(primary))
    new = {keyword: [word for word in words_of(keyword) if word not in known] for keyword in keywords}
    uses = Counter(word for words in new.values() for word in set(words))
    themes = {"": [primary]}
    for keyword, words in new.items():
        themes.setdefault(max(words, key=lambda word: (uses[word], len(word)), default=""), []).append(keyword)
    return list(themes.values())


def _opening(primary: str, description: str, structure: ContentStructure) -> Iterator[str]:
    yield _note("This is an outline to be written, made from keywords without a language model; replace every note.")
    if description.strip():
        yield f"<p>{_shown(description)}</p>"
    answer = f"Introduction: in two or three sentences answer what a search for “{primary}” wants to know."
    yield _note(f"{answer} {_FORMS.get(structure, '')}")


def _section(keywords: Sequence[str], budget: int) -> Iterator[str]:
    lead, *others = keywords
    yield f"<h2>{_shown(sentence(lead))}</h2>"
    yield _note(f"About {budget} words. Cover “{lead}”. {_advice(lead)}")
    for keyword in others[:_ENTRIES]:
        yield f"<h3>{_shown(sentence(keyword))}</h3>"
        yield _note(f"Answer “{keyword}”. {_advice(keyword)}")
    yield from _mentions("Keywords to answer here as well", others[_ENTRIES:])


def _faq(questions: Sequence[str]) -> Iterator[str]:
    if questions:
        yield "<h2>Frequently asked questions</h2>"
    for question in questions:
        yield f"<h3>{_shown(sentence(question).rstrip('?') + '?')}</h3>"
        yield _note("Answer in the first sentence, then give the reason in one or two more.")


def _mentions(title: str, keywords: Sequence[str]) -> Iterator[str]:
    if keywords:
        entries = "".join(f"<li>{_shown(keyword)}</li>" for keyword in keywords)
        yield f"{_note(f'{title}:')}\n<ul>{entries}</ul>"


def _advice(keyword: str) -> str:
    return _FORMS.get(structure_of(keyword), "Say what it is, why it matters and what to do.")


def _note(text: str) -> str:
    return f"<p><em>{_shown(text)}</em></p>"


def _shown(text: str) -> str:
    return escape(" ".join(text.split()), quote=False)
