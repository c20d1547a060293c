"""Trying a provider before work depends on it: is there a key, does it answer, is the answer of use."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from domain.ai.answers import IntentsAnswer, schema_of
from domain.ai.briefs import IntentsBrief
from domain.ai.calls import begin_call, end_call
from domain.ai.choice import image_choice, image_choice_of, text_choice_of
from domain.ai.function import buy_text
from domain.ai.receipts import Receipt, receipt_of
from domain.billing.rules import images_price
from domain.functions import Answered, Charge, Progress, Tools
from domain.planned import Place, Planned, Work
from domain.ports import ImageRequest, ProviderChoice, ProviderError, Providers, TextRequest
from domain.texts import check_line
from domain.writer.images import Drawing, draw
from persistence.models import Job, JobItem, User
from persistence.terms import AiProvider, FailureCause, JobKind, LimitKey, Queue
from persistence.unit import Unit

SECONDS, SIZE = 60.0, (1024, 768)
KEYWORD = "buy an espresso machine"
QUESTION = (
    "Number the keyword below 1 and say what its searcher wants: INFORMATIONAL, NAVIGATIONAL, COMMERCIAL or "
    'TRANSACTIONAL. Answer as JSON such as {"keywords": [{"number": 1, "intents": ["COMMERCIAL"]}]}.\n\n1. '
)
PICTURE = "A cup of coffee on a wooden table, soft light"


async def plan_probe(unit: Unit, user_id: UUID, provider: AiProvider) -> Planned:
    """Free for language models; RUNWARE is tried by a picture, and costs one."""
    place = Place((await unit.get(User, user_id)).account_id, user_id, None, None)
    if provider is AiProvider.RUNWARE:
        params = {"provider": provider.value, "prompt": PICTURE}
        return Planned(ProbeImage(), place, _picture(), params, {LimitKey.IMAGES: 1})
    params = {"provider": provider.value}
    return Planned(ProbeText(), place, [Work(None, 1, 0)], params, {LimitKey.AI_REQUESTS: 1})


async def plan_image_probe(unit: Unit, user_id: UUID, prompt: str) -> Planned:
    """By whoever draws for the account; costs a picture."""
    text = check_line(prompt, 1000, "input", "prompt") or PICTURE
    place = Place((await unit.get(User, user_id)).account_id, user_id, None, None)
    return Planned(ProbeImage(), place, _picture(), {"prompt": text}, {LimitKey.IMAGES: 1})


def _picture() -> list[Work]:
    return [Work(None, 1, images_price(1))]


@dataclass(frozen=True, slots=True)
class Question:
    choice: ProviderChoice
    receipt: Receipt
    request: TextRequest = field(repr=False)


class ProbeText:
    """One question whose answer is known to be possible. A failure says at which stage, and what to do."""

    kind, queue, phase = JobKind.TEST_AI_PROVIDER, Queue.TEXT, "looking for a key"

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> Question:
        choice = await text_choice_of(unit, AiProvider(job.params["provider"]), tools[Providers].default_text)
        receipt = receipt_of(tools, item, choice, self.kind)
        await begin_call(unit, job, item, choice, receipt=receipt)
        request = TextRequest(
            function=self.kind.value,
            brief=IntentsBrief([KEYWORD]),
            system="You classify search keywords.",
            prompt=QUESTION + KEYWORD,
            schema=schema_of(IntentsAnswer),
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
            answer = IntentsAnswer.model_validate(bought.value)
        except ValidationError as error:
            raise ProviderError(
                f"{report.provider} ({report.model}) answers, but not as it is asked to: {error.errors()[0]['msg']}. "
                "Choose a model that can write JSON.",
                retryable=False, report=report, cause=FailureCause.UNUSABLE_ANSWER,
            ) from error  # fmt: skip
        return Answered(answer, report, bought.ms)

    async def apply(self, unit: Unit, job: Job, item: JobItem, brief: Question, answer: Answered) -> Charge:
        await end_call(unit, item, answer)
        found = ", ".join(intent.value for each in answer.value.keywords for intent in each.intents)
        said = f"{answer.report.provider} ({answer.report.model}) answered in {answer.ms / 1000:.1f} s: {found}"
        return Charge(0, answer.report.cost_micros, {"ms": answer.ms}, said)

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        return None

    def uses_again(self, failed: Sequence[JobItem]) -> dict[LimitKey, int]:
        return {LimitKey.AI_REQUESTS: len(failed)}


class ProbeImage:
    """One picture, kept for a day."""

    kind, queue, phase = JobKind.TEST_IMAGE, Queue.IMAGES, "looking for a key"

    async def prepare(self, tools: Tools, unit: Unit, job: Job, item: JobItem) -> Drawing:
        wanted, default = job.params.get("provider"), tools[Providers].default_images
        choice = (
            await image_choice_of(unit, AiProvider(wanted), default) if wanted else await image_choice(unit, default)
        )
        receipt = receipt_of(tools, item, choice, self.kind, job.params["prompt"])
        await begin_call(unit, job, item, choice, receipt=receipt)
        return Drawing(ImageRequest(job.params["prompt"], "", *SIZE, SECONDS), choice, receipt)

    async def call(self, tools: Tools, brief: Drawing, progress: Progress) -> Answered:
        progress("drawing", 1, 3)
        return await draw(tools, brief, progress)

    async def apply(self, unit: Unit, job: Job, item: JobItem, brief: Drawing, answer: Any) -> Charge:
        await end_call(unit, item, answer)
        picture, report = answer.value, answer.report
        said = (
            f"{report.provider} ({report.model}) drew {picture.width}×{picture.height} in {answer.ms / 1000:.1f} s: "
            f"/files/{picture.key}"
        )
        return Charge(images_price(1), report.cost_micros, {"bytes": picture.size, "ms": answer.ms}, said)

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        return None

    def uses_again(self, failed: Sequence[JobItem]) -> dict[LimitKey, int]:
        return {LimitKey.IMAGES: len(failed)}
