"""Inputs that become background work: planned from, started with, estimated by the same lines."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields, replace
from itertools import groupby
from typing import Annotated, Any
from uuid import UUID

import strawberry

from domain import job as jobs
from domain.access import Permission
from domain.billing.service import balance_of
from domain.errors import DomainError, camel
from domain.planned import Planned
from domain.planner import service as planner
from domain.planner.service import Clustering
from domain.system import probes
from domain.writer import service as writer
from domain.writer.service import Writing
from persistence.unit import Unit
from schema.context import Info
from schema.entity import ref
from schema.fields import said
from schema.jobs.payloads import EstimateLine, EstimatePayload, JobPayload
from schema.jobs.types import Job
from schema.mutation import payload_field
from schema.planner.inputs import ClassifyIntentInput, ClusterKeywordsInput, GenerateIdeasInput, NameClustersInput
from schema.system.inputs import TestAiProviderInput, TestImageInput
from schema.writer.inputs import GenerateContentInput, GenerateImagePromptsInput, GenerateImagesInput


@dataclass(frozen=True, slots=True)
class Action:
    """`plan`: unit, user, input → what is to be done. `begin`: marks the rows it is about, when it is started."""

    plan: Callable[[Unit, UUID, Any], Awaitable[Planned]]
    begin: Callable[[Unit, Planned], Awaitable[None]] | None = None


ACTIONS: dict[type, Action] = {
    ClusterKeywordsInput: Action(
        lambda unit, user, i: planner.plan_clustering(
            unit, user, Clustering(i.sector_id, i.keyword_ids, i.granularity, i.max_cluster_size)
        )
    ),
    NameClustersInput: Action(
        lambda unit, user, i: planner.plan_names(unit, user, i.cluster_ids, merge=i.merge),
    ),
    ClassifyIntentInput: Action(lambda unit, user, i: planner.plan_intents(unit, user, i.sector_id, i.keyword_ids)),
    GenerateIdeasInput: Action(lambda unit, user, i: planner.plan_ideas(unit, user, i.cluster_ids, i.count)),
    GenerateContentInput: Action(
        lambda unit, user, i: writer.plan_content(
            unit, user, Writing(i.task_ids, i.target_word_count, i.author_profile_id, i.rewrite)
        ),
        writer.queue_tasks,
    ),
    GenerateImagePromptsInput: Action(
        lambda unit, user, i: writer.plan_image_prompts(unit, user, i.content_ids, i.in_article)
    ),
    TestAiProviderInput: Action(lambda unit, user, i: probes.plan_probe(unit, user, i.provider)),
    TestImageInput: Action(lambda unit, user, i: probes.plan_image_probe(unit, user, i.prompt)),
    GenerateImagesInput: Action(
        lambda unit, user, i: writer.plan_images(unit, user, i.image_ids, i.content_ids), writer.queue_images
    ),
}


async def start(info: Info, input: Any) -> JobPayload:
    """The job that the input asks for; the same one again under the same idempotencyKey."""
    caller, action = info.context.caller, ACTIONS[type(input)]
    async with info.context.write() as unit:

        async def plan() -> Planned:
            planned = await action.plan(unit, caller.user_id, input)
            if action.begin:
                await action.begin(unit, planned)
            return planned

        name, key = _name(type(input)), input.idempotency_key
        id = await jobs.start_job(unit, caller.account_id, name, key, input, plan)
    return JobPayload(job=ref(Job, id))


def _name(kind: type) -> str:
    """Of the mutation whose input it is."""
    return kind.__name__[0].lower() + kind.__name__[1:].removesuffix("Input")


def estimated(mutation: str) -> Any:
    return strawberry.field(description=f"What {mutation} would cost.", default=None)


@strawberry.input(one_of=True, description="One action, with the input of the mutation of the same name.")
class EstimateAction:
    cluster_keywords: strawberry.Maybe[ClusterKeywordsInput] = estimated("clusterKeywords")
    name_clusters: strawberry.Maybe[NameClustersInput] = estimated("nameClusters")
    classify_intent: strawberry.Maybe[ClassifyIntentInput] = estimated("classifyIntent")
    generate_ideas: strawberry.Maybe[GenerateIdeasInput] = estimated("generateIdeas")
    generate_content: strawberry.Maybe[GenerateContentInput] = estimated("generateContent")
    generate_image_prompts: strawberry.Maybe[GenerateImagePromptsInput] = estimated("generateImagePrompts")
    generate_images: strawberry.Maybe[GenerateImagesInput] = estimated("generateImages")
    test_ai_provider: strawberry.Maybe[TestAiProviderInput] = estimated("testAiProvider")
    test_image: strawberry.Maybe[TestImageInput] = estimated("testImage")


@strawberry.type
class EstimateQuery:
    @payload_field(Permission.PLAN, "What an action would cost, before paying.")
    async def estimate(
        self, info: Info, action: Annotated[EstimateAction, said("What would be done.")]
    ) -> EstimatePayload:
        input = next(given.value for f in fields(action) if (given := getattr(action, f.name)) is not None)
        scope = replace(info.context.scope(), named=info.context.named)  # refused as the mutation would be
        async with info.context.services.units(scope) as unit:
            try:
                planned = await ACTIONS[type(input)].plan(unit, info.context.caller.user_id, input)
            except DomainError as error:  # the mutation's input is inside the action here
                raise DomainError(error.code, error.message, "action", _name(type(input)), *error.field[1:]) from None
            balance = await balance_of(unit, info.context.caller.account_id)
        return EstimatePayload(
            kind=planned.kind, credits=planned.credits, balance=balance, breakdown=_breakdown(planned)
        )


def _breakdown(planned: Planned) -> list[EstimateLine]:
    prices = sorted(work.credits for work in planned.work)
    counts = [(price, len(list(group))) for price, group in groupby(prices)]
    return [EstimateLine(items=n, credits_each=price, credits=n * price) for price, n in counts]


assert {_name(kind) for kind in ACTIONS} == {camel(f.name) for f in fields(EstimateAction)}
