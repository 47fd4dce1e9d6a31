"""A server with nothing but the stream of the mock gateway, and a client that shows each frame as it came."""

import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from anyio.abc import ByteStream, SocketAttribute, SocketStream
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    Event,
    Ping,
    Pong,
    TextMessage,
)
from wsproto.events import Request as Handshake

from bezant.mock import websocket
from bezant.mock.clock import Clock
from bezant.mock.http import Request
from bezant.mock.state import State
from bezant.mock.topics import Topics
from bezant.mock.world import PAPER

LIMIT_SECONDS = 20.0
NOON = 1_772_643_600.0  # 2026-03-04 17:00 UTC
APPLE = 'smd+265598+{"fields":["31","84","55","9999"]}'
WAITING = {"message": "waiting for session"}
ORDER = {"acct": PAPER, "orderId": 7, "status": "Submitted", "ticker": "AAPL"}
TRADE = {"execution_id": "e1", "symbol": "AAPL", "side": "B", "price": "189.10"}


class StillClock(Clock):
    """A clock that only `advance` moves."""

    def now(self) -> float:
        return (self.start or 0.0) + self._ahead


def on_both(test: Callable[[], Awaitable[None]]) -> Callable[[str], None]:
    """Run a test on each backend, and fail it when it hangs."""

    async def limited() -> None:
        with anyio.fail_after(LIMIT_SECONDS):
            await test()

    def run(backend: str) -> None:
        anyio.run(limited, backend=backend)

    run.__name__ = test.__name__
    return pytest.mark.parametrize("backend", ["asyncio", "trio"])(run)


@dataclass
class Client:
    """A client that shows each frame as it came."""

    stream: SocketStream
    protocol: WSConnection = field(default_factory=lambda: WSConnection(ConnectionType.CLIENT))
    raw: bytes = b""
    events: deque[Event] = field(default_factory=deque)

    async def event(self) -> Event:
        while not self.events:
            data = await self.stream.receive()
            self.raw += data
            self.protocol.receive_data(data)
            self.events.extend(self.protocol.events())
        return self.events.popleft()

    async def text(self) -> str:
        event = await self.event()
        assert isinstance(event, TextMessage), event
        return event.data

    async def frame(self) -> dict[str, Any]:
        frame = json.loads(await self.text())
        assert isinstance(frame, dict)
        return frame

    async def frames(self, number: int) -> list[dict[str, Any]]:
        return [await self.frame() for _ in range(number)]

    async def send(self, event: Event) -> None:
        await self.stream.send(self.protocol.send(event))

    async def say(self, text: str) -> None:
        await self.send(TextMessage(data=text))

    async def ask(self, text: str) -> dict[str, Any]:
        await self.say(text)
        return await self.frame()

    async def quiet(self) -> None:
        """All that was sent before has been dealt with, and nothing came of it."""
        await self.send(Ping(b"?"))
        event = await self.event()
        assert isinstance(event, Pong), event

    async def refused(self, text: str) -> str:
        frame = await self.ask(text)
        assert frame["topic"] == "error"
        return str(frame["error"])

    async def ended(self) -> bool:
        """Whether the TCP connection ends without another frame."""
        try:
            return not await self.stream.receive()
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            return True


@dataclass
class Gateway:
    """A server with nothing but a stream; `served` counts the connections that are over."""

    state: State
    topics: Topics
    port: int = 0
    served: int = 0
    _changed: anyio.Event = field(default_factory=anyio.Event)

    async def handle(self, stream: ByteStream) -> None:
        async with stream:
            head = b""
            while b"\r\n\r\n" not in head:
                head += await stream.receive()
            head, _, rest = head.partition(b"\r\n\r\n")
            first, *lines = head.decode().split("\r\n")
            method, target, _ = first.split(" ")
            headers = {
                name.lower(): value for name, value in (line.split(": ", 1) for line in lines)
            }
            request = Request(method, target, headers, b"")
            await websocket.serve(request, stream, rest, self.state, self.topics)
        self.served += 1
        self._changed.set()

    def advance(self, seconds: float) -> None:
        """Let time pass in which the session is kept alive."""
        while seconds > 0:
            step = min(seconds, 240)
            self.state.clock.advance(step)
            self.state.session.touch()
            seconds -= step

    async def all_over(self, number: int = 1, left: int = 0) -> None:
        while self.served < number:
            self._changed = anyio.Event()
            await self._changed.wait()
        assert self.topics.connections == left

    @asynccontextmanager
    async def connect(
        self, cookie: str | None = None, path: str = websocket.PATH
    ) -> AsyncIterator[Client]:
        value = f"api={self.state.session.token}" if cookie is None else cookie
        async with await anyio.connect_tcp("127.0.0.1", self.port) as stream:
            client = Client(stream)
            headers = [(b"Cookie", value.encode())] if value else []
            await client.send(Handshake(host="localhost", target=path, extra_headers=headers))
            yield client

    @asynccontextmanager
    async def waiting(self, cookie: str | None = None) -> AsyncIterator[Client]:
        async with self.connect(cookie) as client:
            assert isinstance(await client.event(), AcceptConnection)
            yield client

    @asynccontextmanager
    async def ready(self, cookie: str | None = None) -> AsyncIterator[Client]:
        async with self.waiting(cookie) as client:
            assert [frame["topic"] for frame in await client.frames(3)] == ["system", "act", "sts"]
            yield client


@asynccontextmanager
async def running(**knobs: Any) -> AsyncIterator[Gateway]:
    state = State(clock=StillClock(NOON))
    topics = Topics(state, **{"heartbeat": None, "interval": None, **knobs})
    gateway = Gateway(state, topics)
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    gateway.port = listener.extra(SocketAttribute.local_port)
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, gateway.handle)
        yield gateway
        group.cancel_scope.cancel()
