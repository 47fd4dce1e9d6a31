"""A headless Chromium, driven by its own protocol of debugging."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
from httpx2.websockets import WebSocketClient, WebSocketSession

from tests.typescript.browser import FLAGS

SECONDS = 60.0


class Page:
    """One page."""

    def __init__(self, session: WebSocketSession) -> None:
        self._session = session
        self._calls = 0

    def call(self, method: str, **parameters: Any) -> Any:
        """Carry out a command of the protocol; gives its result."""
        self._calls += 1
        command = {"id": self._calls, "method": method, "params": parameters}
        self._session.send_text(json.dumps(command))
        while (answer := self._session.receive_json(timeout=SECONDS)).get("id") != self._calls:
            continue
        assert "error" not in answer, answer
        return answer["result"]

    def open(self, url: str) -> None:
        self.call("Page.navigate", url=url)
        self.wait_for("document.readyState === 'complete'")

    def value(self, expression: str) -> Any:
        """The value of an expression on the page."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return found["result"].get("value")

    def wait_for(self, expression: str) -> None:
        deadline = time.monotonic() + SECONDS
        while self.value(expression) is not True:
            assert time.monotonic() < deadline, expression
            time.sleep(0.02)

    def click(self, selector: str) -> None:
        """Click where something is, as a hand does."""
        box = f"document.querySelector({selector!r}).getBoundingClientRect()"
        x, y = (
            self.value(f"{box}.{side} + {box}.{size} / 2")
            for side, size in (("x", "width"), ("y", "height"))
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)


@contextmanager
def chromium(program: str, profile: Path) -> Iterator[Page]:
    """The first page of a browser of its own."""
    flags = (*FLAGS, f"--user-data-dir={profile}", "--remote-debugging-port=0")
    with subprocess.Popen(
        [program, *flags, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            port = _port(profile / "DevToolsActivePort")
            with httpx2.Client(trust_env=False) as http:
                pages = http.get(f"http://127.0.0.1:{port}/json/list").json()
                url = next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")
                with WebSocketClient(http).connect(url) as session:
                    yield Page(session)
        finally:
            process.terminate()


def _port(file: Path) -> int:
    deadline = time.monotonic() + SECONDS
    while not file.exists() or not file.read_text().strip():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return int(file.read_text().split()[0])
