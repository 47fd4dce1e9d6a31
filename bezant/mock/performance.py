"""What accounts were worth: net values by day, and the periods that they are asked for by.

Days end at midnight, UTC, as they do for prices. What is held today is valued at the prices of the past, so
that every change is the market's, and returns are simply values in relation to each other.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from bezant.mock.figures import Figures
from bezant.mock.world import World

PERIODS: Final = ("1D", "7D", "MTD", "1M", "YTD", "1Y")
_SATURDAY: Final = 5
_ONE: Final = timedelta(days=1)
_DIGITS: Final = 8


@dataclass(frozen=True, slots=True)
class Values:
    """Net values of one account at the ends of days, and at the end of the day before the first one."""

    days: tuple[date, ...]
    amounts: tuple[float, ...]
    day_before: date
    amount_before: float

    def since(self, first: date) -> "Values":
        """The part from a day on."""
        place = bisect_left(self.days, first)
        if not place:
            return self
        before = place - 1
        days, amounts = self.days[place:], self.amounts[place:]
        return Values(days, amounts, self.days[before], self.amounts[before])

    def returns(self) -> list[float]:
        """The return since the start, by day: 0.01 is one per cent."""
        return [round(amount / self.amount_before - 1, _DIGITS) for amount in self.amounts]

    def monthly_returns(self) -> dict[str, float]:
        """The return of each month, or of the part of it that is covered, by `YYYYMM`."""
        last = {f"{day:%Y%m}": amount for day, amount in zip(self.days, self.amounts, strict=True)}
        before = (self.amount_before, *last.values())
        ends = zip(last, before, last.values(), strict=False)
        return {month: round(end / begin - 1, _DIGITS) for month, begin, end in ends}


def last_day(now: float) -> date:
    """The last weekday that is over."""
    return _weekday_before(datetime.fromtimestamp(now, UTC).date())


def end_of(day: date) -> float:
    """When a day is over, in seconds since 1970."""
    return datetime.combine(day + _ONE, time(), UTC).timestamp()


def values(world: World, account: str, period: str) -> Values:
    """The net values of an account over a period that ends with the last weekday that is over."""
    end = last_day(world.clock.now())
    days = tuple(_weekdays(first_day(period, end), end))
    before = _weekday_before(days[0])
    amounts = (_net(world, account, end_of(day)) for day in days)
    return Values(days, tuple(amounts), before, _net(world, account, end_of(before)))


def by_period(world: World, account: str) -> dict[str, Values]:
    """The same for every period."""
    longest = values(world, account, PERIODS[-1])
    return {name: longest.since(first_day(name, longest.days[-1])) for name in PERIODS}


def first_day(period: str, end: date) -> date:
    """The first day of a period, a weekday or not; `KeyError` for a period that there is not."""
    return {
        "1D": end,
        "7D": end - 6 * _ONE,
        "MTD": end.replace(day=1),
        "1M": _months_before(end, 1),
        "YTD": end.replace(month=1, day=1),
        "1Y": _months_before(end, 12),
    }[period]


def _months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or the last one that it has."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - _ONE).day))


def _weekdays(first: date, last: date) -> Iterator[date]:
    """The weekdays between two days; the last one is where a weekend has none."""
    span = (first + number * _ONE for number in range((last - first).days + 1))
    return (day for day in span if day.weekday() < _SATURDAY)


def _weekday_before(day: date) -> date:
    day -= _ONE
    while day.weekday() >= _SATURDAY:
        day -= _ONE
    return day


def _net(world: World, account: str, at: float) -> float:
    """What an account's money and positions were worth at a time, in the base currency."""
    figures = Figures(world, account)
    cash = sum(figures.cash(name) * world.rate(name, at) for name in figures.currencies())
    value = sum(
        item.value(world.price(item.contract.conid, at)) * world.rate(item.contract.currency, at)
        for item in figures.holdings()
    )
    return round(cash + value, 2)
