"""A gateway of raw sockets: it says exactly what it is told, and keeps what came byte for byte."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

SECONDS = 20.0
Script = Callable[[socket.socket], None]


@dataclass
class Upstream:
    """Serves each connection by the script, one request after another."""

    url: str
    script: Script
    requests: list[bytes] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)
    """Set when a client has closed a connection that was still being served."""


def reading(upstream: Upstream, connection: socket.socket) -> bytes:
    """One request with a body that has a length; empty once the client has gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65_536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next((int(line[16:]) for line in lines if line.startswith(b"content-length: ")), 0)
    while len(body) < length:
        body += connection.recv(65_536)
    upstream.requests.append(head + b"\r\n\r\n" + body)
    return head


@contextmanager
def listening(script: Callable[[Upstream, socket.socket], None]) -> Iterator[Upstream]:
    """An upstream whose connections are served by a script until it returns."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as server:
        upstream = Upstream(f"http://127.0.0.1:{server.getsockname()[1]}", lambda _: None)
        threads: list[threading.Thread] = []

        def serve(connection: socket.socket) -> None:
            connection.settimeout(SECONDS)
            with connection, suppress(ConnectionError, TimeoutError):
                script(upstream, connection)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    threads.append(threading.Thread(target=serve, args=(connection,)))
                    threads[-1].start()

        acceptor = threading.Thread(target=accept)
        acceptor.start()
        try:
            yield upstream
        finally:
            server.shutdown(socket.SHUT_RDWR)
            acceptor.join(SECONDS)
            for thread in threads:
                thread.join(SECONDS)
                assert not thread.is_alive()


def answering(response: bytes) -> Callable[[Upstream, socket.socket], None]:
    """A script that answers every request of a connection so."""

    def script(upstream: Upstream, connection: socket.socket) -> None:
        while reading(upstream, connection):
            connection.sendall(response)

    return script
