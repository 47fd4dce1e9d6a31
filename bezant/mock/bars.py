"""Bars of the past. The mock's market never closes, so bars follow each other without gaps.

Knows the published grammar of windows and bars, and neither HTTP nor the stream.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from bezant.mock.world import Contract, World

MOST_POINTS: Final = 1000
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_WEEK, _MONTH, _YEAR = 7 * _DAY, 30 * _DAY, 365 * _DAY
_UNITS: Final = {"min": _MINUTE, "h": _HOUR, "d": _DAY, "w": _WEEK, "m": _MONTH, "y": _YEAR}
_LONGEST: Final = {"min": 30, "h": 8, "d": 1000, "w": 792, "m": 182, "y": 15}
_BARS: Final = ("1min", "2min", "3min", "5min", "10min", "15min", "30min", "1h", "2h", "3h", "4h")
_LONG_BARS: Final = ("8h", "1d", "1w", "1m")
_LENGTH: Final = re.compile(r"(\d+)(min|h|d|w|m|y)")
_TIME: Final = "%Y%m%d-%H:%M:%S"
_SAMPLES: Final = 4
"""How often a price is looked at within a bar, for its high and low."""


class Step(NamedTuple):
    """Which bars a window may have: up to a length of it the shortest, longest and usual ones."""

    window: int
    shortest: int
    longest: int
    usual: str


_STEPS: Final = (
    Step(_MINUTE, _MINUTE, _MINUTE, "1min"),
    Step(_HOUR, _MINUTE, 8 * _HOUR, "1min"),
    Step(_DAY, _MINUTE, 8 * _HOUR, "1min"),
    Step(_WEEK, 10 * _MINUTE, _WEEK, "15min"),
    Step(_MONTH, _HOUR, _MONTH, "30min"),
    Step(3 * _MONTH, 2 * _HOUR, _MONTH, "1d"),
    Step(6 * _MONTH, 4 * _HOUR, _MONTH, "1d"),
    Step(_YEAR, 8 * _HOUR, _MONTH, "1d"),
    Step(2 * _YEAR, _DAY, _MONTH, "1d"),
    Step(3 * _YEAR, _DAY, _MONTH, "1w"),
    Step(15 * _YEAR, _WEEK, _MONTH, "1w"),
)
_INSTEAD: Final = ("1w", "2h")
"""What is given for units in upper case, which are not refused: 84 bars, whatever was asked for."""


@dataclass(frozen=True, slots=True)
class Window:
    """The time from `begin` to `end`, in bars of a length in seconds."""

    begin: float
    end: float
    length: int
    has_current: bool
    """Whether the bar that is not over yet is among them."""

    def starts(self) -> list[int]:
        """When the bars start, the oldest first; of too many the oldest are left out."""
        first = -int(-self.begin // self.length) * self.length
        last = int(self.end // self.length) * self.length
        stop = last + 1 if self.has_current else last
        return list(range(first, stop, self.length))[-MOST_POINTS:]


class NoChart(Exception):
    """There are no bars; the text is what the gateway says of it."""


class BadChart(ValueError):
    """A window or a bar that there is not."""


def chart(
    world: World, contract: Contract, period: str, bar: str, start_time: str = ""
) -> dict[str, Any]:
    """The bars of a contract as both HTTP and the stream tell them.

    Args:
        world: Has the prices.
        contract: Whose bars.
        period: Length of the window, such as `1d`; a week where it is empty.
        bar: Length of a bar, such as `5min`; the usual one of the window where it is empty.
        start_time: The END of the window as `YYYYMMDD-HH:mm:ss`, in spite of its name (observed on the live API);
            now where it is empty.

    Raises `BadChart` and `NoChart`.
    """
    period, bar = _asked_for(period or "1w", bar)
    window = _window(world, period, bar, start_time)
    starts = window.starts()
    if not starts:
        message = "No data."
        raise NoChart(message)
    rows = list(_bars(world, contract, window, starts))
    return {**_described(contract, window, rows), "timePeriod": period}


def _asked_for(period: str, bar: str) -> tuple[str, str]:
    """The window and the bar, by the published grammar and table of steps."""
    if any(letter.isupper() for letter in period + bar):
        return _INSTEAD
    step = _step(_period_seconds(period))
    bar = bar or step.usual
    if bar not in (*_BARS, *_LONG_BARS):
        message = f"bar {bar}"
        raise BadChart(message)
    # The table gives a month bars of 30 minutes, and an hour as their shortest: both are taken.
    if bar != step.usual and not step.shortest <= _seconds(bar) <= step.longest:
        message = f"no bars of {bar} for a period of {period}"
        raise BadChart(message)
    return period, bar


def _period_seconds(period: str) -> int:
    match = _LENGTH.fullmatch(period)
    if match is None or not 1 <= int(match[1]) <= _LONGEST[match[2]]:
        message = f"period {period}"
        raise BadChart(message)
    return _seconds(period)


def _seconds(length: str) -> int:
    match = _LENGTH.fullmatch(length)
    return int(match[1]) * _UNITS[match[2]] if match else 0


def _step(window: int) -> Step:
    return next((step for step in _STEPS if window <= step.window), _STEPS[-1])


def _window(world: World, period: str, bar: str, text: str) -> Window:
    now = world.clock.now()
    end = min(_time(text), now) if text else now
    return Window(end - _seconds(period), end, _seconds(bar), has_current=not text)


def _time(text: str) -> float:
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC).timestamp()
    except ValueError as error:
        message = f"startTime {text}"
        raise BadChart(message) from error


def _bars(
    world: World, contract: Contract, window: Window, starts: list[int]
) -> Iterator[dict[str, Any]]:
    for start in starts:
        end = min(start + window.length, window.end)
        step = (end - start) / _SAMPLES
        prices = [world.price(contract.conid, start + step * n) for n in range(_SAMPLES)]
        prices.append(world.price(contract.conid, end))
        yield {
            "o": prices[0],
            "c": prices[-1],
            "h": max(prices),
            "l": min(prices),
            "v": round(world.volume(contract.conid, start, end), 2),
            "t": start * 1000,
        }


def _described(contract: Contract, window: Window, bars: list[dict[str, Any]]) -> dict[str, Any]:
    factor = 10**contract.digits
    high = max(bars, key=lambda bar: bar["h"])
    low = min(bars, key=lambda bar: bar["l"])
    first = bars[0]["t"]
    return {
        "symbol": contract.symbol,
        "text": contract.name,
        "priceFactor": factor,
        "startTime": _text(first / 1000),
        "high": _extreme(high, "h", factor, first),
        "low": _extreme(low, "l", factor, first),
        "barLength": window.length,
        "mdAvailability": "S",
        "mktDataDelay": 0,
        "tradingDayDuration": _DAY // _MINUTE,
        "volumeFactor": 1,
        "priceDisplayRule": 1,
        "priceDisplayValue": str(contract.digits),
        "chartPanStartTime": _text(window.end),
        "direction": -1,
        "negativeCapable": False,
        "messageVersion": 2,
        "data": bars,
        "points": len(bars) - 1,
        "travelTime": 2,
    }


def _text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime(_TIME)


def _extreme(bar: Mapping[str, Any], member: str, factor: int, first: int) -> str:
    """A price, its volume, and its minutes from the start of the window."""
    minutes = (bar["t"] - first) // (1000 * _MINUTE)
    return f"{round(bar[member] * factor)}/{bar['v']:.0f}/{minutes}"
