"""The mock's allocation groups: they and their presets are remembered, and need accounts that there are."""

from typing import Any

import pytest

from bezant.mock.figures import Figures
from bezant.mock.world import PAPER, SECOND
from tests.runtime.judged import Mock

GROUPS = "get_iserver_account_allocation_group"
CREATE = "post_iserver_account_allocation_group"
MODIFY = "put_iserver_account_allocation_group"
DELETE = "post_iserver_account_allocation_group_delete"
SINGLE = "post_iserver_account_allocation_group_single"
PRESETS = "get_iserver_account_allocation_presets"
SET_PRESETS = "post_iserver_account_allocation_presets"
DONE = {"success": True}
EQUAL: dict[str, Any] = {
    "name": "equal",
    "default_method": "E",
    "accounts": [{"name": PAPER}, {"name": SECOND}],
}
SHARES: dict[str, Any] = {
    "name": "shares",
    "default_method": "S",
    "accounts": [{"name": SECOND, "amount": 4}, {"name": PAPER, "amount": 1}],
}


@pytest.fixture
def mock() -> Mock:
    return Mock()


def names(mock: Mock) -> list[str]:
    return [row["name"] for row in mock(GROUPS)["data"]]


def test_accounts_are_worth_what_they_are_elsewhere(mock: Mock) -> None:
    rows = mock("get_iserver_account_allocation_accounts")["accounts"]
    assert [row["name"] for row in rows] == [PAPER, SECOND]
    for row in rows:
        total = Figures(mock.world, row["name"]).total()
        amounts = {item["key"]: item["value"] for item in row["data"]}
        assert amounts == {
            "NetLiquidation": f"{total.net:.2f}",
            "AvailableEquity": f"{total.available:.2f}",
        }


def test_groups_are_made(mock: Mock) -> None:
    assert mock(GROUPS) == {"data": []}
    assert mock(CREATE, **EQUAL) == mock(CREATE, **SHARES) == DONE
    assert mock(GROUPS)["data"] == [
        {"allocation_method": "E", "size": 2, "name": "equal"},
        {"allocation_method": "S", "size": 2, "name": "shares"},
    ]
    assert mock(SINGLE, name="equal") == EQUAL
    assert mock(SINGLE, name="shares") == SHARES


def test_computed_methods_do_without_amounts(mock: Mock) -> None:
    mock(CREATE, **{**SHARES, "default_method": "N"})
    assert mock(SINGLE, name="shares")["accounts"] == [{"name": SECOND}, {"name": PAPER}]


def test_a_group_is_replaced(mock: Mock) -> None:
    mock(CREATE, **EQUAL)
    mock(CREATE, **SHARES)
    assert mock(MODIFY, **{**EQUAL, "accounts": [{"name": SECOND}]}) == DONE
    assert mock(SINGLE, name="equal")["accounts"] == [{"name": SECOND}]
    assert names(mock) == ["equal", "shares"]


def test_a_group_is_renamed(mock: Mock) -> None:
    mock(CREATE, **EQUAL)
    mock(CREATE, **SHARES)
    mock(MODIFY, **{**EQUAL, "name": "other"}, prev_name="equal")
    assert names(mock) == ["other", "shares"]
    mock.refused(SINGLE, 400, name="equal")
    mock.refused(MODIFY, 400, **{**EQUAL, "name": "shares"}, prev_name="other")
    mock.refused(MODIFY, 400, **EQUAL)
    assert mock(SINGLE, name="shares") == SHARES


def test_a_name_is_taken_once(mock: Mock) -> None:
    mock(CREATE, **EQUAL)
    assert "equal" in mock.refused(CREATE, 400, **{**SHARES, "name": "equal"})
    assert mock(SINGLE, name="equal") == EQUAL


def test_a_group_is_deleted(mock: Mock) -> None:
    mock(CREATE, **EQUAL)
    mock(CREATE, **SHARES)
    assert mock(DELETE, name="equal") == DONE
    assert names(mock) == ["shares"]
    assert "equal" in mock.refused(DELETE, 400, name="equal")
    mock.refused(DELETE, 400)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"default_method": None},
        {"default_method": "X"},
        {"accounts": None},
        {"accounts": []},
        {"accounts": PAPER},
        {"accounts": [PAPER]},
        {"accounts": [{"name": "U999", "amount": 1}]},
        {"accounts": [{"name": PAPER}]},
        {"accounts": [{"name": PAPER, "amount": "one"}]},
    ],
)
def test_what_is_no_group(mock: Mock, changes: dict[str, Any]) -> None:
    mock.refused(CREATE, 400, **{**SHARES, **changes})
    assert names(mock) == []


def test_presets_are_remembered(mock: Mock) -> None:
    before = mock(PRESETS)
    assert before["default_method_for_all"] == "AvailableEquity"
    changed: dict[str, Any] = {"strict_credit_check": True, "default_method_for_all": "N"}
    assert mock(SET_PRESETS, **changed) == DONE
    assert mock(PRESETS) == {**before, **changed}
    assert Mock()(PRESETS) == before


@pytest.mark.parametrize(
    "body",
    [{"strict_credit_check": "yes"}, {"default_method_for_all": "A"}, {"no_such_preset": True}],
)
def test_presets_that_there_are_not(mock: Mock, body: dict[str, Any]) -> None:
    before = mock(PRESETS)
    mock.refused(SET_PRESETS, 400, **{**body, "group_auto_close_positions": True})
    assert mock(PRESETS) == before
