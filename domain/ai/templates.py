"""Prompt templates: `{{variable}}`, filled in one pass, so that a keyword which looks like a variable stays text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from domain.errors import bad_input
from persistence.terms import PromptType

VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
MEANT = re.compile(r"\{\{\s*([^{}\"]+?)\s*\}\}")  # what looks like one, and is no JSON
MAX_LENGTH = 20_000


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """The default prompt of a function. `variables`: what may stand in it, and what each holds.

    `version` counts the defaults; overrides of an account have versions of their own.
    """

    function: PromptType
    version: int
    variables: Mapping[str, str]
    system: str
    prompt: str


@dataclass(frozen=True, slots=True)
class PromptText:
    """The text that a request is made of. `version` is None for a default."""

    system: str
    prompt: str
    version: int | None = None


def render(text: str, values: Mapping[str, str]) -> str:
    """Variables that are declared and empty become nothing."""
    return VARIABLE.sub(lambda found: values.get(found.group(1), ""), text).strip()


def check_template(template: PromptTemplate, text: str, *field: str) -> str:
    """An override's text; BAD_INPUT for variables that the function does not have."""
    if not 1 <= len(text.strip()) <= MAX_LENGTH or "\0" in text:
        raise bad_input(f"A prompt has 1 to {MAX_LENGTH} characters, none of them NUL.", *field)
    unknown = sorted({name for name in MEANT.findall(text) if name not in template.variables})
    if unknown:
        known = ", ".join(f"{{{{{name}}}}}" for name in template.variables)
        raise bad_input(f"Unknown variable {unknown[0]}; this prompt has {known}.", *field)
    return text.strip()
