"""Orders of the mock gateway: changing and cancelling, lists, previews, listeners."""

from bezant.mock.orders.lifecycle import Pace
from bezant.mock.orders.order import DAY
from bezant.mock.world import PAPER, SECOND
from tests.runtime.order_desk import (
    AAPL,
    CANCEL,
    EURO,
    FUTURE,
    LIVE,
    MODIFY,
    NOTIFY,
    OPTION,
    REPLY,
    RESET,
    SPY,
    STATUS,
    SUPPRESS,
    TRADES,
    WHATIF,
    Desk,
    limit,
    pass_time,
    ticket,
)

# --- Changing and cancelling ---------------------------------------------------------------------


def test_a_modified_order_keeps_its_id(desk: Desk) -> None:
    order = desk.order(cOID="mine", **limit(round(desk.price() * 0.98, 2)))
    pass_time(desk, 1)
    better = ticket(**limit(round(desk.price() * 1.02, 2)), quantity=20)
    [row] = desk.ask(MODIFY, better, orderId=order)
    assert row["order_id"] == str(order)
    assert row["order_status"] == "PreSubmitted"
    pass_time(desk, 1)
    row = desk.rows()[0]
    assert (row["status"], row["totalSize"], row["order_ref"]) == ("Filled", 20, "mine")


def test_a_modification_has_to_be_paid_for(desk: Desk) -> None:
    order = desk.order(acctId=SECOND, **limit(100.0))
    body = ticket(acctId=SECOND, quantity=5_000, **limit(100.0))
    assert "funds" in desk.refused(MODIFY, body, accountId=SECOND, orderId=order)[1]


def test_a_modified_trigger_has_to_be_met_again(desk: Desk) -> None:
    trigger = round(desk.price() * 1.003, 2)
    stop = {"orderType": "STOP_LIMIT", "price": round(desk.price() * 0.9, 2)}
    order = desk.order(**stop, auxPrice=trigger)
    desk.until(lambda price: price >= trigger)
    assert desk.state_of(order) == "Submitted"
    desk.book.asker.suppress(["o163", "o10152", "o10153"])
    desk.ask(MODIFY, ticket(**stop, auxPrice=round(trigger * 1.1, 2)), orderId=order)
    pass_time(desk, 60)
    assert desk.state_of(order) == "PreSubmitted"


def test_a_modification_is_asked_about(desk: Desk) -> None:
    order = desk.order(**limit(100.0))
    [row] = desk.ask(MODIFY, ticket(**limit(101.0)), orderId=order)
    assert row["messageIds"] == ["o163"]
    [row] = desk.ask(REPLY, {"confirmed": True}, replyId=row["id"])
    [row] = desk.ask(REPLY, {"confirmed": True}, replyId=row["id"])
    assert row["order_id"] == str(order)
    assert desk.rows()[0]["price"] == "101.00"


def test_what_cannot_be_modified(desk: Desk) -> None:
    order = desk.order(**limit(100.0))
    unknown = desk.refused(MODIFY, ticket(), orderId=1)
    assert unknown == (200, "OrderID 1 doesn't exist")
    assert "side" in desk.refused(MODIFY, ticket(side="SELL"), orderId=order)[1]
    filled = desk.order()
    assert "doesn't exist" in desk.refused(MODIFY, ticket(), orderId=filled)[1]
    part = desk.order(quantity=600)
    assert "filled" in desk.refused(MODIFY, ticket(quantity=500), orderId=part)[1]
    assert desk.refused(MODIFY, ticket(), orderId="x")[0] == 400


def test_an_order_that_is_not_at_the_exchange_is_cancelled_at_once(desk: Desk) -> None:
    order = desk.order(**limit(100.0))
    assert desk.ask(CANCEL, orderId=order) == {
        "msg": "Request was submitted",
        "order_id": order,
        "conid": -1,
        "account": None,
    }
    assert desk.state_of(order) == "Cancelled"


def test_an_order_at_the_exchange_is_cancelled_later(desk: Desk) -> None:
    order = desk.order(**limit(100.0))
    pass_time(desk, 1)
    answer = desk.ask(CANCEL, orderId=order)
    assert (answer["conid"], answer["account"]) == (AAPL, PAPER)
    assert desk.state_of(order) == "PendingCancel"
    pass_time(desk, 1)
    assert desk.state_of(order) == "Cancelled"
    assert desk.refused(CANCEL, orderId=order) == (200, f"OrderID {order} doesn't exist")


def test_an_order_that_is_being_cancelled_may_fill(desk: Desk) -> None:
    desk.book.pace = Pace(cancel=DAY)
    wanted = round(desk.price() * 0.996, 2)
    order = desk.order(**limit(wanted))
    pass_time(desk, 1)
    desk.ask(CANCEL, orderId=order)
    assert desk.state_of(order) == "PendingCancel"
    desk.until(lambda price: price <= wanted)
    assert desk.state_of(order) == "Filled"


