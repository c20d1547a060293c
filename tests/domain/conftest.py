"""What the domain's tests stand on."""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import Place
from tests.domain.house import House, opened


@pytest.fixture(scope="module")
async def house(place: Place) -> AsyncIterator[House]:
    async with opened(place) as made:
        yield made
