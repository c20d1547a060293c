"""Where a place's files are."""

from io import BytesIO

from persistence.files.blobs import Blobs
from persistence.files.folder_store import FolderStore
from tests.conftest import Place


def blobs_of(place: Place) -> Blobs:
    """As its processes have them."""
    return Blobs(FolderStore(place.data / "blobs"))


async def stored(place: Place, data: bytes) -> str:
    """The key of a new file."""
    return (await blobs_of(place).put(BytesIO(data), len(data))).key
