"""The app of `bezant serve` on a socket, with the mock gateway behind it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from bezant.mock import Fault, MockGateway
from bezant.mock.tls import SelfSigned
from bezant.server import health
from bezant.server.app import create_server_app
from bezant.server.settings import Settings
from tests.runtime.sidecars import (
    ACCOUNTS,
    HOUR,
    KEY,
    LEDGER,
    LEDGER_ID,
    ORDERS,
    STATUS_ID,
    bearer,
    hanging,
    serving,
)
from tests.sidecar.serving import http, served, wait_until


def refusal(answer: httpx2.Response) -> tuple[int, str]:
    """Status and code of an answer that has to be one of the sidecar's own."""
    body = answer.json()
    assert set(body) == {"code", "message", "request_id"}
    assert body["request_id"] == answer.headers["x-request-id"] != ""
    assert answer.headers["content-type"] == "application/json"
    return answer.status_code, body["code"]


# --- Health --------------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", ["duplicate-cookie", "old-gateway"])
def test_a_gateway_that_can_be_used(scenario: str) -> None:
    with serving(scenario) as sidecar:
        answers = [sidecar.client.get(path) for path in ("/health", "/readyz")]
        assert sidecar.client.get("/livez").json() == {"status": "live"}
    for answer in answers:
        flags = {"authenticated": True, "connected": True, "competing": False}
        new = {} if scenario == "old-gateway" else {"established": True}
        assert (answer.status_code, answer.json()) == (200, {"status": "ready", **flags, **new})


@pytest.mark.parametrize(
    ("scenario", "reason", "said"),
    [
        ("not-logged-in", "not_logged_in", "/sso/Login in a browser"),
        ("redirected-to-login", "not_logged_in", "/sso/Login in a browser"),
        ("brokerage-lost", "no_brokerage_session", "by POST /v1/api/iserver/auth/ssodh/init."),
        ("force-compete", "no_brokerage_session", "ssodh/init with compete true"),
        ("competitor-holds", "competing", "end that one, or take over"),
        ("not-established", "not_established", "ask again"),
        ("maintenance", "maintenance", "wait"),
        ("penalty-box", "rate_limited", "fifteen minutes"),
        ("dropped-before", "unreachable", "start the gateway"),
        ("access-denied", "failing", "PermissionDenied"),
        ("html-unavailable", "failing", "ServiceUnavailable"),
        ("plain-text", "failing", "no status"),
        ("empty-answers", "failing", "no status"),
    ],
)
def test_why_it_cannot_be_used(scenario: str, reason: str, said: str) -> None:
    with serving(scenario) as sidecar:
        answer = sidecar.client.get("/health")
        assert sidecar.client.get("/livez").status_code == 200
    body = answer.json()
    assert (answer.status_code, body["status"], body["reason"]) == (503, "not_ready", reason)
    assert said in body["message"]


def test_a_gateway_that_is_not_there() -> None:
    app = create_server_app(Settings(gateway="http://127.0.0.1:9"))
    with served(app) as url, http(url) as client:
        assert client.get("/readyz").json()["reason"] == "unreachable"
        assert refusal(client.get(ACCOUNTS)) == (502, "upstream_unreachable")


def test_a_gateway_that_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PROBE_SECONDS", 0.1)
    with serving() as sidecar:
        sidecar.gateway.faults.add(Fault(operation=STATUS_ID, delay=HOUR))
        assert sidecar.client.get("/readyz").json()["reason"] == "timeout"


def test_a_certificate_that_is_not_trusted(caplog: pytest.LogCaptureFixture) -> None:
    with MockGateway(tls=SelfSigned().server()) as gateway:
        app = create_server_app(Settings(gateway=gateway.url, verify_tls=True))
        with served(app) as url, http(url) as client:
            body = client.get("/readyz").json()
            assert client.get(ACCOUNTS).status_code == 502
        assert (body["reason"], "--no-verify-tls" in body["message"]) == ("untrusted", True)
        assert "not verified" not in caplog.text

        app = create_server_app(Settings(gateway=gateway.url))
        with served(app) as url, http(url) as client:
            assert client.get("/readyz").status_code == 200
            assert client.get(ACCOUNTS).status_code == 200
        assert caplog.text.count("not verified") == 1


def test_a_sidecar_that_ends_is_not_ready() -> None:
    with serving() as sidecar:
        sidecar.app.state.health.is_draining = True
        answers = [sidecar.client.get(path) for path in ("/health", "/readyz")]
        assert [(one.status_code, one.json()["reason"]) for one in answers] == [
            (503, "draining")
        ] * 2
        assert sidecar.client.get("/livez").status_code == 200
        assert sidecar.arrived(STATUS_ID) == 0


def test_the_gateway_is_asked_once_for_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "KEPT_SECONDS", HOUR)
    with serving() as sidecar, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(sidecar.client.get, ["/health"] * 8))
        assert {answer.status_code for answer in answers} == {200}
        assert sidecar.arrived(STATUS_ID) == 1


