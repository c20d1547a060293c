"""An AI feature as one declaration: what it asks, what it takes for an answer, what it makes of one, what it costs."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select

from domain.access import Permission
from domain.ai.answers import Answer, problems_of, schema_of
from domain.ai.calls import begin_call, end_call, last_problems
from domain.ai.choice import text_choice
from domain.ai.paid_answers import Bought, Receipt, receipt_of
from domain.ai.templates import PromptTemplate, PromptText, render
from domain.functions import Answered, Charge, Params, Progress, Tools
from domain.planned import Planned
from domain.ports import CallReport, ProviderChoice, ProviderError, Providers, TextRequest
from persistence.models import Job, JobItem, Prompt
from persistence.terms import AiProvider, ContentOrigin, FailureCause, JobKind, LimitKey, Queue
from persistence.unit import Unit

ATTEMPT_SECONDS = 180.0
LEAST_SECONDS = 1.0
W = TypeVar("W")
B = TypeVar("B")
A = TypeVar("A", bound=Answer)


@dataclass(frozen=True, slots=True)
class Asked(Generic[B]):
    """A question, ready to be put to the provider that was chosen."""

    brief: B
    request: TextRequest
    choice: ProviderChoice
    receipt: Receipt

    @property
    def origin(self) -> ContentOrigin:
        return ContentOrigin.OFFLINE_DRAFT if self.choice.provider is AiProvider.OFFLINE else ContentOrigin.AI


@dataclass(frozen=True, slots=True)
class Done:
    """What was made of an answer: `amount` in the unit of the function's price (ideas, words …)."""

    amount: int
    details: Mapping[str, object]
    message: str = ""


async def nothing_to_begin(unit: Unit, subject_ids: Sequence[UUID], params: Params) -> None:
    return None


async def nothing_to_undo(unit: Unit, job: Job, item: JobItem) -> None:
    return None


@dataclass(frozen=True, slots=True)
class AiFunction(Generic[W, B, A]):
    """Implements domain.planned.Action.

    `plan`: what is wanted → what is to be done. `begin`: marks the rows that it is about, which `undo` takes back.
    `gather`: rows → brief, None when there is nothing left to do. `values`: brief → the template's variables.
    `checks`: what is wrong with an answer that fits its type; an answer with problems is never applied, and the next
    question tells them. `make`: answer → rows, under the item's lock. `price`: credits of so much. `again`: what a
    second try uses of a plan's months beside requests. `offline`: the answer without a model, made of the brief alone;
    it raises ProviderError where it cannot be. `sample`: a brief to look at a prompt with.
    """

    kind: JobKind
    phase: str
    permission: Permission
    wanted: type[W]
    plan: Callable[[Unit, UUID, W], Awaitable[Planned]]
    template: PromptTemplate
    answer: type[A]
    sample: B
    gather: Callable[[Unit, Job, JobItem], Awaitable[B | None]]
    values: Callable[[B], Mapping[str, str]]
    checks: Callable[[Asked[B], A], list[str]]
    make: Callable[[Unit, Job, JobItem, Asked[B], A], Awaitable[Done]]
    price: Callable[[int], int]
    begin: Callable[[Unit, Sequence[UUID], Params], Awaitable[None]] = nothing_to_begin
    undo: Callable[[Unit, Job, JobItem], Awaitable[None]] = nothing_to_undo
    offline: Callable[[B], A] | None = None
    output_tokens: Callable[[B], int] = lambda _: 4_000
    again: Callable[[Sequence[JobItem]], dict[LimitKey, int]] = lambda _: {}
    queue: Queue = Queue.TEXT

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> Asked[B] | None:
        brief = await self.gather(unit, job, item)
        if brief is None:
            return None
        choice = await text_choice(unit, self.kind, tools[Providers].default_text)
        prompt = await prompt_of(unit, self.template)
        seconds = await seconds_left(unit, item, ATTEMPT_SECONDS)
        request = self._request(brief, prompt, await last_problems(unit, item), seconds)
        receipt = receipt_of(tools, item, choice, self.kind, brief, request.system, request.prompt)
        await begin_call(unit, job, item, choice, prompt.version, receipt=receipt)
        return Asked(brief, request, choice, receipt)

    def _request(self, brief: B, prompt: PromptText, problems: list[str], seconds: float) -> TextRequest:
        values = self.values(brief)
        text = render(prompt.prompt, values)
        if problems:
            text += "\n\nYour last answer was refused for these reasons; put them right:\n- " + "\n- ".join(problems)
        return TextRequest(
            function=self.kind.value,
            brief=brief,
            system=render(prompt.system, values),
            prompt=text,
            schema=schema_of(self.answer),
            seconds=seconds,
            max_output_tokens=self.output_tokens(brief),
        )

    async def call(self, tools: Tools, brief: Asked[B], progress: Progress) -> Answered:
        bought = await buy_text(tools, brief.choice, brief.request, brief.receipt)
        checked = await asyncio.to_thread(self._checked, brief, bought.value, bought.report)  # long texts take long
        return Answered(checked, bought.report, bought.ms)

    def _checked(self, asked: Asked[B], raw: dict[str, Any], report: CallReport) -> A:
        try:
            answer = self.answer.model_validate(raw)
            problems = self.checks(asked, answer)
        except ValidationError as error:
            problems = problems_of(error)
        if problems:
            reason = f"{report.provider} ({report.model}) gave an answer that cannot be used: {problems[0]}"
            cause = FailureCause.UNUSABLE_ANSWER
            raise ProviderError(reason[:600], retryable=True, report=report, problems=problems, cause=cause)
        return answer

    async def apply(self, unit: Unit, job: Job, item: JobItem, brief: Asked[B], answer: Answered) -> Charge:
        done = await self.make(unit, job, item, brief, answer.value)
        await end_call(unit, item, answer)
        return Charge(self.price(done.amount), answer.report.cost_micros, dict(done.details), done.message)

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        await self.undo(unit, job, item)

    def uses_again(self, failed: Sequence[JobItem]) -> dict[LimitKey, int]:
        return {LimitKey.AI_REQUESTS: len(failed), **self.again(failed)}


async def prompt_of(unit: Unit, template: PromptTemplate) -> PromptText:
    """The account's own, or the default."""
    own = (
        await unit.session.scalars(select(Prompt).where(Prompt.prompt_type == template.function, Prompt.is_active))
    ).one_or_none()
    if own is None:
        return PromptText(template.system, template.prompt)
    return PromptText(own.system_value, own.prompt_value, own.number)


async def buy_text(tools: Tools, choice: ProviderChoice, request: TextRequest, receipt: Receipt) -> Bought:
    """The answer, where there is none yet; it is not lost any more then."""
    if receipt.bought:
        return receipt.bought
    started = time.monotonic()
    raw, report = await tools[Providers].text(choice).answer(request)
    bought = Bought(raw, report, int((time.monotonic() - started) * 1000))
    await receipt.keep(tools, bought)
    return bought


async def seconds_left(unit: Unit, item: JobItem, most: float) -> float:
    """Of an attempt that may take `most`, within the item's deadline."""
    left = (item.deadline_at - await unit.now()).total_seconds() if item.deadline_at else most
    return max(LEAST_SECONDS, min(most, left))
