"""The sidecar with a mock gateway behind it: its app on a socket, and its command as a program."""

import json
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from bezant.mock import Fault, MockGateway
from bezant.mock.world import PAPER
from bezant.server.app import create_server_app
from bezant.server.settings import Settings
from tests.runtime.running_command import COMMAND, ENVIRONMENT, SECONDS
from tests.sidecar.serving import http, served, wait_until

HOUR = 3600.0
KEY = "0123456789abcdef"
ACCOUNTS = "/v1/api/portfolio/accounts"
LEDGER = f"/v1/api/portfolio/{PAPER}/ledger"
ORDERS = f"/v1/api/iserver/account/{PAPER}/orders"
LEDGER_ID = "get_portfolio_ledger"
STATUS_ID = "post_iserver_auth_status"


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@dataclass
class Sidecar:
    """An app that is served, the gateway behind it and a client of it."""

    app: FastAPI
    gateway: MockGateway
    client: httpx2.Client

    def arrived(self, operation: str) -> int:
        return len(self.gateway.arrived.of(operation))


@contextmanager
def serving(*scenarios: str, **settings: Any) -> Iterator[Sidecar]:
    with MockGateway(scenarios=scenarios) as gateway:
        app = create_server_app(Settings(gateway=gateway.url, **settings))
        with served(app) as url, http(url) as client:
            client.get(ACCOUNTS, headers=bearer(KEY))
            gateway.arrived.clear()
            yield Sidecar(app, gateway, client)
    assert gateway.errors == []


@contextmanager
def hanging(sidecar: Sidecar, count: int) -> Iterator[None]:
    """Clients that wait for an answer of the gateway, until they hang up."""
    sidecar.gateway.faults.add(Fault(operation=LEDGER_ID, delay=HOUR))
    with http(str(sidecar.client.base_url)) as client, ThreadPoolExecutor(count) as pool:
        futures = [pool.submit(client.get, LEDGER, timeout=1.0) for _ in range(count)]
        wait_until(lambda: sidecar.arrived(LEDGER_ID) == count)
        yield
        for future in futures:
            with pytest.raises(httpx2.ReadTimeout):
                future.result()


@dataclass
class Program:
    """The command, and the file that its stderr goes to."""

    process: subprocess.Popen[bytes]
    log: Path

    def rows(self) -> list[dict[str, Any]]:
        """What it has written, which has to be JSON in each line."""
        whole, _, _ = self.log.read_text("utf-8").rpartition("\n")
        return [json.loads(line) for line in whole.splitlines()]

    def said(self, event: str) -> list[dict[str, Any]]:
        return [row for row in self.rows() if row["event"] == event]

    @property
    def url(self) -> str:
        return str(self.said("listening")[0]["url"])

    def end(self, ending: signal.Signals) -> int:
        self.process.send_signal(ending)
        return self.process.wait(SECONDS)


@contextmanager
def running(log: Path, *arguments: str, **variables: str) -> Iterator[Program]:
    """The command, once it listens on a free port."""
    command = [*COMMAND, "serve", "--bind", "127.0.0.1:0", *arguments]
    environment = {**without_settings(), **variables}
    with log.open("wb") as file, subprocess.Popen(command, env=environment, stderr=file) as process:
        program = Program(process, log)
        try:
            wait_until(lambda: process.poll() is not None or program.said("listening"))
            yield program
        finally:
            process.kill()


def without_settings() -> dict[str, str]:
    """The environment, without what the caller's own sidecar is told."""
    return {name: value for name, value in ENVIRONMENT.items() if not _is_setting(name)}


def _is_setting(name: str) -> bool:
    return name.startswith("BEZANT_") or name == "IBKR_GATEWAY_URL"


def refused(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command where it does not start."""
    return subprocess.run(
        [*COMMAND, "serve", *arguments],
        env={**without_settings(), **variables},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
