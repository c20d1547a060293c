"""Trying a provider before work depends on it: is there a key, does it answer, is the answer of use."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import Field, ValidationError

from domain.access import Permission
from domain.ai.answers import Answer, schema_of
from domain.ai.calls import begin_call, end_call
from domain.ai.choice import text_choice_of
from domain.ai.function import buy_text
from domain.ai.offline import intent_of
from domain.ai.paid_answers import Receipt, receipt_of
from domain.functions import Answered, Charge, Params, Progress, Tools
from domain.planned import Place, Planned, Work
from domain.ports import ProviderChoice, ProviderError, Providers, TextRequest
from domain.system.work.test_image import PICTURE, plan_picture
from persistence.models import Job, JobItem, User
from persistence.terms import AiProvider, FailureCause, Intent, JobKind, LimitKey, Queue
from persistence.unit import Unit

SECONDS = 60.0
KEYWORD = "buy an espresso machine"
QUESTION = (
    "Say what the searcher of the keyword below wants: INFORMATIONAL, NAVIGATIONAL, COMMERCIAL or TRANSACTIONAL. "
    'Answer as JSON such as {"intents": ["COMMERCIAL"]}.\n\n'
)


@dataclass(frozen=True, slots=True)
class Wanted:
    provider: AiProvider


@dataclass(frozen=True, slots=True)
class IntentBrief:
    keyword: str


class IntentAnswer(Answer):
    intents: list[Intent] = Field(min_length=1, max_length=4)


def offline(brief: IntentBrief) -> IntentAnswer:
    return IntentAnswer(intents=[intent_of(brief.keyword)])


@dataclass(frozen=True, slots=True)
class Question:
    choice: ProviderChoice
    receipt: Receipt
    request: TextRequest = field(repr=False)


class ProbeText:
    """One question whose answer is known to be possible. A failure says at which stage, and what to do."""

    kind, queue, phase = JobKind.TEST_AI_PROVIDER, Queue.TEXT, "looking for a key"
    permission, wanted, offline = Permission.MANAGE_ACCOUNT, Wanted, staticmethod(offline)

    async def plan(self, unit: Unit, user_id: UUID, wanted: Wanted) -> Planned:
        """Free for language models; RUNWARE is tried by a picture, and costs one."""
        if wanted.provider is AiProvider.RUNWARE:
            return await plan_picture(unit, user_id, PICTURE, provider=wanted.provider)
        place = Place((await unit.get(User, user_id)).account_id, user_id, None, None)
        params = {"provider": wanted.provider.value}
        return Planned(self, place, [Work(None, 1, 0)], params, {LimitKey.AI_REQUESTS: 1})

    async def begin(self, unit: Unit, subject_ids: Sequence[UUID], params: Params) -> None:
        return None

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> Question:
        choice = await text_choice_of(unit, AiProvider(job.params["provider"]), tools[Providers].default_text)
        receipt = receipt_of(tools, item, choice, self.kind)
        await begin_call(unit, job, item, choice, receipt=receipt)
        request = TextRequest(
            function=self.kind.value,
            brief=IntentBrief(KEYWORD),
            system="You classify search keywords.",
            prompt=QUESTION + KEYWORD,
            schema=schema_of(IntentAnswer),
            seconds=SECONDS,
            max_output_tokens=500,
        )
        return Question(choice, receipt, request)

    async def call(self, tools: Tools, brief: Question, progress: Progress) -> Answered:
        progress("asking", 1, 3)
        bought = await buy_text(tools, brief.choice, brief.request, brief.receipt)
        report = bought.report
        progress("reading the answer", 2, 3)
        try:
            answer = IntentAnswer.model_validate(bought.value)
        except ValidationError as error:
            raise ProviderError(
                f"{report.provider} ({report.model}) answers, but not as it is asked to: {error.errors()[0]['msg']}. "
                "Choose a model that can write JSON.",
                retryable=False, report=report, cause=FailureCause.UNUSABLE_ANSWER,
            ) from error  # fmt: skip
        return Answered(answer, report, bought.ms)

    async def apply(self, unit: Unit, job: Job, item: JobItem, brief: Question, answer: Answered) -> Charge:
        await end_call(unit, item, answer)
        found = ", ".join(intent.value for intent in answer.value.intents)
        said = f"{answer.report.provider} ({answer.report.model}) answered in {answer.ms / 1000:.1f} s: {found}"
        return Charge(0, answer.report.cost_micros, {"ms": answer.ms}, said)

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        return None

    def uses_again(self, failed: Sequence[JobItem]) -> dict[LimitKey, int]:
        return {LimitKey.AI_REQUESTS: len(failed)}


TEST_AI_PROVIDER = ProbeText()
