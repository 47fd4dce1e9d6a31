"""Orders and executions as the wire shows them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from bezant.mock.orders.order import Order, Status
from bezant.mock.world import USER, Contract

Row = dict[str, Any]

_NAMES: Final = {
    "MKT": "Market",
    "LMT": "Limit",
    "STP": "Stop",
    "STOP_LIMIT": "Stop Limit",
    "MIDPRICE": "MidPrice",
    "TRAIL": "Trailing Stop",
    "TRAILLMT": "Trailing Stop Limit",
    "MIT": "Market If Touched",
    "LIT": "Limit If Touched",
    "REL": "Relative",
    "MOC": "Market On Close",
    "LOC": "Limit On Close",
}
_COLOURS: Final = {
    Status.INACTIVE: ("#000000", "#AAAAAA"),
    Status.PENDING_SUBMIT: ("#000000", "#FFFFFF"),
    Status.PRE_SUBMITTED: ("#000000", "#0099CC"),
    Status.SUBMITTED: ("#000000", "#00F000"),
    Status.PENDING_CANCEL: ("#000000", "#FF9900"),
    Status.CANCELLED: ("#FFFFFF", "#AA0000"),
    Status.FILLED: ("#FFFFFF", "#000000"),
}
"""Background and text, by state."""
_CODES: Final = {Status.FILLED: "2", Status.CANCELLED: "4"}
"""`order_ccp_status` of a single order; 0 while it is open."""
_VERBS: Final = {"BUY": ("Buy", "Bought"), "SELL": ("Sell", "Sold")}
_NO_FIGURES: Final = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One fill, or a part of one."""

    id: str
    order: Order
    at: float
    quantity: float
    price: float
    commission: float


def plain(number: float) -> str:
    """A number without a fraction where it has none: `1`, `0.5`."""
    return f"{number:.8f}".rstrip("0").rstrip(".")


