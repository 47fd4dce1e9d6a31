"""The example of a backend of one's own, in front of the mock gateway."""

import sys
from pathlib import Path
from typing import Any

import pytest

from bezant.mock import MockGateway, Rules
from bezant.mock.world import PAPER
from tests.sidecar.serving import http, served

FOLDER = Path(__file__).parents[2] / "docs" / "examples"
ORDERS = f"/v1/api/iserver/account/{PAPER}/orders"
TICKET = {"conid": 265598, "side": "BUY", "orderType": "LMT", "price": 150.0, "tif": "DAY"}


def test_three_answers_are_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    import sidecar_backend  # type: ignore[import-not-found]  # found by the line above

    rules = Rules(preflights=False, warm_ups=False)
    with MockGateway(rules=rules, stands_still=True) as gateway:
        gateway.book.asker.suppress(["o163", "o10153"])
        with served(sidecar_backend.make(gateway.url)) as url, http(url) as client:

            def order(quantity: float) -> Any:
                body = {"orders": [{**TICKET, "quantity": quantity}]}
                return client.post(ORDERS, json=body)

            assert len(client.get("/v1/api/portfolio/accounts").json()) == 2
            refused = order(101)
            assert (refused.status_code, refused.json()["code"]) == (403, "order_too_large")
            [placed] = order(1).json()
            assert placed["order_status"]
            path = f"/v1/api/iserver/account/{PAPER}/order/{placed['order_id']}"
            assert client.delete(path).status_code == 403
            # And everything else is the gateway's.
            assert [
                row["orderId"]
                for row in client.get("/v1/api/iserver/account/orders").json()["orders"]
            ] == [int(placed["order_id"])]
        assert gateway.errors == []
    del sys.modules["sidecar_backend"]
