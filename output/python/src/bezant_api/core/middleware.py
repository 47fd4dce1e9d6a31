"""Ready-made middleware: hooks, cookies, authorisation, tracing. Works in both clients as it is."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from .errors import TransportError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .flow import Flow, Middleware, Proceed
    from .transport import RawResponse, Request


def before(hook: Callable[[Request], Request | None]) -> Middleware:
    """Call a hook before each attempt; it may give another request to send in its place."""

    def middleware(request: Request, proceed: Proceed) -> Flow[RawResponse]:
        return (yield from proceed(hook(request) or request))

    return middleware


def after(hook: Callable[[Request, RawResponse | TransportError], None]) -> Middleware:
    """Call a hook after each attempt, with its answer or with why there is none."""

    def middleware(request: Request, proceed: Proceed) -> Flow[RawResponse]:
        try:
            response = yield from proceed(request)
        except TransportError as error:
            hook(request, error)
            raise
        hook(request, response)
        return response

    return middleware


class Bearer:
    """Sends `Authorization: Bearer ...`; `token` may be a function that gives the current one."""

    def __init__(self, token: str | Callable[[], str]) -> None:
        self._token = token

    def __call__(self, request: Request, proceed: Proceed) -> Flow[RawResponse]:
        """Authorise a request."""
        token = self._token if isinstance(self._token, str) else self._token()
        return (yield from proceed(request.with_headers({"Authorization": f"Bearer {token}"})))

    def __repr__(self) -> str:
        """Without the token."""
        return "Bearer(...)"


class Cookies:
    """Keeps the gateway's cookies, one for each name.

    IBKR's gateway fails when two cookies have one name, which jars that go by path and domain send
    it, and it replaces its cookies during a session.
    """

    def __init__(self, cookies: Mapping[str, str] | None = None) -> None:
        self._values = dict(cookies or {})
        self._lock = Lock()

    def __call__(self, request: Request, proceed: Proceed) -> Flow[RawResponse]:
        """Send the cookies, and keep those that come."""
        has_own = any(name.lower() == "cookie" for name in request.headers)
        if self._values and not has_own:
            with self._lock:
                header = "; ".join(f"{name}={value}" for name, value in self._values.items())
            request = request.with_headers({"Cookie": header})
        response = yield from proceed(request)
        if response.set_cookies:
            self._keep(response.set_cookies)
        return response

    def _keep(self, lines: tuple[str, ...]) -> None:
        with self._lock:
            for line in lines:
                pair, *attributes = (part.strip() for part in line.split(";"))
                name, _, value = pair.partition("=")
                if any(item.lower().replace(" ", "") == "max-age=0" for item in attributes):
                    self._values.pop(name, None)
                elif name:
                    self._values[name] = value

    def clear(self) -> None:
        """Forget all, as after a logout."""
        with self._lock:
            self._values.clear()

    def to_dict(self) -> dict[str, str]:
        """Names and values, which are secret."""
        with self._lock:
            return dict(self._values)

    def __repr__(self) -> str:
        """The names of the cookies."""
        return f"Cookies({', '.join(self._values)})"


class Tracing:
    """One OpenTelemetry client span for each attempt; does nothing where its API is not installed.

    Attributes are those of the HTTP semantic conventions. Path parameters and queries stay out.
    """

    def __init__(self, tracer: Any = None) -> None:
        self._tracer = tracer if tracer is not None else _tracer()

    def __call__(self, request: Request, proceed: Proceed) -> Flow[RawResponse]:
        """Make a request within a span."""
        if self._tracer is None:
            return (yield from proceed(request))
        from opentelemetry.trace import SpanKind, Status, StatusCode

        operation = request.operation
        template = operation.base_path + operation.path
        span = self._tracer.start_span(
            f"{request.method} {template}",
            kind=SpanKind.CLIENT,
            attributes={
                "http.request.method": request.method,
                "url.template": template,
                "bezant.operation": operation.id,
            },
        )
        try:
            response = yield from proceed(request)
            span.set_attribute("http.response.status_code", response.status)
            if response.status >= 400:  # noqa: PLR2004  # where HTTP's errors begin
                span.set_attribute("error.type", str(response.status))
                span.set_status(Status(StatusCode.ERROR))
        except BaseException as error:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(StatusCode.ERROR))
            raise
        finally:
            span.end()
        return response


def _tracer() -> Any:
    try:
        from opentelemetry import trace
    except ImportError:
        return None
    return trace.get_tracer("bezant_api")
