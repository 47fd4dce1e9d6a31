"""Mock gateways for programs of other languages: each gets its own when it asks, and gives it back when it is done.

What is wanted of one while it runs is asked of itself, under `/mock/`.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from bezant.mock import MockGateway

START: Final = 1_795_618_800.0
"""A Wednesday in November, 15:00 UTC: markets are open."""


@dataclass
class Gateways:
    """Those that run, by their addresses. Nothing comes of them by itself: their clocks stand still."""

    address: str = ""
    served: int = 0
    """How many there were."""
    _running: dict[str, tuple[MockGateway, ExitStack]] = field(default_factory=dict)

    def begin(self, scenarios: list[str]) -> dict[str, Any]:
        gateway = MockGateway(seed=7, start=START, stands_still=True, scenarios=scenarios)
        gateway.topics.heartbeat = gateway.topics.interval = None
        stack = ExitStack()
        stack.enter_context(gateway)
        self._running[gateway.url] = gateway, stack
        self.served += 1
        return {"url": gateway.url, "session": gateway.session.token}

    def end(self, url: str) -> dict[str, Any]:
        """Give one back; what is told is what was wrong with it itself."""
        gateway, stack = self._running.pop(url)
        stack.close()
        return {"errors": [repr(error) for error in gateway.errors]}

    def end_all(self) -> None:
        """Give those back that a program left behind when it failed."""
        for url in list(self._running):
            self.end(url)


@contextmanager
def gateways() -> Iterator[Gateways]:
    """Make gateways for whoever asks at an address: POST the names of scenarios, or DELETE an address."""
    made = Gateways()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self, value: Any) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _given(self) -> Any:
            return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

        def do_POST(self) -> None:
            self._answer(made.begin(self._given()))

        def do_DELETE(self) -> None:
            self._answer(made.end(self._given()))

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        made.end_all()
