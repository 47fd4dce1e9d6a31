"""The mock's performance: values by day that follow its prices, and the transactions behind them.

The tests begin on Monday, 21 September 2026, so that the last weekday that is over is Friday the 18th.
"""

import json
import re
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from bezant.mock.figures import Figures
from bezant.mock.performance import PERIODS, Values, first_day, values
from bezant.mock.world import PAPER, SECOND
from tests.runtime.judged import AAPL, EUR, START, Mock

PERFORMANCE = "post_pa_performance"
ALL = "post_pa_allperiods"
TRANSACTIONS = "post_pa_transactions"
FRIDAY = date(2026, 9, 18)
ABROAD = 273982664
"""AAPL, in euros."""
ASKED: dict[str, Any] = {"acctIds": [PAPER], "conids": [AAPL], "currency": "USD"}


@pytest.fixture
def mock() -> Mock:
    return Mock()


def performance(mock: Mock, period: str, *accounts: str) -> Any:
    return mock(PERFORMANCE, acctIds=list(accounts or (PAPER,)), period=period)


def series(mock: Mock, period: str) -> Any:
    return mock(ALL, acctIds=[PAPER])[PAPER][period]


# --- Values --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "before", "first", "count"),
    [
        ("1D", "20260917", "20260918", 1),
        ("7D", "20260911", "20260914", 5),
        ("MTD", "20260831", "20260901", 14),
        ("1M", "20260817", "20260818", 24),
        ("YTD", "20251231", "20260101", 187),
        ("1Y", "20250917", "20250918", 262),
    ],
)
def test_periods(mock: Mock, period: str, before: str, first: str, count: int) -> None:
    found = series(mock, period)
    assert (found["startNAV"]["date"], found["dates"][0], found["dates"][-1]) == (
        before,
        first,
        "20260918",
    )
    assert len(found["dates"]) == len(found["nav"]) == len(found["cps"]) == count


def test_days_are_weekdays(mock: Mock) -> None:
    days = [date.fromisoformat(text) for text in series(mock, "1Y")["dates"]]
    assert {day.weekday() for day in days} == {0, 1, 2, 3, 4}
    assert {(later - earlier).days for earlier, later in pairwise(days)} == {1, 3}


def test_a_period_is_the_same_by_itself(mock: Mock) -> None:
    every = mock(ALL, acctIds=[PAPER])[PAPER]
    assert every["periods"] == list(PERIODS)
    for period in PERIODS:
        single = performance(mock, period)
        [net], [returns] = single["nav"]["data"], single["cps"]["data"]
        assert single["nav"]["dates"] == single["cps"]["dates"] == every[period]["dates"]
        assert net["navs"] == every[period]["nav"]
        assert net["startNAV"] == every[period]["startNAV"]
        assert returns["returns"] == every[period]["cps"]


def test_values_are_those_of_the_prices(mock: Mock) -> None:
    mock.state.clock.advance(86_400)  # a Tuesday, when the day before is the last one
    mock.state.session.login()
    figures = Figures(mock.world, SECOND)
    mock.world.trade(SECOND, AAPL, 100, 190.0)
    [row] = performance(mock, "1D", SECOND)["nav"]["data"]
    assert row["navs"] == [round(figures.total().before, 2)]
    midnight = START - START % 86_400
    worth = 50_000.0 - 100 * 190.0 + 100 * mock.world.price(AAPL, midnight - 2 * 86_400)
    assert row["startNAV"] == {"date": "20260918", "val": round(worth, 2)}


def test_money_in_other_currencies_is_worth_what_it_was(mock: Mock) -> None:
    rates = [mock.world.rate("EUR", START - days * 86_400) for days in (1, 2)]
    assert rates[0] != rates[1]
    mock.world.holdings[PAPER].clear()
    [row] = performance(mock, "1D")["nav"]["data"]
    at = START - START % 86_400 - 2 * 86_400
    assert row["navs"] == [round(1_000_000 + 25_000 * mock.world.rate("EUR", at), 2)]


