"""The backend that has a gateway behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .backend import Unimplemented
from .forwarding import CONNECTIONS, Forwarder

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from ..client import AsyncClient


class PassThrough(Unimplemented):
    """Sends on what it has no method of its own for, as it came; the answer comes back as it is.

    A subclass may implement methods, which then get typed arguments and may call the gateway by
    `client`. Use it as a context manager, or give it to an app, which closes it.
    """

    def __init__(
        self,
        client: AsyncClient,
        *,
        verify: bool | str | None = None,
        timeout: float = 30.0,
        connections: int = CONNECTIONS,
    ) -> None:
        self.client = client
        self._forwarder = Forwarder(
            client.settings.origin, verify=verify, timeout=timeout, connections=connections
        )

    def forward(self, request: Request) -> Response:
        """Send a request on."""
        return self._forwarder.forward(request)

    async def close(self) -> None:
        """Close all connections."""
        await self._forwarder.close()
        await self.client.close()
