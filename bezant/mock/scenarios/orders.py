"""Scenarios of orders."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from bezant.mock.http import Ending, Reply, error_reply, json_reply
from bezant.mock.orders.lifecycle import Pace
from bezant.mock.scenarios.scenario import (
    Scenario,
    Start,
    Stop,
    answering,
    at_once,
    becoming,
    edited,
    setting,
)

if TYPE_CHECKING:
    from bezant.mock.gateway import MockGateway

UNKNOWN_QUESTION: Final = "o99999"
_SUBMIT: Final = "post_iserver_account_orders"
_REPLY: Final = "post_iserver_reply_by_reply_id"
_PREVIEW: Final = "post_iserver_account_orders_whatif"
_MODIFY: Final = "post_iserver_account_order_by_order_id"
_CANCEL: Final = "delete_iserver_account_order_by_order_id"
_STATUS: Final = "get_iserver_account_order_status_by_order_id"
_SUPPRESS: Final = "post_iserver_questions_suppress"
_REASON: Final = "The exchange has cancelled the order"
_REJECTION: Final = {"error": "The order was rejected by the exchange"}
_PREVIEW_ERROR: Final = "The order cannot be placed: the contract is not traded at present"


def _asking(*questions: str) -> Start:
    """Ask also about every ticket."""

    def start(gateway: "MockGateway") -> Stop:
        before = gateway.book.asks_also
        return setting("book", asks_also=[*before, *questions])(gateway)

    return start


def _lost_if_placed(reply: Reply) -> Reply:
    """Drop the answer that says that an order is placed; questions get through."""
    is_placed = b'"order_id"' in reply.body
    return replace(reply, ending=Ending.DROPPED) if is_placed else reply


def _with_rejection(rows: Any) -> Any:
    """A rejection among the rows of what was placed; a question stays as it is."""
    is_placed = isinstance(rows, list) and "order_id" in rows[0]
    return [*rows, _REJECTION] if is_placed else rows


def _failed(preview: Any) -> Any:
    return {**preview, "error": _PREVIEW_ERROR}


def _without_position(preview: Any) -> Any:
    return {name: value for name, value in preview.items() if name != "position"}


def _cancelled_by_exchange(gateway: "MockGateway") -> None:
    for order in gateway.book.visible():
        if order.is_open:
            gateway.book.cancel_by_system(order.id, _REASON)


def _parents_cancelled(gateway: "MockGateway") -> None:
    """Cancel the orders that others hang on; those go with them."""
    for parent in [order.parent for order in gateway.book.visible() if order.parent]:
        gateway.book.cancel_by_system(parent.id, _REASON)


SCENARIOS: Final = (
    Scenario(
        "unknown-question",
        "Every order is asked about for a new reason.",
        _asking(UNKNOWN_QUESTION),
    ),
    Scenario(
        "two-questions",
        "Every order is asked about at least twice.",
        _asking("o163", "o354"),
    ),
    Scenario(
        "three-questions",
        "Every order is asked about at least three times.",
        _asking("o163", "o354", "o383"),
    ),
    Scenario(
        "replies-void",
        "No question waits any more when its reply comes: 400.",
        answering(json_reply({"error": "reply id not found"}, 400), _REPLY),
    ),
    Scenario(
        "replies-late",
        "Replies come too late: 503.",
        answering(error_reply("service unavailable", 503), _REPLY),
    ),
    Scenario(
        "suppression-refused",
        "Questions cannot be suppressed: 400, as for more than 51 of them.",
        answering(error_reply("Bad Request: too many messageIds", 400), _SUPPRESS),
    ),
    Scenario(
        "orders-rejected",
        "Orders are rejected, with status 200.",
        answering(json_reply(_REJECTION), _SUBMIT, _REPLY),
    ),
    Scenario(
        "rejection-in-list",
        "What is placed comes in a list with a rejection among its rows.",
        becoming(edited(_with_rejection), _SUBMIT, _REPLY),
    ),
    Scenario(
        "order-answer-lost",
        "Orders are placed, and the connection ends before the answer says so.",
        becoming(_lost_if_placed, _SUBMIT, _REPLY),
    ),
    Scenario(
        "slow-orders",
        "Orders take seconds for each state, and fill in small parts.",
        setting(
            "book",
            pace=Pace(inactive=1, pending=1, presubmitted=2, partial_fill=5, cancel=5, fill_size=4),
        ),
    ),
    Scenario(
        "fills-while-cancelling",
        "Orders that are being cancelled go on filling for a minute.",
        setting("book", pace=Pace(cancel=60, partial_fill=1, fill_size=4)),
    ),
    Scenario(
        "filled-with-zero",
        "The stream says that an order is filled before it says of how much.",
        setting("book", pace=Pace(tells_early=True)),
    ),
    Scenario(
        "orders-cancelled",
        "The exchange cancels all orders that are open now.",
        at_once(_cancelled_by_exchange),
    ),
    Scenario(
        "parents-cancelled",
        "The exchange cancels the first orders of all brackets that are open now, and so the rest of them.",
        at_once(_parents_cancelled),
    ),
    Scenario(
        "orders-unknown",
        "Nothing can be changed or cancelled: no order has its id.",
        answering(json_reply({"error": "OrderID doesn't exist"}), _MODIFY, _CANCEL),
    ),
    Scenario(
        "status-unavailable",
        "The status of no order is available: 503.",
        answering(error_reply("Order is not available", 503), _STATUS),
    ),
    Scenario(
        "orders-filtered",
        "Somebody asked for the orders with a filter: their stream is silent.",
        setting("book", is_filtered=True),
    ),
    Scenario(
        "preview-fails",
        "What-if answers with the reason why an order cannot be placed.",
        becoming(edited(_failed), _PREVIEW),
    ),
    Scenario(
        "preview-without-position",
        "What-if leaves the position out.",
        becoming(edited(_without_position), _PREVIEW),
    ),
)
