"""What becomes of orders at the mock gateway as its time passes."""

from typing import Any

import pytest

from bezant.mock.orders.lifecycle import Pace
from bezant.mock.orders.order import DAY
from bezant.mock.world import PAPER, SECOND
from tests.runtime.order_desk import (
    AAPL,
    CANCEL,
    EURO,
    MODIFY,
    REPLY,
    SPY,
    STATUS,
    SUBMIT,
    Desk,
    limit,
    pass_time,
    ticket,
)

# --- What becomes of orders ----------------------------------------------------------------------


def test_a_market_order_fills_at_once(desk: Desk) -> None:
    held = desk.state.world.holdings[PAPER][AAPL].quantity
    cash = desk.state.world.cash[PAPER]["USD"]
    [row] = desk.place(ticket(cOID="mine"))
    assert row["order_status"] == "Filled"
    assert desk.states(int(row["order_id"])) == [
        "Inactive",
        "PendingSubmit",
        "PreSubmitted",
        "Submitted",
        "Filled",
    ]
    [trade] = desk.trades()
    assert trade["order_ref"] == "mine"
    assert trade["side"] == "B"
    assert desk.state.world.holdings[PAPER][AAPL].quantity == held + 10
    paid = cash - desk.state.world.cash[PAPER]["USD"]
    assert paid == pytest.approx(10 * float(trade["price"]) + float(trade["commission"]))


def test_every_state_can_be_seen_at_a_slow_pace(desk: Desk) -> None:
    desk.book.pace = Pace(inactive=10, pending=10, presubmitted=10)
    order = desk.order(**limit(round(desk.price() * 1.02, 2)))
    seen = []
    for _ in range(4):
        seen.append(desk.state_of(order))
        desk.state.clock.advance(10)
    assert seen == ["Inactive", "PendingSubmit", "PreSubmitted", "Filled"]


def test_a_limit_fills_when_the_price_crosses(desk: Desk) -> None:
    wanted = round(desk.price() * 0.996, 2)
    order = desk.order(**limit(wanted))
    pass_time(desk, 1)
    assert desk.state_of(order) == "Submitted"
    desk.until(lambda price: price <= wanted)
    assert desk.state_of(order) == "Filled"
    assert float(desk.trades("days=7")[0]["price"]) <= wanted


def test_a_crossing_between_two_looks_counts(desk: Desk) -> None:
    price, now = desk.price(), desk.state.clock.now()
    prices = [desk.state.world.price(AAPL, now + at) for at in range(60, 86_400, 60)]
    order = desk.order(**limit(round((min(prices) + price) / 2, 2)))
    desk.state.clock.advance(DAY)
    assert desk.state_of(order) == "Filled"
    [trade] = desk.trades("days=7")
    assert trade["trade_time_r"] < (now + DAY) * 1000


def test_a_stop_triggers(desk: Desk) -> None:
    trigger = round(desk.price() * 1.004, 2)
    order = desk.order(orderType="STP", price=trigger)
    pass_time(desk, 1)
    assert desk.state_of(order) == "PreSubmitted"
    desk.until(lambda price: price >= trigger)
    assert desk.state_of(order) == "Filled"
    assert float(desk.trades("days=7")[0]["price"]) >= trigger


def test_a_trigger_between_two_looks_counts(desk: Desk) -> None:
    price, now = desk.price(), desk.state.clock.now()
    prices = [desk.state.world.price(AAPL, now + at) for at in range(60, 86_400, 60)]
    order = desk.order(orderType="STP", price=round((max(prices) + price) / 2, 2))
    desk.state.clock.advance(DAY)
    assert desk.state_of(order) == "Filled"


def test_a_stop_limit_triggers_and_then_waits_for_its_limit(desk: Desk) -> None:
    trigger = round(desk.price() * 1.003, 2)
    wanted = round(desk.price() * 0.99, 2)
    order = desk.order(orderType="STOP_LIMIT", price=wanted, auxPrice=trigger)
    desk.until(lambda price: price >= trigger)
    assert desk.state_of(order) == "Submitted"
    desk.until(lambda price: price <= wanted)
    assert desk.state_of(order) == "Filled"


