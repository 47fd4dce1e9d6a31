"""How large bodies may be, and how many requests are answered at the same time."""

from dataclasses import dataclass, field

import anyio
from bezant_api.sidecar.errors import Refusal, request_id
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

RETRY_SECONDS = "1"


class BodyLimit:
    """Middleware: refuses bodies with more than so many bytes, by what they say or as they come in."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif _length(scope) > self._most:
            await self._refusal().response(request_id(scope))(scope, receive, send)
        else:
            await self._counted(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        size, is_started = 0, False

        async def counting() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            # To what is inside, the client seems to be gone.
            return {"type": "http.disconnect"} if size > self._most else message

        async def sending(message: Message) -> None:
            nonlocal is_started
            is_started = True
            await send(message)

        try:
            await self._app(scope, counting, sending)
        except ClientDisconnect:
            if size <= self._most:
                raise
        if size > self._most and not is_started:
            await self._refusal().response(request_id(scope))(scope, receive, send)

    def _refusal(self) -> Refusal:
        return Refusal(413, f"the body has more than {self._most} bytes")


@dataclass(eq=False)
class ConcurrencyLimit:
    """Middleware: so many requests at the same time, so many that wait for a while, and no more."""

    app: ASGIApp
    most: int
    queue: int
    seconds: float
    _limiter: anyio.CapacityLimiter | None = field(default=None, init=False)
    _waiting: int = field(default=0, init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self._limiter = limiter = self._limiter or anyio.CapacityLimiter(self.most)
        if not await self._taken(limiter, borrower := object()):
            refusal = Refusal(503, "too many requests", headers={"retry-after": RETRY_SECONDS})
            await refusal.response(request_id(scope))(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        finally:
            limiter.release_on_behalf_of(borrower)

    async def _taken(self, limiter: anyio.CapacityLimiter, borrower: object) -> bool:
        try:
            limiter.acquire_on_behalf_of_nowait(borrower)
        except anyio.WouldBlock:
            return await self._waited(limiter, borrower)
        return True

    async def _waited(self, limiter: anyio.CapacityLimiter, borrower: object) -> bool:
        if self._waiting >= self.queue:
            return False
        self._waiting += 1
        try:
            with anyio.move_on_after(self.seconds):
                await limiter.acquire_on_behalf_of(borrower)
                return True
        finally:
            self._waiting -= 1
        return False


def _length(scope: Scope) -> int:
    text = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
    return int(text) if text.isdigit() else 0
