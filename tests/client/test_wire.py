"""What goes over the socket, and what happens when the other side misbehaves."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import pytest
from bezant_api import NEVER, AsyncClient, Client, errors

from tests.client.drive import Loopback, loopback

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as state:
        state.will_answer(200, "application/json", b"{}")
        yield state


@contextmanager
def talking(play: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that reads one request and then does as it likes with the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.settimeout(5)
                connection.recv(65536)
                play(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            thread.join()


def outcomes(url: str, **options: Any) -> list[BaseException | Any]:
    """What one call comes to, in the client of one's choice."""
    with Client(url, retry=NEVER, **options) as client:
        try:
            return [client.portfolio.ledger("U1")]
        except errors.BezantError as error:
            return [error]


def test_options_of_one_call_reach_the_wire(server: Loopback) -> None:
    with Client(server.url, headers={"X-All": "1", "X-Own": "1"}) as client:
        client.portfolio.ledger(
            "U1", headers={"x-own": "2"}, extra_query={"new": [1, True], "z": "ü &"}
        )
        client.portfolio.ledger("U1")
    first, second = server.arrived
    assert first.target == "/v1/api/portfolio/U1/ledger?new=1&new=true&z=%C3%BC%20%26"
    assert (first.headers["x-all"], first.headers["x-own"]) == ("1", "2")
    assert second.target == "/v1/api/portfolio/U1/ledger"
    assert second.headers["x-own"] == "1"


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_empty_post_says_that_it_is_empty(server: Loopback, backend: str) -> None:
    async def main() -> None:
        async with AsyncClient(server.url) as client:
            await client.session.tickle()

    anyio.run(main, backend=backend)
    assert server.arrived[0].headers["content-length"] == "0"
    assert "transfer-encoding" not in server.arrived[0].headers


@pytest.mark.parametrize("segment", [".", ".."])
def test_a_path_argument_cannot_be_a_dot_segment(server: Loopback, segment: str) -> None:
    with Client(server.url) as client, pytest.raises(errors.ArgumentError, match="must not be"):
        client.portfolio.ledger(segment)
    assert server.arrived == []


@pytest.mark.parametrize(
    "segment", ["...", ".a", "%2e%2e", "a/../b", "a;b", "a?b", "ü", "\r\n", " "]
)
def test_any_other_path_argument_is_one_segment(server: Loopback, segment: str) -> None:
    from urllib.parse import unquote

    with Client(server.url) as client:
        client.portfolio.ledger(segment)
    *_, portfolio, given, ledger = server.arrived[0].target.split("/")
    assert (portfolio, unquote(given), ledger) == ("portfolio", segment, "ledger")


@pytest.mark.parametrize(
    "headers", [{"X-A": "1\r\nX-Evil: 1"}, {"X-A\r\nX-Evil": "1"}, {"X": "\0"}]
)
def test_a_header_of_a_call_cannot_be_split(server: Loopback, headers: dict[str, str]) -> None:
    with Client(server.url) as client, pytest.raises(errors.ArgumentError, match="line break"):
        client.portfolio.ledger("U1", headers=headers)
    assert server.arrived == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {"a": 1}, b"x"])
def test_a_query_value_must_have_a_form_on_the_wire(server: Loopback, value: Any) -> None:
    with (
        Client(server.url) as client,
        pytest.raises(errors.ArgumentError, match="cannot be written"),
    ):
        client.portfolio.ledger("U1", extra_query={"x": value})
    assert server.arrived == []


@pytest.mark.parametrize(
    ("value", "text"), [(1e-7, "0.0000001"), (1e21, "1" + "0" * 21), (0.1, "0.1")]
)
def test_a_query_number_has_no_exponent(server: Loopback, value: float, text: str) -> None:
    with Client(server.url) as client:
        client.portfolio.ledger("U1", extra_query={"x": value})
    assert server.arrived[0].target.endswith(f"?x={text}")


def test_a_compressed_body_is_read(server: Loopback) -> None:
    body = gzip.compress(b'{"USD": {"cashbalance": 1.5}}')
    server.will_answer(200, "application/json", body, Content_Encoding="gzip")
    with Client(server.url) as client:
        assert client.portfolio.ledger("U1")["USD"].cashbalance == 1.5


def test_a_body_that_is_not_compressed_as_it_says_is_a_transport_error(server: Loopback) -> None:
    server.will_answer(200, "application/json", b"{}", Content_Encoding="gzip")
    (error,) = outcomes(server.url)
    assert type(error) is errors.TransportError


def test_a_server_that_talks_something_else_is_a_transport_error() -> None:
    with talking(lambda peer: peer.sendall(b"220 mail.example ESMTP\r\n")) as url:
        (error,) = outcomes(url)
    assert type(error) is errors.TransportError


@pytest.mark.parametrize("says_length", [True, False])
def test_an_oversized_body_is_not_read_to_its_end(says_length: bool) -> None:
    def pour(peer: socket.socket) -> None:
        length = b"Content-Length: 1000000\r\n" if says_length else b"Connection: close\r\n"
        try:
            peer.sendall(HEAD + length + b"\r\n" + b" " * 1_000_000)
        except OSError:
            return  # the client hung up, as it should

    with talking(pour) as url:
        (error,) = outcomes(url, max_response_bytes=1000)
    assert type(error) is errors.ResponseTooLarge
    assert "more than 1000 bytes" in str(error)


def test_a_body_that_trickles_in_ends_with_the_timeout() -> None:
    def trickle(peer: socket.socket) -> None:
        peer.sendall(HEAD + b"Content-Length: 100\r\n\r\n")
        try:
            for _ in range(100):
                peer.sendall(b" ")
                time.sleep(0.02)
        except OSError:
            return  # the client hung up, as it should

    with talking(trickle) as url:
        (error,) = outcomes(url, timeout=0.1)
    assert type(error) is errors.RequestTimeout


def test_cookies_of_the_server_come_back_to_it(server: Loopback) -> None:
    server.will_answer(200, "application/json", b"{}", Set_Cookie="api=7; Path=/; Secure")
    with Client(server.url) as client:
        client.session.tickle()
        client.session.tickle()
    assert "cookie" not in server.arrived[0].headers
    assert server.arrived[1].headers["cookie"] == "api=7"


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1:1", "127.0.0.1:5000", "", "http://[bad", "localhost"]
)
def test_a_base_url_that_is_none_says_so(url: str) -> None:
    with pytest.raises(errors.ArgumentError, match="base_url"):
        Client(url)
