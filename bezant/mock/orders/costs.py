"""What orders cost: commissions and margins, and the equity that bears them. Round figures, not a broker's."""

from typing import Final

from bezant.mock.figures import INITIAL, Figures, charge
from bezant.mock.orders.ticket import Ticket
from bezant.mock.world import BASE, Contract, World

_EACH: Final = {"STK": 0.005, "OPT": 0.65, "FUT": 2.25, "CASH": 0.00002}
_LEAST: Final = {"STK": 1.0, "OPT": 1.0, "FUT": 0.0, "CASH": 2.0}


def commission(contract: Contract, quantity: float, filled: float = 0.0) -> float:
    """The commission of an execution, in the currency of the contract.

    The least that is charged is charged once for an order, of which `filled` was filled before.
    """
    return round(_due(contract, filled + quantity) - _due(contract, filled), 2)


def _due(contract: Contract, filled: float) -> float:
    """What is charged for an order in all, once so much of it has filled."""
    each = _EACH.get(contract.kind, 0.0) * filled
    return round(max(each, _LEAST.get(contract.kind, 0.0)), 2) if filled else 0.0


def value(contract: Contract, quantity: float, price: float) -> float:
    """What a quantity costs, in the currency of the contract."""
    return quantity * price * contract.factor


def margin_change(world: World, ticket: Ticket, quantity: float, rate: float) -> float:
    """How the margin changes once a ticket has filled; negative where it closes a position."""
    contract = world.contracts[ticket.conid]
    before = position(world, ticket)
    after = before + ticket.sign * quantity
    return rate * (_charged(world, contract, after) - _charged(world, contract, before))


def _charged(world: World, contract: Contract, quantity: float) -> float:
    worth = value(contract, quantity, world.price(contract.conid)) * world.rate(contract.currency)
    return charge(contract, worth)


def position(world: World, ticket: Ticket) -> float:
    """What the account of a ticket holds of its contract."""
    held = world.holdings[ticket.account].get(ticket.conid)
    return held.quantity if held else 0.0


def lacks_funds(world: World, ticket: Ticket, quantity: float) -> str:
    """Why an account cannot bear an order; empty if it can."""
    change = margin_change(world, ticket, quantity, INITIAL)
    free = Figures(world, ticket.account).total().available
    if change <= max(free, 0.0):
        return ""
    return (
        "The order is not accepted for lack of funds: available funds "
        f"[{free:,.2f} {BASE}] have to exceed the initial margin [{change:,.2f} {BASE}]."
    )
