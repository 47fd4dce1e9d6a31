"""The mock's watchlists: they are remembered, and their contracts come with the second look."""

import json
from typing import Any

import pytest

from bezant.mock.state import Rules
from tests.runtime.judged import AAPL, CALL_195, Mock

FIRST = "1234"
CREATE = "post_iserver_watchlist"
SHOW = "get_iserver_watchlist"


@pytest.fixture
def mock() -> Mock:
    return Mock()


def listed(mock: Mock) -> dict[str, Any]:
    answer = mock("get_iserver_watchlists", {"SC": "USER_WATCHLIST"})
    return {row["id"]: row for row in answer["data"]["user_lists"]}


def shown(mock: Mock, id: str, times: int = 2) -> Any:
    return [mock(SHOW, {"id": id}) for _ in range(times)][-1]


def test_there_is_one_from_the_start(mock: Mock) -> None:
    assert list(listed(mock)) == [FIRST]
    rows = shown(mock, FIRST)["instruments"]
    assert [row["ticker"] for row in rows] == ["AAPL", "SPY", "IBM", "ES"]


def test_the_first_call_finds_and_the_second_shows(mock: Mock) -> None:
    first, second = (mock(SHOW, {"id": FIRST})["instruments"][0] for _ in range(2))
    assert first == {"C": str(AAPL), "conid": AAPL, "name": "APPLE INC"}
    assert second.items() > first.items()
    assert (second["ST"], second["assetClass"], second["fullName"]) == ("STK", "STK", "AAPL")


def test_another_session_begins_anew(mock: Mock) -> None:
    whole = shown(mock, FIRST)
    mock.state.session.init(publish=True, compete=True)
    assert mock(SHOW, {"id": FIRST}) != whole
    assert mock(SHOW, {"id": FIRST}) == whole


def test_without_warm_ups_the_first_call_shows_all() -> None:
    assert "ticker" in shown(Mock(rules=Rules(warm_ups=False)), FIRST, times=1)["instruments"][0]


def test_a_list_is_made(mock: Mock) -> None:
    mock.state.clock.advance(60)
    rows = [{"C": AAPL}, {"H": ""}, {"C": str(CALL_195)}]
    made = mock(CREATE, id="77", name="Mine", rows=rows)
    time = mock.state.clock.milliseconds()
    assert made == {
        "id": "77",
        "hash": str(time),
        "name": "Mine",
        "readOnly": False,
        "instruments": [],
    }
    assert (listed(mock)["77"]["name"], listed(mock)["77"]["modified"]) == ("Mine", time)
    share, blank, option = shown(mock, "77")["instruments"]
    assert (share["conid"], blank, option["ST"]) == (AAPL, {"H": ""}, "OPT")


def test_an_id_that_there_is_overwrites(mock: Mock) -> None:
    mock(CREATE, id=FIRST, name="Other", rows=[{"C": AAPL}])
    assert [row["name"] for row in listed(mock).values()] == ["Other"]
    assert len(shown(mock, FIRST)["instruments"]) == 1


def test_contracts_are_not_checked(mock: Mock) -> None:
    mock(CREATE, id="78", name="Odd", rows=[{"C": 1}])
    assert shown(mock, "78")["instruments"] == [{"C": "1", "conid": 1, "name": ""}]


@pytest.mark.parametrize(
    "body",
    [
        {"id": "mine", "name": "a", "rows": []},
        {"id": "\u0663", "name": "a", "rows": []},
        {"name": "a", "rows": []},
        {"id": "1", "rows": []},
        {"id": "1", "name": "a"},
        {"id": "1", "name": "a", "rows": {}},
        {"id": "1", "name": "a", "rows": [265598]},
        {"id": "1", "name": "a", "rows": [{"C": "AAPL"}]},
        {"id": "1", "name": "a", "rows": [{}]},
    ],
)
def test_no_lists(mock: Mock, body: dict[str, Any]) -> None:
    mock.refused(CREATE, 400, **body)
    assert list(listed(mock)) == [FIRST]


def test_deleting(mock: Mock) -> None:
    gone = {"data": {"deleted": FIRST}, "action": "context", "MID": "2"}
    for _ in range(2):  # what there is not is deleted all the same
        assert mock("delete_iserver_watchlist", {"id": FIRST}) == gone
        assert listed(mock) == {}
    assert FIRST in mock.refused(SHOW, 400, {"id": FIRST})
    mock.refused(SHOW, 400)


def test_the_same_start_gives_the_same_lists() -> None:
    replies = [Mock().reply("get_iserver_watchlists").body for _ in range(2)]
    assert json.loads(replies[0]) == json.loads(replies[1])
