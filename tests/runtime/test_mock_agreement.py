"""HTTP and the stream say the same of accounts and prices, at a clock that stands still."""

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import httpx2
import pytest
from httpx2.websockets import WebSocketClient

from bezant.mock import Rules
from bezant.mock.quotes import FIELDS
from bezant.mock.world import PAPER, SECOND
from tests.runtime.visiting import AAPL, Visit, edge, visiting

FUTURE, EURO = 495512563, 12087792
Stream: TypeAlias = Callable[[str], Any]


@pytest.fixture
def visit() -> Iterator[Visit]:
    """A gateway where some orders have filled."""
    with visiting(rules=Rules(preflights=False, warm_ups=False)) as found:
        found.client.orders.suppress_questions(message_ids=["o354", "o10151", "o451"])
        buy(found, AAPL, 30)
        buy(found, FUTURE, 1, manualIndicator=True)
        buy(found, EURO, 10_000)
        found.gateway.clock.advance(60)
        assert found.states() == ["Filled", "Filled", "Filled"]
        yield found


def buy(visit: Visit, conid: int, quantity: float, **more: Any) -> None:
    ticket = {"conid": conid, "side": "BUY", "orderType": "MKT", "tif": "DAY", **more}
    visit.client.orders.submit(PAPER, orders=[{**ticket, "quantity": quantity}])


@pytest.fixture
def stream(visit: Visit) -> Iterator[Stream]:
    """Asks the stream for something; gives the first frame of the topic."""
    visit.gateway.topics.heartbeat = None
    url = visit.gateway.url.replace("http", "ws") + "/v1/api/ws"
    cookie = {"Cookie": f"api={visit.gateway.session.token}"}
    with (
        httpx2.Client(trust_env=False) as http,
        WebSocketClient(http).connect(url, headers=cookie) as session,
    ):

        def ask(text: str) -> Any:
            session.send_text(text)
            topic = text.partition("+{")[0]
            while (frame := session.receive_json(timeout=10)).get("topic") != topic:
                continue
            return frame

        yield ask


def test_profits(visit: Visit, stream: Stream) -> None:
    rows = edge(visit, path="/iserver/account/pnl/partitioned").json()["upnl"]
    streamed = stream("spl+{}")["args"]
    assert set(rows) == set(streamed) == {f"{PAPER}.Core", f"{SECOND}.Core"}
    for name, row in rows.items():
        assert {key: value for key, value in row.items() if key != "el"} == streamed[name]
        assert row["el"] == round(row["uel"], 2)


SPELLED = {
    "cashbalance": "cashbalance",
    "settledcash": "settledCash",
    "stockmarketvalue": "stockMarketValue",
    "stockoptionmarketvalue": "optionMarketValue",
    "netliquidationvalue": "netLiquidationValue",
    "realizedpnl": "realizedPnl",
    "unrealizedpnl": "unrealizedPnl",
    "exchangerate": "exchangeRate",
}


@pytest.mark.parametrize("account", [PAPER, SECOND])
def test_ledgers(visit: Visit, stream: Stream, account: str) -> None:
    rows = edge(visit, path=f"/portfolio/{account}/ledger").json()
    streamed = {row["key"]: row for row in stream(f"sld+{account}+{{}}")["result"]}
    assert set(streamed) == {f"LedgerList{name}" for name in rows}
    for name, row in rows.items():
        shown = streamed[f"LedgerList{name}"]
        assert {key: row[key] for key in SPELLED} == {
            key: shown[spelled] for key, spelled in SPELLED.items()
        }


@pytest.mark.parametrize("account", [PAPER, SECOND])
def test_summaries(visit: Visit, stream: Stream, account: str) -> None:
    rows = edge(visit, path=f"/portfolio/{account}/summary").json()
    streamed = stream(f"ssd+{account}+{{}}")["result"]
    amounts = {row["key"]: row["monetaryValue"] for row in streamed if "monetaryValue" in row}
    shared = [key for key in amounts if key.lower() in rows]
    only_streamed = {"BuyingPower-S", "BuyingPower-C", "GrossPositionValue-C"}
    assert set(amounts) - set(shared) == only_streamed
    assert {key: amounts[key] for key in shared} == {
        key: rows[key.lower()]["amount"] for key in shared
    }


@pytest.mark.parametrize("conid", [AAPL, FUTURE, EURO])
def test_quotes(visit: Visit, stream: Stream, conid: int) -> None:
    edge(visit, path="/iserver/secdef/search?symbol=ES&secType=IND")
    codes = sorted(FIELDS)
    path = f"/iserver/marketdata/snapshot?conids={conid}&fields="
    row = {**edge(visit, path=path + ",".join(codes[:50])).json()[0]}
    row |= edge(visit, path=path + ",".join(codes[50:])).json()[0] if codes[50:] else {}
    frame = stream(f"smd+{conid}+{json.dumps({'fields': codes})}")
    shared = [code for code in codes if code in row]
    assert len(shared) > 15
    assert {code: str(row[code]) for code in shared} == {code: frame[code] for code in shared}
    assert frame["6509"] == row["6509"]


@pytest.mark.parametrize(("period", "bar"), [("1d", "1h"), ("1w", "15min"), ("1y", "1d")])
def test_bars(visit: Visit, stream: Stream, period: str, bar: str) -> None:
    path = f"/iserver/marketdata/history?conid={AAPL}&period={period}&bar={bar}"
    answer = edge(visit, path=path).json()
    frame = stream(f"smh+{AAPL}+{json.dumps({'period': period, 'bar': bar})}")
    differing = ("serverId", "topic")
    assert {key: value for key, value in answer.items() if key not in differing} == {
        key: value for key, value in frame.items() if key not in differing
    }


@pytest.mark.parametrize(("conid", "quantity"), [(AAPL, 10), (FUTURE, 2), (EURO, 5_000)])
def test_a_preview_says_what_the_margins_will_be(visit: Visit, conid: int, quantity: int) -> None:
    extra = {"manualIndicator": True} if conid == FUTURE else {}
    ticket = {"conid": conid, "side": "BUY", "orderType": "MKT", "tif": "DAY", **extra}
    path = f"/iserver/account/{PAPER}/orders/whatif"
    said = edge(visit, "POST", path, json={"orders": [{**ticket, "quantity": quantity}]}).json()
    buy(visit, conid, quantity, **extra)
    visit.gateway.book.advance()
    assert visit.states()[-1] == "Filled"
    summary = edge(visit, path=f"/portfolio/{PAPER}/summary").json()
    for name, key in (("initial", "initmarginreq"), ("maintenance", "maintmarginreq")):
        assert said[name]["after"] == f"{round(summary[key]['amount']):,}"
