"""The mock's market data: snapshots that fill up, bars of the past, scanners."""

import json
import re
from itertools import pairwise
from typing import Any

import pytest

from bezant.mock.quotes import FIELDS
from bezant.mock.world import PAPER, SECOND
from tests.runtime.judged import AAPL, ACCOUNT, CALL_195, DOCUMENT, ES, ES_DEC, EUR, START, Mock


@pytest.fixture
def mock() -> Mock:
    return Mock()


def snapshot(mock: Mock, conids: Any = AAPL, fields: str = "31,83,84,86,87,6509") -> Any:
    return mock("get_iserver_marketdata_snapshot", {"conids": conids, "fields": fields})


def third(mock: Mock, conids: Any = AAPL, fields: str = "31,83,84,86,87,6509") -> Any:
    return [snapshot(mock, conids, fields) for _ in range(3)][-1]


def test_a_snapshot_fills_up(mock: Mock) -> None:
    stub, half, whole = (snapshot(mock)[0] for _ in range(3))
    assert stub == {"conid": AAPL, "conidEx": str(AAPL)}
    assert half["6509"] == "RpB"
    assert set(half) < set(whole)
    assert whole["31"] == f"{mock.world.price(AAPL):.2f}"
    assert float(whole["84"]) < float(whole["31"]) < float(whole["86"])
    assert re.fullmatch(r"-?\d+\.\d\d%", whole["83"])
    assert re.fullmatch(r"\d+\.\d[KM]", whole["87"])


def test_what_a_snapshot_leaves_out(mock: Mock) -> None:
    assert [row["conid"] for row in third(mock, f"{AAPL},1,{EUR}")] == [AAPL, EUR]
    assert not {"73", "7294x"} & set(third(mock, EUR, "31,73,7294x")[0])  # not held, no such field
    assert third(mock, CALL_195, "31")[0] == {"conid": CALL_195, "conidEx": str(CALL_195)}
    mock("get_iserver_secdef_search", {"symbol": "AAPL"})
    assert "31" in snapshot(mock, CALL_195, "31")[0]


def test_limits_of_snapshots(mock: Mock) -> None:
    name = "get_iserver_marketdata_snapshot"
    many = ",".join(map(str, range(101)))
    assert "100" in mock.refused(name, 400, {"conids": many, "fields": "31"})
    assert "50" in mock.refused(name, 400, {"conids": AAPL, "fields": many})
    mock.refused(name, 400, {"conids": "AAPL", "fields": "31"})
    mock.refused(name, 400)


def test_letters_of_snapshots(mock: Mock) -> None:
    mock.world.prefixes[AAPL] = "C"
    assert third(mock)[0]["31"] == f"C{mock.world.close_before(AAPL):.2f}"
    mock.world.prefixes[AAPL] = "H"
    assert third(mock)[0]["31"] == f"H{mock.world.price(AAPL):.2f}"
    mock.world.availability[AAPL] = "N"
    [row] = third(mock)
    assert row["6509"] == "N"
    assert "31" not in row


@pytest.mark.parametrize("conid", [AAPL, EUR, ES, ES_DEC, CALL_195, 700000001])
def test_every_field_fits_the_document(mock: Mock, conid: int) -> None:
    for symbol in ("AAPL", "ES"):
        mock("get_iserver_secdef_search", {"symbol": symbol})
    mock.world.trade(PAPER, conid, 3, 100.0)
    codes = list(FIELDS)
    for begin in range(0, len(codes), 50):
        [row] = third(mock, conid, ",".join(codes[begin : begin + 50]))
        assert all(value == 0 or value for value in row.values())


def test_all_fields_are_documented() -> None:
    document = json.loads(DOCUMENT.read_bytes())
    assert set(FIELDS) <= set(document["x-bezant-market-data-fields"])


def test_positions_in_snapshots(mock: Mock) -> None:
    [row] = third(mock, AAPL, "73,74,75,76,80,7639")
    [position] = mock("get_portfolio_position_by_conid", conid=AAPL, **ACCOUNT)
    assert float(row["73"]) == position["mktValue"]
    assert float(row["75"]) == position["unrealizedPnl"]
    mock("post_iserver_account", acctId=SECOND)
    assert "73" not in third(mock, AAPL, "73")[0]


def test_snapshots_end(mock: Mock) -> None:
    name = "post_iserver_marketdata_unsubscribe"
    third(mock)
    assert mock(name, conid=AAPL) == {"success": True}
    assert "31" not in snapshot(mock)[0]
    mock("get_iserver_marketdata_unsubscribeall")
    reply = mock.reply(name, conid=AAPL)
    assert (reply.status, json.loads(reply.body)) == (500, {"error": "unknown"})


def history(mock: Mock, period: str, bar: str, **query: Any) -> Any:
    given = {"conid": AAPL, "period": period, "bar": bar, **query}
    return mock("get_iserver_marketdata_history", given)


