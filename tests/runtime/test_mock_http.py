"""The HTTP server of the mock gateway, over real sockets and under both event loops.

Every run is bounded, so that what never ends fails. Nothing is measured: where something has to happen
at once, the alternative takes an hour.
"""

import errno
import gc
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any, TypeAlias

import anyio
import httpx2
import pytest
from anyio.abc import ByteStream, SocketAttribute, SocketStream, TaskStatus
from anyio.streams.buffered import BufferedByteReceiveStream

from bezant.mock import http
from bezant.mock.http import Ending, Reply, Request, json_reply, redirect, text_reply
from bezant.mock.server import CannotListen, Server

Run: TypeAlias = Callable[[Callable[[], Awaitable[None]]], None]
HOUR = 3600.0
GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
WEBSOCKET = b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n"


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a test, and lets sockets that it lost complain."""

    def runs(main: Callable[[], Awaitable[None]]) -> None:
        async def bounded() -> None:
            with anyio.fail_after(30):
                await main()

        anyio.run(bounded, backend=request.param)
        gc.collect()

    return runs


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


def test_a_request_as_it_arrives(run: Run) -> None:
    seen: list[Request] = []

    async def respond(request: Request) -> Reply:
        seen.append(request)
        return json_reply(request.json())

    async def main() -> None:
        async with served(respond) as server, client(server) as http:
            headers = [("X-Many", "1"), ("X-Many", "2"), ("Cookie", "a=1"), ("Cookie", "b=2")]
            answer = await http.post("/a%2Fb?q=1&e=&q=2", json={"k": "ü"}, headers=headers)
            assert answer.json() == {"k": "ü"}
            assert answer.headers["content-type"] == "application/json; charset=utf-8"
            assert answer.reason_phrase == "OK"

    run(main)
    (request,) = seen
    assert (request.method, request.path) == ("POST", "/a%2Fb")
    assert request.query == {"q": "2", "e": ""}
    assert request.headers["x-many"] == "1, 2"
    assert request.headers["cookie"] == "a=1; b=2"
    assert request.peer.startswith("127.0.0.1:")
    assert http.segments(request.path) == ["", "a/b"]


def test_an_empty_body_is_an_empty_object() -> None:
    assert Request("GET", "/", {}, b"").json() == {}


def test_one_connection_carries_many_requests(run: Run) -> None:
    async def main() -> None:
        async with served() as server, client(server) as http:
            for index in range(5):
                answer = await http.post(f"/{index}", content=f"body {index}")
                assert answer.json() == ["POST", f"/{index}", f"body {index}"]
            assert server.connections == 1

    run(main)


def test_pipelined_requests_are_answered_in_their_order(run: Run) -> None:
    post = b"POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"

    async def main() -> None:
        async with served() as server, dialled(server) as raw:
            await raw.send(GET + post + GET)
            bodies = [(await raw.answer()).body for _ in range(3)]
            assert bodies == [b'["GET","/a",""]', b'["POST","/b","abc"]', b'["GET","/a",""]']

    run(main)


def test_a_chunked_body(run: Run) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"

    async def main() -> None:
        async with served() as server, client(server) as http:
            answer = await http.post("/", content=parts())
            assert answer.json()[2] == "one two"
            assert (await http.get("/")).status_code == 200

    run(main)


def test_a_slow_request(run: Run) -> None:
    async def main() -> None:
        async with served() as server, dialled(server) as raw:
            for byte in b"POST /s HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nslow":
                await raw.send(bytes([byte]))
                await anyio.sleep(0.001)
            assert (await raw.answer()).body == b'["POST","/s","slow"]'

    run(main)


def test_large_bodies_go_both_ways(run: Run) -> None:
    body = bytes(range(256)) * 20_000

    async def respond(request: Request) -> Reply:
        return Reply(200, request.body)

    async def main() -> None:
        async with served(respond) as server, client(server) as http:
            assert (await http.put("/", content=body)).content == body

    run(main)


def test_many_clients_at_once(run: Run) -> None:
    async def main() -> None:
        async with served() as server, AsyncExitStack() as stack:
            raws = [await stack.enter_async_context(dialled(server)) for _ in range(50)]
            await connected(server, 50)
            for raw in raws:
                await raw.send(GET)
            assert {(await raw.answer()).status for raw in raws} == {200}

    run(main)


def test_a_client_that_asks_first_is_told_to_go_on(run: Run) -> None:
    async def main() -> None:
        async with served() as server, dialled(server) as raw:
            head = (
                b"POST /e HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
            )
            await raw.send(head)
            assert (await raw.head()).status == 100
            await raw.send(b"body")
            assert (await raw.answer()).body == b'["POST","/e","body"]'
            await raw.send(head + b"here")
            assert (await raw.answer()).status == 200

    run(main)


def test_head_has_the_headers_of_get_and_no_body(run: Run) -> None:
    async def main() -> None:
        async with served(always(text_reply("hello"))) as server, dialled(server) as raw:
            await raw.send(GET.replace(b"GET", b"HEAD") + GET)
            assert (await raw.head()).headers["content-length"] == "5"
            assert (await raw.answer()).body == b"hello"

    run(main)


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_body(run: Run, status: int) -> None:
    async def main() -> None:
        async with served(always(Reply(status, b"never sent"))) as server, dialled(server) as raw:
            await raw.send(GET + GET)
            for _ in range(2):
                answer = await raw.head()
                assert answer.status == status
                assert "content-length" not in answer.headers

    run(main)


def test_headers_of_an_answer(run: Run) -> None:
    reply = redirect("/login").having(("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))

    async def main() -> None:
        async with served(always(reply)) as server, client(server) as http:
            answer = await http.get("/")
            assert (answer.status_code, answer.headers["location"]) == (302, "/login")
            assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
            assert answer.headers["content-length"] == "0"

    run(main)


def test_a_status_that_has_no_name(run: Run) -> None:
    async def main() -> None:
        async with served(always(Reply(299))) as server, client(server) as http:
            assert (await http.get("/")).status_code == 299

    run(main)


@pytest.mark.parametrize(
    "request_",
    [GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), b"GET / HTTP/1.0\r\n\r\n"],
)
def test_a_client_that_wants_no_more(run: Run, request_: bytes) -> None:
    async def main() -> None:
        async with served() as server, dialled(server) as raw:
            await raw.send(request_ + GET)
            answer = await raw.answer()
            assert (answer.status, answer.headers["connection"]) == (200, "close")
            assert await raw.rest() == b""

    run(main)


def test_a_client_that_sends_no_more_is_answered(run: Run) -> None:
    async def main() -> None:
        async with served() as server, dialled(server) as raw:
            await raw.send(GET)
            await raw.stream.send_eof()
            assert (await raw.answer()).status == 200
            assert await raw.rest() == b""

    run(main)


def test_a_late_answer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def main() -> None:
        async with served(always(Reply(delay=HOUR))) as server, dialled(server) as raw:
            with monkeypatch.context() as patch:
                patch.setattr(anyio, "sleep", sleep)
                await raw.send(GET)
                assert (await raw.answer()).status == 200

    run(main)
    assert slept == [HOUR]


def test_an_answer_that_is_cut(run: Run) -> None:
    reply = Reply(200, b"0123456789", ending=Ending.CUT)

    async def main() -> None:
        async with served(always(reply)) as server, client(server) as http:
            async with dialled(server) as raw:
                await raw.send(GET + GET)
                assert (await raw.head()).headers["content-length"] == "10"
                assert await raw.rest() == b"01234"
            with pytest.raises(httpx2.RemoteProtocolError):
                await http.get("/")

    run(main)


def test_an_answer_without_body_is_cut_in_its_head(run: Run) -> None:
    async def main() -> None:
        reply = Reply(204, ending=Ending.CUT)
        async with served(always(reply)) as server, dialled(server) as raw:
            await raw.send(GET)
            data = await raw.rest()
            assert data.startswith(b"HTTP/1.1")
            assert b"\r\n\r\n" not in data

    run(main)


def test_an_answer_that_is_dropped(run: Run) -> None:
    async def main() -> None:
        reply = Reply(200, b"x", ending=Ending.DROPPED)
        async with served(always(reply)) as server, client(server) as http:
            async with dialled(server) as raw:
                await raw.send(GET)
                assert await raw.rest() == b""
            with pytest.raises(httpx2.RemoteProtocolError):
                await http.get("/")

    run(main)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nnot a header\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", 413),
        (b"GET /" + b"x" * 17_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 17_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 17_000, 431),
    ],
    ids=lambda value: repr(value[:60]) if isinstance(value, bytes) else None,
)
def test_what_is_no_request_is_refused_once(run: Run, data: bytes, status: int) -> None:
    async def main() -> None:
        async with served() as server, dialled(server) as raw:
            await raw.send(data)
            answer = await raw.answer()
            assert (answer.status, answer.headers["connection"]) == (status, "close")
            assert b'"statusCode":%d' % status in answer.body
            assert await raw.rest() == b""

    run(main)


def test_a_good_request_is_answered_before_a_bad_one_is_refused(run: Run) -> None:
    async def main() -> None:
        async with served() as server, dialled(server) as raw:
            await raw.send(GET.replace(b"GET", b"HEAD") + b"nonsense\r\n\r\n")
            assert (await raw.head()).status == 200
            refused = await raw.answer()
            assert refused.status == 400
            assert b"illegal request line" in refused.body

    run(main)


@pytest.mark.parametrize("head", ["Content-Length: 4000000", "Transfer-Encoding: chunked"])
def test_a_client_that_sends_too_much_reads_why(
    run: Run, monkeypatch: pytest.MonkeyPatch, head: str
) -> None:
    monkeypatch.setattr(http, "MAX_BODY", 1000)
    chunk = b"fa0\r\n" + b"x" * 4000 + b"\r\n"

    async def main() -> None:
        async with served() as server, dialled(server) as raw:
            await raw.send(f"POST / HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n".encode())
            await raw.send(chunk * 1000)
            assert (await raw.answer()).status == 413

    run(main)


def test_a_body_that_will_be_too_large_is_not_asked_for(run: Run) -> None:
    async def main() -> None:
        async with served() as server, dialled(server) as raw:
            await raw.send(
                b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n"
            )
            assert (await raw.answer()).status == 413

    run(main)


@pytest.mark.parametrize("before", [b"", GET])
def test_idle_connections_are_closed_without_a_word(run: Run, before: bytes) -> None:
    async def main() -> None:
        async with served(idle=0.05) as server, dialled(server) as raw:
            if before:
                await raw.send(before)
                assert (await raw.answer()).status == 200
            assert await raw.rest() == b""

    run(main)


@pytest.mark.parametrize(
    "half", [GET[:-2], b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"]
)
def test_a_request_that_does_not_go_on(run: Run, half: bytes) -> None:
    async def main() -> None:
        async with served(idle=0.05) as server, dialled(server) as raw:
            await raw.send(half)
            assert (await raw.answer()).status == 408
            assert await raw.rest() == b""

    run(main)


@pytest.mark.parametrize(
    "half", [b"", b"GET / HT", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"]
)
@pytest.mark.parametrize("is_reset", [True, False])
def test_a_client_that_disappears_in_a_request(run: Run, half: bytes, is_reset: bool) -> None:
    async def main() -> None:
        async with served() as server:
            async with dialled(server) as raw:
                await connected(server, 1)
                if half:
                    await raw.send(half)
                await (raw.vanish() if is_reset else raw.stream.aclose())
            await connected(server, 0)

    run(main)


@pytest.mark.parametrize("is_reset", [True, False])
def test_a_client_that_disappears_in_an_answer(run: Run, is_reset: bool) -> None:
    async def main() -> None:
        async with served(always(Reply(200, bytes(16_000_000)))) as server:
            async with dialled(server) as raw:
                await raw.send(GET)
                assert (await raw.head()).status == 200
                await (raw.vanish() if is_reset else raw.stream.aclose())
            await connected(server, 0)

    run(main)


def test_clients_that_are_gone_before_they_are_met(run: Run) -> None:
    async def main() -> None:
        async with served() as server, client(server) as http:
            for _ in range(20):
                with socket.create_connection(("127.0.0.1", server.port)) as gone:
                    reset = struct.pack("ii", 1, 0)
                    gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            assert (await http.get("/")).status_code == 200

    run(main)


async def shout(request: Request, stream: ByteStream, rest: bytes) -> None:
    await stream.send(request.path.encode() + b" " + rest)
    async for data in stream:
        await stream.send(data.upper())


def test_a_websocket_gets_the_connection(run: Run) -> None:
    async def main() -> None:
        async with served(upgrade=shout) as server, dialled(server) as raw:
            await raw.send(WEBSOCKET + b"first")
            assert await raw.stream.receive() == b"/ws first"
            await raw.send(b"more")
            assert await raw.stream.receive() == b"MORE"
            await raw.stream.send_eof()
            assert await raw.rest() == b""

    run(main)


def test_a_websocket_ends_with_the_server_at_once(run: Run) -> None:
    async def main() -> None:
        async with served(upgrade=shout, grace=HOUR) as server:
            raw = Raw(await anyio.connect_tcp("127.0.0.1", server.port))
            await raw.send(WEBSOCKET)
            assert await raw.stream.receive() == b"/ws "
        assert await raw.rest() == b""
        await raw.stream.aclose()

    run(main)


@pytest.mark.parametrize(
    "error", [ValueError("bug"), ExceptionGroup("bugs", [anyio.EndOfStream(), ValueError("bug")])]
)
def test_errors_of_websockets_are_kept(run: Run, error: Exception) -> None:
    async def upgrade(request: Request, stream: ByteStream, rest: bytes) -> None:
        raise error

    async def main() -> None:
        async with served(upgrade=upgrade) as server, dialled(server) as raw:
            await raw.send(WEBSOCKET)
            assert await raw.rest() == b""
            assert server.errors == [error]
            server.errors.clear()

    run(main)


def test_a_websocket_client_that_disappears_is_no_error(run: Run) -> None:
    async def upgrade(request: Request, stream: ByteStream, rest: bytes) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(stream.receive)
            await anyio.sleep_forever()

    async def main() -> None:
        async with served(upgrade=upgrade) as server:
            async with dialled(server) as raw:
                await raw.send(WEBSOCKET)
                await raw.vanish()
            await connected(server, 0)

    run(main)


def test_other_upgrades_are_answered_as_ever(run: Run) -> None:
    async def main() -> None:
        async with served(upgrade=shout) as server, dialled(server) as raw:
            await raw.send(WEBSOCKET.replace(b"WebSocket", b"h2c") + GET)
            assert [(await raw.answer()).status for _ in range(2)] == [200, 200]
        async with served() as server, dialled(server) as raw:
            await raw.send(WEBSOCKET + GET)
            assert [(await raw.answer()).status for _ in range(2)] == [200, 200]

    run(main)


def test_a_bug_is_answered_and_kept(run: Run) -> None:
    async def respond(request: Request) -> Reply:
        if request.path == "/bug":
            raise KeyError("conid")
        return json_reply({})

    async def main() -> None:
        async with served(respond) as server, client(server) as http:
            answer = await http.get("/bug")
            assert answer.status_code == 500
            assert answer.json() == {"error": "KeyError: 'conid'", "statusCode": 500}
            assert (await http.get("/")).json() == {}
            assert server.connections == 1
            assert [type(error) for error in server.errors] == [KeyError]
            server.errors.clear()

    run(main)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(headers=(("X", "two\r\nlines"),)),
        Reply(headers=(("Content-Length", "7"),)),
        Reply(headers=(("X", "ü"),)),
        Reply(status=99),
    ],
)
def test_an_answer_that_is_none_is_a_bug(run: Run, reply: Reply) -> None:
    async def main() -> None:
        async with served(always(reply)) as server, client(server) as http:
            assert (await http.get("/")).status_code == 500
            assert len(server.errors) == 1
            server.errors.clear()

    run(main)


def test_closing_leaves_nothing_behind(run: Run) -> None:
    async def main() -> None:
        threads = threading.active_count()
        async with served() as first, dialled(first) as raw:
            await raw.send(GET)
            assert (await raw.answer()).status == 200
            assert threading.active_count() == threads
        async with served(port=first.port) as second, dialled(second) as raw:
            await raw.send(GET)
            assert (await raw.answer()).status == 200
        with pytest.raises(OSError, match=r"."):
            await anyio.connect_tcp("127.0.0.1", first.port)
        assert threading.active_count() == threads

    run(main)


def test_a_server_survives_a_lack_of_file_descriptors(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept = socket.socket.accept
    lacks = [errno.EMFILE, errno.ECONNABORTED, errno.EAGAIN]

    def lacking(self: socket.socket) -> Any:
        if lacks:
            raise OSError(lacks.pop(), "not now")
        return accept(self)

    async def main() -> None:
        monkeypatch.setattr(socket.socket, "accept", lacking)
        async with served() as server, client(server) as http:
            assert (await http.get("/")).status_code == 200

    run(main)
    assert lacks == []


def test_a_server_opens_again_on_its_port(run: Run) -> None:
    async def main() -> None:
        server = Server(echo)
        ports = set()
        for _ in range(3):
            async with server, client(server) as http:
                ports.add(server.port)
                assert (await http.get("/")).status_code == 200
        assert len(ports) == 1

    run(main)


def test_a_port_that_is_taken(run: Run) -> None:
    async def main() -> None:
        async with served() as server:
            taken = f"cannot listen on 127.0.0.1:{server.port}: the port is taken"
            with pytest.raises(CannotListen, match=taken) as caught:
                async with Server(echo, port=server.port):
                    pass
            assert caught.value.errno == errno.EADDRINUSE

    run(main)


def test_an_address_that_is_not_ours(run: Run) -> None:
    async def main() -> None:
        with pytest.raises(OSError, match=r"cannot listen on 192\.0\.2\.1:0: "):
            async with Server(echo, host="192.0.2.1"):
                pass

    run(main)


def test_idle_clients_do_not_hold_a_server_up(run: Run) -> None:
    async def main() -> None:
        async with served(grace=HOUR) as server:
            quiet = Raw(await anyio.connect_tcp("127.0.0.1", server.port))
            kept = Raw(await anyio.connect_tcp("127.0.0.1", server.port))
            half = Raw(await anyio.connect_tcp("127.0.0.1", server.port))
            await kept.send(GET)
            assert (await kept.answer()).status == 200
            await half.send(GET[:20])
            await connected(server, 3)
        for raw in (quiet, kept, half):
            await raw.stream.aclose()

    run(main)


async def refusing(server: Server) -> None:
    """Wait until it takes no more connections."""
    while True:
        try:
            await (await anyio.connect_tcp("127.0.0.1", server.port)).aclose()
        except OSError:
            return


@asynccontextmanager
async def closing(respond: http.Respond, grace: float) -> AsyncIterator[tuple[Server, anyio.Event]]:
    """A server in a task of its own, which closes when the event is set."""
    close = anyio.Event()

    async def task(*, task_status: TaskStatus[Server]) -> None:
        async with served(respond, grace=grace) as server:
            task_status.started(server)
            await close.wait()

    async with anyio.create_task_group() as tasks:
        yield await tasks.start(task), close


def test_an_answer_that_is_under_way_is_finished(run: Run) -> None:
    async def main() -> None:
        is_asked, may_answer = anyio.Event(), anyio.Event()

        async def respond(request: Request) -> Reply:
            is_asked.set()
            await may_answer.wait()
            return text_reply("done")

        async with closing(respond, HOUR) as (server, close), dialled(server) as raw:
            await raw.send(GET + GET)
            await is_asked.wait()
            close.set()
            await refusing(server)
            may_answer.set()
            answer = await raw.answer()
            assert (answer.body, answer.headers["connection"]) == (b"done", "close")

    run(main)


def test_an_answer_that_takes_too_long_is_cancelled(run: Run) -> None:
    ends: list[str] = []

    async def main() -> None:
        is_asked = anyio.Event()

        async def respond(request: Request) -> Reply:
            is_asked.set()
            try:
                await anyio.sleep(HOUR)
            finally:
                ends.append("cancelled")
            return Reply()

        async with closing(respond, 0.05) as (server, close), dialled(server) as raw:
            await raw.send(GET)
            await is_asked.wait()
            close.set()
            assert await raw.rest() == b""

    run(main)
    assert ends == ["cancelled"]


def test_an_error_inside_comes_out_as_it_is(run: Run) -> None:
    async def main() -> None:
        with pytest.raises(LookupError, match="mine"):
            async with served():
                raise LookupError("mine")

    run(main)


def test_a_server_closes_when_it_is_cancelled(run: Run) -> None:
    async def main() -> None:
        server = Server(echo)
        with anyio.CancelScope() as scope:
            async with server, dialled(server):
                scope.cancel()
                await anyio.sleep_forever()
        assert scope.cancelled_caught
        assert server.connections == 0
        async with served(port=server.port):
            pass

    run(main)


def test_servers_close_while_clients_arrive(run: Run) -> None:
    async def knock(port: int) -> None:
        for _ in range(20):
            try:
                async with await anyio.connect_tcp("127.0.0.1", port) as stream:
                    await stream.send(GET)
            except (OSError, anyio.BrokenResourceError):
                return

    async def main() -> None:
        async with anyio.create_task_group() as clients:
            for _ in range(10):
                async with served() as server:
                    clients.start_soon(knock, server.port)
                    while not server.connections:
                        await anyio.sleep(0)

    run(main)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1, and its key in the same file."""
    program = which("openssl")
    if program is None:
        pytest.skip("there is no openssl program to make a certificate with")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = f"{program} req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=mock".split()
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path)]
    made = subprocess.run(command, check=True, capture_output=True, timeout=60)
    path.write_bytes(path.read_bytes() + made.stdout)
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trust(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def test_https(run: Run, tls: ssl.SSLContext, trust: ssl.SSLContext) -> None:
    async def main() -> None:
        async with served(tls=tls, grace=HOUR) as server, client(server, verify=trust) as http:
            for index in range(3):
                answer = await http.post(f"/{index}", content="x" * 100_000)
                assert answer.json() == ["POST", f"/{index}", "x" * 100_000]
            assert server.connections == 1

    run(main)


def test_https_with_a_client_that_does_not_trust(run: Run, tls: ssl.SSLContext) -> None:
    async def main() -> None:
        async with served(tls=tls) as server:
            async with client(server, verify=ssl.create_default_context()) as http:
                with pytest.raises(httpx2.ConnectError):
                    await http.get("/")
            await connected(server, 0)

    run(main)


def test_https_with_an_answer_that_is_cut(
    run: Run, tls: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    async def main() -> None:
        reply = Reply(200, b"0123456789", ending=Ending.CUT)
        async with served(always(reply), tls=tls) as server, client(server, verify=trust) as http:
            with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
                await http.get("/")

    run(main)


def test_https_with_a_client_that_sends_too_much(
    run: Run, monkeypatch: pytest.MonkeyPatch, tls: ssl.SSLContext, trust: ssl.SSLContext
) -> None:
    monkeypatch.setattr(http, "MAX_BODY", 1000)

    async def main() -> None:
        async with served(tls=tls) as server, client(server, verify=trust) as http:
            assert (await http.post("/", content=bytes(1_000_000))).status_code == 413

    run(main)


@pytest.mark.parametrize("data", [b"", GET, b"\x16\x03\x01"])
def test_https_with_clients_that_speak_something_else(
    run: Run, tls: ssl.SSLContext, data: bytes
) -> None:
    async def main() -> None:
        async with served(tls=tls, grace=HOUR) as server:
            async with dialled(server) as raw:
                await connected(server, 1)
                if data:
                    await raw.send(data)
            await connected(server, 0)

    run(main)


def test_a_handshake_does_not_hold_a_server_up(run: Run, tls: ssl.SSLContext) -> None:
    async def main() -> None:
        async with served(tls=tls, grace=HOUR) as server:
            raw = Raw(await anyio.connect_tcp("127.0.0.1", server.port))
            await connected(server, 1)
        await raw.stream.aclose()

    run(main)
