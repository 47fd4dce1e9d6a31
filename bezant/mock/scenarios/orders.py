"""Scenarios of orders."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bezant.mock.http import Ending, Reply, json_reply
from bezant.mock.orders.lifecycle import Pace
from bezant.mock.scenarios.scenario import Scenario, Start, answering, becoming

if TYPE_CHECKING:
    from bezant.mock.gateway import MockGateway

UNKNOWN_QUESTION: Final = "o99999"
_SUBMIT: Final = "post_iserver_account_orders"
_REPLY: Final = "post_iserver_reply_by_reply_id"
_REASON: Final = "The exchange has cancelled the order"


def _asking(*questions: str) -> Start:
    """Ask also about every ticket."""

    def start(gateway: "MockGateway") -> None:
        gateway.book.asks_also += questions

    return start


def _paced(pace: Pace) -> Start:
    """Let orders move so."""

    def start(gateway: "MockGateway") -> None:
        gateway.book.pace = pace

    return start


def _lost_if_placed(reply: Reply) -> Reply:
    """Drop the answer that says that an order is placed; questions get through."""
    is_placed = b'"order_id"' in reply.body
    return replace(reply, ending=Ending.DROPPED) if is_placed else reply


def _cancelled_by_exchange(gateway: "MockGateway") -> None:
    for order in gateway.book.visible():
        if order.is_open:
            gateway.book.cancel_by_system(order.id, _REASON)


def _filtered(gateway: "MockGateway") -> None:
    gateway.book.is_filtered = True


SCENARIOS: Final = (
    Scenario(
        "unknown-question",
        "Every order is asked about for a new reason.",
        _asking(UNKNOWN_QUESTION),
    ),
    Scenario(
        "three-questions",
        "Every order is asked about at least three times.",
        _asking("o163", "o354", "o383"),
    ),
    Scenario(
        "orders-rejected",
        "Orders are rejected, with status 200.",
        answering(json_reply({"error": "The order was rejected by the exchange"}), _SUBMIT, _REPLY),
    ),
    Scenario(
        "order-answer-lost",
        "Orders are placed, and the connection ends before the answer says so.",
        becoming(_lost_if_placed, _SUBMIT, _REPLY),
    ),
    Scenario(
        "slow-orders",
        "Orders take seconds for each state, and fill in small parts.",
        _paced(Pace(inactive=1, pending=1, presubmitted=2, partial_fill=5, cancel=5, fill_size=4)),
    ),
    Scenario(
        "fills-while-cancelling",
        "Orders that are being cancelled go on filling for a minute.",
        _paced(Pace(cancel=60, partial_fill=1, fill_size=4)),
    ),
    Scenario(
        "filled-with-zero",
        "The stream says that an order is filled before it says of how much.",
        _paced(Pace(tells_early=True)),
    ),
    Scenario(
        "orders-cancelled",
        "The exchange cancels all orders that are open now.",
        _cancelled_by_exchange,
    ),
    Scenario(
        "orders-filtered",
        "Somebody asked for the orders with a filter: their stream is silent.",
        _filtered,
    ),
)
