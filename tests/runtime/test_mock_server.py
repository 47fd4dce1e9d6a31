"""The life of the mock gateway's server: upgrades, bugs, how it opens and closes, TLS."""

import errno
import socket
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from shutil import which
from typing import Any

import anyio
import httpx2
import pytest
from anyio.abc import ByteStream, TaskStatus

from bezant.mock import http
from bezant.mock.http import Ending, Reply, Request, json_reply, text_reply
from bezant.mock.server import CannotListen, Server
from tests.runtime.served import (
    GET,
    HOUR,
    WEBSOCKET,
    Raw,
    Run,
    always,
    client,
    connected,
    dialled,
    echo,
    served,
)


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