def test_all_orders_of_an_account_are_cancelled(desk: Desk) -> None:
    mine = [desk.order(**limit(100.0)) for _ in range(2)]
    other = desk.order(acctId=SECOND, **limit(100.0))
    answer = desk.ask(CANCEL, orderId=-1)
    assert answer["order_id"] == -1
    assert {desk.state_of(order) for order in mine} == {"Cancelled"}
    assert desk.state_of(other) == "PreSubmitted"


def test_futures_say_who_cancels(desk: Desk) -> None:
    order = desk.order(conid=FUTURE, quantity=1, manualIndicator=False, **limit(5_000.0))
    assert desk.refused(CANCEL, orderId=order)[0] == 400
    assert desk.ask(CANCEL, query="manualIndicator=false", orderId=order)["order_id"] == order


def test_orders_of_another_account_are_not_cancelled(desk: Desk) -> None:
    order = desk.order(**limit(100.0))
    assert "doesn't exist" in desk.refused(CANCEL, orderId=order, accountId=SECOND)[1]


# --- Lists ---------------------------------------------------------------------------------------


def test_the_list_of_orders_has_to_warm_up(desk: Desk) -> None:
    order = desk.order()
    assert desk.ask(LIVE) == {"orders": [], "snapshot": False}
    answer = desk.ask(LIVE)
    assert answer["snapshot"] is True
    assert [row["orderId"] for row in answer["orders"]] == [order]
    assert desk.ask(LIVE, query="force=true") == {"orders": [], "snapshot": False}
    assert len(desk.ask(LIVE)["orders"]) == 1


def test_the_list_is_filtered_and_says_so(desk: Desk) -> None:
    filled, waiting = desk.order(), desk.order(**limit(100.0))
    assert [row["orderId"] for row in desk.rows("filters=filled")] == [filled]
    assert desk.book.is_filtered
    both = desk.rows("filters=pre_submitted,filled,sort_by_time")
    assert {row["orderId"] for row in both} == {filled, waiting}
    desk.ask(LIVE, query="force=true")
    assert not desk.book.is_filtered


def test_the_list_is_sorted_by_the_latest_change(desk: Desk) -> None:
    first = desk.order(**limit(100.0))
    pass_time(desk, 10)
    second = desk.order(**limit(100.0))
    pass_time(desk, 10)
    assert [row["orderId"] for row in desk.rows()] == [first, second]
    assert [row["orderId"] for row in desk.rows("filters=sort_by_time")] == [second, first]


def test_rows_are_as_they_were_recorded(desk: Desk) -> None:
    desk.order(conid=SPY, quantity=1)
    [row] = desk.rows()
    assert row["orderDesc"] == "Bought 1 SPY Market, Day"
    assert (row["price"], row["timeInForce"], row["sizeAndFills"]) == ("", "CLOSE", "1")
    assert (row["origOrderType"], row["orderType"]) == ("MARKET", "Market")
    assert row["companyName"] == "SS SPDR S&P 500 ETF TRUST-US"
    assert len(row["lastExecutionTime"]) == 12
    assert isinstance(row["avgPrice"], str)
    assert "order_ref" not in row


def test_orders_that_ended_belong_to_their_session(desk: Desk) -> None:
    filled, waiting = desk.order(), desk.order(tif="GTC", **limit(100.0))
    desk.book.new_session()
    assert [row["orderId"] for row in desk.rows()] == [waiting]
    assert desk.refused(STATUS, orderId=filled)[0] == 503
    assert desk.refused(STATUS, orderId=1)[0] == 503


def test_the_status_of_an_order_is_text_mostly(desk: Desk) -> None:
    order = desk.order(side="SELL", quantity=5)
    row = desk.ask(STATUS, orderId=order)
    assert (row["size"], row["total_size"], row["cum_fill"]) == ("0.0", "5.0", "5.0")
    assert (row["side"], row["order_type"], row["tif"]) == ("S", "MARKET", "DAY")
    assert row["order_ccp_status"] == "2"
    assert row["order_description_with_contract"] == "Sold 5 AAPL Market, Day"
    assert row["cannot_cancel_order"] is True


def test_options_and_currencies_have_rows(desk: Desk) -> None:
    desk.order(conid=OPTION, quantity=1)
    desk.order(conid=EURO, quantity=25_000)
    option, euro = desk.rows()
    assert option["description2"] == "JAN 08 '27 170 Call"
    assert euro["secType"] == "CASH"
    assert [trade["sec_type"] for trade in desk.trades()] == ["OPT", "CASH"]


