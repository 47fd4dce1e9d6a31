"""How requests travel: a small protocol, and its implementation on httpx2.

Only this module knows the HTTP library, which is imported with the first request.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from .errors import ConnectError, RequestTimeout, ResponseTooLarge, TransportError

if TYPE_CHECKING:
    import httpx2

    from .operation import Operation

_LOG = logging.getLogger("bezant_api")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_TIMEOUTS = ("connect", "read", "write", "pool")
MAX_RESPONSE_BYTES = 128 * 1024 * 1024


class Request(NamedTuple):
    """One HTTP request; `path` is without query, `timeout` in seconds for the whole answer.

    With `stream` the answer's body is left to be read in pieces.
    """

    operation: Operation[Any]
    method: str
    url: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None
    timeout: float
    stream: bool = False

    def with_headers(self, headers: Mapping[str, str]) -> Request:
        """The same request with headers added or, whatever their case, replaced."""
        new = {name.lower() for name in headers}
        kept = {name: value for name, value in self.headers.items() if name.lower() not in new}
        return self._replace(headers={**kept, **headers})

    def __repr__(self) -> str:
        """Method and path: query, headers and body may hold secrets."""
        return f"Request({self.operation.id}: {self.method} {self.path})"


class RawResponse(NamedTuple):
    """One HTTP response; header names are in lower case, `elapsed` is in seconds."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    elapsed: float = 0.0
    set_cookies: tuple[str, ...] = ()
    stream: ByteStream | AsyncByteStream | None = None

    @property
    def request_id(self) -> str:
        """What the server calls this call; empty when it does not say."""
        return self.headers.get("x-request-id", "")

    def __repr__(self) -> str:
        """Status and size: headers and body may hold secrets."""
        return f"RawResponse({self.status}, {len(self.body)} bytes)"


class ByteStream(Protocol):
    """A body that is read in pieces."""

    def __iter__(self) -> Iterator[bytes]:
        """The pieces, decompressed; raises `TransportError`."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class AsyncByteStream(Protocol):
    """The asynchronous twin of `ByteStream`."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces, decompressed; raises `TransportError`."""
        ...

    async def close(self) -> None:
        """Let go of the connection."""
        ...


class Transport(Protocol):
    """Sends a request and gives the whole response; raises `TransportError`."""

    def send(self, request: Request) -> RawResponse:
        """Send one request."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


class AsyncTransport(Protocol):
    """The asynchronous twin of `Transport`."""

    async def send(self, request: Request) -> RawResponse:
        """Send one request."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class HttpTransport:
    """`Transport` on httpx2, which is loaded, and told of certificates, by the first request."""

    def __init__(
        self, base_url: str, verify: bool | str | None, limit: int = MAX_RESPONSE_BYTES
    ) -> None:
        self._options = _options(base_url, verify)
        self._limit = limit
        self._opening = Lock()
        self._client: httpx2.Client | None = None

    def send(self, request: Request) -> RawResponse:
        """Send one request."""
        client = self._client or self._open()
        started = perf_counter()
        try:
            response = client.send(_http(request), stream=True)
            if request.stream:
                return _raw(response, b"", started)._replace(stream=_Pieces(response, request))
            try:
                body = self._read(response, request, started)
            finally:
                response.close()
        except Exception as error:
            raise translate(error, request) from error
        return _raw(response, body, started)

    def _read(self, response: httpx2.Response, request: Request, started: float) -> bytes:
        parts = Parts(request, started, self._limit)
        parts.expect(response.headers.get("content-length"))
        for piece in response.iter_bytes():
            parts.add(piece)
        return parts.joined()

    def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            self._client.close()

    def _open(self) -> httpx2.Client:
        import httpx2  # 50 ms that only callers pay

        with self._opening:
            self._client = self._client or httpx2.Client(**self._options, cookies=_no_jar())
        return self._client


class AsyncHttpTransport:
    """`AsyncTransport` on httpx2, which is loaded, and told of certificates, by the first request."""

    def __init__(
        self, base_url: str, verify: bool | str | None, limit: int = MAX_RESPONSE_BYTES
    ) -> None:
        self._options = _options(base_url, verify)
        self._limit = limit
        self._client: httpx2.AsyncClient | None = None

    async def send(self, request: Request) -> RawResponse:
        """Send one request."""
        client = self._client or self._open()
        started = perf_counter()
        try:
            response = await client.send(_http(request), stream=True)
            if request.stream:
                return _raw(response, b"", started)._replace(stream=_AsyncPieces(response, request))
            try:
                body = await self._read(response, request, started)
            finally:
                await response.aclose()
        except Exception as error:
            raise translate(error, request) from error
        return _raw(response, body, started)

    async def _read(self, response: httpx2.Response, request: Request, started: float) -> bytes:
        parts = Parts(request, started, self._limit)
        parts.expect(response.headers.get("content-length"))
        async for piece in response.aiter_bytes():
            parts.add(piece)
        return parts.joined()

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.aclose()

    def _open(self) -> httpx2.AsyncClient:
        import httpx2  # 50 ms that only callers pay

        self._client = httpx2.AsyncClient(**self._options, cookies=_no_jar())
        return self._client


