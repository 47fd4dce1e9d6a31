"""The mock gateway as its users meet it: over sockets, by the generated clients of either colour."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from bezant_api import NEVER, OPERATIONS, ApiError, AsyncClient, Client, TransportError, errors

from bezant.mock import Ending, Fault, MockGateway, Rules, text_reply
from bezant.mock.world import PAPER
from tests.client.drive import Call, Document

DOCUMENT = Path(__file__).parents[2] / "spec" / "normalized" / "openapi.json"
START = 1_795_618_800.0
"""A Wednesday in November, 15:00 UTC: markets are open."""

KNOWN = {
    "accountId": PAPER,
    "acctIds": [PAPER],
    "conid": 265598,
    "currency": "USD",
    "pageId": 0,
    "symbol": "AAPL",
}
"""Arguments that mean something in the world, in place of those of the document's examples."""


@pytest.fixture
def gateway() -> Iterator[MockGateway]:
    with MockGateway(seed=7, start=START) as running:
        yield running
        assert running.errors == []


@pytest.fixture(scope="module")
def calls() -> list[Call]:
    return list(Document(DOCUMENT).calls())


def _arguments(call: Call) -> dict[str, Any]:
    operation = OPERATIONS[call.id]
    places = {"path": call.path, "query": call.query, "header": call.headers}
    given = {
        p.argument: KNOWN.get(p.name, places[p.location][p.name]) for p in operation.parameters
    }
    body = call.body
    if isinstance(body, dict):
        body = {name: KNOWN.get(name, value) for name, value in body.items()}
    return given | ({"body": body} if call.body_type else {})


def _outcome(error: ApiError | None) -> str:
    return type(error).__name__ if error else "answered"


def _prepare(client: Client) -> None:
    client.accounts.brokerage()
    client.portfolio.accounts()


def test_every_operation_by_the_synchronous_client(gateway: MockGateway, calls: list[Call]) -> None:
    """Nothing drifts, nothing fails: what is no value is a refusal with its reason."""
    outcomes: dict[str, str] = {}
    with Client(gateway.url, mode="strict", retry=NEVER) as client:
        _prepare(client)
        for call in calls:
            gateway.session.login()
            gateway.session.accounts_queried = gateway.session.portfolio_queried = True
            try:
                client.request(call.id, **_arguments(call))
            except ApiError as error:
                outcomes[call.id] = f"{error.status} {_outcome(error)}: {error.message}"
            else:
                outcomes[call.id] = "answered"
    refused = {name: text for name, text in outcomes.items() if text != "answered"}
    assert len(outcomes) == len(OPERATIONS)
    assert len(refused) < 30, json.dumps(refused, indent=1)
    assert not [text for text in refused.values() if text.startswith("500 ServerError: Internal")]


def test_every_operation_by_the_asynchronous_client(
    gateway: MockGateway, calls: list[Call]
) -> None:
    async def main() -> int:
        answered = 0
        async with AsyncClient(gateway.url, mode="strict", retry=NEVER) as client:
            for call in calls:
                gateway.session.login()
                gateway.session.accounts_queried = gateway.session.portfolio_queried = True
                try:
                    await client.request(call.id, **_arguments(call))
                except ApiError:
                    continue
                answered += 1
        return answered

    assert anyio.run(main) > len(OPERATIONS) - 30


def test_the_same_seed_gives_the_same_answers() -> None:
    def seen(seed: int) -> list[Any]:
        gateway = MockGateway(seed=seed, start=START, stands_still=True)
        with gateway, Client(gateway.url) as client:
            _prepare(client)
            answers = [client.raw(client.portfolio.positions, PAPER, page) for page in range(2)]
            return [answer.body for answer in answers]

    first, again, other = seen(1), seen(1), seen(2)
    assert first == again != other


def test_the_edge_wants_a_user_agent_and_a_length(gateway: MockGateway) -> None:
    with httpx2.Client(base_url=gateway.url, trust_env=False) as bare:
        without = bare.build_request("GET", "/v1/api/portfolio/accounts")
        del without.headers["User-Agent"]
        assert bare.send(without).status_code == 403
        assert bare.post("/v1/api/tickle", content=iter([b""])).status_code == 411
        assert bare.post("/v1/api/tickle").status_code == 200


def test_an_unknown_path_is_a_page(gateway: MockGateway) -> None:
    answer = httpx2.get(f"{gateway.url}/v1/api/no/such/path", trust_env=False)
    assert (answer.status_code, "Resource not found" in answer.text) == (404, True)


