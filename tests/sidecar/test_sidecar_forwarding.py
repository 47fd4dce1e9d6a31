"""Pass-through: what a client sends arrives as it is, what the gateway says comes back as it is."""

import gzip
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx2
import pytest
from bezant_api import AsyncClient
from bezant_api.sidecar import PassThrough, create_app

from tests.sidecar.serving import http, served, wait_until
from tests.sidecar.upstream import Upstream, answering, listening, reading

ACCOUNTS = "/v1/api/portfolio/accounts"
ORDERS = "/v1/api/iserver/account/U1/orders"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]"
MIB = 1024 * 1024


@contextmanager
def passing(upstream: Upstream, timeout: float = 10.0) -> Iterator[httpx2.Client]:
    backend = PassThrough(AsyncClient(upstream.url), timeout=timeout)
    with served(create_app(backend)) as url, http(url) as client:
        yield client


def raw(client: httpx2.Client, request: bytes) -> socket.socket:
    """A connection to the sidecar that has sent some bytes."""
    url = client.base_url
    connection = socket.create_connection((url.host, url.port or 80), timeout=20)
    connection.sendall(request)
    return connection


# --- Requests ------------------------------------------------------------------------------------


def test_a_request_arrives_as_it_was_sent() -> None:
    with listening(answering(OK)) as upstream, passing(upstream) as client:
        target = b"/v1/api/iserver/account/U%2f1%20/orders?a=%7e&b=c+d&b=&%C3%BC"
        body = b'{ "orders" : [1.10, "\xff"] }'
        head = (
            b"POST " + target + b" HTTP/1.1\r\nHost: sidecar\r\nX-Own: One\r\nX-Own: two\r\n"
            b"Cookie: a=b\r\nContent-Type: application/json; charset=utf-8\r\n"
            b"Connection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\n"
            b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n"
        )
        with raw(client, head + body) as connection:
            answer = connection.makefile("rb").read()
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert answer.endswith(b"\r\n\r\n[]")
        [arrived] = upstream.requests
    lines, _, sent = arrived.partition(b"\r\n\r\n")
    first, *headers = lines.split(b"\r\n")
    assert first == b"POST " + target + b" HTTP/1.1"
    assert sent == body
    named = sorted(line.lower() for line in headers)
    assert named == sorted(
        [
            b"host: " + upstream.url.removeprefix("http://").encode(),
            *(b"x-own: one", b"x-own: two", b"cookie: a=b"),
            b"content-type: application/json; charset=utf-8",
            b"content-length: " + str(len(body)).encode(),
            next(line for line in named if line.startswith(b"user-agent: bezant-sidecar/")),
        ]
    )


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_an_empty_request_says_its_length_where_that_is_due(method: str) -> None:
    path = "/v1/api/tickle"
    with listening(answering(OK)) as upstream, passing(upstream) as client:
        with raw(client, f"{method} {path} HTTP/1.0\r\nHost: x\r\n\r\n".encode()) as connection:
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
        [arrived] = upstream.requests
    assert (b"content-length: 0" in arrived.lower()) is (method == "POST")


def test_a_body_in_chunks_is_passed_on_in_chunks() -> None:
    def script(upstream: Upstream, connection: socket.socket) -> None:
        data = b""
        while not data.endswith(b"\r\n0\r\n\r\n"):
            data += connection.recv(65_536)
        upstream.requests.append(data)
        connection.sendall(OK)

    with listening(script) as upstream, passing(upstream) as client:
        pieces = (piece for piece in (b'{"orders"', b":[]}"))
        assert client.post(ORDERS, content=pieces).status_code == 200
        [arrived] = upstream.requests
    assert b"transfer-encoding: chunked" in arrived.lower()
    assert b'{"orders"' in arrived
    assert b"content-length" not in arrived.lower()


# --- Answers -------------------------------------------------------------------------------------


def test_an_answer_comes_back_as_it_is() -> None:
    body = gzip.compress(b'{"a":1.10}')
    response = (
        b"HTTP/1.1 203 Whatever\r\nContent-Type: text/odd\r\nContent-Encoding: gzip\r\n"
        b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nConnection: keep-alive\r\nKeep-Alive: 5\r\n"
        b"X-Request-Id: theirs\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
    )
    mine = {"X-Request-Id": "mine"}
    with (
        listening(answering(response)) as upstream,
        passing(upstream) as client,
        client.stream("GET", ACCOUNTS, headers=mine) as answer,
    ):
        received = b"".join(answer.iter_raw())
    assert (answer.status_code, received) == (203, body)
    assert answer.headers["content-type"] == "text/odd"
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.headers["x-request-id"] == "mine"
    assert "keep-alive" not in answer.headers


@pytest.mark.parametrize(
    ("response", "status", "body"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: /sso/Login\r\nContent-Length: 0\r\n\r\n", 302, b""),
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", 401, b""),
        (b"HTTP/1.1 503 Oh\r\nContent-Length: 5\r\n\r\n<ht>\n", 503, b"<ht>\n"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n",
            200,
            b"[]",
        ),
    ],
)
def test_any_answer_comes_back(response: bytes, status: int, body: bytes) -> None:
    with listening(answering(response)) as upstream, passing(upstream) as client:
        answer = client.get(ACCOUNTS)
        assert (answer.status_code, answer.content) == (status, body)
        again = client.get(ACCOUNTS)
        assert again.status_code == status


