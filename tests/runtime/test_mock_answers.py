"""Every handler of accounts, portfolio, contracts and market data: its answers fit the document."""

import re
from typing import Any

import pytest
from bezant_api import OPERATIONS

from bezant.mock.world import PAPER, SECOND
from tests.runtime.judged import AAPL, ACCOUNT, CALL_195, ES_DEC, EUR, HANDLERS, Mock

OF_ACCOUNTS = [name for name in HANDLERS if "accountId" in OPERATIONS[name].path]
CALLS: list[tuple[str, dict[str, Any] | None, dict[str, Any]]] = [
    *((name, None, ACCOUNT) for name in OF_ACCOUNTS),
    ("get_iserver_account_pnl_partitioned", None, {}),
    ("get_iserver_account_search_by_search_pattern", None, {"searchPattern": "DU12"}),
    ("get_iserver_account_search_by_search_pattern", None, {"searchPattern": "nobody"}),
    ("get_iserver_accounts", None, {}),
    ("post_iserver_account", None, {"acctId": PAPER}),
    ("post_iserver_account", None, {"acctId": SECOND}),
    ("post_iserver_dynaccount", None, {"acctId": SECOND}),
    ("get_portfolio_accounts", None, {}),
    ("post_portfolio_allocation", None, {"acctIds": [PAPER, SECOND]}),
    ("get_portfolio_positions_by_conid", None, {"conid": AAPL}),
    ("get_portfolio_positions_by_conid", None, {"conid": 1}),
    ("get_portfolio_subaccounts", None, {}),
    ("get_portfolio_subaccounts2", {"page": 0}, {}),
    ("get_portfolio_subaccounts2", {"page": 1}, {}),
    ("get_contract_trading_schedule", {"conid": AAPL}, {}),
    ("get_contract_trading_schedule", {"conid": ES_DEC, "exchange": "CME"}, {}),
    *(("post_iserver_contract_rules", None, {"conid": conid}) for conid in (AAPL, EUR, ES_DEC)),
    *(
        ("get_iserver_contract_info", None, {"conid": conid})
        for conid in (AAPL, EUR, ES_DEC, CALL_195)
    ),
    *(
        ("get_iserver_contract_info_and_rules", None, {"conid": conid})
        for conid in (AAPL, CALL_195)
    ),
    ("get_iserver_contract_algos", None, {"conid": AAPL}),
    ("get_iserver_currency_pairs", {"currency": "USD"}, {}),
    ("get_iserver_currency_pairs", {"currency": "JPY"}, {}),
    ("get_iserver_exchangerate", {"source": "USD", "target": "EUR"}, {}),
    ("get_iserver_secdef_bond_filters", {"symbol": "BOND", "issuerId": "e1400789"}, {}),
    ("get_iserver_secdef_bond_filters", {"symbol": "BOND", "issuerId": "e1"}, {}),
    ("get_iserver_secdef_info", {"conid": AAPL, "sectype": "STK"}, {}),
    ("get_iserver_secdef_info", {"issuerId": "e1400789"}, {}),
    ("get_iserver_secdef_search", {"symbol": "AAPL"}, {}),
    ("get_iserver_secdef_search", {"symbol": "ES", "secType": "IND"}, {}),
    ("get_iserver_secdef_search", {"symbol": "IBM"}, {}),
    ("get_iserver_secdef_search", {"symbol": "nothing"}, {}),
    ("get_iserver_secdef_search", {"symbol": "apple", "name": "true"}, {}),
    ("post_iserver_secdef_search", None, {"symbol": "IBM", "secType": "BOND"}),
    ("post_iserver_secdef_search", None, {"symbol": "nothing"}),
    ("get_trsrv_all_conids", {"exchange": "NASDAQ"}, {}),
    ("get_trsrv_futures", {"symbols": "ES,CL"}, {}),
    ("get_trsrv_secdef", {"conids": f"{AAPL},{EUR},{ES_DEC},{CALL_195},1"}, {}),
    ("get_trsrv_secdef_schedule", {"assetClass": "STK", "symbol": "AAPL"}, {}),
    ("get_trsrv_secdef_schedule", {"assetClass": "FUT", "symbol": "ES"}, {}),
    ("get_trsrv_stocks", {"symbols": "AAPL,aapl"}, {}),
    ("get_iserver_marketdata_snapshot", {"conids": AAPL, "fields": "31,84,86"}, {}),
    ("get_iserver_marketdata_unsubscribeall", None, {}),
    ("get_iserver_marketdata_history", {"conid": AAPL, "period": "1d", "bar": "5min"}, {}),
    ("get_iserver_marketdata_history", {"conid": EUR, "period": "1y", "bar": "1d"}, {}),
    ("get_iserver_scanner_params", None, {}),
    ("post_hmds_auth_init", None, {}),
    *(
        ("post_iserver_scanner_run", None, {"instrument": "STK", "type": by, "location": "STK.US"})
        for by in ("TOP_PERC_GAIN", "TOP_PERC_LOSE", "MOST_ACTIVE")
    ),
]


@pytest.fixture
def mock() -> Mock:
    return Mock()


def _values(id: str, values: dict[str, Any]) -> dict[str, Any]:
    usual = {"conid": AAPL, "pageId": 0}
    needed = re.findall(r"\{(\w+)\}", OPERATIONS[id].path)
    return {**{name: usual[name] for name in needed if name in usual}, **values}


@pytest.mark.parametrize(("id", "query", "values"), CALLS)
def test_fits_the_document(
    mock: Mock, id: str, query: dict[str, Any] | None, values: dict[str, Any]
) -> None:
    first = mock(id, query, **_values(id, values))
    mock(id, query, **_values(id, values))
    assert Mock()(id, query, **_values(id, values)) == first


def test_every_handler_is_judged() -> None:
    elsewhere = {
        "get_iserver_secdef_strikes",
        "post_iserver_marketdata_unsubscribe",
        "post_hmds_scanner",
    }
    assert {name for name, *_ in CALLS} | elsewhere == set(HANDLERS)


@pytest.mark.parametrize("id", OF_ACCOUNTS)
def test_an_unknown_account_is_a_bad_request(mock: Mock, id: str) -> None:
    assert "U999" in mock.refused(id, 400, **_values(id, {"accountId": "U999"}))
