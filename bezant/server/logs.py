"""What the sidecar writes down on stderr: one line for each event, with nothing in it that is secret.

A request is its method and its path, never its query, headers or body; an error is its class and where it
happened, never its text, which may repeat what a client or the gateway said.
"""

import json
import logging
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from bezant_api.sidecar.errors import request_id
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bezant.server.settings import LogFormat

LOG: Final = logging.getLogger("bezant.server")
_FIELDS: Final = "fields"
_NOISY: Final = ("httpcore2", "httpx2", "uvicorn")
"""These say more than what is known to be harmless, or what the sidecar says itself."""
_SERVER_ERROR: Final = 500


@dataclass(eq=False)
class AccessLog:
    """Middleware: method, path, status, milliseconds and bytes of each request; `is_quiet` paths at debug."""

    app: ASGIApp
    is_quiet: frozenset[str] = frozenset()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status, size = time.perf_counter(), 0, 0

        async def counting(message: Message) -> None:
            nonlocal status, size
            status = message.get("status", status)
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, counting)
        finally:
            passed = round((time.perf_counter() - started) * 1000, 2)
            self._write(scope, status=status or None, milliseconds=passed, bytes=size)

    def _write(self, scope: Scope, **said: Any) -> None:
        is_failed = (said["status"] or 0) >= _SERVER_ERROR
        level = logging.WARNING if is_failed else logging.INFO
        if scope["path"] in self.is_quiet:
            level = logging.DEBUG
        known = {"request_id": request_id(scope), "method": scope["method"], "path": _path(scope)}
        event("request", level, **known, **said)


def _path(scope: Scope) -> str:
    """The path as it was sent: decoded, it could have the ends of lines in it."""
    raw = scope.get("raw_path") or quote(scope["path"]).encode()
    return bytes(raw).partition(b"?")[0].decode("latin-1")


def event(name: str, level: int = logging.INFO, **said: Any) -> None:
    """Write an event down."""
    LOG.log(level, name, extra={_FIELDS: said})


class JsonLines(logging.Formatter):
    """One object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        row = {"time": at, "level": record.levelname.lower(), "event": record.getMessage()}
        return json.dumps({**row, **_said(record)})


class Text(logging.Formatter):
    """For people."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        said = " ".join(f"{key}={value}" for key, value in _said(record).items())
        return f"{at} {record.levelname.lower():7} {record.getMessage()} {said}".rstrip()


def _said(record: logging.LogRecord) -> dict[str, Any]:
    said: dict[str, Any] = dict(getattr(record, _FIELDS, {}))
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        said["error"] = " <- ".join(_places(error))
    return said


def _places(error: BaseException | None) -> Iterator[str]:
    """An error and those behind it: each with its class and where it was raised."""
    while error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        where = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        yield f"{type(error).__qualname__}{where}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def begin(form: LogFormat | None, level: str) -> None:
    """Write to stderr from now on."""
    is_json = form == "json" or (form is None and not sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if is_json else Text())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
