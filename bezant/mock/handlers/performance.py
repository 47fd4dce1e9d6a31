"""What accounts were worth and what they earned, up to the last weekday that is over."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from bezant.mock.call import Call, Handler
from bezant.mock.handlers import asked, transactions
from bezant.mock.performance import PERIODS, Values, by_period, end_of, values
from bezant.mock.session import RESET_ZONE
from bezant.mock.world import Account

_Found = Mapping[str, tuple[Account, Values]]


def _performance(call: Call) -> Any:
    """Net values, returns since the start, and returns by month, of accounts over one period."""
    body = call.body()
    accounts = asked.accounts(call, body.get("acctIds"))
    period = body.get("period")
    asked.insist(period in PERIODS, f"period {period}")
    seen = {item.id: (item, values(call.state.world, item.id, str(period))) for item in accounts}
    days = seen[accounts[0].id][1].days
    written = list(map(_written, days))
    months = list(seen[accounts[0].id][1].monthly_returns())
    return {
        "currencyType": "base",
        "rc": 0,
        "nav": {"data": _rows(seen, _net), "freq": "D", "dates": written},
        "nd": _span(days),
        "cps": {"data": _rows(seen, _daily), "freq": "D", "dates": written},
        "tpps": {"data": _rows(seen, _monthly), "freq": "M", "dates": months},
        "id": "getPerformanceData",
        "included": list(seen),
        "pm": "TWR",
    }


def _rows(seen: _Found, more: Callable[[Values], dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for each account."""
    return [
        {
            "idType": "acctid",
            "start": _written(found.days[0]),
            "end": _written(found.days[-1]),
            "id": account.id,
            "baseCurrency": account.currency,
            **more(found),
        }
        for account, found in seen.values()
    ]


def _net(found: Values) -> dict[str, Any]:
    return {"navs": list(found.amounts), "startNAV": _start(found)}


def _daily(found: Values) -> dict[str, Any]:
    return {"returns": found.returns()}


def _monthly(found: Values) -> dict[str, Any]:
    return {"returns": list(found.monthly_returns().values())}


def _all_periods(call: Call) -> Any:
    accounts = asked.accounts(call, call.body().get("acctIds"))
    seen = {item.id: (item, by_period(call.state.world, item.id)) for item in accounts}
    names = list(seen)
    longest = seen[names[0]][1][PERIODS[-1]]
    blocks = {name: _block(account, periods) for name, (account, periods) in seen.items()}
    return {
        "currencyType": "base",
        "rc": 0,
        "view": names,
        "nd": _span(longest.days),
        **blocks,
        "id": "getPerformanceAllPeriods",
        "included": names,
        "pm": "TWR",
    }


def _block(account: Account, periods: Mapping[str, Values]) -> dict[str, Any]:
    days = periods[PERIODS[-1]].days
    return {
        **{name: _series(found) for name, found in periods.items()},
        "lastSuccessfulUpdate": _updated(days[-1]),
        "start": _written(days[0]),
        "periods": list(periods),
        "end": _written(days[-1]),
        "baseCurrency": account.currency,
    }


def _series(found: Values) -> dict[str, Any]:
    return {
        "cps": found.returns(),
        "dates": list(map(_written, found.days)),
        "freq": "D",
        "nav": list(found.amounts),
        "startNAV": _start(found),
    }


def _start(found: Values) -> dict[str, Any]:
    return {"date": _written(found.day_before), "val": found.amount_before}


def _written(day: date) -> str:
    return f"{day:%Y%m%d}"


def _span(days: tuple[date, ...]) -> int:
    """The number of days from the first to the last, weekends among them."""
    return (days[-1] - days[0]).days + 1


def _updated(day: date) -> str:
    """When the values of a day were there: at its end, by the time of the broker."""
    return f"{datetime.fromtimestamp(end_of(day), ZoneInfo(RESET_ZONE)):%Y-%m-%d %H:%M:%S}"


HANDLERS: Final[Mapping[str, Handler]] = {
    "post_pa_performance": _performance,
    "post_pa_allperiods": _all_periods,
    **transactions.HANDLERS,
}
