"""Answers fit the document in every scenario, but for those that are about answers that do not."""

import gzip
import json
from collections.abc import Iterable, Iterator
from typing import Any

import anyio
import pytest
from bezant_api import OPERATIONS, BezantError, example

from bezant.mock import MockGateway
from bezant.mock.http import Ending, Reply, Request
from bezant.mock.scenarios import ALL
from bezant.mock.world import PAPER
from tests.runtime.judged import assert_fits
from tests.runtime.visiting import AAPL, ALERT, START

EVERYTHING = "everything"
MISFITS: dict[str, set[str]] = {
    "json-string": {EVERYTHING},
    "plain-text": {EVERYTHING},
    "empty-answers": {EVERYTHING},
    "single-sessions": {"get_trsrv_secdef_schedule"},
}
"""The operations whose good answers do not fit while a scenario is going on."""

REFUSED = {
    "get_echo_https",
    "post_echo_signed_jwt",
    "post_sso_sessions",
    "post_oauth_access_token",
    "post_oauth_live_session_token",
    "post_oauth_request_token",
    "post_token",
    "get_iserver_account_order_status_by_order_id",
    "post_iserver_reply_by_reply_id",
    "delete_fyi_deliveryoptions_by_device_id",
    "get_fyi_notifications_more",
    "put_fyi_notifications_by_notification_id",
    "get_iserver_account_alert_by_alert_id",
    "post_iserver_account_alert_activate",
    "delete_iserver_account_alert_by_alert_id",
    "post_iserver_account_allocation_group_delete",
    "post_iserver_account_allocation_group_single",
    "put_iserver_account_allocation_group",
    "post_iserver_account_allocation_group",
}
"""They need what nobody has here: a token, an order, a question, an alert. Their own tests judge them."""

QUERIES = {
    "get_iserver_marketdata_snapshot": f"conids={AAPL}&fields=31,84,86",
    "get_iserver_marketdata_history": f"conid={AAPL}&period=1d&bar=1h",
    "get_iserver_secdef_search": "symbol=AAPL",
    "get_iserver_secdef_strikes": f"conid={AAPL}&sectype=OPT&month=JAN27",
    "get_iserver_secdef_info": f"conid={AAPL}&sectype=OPT&month=JAN27&strike=190",
    "get_trsrv_secdef_schedule": "assetClass=STK&symbol=AAPL",
    "get_contract_trading_schedule": f"conid={AAPL}",
    "get_iserver_currency_pairs": "currency=USD",
    "get_iserver_exchangerate": "source=USD&target=EUR",
    "get_iserver_secdef_bond_filters": "issuerId=e1400789",
    "get_trsrv_all_conids": "exchange=NASDAQ",
    "get_trsrv_futures": "symbols=ES",
    "get_trsrv_secdef": f"conids={AAPL}",
    "get_trsrv_stocks": "symbols=AAPL",
    "put_fyi_deliveryoptions_email": "enabled=true",
    "get_iserver_watchlist": "id=1234",
    "delete_iserver_watchlist": "id=1234",
}
NAMES = {
    "typecode": "BA",
    "accountId": PAPER,
    "conid": str(AAPL),
    "pageId": "0",
    "searchPattern": "DU",
}
TICKET = {"conid": AAPL, "side": "BUY", "orderType": "MKT", "tif": "DAY", "quantity": 1}
BODIES: dict[str, Any] = {
    "post_iserver_auth_ssodh_init": {"publish": True, "compete": False},
    "post_iserver_account_orders": {"orders": [TICKET]},
    "post_iserver_account_orders_whatif": {"orders": [TICKET]},
    "post_iserver_marketdata_unsubscribe": {"conid": AAPL},
    "post_iserver_scanner_run": {"instrument": "STK", "type": "MOST_ACTIVE", "location": "STK.US"},
    "post_iserver_contract_rules": {"conid": AAPL},
    "post_portfolio_allocation": {"acctIds": [PAPER]},
    "post_iserver_account": {"acctId": PAPER},
    "post_iserver_dynaccount": {"acctId": PAPER},
    "post_iserver_notification": {"orderId": 1, "reqId": "1", "text": "Yes"},
    "post_iserver_questions_suppress": {"messageIds": ["o163"]},
    "post_iserver_secdef_search": {"symbol": "AAPL"},
    "post_fyi_settings_by_typecode": {"enabled": True},
    "post_fyi_deliveryoptions_device": {
        "deviceName": "mock",
        "deviceId": "mock",
        "uiName": "mock",
        "enabled": True,
    },
    "post_hmds_scanner": {
        "instrument": "STK",
        "locations": "STK.US",
        "scanCode": "MOST_ACTIVE",
        "secType": "STK",
        "maxItems": 5,
        "filters": [],
    },
    "post_iserver_account_alert": ALERT,
    "post_iserver_watchlist": {"id": "1234", "name": "mock", "rows": [{"C": AAPL}]},
    "post_pa_allperiods": {"acctIds": [PAPER]},
    "post_pa_performance": {"acctIds": [PAPER], "period": "1D"},
    "post_pa_transactions": {"acctIds": [PAPER], "conids": [AAPL], "currency": "USD"},
}
FIRST = ("post_iserver_auth_ssodh_init", "get_iserver_accounts", "get_portfolio_accounts")
"""Others need them."""
LAST = ("post_logout",)
"""They would refuse what comes after them."""