def test_nobody_answers() -> None:
    with listening(answering(OK)) as upstream:
        url = upstream.url
    backend = PassThrough(AsyncClient(url))
    with served(create_app(backend)) as address, http(address) as client:
        answer = client.get(ACCOUNTS)
    assert answer.status_code == 502
    assert answer.json()["code"] == "upstream_unreachable"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_the_gateway_takes_too_long() -> None:
    def script(upstream: Upstream, connection: socket.socket) -> None:
        reading(upstream, connection)
        assert connection.recv(1) == b""
        upstream.gone.set()

    with listening(script) as upstream, passing(upstream, timeout=0.05) as client:
        answer = client.get(ACCOUNTS)
        assert upstream.gone.wait(20)
    assert answer.status_code == 504
    assert answer.json()["code"] == "upstream_timeout"


def test_an_answer_that_breaks_off_does_so_for_the_client() -> None:
    def script(upstream: Upstream, connection: socket.socket) -> None:
        reading(upstream, connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")

    with (
        listening(script) as upstream,
        passing(upstream) as client,
        pytest.raises(httpx2.RemoteProtocolError),
    ):
        client.get(ACCOUNTS)


# --- Clients that go, large bodies, many calls ---------------------------------------------------


def test_a_client_that_hangs_up_ends_the_call() -> None:
    arrived = threading.Event()

    def script(upstream: Upstream, connection: socket.socket) -> None:
        reading(upstream, connection)
        arrived.set()
        assert connection.recv(1) == b""
        upstream.gone.set()

    with listening(script) as upstream, passing(upstream) as client:
        connection = raw(client, f"GET {ACCOUNTS} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert arrived.wait(20)
        connection.close()
        assert upstream.gone.wait(20)


def test_a_client_that_hangs_up_in_the_middle_of_its_body_ends_the_call(
    caplog: pytest.LogCaptureFixture,
) -> None:
    arrived = threading.Event()

    def script(upstream: Upstream, connection: socket.socket) -> None:
        while connection.recv(65_536):
            arrived.set()
        upstream.gone.set()

    with listening(script) as upstream, passing(upstream) as client:
        head = f"POST {ORDERS} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf"
        connection = raw(client, head.encode())
        assert arrived.wait(20)
        connection.close()
        assert upstream.gone.wait(20)
    assert [record.levelname for record in caplog.records if record.levelno >= 30] == []


def test_a_client_that_hangs_up_in_the_middle_of_the_answer_ends_the_call() -> None:
    def script(upstream: Upstream, connection: socket.socket) -> None:
        reading(upstream, connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        try:
            while True:
                connection.sendall(b"x" * 65_536)
        except ConnectionError:
            upstream.gone.set()

    with listening(script) as upstream, passing(upstream) as client:
        connection = raw(client, f"GET {ACCOUNTS} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert connection.recv(15)
        connection.close()
        assert upstream.gone.wait(20)


def test_large_bodies_are_not_held_whole() -> None:
    size = 64 * MIB

    def script(upstream: Upstream, connection: socket.socket) -> None:
        left = size
        head = connection.recv(4096)
        left -= len(head.partition(b"\r\n\r\n")[2])
        while left:
            left -= len(connection.recv(min(left, 65_536)))
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
        for _ in range(size // MIB):
            connection.sendall(bytes(MIB))

    def pieces() -> Iterator[bytes]:
        for _ in range(size // MIB):
            yield bytes(MIB)

    with listening(script) as upstream, passing(upstream) as client:
        tracemalloc.start()
        try:
            headers = {"Content-Length": str(size)}
            with client.stream("POST", ORDERS, content=pieces(), headers=headers) as answer:
                received = sum(len(piece) for piece in answer.iter_raw(65_536))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert received == size
    assert peak < 16 * MIB


def test_many_slow_calls_all_have_their_answers() -> None:
    calls, release = 500, threading.Event()

    def script(upstream: Upstream, connection: socket.socket) -> None:
        while head := reading(upstream, connection):
            assert release.wait(20)
            number = head.split(b" ")[1].rpartition(b"=")[2]
            length = str(len(number)).encode()
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\n\r\n" + number
            )

    with listening(script) as upstream, passing(upstream) as client:

        def call(number: int) -> str:
            with raw(
                client,
                f"GET {ACCOUNTS}?n={number} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode(),
            ) as connection:
                return connection.makefile("rb").read().rpartition(b"\r\n")[2].decode()

        with ThreadPoolExecutor(calls) as pool:
            futures = [pool.submit(call, number) for number in range(calls)]
            wait_until(lambda: len(upstream.requests) == calls)
            release.set()
            assert [future.result(20) for future in futures] == [str(n) for n in range(calls)]
