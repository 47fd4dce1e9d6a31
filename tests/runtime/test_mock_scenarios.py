"""Scenarios of the mock gateway: each is started by name, and shows what its clients then see."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import httpx2
import pytest
from bezant_api import ApiError, BezantError, Client, TransportError, errors

from bezant.mock import MockGateway, Rules
from bezant.mock.scenarios import ALL, NotStarted, UnknownScenario
from bezant.mock.world import PAPER
from tests.runtime.visiting import ALERT, START, Visit, bars, edge, prepared, visiting

PASSING = {
    *("quotes-ended", "quote-without-values", "half-open", "stream-dropped", "stream-closed"),
    *("binary-frame", "invalid-utf8", "plain-frame", "frame-without-topic", "repeated-trades"),
    *("prompt", "notices", "session-id-renewed", "orders-cancelled", "parents-cancelled"),
    "option-exercised",
    *("live-session-token-expired", "session-token-expired"),
}
"""They happen at once, and there is nothing to stop."""
SESSION_KNOBS = (
    *("missing_login", "opens_at_login", "denies_until_tickle", "polls_until_open"),
    *("unestablished_polls", "bridge_seconds", "has_established", "init_failure"),
    *("force_compete", "contended_seconds", "tickle_fails", "oauth_tickle"),
)
TOPIC_KNOBS = (
    *("lines", "histories", "tells_limits", "closes_strangers", "gathers_orders"),
    *("holds_greeting", "splits_status", "orders_silenced", "heartbeat"),
)

Act: TypeAlias = Callable[[Client], object]


@pytest.fixture
def visit() -> Iterator[Visit]:
    with prepared() as found:
        yield found


# --- The list of them ----------------------------------------------------------------------------


def test_names_and_summaries() -> None:
    names = [scenario.name for scenario in ALL]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in names)
    assert all(scenario.summary.endswith(".") for scenario in ALL)


def test_every_scenario_is_shown_here() -> None:
    source = "".join(path.read_text() for path in Path(__file__).parent.glob("test_mock_scen*.py"))
    assert [scenario.name for scenario in ALL if f'"{scenario.name}"' not in source] == []


@pytest.mark.parametrize("name", [scenario.name for scenario in ALL])
def test_each_may_be_started_and_stopped_at_any_time(name: str) -> None:
    gateway = MockGateway(start=START, stands_still=True, scenarios=[name])
    gateway.session.expire()
    gateway.start(name)
    assert gateway.started == [name, name]
    gateway.stop(name)
    gateway.stop(name)
    assert gateway.started == []
    assert gateway.faults.active == []
    with pytest.raises(NotStarted, match=f"{name} is not going on; going on: none"):
        gateway.stop(name)


STANDING = [scenario.name for scenario in ALL if scenario.name not in PASSING]


@pytest.mark.parametrize("name", STANDING)
def test_what_was_wrong_is_right_after_the_stop(name: str) -> None:
    """Every call of a usual day works then, and every knob is as it was."""
    with visiting(name) as visit:
        visit.gateway.stop(name)
        visit.client.session.init(publish=True, compete=True)
        assert PAPER in (visit.client.accounts.brokerage().accounts or ())
        assert len(visit.client.portfolio.accounts()) == 2
        assert len(visit.client.portfolio.positions(PAPER, 0)) == 100
        [row] = visit.order()
        assert row.order_id
        assert bars(visit.client).data
        assert knobs(visit.gateway) == knobs(MockGateway(start=START))


def knobs(gateway: MockGateway) -> list[Any]:
    """What scenarios turn, as far as it can be compared."""
    session, topics, book, world = gateway.session, gateway.topics, gateway.book, gateway.world
    public = [
        *((name, getattr(session, name)) for name in SESSION_KNOBS),
        *((name, getattr(topics, name)) for name in TOPIC_KNOBS),
        *((name, getattr(world, name)) for name in ("prefixes", "availability", "withheld")),
        *((name, getattr(gateway.oauth1, name)) for name in ("refusal", "ahead_seconds")),
        *((name, getattr(gateway.oauth2, name)) for name in ("audience", "address")),
    ]
    return [*public, book.asks_also, book.pace, book.shows_selected_only, world.selected]


def test_an_unknown_name_lists_near_ones() -> None:
    with pytest.raises(UnknownScenario, match="'no-brige'; near it: no-bridge"):
        MockGateway(scenarios=["no-brige"])


def test_they_do_not_undo_each_other() -> None:
    with visiting("not-logged-in", "no-bridge") as visit:
        with pytest.raises(errors.NotAuthenticated):
            visit.client.accounts.brokerage()
        visit.gateway.session.login()
        with pytest.raises(errors.NoBrokerageSession):
            visit.client.accounts.brokerage()


# --- Calls that fail -----------------------------------------------------------------------------


FAILING: list[tuple[str, type[BezantError], int, Act]] = [
    ("not-logged-in", errors.NotAuthenticated, 401, lambda c: c.portfolio.accounts()),
    ("redirected-to-login", errors.NotAuthenticated, 302, lambda c: c.portfolio.accounts()),
    ("redirected-to-dispatcher", errors.NotAuthenticated, 302, lambda c: c.portfolio.accounts()),
    ("logged-out", errors.NotAuthenticated, 401, lambda c: c.portfolio.accounts()),
    ("login-idle", errors.NotAuthenticated, 401, lambda c: c.portfolio.accounts()),
    ("midnight-reset", errors.NotAuthenticated, 401, lambda c: c.portfolio.accounts()),
    ("no-bridge", errors.NoBrokerageSession, 400, lambda c: c.accounts.brokerage()),
    ("slow-opening", errors.NoBrokerageSession, 400, lambda c: c.accounts.brokerage()),
    ("force-compete", errors.NoBrokerageSession, 400, lambda c: c.accounts.brokerage()),
    ("not-established", errors.NoBrokerageSession, 400, lambda c: c.accounts.brokerage()),
    ("brokerage-lost", errors.ApiError, 401, lambda c: c.accounts.brokerage()),
    ("brokerage-idle", errors.ApiError, 401, lambda c: c.accounts.brokerage()),
    ("competitor-holds", errors.ApiError, 401, lambda c: c.accounts.brokerage()),
    ("init-without-token", errors.ServerError, 500, lambda c: c.session.init(publish=True)),
    ("init-gone", errors.Gone, 410, lambda c: c.session.init(publish=True)),
    ("tickle-fails", errors.ApiError, 200, lambda c: c.session.tickle()),
    ("maintenance", errors.Maintenance, 503, lambda c: c.session.status()),
    ("penalty-box", errors.RateLimited, 429, lambda c: c.session.tickle()),
    ("access-denied", errors.PermissionDenied, 403, lambda c: c.session.tickle()),
    ("html-not-found", errors.NotFound, 404, lambda c: c.session.tickle()),
    ("html-unavailable", errors.ServiceUnavailable, 503, lambda c: c.session.tickle()),
    ("no-history", errors.ServerError, 500, bars),
    ("orders-rejected", errors.Rejected, 200, lambda c: c.orders.submit(PAPER, orders=[])),
    ("allocation-fails", errors.ServerError, 500, lambda c: c.portfolio.allocation(PAPER)),
    ("combinations-fail", errors.ServerError, 500, lambda c: c.portfolio.combo_positions(PAPER)),
    ("performance-fails", errors.ServerError, 500, lambda c: c.performance.all_periods({})),
    ("alerts-forbidden", errors.PermissionDenied, 403, lambda c: c.alerts.create(PAPER, ALERT)),
    ("messages-not-set-up", errors.ApiError, 423, lambda c: c.notifications.unread_count()),
]


@pytest.mark.parametrize(("name", "kind", "status", "act"), FAILING, ids=str)
def test_calls_fail(name: str, kind: type[ApiError], status: int, act: Act) -> None:
    with visiting(name) as visit, pytest.raises(kind) as caught:
        act(visit.client)
    assert caught.value.status == status


BROKEN: list[tuple[str, type[BezantError]]] = [
    ("dropped-before", TransportError),
    ("dropped-after", TransportError),
    ("cut-answers", TransportError),
]


@pytest.mark.parametrize(("name", "kind"), BROKEN)
def test_answers_are_none(name: str, kind: type[BezantError]) -> None:
    with visiting(name) as visit:
        with pytest.raises(kind):
            visit.client.accounts.brokerage()
        assert visit.gateway.session.accounts_queried is (name != "dropped-before")


# --- The session ---------------------------------------------------------------------------------


def test_an_init_builds_the_bridge_within_seconds() -> None:
    with visiting("no-bridge") as visit:
        assert visit.client.session.init(publish=True, compete=True).authenticated
        with pytest.raises(errors.NoBrokerageSession):
            visit.client.accounts.brokerage()
        visit.gateway.clock.advance(2)
        assert visit.client.accounts.brokerage()


@pytest.mark.parametrize("name", ["slow-opening", "not-established"])
def test_status_has_to_be_asked_for_again_and_again(name: str) -> None:
    with visiting(name) as visit:
        visit.client.session.init(publish=True, compete=True)
        seen = [visit.client.session.status() for _ in range(4)]
        assert [bool(status.established) for status in seen] == [False, False, False, True]
        assert visit.client.accounts.brokerage()


def test_status_denies_until_a_tickle() -> None:
    with visiting("status-denies-until-tickle") as visit:
        assert not visit.client.session.status().authenticated
        visit.client.session.tickle()
        assert visit.client.session.status().authenticated


@pytest.mark.parametrize("name", ["competitor-holds", "force-compete"])
def test_only_an_init_with_compete_opens_the_session(name: str) -> None:
    with visiting(name) as visit:
        refused = visit.client.session.init(publish=True, compete=False)
        assert not refused.authenticated
        assert refused.competing is (name == "competitor-holds")
        assert visit.client.session.init(publish=True, compete=True).authenticated


def test_a_competitor_comes(visit: Visit) -> None:
    visit.start("competitor-comes")
    status = visit.client.session.status()
    assert (status.authenticated, status.competing) == (True, True)
    visit.gateway.clock.advance(2)
    assert not visit.client.session.status().authenticated


def test_no_accounts_while_competing(visit: Visit) -> None:
    visit.start("no-accounts-while-competing")
    assert edge(visit).content == b"{}"
    visit.client.session.init(publish=True, compete=True)
    assert PAPER in edge(visit).text


def test_an_old_gateway_says_nothing_of_established(visit: Visit) -> None:
    visit.start("old-gateway")
    assert "established" not in edge(visit, "POST", "/iserver/auth/status").text


def test_a_tickle_under_oauth(visit: Visit) -> None:
    visit.start("oauth-tickle")
    assert "ssoExpires" not in edge(visit, "POST", "/tickle").text


def test_midnight_is_midnight(visit: Visit) -> None:
    visit.start("midnight-reset")
    assert visit.gateway.clock.now() == START + 19 * 3600


def test_cookies_rotate(visit: Visit) -> None:
    visit.start("rotating-cookies")
    seen = [edge(visit).headers.get_list("set-cookie") for _ in range(2)]
    assert len(seen[0]) == len(seen[1]) == 3
    assert seen[0] != seen[1]


def test_a_cookie_comes_twice(visit: Visit) -> None:
    visit.start("duplicate-cookie")
    found = edge(visit).headers.get_list("set-cookie")
    assert [line.partition("=")[0] for line in found] == ["JSESSIONID", "JSESSIONID"]


# --- The wire ------------------------------------------------------------------------------------


def test_the_edge_is_strict() -> None:
    rules = Rules(edge=False)
    with MockGateway(rules=rules) as gateway, httpx2.Client(trust_env=False) as bare:
        request = bare.build_request("GET", f"{gateway.url}/v1/api/tickle")
        del request.headers["User-Agent"]
        assert bare.send(request).status_code == 200
        gateway.start("strict-edge")
        assert bare.send(request).status_code == 403


def test_the_accounts_come_first() -> None:
    with MockGateway(rules=Rules(preflights=False)) as gateway, Client(gateway.url) as client:
        client.orders.live()
        gateway.start("accounts-first")
        with pytest.raises(errors.AccountsNotQueried):
            client.orders.live()


def test_limits_are_looked_at(visit: Visit) -> None:
    visit.start("pacing")
    visit.client.session.tickle()
    with pytest.raises(errors.RateLimited):
        visit.client.session.tickle()


def test_flaky_calls(visit: Visit) -> None:
    visit.start("flaky")
    assert [edge(visit).status_code for _ in range(6)] == [200, 200, 503, 200, 200, 503]


def test_slow_calls(visit: Visit) -> None:
    visit.start("slow")
    with pytest.raises(errors.RequestTimeout):
        visit.client.accounts.brokerage(timeout=0.05)


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://example.com", 401), ("https://localhost:5000", 200), (None, 200)],
)
def test_the_origin_has_to_be_this_machine(visit: Visit, origin: str | None, status: int) -> None:
    visit.start("wrong-origin")
    headers = {"Origin": origin} if origin else {}
    assert edge(visit, headers=headers).status_code == status


@pytest.mark.parametrize(
    ("name", "body"),
    [("json-string", b'"Request'), ("plain-text", b"Success"), ("empty-answers", b"")],
)
def test_bodies_that_are_no_objects(visit: Visit, name: str, body: bytes) -> None:
    visit.start(name)
    answer = edge(visit)
    assert (answer.status_code, answer.content[: len(body) or 9]) == (200, body)


def test_json_that_says_it_is_a_page(visit: Visit) -> None:
    visit.start("wrong-content-type")
    answer = edge(visit)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert PAPER in answer.json()["accounts"]


def test_compressed_answers(visit: Visit) -> None:
    visit.start("gzip")
    assert edge(visit).headers["content-encoding"] == "gzip"
    assert visit.client.accounts.brokerage().accounts


def test_answers_in_chunks(visit: Visit) -> None:
    visit.start("chunked-answers")
    answer = edge(visit)
    assert answer.headers["transfer-encoding"] == "chunked"
    assert "content-length" not in answer.headers
    assert PAPER in answer.json()["accounts"]
    assert visit.client.accounts.brokerage().accounts


# --- From outside --------------------------------------------------------------------------------


def admin(visit: Visit, method: str, path: str, **body: Any) -> Any:
    """What an endpoint under `/mock/` answers."""
    url = f"{visit.gateway.url}/mock/{path}"
    return httpx2.request(method, url, json=body or None, trust_env=False).json()


def test_they_are_started_and_stopped_from_outside(visit: Visit) -> None:
    assert admin(visit, "POST", "scenarios", name="json-string")["started"] == ["json-string"]
    assert edge(visit).json() == "Request was submitted"
    assert admin(visit, "POST", "scenarios", name="gzip")["started"] == ["json-string", "gzip"]
    assert admin(visit, "DELETE", "scenarios", name="json-string")["started"] == ["gzip"]
    assert edge(visit).headers["content-encoding"] == "gzip"
    assert admin(visit, "DELETE", "scenarios")["started"] == []
    assert "content-encoding" not in edge(visit).headers
    refused = admin(visit, "DELETE", "scenarios", name="gzip")
    assert refused == {"error": "gzip is not going on; going on: none"}


def test_latency_holds_for_all_calls(visit: Visit) -> None:
    assert admin(visit, "POST", "latency", seconds=30) == {"seconds": 30}
    with pytest.raises(errors.RequestTimeout):
        visit.client.accounts.brokerage(timeout=0.05)
    assert admin(visit, "POST", "latency", seconds=0) == admin(visit, "GET", "latency")
    assert visit.client.accounts.brokerage().accounts
    assert admin(visit, "DELETE", "arrived") == {"arrived": []}
