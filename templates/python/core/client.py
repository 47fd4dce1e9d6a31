"""The two clients without their operations: settings, and the driving of flows."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

from . import flow
from .bodies import assemble
from .drift import ignore
from .errors import ArgumentError
from .exchange import (
    Call,
    CallOptions,
    Settings,
    build_request,
    exchange,
    exchange_raw,
    refused_by,
)
from .middleware import Cookies
from .operation import SUCCESS
from .pages import Pages
from .response import AsyncDownload, Download, Response
from .retry import Retry
from .transport import Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
    from types import TracebackType
    from typing import Self

    from .decoding import Mode
    from .drift import DriftHandler
    from .flow import Effect, Flow, Middleware
    from .operation import Operation
    from .transport import AsyncTransport, RawResponse, Transport

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")

GATEWAY = "https://localhost:5000"
TIMEOUT_SECONDS = 30.0
_TRADING_BASE = "/v1/api"
_NO_OPTIONS: CallOptions = {}


def settings(
    base_url: str,
    *,
    timeout: float,
    headers: Mapping[str, str] | None,
    mode: Mode,
    on_drift: DriftHandler | None,
    report_unknown: bool,
    retry: Retry | None,
    middleware: Iterable[Middleware],
    cookies: Cookies | Mapping[str, str] | None,
    version: str,
    registry: Callable[[], Mapping[str, Operation[Any]]],
) -> Settings:
    """The settings of a client; `base_url` may end in `/v1/api`, which operations bring themselves.

    Raises `ArgumentError` for a `base_url` that is none.
    """
    own = {
        "User-Agent": f"bezant-api/{version}",  # IBKR's edge answers 403 where there is none
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate",
    }
    jar = cookies if isinstance(cookies, Cookies) else Cookies(cookies)
    return Settings(
        origin=origin_of(base_url),
        timeout=timeout,
        headers={**own, **(headers or {})},
        mode=mode,
        on_drift=on_drift or ignore,
        report_unknown=report_unknown,
        proceed=flow.chain((retry or Retry(), *middleware, jar)),
        registry=registry,
    )


def origin_of(base_url: str) -> str:
    """Where paths begin: scheme, host, port, and what a proxy puts in front."""
    try:
        parts = urlsplit(base_url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        message = f"base_url is no HTTP address: {base_url!r}; give one such as {GATEWAY}"
        raise ArgumentError(message)
    return base_url.rstrip("/").removesuffix(_TRADING_BASE)


def named_call(operation: Operation[Any], arguments: Mapping[str, Any]) -> Call:
    """A call from one set of arguments: parameters, `body` or its fields, and options."""
    left = dict(arguments)
    given = {p.argument: left.pop(p.argument, None) for p in operation.parameters}
    body = left.pop("body", None)
    fields = dict(operation.body.fields if operation.body else ())
    values = {wire: left.pop(name) for wire, name in fields.items() if name in left}
    options = {key: left.pop(key) for key in CallOptions.__annotations__ if key in left}
    if left:
        known = ", ".join((*given, *fields.values()))
        message = f"{operation.id} has no argument {', '.join(left)}; it takes {known or 'none'}"
        raise ArgumentError(message)
    return Call(operation, given, assemble(operation, body, values), cast("CallOptions", options))


class SyncClient:
    """What `Client` is made of."""

    def __init__(self, settings: Settings, transport: Transport) -> None:
        self.settings = settings
        self.transport = transport

    def __enter__(self) -> Self:
        """Use the client as a context manager that closes its connections."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close all connections."""
        self.close()

    def __repr__(self) -> str:
        """The class and where it calls."""
        return f"{type(self).__name__}({self.settings.origin!r})"

    def close(self) -> None:
        """Close all connections."""
        self.transport.close()

    def request(self, operation_id: str, /, **arguments: Any) -> Any:
        """Make a call by its operation id; arguments and options are those of its method.

        Raises `ArgumentError` for an id or an argument that does not exist.
        """
        return self.answer(named_call(registered(self.settings, operation_id), arguments)).value

    def with_response(
        self,
        method: Callable[Arguments, Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Response[Result]:
        """Call a method of this client and give its value with status, headers, bytes and timing.

        `client.with_response(client.portfolio.ledger, "U1234567").status`
        """
        return cast("Response[Result]", redirect(method, self.answer)(*args, **kwargs))

    def raw(
        self,
        method: Callable[Arguments, Any],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> RawResponse:
        """Call a method of this client and give the answer undecoded, also when it says no."""
        return cast("RawResponse", redirect(method, self._raw)(*args, **kwargs))

    def download(
        self,
        method: Callable[Arguments, Any],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Download:
        """Call a method of this client and read its answer in pieces; raises what the method does.

        `with client.download(client.reports.statement, ...) as file: file.save("statement.pdf")`
        """
        return cast("Download", redirect(method, self._download)(*args, **kwargs))

    def call(
        self,
        operation: Operation[Result],
        arguments: Mapping[str, Any],
        body: Any = None,
        fields: Mapping[str, Any] | None = None,
        options: CallOptions = _NO_OPTIONS,
    ) -> Result:
        """Make the call of an operation; `arguments` are keyed by argument, `fields` by wire name."""
        whole = assemble(operation, body, fields) if fields else body
        value: Result = self.answer(Call(operation, arguments, whole, options)).value
        return value

    def iterate(
        self,
        operation: Operation[Any],
        arguments: Mapping[str, Any],
        options: CallOptions = _NO_OPTIONS,
    ) -> Iterator[Any]:
        """All rows of a listing, page after page, each row once."""
        pages = Pages(operation, arguments)
        while not pages.done:
            paged = registered(self.settings, pages.operation_id)
            answer = self.answer(Call(paged, pages.arguments(), None, options))
            yield from pages.take(answer.value)

    def answer(self, call: Call) -> Response[Any]:
        """Make a call; gives its value with the answer."""
        return self._drive(exchange(call, self.settings))

    def _raw(self, call: Call) -> RawResponse:
        return self._drive(exchange_raw(call, self.settings))

    def _download(self, call: Call) -> Download:
        raw = self._drive(exchange_raw(call, self.settings, stream=True))
        stream = cast("Any", raw.stream)
        if raw.status in SUCCESS:
            return Download(raw, stream)
        with Download(raw, stream) as refused:
            whole = raw._replace(body=b"".join(refused), stream=None)
        raise refused_by(call.operation, build_request(call, self.settings), whole)

    def _drive(self, work: Flow[Result]) -> Result:
        return flow.run(work, self._perform)

    def _perform(self, effect: Effect) -> RawResponse | None:
        if isinstance(effect, Request):
            return self.transport.send(effect)
        time.sleep(effect.seconds)
        return None


class AsyncClientBase:
    """What `AsyncClient` is made of; runs on asyncio and on trio."""

    def __init__(self, settings: Settings, transport: AsyncTransport) -> None:
        self.settings = settings
        self.transport = transport

    async def __aenter__(self) -> Self:
        """Use the client as a context manager that closes its connections."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close all connections."""
        await self.close()

    def __repr__(self) -> str:
        """The class and where it calls."""
        return f"{type(self).__name__}({self.settings.origin!r})"

    async def close(self) -> None:
        """Close all connections."""
        await self.transport.close()

    async def request(self, operation_id: str, /, **arguments: Any) -> Any:
        """Make a call by its operation id; arguments and options are those of its method.

        Raises `ArgumentError` for an id or an argument that does not exist.
        """
        return (
            await self.answer(named_call(registered(self.settings, operation_id), arguments))
        ).value

    async def with_response(
        self,
        method: Callable[Arguments, Awaitable[Result]],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Response[Result]:
        """Call a method of this client and give its value with status, headers, bytes and timing.

        `(await client.with_response(client.portfolio.ledger, "U1234567")).status`
        """
        return cast("Response[Result]", await redirect(method, self.answer)(*args, **kwargs))

    async def raw(
        self,
        method: Callable[Arguments, Awaitable[Any]],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> RawResponse:
        """Call a method of this client and give the answer undecoded, also when it says no."""
        return cast("RawResponse", await redirect(method, self._raw)(*args, **kwargs))

    async def download(
        self,
        method: Callable[Arguments, Awaitable[Any]],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> AsyncDownload:
        """Call a method of this client and read its answer in pieces; raises what the method does.

        `async with await client.download(client.reports.statement, ...) as file: ...`
        """
        return cast("AsyncDownload", await redirect(method, self._download)(*args, **kwargs))

    async def call(
        self,
        operation: Operation[Result],
        arguments: Mapping[str, Any],
        body: Any = None,
        fields: Mapping[str, Any] | None = None,
        options: CallOptions = _NO_OPTIONS,
    ) -> Result:
        """Make the call of an operation; `arguments` are keyed by argument, `fields` by wire name."""
        whole = assemble(operation, body, fields) if fields else body
        value: Result = (await self.answer(Call(operation, arguments, whole, options))).value
        return value

    async def iterate(
        self,
        operation: Operation[Any],
        arguments: Mapping[str, Any],
        options: CallOptions = _NO_OPTIONS,
    ) -> AsyncIterator[Any]:
        """All rows of a listing, page after page, each row once."""
        pages = Pages(operation, arguments)
        while not pages.done:
            paged = registered(self.settings, pages.operation_id)
            answer = await self.answer(Call(paged, pages.arguments(), None, options))
            for row in pages.take(answer.value):
                yield row

    async def answer(self, call: Call) -> Response[Any]:
        """Make a call; gives its value with the answer."""
        return await self._drive(exchange(call, self.settings))

    async def _raw(self, call: Call) -> RawResponse:
        return await self._drive(exchange_raw(call, self.settings))

    async def _download(self, call: Call) -> AsyncDownload:
        raw = await self._drive(exchange_raw(call, self.settings, stream=True))
        stream = cast("Any", raw.stream)
        if raw.status in SUCCESS:
            return AsyncDownload(raw, stream)
        async with AsyncDownload(raw, stream) as refused:
            whole = raw._replace(body=b"".join([piece async for piece in refused]), stream=None)
        raise refused_by(call.operation, build_request(call, self.settings), whole)

    async def _drive(self, work: Flow[Result]) -> Result:
        return await flow.run_async(work, self._perform)

    async def _perform(self, effect: Effect) -> RawResponse | None:
        if isinstance(effect, Request):
            return await self.transport.send(effect)
        import anyio  # what the HTTP library runs on

        await anyio.sleep(effect.seconds)
        return None


class Resource:
    """A group of operations of a `Client`."""

    def __init__(self, client: SyncClient) -> None:
        self._client = client


class AsyncResource:
    """A group of operations of an `AsyncClient`."""

    def __init__(self, client: AsyncClientBase) -> None:
        self._client = client


class _Redirected:
    """Stands in for the client of a resource, so that one call ends elsewhere."""

    def __init__(self, end: Callable[[Call], Any]) -> None:
        self._end = end

    def call(
        self,
        operation: Operation[Any],
        arguments: Mapping[str, Any],
        body: Any = None,
        fields: Mapping[str, Any] | None = None,
        options: CallOptions = _NO_OPTIONS,
    ) -> Any:
        whole = assemble(operation, body, fields) if fields else body
        return self._end(Call(operation, arguments, whole, options))


def redirect(method: Callable[..., Any], end: Callable[[Call], Any]) -> Callable[..., Any]:
    """A method of a resource whose call is given to `end` in place of its client."""
    resource = getattr(method, "__self__", None)
    if not isinstance(resource, Resource | AsyncResource) or method.__name__.startswith("iter_"):
        message = "give a method that makes one call, such as client.portfolio.ledger"
        raise TypeError(message)
    stand_in = type(resource)(cast("Any", _Redirected(end)))
    redirected: Callable[..., Any] = getattr(stand_in, method.__name__)
    return redirected


def registered(settings: Settings, operation_id: str) -> Operation[Any]:
    """An operation of the registry, by its id; raises `ArgumentError`."""
    operations = settings.registry()
    if operation_id not in operations:
        from difflib import get_close_matches

        near = get_close_matches(operation_id, list(operations), n=3)
        message = f"no operation {operation_id!r}{' - perhaps ' if near else ''}{', '.join(near)}"
        raise ArgumentError(message)
    return operations[operation_id]