class Parts:
    """The pieces of a body, within its limits of size and time.

    The HTTP library's timeout is for each piece; a body that trickles in has to end as well.
    """

    def __init__(self, request: Request, started: float, limit: int) -> None:
        self._request = request
        self._deadline = started + request.timeout
        self._limit = limit
        self._size = 0
        self._pieces: list[bytes] = []

    def expect(self, content_length: str | None) -> None:
        """Refuse a body that says it is too large."""
        if content_length and content_length.isdigit() and int(content_length) > self._limit:
            raise self._too_large()

    def add(self, piece: bytes) -> None:
        """Take one piece."""
        self._size += len(piece)
        if self._size > self._limit:
            raise self._too_large()
        if perf_counter() > self._deadline:
            reason = f"the body was not complete after {self._request.timeout:g} s"
            raise failure(RequestTimeout, self._request, reason)
        self._pieces.append(piece)

    def joined(self) -> bytes:
        """All of the body."""
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)

    def _too_large(self) -> TransportError:
        reason = f"the answer has more than {self._limit} bytes"
        return failure(ResponseTooLarge, self._request, reason)


class _Pieces:
    def __init__(self, response: httpx2.Response, request: Request) -> None:
        self._response = response
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._response.iter_bytes()
        except Exception as error:
            raise translate(error, self._request) from error

    def close(self) -> None:
        self._response.close()


class _AsyncPieces:
    def __init__(self, response: httpx2.Response, request: Request) -> None:
        self._response = response
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._response.aiter_bytes():
                yield piece
        except Exception as error:
            raise translate(error, self._request) from error

    async def close(self) -> None:
        await self._response.aclose()


def _options(base_url: str, verify: bool | str | None) -> dict[str, Any]:
    """Options of both HTTP clients; `verify` may be the path of a file of certificates."""
    trusted: Any = verifies(base_url, verify)
    if isinstance(trusted, str):
        import ssl  # only where certificates of one's own are used

        trusted = ssl.create_default_context(cafile=trusted)
    # No proxy stands before this machine.
    return {"verify": trusted, "trust_env": not is_loopback(base_url), "follow_redirects": False}


def verifies(base_url: str, verify: bool | str | None) -> bool | str:
    """Whether to verify certificates: always, unless told not to or the gateway is on this machine."""
    if verify is not None:
        return verify
    local = is_loopback(base_url)
    if local and base_url.startswith("https:"):
        host = urlsplit(base_url).hostname
        _LOG.warning("certificates of %s are not verified: it is a loopback address", host)
    return not local


def is_loopback(base_url: str) -> bool:
    """Whether a URL names this machine: no proxy stands before it, and its certificate is its own."""
    return urlsplit(base_url).hostname in _LOOPBACK


def translate(error: Exception, request: Request) -> Exception:
    """The `TransportError` of an httpx2 error; other errors stay as they are."""
    import httpx2  # loaded by the transport that failed

    if not isinstance(error, httpx2.TransportError | httpx2.DecodingError | httpx2.InvalidURL):
        return error
    kind: type[TransportError] = TransportError
    never_sent = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
    if isinstance(error, (*never_sent, httpx2.UnsupportedProtocol, httpx2.InvalidURL)):
        kind = ConnectError
    elif isinstance(error, httpx2.TimeoutException):
        kind = RequestTimeout
    return failure(kind, request, str(error) or type(error).__name__)


def failure(kind: type[TransportError], request: Request, reason: str) -> TransportError:
    """A `TransportError` about a request."""
    return kind(
        operation=request.operation.id, method=request.method, path=request.path, reason=reason
    )


def _http(request: Request) -> httpx2.Request:
    """The request of the HTTP library, made without the defaults that its client would merge in."""
    import httpx2  # loaded by the transport that asks

    return httpx2.Request(
        request.method,
        request.url,
        headers=dict(request.headers),
        content=request.body,
        extensions={"timeout": dict.fromkeys(_TIMEOUTS, request.timeout)},
    )


def _raw(response: httpx2.Response, body: bytes, started: float) -> RawResponse:
    headers = {name.lower(): value for name, value in response.headers.items()}
    cookies = tuple(response.headers.get_list("set-cookie")) if "set-cookie" in headers else ()
    return RawResponse(response.status_code, headers, body, perf_counter() - started, cookies)


def _no_jar() -> Any:
    """A jar that takes nothing: cookies are kept by name, by the client's own middleware."""
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    return CookieJar(DefaultCookiePolicy(allowed_domains=()))
