"""Each test of the adapter is about a Ghost in memory, and about a real one too where `make test-ghost` has a kit."""

from collections.abc import AsyncIterator, Iterator

import pytest

from jobs.adapters.ghost import Ghost
from tests.ghost.sites import KIT, There, in_memory, real


@pytest.fixture(scope="session")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[There]:
    if not KIT:
        pytest.skip("IGNY8_GHOST_KIT is not set")
    with real(tmp_path_factory.mktemp("ghost")) as site:
        yield site


@pytest.fixture
async def memory() -> AsyncIterator[There]:
    async with in_memory() as there:
        yield there


@pytest.fixture(params=["memory", "kit"] if KIT else ["memory"])
def there(request: pytest.FixtureRequest) -> There:
    found: There = request.getfixturevalue(request.param)
    return found


@pytest.fixture
async def ghost(there: There) -> AsyncIterator[Ghost]:
    async with there.ghost() as opened:
        yield opened
