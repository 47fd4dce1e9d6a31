"""The limits of the mock gateway, on a clock that stands still, and its endpoints for other programs."""

from collections.abc import Callable, Iterator
from typing import Any

import anyio
import httpx2
import pytest
from bezant_api import NEVER, OPERATIONS, Client, errors

from bezant.mock import Fault, MockGateway, Rules
from bezant.mock.app import App
from bezant.mock.clock import Clock
from bezant.mock.http import Reply, Request
from bezant.mock.pacing import CALLS_A_SECOND, Pacing
from bezant.mock.scenarios import ALL
from bezant.mock.state import State

START = 1_795_600_800.0
BOX = 900
UNLIMITED = "get_iserver_accounts"


@pytest.fixture
def pacing() -> Pacing:
    """One that does not lock out, to look at the limits themselves."""
    return Pacing(Clock(START, stands_still=True), box_seconds=0)


def calls(pacing: Pacing, operation: str, times: int = 20) -> int:
    """How many calls in a row are taken."""
    taken = 0
    while taken < times and pacing.refuse(OPERATIONS[operation]) is None:
        taken += 1
    return taken


@pytest.fixture
def gateway() -> Iterator[MockGateway]:
    rules = Rules(pacing=True)
    with MockGateway(rules=rules, start=START, stands_still=True) as running:
        yield running
        assert running.errors == []


# --- Limits --------------------------------------------------------------------------------------


def test_ten_calls_a_second_of_all_that_has_no_limit_of_its_own(pacing: Pacing) -> None:
    assert calls(pacing, UNLIMITED) == CALLS_A_SECOND
    assert calls(pacing, "get_portfolio_summary") == 0
    pacing.clock.advance(0.9)
    assert calls(pacing, UNLIMITED) == 0
    pacing.clock.advance(0.1)
    assert calls(pacing, UNLIMITED) == CALLS_A_SECOND


@pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS.values() if o.pacing and o.pacing.calls]
)
def test_limits_of_operations(pacing: Pacing, operation: Any) -> None:
    pace = operation.pacing
    assert calls(pacing, operation.id) == max(pace.calls, pace.burst)
    assert calls(pacing, UNLIMITED) == CALLS_A_SECOND
    pacing.clock.advance(pace.window)
    assert calls(pacing, operation.id) == pace.calls


def test_a_burst_comes_back_after_a_pause(pacing: Pacing) -> None:
    assert calls(pacing, "get_iserver_account_orders") == 2
    pacing.clock.advance(10)
    assert calls(pacing, "get_iserver_account_orders") == 2


def test_what_is_under_way_at_the_same_time() -> None:
    """Late answers are late in real time, so that is where calls are under way."""
    history = OPERATIONS["get_iserver_marketdata_history"]
    now = [0.0]
    pacing = Pacing(Clock(START, stands_still=True), box_seconds=0, real=lambda: now[0])
    for _ in range(5):
        assert pacing.refuse(history) is None
        pacing.answered(history, 2.0)
    assert pacing.refuse(history) is not None
    now[0] = 2.0
    assert pacing.refuse(history) is None


def test_late_answers_are_under_way() -> None:
    app = App(State(rules=Rules(pacing=True, preflights=False), clock=Clock(START, True)))
    app.faults.add(Fault(delay=60.0))
    target = "/v1/api/iserver/marketdata/history?conid=265598&period=1d&bar=1h"
    request = Request("GET", target, {"user-agent": "tests"}, b"")
    replies = [anyio.run(app.respond, request) for _ in range(6)]
    assert [reply.status for reply in replies] == [200] * 5 + [429]


def test_a_violation_locks_out_for_a_quarter_of_an_hour(pacing: Pacing) -> None:
    pacing.box_seconds = BOX
    calls(pacing, "post_tickle")
    assert pacing.violations == 1
    pacing.clock.advance(BOX - 1)
    assert calls(pacing, UNLIMITED) == 0
    assert pacing.violations == 1
    pacing.clock.advance(1)
    assert calls(pacing, UNLIMITED, 1) == 1


def test_the_box_may_be_prolonged(pacing: Pacing) -> None:
    pacing.box_seconds, pacing.box_prolongs = BOX, True
    pacing.lock()
    pacing.clock.advance(BOX - 1)
    assert calls(pacing, UNLIMITED) == 0
    pacing.clock.advance(BOX - 1)
    assert calls(pacing, UNLIMITED) == 0
    pacing.release()
    assert calls(pacing, UNLIMITED, 1) == 1


def test_what_a_client_sees(gateway: MockGateway) -> None:
    with Client(gateway.url, retry=NEVER) as client:
        client.session.tickle()
        with pytest.raises(errors.RateLimited, match="Too many requests") as caught:
            client.session.tickle()
        assert caught.value.response is not None
        assert "retry-after" not in caught.value.response.headers
        with pytest.raises(errors.RateLimited):
            client.portfolio.accounts()
        gateway.clock.advance(BOX)
        with pytest.raises(errors.NotAuthenticated):
            client.session.tickle()  # nobody could keep the login alive
    assert [row.status for row in gateway.arrived] == [200, 429, 429, 401]


