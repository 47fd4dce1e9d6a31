"""What an order would do, said before it is placed: figures as text, in the gateway's manner."""

from typing import Any, Final

from bezant.mock.figures import INITIAL, MAINTENANCE, Figures
from bezant.mock.orders import costs
from bezant.mock.orders.questions import Question
from bezant.mock.orders.rows import plain
from bezant.mock.orders.ticket import Ticket
from bezant.mock.world import Contract, World

_UNITS: Final = {"STK": "Shares", "CASH": "Units"}
_NUMBERS: Final = {"o354": "21/"}
"""What is put before the text of a warning."""


def preview(
    world: World, ticket: Ticket, contract: Contract, quantity: float, warning: Question | None
) -> dict[str, Any]:
    """The answer about one ticket."""
    total = Figures(world, ticket.account).total()
    margins = {"initial": (total.initial, INITIAL), "maintenance": (total.maintenance, MAINTENANCE)}
    fee = costs.commission(contract, quantity) * world.rate(contract.currency)
    answer: dict[str, Any] = {
        "amount": _amount(world, ticket, contract, quantity),
        "equity": _change(total.net, -fee),
    }
    for name, (current, rate) in margins.items():
        answer[name] = _change(current, costs.margin_change(world, ticket, quantity, rate))
    # Currencies are no positions, and the gateway leaves the figure out.
    if contract.kind != "CASH":
        held = costs.position(world, ticket)
        answer["position"] = _change(held, ticket.sign * quantity)
    answer["warn"] = warning and _NUMBERS.get(warning.id, "") + warning.text
    answer["error"] = costs.lacks_funds(world, ticket, quantity) or None
    return answer


def _amount(world: World, ticket: Ticket, contract: Contract, quantity: float) -> dict[str, str]:
    price = ticket.limit or ticket.trigger or world.price(contract.conid)
    amount = costs.value(contract, quantity, price)
    commission = costs.commission(contract, quantity)
    unit = _UNITS.get(contract.kind, "Contracts")
    return {
        "amount": f"{amount:,.2f} {contract.currency} ({plain(quantity)} {unit})",
        "commission": f"{plain(commission)} {contract.currency}",
        "total": f"{amount + commission:,.2f} {contract.currency}",
    }


def _change(current: float, change: float) -> dict[str, str]:
    return {
        "current": f"{round(current):,}",
        "change": f"{round(change):,}",
        "after": f"{round(current + change):,}",
    }