def test_the_accounts_come_first(gateway: MockGateway) -> None:
    with Client(gateway.url) as client:
        with pytest.raises(errors.AccountsNotQueried):
            client.market_data.snapshot(conids=[265598], fields=["31"])
        client.accounts.brokerage()
        client.market_data.snapshot(conids=[265598], fields=["31"])


def test_without_its_manners() -> None:
    rules = Rules(preflights=False, edge=False)
    with MockGateway(rules=rules) as gateway, Client(gateway.url) as client:
        assert client.market_data.snapshot(conids=[265598], fields=["31"])


def test_logging_in_by_the_page(gateway: MockGateway) -> None:
    gateway.session.logout()
    with Client(gateway.url) as client:
        with pytest.raises(errors.NotAuthenticated):
            client.portfolio.accounts()
        with httpx2.Client(base_url=gateway.url, follow_redirects=True, trust_env=False) as browser:
            assert 'id="login"' in browser.get("/").text
            assert "Client login succeeds" in browser.post("/sso/Login").text
        assert client.portfolio.accounts()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_faults_answer_in_place_of_an_operation(gateway: MockGateway, status: int) -> None:
    fault = gateway.faults.add(
        Fault(operation="get_portfolio_accounts", status=status, message="on purpose", times=1)
    )
    with Client(gateway.url, retry=NEVER) as client:
        with pytest.raises(ApiError, match="on purpose") as caught:
            client.portfolio.accounts()
        assert caught.value.status == status
        assert client.portfolio.accounts()
    assert fault.spoilt == 1


def test_faults_may_answer_anything(gateway: MockGateway) -> None:
    gateway.faults.add(
        Fault(reply=text_reply("<html><h1>Gone fishing</h1></html>", 200, "text/html"))
    )
    with Client(gateway.url) as client, pytest.raises(errors.HtmlPage):
        client.portfolio.accounts()
    gateway.faults.clear()


@pytest.mark.parametrize(
    ("fault", "is_carried_out"),
    [
        (Fault(ending=Ending.DROPPED), True),
        (Fault(ending=Ending.DROPPED, is_before=True), False),
        (Fault(ending=Ending.CUT), True),
    ],
)
def test_faults_may_lose_an_answer(
    gateway: MockGateway, fault: Fault, is_carried_out: bool
) -> None:
    gateway.faults.add(fault)
    with Client(gateway.url, retry=NEVER) as client, pytest.raises(TransportError) as caught:
        client.accounts.brokerage()
    assert caught.value.may_have_arrived
    assert gateway.session.accounts_queried is is_carried_out


def test_what_arrived_is_remembered(gateway: MockGateway) -> None:
    with Client(gateway.url) as client:
        client.portfolio.accounts(headers={"X-Mine": "1"})
        client.session.tickle()
    (row,) = gateway.arrived.of("get_portfolio_accounts")
    assert (row.status, row.request.headers["x-mine"]) == (200, "1")
    assert len(gateway.arrived) == 2
    gateway.arrived.clear()
    assert list(gateway.arrived) == []


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_in_a_loop_of_ones_own(backend: str) -> None:
    async def main() -> None:
        async with MockGateway() as gateway, AsyncClient(gateway.url) as client:
            assert await client.portfolio.accounts()
            assert gateway.errors == []

    anyio.run(main, backend=backend)


def test_a_port_that_is_taken_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=str(port)), MockGateway(port=port):
            pytest.fail("it must not start")


def test_the_port_is_free_again() -> None:
    with MockGateway() as first:
        port = int(first.url.rpartition(":")[2])
    with MockGateway(port=port) as second, Client(second.url) as client:
        assert client.portfolio.accounts()


def test_orders_move_without_anybody_asking() -> None:
    heard: list[tuple[str, dict[str, Any]]] = []
    with MockGateway(start=START, stands_still=True) as gateway, Client(gateway.url) as client:
        _prepare(client)
        gateway.book.listeners.append(lambda kind, fields: heard.append((kind, fields)))
        price = round(gateway.world.price(265598) * 0.99, 2)
        order = {"conid": 265598, "side": "BUY", "orderType": "LMT", "tif": "DAY", "quantity": 1}
        client.orders.submit(PAPER, {"orders": [{**order, "price": price}]})
        gateway.clock.advance(1)
        before = len(heard)
        gateway.topics.tick()
    assert [fields["status"] for _, fields in heard[before:]] == ["Submitted"]
