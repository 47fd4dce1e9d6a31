"""Scenarios of orders: each is started by name, and shows what clients then see."""

from collections.abc import Iterator
from typing import Any

import pytest
from bezant_api import TransportError, errors

from bezant.mock.world import PAPER
from tests.runtime.visiting import AAPL, Visit, prepared

SUBMIT = "post_iserver_account_orders"


@pytest.fixture
def visit() -> Iterator[Visit]:
    with prepared() as found:
        yield found


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("unknown-question", ["o99999"]),
        ("two-questions", ["o163", "o354"]),
        ("three-questions", ["o163", "o354", "o383"]),
    ],
)
def test_questions(visit: Visit, name: str, asked: list[str]) -> None:
    visit.start(name)
    [row] = visit.order()
    seen = []
    while hasattr(row, "message_ids"):
        seen += row.message_ids
        rows = visit.client.orders.reply(str(row.id), confirmed=True)
        assert isinstance(rows, list)
        row = rows[0]
    assert seen == asked
    assert row.order_id


def test_the_answer_of_an_order_is_lost(visit: Visit) -> None:
    visit.gateway.start("unknown-question")
    visit.start("order-answer-lost")
    [question] = visit.order()
    with pytest.raises(TransportError):
        visit.client.orders.reply(str(question.id), confirmed=True)
    visit.client.orders.live()
    orders = visit.client.orders.live().orders
    assert orders
    assert len(orders) == 1
    assert len(visit.gateway.arrived.of(SUBMIT)) == 1


def test_slow_orders(visit: Visit) -> None:
    visit.start("slow-orders")
    visit.order()
    seen = visit.states()
    for _ in range(30):
        visit.gateway.clock.advance(1)
        seen += [state for state in visit.states() if state != seen[-1]]
    states = ["PendingSubmit", "PreSubmitted", "Submitted", "Filled"]
    assert seen[-4:] == states


def test_an_order_fills_while_it_is_cancelled(visit: Visit) -> None:
    visit.start("fills-while-cancelling")
    [row] = visit.order(above=4)
    visit.gateway.clock.advance(1)
    visit.client.orders.cancel(PAPER, str(row.order_id))
    assert visit.states() == ["PendingCancel"]
    visit.gateway.clock.advance(10)
    assert visit.states() == ["Filled"]


def test_the_exchange_cancels(visit: Visit) -> None:
    visit.order(above=-5)
    visit.start("orders-cancelled")
    assert visit.states() == ["Cancelled"]


@pytest.mark.parametrize(
    ("name", "kind", "status"),
    [("replies-void", errors.ReplyNotFound, 400), ("replies-late", errors.ServiceUnavailable, 503)],
)
def test_replies_come_too_late(
    visit: Visit, name: str, kind: type[errors.ApiError], status: int
) -> None:
    visit.start("unknown-question")
    [question] = visit.order()
    visit.start(name)
    with pytest.raises(kind) as caught:
        visit.client.orders.reply(str(question.id), confirmed=True)
    assert caught.value.status == status
    assert visit.states() == []


def test_questions_cannot_be_suppressed(visit: Visit) -> None:
    visit.client.orders.suppress_questions(message_ids=["o163"])
    visit.start("suppression-refused")
    with pytest.raises(errors.ApiError) as caught:
        visit.client.orders.suppress_questions(message_ids=["o163"])
    assert caught.value.status == 400


def test_a_rejection_among_what_is_placed(visit: Visit) -> None:
    visit.start("rejection-in-list")
    placed, rejected = visit.order()
    assert placed.order_id
    assert rejected.order_id is None
    assert len(visit.states()) == 1


def test_no_order_has_the_id(visit: Visit) -> None:
    [row] = visit.order(above=-5)
    visit.start("orders-unknown")
    with pytest.raises(errors.OrderNotFound):
        visit.client.orders.cancel(PAPER, str(row.order_id))
    visit.gateway.stop("orders-unknown")
    assert visit.client.orders.cancel(PAPER, str(row.order_id)).msg


def test_the_status_of_no_order_is_available(visit: Visit) -> None:
    [row] = visit.order(above=-5)
    assert visit.client.orders.status(int(row.order_id)).order_status
    visit.start("status-unavailable")
    with pytest.raises(errors.ServiceUnavailable):
        visit.client.orders.status(int(row.order_id))


def test_orders_of_another_account_are_not_available(visit: Visit) -> None:
    [row] = visit.order()
    visit.gateway.clock.advance(1)
    visit.client.orders.trades()
    assert visit.client.orders.trades()
    visit.start("other-account-selected")
    with pytest.raises(errors.ServiceUnavailable):
        visit.client.orders.status(int(row.order_id))
    assert visit.client.orders.trades() == []
    switched = visit.client.accounts.switch(acct_id=PAPER)
    assert switched.acct_id == PAPER
    assert visit.client.orders.status(int(row.order_id)).order_status == "Filled"
    again = visit.client.accounts.switch(acct_id=PAPER)
    assert again.success == "Account already set"
    visit.gateway.stop("other-account-selected")
    assert visit.gateway.world.selected == PAPER


def preview(visit: Visit) -> Any:
    ticket = {"conid": AAPL, "side": "BUY", "orderType": "MKT", "tif": "DAY", "quantity": 1}
    return visit.client.orders.preview(PAPER, orders=[ticket])


def test_a_preview_without_the_position(visit: Visit) -> None:
    assert "position" in preview(visit).to_dict()
    visit.start("preview-without-position")
    assert "position" not in preview(visit).to_dict()


def test_a_preview_that_says_why_not(visit: Visit) -> None:
    visit.start("preview-fails")
    with pytest.raises(errors.Rejected, match="cannot be placed"):
        preview(visit)


def test_a_bracket_goes_with_its_parent(visit: Visit) -> None:
    price = round(visit.gateway.world.price(AAPL) - 5, 2)
    parent = {"conid": AAPL, "side": "BUY", "orderType": "LMT", "price": price, "tif": "DAY"}
    child = {**parent, "side": "SELL", "price": price + 8, "parentId": "p", "quantity": 1}
    visit.client.orders.submit(PAPER, orders=[{**parent, "quantity": 1, "cOID": "p"}, child])
    visit.order(above=-5)
    visit.start("parents-cancelled")
    assert visit.states() == ["Cancelled", "Cancelled", "PreSubmitted"]