def test_bars_follow_each_other(mock: Mock) -> None:
    answer = history(mock, "1d", "5min")
    bars = answer["data"]
    assert len(bars) == 288 == answer["points"] + 1
    assert answer["barLength"] == 300
    for earlier, later in pairwise(bars):
        assert later["t"] - earlier["t"] == 300_000
        assert later["o"] == earlier["c"]
    assert all(bar["l"] <= min(bar["o"], bar["c"]) for bar in bars)
    assert all(bar["h"] >= max(bar["o"], bar["c"]) for bar in bars)
    assert bars[-1]["c"] == mock.world.price(AAPL)
    assert int(answer["high"].split("/")[0]) == round(max(bar["h"] for bar in bars) * 100)


def test_start_time_is_the_end(mock: Mock) -> None:
    newest = history(mock, "1d", "1h")
    older = history(mock, "1d", "1h", startTime=newest["startTime"])
    assert older["data"][-1]["t"] + 3_600_000 == newest["data"][0]["t"]
    assert older["data"][-1]["c"] == newest["data"][0]["o"]
    mock.state.clock.advance(10 * 86_400)
    mock.state.session.login()
    again = history(mock, "1d", "1h", startTime=newest["startTime"])
    assert again["data"] == older["data"]


def test_there_are_a_thousand_bars_at_most(mock: Mock) -> None:
    bars = history(mock, "1d", "1min")["data"]
    assert len(bars) == 1000
    assert bars[-1]["t"] // 1000 <= START < bars[-1]["t"] // 1000 + 60


@pytest.mark.parametrize(("period", "bar"), [("6M", "1d"), ("1D", "1min"), ("6m", "1D")])
def test_upper_case_gives_other_bars(mock: Mock, period: str, bar: str) -> None:
    assert len(history(mock, period, bar)["data"]) == 84


@pytest.mark.parametrize(
    ("period", "usual"),
    [("1h", 60), ("1d", 60), ("1w", 900), ("1m", 1800), ("6m", 86_400), ("3y", 604_800)],
)
def test_usual_bars(mock: Mock, period: str, usual: int) -> None:
    assert history(mock, period, "")["barLength"] == usual


@pytest.mark.parametrize(
    ("period", "bar"),
    [("31min", "1min"), ("9h", "1min"), ("16y", "1m"), ("1", "1min"), ("1d", "7min"), ("1y", "1h")],
)
def test_periods_and_bars_that_there_are_not(mock: Mock, period: str, bar: str) -> None:
    query = {"conid": AAPL, "period": period, "bar": bar}
    mock.refused("get_iserver_marketdata_history", 400, query)


def test_charts_that_there_are_not(mock: Mock) -> None:
    name, usual = "get_iserver_marketdata_history", {"conid": AAPL, "period": "1d", "bar": "1h"}
    assert mock.refused(name, 500, {**usual, "direction": "1"}) == "Chart data unavailable"
    assert mock.refused(name, 500, {**usual, "conid": "1"}) == "No data."
    mock.refused(name, 400, {**usual, "startTime": "2026-01-01"})


def test_scanners(mock: Mock) -> None:
    parameters = mock("get_iserver_scanner_params")
    assert "TOP_PERC_GAIN" in {item["code"] for item in parameters["scan_type_list"]}
    asked: dict[str, Any] = {
        "instrument": "STK",
        "type": "TOP_PERC_GAIN",
        "location": "STK.US.MAJOR",
    }
    found = mock("post_iserver_scanner_run", **asked)["contracts"]
    gains = [float(row["scan_data"].removesuffix("%")) for row in found]
    assert len(found) == 50
    assert gains == sorted(gains, reverse=True)
    assert "column_name" in found[0]
    cheap = [{"code": "priceBelow", "value": 10}]
    for row in mock("post_iserver_scanner_run", **asked, filter=cheap)["contracts"]:
        assert mock.world.price(row["con_id"]) < 10
    mock.refused("post_iserver_scanner_run", 400, **asked, filter=[{"code": "x", "value": 1}])
    mock.refused("post_iserver_scanner_run", 400, instrument="STK", type="x", location="STK.US")


def test_historical_scanners(mock: Mock) -> None:
    name = "post_hmds_scanner"
    asked: dict[str, Any] = {
        "instrument": "STK",
        "locations": "STK.US.MAJOR",
        "scanCode": "MOST_ACTIVE",
        "secType": "STK",
        "maxItems": 200,
        "filters": [{"code": "priceAbove", "value": 20}],
    }
    assert mock.reply(name, **asked).status == 404
    mock("post_hmds_auth_init")
    found = mock(name, **asked)
    rows = found["Contracts"]["Contract"]
    assert found["size"] == str(len(rows)) != "0"
    assert all(mock.world.price(int(row["contractID"])) > 20 for row in rows)
    assert len(mock(name, **{**asked, "maxItems": 3})["Contracts"]["Contract"]) == 3
    for wrong in ({"maxItems": 251}, {"filters": None}, {"secType": "OPT"}, {"scanCode": "x"}):
        mock.refused(name, 400, **{**asked, **wrong})
