"""A desk to order at: a mock gateway's book with its handlers, on a clock that stands still."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from bezant_api import OPERATIONS

from bezant.mock.call import Call, Handler, Refused
from bezant.mock.clock import Clock
from bezant.mock.handlers.orders import handlers
from bezant.mock.http import Reply, Request, json_reply
from bezant.mock.orders.book import Book
from bezant.mock.state import State
from bezant.mock.world import PAPER
from tests.runtime.judged import START, assert_fits

AAPL, SPY, FUTURE, EURO = 265598, 756733, 495512563, 12087792
OPTION = 800_000_001
SUBMIT = "post_iserver_account_orders"
WHATIF = "post_iserver_account_orders_whatif"
MODIFY = "post_iserver_account_order_by_order_id"
CANCEL = "delete_iserver_account_order_by_order_id"
LIVE = "get_iserver_account_orders"
STATUS = "get_iserver_account_order_status_by_order_id"
TRADES = "get_iserver_account_trades"
REPLY = "post_iserver_reply_by_reply_id"
SUPPRESS = "post_iserver_questions_suppress"
RESET = "post_iserver_questions_suppress_reset"
NOTIFY = "post_iserver_notification"


@dataclass
class Desk:
    """A book with its handlers; every answer with status 200 is judged."""

    state: State
    book: Book
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)

    @property
    def handlers(self) -> dict[str, Handler]:
        return dict(handlers(self.book))

    def send(self, operation: str, body: Any = None, /, query: str = "", **path: Any) -> Reply:
        data = b"" if body is None else json.dumps(body).encode()
        request = Request("POST", f"/x?{query}", {}, data)
        values = {"accountId": PAPER} | {name: str(value) for name, value in path.items()}
        call = Call(OPERATIONS[operation], request, values, self.state)
        try:
            reply = json_reply(self.handlers[operation](call))
        except Refused as refusal:
            reply = refusal.reply
        if reply.status == 200:
            assert_fits(operation, reply.body)
            self.answered.add(operation)
        return reply

    def ask(self, operation: str, body: Any = None, /, query: str = "", **path: Any) -> Any:
        reply = self.send(operation, body, query, **path)
        assert reply.status == 200, reply.body
        return json.loads(reply.body)

    def refused(
        self, operation: str, body: Any = None, /, query: str = "", **path: Any
    ) -> tuple[int, str]:
        reply = self.send(operation, body, query, **path)
        return reply.status, json.loads(reply.body)["error"]

    def place(self, *tickets: dict[str, Any]) -> list[dict[str, Any]]:
        """Place orders, with yes to every question."""
        answer = self.ask(SUBMIT, {"orders": list(tickets)})
        while isinstance(answer, list) and "id" in answer[0]:
            answer = self.ask(REPLY, {"confirmed": True}, replyId=answer[0]["id"])
        assert isinstance(answer, list), answer
        return answer

    def order(self, **fields: Any) -> int:
        return int(self.place(ticket(**fields))[0]["order_id"])

    def chain(self, **fields: Any) -> list[str]:
        """The ids of all questions about a ticket."""
        answer = self.ask(SUBMIT, {"orders": [ticket(**fields)]})
        asked = []
        while "id" in answer[0]:
            asked += answer[0]["messageIds"]
            answer = self.ask(REPLY, {"confirmed": True}, replyId=answer[0]["id"])
        return asked

    def state_of(self, order_id: int) -> str:
        return str(self.ask(STATUS, orderId=order_id)["order_status"])

    def states(self, order_id: int) -> list[str]:
        """The states of an order that listeners heard, in their order."""
        rows = [fields for kind, fields in self.told if kind == "order"]
        return [row["status"] for row in rows if row["orderId"] == order_id and "status" in row]

    def rows(self, query: str = "") -> list[dict[str, Any]]:
        """The list of orders, once it is primed."""
        self.ask(LIVE)
        found: list[dict[str, Any]] = self.ask(LIVE, query=query)["orders"]
        return found

    def trades(self, query: str = "") -> list[dict[str, Any]]:
        self.ask(TRADES)
        found: list[dict[str, Any]] = self.ask(TRADES, query=query)
        return found

    def price(self, conid: int = AAPL) -> float:
        return self.state.world.price(conid)

    def until(self, is_there: Callable[[float], bool], conid: int = AAPL) -> None:
        """Let time pass until a price is there."""
        now = self.state.clock.now()
        for seconds in range(60, 86_400, 60):
            if is_there(self.state.world.price(conid, now + seconds)):
                self.state.clock.advance(seconds)
                return
        pytest.fail("the price is never there")


def new_desk() -> Desk:
    state = State(seed=7, clock=Clock(START, stands_still=True))
    desk = Desk(state, state.book)
    state.book.listeners.append(lambda kind, fields: desk.told.append((kind, fields)))
    return desk


def ticket(**fields: Any) -> dict[str, Any]:
    plain = {"conid": AAPL, "orderType": "MKT", "side": "BUY", "tif": "DAY", "quantity": 10}
    return {name: value for name, value in (plain | fields).items() if value is not None}


def limit(price: float, **fields: Any) -> dict[str, Any]:
    return {"orderType": "LMT", "price": price} | fields


def pass_time(desk: Desk, seconds: float) -> None:
    desk.state.clock.advance(seconds)
    desk.book.advance()