def test_returns_are_cumulative(mock: Mock) -> None:
    found = performance(mock, "YTD")
    [net], [returns], [months] = (found[name]["data"] for name in ("nav", "cps", "tpps"))
    start = net["startNAV"]["val"]
    for amount, part in zip(net["navs"], returns["returns"], strict=True):
        assert part == pytest.approx(amount / start - 1, abs=1e-8)
    assert found["tpps"]["dates"] == [f"2026{month:02d}" for month in range(1, 10)]
    whole = 1.0
    for part in months["returns"]:
        whole *= 1 + part
    assert whole - 1 == pytest.approx(returns["returns"][-1], abs=1e-6)


def test_several_accounts(mock: Mock) -> None:
    found = performance(mock, "7D", PAPER, SECOND)
    assert found["included"] == [PAPER, SECOND]
    assert [row["id"] for row in found["nav"]["data"]] == [PAPER, SECOND]
    assert found["nav"]["data"][1]["navs"] == [50_000.0] * 5
    assert found["cps"]["data"][1]["returns"] == [0.0] * 5
    every = mock(ALL, acctIds=[PAPER, SECOND])
    assert every["view"] == every["included"] == [PAPER, SECOND]
    assert every[SECOND]["7D"]["nav"] == [50_000.0] * 5


def test_what_surrounds_the_values(mock: Mock) -> None:
    every = mock(ALL, acctIds=[PAPER])
    assert (every["nd"], every["pm"]) == (366, "TWR")
    block = every[PAPER]
    assert (block["start"], block["end"]) == ("20250918", "20260918")
    assert block["lastSuccessfulUpdate"] == "2026-09-18 20:00:00"


def test_another_day_adds_to_the_values(mock: Mock) -> None:
    before = series(mock, "MTD")
    mock.state.clock.advance(86_400)
    mock.state.session.login()
    after = series(mock, "MTD")
    assert after["dates"] == [*before["dates"], "20260921"]
    assert after["nav"][:-1] == before["nav"]


@pytest.mark.parametrize("period", ["last7days", "12M", "3M", "1d", "", None, 7])
def test_periods_that_there_are_not(mock: Mock, period: Any) -> None:
    mock.refused(PERFORMANCE, 400, acctIds=[PAPER], period=period)


@pytest.mark.parametrize("accounts", [None, [], PAPER, ["U999"], [PAPER, "U999"]])
@pytest.mark.parametrize("name", [PERFORMANCE, ALL, TRANSACTIONS])
def test_accounts_are_needed(mock: Mock, name: str, accounts: Any) -> None:
    mock.refused(name, 400, **{**ASKED, "period": "1D", "acctIds": accounts})


@pytest.mark.parametrize(
    ("end", "first"),
    [
        (date(2026, 3, 31), date(2026, 2, 28)),
        (date(2028, 3, 31), date(2028, 2, 29)),
        (date(2026, 1, 15), date(2025, 12, 15)),
        (date(2026, 12, 31), date(2026, 11, 30)),
    ],
)
def test_a_month_is_a_month_of_the_calendar(end: date, first: date) -> None:
    assert first_day("1M", end) == first


def test_a_year_ends_on_a_day_that_it_has() -> None:
    assert first_day("1Y", date(2028, 2, 29)) == date(2027, 2, 28)


def test_a_part_of_values_begins_the_evening_before() -> None:
    days = tuple(FRIDAY + timedelta(days=number) for number in range(3))
    whole = Values(days, (1.0, 2.0, 4.0), FRIDAY - timedelta(days=1), 0.5)
    assert whole.since(days[0]) == whole
    assert whole.since(days[2]) == Values(days[2:], (4.0,), days[1], 2.0)
    assert whole.returns() == [1.0, 3.0, 7.0]


def test_the_same_seed_gives_the_same_values() -> None:
    first, again, other = (values(Mock(seed).world, PAPER, "7D") for seed in (1, 1, 2))
    assert first == again != other


# --- Transactions --------------------------------------------------------------------------------


def trade(mock: Mock, side: str, quantity: float) -> float:
    """Trade AAPL at once, with a limit well beyond the market; gives the price."""
    price = round(mock.world.price(AAPL) * (1.01 if side == "BUY" else 0.99), 2)
    order = {"conid": AAPL, "side": side, "orderType": "LMT", "price": price, "tif": "DAY"}
    mock.state.book.submit(PAPER, [{**order, "quantity": quantity}])
    mock.state.clock.advance(2)
    mock.state.book.advance()
    assert mock.state.book.life.executions[-1].quantity == quantity
    return mock.state.book.life.executions[-1].price


