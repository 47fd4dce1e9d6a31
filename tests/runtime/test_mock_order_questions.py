"""What the mock gateway asks before it takes an order, and what it refuses."""

import json
from typing import Any

import pytest

from bezant.mock.orders import questions
from bezant.mock.orders.order import DAY
from bezant.mock.world import SECOND
from tests.runtime.order_desk import (
    AAPL,
    CANCEL,
    FUTURE,
    REPLY,
    RESET,
    SPY,
    SUBMIT,
    SUPPRESS,
    Desk,
    limit,
    new_desk,
    pass_time,
    ticket,
)

# --- Questions -----------------------------------------------------------------------------------


def test_a_quiet_limit_is_asked_nothing_about(desk: Desk) -> None:
    [row] = desk.ask(SUBMIT, {"orders": [ticket(**limit(round(desk.price() * 0.98, 2)))]})
    assert row["order_status"] == "PreSubmitted"
    assert row["encrypt_message"] == "1"
    assert isinstance(row["order_id"], str)


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({}, ["o10151"]),
        ({"orderType": "STP", "price": 900.0}, ["o10152"]),
        ({"orderType": "STP", "price": 1.0}, ["o10152", "o403"]),
        ({"orderType": "LMT", "price": 180.0}, ["o163"]),
        ({"orderType": "LMT", "price": 1.0}, ["o163", "o10153"]),
        ({"quantity": None, "cashQty": 1000}, ["o10164", "o10223", "o10151"]),
        ({"quantity": 1.5, "outsideRTH": True}, ["o2165", "o10151"]),
        ({"quantity": 10_001, "side": "SELL"}, ["o383", "o451", "o10151"]),
        ({"conid": FUTURE, "manualIndicator": True}, ["o354", "o10151"]),
        (
            {"conid": FUTURE, "manualIndicator": True, **limit(10.0), "quantity": 1},
            ["o163", "o354", "o10153"],
        ),
    ],
)
def test_questions_are_asked_one_after_another(
    desk: Desk, fields: dict[str, Any], asked: list[str]
) -> None:
    assert desk.chain(**({"quantity": 1} | fields)) == asked


def test_a_question_looks_real(desk: Desk) -> None:
    [row] = desk.ask(SUBMIT, {"orders": [ticket()]})
    assert [len(part) for part in row["id"].split("-")] == [8, 4, 4, 4, 12]
    assert row["isSuppressed"] is False
    assert row["messageOptions"] == ["Yes", "No"]
    assert "<h4>" in row["message"][0]
    assert "AAPL" in row["message"][0]


def test_the_same_seed_asks_with_the_same_ids(desk: Desk) -> None:
    other = new_desk()
    tickets = {"orders": [ticket()]}
    assert desk.ask(SUBMIT, tickets)[0]["id"] == other.ask(SUBMIT, tickets)[0]["id"]


def test_questions_nobody_knows_can_be_asked(desk: Desk) -> None:
    desk.book.asks_also.append("o99999")
    assert desk.chain(**limit(round(desk.price() * 0.99, 2))) == ["o99999"]


def test_a_declined_order_is_not_placed(desk: Desk) -> None:
    [row] = desk.ask(SUBMIT, {"orders": [ticket(cOID="a")]})
    assert desk.refused(REPLY, {"confirmed": False}, replyId=row["id"]) == (
        200,
        "Order not confirmed",
    )
    assert desk.rows() == []
    assert desk.refused(REPLY, {"confirmed": True}, replyId=row["id"])[0] == 400
    assert desk.order(cOID="a")


def test_an_answer_has_to_be_the_next_request(desk: Desk) -> None:
    [row] = desk.ask(SUBMIT, {"orders": [ticket()]})
    desk.book.other_request()
    reply = desk.send(REPLY, {"confirmed": True}, replyId=row["id"])
    assert reply.status == 400
    assert json.loads(reply.body) == {"error": f"reply id not found: '{row['id']}'"}


def test_another_order_makes_a_question_void(desk: Desk) -> None:
    [first] = desk.ask(SUBMIT, {"orders": [ticket()]})
    desk.ask(SUBMIT, {"orders": [ticket()]})
    assert desk.refused(REPLY, {"confirmed": True}, replyId=first["id"])[0] == 400


def test_a_late_answer_is_503(desk: Desk) -> None:
    [row] = desk.ask(SUBMIT, {"orders": [ticket()]})
    desk.state.clock.advance(questions.LATE_SECONDS + 1)
    assert desk.refused(REPLY, {"confirmed": True}, replyId=row["id"])[0] == 503
    assert desk.rows() == []


def test_an_answer_is_yes_or_no(desk: Desk) -> None:
    assert desk.refused(REPLY, {"confirmed": "true"}, replyId="x")[0] == 400


def test_suppressed_questions_are_not_asked(desk: Desk) -> None:
    assert desk.ask(SUPPRESS, {"messageIds": ["o163", "o10151"]}) == {"status": "submitted"}
    assert desk.chain(**limit(1.0)) == ["o10153"]
    assert desk.chain() == []
    assert desk.ask(RESET) == {"status": "submitted"}
    assert desk.chain() == ["o10151"]


