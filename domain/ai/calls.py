"""The record of every attempt at a provider, under its item: made before the call, ended with what it cost."""

from sqlalchemy import select

from domain.ai.paid_answers import Receipt
from domain.functions import Answered
from domain.ports import CallReport, ProviderChoice
from persistence.models import AiCall, Job, JobItem
from persistence.terms import AiCallStatus
from persistence.unit import Unit

LOST = "The worker ended before the answer came; it may have been billed."
SEEN_PROBLEMS = 10


async def begin_call(
    unit: Unit,
    job: Job,
    item: JobItem,
    choice: ProviderChoice,
    prompt_version: int | None = None,
    *,
    receipt: Receipt | None = None,
) -> None:
    """A new one, or that of before goes on where its answer is there."""
    if receipt and receipt.bought and await _resumed(unit, item):
        return
    unit.add(
        AiCall(
            account_id=job.account_id,
            site_id=job.site_id,
            job_item_id=item.id,
            function=job.kind.value,
            provider=choice.provider.value.lower(),
            model=choice.model,
            prompt_version=prompt_version,
        )
    )


async def _resumed(unit: Unit, item: JobItem) -> bool:
    last = select(AiCall).where(AiCall.job_item_id == item.id).order_by(AiCall.id.desc()).limit(1).with_for_update()
    call = (await unit.session.scalars(last)).one_or_none()
    if call is None:
        return False
    call.status, call.error, call.problems = AiCallStatus.RUNNING, None, []
    return True


async def end_call(unit: Unit, item: JobItem, answered: Answered) -> None:
    for call in await _running(unit, item):
        call.status, call.latency_ms = AiCallStatus.SUCCEEDED, answered.ms
        _take(call, answered.report)


async def fail_calls(
    unit: Unit, item: JobItem, reason: str, report: CallReport | None = None, problems: list[str] | None = None
) -> None:
    """Of an attempt that ended without a result; nothing where no call was begun."""
    for call in await _running(unit, item):
        call.status, call.error = AiCallStatus.FAILED, reason
        call.problems = (problems or [])[:SEEN_PROBLEMS]
        if report:
            _take(call, report)


async def forget_calls(unit: Unit, item: JobItem) -> None:
    """Of an attempt that came to no call."""
    for call in await _running(unit, item):
        await unit.session.delete(call)


async def last_problems(unit: Unit, item: JobItem) -> list[str]:
    """What was wrong with the last answer, so that the next question can say so."""
    wrong = AiCall.job_item_id == item.id, AiCall.problems != []  # a call that was lost had no answer
    statement = select(AiCall.problems).where(*wrong).order_by(AiCall.id.desc()).limit(1)
    return list(await unit.session.scalar(statement) or [])


async def _running(unit: Unit, item: JobItem) -> list[AiCall]:
    return await unit.all(
        select(AiCall).where(AiCall.job_item_id == item.id, AiCall.status == AiCallStatus.RUNNING).with_for_update()
    )


def _take(call: AiCall, report: CallReport) -> None:
    call.provider, call.model = report.provider, report.model
    call.input_tokens, call.output_tokens = report.input_tokens, report.output_tokens
    call.cost_micros, call.finish_reason = report.cost_micros, report.finish_reason