def stamp(at: float) -> str:
    """A time as orders have it: `YYMMDDHHmmss`, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%y%m%d%H%M%S")


def accepted(order: Order) -> Row:
    """What answers a request that was carried out; the id is text here, and a number elsewhere."""
    row = {"order_id": str(order.id), "order_status": order.status.value, "encrypt_message": "1"}
    if order.ticket.client_id:
        row["local_order_id"] = order.ticket.client_id
    if order.parent is not None:
        row["parent_order_id"] = str(order.parent.id)
    return row


def cancelling(order: Order) -> Row:
    """What answers a cancellation. One that took effect at once names neither contract nor account."""
    is_done = order.status is Status.CANCELLED
    return {
        "msg": "Request was submitted",
        "order_id": order.id,
        "conid": -1 if is_done else order.contract.conid,
        "account": None if is_done else order.ticket.account,
    }


def live(order: Order) -> Row:
    """A row of the list of orders, and of the stream of them."""
    ticket, contract = order.ticket, order.contract
    background, colour = _COLOURS[order.status]
    return {
        "acct": ticket.account,
        "conidex": _conidex(order),
        "conid": contract.conid,
        "account": ticket.account,
        "orderId": order.id,
        "cashCcy": contract.currency,
        "sizeAndFills": _size_and_fills(order),
        "orderDesc": describe(order),
        "description1": contract.symbol,
        "ticker": contract.symbol,
        "secType": contract.kind,
        "listingExchange": contract.exchange,
        "remainingQuantity": order.remaining,
        "filledQuantity": order.filled,
        "totalSize": order.quantity,
        "companyName": contract.name,
        "status": order.status.value,
        "order_ccp_status": order.status.value,
        "origOrderType": _type(order),
        "supportsTaxOpt": "1" if contract.kind == "STK" else "0",
        "lastExecutionTime": stamp(order.changed_at),
        "orderType": _NAMES[ticket.type],
        "bgColor": background,
        "fgColor": colour,
        "isEventTrading": "0",
        "price": _price(order),
        "timeInForce": _tif(order),
        "lastExecutionTime_r": int(order.changed_at) * 1000,
        "side": ticket.side,
        **_optional(order),
    }


def _optional(order: Order) -> Row:
    """What only some rows have."""
    fields = {
        "avgPrice": "" if order.average is None else plain(round(order.average, 4)),
        "order_ref": order.ticket.client_id,
        "exchange": order.ticket.exchange,
        "description2": description(order.contract),
        "order_cancellation_by_system_reason": order.reason,
    }
    row: Row = {name: value for name, value in fields.items() if value}
    if order.ticket.cash is not None:
        row["totalCashSize"] = order.ticket.cash
    return row


def status(order: Order) -> Row:
    """The answer about a single order."""
    ticket, contract = order.ticket, order.contract
    background, colour = _COLOURS[order.status]
    average = "" if order.average is None else plain(round(order.average, 4))
    row: Row = {
        "sub_type": None,
        "request_id": str(order.id % 1000),
        "server_id": "0",
        "order_id": order.id,
        "conidex": _conidex(order),
        "conid": contract.conid,
        "symbol": contract.symbol,
        # A sale is `S` here, and `SELL` in the list of orders.
        "side": "BUY" if ticket.side == "BUY" else "S",
        "contract_description_1": contract.symbol,
        "listing_exchange": contract.exchange,
        "option_acct": "c",
        "company_name": contract.name,
        "size": str(order.remaining),
        "total_size": str(order.quantity),
        "currency": contract.currency,
        "account": ticket.account,
        "order_type": _type(order),
        "cum_fill": str(order.filled),
        "order_status": order.status.value,
        "order_ccp_status": _CODES.get(order.status, _NO_FIGURES),
        "order_status_description": f"Order {order.status.value}",
        "tif": ticket.tif,
        "fg_color": colour,
        "bg_color": background,
        "order_description": describe(order, is_short=True),
        "order_description_with_contract": describe(order),
        "sec_type": contract.kind,
        "order_clearing_account": ticket.account,
        "size_and_fills": _size_and_fills(order),
        "order_time": stamp(order.changed_at),
    }
    if average:
        row["average_price"] = average
        row["exit_strategy_display_price"] = average
        row["exit_strategy_chart_description"] = f"{describe_fill(order, order.filled)} @ {average}"
    return row | _abilities(order)


def _abilities(order: Order) -> Row:
    """What may still be done with an order."""
    return {
        "order_not_editable": not order.is_open,
        "editable_fields": "\x1e" if order.is_open else "",
        "cannot_cancel_order": not order.is_open,
        "deactivate_order": order.ticket.is_deactivated,
        "available_chart_periods": "#R|1",
        "alert_active": 0,
        "child_order_type": _NO_FIGURES,
        "exit_strategy_tool_availability": "1",
        "allowed_duplicate_opposite": True,
    }


def trade(execution: Execution) -> Row:
    """A row of the list of executions."""
    order, contract = execution.order, execution.order.contract
    price = plain(execution.price)
    exchange = order.ticket.exchange or contract.exchange
    fill = describe_fill(order, execution.quantity)
    row: Row = {
        "execution_id": execution.id,
        "symbol": contract.symbol,
        "supports_tax_opt": "1" if contract.kind == "STK" else "0",
        "side": order.ticket.side[0],
        "order_description": f"{fill} @ {price} on {exchange}",
        "trade_time": datetime.fromtimestamp(execution.at, UTC).strftime("%Y%m%d-%H:%M:%S"),
        "trade_time_r": int(execution.at) * 1000,
        "size": execution.quantity,
        "price": price,
        "submitter": USER,
        "exchange": exchange,
        "commission": plain(execution.commission),
        "net_amount": round(execution.quantity * execution.price * (contract.multiplier or 1.0), 4),
        "account": order.ticket.account,
        "accountCode": order.ticket.account,
        "account_allocation_name": order.ticket.account,
        "company_name": contract.name,
        "contract_description_1": contract.symbol,
        "sec_type": contract.kind,
        "listing_exchange": contract.exchange,
        "conid": contract.conid,
        "conidEx": _conidex(order),
        "clearing_id": "IB",
        "clearing_name": "IB",
        "liquidation_trade": "0",
        "is_event_trading": "0",
        "order_id": order.id,
    }
    if order.ticket.client_id:
        row["order_ref"] = order.ticket.client_id
    if contract.expiry:
        row["contract_description_2"] = description(contract)
    return row


def describe(order: Order, *, is_short: bool = False) -> str:
    """An order in words: `Bought 1 SPY Market, Day`."""
    ticket = order.ticket
    verb = _VERBS[ticket.side][order.status is Status.FILLED]
    names = "" if is_short else f" {order.contract.symbol}"
    price = _price(order)
    kind = f"{_NAMES[ticket.type]} {price}" if price else _NAMES[ticket.type]
    tif = ticket.tif.capitalize() if ticket.tif == "DAY" else ticket.tif
    return f"{verb} {plain(order.quantity)}{names} {kind}, {tif}"


def describe_fill(order: Order, quantity: float) -> str:
    """A fill in words: `Sold 5`."""
    return f"{_VERBS[order.ticket.side][1]} {plain(quantity)}"


def description(contract: Contract) -> str:
    """What a contract is beyond its symbol: `JAN 15 '27 190 Call`; empty for one without an end."""
    if not contract.expiry:
        return ""
    expiry = datetime.strptime(contract.expiry, "%Y%m%d").replace(tzinfo=UTC)
    date = expiry.strftime("%b %d '%y").upper()
    right = {"C": "Call", "P": "Put"}.get(contract.right, "")
    return f"{date} {plain(contract.strike)} {right}" if right else date


def _size_and_fills(order: Order) -> str:
    """Filled and remaining while it is open, and the total once it is done."""
    if not order.is_open:
        return plain(order.quantity)
    return f"{plain(order.filled)}/{plain(order.remaining)}"


def _conidex(order: Order) -> str:
    exchange = order.ticket.exchange
    return f"{order.contract.conid}@{exchange}" if exchange else str(order.contract.conid)


def _type(order: Order) -> str:
    return _NAMES[order.ticket.type].upper().replace(" ", "_")


def _price(order: Order) -> str:
    """The price of an order as text; empty for one that has none."""
    price = order.ticket.price
    return "" if price is None else f"{price:.2f}" if round(price, 2) == price else plain(price)


def _tif(order: Order) -> str:
    """How long it stands. Orders for the day read `CLOSE` once filled, and those at market always."""
    is_close = order.ticket.type == "MKT" or order.status is Status.FILLED
    return "CLOSE" if order.ticket.tif == "DAY" and is_close else order.ticket.tif
