"""The HTTP server of the mock gateway, over real sockets and under both event loops.

Every run is bounded, so that what never ends fails. Nothing is measured: where something has to happen
at once, the alternative takes an hour.
"""

import socket
import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import anyio
import httpx2
import pytest

from bezant.mock import http
from bezant.mock.http import Ending, Reply, Request, json_reply, redirect, text_reply
from tests.runtime.served import GET, HOUR, Run, always, client, connected, dialled, served


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