def test_a_touched_order_triggers_on_the_other_side(desk: Desk) -> None:
    trigger = round(desk.price() * 0.996, 2)
    order = desk.order(orderType="MIT", price=trigger)
    pass_time(desk, 1)
    assert desk.state_of(order) == "PreSubmitted"
    desk.until(lambda price: price <= trigger)
    assert desk.state_of(order) == "Filled"


@pytest.mark.parametrize("unit", ["amt", "%"])
def test_a_trailing_stop_follows(desk: Desk, unit: str) -> None:
    now = desk.state.clock.now()
    times = [now + seconds for seconds in range(60, 86_400, 60)]
    lowest = min(times, key=lambda at: desk.state.world.price(AAPL, at))
    desk.state.clock.advance(lowest - now)
    order = desk.order(orderType="TRAIL", side="SELL", trailingAmt=0.5, trailingType=unit)
    followed = desk.book.life.orders[order]
    triggers = []
    while followed.is_open:
        pass_time(desk, 60)
        triggers.append(followed.trigger or 0.0)
    assert triggers == sorted(triggers)
    assert triggers[0] < triggers[-1]
    assert float(desk.trades("days=7")[0]["price"]) <= triggers[-1]


def test_a_close_order_waits_for_the_end_of_the_day(desk: Desk) -> None:
    order = desk.order(orderType="MOC")
    pass_time(desk, 60)
    assert desk.state_of(order) == "PreSubmitted"
    desk.state.clock.advance(DAY)
    assert desk.state_of(order) == "Filled"


def test_large_orders_fill_in_parts(desk: Desk) -> None:
    order = desk.order(quantity=1_200, conid=SPY)
    row = desk.rows()[0]
    assert (row["status"], row["sizeAndFills"]) == ("Submitted", "500/700")
    desk.state.clock.advance(1.1)
    assert desk.rows()[0]["filledQuantity"] == 1_000
    desk.state.clock.advance(60)
    row = desk.rows()[0]
    assert (row["status"], row["sizeAndFills"], row["remainingQuantity"]) == ("Filled", "1200", 0)
    trades = desk.trades()
    assert [trade["size"] for trade in trades] == [500, 500, 200]
    assert len({trade["execution_id"] for trade in trades}) == 3
    assert {trade["order_id"] for trade in trades} == {order}


def test_currencies_fill_in_larger_parts(desk: Desk) -> None:
    order = desk.order(conid=EURO, quantity=25_000)
    assert desk.state_of(order) == "Filled"


def test_cash_buys_whole_shares_and_parts_of_currencies(desk: Desk) -> None:
    desk.order(quantity=None, cashQty=1_000)
    desk.order(conid=EURO, quantity=None, cashQty=1_000)
    shares, euros = desk.rows()
    assert shares["totalSize"] == 5
    assert shares["totalCashSize"] == 1_000
    assert euros["totalSize"] == pytest.approx(1_000 / desk.price(EURO), abs=0.01)


def test_all_or_none_fills_as_a_whole(desk: Desk) -> None:
    desk.order(quantity=1_200, allOrNone=True)
    assert [trade["size"] for trade in desk.trades()] == [1_200]


def test_immediate_orders_do_not_wait(desk: Desk) -> None:
    order = desk.order(tif="IOC", **limit(round(desk.price() * 0.98, 2)))
    part = desk.order(tif="IOC", quantity=800)
    pass_time(desk, 1)
    assert desk.state_of(order) == "Cancelled"
    assert desk.state_of(part) == "Cancelled"
    assert desk.ask(STATUS, orderId=part)["cum_fill"] == "500.0"


def test_deactivated_orders_stay_where_they_are(desk: Desk) -> None:
    order = desk.order(deactivated=True)
    pass_time(desk, 60)
    assert desk.state_of(order) == "Inactive"
    desk.book.asker.suppress(["o10151"])
    desk.ask(MODIFY, ticket(deactivated=False), orderId=order)
    assert desk.state_of(order) == "Filled"


def test_the_system_cancels(desk: Desk) -> None:
    order = desk.order(**limit(100.0))
    desk.book.cancel_by_system(order, "The exchange rejected it")
    row = desk.rows()[0]
    assert row["status"] == "Cancelled"
    assert row["order_cancellation_by_system_reason"] == "The exchange rejected it"


