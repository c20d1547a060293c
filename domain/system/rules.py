"""What prompts, profiles, strategies and provider settings must be."""

from typing import Any

from domain.errors import bad_input
from domain.texts import MAX_TEXT, check_text
from persistence.terms import AiProvider, ContentStructure, IntegrationType, PromptType

MAX_SECTIONS, MAX_SECTION = 40, 200
MAX_MODEL, MAX_KEY = 200, 500


def check_prompt_types(given: Any, *field: str) -> dict[str, str]:
    """Extra instructions by prompt type."""
    if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
        raise bad_input('Give an object such as {"GENERATE_IDEAS": "Prefer questions."}.', *field)
    known = [kind.value for kind in PromptType]
    if unknown := [name for name in given if name not in known]:
        raise bad_input(f"{unknown[0]} is no prompt type; there are {', '.join(known)}.", *field)
    return {name: check_text(text, MAX_TEXT, *field) for name, text in given.items()}


def check_section_logic(given: Any, *field: str) -> dict[str, list[str]]:
    """Sections in their order, by content structure."""
    if not isinstance(given, dict) or not all(_is_sections(value) for value in given.values()):
        raise bad_input('Give an object such as {"GUIDE": ["What you need", "Steps"]}.', *field)
    known = [structure.value for structure in ContentStructure]
    if unknown := [name for name in given if name not in known]:
        raise bad_input(f"{unknown[0]} is no content structure; there are {', '.join(known)}.", *field)
    if any(len(sections) > MAX_SECTIONS for sections in given.values()):
        raise bad_input(f"A structure has at most {MAX_SECTIONS} sections.", *field)
    return {name: [check_text(s, MAX_SECTION, *field) for s in sections] for name, sections in given.items()}


def _is_sections(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(section, str) for section in value)


def check_api_key(key: str, *field: str) -> str:
    trimmed = key.strip()
    if not 8 <= len(trimmed) <= MAX_KEY or not trimmed.isascii() or not trimmed.isprintable() or " " in trimmed:
        raise bad_input("That is no API key: copy it whole, without spaces.", *field)
    return trimmed


def check_provider(kind: IntegrationType, provider: AiProvider | None, *field: str) -> str | None:
    if provider is not None and kind is not IntegrationType.IMAGE_GENERATION:
        raise bad_input("A provider is chosen for IMAGE_GENERATION, or per function.", *field)
    return provider.value if provider else None
