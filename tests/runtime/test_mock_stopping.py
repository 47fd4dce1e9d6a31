"""A mock gateway that is stopped at a random moment under load leaves nothing behind, and neither do its clients."""

import asyncio
import gc
import os
import random
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import anyio
import pytest
from bezant_api import NEVER, AsyncClient, BezantError, Client

from bezant.mock import Fault, MockGateway
from bezant.mock.world import PAPER
from tests.runtime.loading import TICKET, Load
from tests.runtime.served import Run

SEEDS = range(8)
OPEN = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"


def left() -> tuple[int, int]:
    """How many threads and open files there are."""
    gc.collect()
    return threading.active_count(), len(os.listdir(OPEN))


def settled(before: tuple[int, int]) -> tuple[int, int]:
    """The same, as soon as it is what it was before: threads need a moment to end."""
    deadline = time.monotonic() + 10
    while (now := left()) != before and time.monotonic() < deadline:
        time.sleep(0.01)
    return now


def loaded() -> MockGateway:
    gateway = MockGateway(seed=1)
    gateway.topics.interval = 0.01
    gateway.topics.heartbeat = 0.01
    gateway.faults.add(Fault(operation="get_portfolio_ledger", delay=60.0))
    gateway.book.asker.suppress(["o10151"])
    return gateway


def can_listen(port: int) -> bool:
    with socket.create_server(("127.0.0.1", port)):
        return True


def warm() -> None:
    """Let libraries open once what they keep open."""
    with MockGateway() as gateway, Client(gateway.url) as client:
        client.portfolio.accounts()


@pytest.mark.parametrize("seed", SEEDS)
def test_in_a_thread(seed: int) -> None:
    warm()
    before = settled(left())
    moment = random.Random(seed).uniform(0.0, 0.6)
    gateway = loaded()
    with gateway:
        load = Load(gateway.url)
        port = int(gateway.url.rpartition(":")[2])
        time.sleep(moment)
    load.end()
    assert gateway.errors == []
    assert settled(before) == before
    assert can_listen(port)


@pytest.mark.parametrize("seed", SEEDS)
def test_in_a_loop(run: Run, seed: int) -> None:
    warm()
    before = settled(left())
    loads: list[Load] = []
    run(lambda: stopped_in_a_loop(random.Random(seed).uniform(0.0, 0.4), loads))
    loads[0].end()
    assert settled(before) == before


async def stopped_in_a_loop(moment: float, loads: list[Load]) -> None:
    """Run a gateway in this loop for a moment; its load in threads is to be ended outside."""
    gateway = loaded()
    async with anyio.create_task_group() as group, gateway:
        loads.append(Load(gateway.url))
        for work in (reading, ordering, waiting):
            group.start_soon(work, gateway.url)
        await anyio.sleep(moment)
    assert gateway.errors == []


async def calling(url: str, act: Callable[[AsyncClient], Awaitable[object]]) -> None:
    """Call until the gateway is gone."""
    with suppress(BezantError):
        async with AsyncClient(url, retry=NEVER, timeout=5.0) as client:
            await client.accounts.brokerage()
            await client.portfolio.accounts()
            while True:
                await act(client)


async def reading(url: str) -> None:
    await calling(url, lambda client: client.portfolio.positions(PAPER, 0))


async def ordering(url: str) -> None:
    await calling(url, lambda client: client.orders.submit(PAPER, orders=[TICKET]))


async def waiting(url: str) -> None:
    await calling(url, lambda client: client.portfolio.ledger(PAPER))


def test_no_task_is_left() -> None:
    loads: list[Load] = []

    async def main() -> None:
        before = asyncio.all_tasks()
        await stopped_in_a_loop(0.3, loads)
        assert asyncio.all_tasks() == before

    asyncio.run(main())
    loads[0].end()


def test_the_load_is_one() -> None:
    """Else the tests above would prove nothing."""
    with loaded() as gateway:
        load = Load(gateway.url)
        deadline = time.monotonic() + 20
        while load.calls < 50 or not gateway.book.life.executions:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert gateway.topics.connections == 3
    load.end()


def test_an_error_inside_stops_it_too() -> None:
    warm()
    before = settled(left())
    gateway = loaded()
    loads: list[Load] = []

    def fail() -> None:
        with gateway:
            loads.append(Load(gateway.url))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    loads[0].end()
    assert settled(before) == before


def test_a_start_that_fails_leaves_nothing() -> None:
    warm()
    before = settled(left())
    with socket.create_server(("127.0.0.1", 0)) as taken:
        gateway = MockGateway(port=taken.getsockname()[1])
        with pytest.raises(OSError, match="the port is taken"):
            gateway.__enter__()
    assert settled(before) == before