def test_a_new_session_asks_again(desk: Desk) -> None:
    desk.ask(SUPPRESS, {"messageIds": ["o10151"]})
    [row] = desk.ask(SUBMIT, {"orders": [ticket(**limit(1.0))]})
    desk.book.new_session()
    assert desk.refused(REPLY, {"confirmed": True}, replyId=row["id"])[0] == 400
    assert desk.chain() == ["o10151"]


def test_too_many_cannot_be_suppressed(desk: Desk) -> None:
    assert desk.ask(SUPPRESS, {"messageIds": ["o163"] * 51})
    assert desk.refused(SUPPRESS, {"messageIds": ["o163"] * 52})[0] == 400
    assert desk.refused(SUPPRESS, {"messageIds": "o163"})[0] == 400


# --- Refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "status", "message"),
    [
        ({"side": "HOLD"}, 400, "Invalid Side"),
        ({"side": None}, 400, "Invalid Side"),
        ({"orderType": "MAYBE"}, 400, "Unknown order type"),
        ({"conid": None}, 400, "conid or conidex is required"),
        ({"quantity": "10"}, 400, "incorrect type"),
        ({"outsideRTH": 1}, 400, "incorrect type"),
        ({"cOID": 1}, 400, "incorrect type"),
        ({"conid": FUTURE}, 400, "manualIndicator"),
        ({"acctId": "U0"}, 400, "account"),
        ({"orderType": "LMT"}, 200, "Invalid order price fields"),
        ({"orderType": "STOP_LIMIT", "price": 1}, 200, "Invalid order price fields"),
        ({"orderType": "TRAIL"}, 200, "Invalid order price fields"),
        ({"tif": None}, 200, "null time in force is not supported"),
        ({"tif": "SOON"}, 200, "time in force"),
        ({"conid": 1}, 200, "no sec defs returned"),
        ({"conid": None, "conidex": "0;;;1/1,2/-1"}, 200, "no sec defs returned"),
        ({"quantity": None}, 200, "quantity"),
        ({"quantity": None, "cashQty": 5}, 200, "quantity"),
        ({**limit(9_000.0)}, 200, "too far"),
        ({"acctId": SECOND, "quantity": 5_000}, 200, "funds"),
        ({"parentId": "nobody"}, 200, "Parent order"),
    ],
)
def test_refused(desk: Desk, fields: dict[str, Any], status: int, message: str) -> None:
    found, error = desk.refused(SUBMIT, {"orders": [ticket(**fields)]})
    assert found == status
    assert message in error


@pytest.mark.parametrize("body", [{}, {"orders": []}, {"orders": [1]}, {"orders": {}}, []])
def test_bodies_that_are_no_orders(desk: Desk, body: Any) -> None:
    assert desk.refused(SUBMIT, body)[0] == 400


def test_strangers_cannot_be_placed_together(desk: Desk) -> None:
    assert desk.refused(SUBMIT, {"orders": [ticket(), ticket()]})[0] == 400


def test_client_ids_are_unique_for_a_day(desk: Desk) -> None:
    desk.order(cOID="mine")
    body = {"orders": [ticket(cOID="mine")]}
    assert desk.refused(SUBMIT, body) == (200, "Local order ID=mine is already registered.")
    desk.book.new_session()
    assert desk.refused(SUBMIT, body)[0] == 200
    desk.state.clock.advance(DAY)
    assert desk.order(cOID="mine")


def test_client_ids_are_unique_within_a_request(desk: Desk) -> None:
    twins = [ticket(cOID="mine", isSingleGroup=True, **limit(100.0)) for _ in range(2)]
    assert "registered" in desk.refused(SUBMIT, {"orders": twins})[1]


def test_parents_that_were_cancelled_get_no_children(desk: Desk) -> None:
    parent = desk.order(cOID="parent", **limit(100.0))
    desk.ask(CANCEL, orderId=parent)
    child = ticket(parentId="parent", side="SELL")
    assert "Parent order" in desk.refused(SUBMIT, {"orders": [child]})[1]


def test_funds_are_needed_to_open_but_not_to_close(desk: Desk) -> None:
    few = {"acctId": SECOND, "conid": SPY}
    desk.order(**few, quantity=380)
    pass_time(desk, 60)
    assert "funds" in desk.refused(SUBMIT, {"orders": [ticket(**few, quantity=380)]})[1]
    assert desk.order(**few, quantity=10, side="SELL")


def test_of_conid_and_conidex_the_first_wins(desk: Desk) -> None:
    desk.order(conidex=f"{SPY}@ARCA")
    desk.order(conid=None, conidex=f"{SPY}@ARCA", side="Sell")
    first, second = desk.rows()
    assert (first["conid"], first["conidex"]) == (AAPL, str(AAPL))
    assert (second["conid"], second["conidex"], second["side"]) == (SPY, f"{SPY}@ARCA", "SELL")
