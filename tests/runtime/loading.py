"""A load of mixed requests and streams on a mock gateway, from threads; they end with it, or when told to."""

import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any

import httpx2
from bezant_api import NEVER, BezantError, Client, TransportError
from httpx2.websockets import (
    WebSocketClient,
    WebSocketDisconnect,
    WebSocketNetworkError,
    WebSocketSession,
    WebSocketUpgradeError,
)

from bezant.mock.world import PAPER
from tests.runtime.visiting import AAPL

ENDS = (
    WebSocketDisconnect,
    WebSocketNetworkError,
    WebSocketUpgradeError,
    httpx2.TransportError,
    TimeoutError,
    RuntimeError,  # a frame came after the end
)
"""How a stream may end for its client."""
TOPICS = (f'smd+{AAPL}+{{"fields":["31","84"]}}', "sor+{}", "spl+{}", "str+{}")
TICKET = {"conid": AAPL, "side": "BUY", "orderType": "MKT", "tif": "DAY", "quantity": 1}


class Load:
    """Clients that call until they are told to stop, or the gateway is gone."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.stopped = threading.Event()
        self.calls = 0
        self.bugs: list[BaseException] = []
        works = (self.read, self.read, self.order, self.wait, self.stream, self.stream, self.stare)
        self._threads = [threading.Thread(target=self._guarded, args=(work,)) for work in works]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self.stopped.set()
        for thread in self._threads:
            thread.join(20)
            assert not thread.is_alive()
        assert self.bugs == []

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # told by `end`
            self.bugs.append(error)

    def _calling(self, act: Callable[[Client], object]) -> None:
        with Client(self.url, retry=NEVER, timeout=5.0) as client:
            client.accounts.brokerage()
            client.portfolio.accounts()
            while not self.stopped.is_set():
                act(client)
                self.calls += 1

    def read(self) -> None:
        with suppress(BezantError):
            self._calling(lambda client: client.market_data.snapshot(conids=[AAPL]))

    def order(self) -> None:
        with suppress(BezantError):
            self._calling(lambda client: client.orders.submit(PAPER, orders=[TICKET]))

    def wait(self) -> None:
        with suppress(TransportError):
            self._calling(lambda client: client.portfolio.ledger(PAPER))

    def stream(self) -> None:
        with suppress(*ENDS), self._connected() as session:
            while not self.stopped.is_set():
                session.receive(timeout=5)
                self.calls += 1

    def stare(self) -> None:
        """Subscribe, and read nothing."""
        with suppress(*ENDS), self._connected():
            self.stopped.wait(20)

    def _connected(self) -> Any:
        return _Connected(self.url)


class _Connected:
    """A WebSocket with its client, and everything subscribed."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._stack = ExitStack()

    def __enter__(self) -> WebSocketSession:
        with ExitStack() as stack:
            http = stack.enter_context(httpx2.Client(trust_env=False))
            token = http.post(f"{self._url}/v1/api/tickle").json()["session"]
            url = self._url.replace("http", "ws") + "/v1/api/ws"
            cookie = {"Cookie": f"api={token}"}
            session = stack.enter_context(WebSocketClient(http).connect(url, headers=cookie))
            for _ in range(3):
                session.receive(timeout=5)
            for topic in TOPICS:
                session.send_text(topic)
            self._stack = stack.pop_all()
        return session

    def __exit__(self, *_: object) -> None:
        with suppress(*ENDS):
            self._stack.close()
