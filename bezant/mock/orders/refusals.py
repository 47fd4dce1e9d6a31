"""How orders are refused: as business with status 200, as a shape with 400."""

from bezant.mock.call import Refused, refuse
from bezant.mock.http import json_reply

__all__ = ["Refused", "bare", "no_order", "refuse", "reject"]


def bare(message: str, status: int) -> Refused:
    """A refusal whose body says nothing but the error."""
    return Refused(json_reply({"error": message}, status))


def reject(message: str) -> Refused:
    """What the gateway says about an order that it understood and does not take: 200 and an error."""
    return bare(message, 200)


def no_order(order_id: object) -> Refused:
    """The order is not there, or has ended."""
    return reject(f"OrderID {order_id} doesn't exist")
