"""The generated clients at the mock gateway: errors, retries, listings, timeouts, downloads, in both colours."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import anyio
import pytest
from bezant_api import (
    NEVER,
    ApiError,
    AsyncClient,
    Client,
    Retry,
    TransportError,
    errors,
    middleware,
)

from bezant.mock import Ending, Fault, MockGateway
from bezant.mock.handlers import positions
from bezant.mock.http import Reply, error_reply, json_reply
from bezant.mock.world import PAPER, SECOND
from tests.runtime.calling import COLOURS, Caller, calling
from tests.runtime.visiting import AAPL, START

LEDGER, ORDERS, SUBMIT = (
    "get_portfolio_ledger",
    "get_iserver_account_orders",
    "post_iserver_account_orders",
)
QUICK = Retry(base=0.0)
ALL_SET = Retry(attempts=9, base=0.0, idempotent=True, statuses=frozenset(range(400, 600)))
PDF = bytes(range(256)) * 4096

Connect: TypeAlias = Callable[..., Caller]


@pytest.fixture
def gateway() -> Iterator[MockGateway]:
    """One after what clients ask first."""
    running = MockGateway(seed=7, start=START, stands_still=True)
    running.session.accounts_queried = running.session.portfolio_queried = True
    with running:
        yield running
    assert running.errors == []


@pytest.fixture(params=COLOURS)
def connect(request: pytest.FixtureRequest, gateway: MockGateway) -> Iterator[Connect]:
    """Makes clients of one colour, with the options of a test."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(calling(request.param, gateway.url, **options))


def statuses(gateway: MockGateway, operation: str) -> list[int]:
    return [row.status for row in gateway.arrived.of(operation)]


@pytest.mark.parametrize(
    ("status", "kind", "is_retryable"),
    [
        (400, errors.BadRequest, False),
        (401, errors.NotAuthenticated, False),
        (403, errors.PermissionDenied, False),
        (404, errors.NotFound, False),
        (409, errors.Conflict, False),
        (418, ApiError, False),
        (429, errors.RateLimited, True),
        (500, errors.ServerError, True),
        (503, errors.ServiceUnavailable, True),
    ],
)
def test_each_status_has_its_error(
    gateway: MockGateway, connect: Connect, status: int, kind: type[ApiError], is_retryable: bool
) -> None:
    refusal = json_reply({"error": "so it is"}, status).having(("X-Request-Id", "r-1"))
    gateway.faults.add(Fault(operation=LEDGER, reply=refusal))
    with pytest.raises(ApiError, match="so it is") as caught:
        connect(retry=NEVER)("portfolio.ledger", PAPER)
    error = caught.value
    assert type(error) is kind
    assert (error.operation, error.method, error.status) == (LEDGER, "GET", status)
    assert (error.path, error.request_id) == (f"/v1/api/portfolio/{PAPER}/ledger", "r-1")
    assert error.is_retryable is is_retryable


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("no-bridge", 400, errors.NoBrokerageSession),
        ("brokerage-lost", 401, errors.NoBrokerageSession),
        ("not-logged-in", 401, errors.NotAuthenticated),
        ("redirected-to-login", 302, errors.NotAuthenticated),
        ("redirected-to-dispatcher", 302, errors.NotAuthenticated),
        ("maintenance", 503, errors.Maintenance),
        ("html-not-found", 404, errors.NotFound),
        ("html-unavailable", 503, errors.ServiceUnavailable),
        ("penalty-box", 429, errors.RateLimited),
    ],
)
def test_each_situation_has_its_error(
    gateway: MockGateway, connect: Connect, name: str, status: int, kind: type[ApiError]
) -> None:
    gateway.start(name)
    with pytest.raises(ApiError) as caught:
        connect(retry=NEVER)("orders.live")
    assert (type(caught.value), caught.value.status) == (kind, status)
    assert caught.value.hint
    # Redirects are answers: nothing else was asked for.
    assert statuses(gateway, ORDERS) == [status]
    assert len(gateway.arrived) == 1


