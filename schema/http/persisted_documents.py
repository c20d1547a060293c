"""Documents by their name: found where they were sent before, kept where they come with their name."""

from typing import Any

from cross_web import HTTPException

from persistence.redis.persisted_documents import ID, id_of
from schema.context import Context
from schema.execution.cost import keeping
from schema.http.requests import Malformed


class Unknown(HTTPException):
    """A document that nobody has sent yet."""


async def named(context: Context, id: object, query: str | None) -> str:
    """The document of this name. Malformed, Unknown."""
    if not isinstance(id, str) or not ID.fullmatch(id):
        raise Malformed("documentId must be sha256: and 64 hexadecimal digits.")
    if query is None:
        query = await context.services.documents.get(id)
        if query is None:
            raise Unknown(400, "This documentId is not known; send it once together with its query.")
    elif id_of(query) != id:
        raise Malformed("documentId is not the SHA-256 of the query that came with it.")
    return query


async def keep(context: Context, id: str, query: str, extensions: dict[str, Any]) -> None:
    """For the next time, at a cost that `extensions` tell; who has not so much left sends it again then."""
    services, account = context.services, context.caller.account_id
    if services.documents.here(id):
        return
    cost = keeping(len(query))
    balance = await services.query_budgets.spend(account, cost)
    if balance.wait:
        return
    await services.documents.put(account, id, query)
    if told := extensions.get("cost"):
        told.update(requested=told["requested"] + cost, actual=told["actual"] + cost, available=balance.available)
