"""What the mock knows of contracts, and what has to be asked before what."""

from typing import Any

import pytest

from bezant.mock.state import Rules
from tests.runtime.judged import AAPL, CALL_195, ES, ES_DEC, EUR, Mock


@pytest.fixture
def mock() -> Mock:
    return Mock()


def strikes(mock: Mock, **query: Any) -> Any:
    usual = {"conid": AAPL, "sectype": "OPT", "month": "JAN27"}
    return mock("get_iserver_secdef_strikes", {**usual, **query})


def derivatives(mock: Mock, **query: Any) -> list[dict[str, Any]]:
    usual = {"conid": AAPL, "sectype": "OPT", "month": "JAN27", "strike": 195, "right": "C"}
    found: list[dict[str, Any]] = mock("get_iserver_secdef_info", {**usual, **query})
    return found


def test_an_option_is_found_by_way_of_its_underlying(mock: Mock) -> None:
    rows = mock("get_iserver_secdef_search", {"symbol": "AAPL"})
    assert [row["description"] for row in rows] == ["NASDAQ", "IBIS"]
    [section] = [part for part in rows[0]["sections"] if part["secType"] == "OPT"]
    assert section["months"] == "JAN27"
    assert strikes(mock)["call"] == [float(strike) for strike in range(170, 215, 5)]
    found = derivatives(mock)
    assert [row["maturityDate"] for row in found] == ["20270108", "20270115"]
    assert found[0]["conid"] == CALL_195
    assert found[0]["desc2"] == "JAN 08 '27 195 Call"
    assert {row["right"] for row in derivatives(mock, right="")} == {"C", "P"}
    assert derivatives(mock, strike="196") == []
    assert strikes(mock, month="jan27") == {"call": [], "put": []}
    mock.refused(
        "get_iserver_secdef_info", 400, {"conid": AAPL, "sectype": "OPT", "month": "JAN27"}
    )


def test_derivatives_need_a_search_by_symbol(mock: Mock) -> None:
    nothing: dict[str, list[float]] = {"call": [], "put": []}
    assert strikes(mock) == nothing
    assert derivatives(mock) == []
    mock("get_iserver_secdef_search", {"symbol": "AAPL"})
    assert strikes(mock) != nothing
    mock("get_iserver_secdef_search", {"symbol": "apple", "name": "true"})
    assert strikes(mock) == nothing
    mock("post_iserver_secdef_search", symbol="AAPL")
    assert strikes(mock) != nothing
    mock.state.session.init(publish=True, compete=True)
    assert strikes(mock) == nothing
    assert strikes(Mock(rules=Rules(preflights=False))) != nothing


def test_a_future_is_found_by_way_of_its_index(mock: Mock) -> None:
    [row] = mock("get_iserver_secdef_search", {"symbol": "ES", "secType": "IND"})
    assert row["sections"][1] == {"secType": "FUT", "months": "DEC26;MAR27", "exchange": "CME"}
    query = {"conid": ES, "sectype": "FUT", "month": "DEC26"}
    [found] = mock("get_iserver_secdef_info", query)
    assert found["conid"] == ES_DEC
    [late, early] = mock("get_trsrv_futures", {"symbols": "ES"})["ES"]
    assert early["expirationDate"] == 20261218 < late["expirationDate"]
    assert early["ltd"] == 20261217
    mock.refused("get_trsrv_futures", 400, {"symbols": "ESZ26"})


def test_bonds_are_found_by_way_of_their_issuer(mock: Mock) -> None:
    [row] = mock("get_iserver_secdef_search", {"symbol": "IBM", "secType": "BOND"})
    [issuer] = row["issuers"]
    filters = mock("get_iserver_secdef_bond_filters", {"symbol": "BOND", "issuerId": issuer["id"]})
    coupons = {item["displayText"]: item["options"] for item in filters["bondFilters"]}["Coupon"]
    assert coupons == [{"value": "3.3"}, {"value": "4.15"}]
    bonds = mock("get_iserver_secdef_info", {"issuerId": issuer["id"]})
    assert {bond["maturityDate"] for bond in bonds} == {"20390515", "20320515"}