def test_the_list_of_trades_has_to_warm_up(desk: Desk) -> None:
    desk.order()
    assert desk.ask(TRADES) == []
    [row] = desk.ask(TRADES)
    assert row["order_description"].startswith("Bought 10 @ ")
    assert row["commission"] == "1"
    desk.book.new_session()
    assert desk.ask(TRADES) == []


def test_trades_are_of_today_or_of_some_days(desk: Desk) -> None:
    desk.order()
    desk.state.clock.advance(2 * DAY)
    assert desk.trades() == []
    assert desk.trades("days=2") == []
    assert len(desk.trades("days=3")) == 1
    desk.state.clock.advance(8 * DAY)
    assert desk.trades("days=30") == []
    for days in ("0", "-1", "x"):
        assert desk.refused(TRADES, query=f"days={days}")[0] == 400


# --- Previews, listeners and prompts -------------------------------------------------------------


def test_a_preview_is_text(desk: Desk) -> None:
    answer = desk.ask(WHATIF, {"orders": [ticket(**limit(150.0))]})
    assert answer["amount"] == {
        "amount": "1,500.00 USD (10 Shares)",
        "commission": "1 USD",
        "total": "1,501.00 USD",
    }
    assert answer["equity"]["change"] == "-1"
    assert answer["position"]["change"] == "10"
    assert "LMT" in answer["warn"]
    assert answer["error"] is None
    assert desk.rows() == []


def test_the_parts_of_an_order_cost_what_its_preview_says(desk: Desk) -> None:
    large = {"quantity": 1_010}
    said = desk.ask(WHATIF, {"orders": [ticket(**large)]})["amount"]["commission"]
    order = desk.order(**large)
    pass_time(desk, 60)
    assert desk.state_of(order) == "Filled"
    paid = [float(row["commission"]) for row in desk.trades()]
    assert sorted(paid) == [0.05, 2.5, 2.5]
    assert said == "5.05 USD"


def test_a_preview_warns_of_what_is_not_suppressed(desk: Desk) -> None:
    body = {"orders": [ticket(conid=FUTURE, quantity=1, manualIndicator=True)]}
    assert desk.ask(WHATIF, body)["warn"].startswith("21/")
    desk.ask(SUPPRESS, {"messageIds": ["o354", "o10151"]})
    assert desk.ask(WHATIF, body)["warn"] is None


def test_a_preview_tells_of_errors(desk: Desk) -> None:
    body = {"orders": [ticket(acctId=SECOND, quantity=5_000)]}
    assert "funds" in desk.ask(WHATIF, body)["error"]
    assert "position" not in desk.ask(WHATIF, {"orders": [ticket(conid=EURO)]})
    assert desk.refused(WHATIF, {"orders": [ticket(side="")]})[0] == 400


def test_listeners_hear_a_whole_order_once_and_then_what_changes(desk: Desk) -> None:
    order = desk.order(**limit(round(desk.price() * 1.02, 2)))
    pass_time(desk, 1)
    first, *later = [fields for kind, fields in desk.told if kind == "order"]
    assert first["companyName"] == "APPLE INC"
    for fields in later:
        assert (fields["acct"], fields["orderId"]) == (PAPER, order)
        assert "companyName" not in fields
    [trade] = [fields for kind, fields in desk.told if kind == "trade"]
    assert trade["size"] == 10
    assert isinstance(trade["price"], str)
    assert "commission" not in trade


def test_prompts_are_answered_with_an_option(desk: Desk) -> None:
    name = desk.book.prompts.ask(17, "Close the position?")
    [(kind, fields)] = desk.told
    assert (kind, fields["reqId"]) == ("prompt", name)
    body = {"orderId": 17, "reqId": name, "text": "Perhaps"}
    assert desk.refused(NOTIFY, body)[0] == 400
    assert desk.ask(NOTIFY, body | {"text": "Yes"}) == "Request was submitted"
    assert desk.book.prompts.answers == {name: "Yes"}
    assert desk.refused(NOTIFY, {})[0] == 400


def test_every_handler_answers_what_the_document_says(desk: Desk) -> None:
    order = desk.order(**limit(100.0))
    desk.ask(MODIFY, ticket(**limit(101.0)), orderId=order)
    desk.ask(STATUS, orderId=order)
    desk.ask(CANCEL, orderId=order)
    desk.order()
    desk.rows()
    desk.trades()
    desk.ask(WHATIF, {"orders": [ticket()]})
    desk.ask(SUPPRESS, {"messageIds": []})
    desk.ask(RESET)
    desk.ask(NOTIFY, {"orderId": 1, "reqId": "1", "text": "Yes"})
    assert desk.answered == set(desk.handlers)