@pytest.mark.parametrize(
    "name",
    ["gzip", "chunked-answers", "wrong-content-type", "rotating-cookies", "duplicate-cookie"],
)
def test_answers_are_read_however_they_travel(
    gateway: MockGateway, connect: Connect, name: str
) -> None:
    expected = connect()("portfolio.ledger", PAPER)
    gateway.start(name)
    call = connect()
    assert [call("portfolio.ledger", PAPER) for _ in range(2)] == [expected, expected]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=503),
        Fault(ending=Ending.DROPPED, is_before=True),
        Fault(ending=Ending.DROPPED),
        Fault(ending=Ending.CUT),
    ],
    ids=["503", "dropped before", "dropped after", "cut"],
)
@pytest.mark.parametrize("times", [2, 3])
def test_a_read_is_made_again(
    gateway: MockGateway, connect: Connect, fault: Fault, times: int
) -> None:
    gateway.faults.add(replace(fault, operation=LEDGER, times=times))
    call = connect(retry=QUICK)
    if times == QUICK.attempts:
        with pytest.raises((TransportError, errors.ServiceUnavailable)):
            call("portfolio.ledger", PAPER)
    else:
        assert call("portfolio.ledger", PAPER)["BASE"]
    assert len(gateway.arrived.of(LEDGER)) == QUICK.attempts == 3


def test_never_means_never(gateway: MockGateway, connect: Connect) -> None:
    gateway.faults.add(Fault(operation=LEDGER, status=503))
    with pytest.raises(errors.ServiceUnavailable):
        connect(retry=NEVER)("portfolio.ledger", PAPER)
    assert statuses(gateway, LEDGER) == [503]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [((), [429]), ((("Retry-After", "0"),), [429, 200]), ((("Retry-After", "3600"),), [429])],
)
def test_a_limit_is_not_tried_again_without_an_invitation(
    gateway: MockGateway,
    connect: Connect,
    headers: tuple[tuple[str, str], ...],
    expected: list[int],
) -> None:
    limit = error_reply("slow down", 429).having(*headers)
    gateway.faults.add(Fault(operation=LEDGER, reply=limit, times=1))
    call = connect(retry=QUICK)
    if expected[-1] == 200:
        assert call("portfolio.ledger", PAPER)["BASE"]
    else:
        with pytest.raises(errors.RateLimited, match="slow down"):
            call("portfolio.ledger", PAPER)
    assert statuses(gateway, LEDGER) == expected


@pytest.mark.parametrize(
    ("fault", "placed"),
    [
        (Fault(status=503), 0),
        (Fault(status=429), 0),
        (Fault(ending=Ending.DROPPED, is_before=True), 0),
        (Fault(ending=Ending.DROPPED), 1),
        (Fault(ending=Ending.CUT), 1),
    ],
    ids=["503", "429", "dropped before", "dropped after", "cut"],
)
def test_an_order_is_never_sent_twice(
    gateway: MockGateway, connect: Connect, fault: Fault, placed: int
) -> None:
    gateway.faults.add(replace(fault, operation=SUBMIT))
    price = round(gateway.world.price(AAPL) - 1, 2)
    buy = {"conid": AAPL, "side": "BUY", "orderType": "LMT", "price": price, "tif": "DAY"}
    with pytest.raises((TransportError, ApiError)) as caught:
        connect(retry=ALL_SET)("orders.submit", PAPER, orders=[{**buy, "quantity": 1}])
    assert len(gateway.arrived.of(SUBMIT)) == 1
    assert len(gateway.book.visible()) == placed
    if isinstance(caught.value, TransportError):
        assert caught.value.may_have_arrived


def test_what_repeating_does_not_change_is_made_again_when_asked_for(
    gateway: MockGateway, connect: Connect
) -> None:
    gateway.faults.add(Fault(operation="post_tickle", ending=Ending.DROPPED, times=2))
    with pytest.raises(TransportError):
        connect(retry=QUICK)("session.tickle")
    assert connect(retry=Retry(base=0.0, idempotent=True))("session.tickle").session
    assert len(gateway.arrived.of("post_tickle")) == 3


