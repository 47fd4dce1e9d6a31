"""Transactions of a contract: the executions of the book, and the purchase that the mock began with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from bezant.mock.call import Call, Handler, refuse
from bezant.mock.handlers import asked
from bezant.mock.orders.order import DAY
from bezant.mock.session import RESET_ZONE
from bezant.mock.world import Account, Contract, Holding

_USUAL_DAYS: Final = 90
_BOUGHT_DAYS_BEFORE: Final = 20
"""How many days before the start the accounts bought what they held then."""
_WEEKEND: Final = (5, 6)
_ZONE: Final = ZoneInfo(RESET_ZONE)


@dataclass(frozen=True, slots=True)
class _Trade:
    """One purchase, or with a negative quantity sale; `at` is in seconds since 1970."""

    account: str
    at: float
    quantity: float
    price: float


@dataclass(frozen=True, slots=True)
class _Gain:
    """Profit that a trade realised, in the currency of the contract."""

    trade: _Trade
    amount: float
    is_of_long: bool


def _transactions(call: Call) -> Any:
    """What accounts traded of one contract; amounts are in its own currency, beside their rate."""
    body = call.body()
    accounts = asked.accounts(call, body.get("acctIds"))
    contract = _contract(call, body)
    rate = _rate(call, contract, asked.needed(body, "currency"))
    days = asked.integer(body.get("days") or _USUAL_DAYS, "days")
    asked.insist(days > 0, f"days {days}")
    now = call.state.clock.now()
    since = now - days * DAY
    walked = [pair for account in accounts for pair in _walk(call, account, contract)]
    recent = [(trade, gain) for trade, gain in walked if trade.at >= since]
    gains = [gain for _, gain in recent if gain is not None]
    return {
        "rc": 0,
        "nd": days,
        "rpnl": {
            "data": [_realised(gain, contract, rate) for gain in gains],
            "amt": str(round(sum(gain.amount for gain in gains) * rate, 4)),
        },
        "currency": body["currency"],
        "from": _milliseconds(since),
        "id": "getTransactions",
        "to": _milliseconds(now),
        "includesRealTime": True,
        "transactions": [_row(trade, contract, rate) for trade, _ in recent],
    }


def _contract(call: Call, body: Mapping[str, Any]) -> Contract:
    conids = body.get("conids")
    asked.insist(isinstance(conids, list) and len(conids) == 1, "conids has to be one contract")
    return asked.contract(call, conids[0] if conids else None)


def _rate(call: Call, contract: Contract, currency: object) -> float:
    """What one unit of the contract's currency is worth in the one that was asked for."""
    world = call.state.world
    try:
        return world.rate(contract.currency) / world.rate(str(currency))
    except KeyError as error:
        message = f"Bad Request: currency {currency}"
        raise refuse(message) from error


def _walk(
    call: Call, account: Account, contract: Contract
) -> Iterator[tuple[_Trade, _Gain | None]]:
    """All trades of an account in a contract, the oldest first, with what they realised."""
    held = Holding(contract, 0.0, 0.0)
    for trade in _trades(call, account, contract):
        before = replace(held)
        held.trade(trade.quantity, trade.price)
        amount = held.realized - before.realized
        is_closing = before.quantity * trade.quantity < 0
        yield trade, _Gain(trade, amount, before.quantity > 0) if is_closing else None


def _trades(call: Call, account: Account, contract: Contract) -> Iterator[_Trade]:
    state = call.state
    held = state.opening[account.id].get(contract.conid)
    if held is not None:
        yield _Trade(account.id, _bought_at(state.began), held.quantity, held.cost)
    state.book.advance()
    for done in state.book.life.executions:
        ticket = done.order.ticket
        if (ticket.account, done.order.contract.conid) == (account.id, contract.conid):
            yield _Trade(account.id, done.at, ticket.sign * done.quantity, done.price)


def _bought_at(began: float) -> float:
    """When the accounts bought what they held at the start: on a weekday."""
    at = began - _BOUGHT_DAYS_BEFORE * DAY
    while _day(at).weekday() in _WEEKEND:
        at -= DAY
    return at


def _row(trade: _Trade, contract: Contract, rate: float) -> dict[str, Any]:
    day = _day(trade.at)
    return {
        "date": f"{day:%a %b %d} 00:00:00 {day:%Z %Y}",
        "rawDate": f"{day:%Y%m%d}",
        "cur": contract.currency,
        "fxRate": round(rate, 7),
        "pr": trade.price,
        "qty": trade.quantity,
        "acctid": trade.account,
        "amt": round(-trade.quantity * trade.price * contract.factor, 2),
        "conid": contract.conid,
        "type": "Buy" if trade.quantity > 0 else "Sell",
        "desc": contract.name,
    }


def _realised(gain: _Gain, contract: Contract, rate: float) -> dict[str, Any]:
    return {
        "date": f"{_day(gain.trade.at):%Y%m%d}",
        "cur": contract.currency,
        "fxRate": round(rate, 7),
        "side": "L" if gain.is_of_long else "S",
        "acctid": gain.trade.account,
        "amt": str(round(gain.amount, 4)),
        "conid": str(contract.conid),
    }


def _day(at: float) -> datetime:
    """The midnight, by the time of the broker, that began the day of a time."""
    local = datetime.fromtimestamp(at, _ZONE)
    return datetime.combine(local.date(), time(), _ZONE)


def _milliseconds(at: float) -> int:
    """When the day of a time began, in milliseconds since 1970."""
    return int(_day(at).timestamp() * 1000)


HANDLERS: Final[Mapping[str, Handler]] = {"post_pa_transactions": _transactions}
