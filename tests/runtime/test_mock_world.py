"""What the mock says of accounts and positions: it fits the document, adds up, and shows trades."""

import re
from typing import Any

import pytest

from bezant.mock.world import PAPER, SECOND
from tests.runtime.judged import AAPL, ACCOUNT, CALL_195, ES_DEC, EUR, Mock


@pytest.fixture
def mock() -> Mock:
    return Mock()


def test_the_list_of_accounts_opens_what_needs_it(mock: Mock) -> None:
    mock.state.session.accounts_queried = False
    mock.state.session.portfolio_queried = False
    snapshot = {"conids": AAPL, "fields": "31"}
    assert "query /accounts first" in mock.refused("get_iserver_marketdata_snapshot", 400, snapshot)
    assert "query /accounts first" in mock.refused("get_portfolio_ledger", 400, **ACCOUNT)
    assert mock("get_iserver_accounts")["isPaper"] is True
    mock("get_portfolio_accounts")
    mock("get_iserver_marketdata_snapshot", snapshot)
    mock("get_portfolio_ledger", **ACCOUNT)


def test_switching_accounts(mock: Mock) -> None:
    assert mock("post_iserver_account", acctId=PAPER) == {"success": "Account already set"}
    assert mock("post_iserver_account", acctId=SECOND) == {"set": True, "acctId": SECOND}
    assert mock("get_iserver_accounts")["selectedAccount"] == SECOND
    mock.refused("post_iserver_account", 500, acctId="U999")
    mock.refused("post_iserver_account", 400)


def test_segments_add_up(mock: Mock) -> None:
    mock.world.trade(PAPER, ES_DEC, 2, mock.world.price(ES_DEC))
    balances = mock("get_iserver_account_summary_balances", **ACCOUNT)
    net = {name: _dollars(row["net_liquidation"]) for name, row in balances.items()}
    assert net["commodities"] > 500_000
    assert net["total"] == pytest.approx(net["securities"] + net["commodities"], abs=1)
    summary = mock("get_iserver_account_summary", **ACCOUNT)
    assert summary["netLiquidationValue"] == pytest.approx(net["total"], abs=1)
    assert re.fullmatch(r"[\d,]+ USD", balances["total"]["cash"])
    funds = mock("get_iserver_account_summary_available_funds", **ACCOUNT)["total"]
    margins = mock("get_iserver_account_summary_margins", **ACCOUNT)["total"]
    spare = _dollars(funds["current_available"]) + _dollars(margins["current_initial"])
    assert spare == pytest.approx(net["total"], abs=2)


def _dollars(text: str) -> float:
    return float(text.removesuffix(" USD").replace(",", ""))


def test_market_values_by_currency_add_up(mock: Mock) -> None:
    rows = mock("get_iserver_account_summary_market_value", **ACCOUNT)
    summary = mock("get_iserver_account_summary", **ACCOUNT)
    total = rows.pop("Total (in USD)")
    in_base = [
        _dollars(row["net_liquidation"]) * float(row["Exchange Rate"]) for row in rows.values()
    ]
    assert set(rows) == {"EUR", "USD"}
    assert _dollars(total["net_liquidation"]) == pytest.approx(sum(in_base), abs=2)
    assert summary["netLiquidationValue"] == pytest.approx(sum(in_base), abs=2)


def pages(mock: Mock, **query: Any) -> list[list[dict[str, Any]]]:
    name = "get_portfolio_positions_by_page_id"
    return [mock(name, query, pageId=page, **ACCOUNT) for page in range(4)]


def test_positions_come_in_pages(mock: Mock) -> None:
    found = pages(mock)
    held = len(mock.world.holdings[PAPER])
    assert [len(page) for page in found] == [100, 100, held - 200, 0]
    assert len({row["conid"] for page in found for row in page}) == held
    mock.refused("get_portfolio_positions_by_page_id", 400, pageId=-1, **ACCOUNT)
    assert mock("get_portfolio_positions_by_page_id", {"model": "M"}, pageId=0, **ACCOUNT) == []


@pytest.mark.parametrize("member", ["mktValue", "contractDesc", "expiry"])
def test_positions_are_sorted(mock: Mock, member: str) -> None:
    asked: dict[str, Any] = {"sort": member, "waitForSecDef": "true"}
    up = [row[member] for page in pages(mock, **asked) for row in page]
    down = [row[member] for page in pages(mock, **asked, direction="d") for row in page]
    known = [value for value in up if value is not None]
    assert known == sorted(known)
    assert down == up[::-1]


