"""What steers the mock gateway's streams from outside, under `/mock/streams`, and its answers' headers."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx2
import pytest
from bezant_api import NEVER, Client, errors
from httpx2.websockets import (
    WebSocketClient,
    WebSocketDisconnect,
    WebSocketNetworkError,
    WebSocketSession,
)

from bezant.mock import MockGateway
from bezant.mock.scenarios.stream import BINARY

AAPL = 'smd+265598+{"fields":["31"]}'


@pytest.fixture
def gateway() -> Iterator[MockGateway]:
    running = MockGateway(seed=7, start=1_795_618_800.0, stands_still=True)
    running.topics.heartbeat = running.topics.interval = None
    with running:
        yield running
    assert running.errors == []


class Remote:
    """A program elsewhere: it steers the gateway by its endpoints and has WebSockets of it."""

    def __init__(self, gateway: MockGateway, stack: ExitStack) -> None:
        self._http = stack.enter_context(httpx2.Client(trust_env=False))
        self._stack = stack
        self._url = gateway.url

    def __call__(self, method: str, body: Any = None, status: int = 200) -> Any:
        content = b"" if body is None else json.dumps(body).encode()
        answer = self._http.request(method, f"{self._url}/mock/streams", content=content)
        assert answer.status_code == status, answer.text
        return answer.json()

    def until(self, holds: Callable[[Any], Any]) -> Any:
        """What is told of the streams, as soon as it is so."""
        limit = time.monotonic() + 10
        while not holds(told := self("GET")):
            assert time.monotonic() < limit, told
        return told

    def connect(self, frames: int) -> WebSocketSession:
        """A connection, after so many frames of its beginning."""
        token = self._http.post(f"{self._url}/v1/api/tickle").json()["session"]
        url = self._url.replace("http", "ws") + "/v1/api/ws"
        headers = {"Cookie": f"api={token}"}
        session = self._stack.enter_context(
            WebSocketClient(self._http).connect(url, headers=headers)
        )
        for _ in range(frames):
            session.receive_json(timeout=10)
        return session


@pytest.fixture
def remote(gateway: MockGateway) -> Iterator[Remote]:
    with ExitStack() as stack:
        yield Remote(gateway, stack)


def test_frames_are_sent_as_they_are_given(remote: Remote) -> None:
    session = remote.connect(3)
    remote("POST", {"frame": {"topic": "ntf", "args": {"text": "ü"}}})
    assert session.receive_json(timeout=10) == {"topic": "ntf", "args": {"text": "ü"}}
    remote("POST", {"frames": [{"n": 1}, {"n": 2}]})
    assert [session.receive_json(timeout=10) for _ in range(2)] == [{"n": 1}, {"n": 2}]
    for text in ("", '{"topic":"smd+26559'):
        remote("POST", {"text": text})
        assert session.receive_text(timeout=10) == text
    for data in (b"\x99\x00", b"", BINARY):
        remote("POST", {"binary": base64.b64encode(data).decode()})
        assert session.receive_bytes(timeout=10) == data


def test_a_heartbeat_has_the_time_of_the_gateway(gateway: MockGateway, remote: Remote) -> None:
    session = remote.connect(3)
    remote("POST", {"beat": True})
    beat = {"topic": "system", "hb": gateway.clock.milliseconds()}
    assert session.receive_json(timeout=10) == beat


def test_what_comes_before_the_greeting_is_told_as_lost(
    gateway: MockGateway, remote: Remote
) -> None:
    gateway.start("waiting-for-session")
    session = remote.connect(1)
    session.send_text(AAPL)
    remote("POST", {"frame": {"nobody": "hears this"}})
    assert remote.until(lambda told: told["lost"]) == {
        "connections": 1,
        "received": [AAPL],
        "lost": [AAPL],
    }
    remote("POST", {"greet": True})
    assert [session.receive_json(timeout=10)["topic"] for _ in range(3)] == ["system", "act", "sts"]
    session.send_text("ech+hb")
    assert session.receive_text(timeout=10) == "ech+hb"
    assert remote("GET") == {"connections": 1, "received": [AAPL, "ech+hb"], "lost": [AAPL]}
    assert remote("DELETE") == {"connections": 1, "received": [], "lost": []}


def test_connections_are_left_half_open(remote: Remote) -> None:
    session = remote.connect(3)
    remote("POST", {"freeze": True})
    remote("POST", {"beat": True})
    session.send_text("ech+hb")
    with pytest.raises(TimeoutError):
        session.receive_text(timeout=0.1)
    assert remote("GET") == {"connections": 1, "received": [], "lost": []}


def test_connections_end_with_a_code_or_without_a_word(remote: Remote) -> None:
    session = remote.connect(3)
    remote("POST", {"close": 1012})
    with pytest.raises(WebSocketDisconnect) as caught:
        session.receive_text(timeout=10)
    assert caught.value.code == 1012
    session = remote.connect(3)
    remote("POST", {"drop": True})
    with pytest.raises(WebSocketNetworkError):
        session.receive_text(timeout=10)
    remote.until(lambda told: not told["connections"])


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "give one of frame, frames, text, binary, beat, greet, freeze, close, drop"),
        ({"beat": True, "drop": True}, "there are 2"),
        ({"beat": False}, "beat"),
        ({"close": 7}, "close"),
        ({"binary": "?"}, "binary"),
        ({"frame": "text"}, "frame"),
        ({"sing": True}, "sing"),
    ],
)
def test_what_cannot_be_done_says_so(remote: Remote, body: Any, message: str) -> None:
    session = remote.connect(3)
    assert message in remote("POST", body, status=400)["error"]
    session.send_text("ech+hb")
    assert session.receive_text(timeout=10) == "ech+hb"


def _add_fault(gateway: MockGateway, fault: dict[str, Any]) -> httpx2.Response:
    return httpx2.post(f"{gateway.url}/mock/faults", json=fault, trust_env=False)


@pytest.mark.parametrize("more", [{}, {"body": {"error": "later"}}])
def test_faults_have_headers(gateway: MockGateway, more: dict[str, Any]) -> None:
    fault = {"status": 429, "message": "later", "headers": {"Retry-After": "7"}, **more}
    assert _add_fault(gateway, fault).status_code == 200
    refused = pytest.raises(errors.RateLimited, match="later")
    with Client(gateway.url, retry=NEVER) as client, refused as caught:
        client.portfolio.accounts()
    assert caught.value.response is not None
    assert caught.value.response.headers["retry-after"] == "7"


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"headers": {"A": "b"}}, "give a status or a body"),
        ({"status": 503, "headers": {"A": "b\r\nC: d"}}, "headers"),
        ({"status": 503, "headers": {"A: b": "c"}}, "headers"),
    ],
)
def test_headers_that_are_none_are_refused(
    gateway: MockGateway, fault: dict[str, Any], message: str
) -> None:
    answer = _add_fault(gateway, fault)
    assert (answer.status_code, message in answer.text) == (400, True)
    assert gateway.faults.active == []
