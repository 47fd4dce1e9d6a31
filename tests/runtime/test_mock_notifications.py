"""The mock's messages for the user: read, paged through, and sent where the user wants them."""

import re
from typing import Any

import pytest

from bezant.mock.notifications import KINDS
from tests.runtime.judged import START, Mock

MESSAGES = "get_fyi_notifications"
MORE = "get_fyi_notifications_more"
READ = "put_fyi_notifications_by_notification_id"
DEVICES = "get_fyi_deliveryoptions"
DELETE_DEVICE = "delete_fyi_deliveryoptions_by_device_id"
DONE = {"V": 1, "T": 10}


@pytest.fixture
def mock() -> Mock:
    return Mock()


def messages(mock: Mock, most: int = 10, **query: Any) -> list[dict[str, Any]]:
    return list(mock(MESSAGES, {"max": most, **query}))


def unread(mock: Mock) -> int:
    return int(mock("get_fyi_unreadnumber")["BN"])


def setting(mock: Mock, code: str) -> dict[str, Any]:
    return next(row for row in mock("get_fyi_settings") if row["FC"] == code)


def test_messages_are_written_as_the_live_api_writes_them(mock: Mock) -> None:
    for row in messages(mock):
        assert list(row) == ["R", "D", "MS", "MD", "ID", "HT", "FC"]
        assert re.fullmatch(r"\d+\.0", row["D"])
        assert row["FC"] in KINDS
    times = [float(row["D"]) for row in messages(mock)]
    assert times == sorted(times, reverse=True)
    assert times[0] < START


def test_there_are_ten_at_most(mock: Mock) -> None:
    assert [len(messages(mock, most)) for most in (1, 10, 50)] == [1, 10, 10]
    assert len(mock(MESSAGES)) == 10
    mock.refused(MESSAGES, 400, {"max": "many"})
    mock.refused(MESSAGES, 400, {"max": "-1"})


def test_pages_follow_each_other(mock: Mock) -> None:
    pages = [messages(mock)]
    while pages[-1]:
        pages.append(mock(MORE, {"id": pages[-1][-1]["ID"]}))
    ids = [row["ID"] for page in pages for row in page]
    assert [len(page) for page in pages] == [10, 10, 6, 0]
    assert len(set(ids)) == len(ids)
    assert messages(mock, id=ids[9]) == pages[1]
    assert mock(MORE, {"id": "1"}) == []
    mock.refused(MORE, 400)


def test_kinds_are_included_and_excluded(mock: Mock) -> None:
    first, second = (row["FC"] for row in messages(mock, 2))
    assert {row["FC"] for row in messages(mock, include=f"{first},{second}")} == {first, second}
    without = messages(mock, exclude=first)
    assert len(without) == 10
    assert first not in {row["FC"] for row in without}
    assert messages(mock, include=first, exclude=first) == []


def test_the_number_of_unread_messages_follows(mock: Mock) -> None:
    rows = messages(mock)
    before = unread(mock)
    assert before == sum(not row["R"] for row in rows) > 1
    number = rows[1]["ID"]
    for _ in range(2):  # once more does nothing
        assert mock(READ, notificationID=number) == {**DONE, "P": {"R": 1, "ID": number}}
        assert unread(mock) == before - 1
    assert messages(mock)[1] == {**rows[1], "R": 1}
    assert "123" in mock.refused(READ, 400, notificationID="123")


def test_kinds_are_switched_off_and_on(mock: Mock) -> None:
    assert [row["FC"] for row in mock("get_fyi_settings")] == list(KINDS)
    name = "post_fyi_settings_by_typecode"
    for is_enabled in (False, True):
        assert mock(name, typecode="BA", enabled=is_enabled) == DONE
        assert (setting(mock, "BA")["A"], setting(mock, "CA")["A"]) == (int(is_enabled), 1)
    assert mock(name, typecode="XX", enabled=True) == DONE
    mock.refused(name, 400, typecode="BA")


def test_disclaimers_are_read(mock: Mock) -> None:
    shown = mock("get_fyi_disclaimer_by_typecode", typecode="OE")
    assert shown["FC"] == "OE"
    assert KINDS["OE"] in shown["DT"]
    assert setting(mock, "OE")["H"] == 0
    assert mock("put_fyi_disclaimer_by_typecode", typecode="OE") == DONE
    assert (setting(mock, "OE")["H"], setting(mock, "BA")["H"]) == (1, 0)
    mock.refused("get_fyi_disclaimer_by_typecode", 400, typecode="XX")
    mock.refused("put_fyi_disclaimer_by_typecode", 400, typecode="XX")


def test_mail_is_switched_by_the_query(mock: Mock) -> None:
    name = "put_fyi_deliveryoptions_email"
    for text, shown in (("false", 0), ("true", 1)):
        assert mock(name, {"enabled": text}) == DONE
        assert mock(DEVICES)["M"] == shown
    mock.refused(name, 400, enabled=True)


def test_devices_come_and_go(mock: Mock) -> None:
    add = "post_fyi_deliveryoptions_device"
    before = mock(DEVICES)["E"]
    mine: dict[str, Any] = {"deviceId": "mine", "deviceName": "Mine", "uiName": "My phone"}
    for is_enabled in (True, False):
        assert mock(add, **mine, enabled=is_enabled) == DONE
        row = {"NM": "Mine", "I": "mine", "UI": "My phone", "A": int(is_enabled)}
        assert mock(DEVICES)["E"] == [*before, row]
    mock.refused(add, 400, deviceName="Mine")
    reply = mock.reply(DELETE_DEVICE, deviceId="mine")
    assert (reply.status, reply.body) == (200, b"")
    assert mock(DEVICES)["E"] == before


def test_an_unknown_device_is_a_page(mock: Mock) -> None:
    reply = mock.reply(DELETE_DEVICE, deviceId="nobody")
    assert (reply.status, reply.content_type) == (404, "text/html; charset=utf-8")


def test_the_same_seed_gives_the_same_messages() -> None:
    first, again, other = (messages(Mock(seed)) for seed in (1, 1, 2))
    assert first == again != other
