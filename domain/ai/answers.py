"""What language models are asked to answer, as types. Ranges and sets are checked again: a grammar enforces neither."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from persistence.terms import ContentStructure, ContentType, ImageType, Intent

Line = Annotated[str, Field(min_length=1, max_length=300)]
Paragraph = Annotated[str, Field(min_length=1, max_length=4_000)]


class Answer(BaseModel):
    """Fields that nobody asked for are refused: they are how a model shows that it has lost the thread."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Idea(Answer):
    title: Line
    description: Paragraph
    content_type: ContentType
    content_structure: ContentStructure
    target_keywords: list[Line] = Field(min_length=1, max_length=20)
    estimated_word_count: int = Field(ge=100, le=10_000)


class IdeasAnswer(Answer):
    ideas: list[Idea] = Field(min_length=1, max_length=10)


class ArticleAnswer(Answer):
    title: Line
    html: Annotated[str, Field(min_length=40, max_length=200_000)]
    meta_title: Line
    meta_description: Line
    secondary_keywords: list[Line] = Field(max_length=50)


class NamedCluster(Answer):
    """`numbers`: which of the given clusters it is made of; several where they belong on one page."""

    numbers: list[int] = Field(min_length=1)
    name: Line
    description: Line


class ClusterNamesAnswer(Answer):
    clusters: list[NamedCluster] = Field(min_length=1)


class KeywordIntent(Answer):
    number: int
    intents: list[Intent] = Field(min_length=1, max_length=4)


class IntentsAnswer(Answer):
    keywords: list[KeywordIntent] = Field(min_length=1)


class ImageIdea(Answer):
    image_type: ImageType
    prompt: Paragraph
    alt_text: Line


class ImagePromptsAnswer(Answer):
    images: list[ImageIdea] = Field(min_length=1, max_length=8)


# Grammars made of lengths grow with them: llama.cpp ends the process at some hundreds. They are checked afterwards.
UNSAID = ("$defs", "title", "default", "minLength", "maxLength")


def schema_of(answer: type[Answer]) -> dict[str, Any]:
    """The JSON schema in the strict form that providers take: every property required, none added, no references."""
    whole = answer.model_json_schema()
    strict: dict[str, Any] = _strict(whole, whole.get("$defs", {}))
    return strict


def _strict(node: Any, defined: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_strict(part, defined) for part in node]
    if not isinstance(node, dict):
        return node
    if reference := node.get("$ref"):
        return _strict(defined[reference.rsplit("/", 1)[1]], defined)
    made = {key: _strict(part, defined) for key, part in node.items() if key not in UNSAID}
    if isinstance(node.get("properties"), dict):
        made["properties"] = {name: _strict(part, defined) for name, part in node["properties"].items()}
        made |= {"required": list(node["properties"]), "additionalProperties": False}
    return made


def problems_of(error: ValidationError) -> list[str]:
    """What is wrong, for the second question and for people."""
    return [f"{'.'.join(map(str, e['loc'])) or 'answer'}: {e['msg']}" for e in error.errors()[:10]]
