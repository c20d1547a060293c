"""What an item has asked and paid for: the answer to the same question of the same item is never bought again."""

import hashlib
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from domain.functions import Tools
from domain.ports import CallReport, ProviderChoice
from persistence.files.paid_answers import Answers
from persistence.models import JobItem


@dataclass(frozen=True, slots=True)
class Bought:
    """An answer as it came, before anything was made of it; `ms` is how long the call took."""

    value: dict[str, Any]
    report: CallReport
    ms: int


_BOUGHT = TypeAdapter(Bought)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One question of an item's, and what was answered when it was asked before, if anything."""

    item_id: UUID
    question: str
    bought: Bought | None = field(default=None, repr=False)

    async def keep(self, tools: Tools, bought: Bought) -> None:
        """Before anything is made of it: what comes after may fail, or end the process."""
        await tools[Answers].keep(self.item_id, self.question, _BOUGHT.dump_json(bought))


def receipt_of(tools: Tools, item: JobItem, choice: ProviderChoice, *asked: object) -> Receipt:
    """`asked`: all that decides the answer, of a readable form that is the same in every process."""
    question = hashlib.sha256(repr((choice.provider.value, choice.model, asked)).encode()).hexdigest()
    kept = tools[Answers].found(item.id, question)
    try:
        bought = _BOUGHT.validate_json(kept) if kept else None
    except ValidationError:  # of another release
        bought = None
    return Receipt(item.id, question, bought)
