"""A transport that answers from a script and remembers what it was sent."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from bezant_api import AsyncClient, Client, TransportError
from bezant_api.core.transport import RawResponse, Request

URL = "http://127.0.0.1:1"


def answer(body: Any = None, status: int = 200, **headers: str) -> RawResponse:
    """A JSON answer; `Retry_After="1"` is the header `retry-after`."""
    content = b"" if body is None else msgspec.json.encode(body)
    named = {name.lower().replace("_", "-"): value for name, value in headers.items()}
    return RawResponse(status, {"content-type": "application/json", **named}, content)


@dataclass
class Script:
    """Plays steps in order: an answer is given, an error class is raised for the request."""

    steps: list[Any]
    sent: list[Request] = field(default_factory=list)

    def next(self, request: Request) -> RawResponse:
        self.sent.append(request)
        step = self.steps.pop(0)
        if isinstance(step, type) and issubclass(step, TransportError):
            raise step(
                operation=request.operation.id,
                method=request.method,
                path=request.path,
                reason="scripted",
            )
        assert isinstance(step, RawResponse)
        return step


@dataclass
class SyncScript(Script):
    def send(self, request: Request) -> RawResponse:
        return self.next(request)

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class AsyncScript(Script):
    async def send(self, request: Request) -> RawResponse:
        return self.next(request)

    async def close(self) -> None:
        """Nothing is open."""


def scripted(steps: Iterable[Any], **options: Any) -> tuple[Client, SyncScript]:
    script = SyncScript(list(steps))
    return Client(URL, transport=script, **options), script


def scripted_async(steps: Iterable[Any], **options: Any) -> tuple[AsyncClient, AsyncScript]:
    script = AsyncScript(list(steps))
    return AsyncClient(URL, transport=script, **options), script