def test_hooks_see_every_attempt(gateway: MockGateway, connect: Connect) -> None:
    gateway.faults.add(Fault(operation=LEDGER, ending=Ending.DROPPED, times=1))
    gateway.faults.add(Fault(operation=LEDGER, status=503, times=1))
    seen: list[Any] = []
    hooks = [
        middleware.before(lambda request: seen.append(request.path)),
        middleware.after(lambda _, outcome: seen.append(outcome)),
    ]
    connect(retry=QUICK, middleware=hooks)("portfolio.ledger", PAPER)
    assert seen[::2] == [f"/v1/api/portfolio/{PAPER}/ledger"] * 3
    assert isinstance(seen[1], TransportError)
    assert [outcome.status for outcome in seen[3::2]] == [503, 200]


def test_an_answer_that_does_not_come_is_a_timeout(gateway: MockGateway, connect: Connect) -> None:
    slow = gateway.faults.add(Fault(operation=LEDGER, delay=5.0))
    with pytest.raises(errors.RequestTimeout):
        connect(retry=NEVER, timeout=0.05)("portfolio.ledger", PAPER)
    patient = connect(retry=NEVER, timeout=60)
    with pytest.raises(errors.RequestTimeout):
        patient("portfolio.ledger", PAPER, timeout=0.05)
    gateway.faults.remove(slow)
    assert patient("portfolio.ledger", PAPER)["BASE"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(ending=Ending.CUT),
        Fault(ending=Ending.DROPPED),
        Fault(ending=Ending.DROPPED, is_before=True),
    ],
)
def test_a_gateway_that_hangs_up_is_a_transport_error(
    gateway: MockGateway, connect: Connect, fault: Fault
) -> None:
    gateway.faults.add(replace(fault, operation=LEDGER))
    with pytest.raises(TransportError) as caught:
        connect(retry=NEVER)("portfolio.ledger", PAPER)
    assert type(caught.value) is TransportError
    assert caught.value.may_have_arrived


def test_a_connection_that_the_gateway_closed_is_opened_anew(
    gateway: MockGateway, connect: Connect
) -> None:
    """An idle gateway closes kept connections; a call that finds one closed must not fail."""
    call = connect(retry=NEVER)
    for _ in range(3):
        closing = json_reply({}).having(("Connection", "close"))
        gateway.faults.add(Fault(operation="post_tickle", reply=closing, times=1))
        call("session.tickle")
        call("portfolio.ledger", PAPER)
    peers = [row.request.peer for row in gateway.arrived]
    assert len(peers) == 6
    assert len(set(peers)) == 4


@pytest.mark.parametrize("colour", COLOURS)
def test_a_gateway_that_is_gone_is_a_connect_error(colour: str) -> None:
    with MockGateway() as gateway:
        url = gateway.url
    with calling(colour, url, retry=NEVER) as call, pytest.raises(errors.ConnectError) as caught:
        call("session.tickle")
    assert caught.value.operation == "post_tickle"
    assert caught.value.hint
    assert not caught.value.may_have_arrived


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_cancelled_call_leaves_a_client_that_works(gateway: MockGateway, backend: str) -> None:
    gateway.faults.add(Fault(operation=LEDGER, delay=5.0, times=1))

    async def main() -> None:
        async with AsyncClient(gateway.url, retry=NEVER) as client:
            with anyio.move_on_after(0.05) as scope:
                await client.portfolio.ledger(PAPER)
            assert scope.cancelled_caught
            async with anyio.create_task_group() as tasks:
                for _ in range(4):
                    tasks.start_soon(client.portfolio.ledger, PAPER)

    anyio.run(main, backend=backend)
    assert statuses(gateway, LEDGER) == [200] * 5


