"""Trading hours, in both of their forms: rules by the day of the week, and times of the coming days."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from bezant.mock.call import Call, Handler
from bezant.mock.handlers import asked
from bezant.mock.world import Contract

_DAYS_AHEAD: Final = 6
_WORKDAYS: Final = 5
_A_SATURDAY: Final = date(2000, 1, 1)
"""Generic rules carry the dates of the week that begins here."""


class Hours(NamedTuple):
    """When an exchange trades: with the most liquidity, and at all."""

    zone: str
    opening: time
    closing: time
    first: time
    last: time


_AMERICA: Final = Hours("America/New_York", time(9, 30), time(16), time(4), time(20))
_HOURS: Final = {
    "CME": Hours("US/Central", time(8, 30), time(15, 15), time(0), time(16)),
    "IBIS": Hours("Europe/Berlin", time(9), time(17, 30), time(8), time(22)),
    "LSE": Hours("Europe/London", time(8), time(16, 30), time(8), time(16, 30)),
}


def _of_symbol(call: Call) -> Any:
    kind, symbol = (asked.needed(call.query, name) for name in ("assetClass", "symbol"))
    venues = asked.listed(call.query.get("exchangeFilter", ""))
    exchange = call.query.get("exchange")
    wanted = [*venues, *([exchange] if exchange else [])]
    every = call.state.world.contracts.values()
    found = [item for item in every if item.symbol == symbol and _has_class(item, kind)]
    places = dict.fromkeys(item.exchange for item in found)
    shown = [place for place in places if place in wanted or not wanted]
    return [_venue(number, place) for number, place in enumerate(shown)]


def _has_class(contract: Contract, kind: str) -> bool:
    return contract.kind == {"BND": "BOND"}.get(kind, kind)


def _venue(number: int, exchange: str) -> dict[str, Any]:
    hours = _HOURS.get(exchange, _AMERICA)
    days = (_A_SATURDAY + timedelta(days=count) for count in range(7))
    return {
        "id": f"p{101781 + number}",
        "tradeVenueId": f"v{13038 + number}",
        "exchange": exchange,
        "description": exchange,
        "timezone": hours.zone,
        "schedules": [_generic(hours, day) for day in days],
    }


def _generic(hours: Hours, day: date) -> dict[str, Any]:
    """The rule for a day of the week; nothing is liquid at the weekend."""
    is_open = day.weekday() < _WORKDAYS
    liquid = {**_span(hours.opening, hours.closing), "prop": "LIQUID"}
    times = {**_span(hours.first, hours.last), "cancelDayOrders": "Y"}
    return {
        "clearingCycleEndTime": f"{hours.closing:%H%M}" if is_open else "0000",
        "tradingScheduleDate": f"{day:%Y%m%d}",
        "sessions": [liquid] if is_open else [],
        "tradingtimes": [times] if is_open else [],
    }


def _span(opening: time, closing: time) -> dict[str, str]:
    return {"openingTime": f"{opening:%H%M}", "closingTime": f"{closing:%H%M}"}


def _of_contract(call: Call) -> Any:
    contract = asked.contract(call, asked.needed(call.query, "conid"))
    hours = _HOURS.get(call.query.get("exchange") or contract.exchange, _AMERICA)
    today = datetime.fromtimestamp(call.state.clock.now(), ZoneInfo(hours.zone)).date()
    schedules = {f"{day:%Y%m%d}": _actual(hours, day) for day in _workdays(today)}
    return {"exchange_time_zone": hours.zone, "schedules": schedules}


def _workdays(today: date) -> Iterator[date]:
    days = (today + timedelta(days=count) for count in range(2 * _DAYS_AHEAD))
    workdays = [day for day in days if day.weekday() < _WORKDAYS]
    yield from workdays[:_DAYS_AHEAD]


def _actual(hours: Hours, day: date) -> dict[str, Any]:
    at = {
        name: int(datetime.combine(day, value, ZoneInfo(hours.zone)).timestamp())
        for name, value in hours._asdict().items()
        if isinstance(value, time)
    }
    extended = {"cancel_daily_orders": True, "opening": at["first"], "closing": at["last"]}
    liquid = {"opening": at["opening"], "closing": at["closing"]}
    return {"extended_hours": [extended], "liquid_hours": [liquid]}


HANDLERS: Final[Mapping[str, Handler]] = {
    "get_contract_trading_schedule": _of_contract,
    "get_trsrv_secdef_schedule": _of_symbol,
}
