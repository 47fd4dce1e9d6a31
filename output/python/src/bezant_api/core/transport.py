"""How requests travel: a small protocol, and its implementation on httpx2.

Only this module knows the HTTP library, which is imported with the first request.
"""

from __future__ import annotations

import logging
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from .errors import ConnectError, TimeoutError_, TransportError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx2

_LOG = logging.getLogger("bezant_api")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Request(NamedTuple):
    """One HTTP request; `operation` and `path` (without query) name it in errors."""

    operation: str
    method: str
    url: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None


class RawResponse(NamedTuple):
    """One HTTP response; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    """Sends a request and gives the whole response; raises `TransportError`."""

    def send(self, request: Request, timeout: float) -> RawResponse:
        """Send one request; `timeout` is in seconds."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


class AsyncTransport(Protocol):
    """The asynchronous twin of `Transport`."""

    async def send(self, request: Request, timeout: float) -> RawResponse:
        """Send one request; `timeout` is in seconds."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class HttpTransport:
    """`Transport` on httpx2, which is loaded, and told of certificates, by the first request."""

    def __init__(self, base_url: str, verify: bool | None) -> None:
        self._verify = verifies(base_url, verify)
        self._trust_env = not is_loopback(base_url)
        self._opening = Lock()
        self._client: httpx2.Client | None = None

    def send(self, request: Request, timeout: float) -> RawResponse:
        """Send one request."""
        client = self._client or self._open()
        try:
            response = client.request(**_arguments(request), timeout=timeout)
        except Exception as error:
            raise translate(error, request) from error
        return _raw(response)

    def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            self._client.close()

    def _open(self) -> httpx2.Client:
        import httpx2  # 50 ms that only callers pay

        with self._opening:
            self._client = self._client or httpx2.Client(
                verify=self._verify, trust_env=self._trust_env
            )
        return self._client


class AsyncHttpTransport:
    """`AsyncTransport` on httpx2, which is loaded, and told of certificates, by the first request."""

    def __init__(self, base_url: str, verify: bool | None) -> None:
        self._verify = verifies(base_url, verify)
        self._trust_env = not is_loopback(base_url)
        self._client: httpx2.AsyncClient | None = None

    async def send(self, request: Request, timeout: float) -> RawResponse:
        """Send one request."""
        client = self._client or self._open()
        try:
            response = await client.request(**_arguments(request), timeout=timeout)
        except Exception as error:
            raise translate(error, request) from error
        return _raw(response)

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.aclose()

    def _open(self) -> httpx2.AsyncClient:
        import httpx2  # 50 ms that only callers pay

        self._client = httpx2.AsyncClient(verify=self._verify, trust_env=self._trust_env)
        return self._client


def verifies(base_url: str, verify: bool | None) -> bool:
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

    if not isinstance(error, httpx2.TransportError):
        return error
    kind: type[TransportError] = TransportError
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.UnsupportedProtocol):
        kind = ConnectError
    elif isinstance(error, httpx2.TimeoutException):
        kind = TimeoutError_
    reason = str(error) or type(error).__name__
    return kind(
        operation=request.operation, method=request.method, path=request.path, reason=reason
    )


def _arguments(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "url": request.url,
        "headers": list(request.headers),
        "content": request.body,
    }


def _raw(response: httpx2.Response) -> RawResponse:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return RawResponse(response.status_code, headers, response.content)