def test_a_client_is_shared_by_threads(gateway: MockGateway) -> None:
    results: list[Any] = []
    with Client(gateway.url) as client:
        threads = [
            threading.Thread(target=lambda: results.append(client.portfolio.ledger(PAPER)))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert results == [client.portfolio.ledger(PAPER)] * 8


def test_a_download_appears_when_it_is_complete(
    gateway: MockGateway, connect: Connect, tmp_path: Path
) -> None:
    gateway.faults.add(Fault(operation=LEDGER, reply=Reply(200, PDF, "application/pdf")))
    assert connect().saved(tmp_path / "a.pdf", "portfolio.ledger", PAPER) == len(PDF)
    assert (tmp_path / "a.pdf").read_bytes() == PDF
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


def test_a_download_in_pieces(gateway: MockGateway) -> None:
    gateway.faults.add(Fault(operation=LEDGER, reply=Reply(200, PDF, "application/pdf")))
    with Client(gateway.url) as client, client.download(client.portfolio.ledger, PAPER) as file:
        assert file.headers["content-type"] == "application/pdf"
        assert b"".join(file) == PDF


def test_a_truncated_download_leaves_no_file(
    gateway: MockGateway, connect: Connect, tmp_path: Path
) -> None:
    cut = Reply(200, PDF, "application/pdf", ending=Ending.CUT)
    gateway.faults.add(Fault(operation=LEDGER, reply=cut))
    with pytest.raises(TransportError):
        connect(retry=NEVER).saved(tmp_path / "a.pdf", "portfolio.ledger", PAPER)
    assert list(tmp_path.iterdir()) == []


def test_a_refused_download_is_the_error_of_its_method(
    gateway: MockGateway, connect: Connect, tmp_path: Path
) -> None:
    gateway.faults.add(Fault(operation=LEDGER, status=404, message="no such statement"))
    with pytest.raises(errors.NotFound, match="no such statement"):
        connect().saved(tmp_path / "a.pdf", "portfolio.ledger", PAPER)
    assert list(tmp_path.iterdir()) == []


def targets(gateway: MockGateway) -> list[str]:
    return [row.request.target.removeprefix("/v1/api") for row in gateway.arrived]


def test_positions_come_page_by_page_each_once(gateway: MockGateway, connect: Connect) -> None:
    rows = connect().listed("portfolio.iter_positions", PAPER)
    held = gateway.world.holdings[PAPER]
    assert len(held) > 2 * positions.PAGE
    assert sorted(row.conid for row in rows) == sorted(held)
    pages = len(held) // positions.PAGE + 2
    assert targets(gateway) == [f"/portfolio/{PAPER}/positions/{page}" for page in range(pages)]


def test_an_account_that_holds_nothing_has_one_page(gateway: MockGateway, connect: Connect) -> None:
    assert connect().listed("portfolio.iter_positions", SECOND) == []
    assert targets(gateway) == [f"/portfolio/{SECOND}/positions/0"]


def test_a_page_that_fails_is_made_again_and_no_row_is_lost(
    gateway: MockGateway, connect: Connect
) -> None:
    def is_second(request: Any) -> bool:
        return bool(request.path.endswith("/1"))

    gateway.faults.add(Fault(status=503, times=1, when=is_second))
    rows = connect(retry=QUICK).listed("portfolio.iter_positions", PAPER)
    assert len({row.conid for row in rows}) == len(rows) == len(gateway.world.holdings[PAPER])


def test_a_listing_fails_as_its_page_does(gateway: MockGateway, connect: Connect) -> None:
    gateway.start("logged-out")
    with pytest.raises(errors.NotAuthenticated):
        connect().listed("portfolio.iter_positions", PAPER)


def test_subaccounts_come_until_a_page_is_empty(gateway: MockGateway, connect: Connect) -> None:
    rows = connect().listed("portfolio.iter_subaccounts_paged")
    assert [row.id for row in rows] == [account.id for account in gateway.world.accounts]
    assert targets(gateway) == [f"/portfolio/subaccounts2?page={page}" for page in range(2)]


def test_notifications_go_on_after_the_last_that_came(
    gateway: MockGateway, connect: Connect
) -> None:
    known = [message.id for message in gateway.state.notifications.messages]
    assert len(known) > 4
    rows = connect().listed("notifications.iter_all", max_=2)
    assert [row.id for row in rows] == known
    first, second, *_, last = targets(gateway)
    assert first == "/fyi/notifications?max=2"
    assert second == f"/fyi/notifications/more?id={known[1]}"
    assert last == f"/fyi/notifications/more?id={known[-1]}"
