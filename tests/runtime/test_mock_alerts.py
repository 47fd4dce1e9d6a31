"""The mock's alerts: made, shown, changed and deleted; that of the mobile assistant stays."""

import json
import re
from typing import Any

import pytest

from bezant.mock.world import PAPER, SECOND
from tests.runtime.judged import AAPL, ACCOUNT, Mock

LIST = "get_iserver_account_alerts"
DETAIL = "get_iserver_account_alert_by_alert_id"
SAVE = "post_iserver_account_alert"
ACTIVATE = "post_iserver_account_alert_activate"
DELETE = "delete_iserver_account_alert_by_alert_id"
CONDITION = {
    "type": 1,
    "conidex": f"{AAPL}@SMART",
    "operator": ">=",
    "triggerMethod": "0",
    "value": "250.00",
    "logicBind": "n",
}
BODY: dict[str, Any] = {
    "alertName": "AAPL dear",
    "alertMessage": "AAPL costs more than 250",
    "alertRepeatable": 0,
    "outsideRth": 1,
    "sendMessage": 1,
    "email": "mock@example.com",
    "tif": "GTC",
    "conditions": [CONDITION],
}


@pytest.fixture
def mock() -> Mock:
    return Mock()


def made(mock: Mock, account: str = PAPER, **changes: Any) -> int:
    answer = mock(SAVE, accountId=account, **{**BODY, **changes})
    assert (answer["success"], answer["text"]) == (True, "Submitted")
    return int(answer["order_id"])


def detail(mock: Mock, id: int) -> Any:
    return mock(DETAIL, {"type": "Q"}, alertId=id)


def ids(mock: Mock, account: str = PAPER) -> list[int]:
    return [row["order_id"] for row in mock(LIST, accountId=account)]


def assistant(mock: Mock) -> Any:
    return mock("get_iserver_account_mta")


def test_an_alert_is_listed(mock: Mock) -> None:
    assert mock(LIST, **ACCOUNT) == []
    number = made(mock)
    [row] = mock(LIST, **ACCOUNT)
    assert re.fullmatch(r"\d{8}-\d\d:\d\d:\d\d", row.pop("order_time"))
    assert row == {
        "order_id": number,
        "account": PAPER,
        "alert_name": "AAPL dear",
        "alert_active": 1,
        "alert_triggered": False,
        "alert_repeatable": 0,
    }
    assert mock(LIST, accountId=SECOND) == []


def test_what_is_read_has_other_names_than_what_was_written(mock: Mock) -> None:
    found = detail(mock, made(mock))
    assert (found["alert_message"], found["alert_email"]) == (
        BODY["alertMessage"],
        "mock@example.com",
    )
    assert (found["condition_outside_rth"], found["alert_show_popup"]) == (1, 0)
    assert (found["expire_time"], found["tool_id"], found["condition_size"]) == (None, None, 1)
    assert found["conditions"] == [
        {
            "condition_type": 1,
            "conidex": f"{AAPL}@SMART",
            "contract_description_1": "AAPL",
            "condition_operator": ">=",
            "condition_trigger_method": "0",
            "condition_value": "250.00",
            "condition_logic_bind": "n",
            "condition_time_zone": None,
        }
    ]


def test_an_alert_that_ends(mock: Mock) -> None:
    number = made(mock, tif="GTD", expireTime="20270101-12:00:00")
    assert (detail(mock, number)["tif"], detail(mock, number)["expire_time"]) == (
        "GTD",
        "20270101-12:00:00",
    )


def test_a_condition_on_time(mock: Mock) -> None:
    zone = "US/Eastern"
    on_time = {**CONDITION, "type": 3, "value": "20270101-12:00:00", "timeZone": zone}
    found = detail(mock, made(mock, conditions=[{**CONDITION, "logicBind": "a"}, on_time]))
    assert (found["time_zone"], found["condition_size"]) == (zone, 2)
    assert found["conditions"][1]["condition_time_zone"] == zone


@pytest.mark.parametrize("name", ["orderId", "alertId", "order_id"])
def test_changing_an_alert(mock: Mock, name: str) -> None:
    number = made(mock)
    mock.state.clock.advance(60)
    before = mock(LIST, **ACCOUNT)
    changes: dict[str, Any] = {name: number, "alertMessage": "other", "outsideRth": 0}
    assert made(mock, **changes) == number
    found = detail(mock, number)
    assert (found["alert_message"], found["condition_outside_rth"]) == ("other", 0)
    assert mock(LIST, **ACCOUNT) == before


def test_the_name_of_an_alert_stays(mock: Mock) -> None:
    number = made(mock)
    answer = mock(SAVE, **ACCOUNT, **{**BODY, "alertName": "other", "orderId": number})
    assert answer["success"] is False
    assert "name" in answer["text"]
    assert detail(mock, number)["alert_name"] == BODY["alertName"]


