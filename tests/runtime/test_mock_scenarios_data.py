"""Scenarios of market data, contracts, portfolios and messages: what clients see once one is started."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from bezant_api import ApiError, errors

from bezant.mock import Rules
from bezant.mock.world import PAPER
from tests.runtime.visiting import AAPL, ALERT, Visit, bars, edge, prepared, visiting


@pytest.fixture
def visit() -> Iterator[Visit]:
    with prepared() as found:
        yield found


# --- Market data ---------------------------------------------------------------------------------


def snapshot(visit: Visit) -> dict[str, Any]:
    for _ in range(3):
        answer = edge(visit, path=f"/iserver/marketdata/snapshot?conids={AAPL}&fields=31")
    row: dict[str, Any] = answer.json()[0]
    return row


@pytest.mark.parametrize(
    ("name", "availability", "has_price"),
    [
        ("delayed-data", "DPB", True),
        ("frozen-data", "ZB", True),
        ("frozen-delayed-data", "YB", True),
        ("no-market-data", "N", False),
        ("unsigned-agreement", "O", False),
    ],
)
def test_how_live_data_is(visit: Visit, name: str, availability: str, has_price: bool) -> None:
    visit.start(name)
    row = snapshot(visit)
    assert (row["6509"], "31" in row) == (availability, has_price)


@pytest.mark.parametrize(("name", "letter"), [("close-prices", "C"), ("halted", "H")])
def test_letters_before_prices(visit: Visit, name: str, letter: str) -> None:
    visit.start(name)
    assert re.fullmatch(rf"{letter}\d+\.\d\d", snapshot(visit)["31"])


@pytest.mark.parametrize(
    ("name", "status"), [("history-not-ready", 500), ("history-not-found", 404)]
)
def test_the_first_call_for_bars_fails(visit: Visit, name: str, status: int) -> None:
    visit.start(name)
    with pytest.raises(ApiError) as caught:
        bars(visit.client)
    assert caught.value.status == status
    assert bars(visit.client).data


def test_snapshots_fill_up() -> None:
    with prepared(rules=Rules(warm_ups=False)) as visit:
        path = f"/iserver/marketdata/snapshot?conids={AAPL}&fields=31,84"
        assert "31" in edge(visit, path=path).json()[0]
        assert "84" in edge(visit, path=path).json()[0]
        visit.start("warm-ups")
        visit.gateway.session.init(publish=True, compete=True)
        edge(visit)
        seen = [edge(visit, path=path).json()[0] for _ in range(3)]
        assert [len({"31", "84"} & set(row)) for row in seen] == [0, 1, 2]


def test_a_field_that_never_arrives(visit: Visit) -> None:
    visit.start("withheld-field")
    path = f"/iserver/marketdata/snapshot?conids={AAPL}&fields=31,84,86"
    for _ in range(6):
        row = edge(visit, path=path).json()[0]
    assert {"31", "86"} < set(row)
    assert "84" not in row
    visit.gateway.stop("withheld-field")
    assert "84" in edge(visit, path=path).json()[0]


@pytest.mark.parametrize(
    ("name", "reason"), [("no-history", "No data."), ("no-chart", "Chart data unavailable")]
)
def test_there_are_no_bars(visit: Visit, name: str, reason: str) -> None:
    visit.start(name)
    with pytest.raises(errors.ServerError, match=re.escape(reason)):
        bars(visit.client)


def test_nothing_to_unsubscribe(visit: Visit) -> None:
    snapshot(visit)
    visit.start("nothing-to-unsubscribe")
    with pytest.raises(ApiError) as caught:
        visit.client.market_data.unsubscribe(conid=AAPL)
    assert caught.value.status == 500
    visit.gateway.stop("nothing-to-unsubscribe")
    assert visit.client.market_data.unsubscribe(conid=AAPL).success


def test_scans_are_cut_short(visit: Visit) -> None:
    def rows() -> int:
        scan = {"instrument": "STK", "type": "MOST_ACTIVE", "location": "STK.US"}
        return len(visit.client.scanner.run(scan).contracts or ())

    assert rows() == 50
    visit.start("scans-cut-short")
    assert rows() == 2


# --- Contracts -----------------------------------------------------------------------------------


def test_no_symbol_is_found(visit: Visit) -> None:
    assert visit.client.contracts.search(symbol="AAPL")
    visit.start("unknown-symbols")
    assert edge(visit, path="/iserver/secdef/search?symbol=AAPL").json() == {
        "error": "No symbol found"
    }


def test_months_without_strikes(visit: Visit) -> None:
    visit.client.contracts.search(symbol="AAPL")

    def calls() -> object:
        asked = visit.client.contracts.strikes(conid=str(AAPL), sec_type="OPT", month="JAN27")
        return asked.call

    assert calls()
    visit.start("no-strikes")
    assert calls() == []


def test_derivatives_that_are_not_found(visit: Visit) -> None:
    visit.client.contracts.search(symbol="AAPL")
    visit.start("no-contracts")
    with pytest.raises(errors.ContractNotFound, match="no contracts"):
        visit.client.contracts.derivatives(
            conid=str(AAPL), sec_type="OPT", month="JAN27", strike="190"
        )


def test_a_single_session_is_no_list(visit: Visit) -> None:
    def sessions() -> list[Any]:
        path = "/trsrv/secdef/schedule?assetClass=STK&symbol=AAPL"
        [venue, *_] = edge(visit, path=path).json()
        return [day["sessions"] for day in venue["schedules"]]

    assert all(isinstance(day, list) for day in sessions())
    visit.start("single-sessions")
    assert {type(day) for day in sessions()} == {list, dict}
    asked = visit.client.contracts.schedule_by_symbol(asset_class="STK", symbol="AAPL")
    assert len(asked) == 2


# --- Portfolios and messages ---------------------------------------------------------------------


def test_positions_come_later(visit: Visit) -> None:
    visit.start("positions-empty-first")
    counts = [len(visit.client.portfolio.positions(PAPER, 0)) for _ in range(2)]
    assert counts == [0, 100]


def test_profits_come_later(visit: Visit) -> None:
    visit.start("profits-empty-first")
    first, second = (visit.client.accounts.pnl().upnl for _ in range(2))
    assert first == {}
    assert second


def test_an_alert_is_not_made(visit: Visit) -> None:
    visit.start("alerts-fail")
    with pytest.raises(errors.Rejected) as caught:
        visit.client.alerts.create(PAPER, ALERT)
    assert caught.value.body.text == "Alert was not submitted"


def test_accounts_come_later() -> None:
    with visiting("accounts-empty-first") as visit:
        counts = [len(visit.client.portfolio.accounts()) for _ in range(2)]
    assert counts == [0, 2]


def test_positions_are_stale_until_they_are_invalidated(visit: Visit) -> None:
    def held() -> list[float]:
        path = f"/portfolio/{PAPER}/positions/0"
        return [row["position"] for row in edge(visit, path=path).json() if row["conid"] == AAPL]

    visit.start("stale-positions")
    [before] = held()
    visit.order(quantity=10)
    visit.gateway.clock.advance(1)
    assert held() == [before]
    visit.client.portfolio.invalidate_positions(PAPER)
    assert held() == [before + 10]


def test_a_segment_has_a_key_of_its_own(visit: Visit) -> None:
    visit.start("segment-keys")
    assert set(edge(visit, path=f"/portfolio/positions/{AAPL}").json()) == {PAPER, f"{PAPER}C"}


def test_the_sum_has_no_currency(visit: Visit) -> None:
    visit.start("blank-currency")
    assert edge(visit, path=f"/portfolio/{PAPER}/ledger").json()["BASE"]["currency"] == ""


def test_alerts_that_stay(visit: Visit) -> None:
    visit.start("alerts-undeletable")
    with pytest.raises(errors.Rejected) as caught:
        visit.client.alerts.delete(PAPER, "1", {})
    assert caught.value.body.text == "Alert cannot be deleted"


def test_no_device_is_known(visit: Visit) -> None:
    visit.start("devices-unknown")
    answer = edge(visit, "DELETE", "/fyi/deliveryoptions/1")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_watchlists_cannot_be_made(visit: Visit) -> None:
    visit.start("watchlists-busy")
    with pytest.raises(errors.ServiceUnavailable):
        visit.client.watchlists.create(id="77", name="mock", rows=[{"C": AAPL}])
