"""An app on a socket, served by uvicorn in a thread of its own."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import uvicorn

SECONDS = 20.0


@contextmanager
def served(app: Any, **settings: Any) -> Iterator[str]:
    """Serve an app on a free port; gives its address."""
    config = uvicorn.Config(
        app, port=0, log_config=None, access_log=False, timeout_graceful_shutdown=2, **settings
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(SECONDS)
        assert not thread.is_alive()


def wait_until(is_so: Any) -> None:
    """Wait for something that is about to happen."""
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def http(url: str) -> httpx2.Client:
    """A client that adds nothing of its own."""
    return httpx2.Client(base_url=url, trust_env=False, timeout=SECONDS)