def test_an_alert_is_switched_off_and_on(mock: Mock) -> None:
    number = made(mock)
    for is_active in (0, 1):
        answer = mock(ACTIVATE, **ACCOUNT, alertId=number, alertActive=is_active)
        assert (answer["success"], answer["order_id"]) == (True, number)
        assert mock(LIST, **ACCOUNT)[0]["alert_active"] == is_active
        assert detail(mock, number)["alert_active"] == is_active
    mock.refused(ACTIVATE, 400, **ACCOUNT, alertId=number, alertActive=2)
    mock.refused(ACTIVATE, 400, **ACCOUNT, alertActive=1)


def test_alerts_are_deleted(mock: Mock) -> None:
    first, second, third = (made(mock) for _ in range(3))
    answer = mock(DELETE, **ACCOUNT, alertId=second)
    assert (answer["success"], answer["text"]) == (True, "Request was submitted")
    assert ids(mock) == [first, third]
    mock.refused(DELETE, 500, **ACCOUNT, alertId=second)


def test_zero_deletes_all_of_an_account(mock: Mock) -> None:
    made(mock)
    made(mock)
    other = made(mock, SECOND)
    assert mock(DELETE, **ACCOUNT, alertId=0)["success"]
    assert (ids(mock), ids(mock, SECOND)) == ([], [other])
    assert assistant(mock)["alert_name"].startswith("MTA")


def test_the_alert_of_the_assistant_stays(mock: Mock) -> None:
    found = assistant(mock)
    number = found["order_id"]
    assert number not in ids(mock)
    assert [item["conidex"] for item in found["conditions"]] == ["*@*"]
    for account in (PAPER, SECOND):
        answer = mock(DELETE, accountId=account, alertId=number)
        assert answer["success"] is False
        assert "cannot be deleted" in answer["text"]
    assert assistant(mock) == detail(mock, number) == found


def test_the_alert_of_the_assistant_is_switched_and_changed(mock: Mock) -> None:
    found = assistant(mock)
    number = found["order_id"]
    mock(ACTIVATE, **ACCOUNT, alertId=number, alertActive=0)
    assert assistant(mock)["alert_active"] == 0
    made(mock, orderId=number, alertName=found["alert_name"], alertMessage="other")
    assert assistant(mock)["alert_message"] == "other"
    assert assistant(mock)["tool_id"] == found["tool_id"]
    assert ids(mock) == []


@pytest.mark.parametrize("id", [0, 7])
def test_an_unknown_id_is_an_error_with_status_200(mock: Mock, id: int) -> None:
    reply = mock.reply(DETAIL, {"type": "Q"}, alertId=id)
    assert (reply.status, json.loads(reply.body)) == (200, {"error": f"no alert {id}"})


def test_unknown_ids(mock: Mock) -> None:
    mock.refused(ACTIVATE, 500, **ACCOUNT, alertId=7, alertActive=1)
    mock.refused(DELETE, 500, **ACCOUNT, alertId=7)
    mock.refused(SAVE, 500, **ACCOUNT, **{**BODY, "orderId": 7})
    mock.refused(DELETE, 400, **ACCOUNT, alertId="x")
    mock.refused(DETAIL, 400, {"type": "Q"}, alertId="x")


def test_the_kind_of_detail_has_to_be_said(mock: Mock) -> None:
    number = made(mock)
    assert "type" in mock.refused(DETAIL, 400, alertId=number)


def test_alerts_of_other_accounts(mock: Mock) -> None:
    number = made(mock, SECOND)
    mock.refused(DELETE, 500, **ACCOUNT, alertId=number)
    mock.refused(ACTIVATE, 500, **ACCOUNT, alertId=number, alertActive=0)
    for name in (LIST, SAVE, ACTIVATE):
        assert "U999" in mock.refused(
            name, 400, accountId="U999", **BODY, alertId=number, alertActive=1
        )
    assert ids(mock, SECOND) == [number]


@pytest.mark.parametrize(
    "changes",
    [
        {"alertName": ""},
        {"alertMessage": None},
        {"alertRepeatable": None},
        {"alertRepeatable": 2},
        {"outsideRth": "yes"},
        {"showPopup": 2},
        {"tif": "DAY"},
        {"tif": None},
        {"tif": "GTD"},
        {"tif": "GTD", "expireTime": "2027-01-01"},
        {"email": None},
        {"conditions": None},
        {"conditions": []},
        {"conditions": [1]},
        *({"conditions": [{**CONDITION, name: None}]} for name in CONDITION),
        {"conditions": [{**CONDITION, "type": 2}]},
        {"conditions": [{**CONDITION, "type": 3}]},
        {"conditions": [{**CONDITION, "operator": "="}]},
        {"conditions": [{**CONDITION, "logicBind": "x"}]},
        {"conditions": [{**CONDITION, "conidex": "1@SMART"}]},
        {"conditions": [{**CONDITION, "conidex": "AAPL"}]},
    ],
)
def test_what_is_no_alert(mock: Mock, changes: dict[str, Any]) -> None:
    mock.refused(SAVE, 400, **ACCOUNT, **{**BODY, **changes})
    assert ids(mock) == []
