"""Answers that say no, and answers that never come: one error class a meaning."""

import socket
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from bezant_api import OPERATIONS, ApiError, Client, models
from bezant_api.core import encoding, errors
from msgspec.structs import replace

from tests.client.drive import Loopback, loopback


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as state:
        yield state


@pytest.fixture
def client(server: Loopback) -> Iterator[Client]:
    with Client(server.url) as made:
        yield made


def test_a_declared_error_body_is_typed(server: Loopback, client: Client) -> None:
    server.will_answer(401, "application/problem+json", b'{"title": "Unauthorized", "status": 401}')
    with pytest.raises(errors.NotAuthenticated, match="Unauthorized") as caught:
        client.portfolio.accounts()
    assert isinstance(caught.value.body, models.shared.ProblemDetail)


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("text/html", b"<h1>Resource not found</h1>", "<h1>Resource not found</h1>"),
        ("application/json", b"<h1>Oops</h1>", "<h1>Oops</h1>"),
        ("application/json", b"", None),
        ("application/json", b'"text"', "text"),
    ],
)
def test_any_error_body_is_kept(
    server: Loopback, client: Client, content_type: str, body: bytes, expected: Any
) -> None:
    server.will_answer(404, content_type, body)
    with pytest.raises(errors.NotFound) as caught:
        client.session.tickle()
    assert caught.value.body == expected


def test_a_redirect_to_anywhere_else_is_unexpected(server: Loopback, client: Client) -> None:
    server.will_answer(302, "", b"", Location="/elsewhere")
    with pytest.raises(ApiError) as caught:
        client.session.tickle()
    assert type(caught.value) is errors.UnexpectedRedirect
    assert len(server.arrived) == 1


def test_no_server_is_a_connect_error() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with Client(f"http://127.0.0.1:{port}") as client, pytest.raises(errors.ConnectError) as caught:
        client.session.tickle()
    assert caught.value.operation == "post_tickle"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("account_id", "message"),
    [("", "account_id must not be empty"), (None, "account_id is required")],
)
def test_a_path_argument_cannot_be_left_out(client: Client, account_id: Any, message: str) -> None:
    with pytest.raises(errors.ArgumentError, match=message):
        client.portfolio.ledger(account_id)


@pytest.mark.parametrize("character", ["\r", "\n", "\0"])
def test_a_header_cannot_be_split(character: str) -> None:
    ledger = OPERATIONS["get_portfolio_ledger"]
    header = replace(ledger.parameters[0], name="X-Note", argument="note", location="header")
    operation = replace(ledger, parameters=(header,))
    assert list(encoding.headers(operation, {"note": "fine"})) == [("X-Note", "fine")]
    with pytest.raises(errors.ArgumentError, match="line break"):
        list(encoding.headers(operation, {"note": f"a{character}X-Evil: 1"}))


def test_a_path_argument_cannot_leave_its_segment(client: Client, server: Loopback) -> None:
    server.will_answer(200, "application/json", b"{}")
    client.portfolio.ledger("../accounts?x=1#y")
    assert server.arrived[0].target == "/v1/api/portfolio/..%2Faccounts%3Fx%3D1%23y/ledger"


def test_numbers_go_on_the_wire_with_their_digits(client: Client, server: Loopback) -> None:
    server.will_answer(200, "application/json", b"[]")
    order = models.orders.Order(
        acct_id="U1", conid=265598, order_type="LMT", side="BUY", tif="DAY",
        price=Decimal("189.10"), quantity=Decimal("1E-7"),
    )  # fmt: skip
    client.orders.submit("U1", models.orders.OrdersRequest(orders=[order]))
    body = server.arrived[0].body.decode()
    assert '"price":189.10' in body
    assert '"quantity":1E-7' in body
    assert "auxPrice" not in body


def test_a_body_that_cannot_be_written_is_an_argument_error(
    client: Client, server: Loopback
) -> None:
    with pytest.raises(errors.ArgumentError, match="cannot be written"):
        client.orders.submit("U1", {"orders": [object()]})
    assert server.arrived == []


@pytest.mark.parametrize("suffix", ["", "/", "/v1/api", "/v1/api/"])
def test_the_base_url_may_bring_the_trading_base(server: Loopback, suffix: str) -> None:
    server.will_answer(200, "application/json", b"{}")
    with Client(server.url + suffix) as client:
        client.session.tickle()
    assert server.arrived[0].target == "/v1/api/tickle"


def test_requests_carry_a_user_agent_and_own_headers(server: Loopback) -> None:
    server.will_answer(200, "application/json", b"{}")
    with Client(server.url, headers={"Cookie": "api=1"}) as client:
        client.session.tickle()
    headers = server.arrived[0].headers
    assert headers["user-agent"].startswith("bezant-api/")
    assert headers["cookie"] == "api=1"


def test_a_proxy_of_the_environment_is_not_asked_for_a_loopback_gateway(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    server.will_answer(200, "application/json", b"{}")
    with Client(server.url) as client:
        client.session.tickle()
    assert [request.target for request in server.arrived] == ["/v1/api/tickle"]
