"""The sidecar as a process: its socket, its signals and its end.

SIGTERM and Ctrl-C begin the end: nobody new is let in, and requests under way have their time. A second
Ctrl-C ends it at once.
"""

import errno
import signal
import socket
import sys
from types import FrameType
from typing import Any, Final

import uvicorn

from bezant.server import logs
from bezant.server.app import create_server_app
from bezant.server.settings import Bind, Settings

_BACKLOG: Final = 2048


class CannotListen(Exception):
    """An address that cannot be listened on; the text says why."""


def serve(settings: Settings) -> None:
    """Serve until a signal comes.

    Raises `CannotListen`, `SystemExit` with 0 after SIGTERM, and `KeyboardInterrupt` after Ctrl-C.
    """
    with listen(settings.bind) as listener:
        logs.begin(settings.log_format, settings.log_level)
        # uvicorn sends each signal again when it has ended; for this one that is all there is to do.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        _Server(settings, Bind(*listener.getsockname()[:2])).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Says in its health and in the log when it begins and when it ends."""

    def __init__(self, settings: Settings, bound: Bind) -> None:
        app = create_server_app(settings)
        self._health = app.state.health
        self._begun: dict[str, Any] = {"url": f"http://{bound}", "gateway": settings.gateway}
        config = uvicorn.Config(
            app,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,  # the gateway's own is passed on
            timeout_graceful_shutdown=settings.drain_secs,
        )
        super().__init__(config)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin; nothing is said before signals are heard."""
        await super().startup(sockets)
        logs.event("listening", **self._begun)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End."""
        logs.event("draining", requests=len(self.server_state.tasks))
        await super().shutdown(sockets)
        logs.event("ended")

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin the end. Nothing is written here: a signal may come in the middle of a line."""
        if self._health.is_draining and sig == signal.SIGINT:
            signal.default_int_handler(sig, frame)
        self._health.is_draining = True
        super().handle_exit(sig, frame)


def listen(bind: Bind) -> socket.socket:
    """A socket for an address. Raises `CannotListen`."""
    family = socket.AF_INET6 if ":" in bind.host else socket.AF_INET
    try:
        listener = socket.create_server(bind, family=family, backlog=_BACKLOG)
    except (OSError, UnicodeError) as error:
        message = f"cannot listen on {bind}: {_reason(error)}"
        raise CannotListen(message) from error
    # asyncio switches Nagle's algorithm off only where a socket says that it is TCP; else the second
    # piece of an answer waits for the client to acknowledge the first, which takes some 40 ms.
    return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=listener.detach())


def _reason(error: OSError | UnicodeError) -> str:
    if isinstance(error, OSError):
        return "the port is taken" if error.errno == errno.EADDRINUSE else str(error.strerror)
    return "that is no name of a host"
