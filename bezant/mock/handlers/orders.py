"""Orders: placing, questions, changing, cancelling, and the lists of orders and executions."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from bezant.mock.call import Call, Handler, refuse
from bezant.mock.orders.book import Book
from bezant.mock.orders.order import DAY
from bezant.mock.orders.questions import MOST_SUPPRESSED

_Answer: TypeAlias = Callable[[Book, Call], Any]
_MOST_DAYS: Final = 7
_SUBMITTED: Final = {"status": "submitted"}
_FLAGS: Final = {"true": True, "false": False}
_SORTED: Final = "sortbytime"
"""A filter that only sorts, the latest change first."""


def handlers(book: Book) -> Mapping[str, Handler]:
    """The handlers of one gateway, by operation id."""
    return {name: _bound(answer, book) for name, answer in _ANSWERS.items()}


def _bound(answer: _Answer, book: Book) -> Handler:
    return lambda call: answer(book, call)


def _submit(book: Book, call: Call) -> Any:
    return book.submit(call.path["accountId"], _orders(call))


def _preview(book: Book, call: Call) -> Any:
    return book.preview(call.path["accountId"], _orders(call))


def _orders(call: Call) -> list[Any]:
    orders = call.body().get("orders")
    if not isinstance(orders, list):
        message = "Bad Request: orders are required"
        raise refuse(message)
    return orders


def _modify(book: Book, call: Call) -> Any:
    return book.modify(call.path["accountId"], _id(call), call.body())


def _cancel(book: Book, call: Call) -> Any:
    is_manual = _flag(call, "manualIndicator")
    return book.cancel(call.path["accountId"], _id(call), is_manual)


def _status(book: Book, call: Call) -> Any:
    return book.status(_id(call))


def _live(book: Book, call: Call) -> Any:
    """The first list of a session, and one that is forced, is empty: it makes the next one ready."""
    is_forced = _flag(call, "force") is True
    filters = set(_filters(call))
    if filters or is_forced:
        book.is_filtered = bool(filters) and not is_forced
    if not book.prime("orders", again=is_forced) and call.state.rules.warm_ups:
        return {"orders": [], "snapshot": False}
    rows = book.live_rows()
    if _SORTED in filters:
        rows.sort(key=lambda row: -row["lastExecutionTime_r"])
    wanted = filters - {_SORTED}
    return {
        "orders": [row for row in rows if not wanted or row["status"].lower() in wanted],
        "snapshot": True,
    }


def _filters(call: Call) -> Iterator[str]:
    """States to list; `pre_submitted` and `PreSubmitted` mean the same."""
    for name in call.query.get("filters", "").split(","):
        if name:
            yield name.replace("_", "").lower()


def _trades(book: Book, call: Call) -> Any:
    """Executions of today, or of some days up to it; the first list of a session is empty."""
    text = call.query.get("days", "1")
    if not text.isdecimal() or not int(text):
        message = f"Bad Request: days has to be a number from 1 to {_MOST_DAYS}"
        raise refuse(message)
    if not book.prime("trades") and call.state.rules.warm_ups:
        return []
    now = book.clock.now()
    days = min(int(text), _MOST_DAYS)
    return book.trade_rows(now - now % DAY - (days - 1) * DAY)


def _reply(book: Book, call: Call) -> Any:
    confirmed = call.body().get("confirmed")
    if not isinstance(confirmed, bool):
        message = "Bad Request: confirmed is required"
        raise refuse(message)
    book.advance()
    return book.asker.reply(call.path["replyId"], confirmed)


def _suppress(book: Book, call: Call) -> Any:
    names = call.body().get("messageIds")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        message = "Bad Request: messageIds are required"
        raise refuse(message)
    if len(names) > MOST_SUPPRESSED:
        message = f"Bad Request: at most {MOST_SUPPRESSED} messageIds can be suppressed"
        raise refuse(message)
    book.asker.suppress(names)
    return _SUBMITTED


def _ask_again(book: Book, _call: Call) -> Any:
    book.asker.suppressed.clear()
    return _SUBMITTED


def _answer_prompt(book: Book, call: Call) -> Any:
    body = call.body()
    name, text = str(body.get("reqId", "")), body.get("text")
    if not isinstance(body.get("orderId"), int) or not name or not isinstance(text, str):
        message = "Bad Request: orderId, reqId and text are required"
        raise refuse(message)
    book.prompts.answer(name, text)
    return "Request was submitted"


def _id(call: Call) -> int:
    text = call.path["orderId"]
    if not text.removeprefix("-").isdecimal():
        message = f"Bad Request: {text!r} is no order id"
        raise refuse(message)
    return int(text)


def _flag(call: Call, name: str) -> bool | None:
    return _FLAGS.get(call.query.get(name, "").lower())


_ANSWERS: Final[Mapping[str, _Answer]] = {
    "post_iserver_account_orders": _submit,
    "post_iserver_account_orders_whatif": _preview,
    "post_iserver_account_order_by_order_id": _modify,
    "delete_iserver_account_order_by_order_id": _cancel,
    "get_iserver_account_orders": _live,
    "get_iserver_account_order_status_by_order_id": _status,
    "get_iserver_account_trades": _trades,
    "post_iserver_reply_by_reply_id": _reply,
    "post_iserver_questions_suppress": _suppress,
    "post_iserver_questions_suppress_reset": _ask_again,
    "post_iserver_notification": _answer_prompt,
}
