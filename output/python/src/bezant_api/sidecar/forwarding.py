"""Requests go on as they came and answers come back as they are: no decoding, and no body held whole.

What speaks HTTP to the gateway is httpcore2, which is what httpx2 runs on: it sends the bytes of a path
and of headers as it gets them.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import anyio
import httpcore2
from starlette.responses import Response

from ..core.transport import verifies
from ..version import VERSION
from .errors import Refusal, request_id

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    Pairs = list[tuple[bytes, bytes]]

_LOG = logging.getLogger("bezant_api.sidecar")
CONNECTIONS = 500
IDLE_SECONDS = 60.0
_AGENT = f"bezant-sidecar/{VERSION}".encode()
_HOP_BY_HOP = frozenset(
    (
        *(b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization"),
        *(b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade"),
    )
)
_PORTS = {"http": 80, "https": 443}
_TIMEOUTS = ("connect", "read", "write", "pool")
_WITH_BODY = (b"POST", b"PUT", b"PATCH")


class ClientGone(Exception):
    """The client has hung up; there is nobody to answer."""


@dataclass(eq=False)
class Forwarder:
    """Sends requests on to one origin.

    `verify` is as for the clients: None verifies all certificates but those of this machine, a text is
    the file of those to trust. `timeout` is in seconds: for the first byte of an answer, and for each
    piece after it.
    """

    origin: str
    verify: bool | str | None = None
    timeout: float = 30.0
    connections: int = CONNECTIONS
    _pool: httpcore2.AsyncConnectionPool | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.origin)
        if parts.scheme not in _PORTS or not parts.hostname:
            message = f"{self.origin!r} is no origin: give http(s)://host:port"
            raise ValueError(message)
        self._scheme, self._host = parts.scheme.encode(), parts.hostname.encode()
        self._port = parts.port or _PORTS[parts.scheme]
        self._authority = parts.netloc.rpartition("@")[2].encode()

    def forward(self, request: Request) -> Response:
        """The answer to a request, which is fetched while it is sent."""
        return _Forwarded(self)

    async def close(self) -> None:
        """Close all connections; it opens new ones when it is used again."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.aclose()

    async def fetch(self, scope: Scope, content: Any) -> httpcore2.Response:
        """The upstream's answer, as soon as its head is there. Raises `Refusal`."""
        pool = self._pool or self._open()
        try:
            return await pool.handle_async_request(self._request(scope, content))
        except httpcore2.TimeoutException as error:
            message = f"the gateway did not answer within {self.timeout:g} s"
            raise Refusal(504, message) from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            message = f"no answer from the gateway at {self.origin}: {type(error).__name__}"
            raise Refusal(502, message) from error

    def _request(self, scope: Scope, content: Any) -> httpcore2.Request:
        query = scope["query_string"]
        target = scope.get("raw_path") or scope["path"].encode()
        return httpcore2.Request(
            scope["method"].encode(),
            httpcore2.URL(
                scheme=self._scheme,
                host=self._host,
                port=self._port,
                target=target + b"?" + query if query else target,
            ),
            headers=self._headers(scope),
            content=content,
            extensions={"timeout": dict.fromkeys(_TIMEOUTS, self.timeout)},
        )

    def _headers(self, scope: Scope) -> Pairs:
        """The client's headers, as far as they are for the gateway, and what it insists on."""
        headers = list(end_to_end(scope["headers"]))
        names = {name for name, _ in headers}
        if b"user-agent" not in names:
            headers.append((b"user-agent", _AGENT))
        if b"content-length" not in names and _is_chunked(scope):
            headers.append((b"transfer-encoding", b"chunked"))
        elif b"content-length" not in names and scope["method"].encode() in _WITH_BODY:
            headers.append((b"content-length", b"0"))
        return [(b"host", self._authority), *headers]

    def _open(self) -> httpcore2.AsyncConnectionPool:
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=_context(self.origin, self.verify) if self._scheme == b"https" else None,
            max_connections=self.connections,
            max_keepalive_connections=self.connections,
            keepalive_expiry=IDLE_SECONDS,
        )
        return self._pool


class _Forwarded(Response):
    """An answer that is fetched when it is sent. A client that hangs up ends the upstream's call."""

    def __init__(self, forwarder: Forwarder) -> None:
        super().__init__()
        self._forwarder = forwarder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Fetch and send."""
        body = _Body(receive)
        content = body if _has_body(scope) else await body.nothing()
        try:
            async with anyio.create_task_group() as group:

                async def until_gone() -> None:
                    await body.gone()
                    group.cancel_scope.cancel()

                group.start_soon(until_gone)
                await self._carry_out(scope, send, content)
                group.cancel_scope.cancel()
        except* ClientGone:
            _LOG.info("request %s: the client has hung up", request_id(scope))

    async def _carry_out(self, scope: Scope, send: Send, content: Any) -> None:
        try:
            response = await self._forwarder.fetch(scope, content)
        except Refusal as refusal:
            await refusal.response(request_id(scope))(scope, _nobody, send)
            return
        try:
            await _send_on(response, send)
        finally:
            with anyio.CancelScope(shield=True):
                await response.aclose()


class _Body:
    """The body of a request, in the pieces that it comes in."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._read = anyio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces; raises `ClientGone`."""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            if piece := message.get("body", b""):
                yield piece
            if not message.get("more_body", False):
                self._read.set()
                return

    async def nothing(self) -> bytes:
        """Read the body of a request that has none."""
        async for _ in self:
            continue
        return b""

    async def gone(self) -> None:
        """Wait until the body is read, and then until the client hangs up."""
        await self._read.wait()
        while (await self._receive())["type"] != "http.disconnect":
            continue


async def _send_on(response: httpcore2.Response, send: Send) -> None:
    """Send an answer on; one piece is held back, so that the last one is known as such."""
    headers = list(end_to_end([(name.lower(), value) for name, value in response.headers]))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    held: bytes | None = None
    async for piece in response.aiter_stream():
        if held is not None:
            await send({"type": "http.response.body", "body": held, "more_body": True})
        held = piece
    await send({"type": "http.response.body", "body": held or b"", "more_body": False})


def end_to_end(headers: Pairs) -> Pairs:
    """Headers without those that are for one connection only; names are in lower case."""
    named = {
        part.strip().lower()
        for name, value in headers
        if name == b"connection"
        for part in value.split(b",")
    }
    left_out = _HOP_BY_HOP | named | {b"host"}
    return [pair for pair in headers if pair[0] not in left_out]


def _has_body(scope: Scope) -> bool:
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return _is_chunked(scope) or length not in (b"", b"0")


def _is_chunked(scope: Scope) -> bool:
    return any(name == b"transfer-encoding" for name, _ in scope["headers"])


def _context(origin: str, verify: bool | str | None) -> ssl.SSLContext:
    trusted = verifies(origin, verify)
    context = ssl.create_default_context(cafile=trusted if isinstance(trusted, str) else None)
    if trusted is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


async def _nobody() -> Any:
    """What an answer that does not listen to its client is given."""
    return {"type": "http.disconnect"}
