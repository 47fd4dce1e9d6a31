"""A mock gateway on a clock that stands still, with a client of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
from bezant_api import NEVER, Client

from bezant.mock import MockGateway, Rules
from bezant.mock.world import PAPER

START = 1_795_600_800.0
"""A Wednesday in November, 05:00 in New York."""
AAPL = 265598
ALERT = {
    "alertName": "mock",
    "alertMessage": "mock",
    "alertRepeatable": 0,
    "outsideRth": 0,
    "tif": "GTC",
    "conditions": [
        {
            "type": 1,
            "conidex": "265598@SMART",
            "operator": ">=",
            "triggerMethod": "0",
            "value": "100",
            "logicBind": "n",
        }
    ],
}


class Visit:
    """A gateway and a client of it, after what clients ask first."""

    def __init__(self, gateway: MockGateway, client: Client) -> None:
        self.gateway = gateway
        self.client = client

    def start(self, name: str) -> None:
        self.gateway.start(name)

    def order(self, quantity: float = 10, above: float = 0.5) -> list[Any]:
        """Order AAPL, with a limit above the market; the rows of the answer."""
        price = round(self.gateway.world.price(AAPL) + above, 2)
        ticket = {"conid": AAPL, "side": "BUY", "orderType": "LMT", "price": price, "tif": "DAY"}
        rows = self.client.orders.submit(PAPER, orders=[{**ticket, "quantity": quantity}])
        assert isinstance(rows, list)
        return list(rows)

    def states(self) -> list[str]:
        return [str(order.status.value) for order in self.gateway.book.visible()]


@contextmanager
def visiting(*names: str, rules: Rules | None = None) -> Iterator[Visit]:
    gateway = MockGateway(seed=7, start=START, stands_still=True, scenarios=names, rules=rules)
    gateway.topics.interval = None
    with gateway, Client(gateway.url, retry=NEVER, timeout=20.0) as client:
        yield Visit(gateway, client)
    assert gateway.errors == []


@contextmanager
def prepared(rules: Rules | None = None) -> Iterator[Visit]:
    """One after what clients ask first."""
    with visiting(rules=rules) as found:
        found.client.accounts.brokerage()
        found.client.portfolio.accounts()
        yield found


def edge(visit: Visit, method: str = "GET", path: str = "/iserver/accounts", **more: Any) -> Any:
    """The answer as it came, which no client of ours has read."""
    return httpx2.request(method, f"{visit.gateway.url}/v1/api{path}", trust_env=False, **more)


def bars(client: Client) -> Any:
    return client.market_data.history(conid=AAPL, period="1d", bar="1h")