def asked() -> Iterator[Request]:
    """Each operation once, the accounts first."""
    others = [name for name in OPERATIONS if name not in (*FIRST, *LAST)]
    for name in (*FIRST, *others, *LAST):
        operation = OPERATIONS[name]
        path = operation.base_path + operation.path
        for part in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
            path = path.replace(f"{{{part}}}", NAMES.get(part, "1"))
        body = json.dumps(BODIES.get(name, {})).encode() if operation.method != "GET" else b""
        headers = {"user-agent": "tests", "content-length": str(len(body))}
        yield Request(operation.method, f"{path}?{QUERIES.get(name, '')}", headers, body)


def does_not_fit(name: str, reply: Reply) -> bool:
    """Whether an answer that is no error is none that the operation may give."""
    is_judged = reply.status < 300 and reply.ending is Ending.WHOLE
    if not is_judged or "json" not in example(name).media_type:
        return False
    is_zipped = ("Content-Encoding", "gzip") in reply.headers
    try:
        body = gzip.decompress(reply.body) if is_zipped else reply.body
        assert_fits(name, body, reply.status)
    except (AssertionError, BezantError, ValueError):
        return True
    return False


async def answered(gateway: MockGateway, requests: Iterable[Request]) -> list[tuple[str, Reply]]:
    """The operation that each request meant, and the answer to it."""
    replies = [await gateway.app.respond(request) for request in requests]
    names = [row.operation for row in gateway.arrived][-len(replies) :]
    return list(zip(names, replies, strict=True))


def test_operations_answer_here() -> None:
    """Else the test below would have nothing to judge."""
    gateway = MockGateway(start=START, stands_still=True)
    pairs = anyio.run(answered, gateway, asked())
    assert len(pairs) == len(OPERATIONS)
    assert {name for name, reply in pairs if reply.status >= 300} == REFUSED


def misfits(scenario: str) -> set[str]:
    gateway = MockGateway(start=START, stands_still=True, scenarios=[scenario])

    async def run() -> set[str]:
        await answered(gateway, list(asked())[: -len(LAST)])
        pairs = await answered(gateway, asked())
        return {name for name, reply in pairs if name and does_not_fit(name, reply)}

    found: set[str] = anyio.run(run)
    assert gateway.errors == []
    return found


@pytest.mark.parametrize("name", [scenario.name for scenario in ALL])
def test_answers_fit(name: str) -> None:
    expected = MISFITS.get(name, set())
    found = misfits(name)
    assert found if EVERYTHING in expected else found == expected
