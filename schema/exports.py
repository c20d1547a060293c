"""Lists as files: a query gives a link that lasts ten minutes, and the link streams the rows."""

from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import orjson
import strawberry
from strawberry.types.base import get_object_definition

from domain import names
from domain.access import Permission
from domain.errors import camel
from persistence.graph.export import Column, export_sql
from persistence.graph.selection import BadArgument
from persistence.terms import FileFormat
from schema.context import Context
from schema.execution.cost import check_balance, keeping
from schema.execution.operation import current
from schema.graph.entity import REGISTRY, Binding, Registry
from schema.graph.fields import GraphField, argument

MAX_BYTES = 64_000  # of what a link stands for: 1,000 ids and more


@strawberry.type(description="A file that is written while it is read, by whoever has the link.")
class Export:
    url: str = strawberry.field(description="Path on this API, for ten minutes, while the caller's session lasts.")
    expires_at: datetime = strawberry.field(description="When the link ends, ten minutes after it was asked for.")


class ExportField(GraphField):
    """A field of Query that gives a link; not graph data, but with the arguments of a list."""

    def __init__(self, binding: Binding) -> None:
        arguments = [
            argument("format", FileFormat, "How the file is written.", optional=False),
            argument("filter", binding.filter | None),  # type: ignore[operator]
            argument("order_by", list[binding.order] | None, "At most two; nulls last, id as tie-break."),  # type: ignore[name-defined]
        ]
        what = names.many(binding.cls.__name__)
        description = f"All {what} that the filter leaves, in order, as a file of any length."
        super().__init__(description, arguments, Permission.READ)
        self.export = binding.cls.__name__

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: Any) -> Any:
        return give(info.context, self.export, kwargs)


def export_query(registry: Registry) -> type:
    """The fields of Query for exports."""
    exported = [binding for binding in registry.bindings.values() if binding.export]
    fields = {names.mutation("export", b.cls.__name__, several=True): ExportField(b) for b in exported}
    return strawberry.type(type("ExportQuery", (), {"__annotations__": dict.fromkeys(fields, Export), **fields}))


async def give(context: Context, name: str, given: dict[str, Any]) -> Export:
    """The link; a filter or order that makes no list is refused here."""
    asked = {
        "export": name,
        "format": FileFormat(given["format"]).value,
        "filter": plain(given.get("filter")),
        "order": [{"direction": "ASC", **plain(each)} for each in given.get("order_by") or ()],
    }
    statement(asked)
    who = context.caller
    held = None if who.permissions is None else sorted(who.permissions)
    caller = [str(who.session_id), str(who.user_id), str(who.account_id), who.role.value, held]
    kept = orjson.dumps({**asked, "caller": caller}, default=str)
    if len(kept) > MAX_BYTES:
        raise BadArgument(f"The filter is too long for a link: it may take {MAX_BYTES // 1000} kB.", "filter")
    await _charge(context, keeping(len(kept)))
    token, expires_at = await context.services.exports.put(who.account_id, kept)
    return Export(url=f"/exports/{token}", expires_at=expires_at)


async def _charge(context: Context, cost: int) -> None:
    """RATE_LIMITED where the account has not so much left."""
    check_balance(cost, await context.services.query_budgets.spend(context.caller.account_id, cost))
    current().requested += cost
    current().actual += cost


def statement(asked: dict[str, Any]) -> tuple[str, list[Any]]:
    """What was asked for as SQL. BadArgument."""
    binding, form = REGISTRY.bindings[asked["export"]], FileFormat(asked["format"])
    assert binding.entity
    columns = [Column(tuple(path.split(".")), _title(path, form)) for path in binding.export]
    return export_sql(REGISTRY.graph.entities, binding.entity, columns, asked["filter"], asked["order"], form)


def _title(path: str, form: FileFormat) -> str:
    """`cluster.name` is the column cluster; in CSV camelCase comes as words."""
    name = path.removesuffix(".name")
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name) if form is FileFormat.CSV else name


def plain(given: Any) -> Any:
    """An input as JSON has it, by GraphQL's names; what is absent is not there."""
    if given is None or given is strawberry.UNSET:
        return None
    if is_dataclass(given):
        names = {f.python_name: f.graphql_name for f in get_object_definition(given, strict=True).fields}
        values = {f.name: getattr(given, f.name) for f in fields(given)}
        return {
            names.get(name) or camel(name): plain(value)
            for name, value in values.items()
            if value is not strawberry.UNSET
        }
    if isinstance(given, list):
        return [plain(each) for each in given]
    if isinstance(given, Enum):
        return given.value
    return given.isoformat() if isinstance(given, datetime) else given
