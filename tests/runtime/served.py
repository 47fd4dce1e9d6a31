"""Servers of the mock gateway, and clients that send what they are told to."""

import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import anyio
import httpx2
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

from bezant.mock import http
from bezant.mock.http import Reply, Request, json_reply
from bezant.mock.server import Server

Run: TypeAlias = Callable[[Callable[[], Awaitable[None]]], None]
HOUR = 3600.0
GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
WEBSOCKET = b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes = b""


class Raw:
    """A client that sends what it is told to."""

    def __init__(self, stream: SocketStream) -> None:
        self.stream = stream
        self._buffer = BufferedByteReceiveStream(stream)

    async def send(self, data: bytes) -> None:
        await self.stream.send(data)

    async def head(self) -> Answer:
        head = await self._buffer.receive_until(b"\r\n\r\n", 65_536)
        first, *lines = head.decode().split("\r\n")
        pairs = [line.partition(": ") for line in lines]
        return Answer(int(first.split()[1]), {name.lower(): value for name, _, value in pairs})

    async def answer(self) -> Answer:
        answer = await self.head()
        size = int(answer.headers.get("content-length", "0"))
        answer.body = await self._buffer.receive_exactly(size) if size else b""
        return answer

    async def rest(self) -> bytes:
        """All that comes until the server closes."""
        data = b""
        try:
            while True:
                data += await self._buffer.receive()
        except anyio.EndOfStream:
            return data

    async def vanish(self) -> None:
        """Reset the connection, as the system does for programs that are killed."""
        raw = self.stream.extra(SocketAttribute.raw_socket)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await self.stream.aclose()


async def echo(request: Request) -> Reply:
    return json_reply([request.method, request.path, request.body.decode()])


def always(reply: Reply) -> http.Respond:
    async def respond(request: Request) -> Reply:
        return reply

    return respond


@asynccontextmanager
async def served(respond: http.Respond = echo, **settings: Any) -> AsyncIterator[Server]:
    """A server that has to end without errors, unless the test has cleared them."""
    server = Server(respond, **settings)
    async with server:
        yield server
    assert server.connections == 0
    assert server.errors == []


@asynccontextmanager
async def dialled(server: Server) -> AsyncIterator[Raw]:
    async with await anyio.connect_tcp("127.0.0.1", server.port) as stream:
        yield Raw(stream)


def client(server: Server, **settings: Any) -> httpx2.AsyncClient:
    scheme = "https" if "verify" in settings else "http"
    return httpx2.AsyncClient(base_url=f"{scheme}://127.0.0.1:{server.port}", **settings)


async def connected(server: Server, count: int) -> None:
    while server.connections != count:
        await anyio.sleep(0.002)
