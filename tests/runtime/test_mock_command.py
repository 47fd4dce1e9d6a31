"""`bezant mock` as a program, and the fixture as pytest loads it."""

import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest
from bezant_api import Client

from bezant.mock import MockGateway
from bezant.mock.tls import SelfSigned
from tests.runtime.loading import Load
from tests.runtime.running_command import ENVIRONMENT, ROOT, SECONDS, run, running

TESTS = """
def test_one(mock_gateway):
    mock_gateway.clock.advance(60)

def test_two(mock_gateway):
    assert mock_gateway.clock.now() == mock_gateway.clock.now() == mock_gateway.clock.start
    assert mock_gateway.url.startswith("http://127.0.0.1:")

def test_three(mock_gateway):
    mock_gateway._server.errors.append(ValueError("a bug"))
"""


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_ended(ending: signal.Signals) -> None:
    with running("--seed", "3") as (process, url, _), Client(url) as client:
        with MockGateway(seed=3) as same, Client(same.url) as other:
            accounts = [row.to_dict() for row in client.portfolio.accounts()]
            assert accounts == [row.to_dict() for row in other.portfolio.accounts()]
        process.send_signal(ending)
        assert process.wait(SECONDS) == 130


def test_it_ends_under_load() -> None:
    with running("--no-preflights") as (process, url, _):
        load = Load(url.removesuffix("/v1/api"))
        deadline = time.monotonic() + SECONDS
        while load.calls < 20:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 130
        assert process.stderr is not None
        assert process.stderr.read().strip() == ""
    load.end()


def test_the_client_is_missing() -> None:
    paths = {**ENVIRONMENT, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "bezant", "mock"]
    ended = subprocess.run(command, env=paths, capture_output=True, text=True, check=False)
    assert ended.returncode == 3
    assert ended.stderr.startswith(
        "Error: bezant_api is not installed; run: pip install bezant-api"
    )
    assert ended.stderr.count("\n") == 1


def test_it_speaks_https() -> None:
    with running("--tls", "--no-preflights") as (_, url, _), Client(url) as client:
        assert url.startswith("https://")
        assert client.market_data.snapshot(conids=[265598], fields=["31"])


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = run("mock", "--port", port)
    assert (ended.returncode, ended.stdout) == (3, "")
    assert f"127.0.0.1:{port}: the port is taken" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [(), ("mock", "--port", "70000"), ("mock", "--host", "0.0.0.0"), ("nothing",)],
    ids=["nothing", "port", "host", "command"],
)
def test_usage(arguments: tuple[str, ...]) -> None:
    ended = run(*arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Usage: bezant" in ended.stderr


def test_help_says_all() -> None:
    text = run("mock", "--help").stdout
    flags = ("--tls", "--pacing", "--preflights", "--warm-ups")
    options = ("--port", "--seed", "--scenario", "--replay", "--oauth", "--latency", *flags)
    assert [name for name in options if name not in text] == []
    assert "Exit codes: 2 usage, 3" in text


def test_a_scenario_that_there_is_not() -> None:
    ended = run("mock", "--port", "0", "--scenario", "no-such-scenario")
    assert ended.returncode == 2
    assert "no-such-scenario" in ended.stderr


def test_scenarios_by_the_names_that_are_listed() -> None:
    listed = run("mock", "--list-scenarios")
    names = [line.split()[0] for line in listed.stdout.splitlines()]
    assert (listed.returncode, len(set(names))) == (0, len(names))
    with running("--scenario", names[0], "--scenario", names[-1]) as (process, _, _):
        assert process.poll() is None


def test_the_package_imports_no_click() -> None:
    code = "import sys, bezant.cli, bezant.mock; sys.exit('click' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, check=False).returncode == 0
    )


def test_an_extra_that_is_missing() -> None:
    code = "import sys; sys.modules['click'] = None; from bezant.cli import main; main(['mock'])"
    ended = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 3
    assert ended.stderr.splitlines()[-1].endswith("pip install 'bezant[cli,mock,server]'")


def test_a_certificate_that_strict_clients_take() -> None:
    own = SelfSigned()
    context = own.client()
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    with MockGateway(tls=own.server()) as gateway:
        for host in ("127.0.0.1", "localhost"):
            url = gateway.url.replace("127.0.0.1", host)
            assert httpx2.get(f"{url}/sso/Login", verify=context, trust_env=False).is_success
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(gateway.url, verify=SelfSigned().client(), trust_env=False)


def test_the_fixture(tmp_path: Path) -> None:
    Path(tmp_path, "test_mine.py").write_text(TESTS)
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "bezant.mock.fixture", "-W", "error", str(tmp_path)],
        env=ENVIRONMENT,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert "3 passed, 1 error" in ended.stdout
    assert "bugs of the mock gateway" in ended.stdout
