"""What the sidecar writes down, and what it never does."""

import json
import logging
from typing import Any

import pytest

from bezant.mock import Fault
from bezant.server.logs import JsonLines, Text
from tests.runtime.sidecars import (
    ACCOUNTS,
    KEY,
    LEDGER,
    LEDGER_ID,
    ORDERS,
    bearer,
    hanging,
    serving,
)
from tests.sidecar.serving import wait_until


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


def lines(log: pytest.LogCaptureFixture) -> list[str]:
    """What goes to stderr: loggers of HTTP clients, also of the one that the tests use, are quiet there."""
    return [
        JsonLines().format(one) for one in log.records if one.name not in ("httpx2", "httpcore2")
    ]


def requests(log: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in lines(log)]
    return [row for row in rows if row["event"] == "request"]


def test_a_line_for_each_request(log: pytest.LogCaptureFixture) -> None:
    with serving() as sidecar:
        log.clear()
        got = sidecar.client.get(ACCOUNTS, headers={"X-Request-Id": "mine"})
        sidecar.client.get("/nothing%0aelse")
        sidecar.gateway.faults.add(Fault(operation=LEDGER_ID, status=503))
        sidecar.client.get(LEDGER)
        sidecar.client.get("/readyz")
        sidecar.client.get("/livez")
    first, *others = requests(log)
    assert set(first) == {
        *("time", "level", "event", "request_id", "method", "path", "status"),
        *("milliseconds", "bytes"),
    }
    assert (first["method"], first["path"], first["status"]) == ("GET", ACCOUNTS, 200)
    assert (first["request_id"], first["level"]) == ("mine", "info")
    assert first["bytes"] == len(got.content)
    assert first["milliseconds"] > 0
    assert [(row["path"], row["status"], row["level"]) for row in others] == [
        ("/nothing%0aelse", 404, "info"),
        (LEDGER, 503, "warning"),
    ]


def test_no_secret_is_written_down(log: pytest.LogCaptureFixture) -> None:
    hush = {"Cookie": "api=hush", "X-Hush": "hush", **bearer(KEY)}
    with serving(api_keys=(KEY,)) as sidecar:
        sidecar.client.post(f"{ORDERS}?token=hush", content=b'{"hush":1}', headers=hush)
        sidecar.client.get(ACCOUNTS, headers=bearer("hush" * 5))
        sidecar.gateway.faults.add(
            Fault(operation="post_iserver_auth_status", message="hush", status=500)
        )
        assert sidecar.client.get("/readyz").status_code == 503
    assert len(requests(log)) == 3
    assert not any("hush" in line or KEY in line for line in lines(log))


def fails(text: str) -> None:
    try:
        int(text)
    except ValueError as error:
        raise RuntimeError(text) from error


@pytest.mark.parametrize("formatter", [JsonLines(), Text()])
def test_an_error_is_its_class_and_its_place(formatter: logging.Formatter) -> None:
    try:
        fails("hush")
    except RuntimeError as error:
        record = logging.LogRecord(
            "bezant_api", logging.ERROR, "", 0, "failed", (), (RuntimeError, error, None)
        )
    line = formatter.format(record)
    assert "RuntimeError at " in line
    assert " <- ValueError at " in line
    assert "test_server_logs.py:" in line
    assert "hush" not in line
    assert "\n" not in line


def test_a_client_that_hung_up_got_no_status(log: pytest.LogCaptureFixture) -> None:
    with serving() as sidecar:
        log.clear()
        with hanging(sidecar, 1):
            assert requests(log) == []
        wait_until(lambda: requests(log))
        [row] = requests(log)
    assert (row["path"], row["status"], row["bytes"]) == (LEDGER, None, 0)


def test_text_is_for_people() -> None:
    record = logging.LogRecord("bezant.server", logging.INFO, "", 0, "request", (), None)
    record.fields = {"method": "GET", "path": ACCOUNTS}
    assert Text().format(record).endswith(f" info    request method=GET path={ACCOUNTS}")
