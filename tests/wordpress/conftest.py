"""Each test of the adapter goes to the stand-in, and to a real WordPress where there is one."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.standins.wordpress import WordPressSite
from tests.wordpress.places import KIT, Kits, Place, place_of

STANDINS = {"stand-in": False, "stand-in with companion": True}
KITS = {"kit": False, "kit with companion": True} if KIT else {}


@pytest.fixture(scope="session")
def kits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kits]:
    made = Kits(tmp_path_factory.mktemp("wordpress"))
    yield made
    made.close()


@pytest.fixture
def empty_kits(tmp_path: Path) -> Iterator[Kits]:
    made = Kits(tmp_path)
    yield made
    made.close()


@pytest.fixture(params=[*STANDINS, *KITS])
async def place(request: pytest.FixtureRequest, kits: Kits) -> AsyncIterator[Place]:
    if request.param in KITS:
        yield await kits.of(KITS[request.param])
    else:
        async with WordPressSite(companion=STANDINS[request.param]) as site:
            yield place_of(site)


@pytest.fixture
async def site() -> AsyncIterator[WordPressSite]:
    """A stock WordPress."""
    async with WordPressSite() as made:
        yield made