def test_what_was_the_case_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "KEPT_SECONDS", 0.0)
    with serving() as sidecar:
        assert sidecar.client.get("/readyz").status_code == 200
        sidecar.gateway.start("not-logged-in")
        assert sidecar.client.get("/readyz").status_code == 503


# --- Keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shown",
    [
        {},
        bearer(KEY[:-1]),
        bearer(f"{KEY}0"),
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": KEY},
        {"Cookie": f"Authorization=Bearer {KEY}"},
    ],
)
@pytest.mark.parametrize("path", [ACCOUNTS, f"/docs?key={KEY}", "/nothing", "/livez/", "//livez"])
def test_without_a_key(shown: dict[str, str], path: str) -> None:
    app = create_server_app(Settings(gateway="http://127.0.0.1:9", api_keys=(KEY,)))
    with served(app) as url, http(url) as client:
        answer = client.get(path, headers=shown)
        assert refusal(answer) == (401, "unauthorized")
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_key_goes_no_further() -> None:
    with serving(api_keys=("another0another0", KEY)) as sidecar:
        for scheme in ("Bearer", "bearer"):
            shown = {"Authorization": f"{scheme} {KEY}"}
            assert sidecar.client.get(ACCOUNTS, headers=shown).status_code == 200
        open_ones = [sidecar.client.get(path) for path in ("/livez", "/readyz", "/health")]
        arrived = [row.request.headers for row in sidecar.gateway.arrived]
    assert [answer.status_code for answer in open_ones] == [200] * 3
    assert len(arrived) == 3
    assert not any("authorization" in headers for headers in arrived)


def test_without_keys_the_gateway_gets_what_was_shown() -> None:
    with serving() as sidecar:
        sidecar.client.get(ACCOUNTS, headers=bearer(KEY))
        [arrived] = sidecar.gateway.arrived
    assert arrived.request.headers["authorization"] == f"Bearer {KEY}"


# --- Limits --------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_chunked", [False, True])
def test_bodies_that_are_too_large(is_chunked: bool) -> None:
    body = b"x" * 2000
    pieces = (body[start : start + 100] for start in range(0, len(body), 100))
    with serving(body_limit=1000) as sidecar:
        answer = sidecar.client.post(ORDERS, content=pieces if is_chunked else body)
        assert refusal(answer) == (413, "payload_too_large")
        fits = sidecar.client.post(ORDERS, content=b"x" * 1000)
        assert fits.status_code == 400
        [arrived] = sidecar.gateway.arrived.of("post_iserver_account_orders")
    assert len(arrived.request.body) == 1000


def test_too_many_requests() -> None:
    with serving(concurrency=2, queue=0) as sidecar:
        with hanging(sidecar, 2):
            answer = sidecar.client.get(ACCOUNTS)
            others = [sidecar.client.get(path).status_code for path in ("/livez", "/readyz")]
        # Those that have hung up have left their places.
        wait_until(lambda: sidecar.client.get(ACCOUNTS).status_code == 200)
    assert refusal(answer) == (503, "overloaded")
    assert answer.headers["retry-after"] == "1"
    assert others == [200, 200]


def test_a_request_that_waited_long_enough() -> None:
    with serving(concurrency=1, queue=1, queue_secs=0.1) as sidecar, hanging(sidecar, 1):
        assert refusal(sidecar.client.get(ACCOUNTS)) == (503, "overloaded")


def test_requests_wait_for_their_turn() -> None:
    with (
        serving(concurrency=1, queue=8, queue_secs=HOUR) as sidecar,
        ThreadPoolExecutor(8) as pool,
    ):
        answers = list(pool.map(sidecar.client.get, [ACCOUNTS] * 8))
    assert {answer.status_code for answer in answers} == {200}


def test_a_gateway_that_takes_too_long() -> None:
    with serving(upstream_timeout_secs=0.1) as sidecar:
        sidecar.gateway.faults.add(Fault(operation=LEDGER_ID, delay=HOUR))
        assert refusal(sidecar.client.get(LEDGER)) == (504, "upstream_timeout")


# --- Request ids ---------------------------------------------------------------------------------


def test_every_answer_has_the_id_of_its_request() -> None:
    with serving() as sidecar:
        for path in (ACCOUNTS, "/livez", "/readyz", "/docs", "/nothing"):
            for shown in ({"X-Request-Id": "mine-1"}, {}):
                answer = sidecar.client.get(path, headers=shown)
                [name] = answer.headers.get_list("x-request-id")
                assert name == shown.get("X-Request-Id", name) != ""
        assert refusal(sidecar.client.get("/nothing")) == (404, "not_found")


def test_no_thread_is_left() -> None:
    before = threading.active_count()
    with serving() as sidecar:
        sidecar.client.get(ACCOUNTS)
    wait_until(lambda: threading.active_count() <= before)
