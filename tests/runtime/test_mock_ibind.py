"""`ibind`, a client that knows nothing of the mock, works against it as against the real gateway."""

import importlib
import importlib.util
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bezant.mock import MockGateway
from bezant.mock.tls import SelfSigned
from bezant.mock.world import PAPER

AAPL = 265598
YES = {"Are you sure you want to submit this order?": True}
"""An answer to every question: ibind looks for its text in theirs."""

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("ibind") is None, reason="ibind is not installed"
)

STREAM = """
import json, os, sys
import ibind
from ibind import events, subscriptions

base, account, conid = sys.argv[1:]
client = ibind.IbkrClient(url=f"{base}/v1/api/", account_id=account, auto_register_shutdown=False)
client.receive_brokerage_accounts()
sink = ibind.QueueSink()
stream = ibind.IbkrWsClient(
    url=f"ws{base.removeprefix('http')}/v1/api/ws", ibkr_client=client, account_id=account, sink=sink
)
quotes = sink.new_queue_accessor(events.MarketData)
orders = sink.new_queue_accessor(events.Orders)
is_started = stream.start()
asked = [
    stream.subscribe(subscriptions.MarketDataSubscription(conid=conid, fields=["31", "84", "86"])),
    stream.subscribe(subscriptions.OrdersSubscription()),
]
failed = stream.wait_all(asked, timeout_each=20)
quote = quotes.get(block=True, timeout=20)
ticket = ibind.OrderRequest(
    conid=int(conid), side="BUY", quantity=1, order_type="LMT", price=1, acct_id=account, tif="DAY"
)
placed = client.place_order(ticket, {"Are you sure you want to submit this order?": True})
order = orders.get(block=True, timeout=20)
print(json.dumps({
    "is_started": is_started,
    "failed": len(failed),
    "quote": quote.data,
    "placed": placed.data["order_id"],
    "order": str(order),
}), flush=True)
os._exit(0)
"""
"""Ends without closing: stopping the WebSocket of ibind can take longer than ibind waits for it."""


@pytest.fixture
def gateway() -> Iterator[MockGateway]:
    with MockGateway(seed=7) as running:
        yield running
        assert running.errors == []


@pytest.fixture
def client(gateway: MockGateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("IBIND_LOG_TO_FILE", "false")
    made = _ibind().IbkrClient(
        url=f"{gateway.url}/v1/api/", account_id=PAPER, auto_register_shutdown=False
    )
    logging.getLogger("ibind").setLevel(logging.CRITICAL)
    yield made
    made.close()


def _ibind() -> Any:
    # It has no types, and need not be installed.
    return importlib.import_module("ibind")


def _order(price: float) -> Any:
    return _ibind().OrderRequest(
        conid=AAPL,
        side="BUY",
        quantity=1,
        order_type="LMT",
        price=price,
        acct_id=PAPER,
        tif="DAY",
    )


def test_logging_in(gateway: MockGateway, client: Any) -> None:
    gateway.session.lose_brokerage()
    assert not client.check_auth_status()
    client.initialize_brokerage_session()
    assert client.check_auth_status()
    assert client.tickle().data["session"] == gateway.session.token


def test_accounts_and_positions(client: Any) -> None:
    assert PAPER in client.receive_brokerage_accounts().data["accounts"]
    assert PAPER in [account["id"] for account in client.portfolio_accounts().data]
    pages = [client.positions(page=page).data for page in range(4)]
    assert [len(page) for page in pages[:2]] == [100, 100]
    assert pages[-1] == []
    conids = [row["conid"] for page in pages for row in page]
    assert len(set(conids)) == len(conids) > 200


def test_contracts_and_quotes(client: Any) -> None:
    client.receive_brokerage_accounts()
    assert client.stock_conid_by_symbol("AAPL").data == {"AAPL": AAPL}
    snapshots = [client.live_marketdata_snapshot(str(AAPL), ["31"]).data[0] for _ in range(3)]
    assert "31" not in snapshots[0]
    assert "31" in snapshots[-1]


def test_an_order_through_its_questions(gateway: MockGateway, client: Any) -> None:
    client.receive_brokerage_accounts()
    placed = client.place_order(_order(1.0), YES).data
    assert len(gateway.arrived.of("post_iserver_reply_by_reply_id")) > 1
    client.live_orders(force=True)
    assert placed["order_id"] in [
        str(row["orderId"]) for row in client.live_orders().data["orders"]
    ]
    client.cancel_order(placed["order_id"])


def test_questions_that_it_suppresses_by_its_own_names(gateway: MockGateway, client: Any) -> None:
    ibind = _ibind()
    client.receive_brokerage_accounts()
    kinds = ibind.QuestionType.PRICE_PERCENTAGE_CONSTRAINT, ibind.QuestionType.MANDATORY_CAP_PRICE
    client.suppress_messages([ibind.question_type_to_message_id(kind) for kind in kinds])
    assert client.place_order(_order(1.0), {}).data["order_id"]
    assert gateway.arrived.of("post_iserver_reply_by_reply_id") == []


@pytest.mark.parametrize("is_secure", [False, True], ids=["http", "https"])
def test_streams(is_secure: bool, tmp_path: Path) -> None:
    tls = SelfSigned().server() if is_secure else None
    # On a gateway its WebSocket sends no User-Agent; only the edge of api.ibkr.com insists on one.
    with MockGateway(seed=7, tls=tls) as gateway:
        seen = _stream(gateway.url, tmp_path)
        assert gateway.errors == []
    assert (seen["is_started"], seen["failed"]) == (True, 0)
    assert {"last_price", "bid_price", "ask_price"} <= seen["quote"].keys()
    assert seen["placed"] in seen["order"]


def _stream(url: str, folder: Path) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", STREAM, url, PAPER, str(AAPL)],
        cwd=folder,
        env={**os.environ, "IBIND_LOG_TO_FILE": "false", "IBIND_LOG_TO_CONSOLE": "false"},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    seen: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return seen
