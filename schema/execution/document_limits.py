"""What a document may be, before anything of it is executed."""

from collections.abc import Iterator
from contextlib import suppress

from graphql import GraphQLError
from strawberry.extensions import AddValidationRules, MaxTokensLimiter, ParserCache, ValidationCache
from strawberry.extensions.base_extension import SchemaExtension

from schema.execution.document_size import SizeRule

MAX_TOKENS = 4000
CACHED_DOCUMENTS, CACHED_CHARACTERS = 256, 10_000  # a parsed document takes up to 400 bytes a token


class Size(AddValidationRules):
    """The rule is one class for all requests: a class of each request's own would never hit the validation cache."""

    def __init__(self) -> None:
        super().__init__([SizeRule])


class Tokens(MaxTokensLimiter):
    def __init__(self) -> None:
        super().__init__(max_token_count=MAX_TOKENS)


class Parsed(ParserCache):
    def __init__(self) -> None:
        super().__init__(maxsize=CACHED_DOCUMENTS)

    def on_parse(self) -> Iterator[None]:
        """What cannot be parsed is left to Strawberry: an error raised here would pass by the one that masks errors."""
        execution = self.execution_context
        if execution.query and cacheable(execution.query):
            with suppress(GraphQLError):
                execution.graphql_document = self.cached_parse_document(execution.query, **execution.parse_options)
        yield


class Validated(ValidationCache):
    def __init__(self) -> None:
        super().__init__(maxsize=CACHED_DOCUMENTS)

    def on_validate(self) -> Iterator[None]:
        if cacheable(self.execution_context.query or ""):
            yield from super().on_validate()
        else:
            yield


def cacheable(query: str) -> bool:
    """Clients choose their documents, and a string literal in one may hold megabytes."""
    return len(query) <= CACHED_CHARACTERS


LIMITS: list[type[SchemaExtension]] = [Size, Tokens, Parsed, Validated]