def test_filled_may_be_told_before_its_quantity(desk: Desk) -> None:
    desk.book.pace = Pace(tells_early=True)
    order = desk.order()
    frames = [fields for kind, fields in desk.told if fields.get("status") == "Filled"]
    assert [frame["filledQuantity"] for frame in frames] == [0, 10]
    assert desk.states(order)[-2:] == ["Filled", "Filled"]


# --- Brackets and groups -------------------------------------------------------------------------


def bracket(desk: Desk, **parent: Any) -> list[int]:
    price = desk.price()
    exits = {"side": "SELL", "parentId": "parent"}
    rows = desk.place(
        ticket(cOID="parent", **parent),
        ticket(**exits, **limit(round(price * 1.005, 2))),
        ticket(**exits, orderType="STP", price=round(price * 0.5, 2)),
    )
    assert {row.get("parent_order_id") for row in rows[1:]} == {rows[0]["order_id"]}
    return [int(row["order_id"]) for row in rows]


def test_children_wait_for_their_parent(desk: Desk) -> None:
    parent, take, stop = bracket(desk, **limit(100.0))
    desk.state.clock.advance(DAY)
    assert [desk.state_of(order) for order in (parent, take, stop)] == [
        "Submitted",
        "PreSubmitted",
        "PreSubmitted",
    ]


def test_children_are_active_once_their_parent_has_filled(desk: Desk) -> None:
    parent, take, stop = bracket(desk)
    pass_time(desk, 1)
    assert [desk.state_of(order) for order in (parent, take, stop)] == [
        "Filled",
        "Submitted",
        "PreSubmitted",
    ]
    desk.until(lambda price: price >= float(desk.rows()[1]["price"]))
    assert desk.state_of(take) == "Filled"
    assert desk.state_of(stop) == "Cancelled"


def test_children_that_waited_go_when_their_parent_fills(desk: Desk) -> None:
    wanted = round(desk.price() * 0.997, 2)
    parent, take, _ = bracket(desk, **limit(wanted))
    pass_time(desk, 1)
    assert desk.state_of(take) == "PreSubmitted"
    desk.until(lambda price: price <= wanted)
    assert desk.state_of(parent) == "Filled"
    assert desk.state_of(take) == "Submitted"


def test_children_are_cancelled_with_their_parent(desk: Desk) -> None:
    parent, take, stop = bracket(desk, **limit(100.0))
    pass_time(desk, 1)
    desk.ask(CANCEL, orderId=parent)
    pass_time(desk, 1)
    assert {desk.state_of(order) for order in (parent, take, stop)} == {"Cancelled"}


def test_children_can_come_later(desk: Desk) -> None:
    parent = desk.order(**limit(100.0))
    child = desk.order(side="SELL", parentId=str(parent))
    pass_time(desk, 60)
    assert desk.state_of(child) == "PreSubmitted"


def test_a_question_about_several_orders_is_asked_once(desk: Desk) -> None:
    exits = {"side": "SELL", "parentId": "parent"}
    tickets = [
        ticket(cOID="parent", **limit(100.0)),
        ticket(**exits, **limit(300.0)),
        ticket(**exits, orderType="STP", price=90.0),
    ]
    answer = desk.ask(SUBMIT, {"orders": tickets})
    asked = []
    while "id" in answer[0]:
        asked += answer[0]["messageIds"]
        answer = desk.ask(REPLY, {"confirmed": True}, replyId=answer[0]["id"])
    assert asked == ["o163", "o10153", "o10152"]
    assert len(answer) == 3


def test_children_need_no_funds(desk: Desk) -> None:
    few = {"acctId": SECOND, "conid": SPY, "quantity": 380}
    desk.order(**few)
    pass_time(desk, 60)
    desk.place(
        ticket(**few, side="SELL", cOID="parent", **limit(600.0)),
        ticket(**few, parentId="parent", **limit(400.0)),
    )


def test_one_of_a_group_cancels_the_others(desk: Desk) -> None:
    one, other = desk.place(
        ticket(isSingleGroup=True, **limit(100.0)),
        ticket(isSingleGroup=True, conid=SPY),
    )
    assert desk.state_of(int(other["order_id"])) == "Filled"
    assert desk.state_of(int(one["order_id"])) == "Cancelled"
