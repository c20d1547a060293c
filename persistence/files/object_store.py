"""Objects under keys, in a folder or in a bucket: what both can do, in the same words.

Whoever reads sees an object whole or not at all. FilesAway where the store does not
answer or refuses us, NoRoom where it is full.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

import obstore
import structlog
from obstore.exceptions import BaseError, GenericError

from persistence.errors import FilesAway, NoRoom
from persistence.files.disk_space import FULL
from persistence.files.object_keys import key_of

if TYPE_CHECKING:
    from obstore.store import LocalStore, S3Store

PART = 8_000_000  # bytes of an object that are sent at once; S3 wants 5 MiB, and at most 10,000 parts
PARTS_AT_ONCE = 2
PIECE = 1_000_000  # bytes that are read at once
OS_ERROR = re.compile(r"\(os error (\d+)\)")
NO_SPACE = re.compile(r"\b507 Insufficient Storage|<Code>(XMinioStorageFull|QuotaExceeded)")
WHOLE = "non-partial response"  # of servers that answer a part with everything
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Object:
    key: str
    size: int
    modified: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """An object and those of its bytes that were asked for; close `pieces` when they are not read to their end."""

    object: Object
    pieces: AsyncGenerator[bytes, None]


class ObjectStore(ABC):
    """What obstore does for each of its stores; a subclass opens one, and says what only it knows."""

    @abstractmethod
    async def _inner(self) -> "LocalStore | S3Store": ...

    @abstractmethod
    def _attributes(self, media_type: str) -> dict[str, Any]:
        """What is said of an object beside its bytes."""

    @abstractmethod
    async def answers(self) -> None:
        """FilesAway or OSError where it does not; it may take as long as it likes."""

    @abstractmethod
    async def room(self) -> int | None:
        """Bytes that are free; None where nobody knows."""

    @abstractmethod
    async def clear_remains(self, moment: float) -> None:
        """Of objects that never came to be whole, and were begun before `moment`, in seconds of the clock."""

    async def put(self, key: str, data: bytes | AsyncIterator[bytes], media_type: str) -> None:
        """In place of what was there. What `data` raises goes through, with nothing kept."""
        inner, whole = await self._inner(), isinstance(data, bytes)
        try:
            await obstore.put_async(
                inner,
                key_of(key),
                data,
                use_multipart=not whole,
                chunk_size=PART,
                max_concurrency=PARTS_AT_ONCE,
                **self._attributes(media_type),
            )
        except (BaseError, FileNotFoundError) as error:  # not found: the bucket
            failed(error)

    async def open(self, key: str, start: int = 0, end: int | None = None) -> Opened:
        """Bytes from `start` to before `end`, or to its own end; none where it ends before `start`. FileNotFoundError
        for an unknown key.
        """
        inner, part = await self._inner(), start > 0 or end is not None
        asked = {"range": {"offset": start} if end is None else (start, end)} if part else {}
        try:
            found = await obstore.get_async(inner, key_of(key), options=asked)  # type: ignore[arg-type]  # what it is told is not narrowed
        except FileNotFoundError:
            raise FileNotFoundError(key) from None
        except GenericError as error:
            if not part:
                failed(error)
            return await self._otherwise(key, start, end, error)
        except BaseError as error:
            failed(error)
        return Opened(_object(found.meta), _pieces(found))

    async def _otherwise(self, key: str, start: int, end: int | None, error: GenericError) -> Opened:
        """Where a part is refused: because it is none, or by a server that has no parts."""
        object = await self.head(key)
        if start >= object.size:
            return Opened(object, _nothing())
        if WHOLE not in str(error):
            failed(error)
        return Opened(object, _between((await self.open(key)).pieces, start, object.size if end is None else end))

    async def head(self, key: str) -> Object:
        """FileNotFoundError for an unknown key."""
        inner = await self._inner()
        try:
            return _object(await obstore.head_async(inner, key_of(key)))
        except FileNotFoundError:
            raise FileNotFoundError(key) from None
        except BaseError as error:
            failed(error)

    async def delete(self, key: str) -> None:
        """Whether it was there or not."""
        inner = await self._inner()
        try:
            await obstore.delete_async(inner, key_of(key))
        except FileNotFoundError:
            return
        except BaseError as error:
            failed(error)

    async def list(self) -> AsyncGenerator[Object, None]:
        """All, in no order; what comes or goes meanwhile may be among them."""
        inner = await self._inner()
        with translated():
            async for some in obstore.list(inner, chunk_size=1000):
                for each in some:
                    yield _object(each)


def _object(meta: Any) -> Object:
    return Object(meta["path"], meta["size"], meta["last_modified"])


async def _pieces(found: Any) -> AsyncGenerator[bytes, None]:
    with translated():
        async for piece in found.stream(min_chunk_size=PIECE):
            yield bytes(piece)


async def _nothing() -> AsyncGenerator[bytes, None]:
    return
    yield b""


async def _between(pieces: AsyncGenerator[bytes, None], start: int, end: int) -> AsyncGenerator[bytes, None]:
    at = 0
    async with aclosing(pieces):
        async for piece in pieces:
            if wanted := piece[max(0, start - at) : max(0, end - at)]:
                yield wanted
            at += len(piece)
            if at >= end:
                return


@contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except (BaseError, FileNotFoundError) as error:
        failed(error)


def failed(error: Exception) -> NoReturn:
    """NoRoom or FilesAway, whose words are for the log: they tell where the store is."""
    said = str(error)
    code = OS_ERROR.search(said)
    if (code and int(code[1]) in FULL) or NO_SPACE.search(said):
        raise NoRoom from error
    reason = said.partition("\n")[0][:300]
    log.warning("file store", error=reason)
    raise FilesAway(reason) from error
