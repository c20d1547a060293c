"""Trying who draws, by one picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.access import Permission
from domain.ai.calls import begin_call, end_call
from domain.ai.choice import image_choice, image_choice_of
from domain.ai.drawing import PRICE, Drawing, draw, uses
from domain.ai.paid_answers import receipt_of
from domain.billing.storage import count
from domain.functions import Answered, Charge, Params, Progress, Tools
from domain.planned import Place, Planned, Work
from domain.ports import ImageRequest, Providers
from domain.texts import check_line
from persistence.models import Job, JobItem, User
from persistence.terms import AiProvider, JobKind, LimitKey, Queue
from persistence.unit import Unit

SECONDS, SIZE = 60.0, (1024, 768)
SHOWN = timedelta(days=1)
PICTURE = "A cup of coffee on a wooden table, soft light"


@dataclass(frozen=True, slots=True)
class Wanted:
    prompt: str


async def plan_picture(unit: Unit, user_id: UUID, prompt: str, *, provider: AiProvider | None = None) -> Planned:
    """By this provider, or whoever draws for the account."""
    place = Place((await unit.get(User, user_id)).account_id, user_id, None, None)
    params = {"prompt": prompt, **({"provider": provider.value} if provider else {})}
    return Planned(TEST_IMAGE, place, [Work(None, 1, PRICE)], params, uses(1))


class ProbeImage:
    """One picture, kept for a day."""

    kind, queue, phase = JobKind.TEST_IMAGE, Queue.IMAGES, "looking for a key"
    permission, wanted = Permission.MANAGE_ACCOUNT, Wanted

    async def plan(self, unit: Unit, user_id: UUID, wanted: Wanted) -> Planned:
        """By whoever draws for the account; costs a picture."""
        return await plan_picture(unit, user_id, check_line(wanted.prompt, 1000, "input", "prompt") or PICTURE)

    async def begin(self, unit: Unit, subject_ids: Sequence[UUID], params: Params) -> None:
        return None

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
        await count(unit, job.account_id, picture.key, picture.size, SHOWN)
        said = (
            f"{report.provider} ({report.model}) drew {picture.width}×{picture.height} in {answer.ms / 1000:.1f} s: "
            f"/files/{picture.key}"
        )
        return Charge(PRICE, report.cost_micros, {"bytes": picture.size, "ms": answer.ms}, said)

    async def give_up(self, unit: Unit, job: Job, item: JobItem) -> None:
        return None

    def uses_again(self, failed: Sequence[JobItem]) -> dict[LimitKey, int]:
        return uses(len(failed))


TEST_IMAGE = ProbeImage()
