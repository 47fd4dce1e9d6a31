"""One call: its request, its way through the middleware, and what its answer means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict, TypeVar

from . import bodies, encoding
from .decoding import is_json, media_type, plain
from .errors import DecodeError, HtmlPage
from .operation import SUCCESS, Operation
from .recognition import error_class, is_page, message_of, refusal
from .response import Response
from .transport import RawResponse, Request

if TYPE_CHECKING:
    from .decoding import Mode
    from .drift import DriftHandler
    from .errors import ApiError
    from .flow import Flow, Proceed

Result = TypeVar("Result")

_BODY_METHODS = ("POST", "PUT", "PATCH")
_ERROR_MARKS = (b'"error"', b'"success"')


class CallOptions(TypedDict, total=False):
    """What every method takes beside its own arguments.

    `timeout` is in seconds. `extra_query` and `extra_body` are added unchecked, for what the
    document does not know; `extra_body` goes over the fields of the body.
    """

    timeout: float
    headers: Mapping[str, str]
    extra_query: Mapping[str, Any]
    extra_body: Mapping[str, Any]


class Settings(NamedTuple):
    """What a client applies to all its calls; `timeout` is in seconds."""

    origin: str
    timeout: float
    headers: Mapping[str, str]
    mode: Mode
    on_drift: DriftHandler
    report_unknown: bool
    proceed: Proceed
    registry: Callable[[], Mapping[str, Operation[Any]]]


class Call(NamedTuple):
    """An operation with all that one call of it needs; arguments by argument name."""

    operation: Operation[Any]
    arguments: Mapping[str, Any]
    body: Any
    options: CallOptions


def exchange(call: Call, settings: Settings) -> Flow[Response[Any]]:
    """Make a call; gives the decoded value with its answer, or raises an `ApiError`."""
    request = build_request(call, settings)
    raw = yield from settings.proceed(request)
    return Response(interpret(call.operation, request, raw, settings), raw)


def exchange_raw(call: Call, settings: Settings, *, stream: bool = False) -> Flow[RawResponse]:
    """Make a call; gives the answer as it is, whatever it says."""
    request = build_request(call, settings)._replace(stream=stream)
    return (yield from settings.proceed(request))


def build_request(call: Call, settings: Settings) -> Request:
    """The request of a call; raises `ArgumentError` when it cannot be written."""
    operation, options = call.operation, call.options
    target = encoding.target(operation, call.arguments, options.get("extra_query") or {})
    content = bodies.body_bytes(operation, call.body, options.get("extra_body") or {})
    headers = {**settings.headers, **dict(encoding.headers(operation, call.arguments))}
    if content is not None and operation.body is not None:
        headers["Content-Type"] = operation.body.media_type
    elif operation.method in _BODY_METHODS:
        # IBKR's edge answers 411 to a POST that states no length.
        headers["Content-Length"] = "0"
    request = Request(
        operation=operation,
        method=operation.method,
        url=settings.origin + target,
        path=target.partition("?")[0],
        headers=headers,
        body=content,
        timeout=options.get("timeout", settings.timeout),
    )
    own = options.get("headers") or {}
    checked = {name: encoding.header_text(operation, name, value) for name, value in own.items()}
    return request.with_headers(checked) if checked else request


def interpret(
    operation: Operation[Any], request: Request, raw: RawResponse, settings: Settings
) -> Any:
    """The value of a success; any other status, and an error inside a success, raises."""
    if raw.status not in SUCCESS:
        raise refused_by(operation, request, raw)
    content_type = raw.headers.get("content-type", "")
    if is_page(raw.body) and not _declares(operation, raw.status, "text/html"):
        reason = f"a page came where data is due: {message_of(raw.body.decode(errors='replace'))}"
        raise HtmlPage(operation=operation.id, body=raw.body, reason=reason)
    if any(mark in raw.body for mark in _ERROR_MARKS):
        message = _refusal(raw.body)
        if message:
            raise refused_by(operation, request, raw, message)
    return operation.decode(
        raw.status,
        content_type,
        raw.body,
        settings.mode,
        settings.on_drift,
        report_unknown=settings.report_unknown,
    )


def refused_by(
    operation: Operation[Any], request: Request, raw: RawResponse, message: str = ""
) -> ApiError:
    """The error that an answer means which says no."""
    said = message or message_of(_plain_body(raw))
    kind = error_class(raw.status, raw.headers.get("location", ""), said)
    return kind(
        operation=operation.id,
        method=request.method,
        path=request.path,
        status=raw.status,
        message=said,
        body=_typed_body(operation, raw),
        request_id=raw.request_id,
        response=raw,
    )


def _declares(operation: Operation[Any], status: int, essence: str) -> bool:
    declared = operation.response(status, essence)
    return declared is not None and media_type(declared.media_type) == essence


def _refusal(body: bytes) -> str:
    try:
        return refusal(plain(body))
    except ValueError:
        return ""


def _plain_body(raw: RawResponse) -> Any:
    try:
        return plain(raw.body)
    except ValueError:
        return raw.body.decode(errors="replace")


def _typed_body(operation: Operation[Any], raw: RawResponse) -> Any:
    """The body of an error, typed when it is what the document declares, else as JSON or text."""
    content_type = raw.headers.get("content-type", "")
    try:
        value = operation.decode(raw.status, content_type, raw.body)
    except DecodeError:
        return raw.body.decode(errors="replace")
    return value if is_json(media_type(content_type)) or not raw.body else _plain_body(raw)
