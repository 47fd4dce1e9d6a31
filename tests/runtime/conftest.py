"""Fixtures of the tests of the mock gateway."""

import gc
from collections.abc import Awaitable, Callable

import anyio
import pytest

from tests.runtime.order_desk import Desk, new_desk
from tests.runtime.served import Run


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a test, and lets sockets that it lost complain."""

    def runs(main: Callable[[], Awaitable[None]]) -> None:
        async def bounded() -> None:
            with anyio.fail_after(30):
                await main()

        anyio.run(bounded, backend=request.param)
        gc.collect()

    return runs


@pytest.fixture
def desk() -> Desk:
    return new_desk()
