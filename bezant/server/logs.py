"""What the sidecar writes down: one line for each request, with nothing in it that is secret."""

import json
import logging
import sys
import time
from datetime import UTC, datetime
from typing import Any, Final

from bezant_api.sidecar.errors import request_id
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG: Final = logging.getLogger("bezant.server")
_FIELDS: Final = "fields"


class AccessLog:
    """Middleware: method, path without its query, status, milliseconds and bytes of each request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status, size = time.perf_counter(), 0, 0

        async def counting(message: Message) -> None:
            nonlocal status, size
            status = message.get("status", status)
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, counting)
        finally:
            passed = round((time.perf_counter() - started) * 1000, 2)
            said = {"method": scope["method"], "path": scope["path"], "status": status}
            event("request", scope, **said, milliseconds=passed, bytes=size)


def event(name: str, scope: Scope | None = None, **said: Any) -> None:
    """Write an event down, with the id of its request."""
    named = {"request_id": request_id(scope)} if scope else {}
    LOG.info(name, extra={_FIELDS: {**named, **said}})


class JsonLines(logging.Formatter):
    """One object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        row = {"time": at, "level": record.levelname.lower(), "event": record.getMessage()}
        row |= getattr(record, _FIELDS, {})
        if record.exc_info:
            row["error"] = self.formatException(record.exc_info)
        return json.dumps(row)


class Text(logging.Formatter):
    """For people."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        said = "  ".join(f"{key}={value}" for key, value in getattr(record, _FIELDS, {}).items())
        error = f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""
        return f"{at} {record.levelname.lower():7} {record.getMessage()}  {said}{error}".rstrip()


def begin(form: str, level: str) -> None:
    """Write to stderr from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else Text())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in ("httpcore2", "httpx2", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)
