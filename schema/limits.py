"""What a document may be, before anything of it is executed."""

from strawberry.extensions import MaxAliasesLimiter, MaxTokensLimiter, ParserCache, QueryDepthLimiter, ValidationCache
from strawberry.extensions.base_extension import SchemaExtension

MAX_DEPTH, MAX_ALIASES, MAX_TOKENS = 16, 100, 4000
CACHED_DOCUMENTS = 1000


class Depth(QueryDepthLimiter):
    def __init__(self) -> None:
        super().__init__(max_depth=MAX_DEPTH)


class Aliases(MaxAliasesLimiter):
    def __init__(self) -> None:
        super().__init__(max_alias_count=MAX_ALIASES)


class Tokens(MaxTokensLimiter):
    def __init__(self) -> None:
        super().__init__(max_token_count=MAX_TOKENS)


class Parsed(ParserCache):
    def __init__(self) -> None:
        super().__init__(maxsize=CACHED_DOCUMENTS)


class Validated(ValidationCache):
    def __init__(self) -> None:
        super().__init__(maxsize=CACHED_DOCUMENTS)


LIMITS: list[type[SchemaExtension]] = [Depth, Aliases, Tokens, Parsed, Validated]