def upgraded(gateway: MockGateway, **headers: str) -> int:
    given = {"Connection": "Upgrade", "Upgrade": "websocket", **headers}
    answer = httpx2.get(f"{gateway.url}/v1/api/ws", headers=given, trust_env=False)
    return answer.status_code


def test_websockets_are_no_way_around(gateway: MockGateway) -> None:
    gateway.pacing.lock()
    assert upgraded(gateway) == 429


def test_pages_are_locked_as_well(gateway: MockGateway) -> None:
    gateway.pacing.lock()
    assert httpx2.get(f"{gateway.url}/sso/Login", trust_env=False).status_code == 429


# --- Endpoints for other programs ----------------------------------------------------------------

Send = Callable[..., Any]


@pytest.fixture
def send() -> Iterator[Send]:
    with MockGateway(start=START, stands_still=True) as gateway:

        def sent(method: str, path: str, body: Any = None, status: int = 200) -> Any:
            address = f"{gateway.url}{path}"
            answer = httpx2.request(method, address, json=body, trust_env=False)
            assert answer.status_code == status, answer.text
            return answer.json() if status == 200 or path.startswith("/mock/") else None

        yield sent
        assert gateway.errors == []


def test_scenarios_are_listed_and_started(send: Send) -> None:
    listed = send("GET", "/mock/scenarios")
    assert [row["name"] for row in listed["scenarios"]] == [scenario.name for scenario in ALL]
    assert send("POST", "/mock/scenarios", {"name": "not-logged-in"})["started"] == [
        "not-logged-in"
    ]
    send("GET", "/v1/api/iserver/accounts", status=401)


def test_time_passes(send: Send) -> None:
    assert send("POST", "/mock/clock", {"advance": 360})["now"] == START + 360
    assert send("GET", "/mock/clock")["now"] == START + 360
    send("GET", "/v1/api/iserver/accounts", status=401)


def test_faults_are_added_and_cleared(send: Send) -> None:
    added = send("POST", "/mock/faults", {"operation": UNLIMITED, "status": 503, "times": 1})
    assert added["faults"][0]["operation"] == UNLIMITED
    send("GET", "/v1/api/iserver/accounts", status=503)
    assert send("GET", "/mock/faults")["faults"][0]["spoilt"] == 1
    send("POST", "/mock/faults", {"body": {"mine": True}})
    assert send("GET", "/v1/api/iserver/accounts") == {"mine": True}
    assert send("DELETE", "/mock/faults") == {"faults": []}
    assert "accounts" in send("GET", "/v1/api/iserver/accounts")


def test_what_arrived_is_listed_without_secrets(send: Send) -> None:
    send("GET", "/v1/api/iserver/accounts")
    (row,) = send("GET", "/mock/arrived")["arrived"]
    assert (row["method"], row["operation"], row["status"]) == ("GET", UNLIMITED, 200)
    assert "cookie" not in row["headers"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("GET", "/mock/nothing", None, 404, "scenarios, clock"),
        ("PUT", "/mock/clock", {}, 405, "GET, POST"),
        ("POST", "/mock/clock", {"advance": -1}, 400, ">= 0"),
        ("POST", "/mock/clock", {}, 400, "advance"),
        ("POST", "/mock/clock", {"advance": 1, "back": 1}, 400, "back"),
        ("POST", "/mock/scenarios", {"name": "no-brige"}, 400, "near it: no-bridge"),
        ("POST", "/mock/faults", {"operation": "get_iserver_acounts"}, 400, UNLIMITED),
        ("POST", "/mock/faults", {"status": 99}, 400, "status"),
        ("POST", "/mock/faults", {"ending": "lost"}, 400, "lost"),
    ],
)
def test_mistakes(send: Send, method: str, path: str, body: Any, status: int, message: str) -> None:
    assert message in send(method, path, body, status)["error"]


def test_text_may_be_answered_as_well(send: Send) -> None:
    send(
        "POST", "/mock/faults", {"body": "<h1>No</h1>", "content_type": "text/html", "status": 502}
    )
    send("GET", "/v1/api/iserver/accounts", status=502)


def test_nothing_concerns_them(gateway: MockGateway) -> None:
    gateway.pacing.lock()
    gateway.session.expire()
    answer = httpx2.get(f"{gateway.url}/mock/arrived", headers={"User-Agent": ""}, trust_env=False)
    assert answer.json() == {"arrived": []}


def test_a_bare_app_has_none() -> None:
    reply: Reply = anyio.run(
        App(State()).respond, Request("GET", "/mock/clock", {"user-agent": "tests"}, b"")
    )
    assert reply.status == 404