def transactions(mock: Mock, **changes: Any) -> Any:
    return mock(TRANSACTIONS, **{**ASKED, **changes})


def test_what_was_held_at_the_start_was_bought_before(mock: Mock) -> None:
    held = mock.world.holdings[PAPER][AAPL]
    found = transactions(mock)
    [row] = found["transactions"]
    assert row == {
        "date": "Tue Sep 01 00:00:00 EDT 2026",
        "rawDate": "20260901",
        "cur": "USD",
        "fxRate": 1.0,
        "pr": held.cost,
        "qty": held.quantity,
        "acctid": PAPER,
        "amt": round(-held.quantity * held.cost, 2),
        "conid": AAPL,
        "type": "Buy",
        "desc": "APPLE INC",
    }
    assert found["rpnl"] == {"data": [], "amt": "0.0"}


def test_trades_of_the_book_follow(mock: Mock) -> None:
    held = mock.world.holdings[PAPER][AAPL]
    quantity, cost = held.quantity, held.cost
    bought = trade(mock, "BUY", 10)
    sold = trade(mock, "SELL", 5)
    _, buy, sale = transactions(mock)["transactions"]
    assert (buy["type"], buy["qty"], buy["pr"]) == ("Buy", 10.0, bought)
    assert buy["amt"] == round(-10 * bought, 2)
    assert (sale["type"], sale["qty"], sale["amt"]) == ("Sell", -5.0, round(5 * sold, 2))
    assert re.fullmatch(r"Mon Sep 21 00:00:00 EDT 2026", sale["date"])
    profit = transactions(mock)["rpnl"]
    [row] = profit["data"]
    average = (quantity * cost + 10 * bought) / (quantity + 10)
    assert (row["side"], row["date"], row["conid"]) == ("L", "20260921", str(AAPL))
    assert float(row["amt"]) == pytest.approx(5 * (sold - average), abs=1e-3)
    assert float(profit["amt"]) == float(row["amt"])
    assert float(row["amt"]) == pytest.approx(mock.world.holdings[PAPER][AAPL].realized, abs=1e-3)


def test_only_the_last_days_are_shown(mock: Mock) -> None:
    trade(mock, "BUY", 10)
    [row] = transactions(mock, days=7)["transactions"]
    assert row["qty"] == 10.0
    assert transactions(mock, days=7)["nd"] == 7
    found = transactions(mock, days=1)
    assert found["from"] == found["to"] - 86_400_000


def test_winter_has_another_zone(mock: Mock) -> None:
    mock.state.clock.advance(60 * 86_400)
    mock.state.session.login()
    trade(mock, "BUY", 10)
    row = transactions(mock)["transactions"][-1]
    assert row["date"] == "Fri Nov 20 00:00:00 EST 2026"


def test_the_rate_is_that_of_the_currency(mock: Mock) -> None:
    rate = transactions(mock, currency="EUR")["transactions"][0]["fxRate"]
    assert rate == pytest.approx(1 / mock.world.rate("EUR"), abs=1e-6)
    assert transactions(mock, conids=[ABROAD])["transactions"] == []


def test_accounts_have_transactions_of_their_own(mock: Mock) -> None:
    trade(mock, "BUY", 10)
    assert transactions(mock, acctIds=[SECOND])["transactions"] == []
    both = transactions(mock, acctIds=[SECOND, PAPER])["transactions"]
    assert both == transactions(mock)["transactions"]


@pytest.mark.parametrize(
    "changes",
    [
        {"conids": None},
        {"conids": []},
        {"conids": [AAPL, EUR]},
        {"conids": AAPL},
        {"conids": [1]},
        {"conids": ["AAPL"]},
        {"currency": None},
        {"currency": ""},
        {"currency": "ZZZ"},
        {"days": -1},
        {"days": "many"},
    ],
)
def test_what_transactions_need(mock: Mock, changes: dict[str, Any]) -> None:
    mock.refused(TRANSACTIONS, 400, **{**ASKED, **changes})


def test_the_same_start_gives_the_same_transactions() -> None:
    replies = [Mock().reply(TRANSACTIONS, **ASKED).body for _ in range(2)]
    assert json.loads(replies[0]) == json.loads(replies[1])
