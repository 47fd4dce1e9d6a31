"""Tickets: what a client asks for, read from JSON and judged by its shape alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from bezant.mock.orders.refusals import refuse

Fields: TypeAlias = Mapping[str, Any]

PRICED: Final = frozenset({"LMT", "LOC", "REL", "STOP_LIMIT", "LIT", "TRAILLMT", "STP", "MIT"})
"""Types that are nothing without `price`; for `STP` and `MIT` it is the trigger."""
TWICE_PRICED: Final = frozenset({"STOP_LIMIT", "LIT", "TRAILLMT"})
"""Types whose trigger is `auxPrice`, beside the limit in `price`."""
LIMITED: Final = frozenset({"LMT", "LOC", "REL", "STOP_LIMIT", "LIT", "TRAILLMT", "MIDPRICE"})
STOPS: Final = frozenset({"STP", "STOP_LIMIT", "TRAIL", "TRAILLMT"})
TOUCHED: Final = frozenset({"MIT", "LIT"})
TRAILING: Final = frozenset({"TRAIL", "TRAILLMT"})
AT_CLOSE: Final = frozenset({"MOC", "LOC"})
AT_ONCE: Final = frozenset({"MKT"})
TYPES: Final = PRICED | LIMITED | STOPS | AT_CLOSE | AT_ONCE
SIDES: Final = frozenset({"BUY", "SELL"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One order as its client wants it; numbers that were left out are None."""

    account: str
    conid: int
    exchange: str = ""
    """Where it is routed to; empty for the smart routing."""
    type: str
    side: str
    tif: str = ""
    quantity: float | None = None
    cash: float | None = None
    price: float | None = None
    aux_price: float | None = None
    trail: float | None = None
    is_trail_percent: bool = False
    client_id: str = ""
    parent: str = ""
    """`cOID` or order id of the order that this one hangs on."""
    is_in_group: bool = False
    is_outside_hours: bool = False
    is_all_or_none: bool = False
    is_deactivated: bool = False
    is_manual: bool | None = None

    @property
    def sign(self) -> int:
        """1 to buy, -1 to sell."""
        return 1 if self.side == "BUY" else -1

    @property
    def limit(self) -> float | None:
        """The worst price that it takes."""
        return self.price if self.type in LIMITED else None

    @property
    def trigger(self) -> float | None:
        """The price that wakes it up."""
        if self.type in TWICE_PRICED:
            return self.aux_price
        return self.price if self.type in STOPS | TOUCHED else None


def read(fields: Any, account: str) -> Ticket:
    """Read one ticket; raises `Refused` with 400 where its shape is wrong."""
    if not isinstance(fields, dict):
        message = "Bad Request: an order is an object"
        raise refuse(message)
    conid, exchange = _contract(fields)
    return Ticket(
        account=_text(fields, "acctId") or account,
        conid=conid,
        exchange=exchange or _text(fields, "listingExchange"),
        type=_word(fields, "orderType", TYPES, "Unknown order type"),
        side=_word(fields, "side", SIDES, "Invalid Side"),
        tif=_text(fields, "tif").upper(),
        quantity=_quantity(fields),
        cash=_number(fields, "cashQty"),
        price=_number(fields, "price"),
        aux_price=_number(fields, "auxPrice"),
        trail=_number(fields, "trailingAmt"),
        is_trail_percent=_text(fields, "trailingType") == "%",
        client_id=_text(fields, "cOID"),
        parent=_text(fields, "parentId"),
        is_in_group=bool(_flag(fields, "isSingleGroup")),
        is_outside_hours=bool(_flag(fields, "outsideRTH")),
        is_all_or_none=bool(_flag(fields, "allOrNone")),
        is_deactivated=bool(_flag(fields, "deactivated")),
        is_manual=_flag(fields, "manualIndicator"),
    )


def _contract(fields: Fields) -> tuple[int, str]:
    """Contract id and exchange. Of `conid` and `conidex` the first wins, and loses the exchange."""
    conid = _number(fields, "conid")
    if conid is not None:
        return int(conid), ""
    head, _, exchange = _text(fields, "conidex").partition("@")
    if not head:
        message = "conid or conidex is required"
        raise refuse(message)
    # Combinations are `0;;;leg/ratio,...`: no contract of the world, so nobody knows them by id 0.
    return int(head) if head.isdecimal() else 0, exchange


def _quantity(fields: Fields) -> float | None:
    """What to trade; conversions of currency name it differently."""
    is_conversion = _flag(fields, "isCcyConv") and "fxQty" in fields
    return _number(fields, "fxQty" if is_conversion else "quantity")


def _word(fields: Fields, name: str, known: frozenset[str], message: str) -> str:
    word = _text(fields, name).upper()
    if word not in known:
        raise refuse(message)
    return word


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _wrong_type(name, "string")
    return value


def _number(fields: Fields, name: str) -> float | None:
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong_type(name, "number")
    return float(value)


def _flag(fields: Fields, name: str) -> bool | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, bool):
        raise _wrong_type(name, "boolean")
    return value


def _wrong_type(name: str, wanted: str) -> Exception:
    return refuse(f"Bad Request: {name} has an incorrect type, a {wanted} is expected")
