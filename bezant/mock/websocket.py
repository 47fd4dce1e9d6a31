"""One WebSocket of the mock gateway: its handshake, its frames, and its end.

Owns the connection from the request to upgrade it until it is closed, and knows no topic.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import Final

import anyio
import msgspec
from anyio.abc import ByteStream, TaskGroup
from anyio.lowlevel import EventLoopToken, current_token
from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    RejectData,
    TextMessage,
)
from wsproto.utilities import RemoteProtocolError

from bezant.mock.http import Request
from bezant.mock.state import State
from bezant.mock.stream_message import Frame
from bezant.mock.stream_subscriptions import Subscriptions
from bezant.mock.topics import Topics, tick

PATH: Final = "/v1/api/ws"
CLOSING_SECONDS: Final = 2.0
"""How long a client may take to answer that the connection is to be closed."""
_MOST_WAITING: Final = 10_000
"""Frames for a client that does not read; with more the connection is given up."""
_MOST_TEXT: Final = 1024 * 1024
_NORMAL: Final = 1000
_TOO_BIG: Final = 1009


async def serve(
    request: Request, stream: ByteStream, rest: bytes, state: State, topics: Topics
) -> None:
    """Carry out a request to upgrade; when this returns, the connection is to be closed.

    Args:
        request: The request; its path has to be `/v1/api/ws`.
        stream: The connection it came on.
        rest: What was read of the connection after the request.
        state: Knows which session the request belongs to.
        topics: What is sent.
    """
    protocol = WSConnection(ConnectionType.SERVER)
    refusal = _refusal(protocol, request, state)
    try:
        await stream.send(refusal or protocol.send(AcceptConnection()))
        if not refusal:
            await Socket(stream, protocol, topics, _has_session(request, state)).run(rest)
    except (anyio.BrokenResourceError, anyio.ClosedResourceError):
        return


def _refusal(protocol: WSConnection, request: Request, state: State) -> bytes:
    """The answer to a request that is not carried out; empty for one that is."""
    headers = [
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers.items()
    ]
    try:
        protocol.initiate_upgrade_connection(headers, request.target)
    except RemoteProtocolError as error:
        return protocol.send(error.event_hint or RejectConnection())
    if request.method != "GET" or request.path != PATH:
        return _reject(protocol, 404, b"", "")
    refused = state.session.check("none")
    return _reject(protocol, refused.status, refused.body, refused.content_type) if refused else b""


def _reject(protocol: WSConnection, status: int, body: bytes, content_type: str) -> bytes:
    headers = [
        (b"connection", b"close"),
        (b"content-length", str(len(body)).encode()),
        (b"content-type", (content_type or "text/plain").encode()),
    ]
    event = RejectConnection(status_code=status, headers=headers, has_body=True)
    return protocol.send(event) + protocol.send(RejectData(data=body))


def _has_session(request: Request, state: State) -> bool:
    """Whether the cookie names the login there is, by its id or by an object with it."""
    token = _token(request.headers.get("cookie", ""))
    return state.session.logged_in and token == state.session.token


def _token(cookies: str) -> str:
    pairs = (cookie.strip().partition("=") for cookie in cookies.split(";"))
    value = next((value for name, _, value in pairs if name == "api"), "")
    if not value.startswith("{"):
        return value
    try:
        return msgspec.json.decode(value, type=dict[str, str]).get("session", "")
    except msgspec.DecodeError:
        return ""


class Socket:
    """A connection after its handshake. Nothing but `call` may be used from another thread."""

    def __init__(
        self, stream: ByteStream, protocol: WSConnection, topics: Topics, has_session: bool
    ) -> None:
        self.subscriptions = Subscriptions(topics)
        self._stream = stream
        self._protocol = protocol
        self._topics = topics
        self._has_session = has_session
        self._ready = False
        self._frozen = False
        self._finished = False
        self._text = ""
        self._waiting: deque[bytes] = deque()
        self._wake = anyio.Event()
        self._scope = anyio.CancelScope()
        self._token: EventLoopToken = current_token()
        self._thread = threading.get_ident()

    @property
    def ready(self) -> bool:
        """Whether it was greeted."""
        return self._ready

    async def run(self, rest: bytes) -> None:
        """Send and receive until the connection ends; no task outlives this."""
        with self._scope:
            async with anyio.create_task_group() as group:
                self._start(group)
                try:
                    await self._receive(rest)
                finally:
                    self._topics.detach(self)
                    self._ready = False

    def call(self, act: Callable[[], None]) -> None:
        """Do something in the thread of the connection, and wait until it is done."""
        if threading.get_ident() == self._thread:
            act()
        else:
            anyio.from_thread.run_sync(act, token=self._token)

    def greet(self) -> None:
        """Send the opening frames, if the client belongs to the session."""
        if self._ready or not self._has_session:
            return
        for frame in self._topics.opening():
            self.send(frame)
        self._ready = True

    def send(self, frame: Frame | str | bytes) -> None:
        """Send an object as JSON, text as it is, or bytes in a binary frame."""
        if isinstance(frame, bytes):
            self._put(BytesMessage(data=frame))
        else:
            text = frame if isinstance(frame, str) else msgspec.json.encode(frame).decode()
            self._put(TextMessage(data=text))

    def send_text(self, data: bytes) -> None:
        """Send bytes as text, which wsproto does not do for any that are not UTF-8."""
        if self._is_open():
            size = len(data)
            length = bytes([size]) if size < 126 else b"\x7e" + size.to_bytes(2)  # noqa: PLR2004
            self._queue(b"\x81" + length + data)

    def freeze(self) -> None:
        """Neither send nor answer anything from now on; only the client can end the connection then."""
        self._frozen = True
        self._waiting.clear()

    def close(self, code: int) -> None:
        """Ask the client to close; it may take a while, and then the connection ends anyhow."""
        self._put(CloseConnection(code))
        self._limit()

    def drop(self) -> None:
        """End the TCP connection as it is."""
        self._scope.cancel()

    def _start(self, group: TaskGroup) -> None:
        self._topics.attach(self)
        if self._topics.closes_strangers and not self._has_session:
            self.close(_NORMAL)
        elif self._topics.holds_greeting or not self._has_session:
            self.send({"message": "waiting for session"})
        else:
            self.greet()
        group.start_soon(self._send_waiting)
        if self._topics.heartbeat is not None:
            group.start_soon(self._repeat, self._topics.heartbeat, self._beat)
        if self._topics.interval is not None:
            group.start_soon(self._repeat, self._topics.interval, self._tick)

    async def _repeat(self, seconds: float, act: Callable[[], None]) -> None:
        while True:
            await anyio.sleep(seconds)
            if self._ready:
                act()

    def _beat(self) -> None:
        self.send({"topic": "system", "hb": self._topics.state.clock.milliseconds()})

    def _tick(self) -> None:
        self._topics.state.book.advance()
        tick(self)

    async def _send_waiting(self) -> None:
        try:
            while not self._finished or self._waiting:
                while self._waiting:
                    await self._stream.send(self._waiting.popleft())
                if not self._finished:
                    self._wake = anyio.Event()
                    await self._wake.wait()
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass
        self._scope.cancel()

    async def _receive(self, data: bytes) -> None:
        try:
            while True:
                if data and not self._frozen:
                    self._take(data)
                if self._finished:
                    return
                data = await self._stream.receive()
        except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError):
            self._scope.cancel()

    def _take(self, data: bytes) -> None:
        self._protocol.receive_data(data)
        for event in self._protocol.events():
            self._react(event)

    def _react(self, event: Event) -> None:
        if isinstance(event, TextMessage):
            self._read(event)
        elif isinstance(event, Ping):
            self._put(event.response())
        elif isinstance(event, CloseConnection):
            self._put(event.response())
            self._finish()

    def _read(self, event: TextMessage) -> None:
        self._text += event.data
        if len(self._text) > _MOST_TEXT:
            self._text = ""
            self.close(_TOO_BIG)
        elif event.message_finished:
            text, self._text = self._text, ""
            self._answer(text)

    def _answer(self, text: str) -> None:
        self._topics.received.append(text)
        if not self._ready:
            self._topics.lost.append(text)
            return
        for frame in self.subscriptions.answer(text):
            self.send(frame)

    def _finish(self) -> None:
        """End as soon as everything is sent, or the client has had time for it."""
        self._finished = True
        self._wake.set()
        self._limit()

    def _limit(self) -> None:
        self._scope.deadline = min(self._scope.deadline, anyio.current_time() + CLOSING_SECONDS)

    def _is_open(self) -> bool:
        return self._protocol.state is ConnectionState.OPEN

    def _put(self, event: Event) -> None:
        """Have an event sent, unless the connection is too far closed for it."""
        is_closing = self._protocol.state is ConnectionState.REMOTE_CLOSING
        if self._is_open() or (is_closing and isinstance(event, CloseConnection)):
            self._queue(self._protocol.send(event))

    def _queue(self, data: bytes) -> None:
        if self._frozen:
            return
        self._waiting.append(data)
        self._wake.set()
        if len(self._waiting) > _MOST_WAITING:
            self.drop()
