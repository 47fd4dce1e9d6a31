"""How large bodies may be, how many requests are answered at the same time, and when it is over."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import anyio
from bezant_api.sidecar.errors import Refusal, request_id
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

RETRY_SECONDS = "1"


class _Watched:
    """Sends, and remembers whether an answer has begun: after that there is no other."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.is_started = False

    async def __call__(self, message: Message) -> None:
        self.is_started = True
        await self._send(message)


async def _refuse(refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
    await refusal.response(request_id(scope))(scope, receive, send)


@dataclass(eq=False)
class Drain:
    """Middleware: a request that is ended because the sidecar ends is told so."""

    app: ASGIApp
    is_draining: Callable[[], bool]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        watched = _Watched(send)
        try:
            await self.app(scope, receive, watched)
        except asyncio.CancelledError:
            if watched.is_started or not self.is_draining():
                raise
            message = "the sidecar ended before the gateway answered; the call may have worked"
            refusal = Refusal(503, message, code="draining")
            await _refuse(refusal, scope, receive, send)


@dataclass(eq=False)
class BodyLimit:
    """Middleware: refuses bodies of more than `most` bytes, by what they say or as they come in."""

    app: ASGIApp
    most: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif _length(scope) > self.most:
            await _refuse(self._refusal(), scope, receive, send)
        else:
            await self._counted(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        size, watched = 0, _Watched(send)

        async def counting() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            # To what is inside, the client seems to be gone: what it has sent on is given up.
            return {"type": "http.disconnect"} if size > self.most else message

        try:
            await self.app(scope, counting, watched)
        except ClientDisconnect:
            if size <= self.most:
                raise
        if size > self.most and not watched.is_started:
            await _refuse(self._refusal(), scope, receive, send)

    def _refusal(self) -> Refusal:
        return Refusal(413, f"the body has more than {self.most} bytes")


@dataclass(eq=False)
class ConcurrencyLimit:
    """Middleware: `most` requests at the same time, `queue` that wait up to `seconds`, and no more.

    Those of `is_open` paths are always answered: a sidecar that is busy is alive.
    """

    app: ASGIApp
    most: int
    queue: int
    seconds: float
    is_open: frozenset[str] = frozenset()
    _limiter: anyio.CapacityLimiter | None = field(default=None, init=False)
    _waiting: int = field(default=0, init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] in self.is_open:
            await self.app(scope, receive, send)
            return
        self._limiter = limiter = self._limiter or anyio.CapacityLimiter(self.most)
        if not await self._taken(limiter, borrower := object()):
            headers = {"retry-after": RETRY_SECONDS}
            await _refuse(Refusal(503, "too many requests", headers=headers), scope, receive, send)
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
