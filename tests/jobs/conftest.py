"""What most tests of jobs begin with."""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import Place
from tests.jobs.support import Bench, bench


@pytest.fixture
async def desk(place: Place) -> AsyncIterator[Bench]:
    async with bench(place) as made:
        yield made
