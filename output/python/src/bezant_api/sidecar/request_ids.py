"""An id for each request: the client's own, or a new one; every answer names it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "x-request-id"
_HEADER = HEADER.encode()
_GOOD = re.compile(rb"[A-Za-z0-9._-]{1,128}")


class RequestIds:
    """Middleware; what is inside finds the id in the state of the request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = _taken(scope) or uuid4().hex.encode()
        scope.setdefault("state", {})["request_id"] = name.decode()

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message.get("headers", ()) if pair[0].lower() != _HEADER]
                message["headers"] = [*kept, (_HEADER, name)]
            await send(message)

        await self._app(scope, receive, answered)


def _taken(scope: Scope) -> bytes:
    """The id that the client has given, unless it could harm a log."""
    found = next((value for name, value in scope["headers"] if name == _HEADER), b"")
    return bytes(found) if _GOOD.fullmatch(found) else b""
