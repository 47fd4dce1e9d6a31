"""One call as a conversation: a generator that yields requests and is sent their responses.

Written once; the synchronous and the asynchronous client only drive it.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from . import encoding
from .errors import DecodeError, error_class
from .operation import SUCCESS, Operation
from .transport import RawResponse, Request

if TYPE_CHECKING:
    from .decoding import Mode
    from .drift import DriftHandler

Result = TypeVar("Result")
Exchange: TypeAlias = Generator[Request, RawResponse, Result]

_BODY_METHODS = ("POST", "PUT", "PATCH")


class Settings(NamedTuple):
    """What a client applies to all its calls; `timeout` is in seconds."""

    origin: str
    timeout: float
    headers: tuple[tuple[str, str], ...]
    mode: Mode
    on_drift: DriftHandler


def exchange(
    operation: Operation[Result], arguments: Mapping[str, Any], body: Any, settings: Settings
) -> Exchange[Result]:
    """Make one call; the generator returns the decoded value or raises an `ApiError`."""
    request = build_request(operation, arguments, body, settings)
    response = yield request
    return interpret(operation, request, response, settings)


def build_request(
    operation: Operation[Any], arguments: Mapping[str, Any], body: Any, settings: Settings
) -> Request:
    """The request of a call; raises `ArgumentError` when it cannot be written."""
    target = encoding.target(operation, arguments)
    content = encoding.body_bytes(operation, body)
    headers = [*settings.headers, *encoding.headers(operation, arguments)]
    if content is not None and operation.body is not None:
        headers.append(("Content-Type", operation.body.media_type))
    elif operation.method in _BODY_METHODS:
        # IBKR's edge answers 411 to a POST that states no length.
        headers.append(("Content-Length", "0"))
    return Request(
        operation=operation.id,
        method=operation.method,
        url=settings.origin + target,
        path=target.partition("?")[0],
        headers=tuple(headers),
        body=content,
    )


def interpret(
    operation: Operation[Result], request: Request, response: RawResponse, settings: Settings
) -> Result:
    """The value of a success; any other status raises."""
    content_type = response.headers.get("content-type", "")
    if response.status in SUCCESS:
        value: Result = operation.decode(
            response.status, content_type, response.body, settings.mode, settings.on_drift
        )
        return value
    kind = error_class(response.status, response.headers.get("location", ""))
    raise kind(
        operation=operation.id,
        method=request.method,
        path=request.path,
        status=response.status,
        body=_error_body(operation, response, content_type),
        request_id=response.headers.get("x-request-id", ""),
    )


def _error_body(operation: Operation[Any], response: RawResponse, content_type: str) -> Any:
    """The body of an error, typed when it is what the document declares, else as text."""
    try:
        return operation.decode(response.status, content_type, response.body)
    except DecodeError:
        return response.body.decode(errors="replace")
