"""How a picture is drawn, paid for once and kept."""

import time
from dataclasses import asdict, dataclass

from domain.ai.paid_answers import Bought, Receipt
from domain.billing.storage import PICTURE_BYTES
from domain.functions import Answered, Progress, Tools
from domain.ports import CallReport, ImageRequest, Picture, PostponedError, ProviderChoice, ProviderError, Providers
from persistence.errors import FilesAway, NoRoom
from persistence.files.blobs import Blobs
from persistence.terms import FailureCause, LimitKey

PRICE = 3  # credits of one picture, whatever it is for
MAX_BYTES = 32_000_000
HOLD_SECONDS, WAIT_SECONDS = 900.0, 15.0  # a picture is held while its file has no room; an item waits for room


@dataclass(frozen=True, slots=True)
class Drawing:
    request: ImageRequest
    choice: ProviderChoice
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture that is kept under a key, before its row says so; `size` in bytes."""

    key: str
    mime_type: str
    width: int
    height: int
    size: int
    sha256: str


def uses(number: int) -> dict[LimitKey, int]:
    """What so many pictures take of a plan."""
    return {LimitKey.IMAGES: number, LimitKey.STORAGE: number * PICTURE_BYTES}


async def draw(tools: Tools, drawing: Drawing, progress: Progress) -> Answered:
    """The picture as it is stored. Postponed, before it is paid for, where its file would have no room."""
    bought = drawing.receipt.bought or await _bought(tools, drawing, progress)
    return Answered(Stored(**bought.value), bought.report, bought.ms)


async def _bought(tools: Tools, drawing: Drawing, progress: Progress) -> Bought:
    try:
        await tools[Blobs].check_room(MAX_BYTES)
    except NoRoom:
        raise PostponedError(
            "Waiting for room on the disk: nothing is drawn before it can be kept.", WAIT_SECONDS
        ) from None
    except FilesAway:
        raise PostponedError(
            "Waiting for where files are kept to answer: nothing is drawn before it can be kept.", WAIT_SECONDS
        ) from None
    started = time.monotonic()
    picture, report = await tools[Providers].images(drawing.choice).draw(drawing.request)
    took = int((time.monotonic() - started) * 1000)
    stored = await _stored(tools, picture, report, progress)
    bought = Bought(asdict(stored), report, took)
    await drawing.receipt.keep(tools, bought)
    return bought


async def _stored(tools: Tools, picture: Picture, report: CallReport, progress: Progress) -> Stored:
    """Held meanwhile, where there is no room after all."""

    def waits() -> None:
        progress("waiting for room to keep the picture", 1, 2)

    try:
        kept = await tools[Blobs].put_paid(picture.data, HOLD_SECONDS, waits)
    except NoRoom:
        reason = "It was drawn, but there was no room on the disk to keep it. Try again once there is."
        raise ProviderError(reason, retryable=False, report=report, cause=FailureCause.NO_ROOM) from None
    except FilesAway:
        reason = "It was drawn, but where files are kept did not answer. Try again once it does."
        raise ProviderError(reason, retryable=False, report=report, cause=FailureCause.FILES) from None
    return Stored(kept.key, picture.mime_type, picture.width, picture.height, kept.size, kept.sha256)
