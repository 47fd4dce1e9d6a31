"""The two clients without their operations: settings, transport, and driving of exchanges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from .drift import ignore
from .exchange import Exchange, Settings, exchange

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from .decoding import Mode
    from .drift import DriftHandler
    from .operation import Operation
    from .transport import AsyncTransport, Transport

Result = TypeVar("Result")

GATEWAY = "https://localhost:5000"
TIMEOUT_SECONDS = 30.0
_TRADING_BASE = "/v1/api"


def settings(
    base_url: str,
    timeout: float,
    headers: Mapping[str, str] | None,
    mode: Mode,
    on_drift: DriftHandler | None,
    version: str,
) -> Settings:
    """The settings of a client; `base_url` may end in `/v1/api`, which operations bring themselves."""
    own = {"User-Agent": f"bezant-api/{version}", "Accept": "*/*", **(headers or {})}
    return Settings(
        origin=base_url.rstrip("/").removesuffix(_TRADING_BASE),
        timeout=timeout,
        headers=tuple(own.items()),
        mode=mode,
        on_drift=on_drift or ignore,
    )


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

    def close(self) -> None:
        """Close all connections."""
        self.transport.close()

    def call(
        self, operation: Operation[Result], arguments: Mapping[str, Any], body: Any = None
    ) -> Result:
        """Make the call of an operation; `arguments` are keyed by argument name."""
        return self._drive(exchange(operation, arguments, body, self.settings))

    def _drive(self, flow: Exchange[Result]) -> Result:
        request = next(flow)
        while True:
            response = self.transport.send(request, self.settings.timeout)
            try:
                request = flow.send(response)
            except StopIteration as stop:
                result: Result = stop.value
                return result


class AsyncClientBase:
    """What `AsyncClient` is made of."""

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

    async def close(self) -> None:
        """Close all connections."""
        await self.transport.close()

    async def call(
        self, operation: Operation[Result], arguments: Mapping[str, Any], body: Any = None
    ) -> Result:
        """Make the call of an operation; `arguments` are keyed by argument name."""
        return await self._drive(exchange(operation, arguments, body, self.settings))

    async def _drive(self, flow: Exchange[Result]) -> Result:
        request = next(flow)
        while True:
            response = await self.transport.send(request, self.settings.timeout)
            try:
                request = flow.send(response)
            except StopIteration as stop:
                result: Result = stop.value
                return result


class Resource:
    """A group of operations of a `Client`."""

    def __init__(self, client: SyncClient) -> None:
        self._client = client


class AsyncResource:
    """A group of operations of an `AsyncClient`."""

    def __init__(self, client: AsyncClientBase) -> None:
        self._client = client
