"""Load over loopback, from this process: requests on kept-alive connections, with no client library in between."""

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench.timing import CLIENT, ROOT, environment


def request(method: str, path: str) -> bytes:
    """The bytes of a request without a body."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\n"
    return (head + "Content-Length: 0\r\n\r\n").encode()


class Connection:
    """One connection to a server."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self, data: bytes) -> int:
        """Send a request and read its answer, which has to have a length; gives the status."""
        self._socket.sendall(data)
        received = self._socket.recv(262_144)
        head, _, body = received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        left = length - len(body)
        while left > 0:
            piece = self._socket.recv(262_144)
            if not piece:
                message = f"the connection ended {left} bytes before the answer did"
                raise RuntimeError(message)
            left -= len(piece)
        return int(head[9:12])

    def close(self) -> None:
        """Close it."""
        self._socket.close()


def seconds(connection: Connection, data: bytes, calls: int) -> list[float]:
    """How long each of some calls takes; all have to succeed."""
    times = []
    for _ in range(calls):
        started = time.perf_counter()
        status = connection.call(data)
        times.append(time.perf_counter() - started)
        if status >= 300:
            message = f"status {status} for {data!r}"
            raise RuntimeError(message)
    return times


def rate(connection: Connection, data: bytes, calls: int, rounds: int) -> float:
    """Calls a second, as the median of some rounds."""
    return statistics.median(calls / sum(seconds(connection, data, calls)) for _ in range(rounds))


@contextmanager
def server(arguments: Sequence[str], announced: str) -> Iterator[int]:
    """A program of Python that listens, on a core of its own where there are several; gives its port.

    It says `announced`, and then an address, on stderr.
    """
    paths = os.pathsep.join((str(ROOT), str(CLIENT)))
    with subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment(PYTHONPATH=paths),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        try:
            with _apart(process.pid):
                line = next(line for line in process.stderr if announced in line)
                yield int(line.partition(announced)[2].partition(":")[2].split("/")[0])
        finally:
            process.kill()


@contextmanager
def _apart(pid: int) -> Iterator[None]:
    """Another process on the last core, this one on the first; both where there is but one."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    own = os.sched_getaffinity(0)
    os.sched_setaffinity(pid, {max(own)})
    os.sched_setaffinity(0, {min(own)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, own)
