"""The sockets of the mock gateway: listening, one task for each connection, and closing all of them.

Made for the loopback interface and for tests: what it leaves behind would fail the next test.
"""

import errno
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import anyio
from anyio.abc import ByteStream, SocketStream, TaskGroup
from anyio.streams.tls import TLSStream

from bezant.mock.http import IDLE_SECONDS, Connection, Respond, Upgrade

_GRACE_SECONDS: Final = 1.0
_HANDSHAKE_SECONDS: Final = 10.0
_LINGER_SECONDS: Final = 2.0
_PAUSE_SECONDS: Final = 0.05


class CannotListen(OSError):
    """An address that cannot be listened on, mostly because another program does."""


@dataclass(slots=True, eq=False)
class _Visit:
    """A client that is connected; there is no HTTP before the handshake of TLS and after the end."""

    scope: anyio.CancelScope
    http: Connection | None = None

    def leave(self) -> None:
        """End it: after the answer that is under way, else at once."""
        if self.http is not None and self.http.is_answering:
            self.http.is_last = True
        else:
            self.scope.cancel()


class Server:
    """Listens while it is entered (`async with`), and may be entered again on the port that it had.

    Without `upgrade`, requests for a WebSocket are answered as any other. With `tls` it speaks HTTPS. When
    it closes, answers that are under way have `grace` seconds; WebSockets and idle clients have none.
    """

    def __init__(
        self,
        respond: Respond,
        upgrade: Upgrade | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        idle: float = IDLE_SECONDS,
        grace: float = _GRACE_SECONDS,
    ) -> None:
        self.host = host
        self.port = port
        self.errors: list[BaseException] = []
        self._respond, self._upgrade, self._tls = respond, upgrade, tls
        self._idle, self._grace = idle, grace
        self._visits: set[_Visit] = set()
        self._is_closing = False

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._visits)

    async def __aenter__(self) -> Self:
        """Listen. Raises `CannotListen`."""
        listener = _listen(self.host, self.port)
        self.port = listener.getsockname()[1]
        self._is_closing = False
        self._nobody_left = anyio.Event()
        self._listening = anyio.CancelScope()
        self._tasks: TaskGroup = anyio.create_task_group()
        await self._tasks.__aenter__()
        self._tasks.start_soon(self._accept, listener)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close all connections and free the port; it takes no longer than the grace."""
        with anyio.CancelScope(shield=True):
            await self._close()
        self._tasks.cancel_scope.cancel()
        if not isinstance(error, anyio.get_cancelled_exc_class()):
            # The group would wrap an error of the caller's into another one.
            kind = error = traceback = None
        await self._tasks.__aexit__(kind, error, traceback)

    async def _close(self) -> None:
        self._is_closing = True
        self._listening.cancel()
        for visit in list(self._visits):
            visit.leave()
        if self._visits:
            with anyio.move_on_after(self._grace):
                await self._nobody_left.wait()

    async def _accept(self, listener: socket.socket) -> None:
        # Not anyio's listener: cancelled at the wrong moment, it loses a connection that it has accepted.
        with listener, self._listening:
            while True:
                await anyio.wait_readable(listener)
                try:
                    self._take(*listener.accept())
                except BlockingIOError:
                    continue
                except OSError:
                    # Out of file descriptors, or the client is gone already.
                    await anyio.sleep(_PAUSE_SECONDS)

    def _take(self, accepted: socket.socket, address: tuple[str, int]) -> None:
        accepted.setblocking(False)
        self._tasks.start_soon(self._visit, accepted, f"{address[0]}:{address[1]}")

    async def _visit(self, accepted: socket.socket, peer: str) -> None:
        visit = _Visit(anyio.CancelScope())
        self._visits.add(visit)
        if self._is_closing:
            visit.leave()
        try:
            with visit.scope:
                await self._serve(visit, accepted, peer)
        except Exception as error:
            self.errors.append(error)
        finally:
            self._forget(visit)

    def _forget(self, visit: _Visit) -> None:
        self._visits.discard(visit)
        if self._is_closing and not self._visits:
            self._nobody_left.set()

    async def _serve(self, visit: _Visit, accepted: socket.socket, peer: str) -> None:
        raw = await _opened(accepted)
        if raw is None:
            return
        async with raw:
            stream = await self._secured(raw)
            if stream is not None:
                visit.http = self._connection(stream, peer)
                await visit.http.serve()
            if not self._is_closing:
                await _linger(raw)

    def _connection(self, stream: ByteStream, peer: str) -> Connection:
        failed = self.errors.append
        return Connection(stream, self._respond, self._upgrade, failed, peer, self._idle)

    async def _secured(self, raw: ByteStream) -> ByteStream | None:
        if self._tls is None:
            return raw
        try:
            with anyio.fail_after(_HANDSHAKE_SECONDS):
                # Closing handshakes would wait for clients that are gone.
                return await TLSStream.wrap(
                    raw, server_side=True, ssl_context=self._tls, standard_compatible=False
                )
        except (OSError, anyio.BrokenResourceError, anyio.EndOfStream):
            return None


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        is_taken = error.errno == errno.EADDRINUSE
        reason = "the port is taken" if is_taken else error.strerror
        message = f"cannot listen on {host}:{port}: {reason}"
        raise CannotListen(error.errno, message) from error
    listener.setblocking(False)
    return listener


async def _opened(accepted: socket.socket) -> SocketStream | None:
    try:
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return await SocketStream.from_socket(accepted)
    except (OSError, ValueError):
        # It is gone already; anyio says that with a ValueError.
        accepted.close()
        return None
    except BaseException:
        accepted.close()
        raise


async def _linger(raw: SocketStream) -> None:
    """Let the client read what was sent: closing on bytes of it that nobody read would reset that."""
    with suppress(OSError, anyio.BrokenResourceError, anyio.EndOfStream):
        await raw.send_eof()
        with anyio.move_on_after(_LINGER_SECONDS):
            while True:
                await raw.receive()