def test_market_values_add_up(mock: Mock) -> None:
    rows = [row for page in pages(mock, waitForSecDef="true") for row in page]
    for row in rows:
        worth = row["position"] * row["mktPrice"] * (row["multiplier"] or 1)
        assert row["mktValue"] == pytest.approx(worth, abs=0.01)
        assert row["unrealizedPnl"] == pytest.approx(
            row["mktValue"] - row["position"] * row["avgCost"], abs=0.02
        )
    ledger = mock("get_portfolio_ledger", **ACCOUNT)
    base = ledger.pop("BASE")
    values = base["stockmarketvalue"] + base["stockoptionmarketvalue"]
    assert values == pytest.approx(sum(row["mktValue"] for row in rows), abs=0.01)
    assert base["netliquidationvalue"] == pytest.approx(values + base["cashbalance"], abs=0.02)
    in_base = (row["netliquidationvalue"] * row["exchangerate"] for row in ledger.values())
    assert base["netliquidationvalue"] == pytest.approx(sum(in_base), abs=0.02)
    summary = mock("get_portfolio_summary", **ACCOUNT)
    assert summary["netliquidation"]["amount"] == pytest.approx(
        base["netliquidationvalue"], abs=0.02
    )
    assert summary["accountcode"]["value"] == PAPER
    assert summary["accountcode"]["currency"] is None
    once = mock("get_portfolio2_positions", **ACCOUNT)
    assert sum(row["marketValue"] for row in once) == pytest.approx(values, abs=0.01)
    assert all(isinstance(row["conid"], str) for row in once)
    profits = mock("get_iserver_account_pnl_partitioned")["upnl"][f"{PAPER}.Core"]
    assert profits["nl"] == summary["netliquidation"]["amount"]


def test_the_allocation_adds_up(mock: Mock) -> None:
    mock.world.trade(SECOND, AAPL, -10, 200.0)
    both = mock("post_portfolio_allocation", acctIds=[PAPER, SECOND])
    one, other = (mock("get_portfolio_allocation", accountId=name) for name in (PAPER, SECOND))
    for key in ("assetClass", "sector", "group"):
        parts = one[key]["long"].items()
        for label, amount in parts:
            whole = amount + other[key]["long"].get(label, 0.0)
            assert both[key]["long"][label] == pytest.approx(whole, abs=0.02)
    assert other["assetClass"]["short"] == {"STK": pytest.approx(-10 * mock.world.price(AAPL))}
    net = mock("get_portfolio_ledger", **ACCOUNT)["BASE"]["netliquidationvalue"]
    assert sum(one["assetClass"]["long"].values()) == pytest.approx(net, abs=0.05)
    mock.refused("post_portfolio_allocation", 400)
    mock.refused("post_portfolio_allocation", 400, acctIds=["U999"])


def test_a_trade_shows(mock: Mock) -> None:
    who: dict[str, Any] = {"accountId": SECOND}
    assert mock("get_portfolio_position_by_conid", conid=AAPL, **who) == []
    before = mock("get_portfolio_ledger", **who)["BASE"]
    price = mock.world.price(AAPL)
    mock.world.trade(SECOND, AAPL, 10, price)
    mock.world.trade(SECOND, AAPL, -4, price + 1)
    [row] = mock("get_portfolio_position_by_conid", conid=AAPL, **who)
    assert (row["position"], row["avgPrice"], row["realizedPnl"]) == (6.0, price, 4.0)
    after = mock("get_portfolio_ledger", **who)["BASE"]
    assert after["netliquidationvalue"] - before["netliquidationvalue"] == pytest.approx(4.0)
    assert after["cashbalance"] == pytest.approx(before["cashbalance"] - 6 * price + 4)
    assert after["realizedpnl"] == 4.0
    assert set(mock("get_portfolio_positions_by_conid", conid=AAPL)) == {PAPER, SECOND}
    mock.world.trade(SECOND, AAPL, -6, price)
    [row] = mock("get_portfolio_position_by_conid", conid=AAPL, **who)
    assert row["position"] == 0.0  # what was closed today stays for the day


def test_currencies_are_cash(mock: Mock) -> None:
    rate = mock.world.price(EUR)
    mock.world.trade(SECOND, EUR, 1000, rate)
    ledger = mock("get_portfolio_ledger", accountId=SECOND)
    assert ledger["EUR"]["cashbalance"] == 1000.0
    assert ledger["USD"]["cashbalance"] == pytest.approx(50_000 - 1000 * rate)
    assert ledger["BASE"]["netliquidationvalue"] == pytest.approx(50_000)
    assert mock("get_portfolio2_positions", accountId=SECOND) == []


def test_details_of_positions_come_later(mock: Mock) -> None:
    first, second = (
        mock("get_portfolio_position_by_conid", conid=CALL_195, **ACCOUNT)[0] for _ in range(2)
    )
    assert first["multiplier"] is None
    assert "ticker" not in first
    assert (second["multiplier"], second["strike"], second["putOrCall"]) == (100.0, "195", "C")
    assert second["contractDesc"] == "AAPL   JAN2027 195 C [AAPL  270108C00195000 100]"
    assert second["fullName"] == "AAPL Jan08'27 195 Call"
    mock("post_portfolio_positions_invalidate", **ACCOUNT)
    assert mock("get_portfolio_position_by_conid", conid=CALL_195, **ACCOUNT) == [first]


def test_a_seed_is_a_world() -> None:
    one, other = Mock(seed=1), Mock(seed=2)
    assert pages(one) == pages(Mock(seed=1))
    assert pages(one) != pages(other)


def test_time_moves_prices(mock: Mock) -> None:
    before = mock("get_portfolio2_positions", **ACCOUNT)
    assert mock("get_portfolio2_positions", **ACCOUNT) == before
    mock.state.clock.advance(60)
    after = mock("get_portfolio2_positions", **ACCOUNT)
    moved = [a for a, b in zip(before, after, strict=True) if a["marketPrice"] != b["marketPrice"]]
    assert len(moved) > 200
