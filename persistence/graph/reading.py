"""An answer as a plan's statement gives it."""

from collections.abc import Mapping
from typing import Any

from persistence.errors import TooLong
from persistence.graph.compiler import Plan
from persistence.graph.measure import LONGEST
from persistence.postgres.database import Database
from persistence.scope import Scope


async def read_plan(
    database: Database, scope: Scope, plan: Plan, variables: Mapping[str, Any], *, prepare: bool = True
) -> tuple[bytes, ...]:
    """The JSON of each key. Raises TooLong, and what `read_texts` raises."""
    texts = await database.read_texts(scope, plan.sql, plan.values(variables), prepare=prepare)
    if not plan.measured:
        return texts
    size, *shown = texts
    if not all(shown):
        raise TooLong(int(size), LONGEST)
    return tuple(shown)
