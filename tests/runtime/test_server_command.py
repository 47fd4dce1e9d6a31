"""`bezant serve` as a program."""

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from bezant.mock import Fault, MockGateway
from bezant.server.listening import listen
from bezant.server.settings import VARIABLES, Bind
from tests.runtime.running_command import ENVIRONMENT, SECONDS
from tests.runtime.sidecars import (
    ACCOUNTS,
    KEY,
    LEDGER,
    LEDGER_ID,
    Program,
    bearer,
    refused,
    running,
    without_settings,
)
from tests.sidecar.serving import http, wait_until


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@contextmanager
def under_way(
    gateway: MockGateway, program: Program, delay: float
) -> Iterator[list[httpx2.Response]]:
    """A request that has reached the gateway; its answer is there at the end."""
    answers: list[httpx2.Response] = []
    with http(program.url) as client:
        assert client.get(ACCOUNTS).status_code == 200
        gateway.faults.add(Fault(operation=LEDGER_ID, delay=delay))
        thread = threading.Thread(target=lambda: answers.append(client.get(LEDGER)))
        thread.start()
        wait_until(lambda: gateway.arrived.of(LEDGER_ID))
        yield answers
        thread.join(SECONDS)
        assert not thread.is_alive()


@pytest.mark.parametrize(("ending", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_request_under_way_is_answered(log: Path, ending: signal.Signals, code: int) -> None:
    with MockGateway() as gateway, running(log, "--gateway", gateway.url) as program:
        with under_way(gateway, program, delay=1.0) as answers:
            assert program.end(ending) == code
        assert [answer.status_code for answer in answers] == [200]
        [listening], [draining] = program.said("listening"), program.said("draining")
        assert (listening["gateway"], draining["requests"]) == (gateway.url, 1)
        assert program.rows()[-1]["event"] == "ended"


def test_a_request_that_takes_too_long_is_told_so(log: Path) -> None:
    with (
        MockGateway() as gateway,
        running(log, "--gateway", gateway.url, BEZANT_DRAIN_SECS="1") as program,
    ):
        with under_way(gateway, program, delay=3600.0) as answers:
            assert program.end(signal.SIGTERM) == 0
        [answer] = answers
        assert (answer.status_code, answer.json()["code"]) == (503, "draining")
        assert program.said("request")[-1]["status"] == 503


def test_a_second_ctrl_c_ends_it_at_once(log: Path) -> None:
    with (
        MockGateway() as gateway,
        running(log, "--gateway", gateway.url, BEZANT_DRAIN_SECS="3600") as program,
        under_way(gateway, program, delay=3600.0),
    ):
        program.process.send_signal(signal.SIGINT)
        wait_until(lambda: program.said("draining"))
        assert program.end(signal.SIGINT) == 130


def test_the_environment_and_its_secrets(log: Path) -> None:
    with MockGateway() as gateway:
        variables = {"IBKR_GATEWAY_URL": f"{gateway.url}/v1/api", "BEZANT_API_KEY": KEY}
        with running(log, **variables, BEZANT_LOG_LEVEL="debug") as program:
            with http(program.url) as client:
                assert client.get(ACCOUNTS).status_code == 401
                assert client.get(f"{ACCOUNTS}?a=hush", headers=bearer(KEY)).status_code == 200
                assert client.get("/readyz").status_code == 200
            assert program.end(signal.SIGTERM) == 0
            assert [row["status"] for row in program.said("request")] == [401, 200, 200]
    text = log.read_text()
    assert KEY not in text
    assert "hush" not in text


def test_an_answer_has_one_date(log: Path) -> None:
    with MockGateway() as gateway, running(log, "--gateway", gateway.url) as program:
        with http(program.url) as client:
            answer = client.get(ACCOUNTS)
        assert len(answer.headers.get_list("date")) <= 1
        assert "uvicorn" not in answer.headers.get("server", "")


def test_an_address_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = refused("--bind", address)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert f"cannot listen on {address}: the port is taken" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("bind", ["192.0.2.1:0", "no..host:0"])
def test_an_address_that_there_is_not(bind: str) -> None:
    ended = refused("--bind", bind, BEZANT_API_KEY=KEY)
    assert ended.returncode == 3
    assert f"cannot listen on {bind}: " in ended.stderr
    assert "Traceback" not in ended.stderr


def test_settings_that_cannot_be_used() -> None:
    ended = refused("--bind", "nowhere", BEZANT_VERIFY_TLS="maybe", BEZANT_API_KEY="hush")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "--bind 'nowhere'" in ended.stderr
    assert "BEZANT_VERIFY_TLS 'maybe'" in ended.stderr
    assert "BEZANT_API_KEY: " in ended.stderr
    assert "hush" not in ended.stderr


def test_other_machines_need_a_key() -> None:
    ended = refused("--bind", "0.0.0.0:0")
    assert ended.returncode == 2
    assert "0.0.0.0:0 can be reached from other machines: set BEZANT_API_KEY" in ended.stderr


def test_help_says_all() -> None:
    text = refused("--help").stdout
    assert [one.name for one in VARIABLES.values() if one.name not in text] == []
    for said in ("--verify-tls / --no-verify-tls", "Exit codes: 0", "127.0.0.1:8080"):
        assert said in text


def test_commands_are_found_without_what_they_need() -> None:
    code = (
        "import sys; from bezant.cli import commands; assert 'serve' in commands().commands; "
        "sys.exit(any(name in sys.modules for name in ('fastapi', 'uvicorn', 'bezant_api')))"
    )
    ended = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, check=False)
    assert ended.returncode == 0


@pytest.mark.parametrize("name", ["fastapi", "fastapi_offline", "uvicorn"])
def test_an_extra_that_is_missing(name: str) -> None:
    code = (
        f"import sys; sys.modules['{name}'] = None; from bezant.cli import main; "
        "main(['serve', '--bind', '127.0.0.1:0'])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=without_settings(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert ended.returncode == 3
    assert ended.stderr.splitlines()[-1].startswith(f"Error: {name} is not installed; run: pip ")


def test_its_socket_says_that_it_is_tcp() -> None:
    """Else asyncio leaves Nagle's algorithm on, and each answer in two pieces takes 40 ms longer."""
    with listen(Bind("127.0.0.1", 0)) as listener:
        assert listener.proto == socket.IPPROTO_TCP
