"""What orders cost: commissions, margins and the equity that bears them. Round figures, not a broker's."""

from typing import Final

from bezant.mock.orders.ticket import Ticket
from bezant.mock.world import BASE, Contract, World

INITIAL: Final = 0.25
MAINTENANCE: Final = 0.20
"""Margins of what is held, as a part of its value."""
_LEVERAGED: Final = {"FUT": 0.2, "CASH": 0.12}
"""Kinds that need this part of those margins only."""
_EACH: Final = {"STK": 0.005, "OPT": 0.65, "FUT": 2.25, "CASH": 0.00002}
_LEAST: Final = {"STK": 1.0, "OPT": 1.0, "FUT": 0.0, "CASH": 2.0}


def commission(contract: Contract, quantity: float) -> float:
    """The commission of an execution."""
    each = _EACH.get(contract.kind, 0.0) * quantity
    return round(max(each, _LEAST.get(contract.kind, 0.0)), 2)


def value(contract: Contract, quantity: float, price: float) -> float:
    """What a quantity costs."""
    return quantity * price * (contract.multiplier or 1.0)


def equity(world: World, account: str) -> float:
    """Cash and holdings of an account, in its base currency."""
    cash = sum(amount * _rate(world, name) for name, amount in world.cash[account].items())
    held = world.holdings[account].values()
    return cash + sum(
        value(item.contract, item.quantity, world.price(item.contract.conid)) for item in held
    )


def _rate(world: World, currency: str) -> float:
    """What one unit of a currency is worth; 1 where nobody trades it."""
    if currency == BASE:
        return 1.0
    pairs = (item for item in world.contracts.values() if item.kind == "CASH")
    return next((world.price(item.conid) for item in pairs if item.symbol == currency), 1.0)


def margin(world: World, account: str, rate: float) -> float:
    """What the holdings of an account need, at a rate of their value."""
    held = world.holdings[account].values()
    return sum(_needed(world, item.contract, item.quantity, rate) for item in held)


def margin_change(world: World, ticket: Ticket, quantity: float, rate: float) -> float:
    """How the margin changes once a ticket has filled; negative where it closes a position."""
    contract = world.contracts[ticket.conid]
    before = position(world, ticket)
    after = before + ticket.sign * quantity
    return _needed(world, contract, after, rate) - _needed(world, contract, before, rate)


def position(world: World, ticket: Ticket) -> float:
    """What the account of a ticket holds of its contract."""
    held = world.holdings[ticket.account].get(ticket.conid)
    return held.quantity if held else 0.0


def lacks_funds(world: World, ticket: Ticket, quantity: float) -> str:
    """Why an account cannot bear an order; empty if it can."""
    change = margin_change(world, ticket, quantity, INITIAL)
    free = equity(world, ticket.account) - margin(world, ticket.account, INITIAL)
    if change <= max(free, 0.0):
        return ""
    return (
        "The order is not accepted for lack of funds: available funds "
        f"[{free:,.2f} {BASE}] have to exceed the initial margin [{change:,.2f} {BASE}]."
    )


def _needed(world: World, contract: Contract, quantity: float, rate: float) -> float:
    part = rate * _LEVERAGED.get(contract.kind, 1.0)
    return abs(value(contract, quantity, world.price(contract.conid))) * part
