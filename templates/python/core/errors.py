"""All errors of the client.

BezantError
|-- ArgumentError          a call that cannot be sent: nothing went out
|-- TransportError         no answer came
|   |-- ConnectError         no connection: nothing went out
|   `-- TimeoutError_        sent, or not, and no answer in time
|-- DecodeError            an answer that is not what it claims to be
`-- ApiError               an answer that says no
|-- BadRequest           400
|-- NotAuthenticated     401, or a redirect to the login page
|-- PermissionDenied     403
|-- NotFound             404
|-- Conflict             409
|-- RateLimited          429
|-- ServiceUnavailable   503
`-- ServerError          any other 5xx
"""

from __future__ import annotations

from typing import Any


class BezantError(Exception):
    """Base of all errors of this package."""

    is_retryable = False
    """Whether the same call may succeed later. Says nothing about whether repeating is safe."""

    hint = ""
    """What to do about it, in words."""


class ArgumentError(BezantError, ValueError):
    """A call that cannot be sent: a required argument is missing, or a value cannot be written."""


class TransportError(BezantError):
    """No answer came."""

    is_retryable = True

    def __init__(self, *, operation: str, method: str, path: str, reason: str) -> None:
        super().__init__(f"{method} {path}: {reason}")
        self.operation = operation
        self.method = method
        self.path = path
        self.reason = reason


class ConnectError(TransportError):
    """No connection could be made; nothing was sent."""

    hint = "Is the gateway running, and is base_url its address?"


class TimeoutError_(TransportError):  # noqa: N801  # the builtin keeps its name
    """No answer in time. Whether the call took effect is unknown."""

    hint = "Ask for the state before repeating anything that changes it."


class DecodeError(BezantError):
    """A body that is no JSON, or in strict mode one that does not fit its type."""

    def __init__(self, *, operation: str, body: bytes, reason: str) -> None:
        super().__init__(f"{operation}: {reason}")
        self.operation = operation
        self.body = body
        self.reason = reason


class ApiError(BezantError):
    """An answer that says no.

    `body` is the parsed body (a typed error, JSON, or text), `path` the URL path without its query.
    """

    def __init__(
        self, *, operation: str, method: str, path: str, status: int, body: Any, request_id: str
    ) -> None:
        super().__init__(f"{method} {path}: {status} {_message(body)}".rstrip())
        self.operation = operation
        self.method = method
        self.path = path
        self.status = status
        self.body = body
        self.request_id = request_id


class BadRequest(ApiError):
    """400: the server understood the call and refuses it as it is."""


class NotAuthenticated(ApiError):
    """401, or a redirect to the login page: there is no session."""

    hint = "Log in at the gateway's login page, then call session.init."


class PermissionDenied(ApiError):
    """403: the session may not do this, or the edge refused the client."""


class NotFound(ApiError):
    """404: no such path, account, order or contract."""


class Conflict(ApiError):
    """409: the state of the resource does not allow this."""


class RateLimited(ApiError):
    """429: too many calls; the address may be locked out for ten minutes."""

    is_retryable = True
    hint = "Slow down: at most ten calls a second, fewer for some operations."


class ServerError(ApiError):
    """5xx: the server failed."""

    is_retryable = True


class ServiceUnavailable(ServerError):
    """503: a service behind the server did not answer in time."""


_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequest,
    401: NotAuthenticated,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    429: RateLimited,
    503: ServiceUnavailable,
}
_LOGIN_PAGES = ("/sso/Login", "/sso/Dispatcher")
_REDIRECTS = range(300, 400)
_SERVER_ERRORS = range(500, 600)


def error_class(status: int, location: str) -> type[ApiError]:
    """The error of a status; a redirect to the login page means that there is no session."""
    if status in _REDIRECTS and any(page in location for page in _LOGIN_PAGES):
        return NotAuthenticated
    fallback = ServerError if status in _SERVER_ERRORS else ApiError
    return _BY_STATUS.get(status, fallback)


def _message(body: Any) -> str:
    """What a body says is wrong: the first of the fields that IBKR uses for it."""
    for name in ("error", "detail", "message", "title"):
        found = body.get(name) if isinstance(body, dict) else getattr(body, name, None)
        if isinstance(found, str) and found:
            return found
    return body[:200] if isinstance(body, str) else ""
