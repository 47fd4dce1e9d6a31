"""A pytest plugin with one fixture: a mock gateway for each test that asks for it.

pytest loads this wherever `bezant` is installed, so it imports nothing else before a test needs it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from bezant.mock.gateway import MockGateway

SEED: Final = 0
START: Final = 1_795_618_800.0
"""A Wednesday in November, 10:00 in New York: markets are open."""


@pytest.fixture
def mock_gateway() -> "Iterator[MockGateway]":
    """A mock gateway with the same world and the same time each time; `clock.advance` moves them."""
    from bezant.mock.gateway import MockGateway

    with MockGateway(seed=SEED, start=START, stands_still=True) as gateway:
        yield gateway
    if gateway.errors:
        message = "bugs of the mock gateway"
        raise BaseExceptionGroup(message, gateway.errors)