def test_what_there_is_not(mock: Mock) -> None:
    unknown = {"error": "No symbol found"}
    assert mock("get_iserver_secdef_search", {"symbol": "nothing"}) == unknown
    assert mock("get_trsrv_stocks", {"symbols": "NOTHING"}) == {"NOTHING": []}
    assert mock("get_trsrv_secdef", {"conids": "1"}) == {"secdef": []}
    mock.refused("get_iserver_contract_info", 400, conid=1)
    mock.refused("get_iserver_contract_algos", 503, conid=1)
    mock.refused("get_iserver_secdef_search", 400)
    mock.refused("get_iserver_secdef_search", 400, {"symbol": "A", "secType": "OPT"})
    mock.refused("get_iserver_exchangerate", 400, {"source": "USD", "target": "ZZZ"})
    many = ",".join(map(str, range(201)))
    assert "200" in mock.refused("get_trsrv_secdef", 400, {"conids": many})


def test_algorithms_come_with_the_second_call(mock: Mock) -> None:
    name, query = "get_iserver_contract_algos", {"algos": "Vwap;Adaptive", "addParams": "1"}
    assert mock(name, query, conid=AAPL) == {"algos": []}
    found = mock(name, query, conid=AAPL)["algos"]
    assert [item["id"] for item in found] == ["Adaptive", "Vwap"]
    assert "description" not in found[1]["parameters"][0]
    described = mock(name, {**query, "addDescription": "1"}, conid=AAPL)["algos"]
    assert described[1]["parameters"][0]["description"] == "From 0.01 to 50.0"
    assert "parameters" not in mock(name, conid=AAPL)["algos"][0]
    mock.refused(name, 400, {"algos": ";".join("abcdefghi")}, conid=AAPL)


def test_rules_follow_the_price(mock: Mock) -> None:
    rules = mock("post_iserver_contract_rules", conid=ES_DEC)
    assert rules["limitPrice"] == mock.world.price(ES_DEC)
    assert (rules["increment"], rules["incrementDigits"]) == (0.25, 2)
    mock.refused("post_iserver_contract_rules", 400)
    assert mock("get_iserver_contract_info_and_rules", conid=AAPL)["rules"]["algoEligible"]


def test_rates_are_each_others_inverse(mock: Mock) -> None:
    there, back = (
        mock("get_iserver_exchangerate", {"source": source, "target": target})["rate"]
        for source, target in (("USD", "EUR"), ("EUR", "USD"))
    )
    assert there * back == pytest.approx(1.0)
    [euro, _] = mock("get_iserver_currency_pairs", {"currency": "USD"})["USD"]
    assert euro == {"symbol": "EUR.USD", "conid": EUR, "ccyPair": "EUR"}


def test_trading_hours(mock: Mock) -> None:
    coming = mock("get_contract_trading_schedule", {"conid": AAPL})
    assert len(coming["schedules"]) == 6
    for day in coming["schedules"].values():
        [liquid], [extended] = day["liquid_hours"], day["extended_hours"]
        assert liquid["closing"] - liquid["opening"] == 6.5 * 3600
        assert extended["opening"] < liquid["opening"]
    venues = mock("get_trsrv_secdef_schedule", {"assetClass": "STK", "symbol": "AAPL"})
    assert [venue["timezone"] for venue in venues] == ["America/New_York", "Europe/Berlin"]
    assert venues[0]["schedules"][0]["sessions"] == []  # 1 January 2000 was a Saturday
    only = {"assetClass": "STK", "symbol": "AAPL", "exchangeFilter": "IBIS"}
    assert len(mock("get_trsrv_secdef_schedule", only)) == 1
