"""The mock gateway as a library: a context manager, for code of either colour."""

import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager
from os import PathLike
from types import TracebackType
from typing import Self

from anyio.from_thread import start_blocking_portal

from bezant.mock import scenarios as named
from bezant.mock.admin import Admin
from bezant.mock.app import App
from bezant.mock.clock import Clock
from bezant.mock.faults import Faults, Recorder
from bezant.mock.oauth1 import OAuth1
from bezant.mock.oauth2 import OAuth2
from bezant.mock.orders.book import Book
from bezant.mock.pacing import Pacing
from bezant.mock.replay import load
from bezant.mock.scenarios import Stop
from bezant.mock.server import Server
from bezant.mock.session import Session
from bezant.mock.state import Rules, State
from bezant.mock.topics import Topics
from bezant.mock.world import World


class MockGateway:
    """A gateway on the loopback interface, with a market behind it and no account.

    with MockGateway(seed=7) as gateway:
        client = Client(gateway.url)
        gateway.session.compete()      # what happens to sessions
        gateway.clock.advance(360)     # and what time brings
        gateway.faults.add(Fault(operation="get_portfolio_ledger", status=503))

    `async with` does the same without a thread. The same seed and start give the same answers. `start`
    is the time at the start, in seconds since 1970; the real one when it is left out. With `stands_still`
    only the clock's `advance` moves time, and so prices. Port 0 takes a free one; with `tls` it speaks HTTPS.
    `scenarios` are the names of what goes wrong from the start, in this order. `replay` is a folder with
    recorded answers, which are given in place of the mock's own; raises `BadRecording`, a `ValueError`.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        rules: Rules | None = None,
        start: float | None = None,
        stands_still: bool = False,
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        scenarios: Iterable[str] = (),
        replay: str | PathLike[str] | None = None,
    ) -> None:
        self.state = State(seed, rules or Rules(), Clock(start, stands_still))
        recordings = load(replay) if replay is not None else ()
        self.app = App(self.state, beside=Admin(self).answer, recordings=recordings)
        self._server = Server(self.app.respond, self.app.upgrade, port=port, tls=tls)
        self._scheme = "https" if tls else "http"
        self._stack = ExitStack()
        self._started: list[tuple[str, Stop]] = []
        for name in scenarios:
            self.start(name)

    def start(self, name: str) -> None:
        """Let the scenario with this name happen. Raises `UnknownScenario`, a `ValueError`."""
        self._started.append((name, named.find(name).start(self)))

    def stop(self, name: str) -> None:
        """Let a scenario that was started be over; what it did at once, such as a frame it sent, stays.

        Raises `NotStarted`, a `ValueError`.
        """
        place = named.last(self.started, name)
        _, stop = self._started.pop(place)
        stop()

    @property
    def started(self) -> list[str]:
        """The scenarios that were started and not stopped, in their order."""
        return [name for name, _ in self._started]

    @property
    def url(self) -> str:
        """Where it listens, while it does: what clients take as `base_url`."""
        return f"{self._scheme}://127.0.0.1:{self._server.port}"

    @property
    def session(self) -> Session:
        """The login and the brokerage session."""
        return self.state.session

    @property
    def world(self) -> World:
        """Accounts, contracts, prices and holdings."""
        return self.state.world

    @property
    def clock(self) -> Clock:
        """Its time."""
        return self.state.clock

    @property
    def faults(self) -> Faults:
        """What goes wrong on purpose."""
        return self.app.faults

    @property
    def pacing(self) -> Pacing:
        """The limits of how often clients may call; only looked at where the rules say so."""
        return self.app.pacing

    @property
    def latency(self) -> float:
        """Seconds of real time before each answer; may be set."""
        return self.app.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self.app.latency = seconds

    @property
    def arrived(self) -> Recorder:
        """What clients sent."""
        return self.app.arrived

    @property
    def book(self) -> Book:
        """Orders and executions."""
        return self.state.book

    @property
    def topics(self) -> Topics:
        """What is sent over WebSockets, and what goes wrong with them on purpose."""
        return self.app.topics

    @property
    def oauth1(self) -> OAuth1:
        """Consumers that sign their requests; there are none until some are added."""
        return self.app.oauth1

    @property
    def oauth2(self) -> OAuth2:
        """Clients with tokens; there are none until some are added."""
        return self.app.oauth2

    @property
    def errors(self) -> list[BaseException]:
        """What went wrong not on purpose: bugs of the mock, each of them answered with status 500."""
        return self._server.errors

    def __enter__(self) -> Self:
        """Listen, in a thread of its own."""
        with ExitStack() as stack:  # a port that is taken must not leave the thread behind
            portal = stack.enter_context(start_blocking_portal())
            running: AbstractContextManager[None] = portal.wrap_async_context_manager(
                self._running()
            )
            stack.enter_context(running)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening; the thread ends."""
        self._stack.close()

    async def __aenter__(self) -> Self:
        """Listen, in a task of the caller's loop."""
        self._own = self._running()
        await self._own.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening."""
        await self._own.__aexit__(kind, error, traceback)

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        async with self._server:
            yield
