"""Requests and replies of the mock gateway, and the HTTP/1.1 connection that they travel on.

Sockets are opened and closed in `server`; what a request means is not known here.
"""

import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from http import HTTPStatus
from itertools import chain
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, unquote

import anyio
import h11
import msgspec
from anyio.abc import ByteStream

MAX_HEAD: Final = 16 * 1024
MAX_BODY: Final = 16 * 1024 * 1024
IDLE_SECONDS: Final = 120.0
_READ: Final = 65_536
_WITHOUT_BODY: Final = (204, 304)
_GONE: Final = (
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    anyio.EndOfStream,
    ConnectionError,
    ssl.SSLError,
)


class Ending(StrEnum):
    """How an answer ends: whole, cut in its middle, or by a connection that closes without one."""

    WHOLE = "whole"
    CUT = "cut"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived. Header names are in lower case, headers that repeat are joined.

    `peer` is the address of the client, `host:port`.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    peer: str = ""

    @property
    def path(self) -> str:
        """The path without its query, as it was encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        """The query; of a name that repeats the last value counts."""
        pairs = parse_qsl(self.target.partition("?")[2], keep_blank_values=True)
        return dict(pairs)

    @property
    def is_websocket(self) -> bool:
        """Whether it asks for a WebSocket in place of an answer."""
        return self.headers.get("upgrade", "").lower() == "websocket"

    def json(self) -> Any:
        """The body as JSON; an empty one is an empty object. Raises `msgspec.DecodeError`."""
        return msgspec.json.decode(self.body) if self.body else {}


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `delay` is in seconds of real time, before anything of it is sent.

    Content-Length is added, except where the status allows no body: that is then not sent.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    ending: Ending = Ending.WHOLE
    is_chunked: bool = False
    """Whether the body goes out in chunks, and nothing is said of its length."""

    def having(self, *headers: tuple[str, str]) -> "Reply":
        """The same answer with more headers."""
        return replace(self, headers=(*self.headers, *headers))


def json_reply(value: Any, status: int = 200) -> Reply:
    """An answer in JSON."""
    return Reply(status, msgspec.json.encode(value), "application/json; charset=utf-8")


def text_reply(text: str, status: int = 200, content_type: str = "text/plain") -> Reply:
    """An answer in plain text, or in HTML."""
    return Reply(status, text.encode(), f"{content_type}; charset=utf-8")


def error_reply(message: str, status: int) -> Reply:
    """An error in the envelope that most of the API uses."""
    return json_reply({"error": message, "statusCode": status}, status)


def redirect(location: str) -> Reply:
    """A redirect to another page."""
    return Reply(302, headers=(("Location", location),))


Respond: TypeAlias = Callable[[Request], Awaitable[Reply]]
Upgrade: TypeAlias = Callable[[Request, ByteStream, bytes], Awaitable[None]]
"""Takes a connection over for a WebSocket. The bytes are those that came after the request."""
Failed: TypeAlias = Callable[[Exception], None]


@dataclass(slots=True, eq=False)
class Connection:
    """One connection of a client: requests one after another, until one of the two has enough.

    It does not close its stream. `failed` is told what `respond` and `upgrade` raise; the client gets a 500.
    """

    stream: ByteStream
    respond: Respond
    upgrade: Upgrade | None
    failed: Failed
    peer: str = ""
    idle: float = IDLE_SECONDS
    is_answering: bool = field(default=False, init=False)
    """Whether a request has arrived whole and its answer is not out."""
    is_last: bool = field(default=False, init=False)
    """Set it to let the connection end after the answer that is under way."""
    _is_head: bool = field(default=False, init=False)
    _http: h11.Connection = field(init=False)

    def __post_init__(self) -> None:
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)

    async def serve(self) -> None:
        """Answer until the connection ends; a client that goes away ends it quietly."""
        with suppress(*_GONE):
            try:
                while await self._exchange():
                    self._http.start_next_cycle()
            except h11.RemoteProtocolError as error:
                await self._refuse(error)

    async def _exchange(self) -> bool:
        """One request and its answer; whether another may follow."""
        request = await self._request()
        if request is None:
            return False
        if self.upgrade is not None and request.is_websocket:
            await self._hand_over(self.upgrade, request)
            return False
        self.is_answering = True
        try:
            return await self._answer(request)
        finally:
            self.is_answering = False

    async def _request(self) -> Request | None:
        self._is_head = False
        head = await self._event()
        if not isinstance(head, h11.Request):
            return None
        self._is_head = head.method == b"HEAD"
        headers = _headers(head)
        _check(head, headers)
        body = await self._body()
        return Request(head.method.decode(), head.target.decode(), headers, body, self.peer)

    async def _body(self) -> bytes:
        parts: list[bytes] = []
        size = 0
        while isinstance(event := await self._event(), h11.Data):
            parts.append(event.data)
            size += len(event.data)
            if size > MAX_BODY:
                raise _too_large()
        return b"".join(parts)

    async def _event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            await self._receive()
        return event

    async def _receive(self) -> None:
        if self._http.they_are_waiting_for_100_continue:
            go_on = h11.InformationalResponse(status_code=100, headers=[])
            await self.stream.send(self._http.send(go_on))
        with anyio.move_on_after(self.idle) as waiting:
            self._http.receive_data(await self._bytes())
        if waiting.cancelled_caught:
            raise self._too_late()

    async def _bytes(self) -> bytes:
        try:
            return await self.stream.receive(_READ)
        except anyio.EndOfStream:
            return b""

    def _too_late(self) -> Exception:
        # A 408 between requests would be taken for the answer to the next one.
        if self._http.their_state is h11.IDLE and not self._http.trailing_data[0]:
            return anyio.EndOfStream()
        return h11.RemoteProtocolError("the request did not arrive in time", 408)

    async def _hand_over(self, upgrade: Upgrade, request: Request) -> None:
        try:
            await upgrade(request, self.stream, self._http.trailing_data[0])
        except Exception as error:
            if not _is_gone(error):
                self.failed(error)

    async def _answer(self, request: Request) -> bool:
        reply, head = await self._reply(request)
        if reply.delay:
            await anyio.sleep(reply.delay)
        if reply.ending is not Ending.DROPPED:
            await self.stream.send(self._encoded(reply, head))
        is_over = self.is_last or reply.ending is not Ending.WHOLE
        return not is_over and self._http.our_state is h11.DONE

    async def _reply(self, request: Request) -> tuple[Reply, h11.Response]:
        """An answer with its head, which is made here because a head that is none is a bug as well."""
        try:
            reply = await self.respond(request)
            return reply, _head(reply)
        except Exception as error:
            self.failed(error)
            reply = error_reply(f"{type(error).__name__}: {error}", 500)
            return reply, _head(reply)

    def _encoded(self, reply: Reply, head: h11.Response) -> bytes:
        """All that is sent of an answer, in one piece."""
        if self.is_last:
            head = _head(reply.having(("Connection", "close")))
        start = self._http.send(head)
        body = b"" if self._is_head or reply.status in _WITHOUT_BODY else reply.body
        if reply.ending is Ending.CUT:
            # What has no body is cut in its head.
            return start + body[: len(body) // 2] if body else start[: len(start) // 2]
        data = [self._http.send(h11.Data(data=part)) for part in _parts(reply, body)]
        return b"".join((start, *data, self._http.send(h11.EndOfMessage())))

    async def _refuse(self, error: h11.RemoteProtocolError) -> None:
        """Say what is wrong with a request that is none, and that nothing else will be read."""
        self.is_last = True
        reply = error_reply(str(error), error.error_status_hint)
        await self.stream.send(self._encoded(reply, _head(reply)))


def _headers(head: h11.Request) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw, value in head.headers:
        name, text = raw.decode("ascii"), value.decode("latin-1")
        if name in headers:
            text = headers[name] + ("; " if name == "cookie" else ", ") + text
        headers[name] = text
    return headers


def _check(head: h11.Request, headers: Mapping[str, str]) -> None:
    """Refuse by its head what is not going to be answered, before a client is told to go on."""
    if head.http_version not in (b"1.0", b"1.1"):
        message = "only HTTP/1.1 is spoken here"
        raise h11.RemoteProtocolError(message, 505)
    # h11 looks at the size of a head only while it waits for the rest of it.
    if len(head.target) + sum(map(len, chain.from_iterable(head.headers))) > MAX_HEAD:
        message = "the head of the request is too large"
        raise h11.RemoteProtocolError(message, 431)
    if int(headers.get("content-length", "0")) > MAX_BODY:
        raise _too_large()
    if head.method == b"CONNECT":
        message = "this is no proxy"
        raise h11.RemoteProtocolError(message, 501)


def _too_large() -> h11.RemoteProtocolError:
    return h11.RemoteProtocolError(f"the body has more than {MAX_BODY} bytes", 413)


def _head(reply: Reply) -> h11.Response:
    headers = list(reply.headers)
    if reply.content_type:
        headers.append(("Content-Type", reply.content_type))
    if reply.is_chunked:
        headers.append(("Transfer-Encoding", "chunked"))
    elif reply.status not in _WITHOUT_BODY:
        headers.append(("Content-Length", str(len(reply.body))))
    return h11.Response(status_code=reply.status, headers=headers, reason=_reason(reply.status))


def _parts(reply: Reply, body: bytes) -> tuple[bytes, ...]:
    """The pieces in which a body goes out: two of one that goes out in chunks."""
    middle = len(body) // 2
    return (body[:middle], body[middle:]) if reply.is_chunked else (body,)


@cache
def _reason(status: int) -> bytes:
    try:
        return HTTPStatus(status).phrase.encode("ascii")
    except ValueError:
        return b""


def _is_gone(error: BaseException) -> bool:
    """Whether all that is wrong is that the client went away; handlers with tasks raise groups."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(_is_gone, error.exceptions))
    return isinstance(error, _GONE)


def segments(path: str) -> list[str]:
    """The segments of a path, decoded."""
    return [unquote(part) for part in path.split("/")]
