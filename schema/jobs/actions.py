"""Kinds of work that people start: one mutation each, planned by the same lines as its estimate."""

from dataclasses import dataclass, fields
from typing import Any, TypeVar

from domain import job as jobs
from domain.errors import camel
from domain.planned import Action
from schema.context import Info
from schema.graph.entity import ref
from schema.jobs.payloads import JobPayload
from schema.jobs.types import Job
from schema.mutation import mutation

W = TypeVar("W")


@dataclass(frozen=True, slots=True)
class Started:
    """An action with the input that asks for it."""

    action: Action[Any]
    input: type

    @property
    def operation(self) -> str:
        """The mutation's name: the kind's."""
        return camel(self.action.kind.value.lower())

    def wanted(self, input: Any) -> Any:
        kind = self.action.wanted
        return kind(**{f.name: getattr(input, f.name) for f in fields(kind)})


STARTED: dict[type, Started] = {}


def starts(action: Action[W], input: type, description: str) -> Any:
    """The mutation that answers with the job that its input asks for; the same one again under its idempotencyKey."""
    started = STARTED[input] = Started(action, input)
    assert {f.name for f in fields(action.wanted)} <= {f.name for f in fields(input)}, input  # type: ignore[arg-type]

    async def start(self: Any, info: Info, input: Any) -> JobPayload:
        caller = info.context.caller
        async with info.context.write() as unit:
            id = await jobs.start_job(
                unit, caller.account_id, caller.user_id, started.operation, input.idempotency_key, input,
                action, started.wanted(input),
            )  # fmt: skip
        return JobPayload(job=ref(Job, id))

    start.__annotations__["input"] = input
    start.__doc__ = description
    return mutation(action.permission)(start)
