"""HTTP and the stream say the same of accounts and prices, at a clock that stands still."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import httpx2
import pytest
from httpx2.websockets import WebSocketClient

from bezant.mock import Rules
from bezant.mock.quotes import FIELDS
from bezant.mock.world import PAPER, SECOND
from tests.runtime.visiting import AAPL, Visit, edge, visiting

FUTURE, EURO, POUND = 495512563, 12087792, 12087797
ABROAD, BOND = 273982664, 700000001
"""AAPL in Frankfurt, in euros; IBM 2039."""
POSITION = {"73", "74", "75", "76", "77", "78", "79", "80"}
Stream: TypeAlias = Callable[[str], Any]


@pytest.fixture
def visit() -> Iterator[Visit]:
    """A gateway where some orders of both accounts have filled, in several currencies."""
    with visiting(rules=Rules(preflights=False, warm_ups=False)) as found:
        found.client.orders.suppress_questions(message_ids=["o354", "o10151", "o451"])
        for conid, quantity in ((AAPL, 30), (FUTURE, 1), (EURO, 10_000), (BOND, 3)):
            order(found, PAPER, conid, quantity)
        for conid, quantity in ((ABROAD, 7), (POUND, -2_000), (AAPL, -9)):
            order(found, SECOND, conid, quantity)
        found.gateway.clock.advance(60)
        assert found.states() == ["Filled"] * 7
        yield found


def ticket(conid: int, quantity: float) -> dict[str, Any]:
    """A ticket to buy, or with a negative quantity to sell."""
    side = "BUY" if quantity > 0 else "SELL"
    how = {"orderType": "MKT", "tif": "DAY", "manualIndicator": True}
    return {"conid": conid, "side": side, "quantity": abs(quantity), **how}


def order(visit: Visit, account: str, conid: int, quantity: float) -> None:
    visit.client.orders.submit(account, orders=[ticket(conid, quantity)])


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
    "corporatebondsmarketvalue": "corporateBondsMarketValue",
    "netliquidationvalue": "netLiquidationValue",
    "realizedpnl": "realizedPnl",
    "unrealizedpnl": "unrealizedPnl",
    "exchangerate": "exchangeRate",
}


@pytest.mark.parametrize(
    ("account", "currencies"), [(PAPER, ["EUR", "USD"]), (SECOND, ["EUR", "GBP", "USD"])]
)
def test_ledgers(visit: Visit, stream: Stream, account: str, currencies: list[str]) -> None:
    rows = edge(visit, path=f"/portfolio/{account}/ledger").json()
    assert list(rows) == [*currencies, "BASE"]
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
    assert {code for code in frame if code in FIELDS} == set(shared)
    assert frame["6509"] == row["6509"]


@pytest.mark.parametrize(
    ("scenario", "availability", "pattern"),
    [
        ("delayed-data", "DPB", r"\d+\.\d\d"),
        ("halted", "RpB", r"H\d+\.\d\d"),
        ("close-prices", "RpB", r"C\d+\.\d\d"),
        ("no-market-data", "N", "missing"),
    ],
)
def test_quotes_in_scenarios(
    visit: Visit, stream: Stream, scenario: str, availability: str, pattern: str
) -> None:
    visit.start(scenario)
    path = f"/iserver/marketdata/snapshot?conids={AAPL}&fields=31"
    [row] = edge(visit, path=path).json()
    frame = stream(f'smd+{AAPL}+{{"fields":["31"]}}')
    for said in (row, frame):
        assert said["6509"] == availability
        assert re.fullmatch(pattern, said.get("31", "missing"))
    assert frame.get("31") == row.get("31")


def test_positions_in_quotes_are_of_the_selected_account(visit: Visit, stream: Stream) -> None:
    asked = f"smd+{BOND}+{json.dumps({'fields': sorted(POSITION)})}"
    assert set(stream(asked)) >= POSITION
    visit.client.accounts.switch(acct_id=SECOND)
    assert not POSITION & set(stream(asked))


@pytest.mark.parametrize(("period", "bar"), [("1d", "1h"), ("1w", "15min"), ("1y", "1d")])
def test_bars(visit: Visit, stream: Stream, period: str, bar: str) -> None:
    path = f"/iserver/marketdata/history?conid={AAPL}&period={period}&bar={bar}"
    answer = edge(visit, path=path).json()
    frame = stream(f"smh+{AAPL}+{json.dumps({'period': period, 'bar': bar})}")
    differing = ("serverId", "topic")
    assert {key: value for key, value in answer.items() if key not in differing} == {
        key: value for key, value in frame.items() if key not in differing
    }


FORETOLD = {
    "equity": "netliquidation",
    "initial": "initmarginreq",
    "maintenance": "maintmarginreq",
}
"""What a preview says, by the names of the summary."""


@pytest.mark.parametrize("account", [PAPER, SECOND])
@pytest.mark.parametrize(
    ("conid", "quantity"),
    [(AAPL, 10), (AAPL, -20), (FUTURE, 1), (EURO, 5_000), (EURO, -30_000), (ABROAD, 20), (BOND, 2)],
)
def test_a_preview_says_what_there_will_be(
    visit: Visit, account: str, conid: int, quantity: int
) -> None:
    path = f"/iserver/account/{account}/orders/whatif"
    said = edge(visit, "POST", path, json={"orders": [ticket(conid, quantity)]}).json()
    order(visit, account, conid, quantity)
    assert visit.states()[-1] == "Filled"
    summary = edge(visit, path=f"/portfolio/{account}/summary").json()
    assert {name: said[name]["after"] for name in FORETOLD} == {
        name: f"{round(summary[key]['amount']):,}" for name, key in FORETOLD.items()
    }
