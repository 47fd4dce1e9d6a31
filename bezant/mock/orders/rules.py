"""What the gateway rejects as business: tickets of a good shape that it does not take."""

from typing import Final

from bezant.mock.orders.refusals import refuse, reject
from bezant.mock.orders.ticket import LIMITED, PRICED, TRAILING, TWICE_PRICED, Ticket
from bezant.mock.world import Contract, World

TIFS: Final = frozenset({"DAY", "GTC", "IOC", "OPG", "PAX", "OVT", "OND", "GTD"})
NEEDS_OPERATOR: Final = ("FUT", "FOP")
"""Kinds for which the exchange must know whether a person gave the order: CME rule 536-B."""
WORST_FACTOR: Final = 10.0
"""A limit this many times worse than the market is rejected."""


def judge(ticket: Ticket, world: World) -> Contract:
    """Find the contract of a ticket; raises `Refused` where the gateway would not take it."""
    if world.account(ticket.account) is None:
        message = f"Invalid account id: {ticket.account}"
        raise refuse(message)
    contract = world.contracts.get(ticket.conid)
    if contract is None:
        message = f"no sec defs returned for conid {ticket.conid}"
        raise reject(message)
    check_operator(contract, ticket.is_manual)
    _check_tif(ticket)
    _check_prices(ticket)
    _check_limit(ticket, world.price(ticket.conid))
    return contract


def check_operator(contract: Contract, is_manual: bool | None) -> None:
    """Refuse orders on futures that do not say who gave them."""
    if contract.kind in NEEDS_OPERATOR and is_manual is None:
        message = f"manualIndicator is required for orders on {contract.kind} contracts"
        raise refuse(message)


def quantity(ticket: Ticket, contract: Contract, price: float) -> float:
    """How much a ticket trades; cash buys whole shares of a stock."""
    if ticket.cash is None:
        amount = ticket.quantity or 0.0
    else:
        amount = ticket.cash / (price * (contract.multiplier or 1.0))
        amount = round(amount, 2) if contract.kind == "CASH" else float(int(amount))
    if amount <= 0:
        message = "Order quantity has to be greater than zero"
        raise reject(message)
    return amount


def _check_tif(ticket: Ticket) -> None:
    if not ticket.tif:
        message = "null time in force is not supported"
        raise reject(message)
    if ticket.tif not in TIFS:
        message = f"time in force {ticket.tif} is not supported"
        raise reject(message)


def _check_prices(ticket: Ticket) -> None:
    is_lacking = (
        (ticket.type in PRICED and ticket.price is None)
        or (ticket.type in TWICE_PRICED and ticket.aux_price is None)
        or (ticket.type in TRAILING and not ticket.trail)
    )
    if is_lacking:
        message = f"Invalid order price fields for order type {ticket.type}"
        raise reject(message)


def _check_limit(ticket: Ticket, market: float) -> None:
    """Refuse a limit that would give money away; one that never fills is the client's own affair."""
    if ticket.type not in LIMITED or ticket.price is None:
        return
    worst = market * WORST_FACTOR if ticket.side == "BUY" else market / WORST_FACTOR
    if ticket.sign * (ticket.price - worst) > 0:
        message = f"Limit price {ticket.price:g} is too far outside of the market"
        raise reject(message)
