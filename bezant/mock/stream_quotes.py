"""Quotes, bars and books as the stream shows them, out of the prices of the world."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from bezant.mock.stream_message import Declined
from bezant.mock.world import Contract, World

MOST_BARS: Final = 1000
_DAY: Final = 86_400.0
_LADDER_SIDE: Final = 5
"""Rows of a book on each side of the last trade."""
_SECONDS: Final = {
    "min": 60.0,
    "h": 3600.0,
    "d": _DAY,
    "w": 7 * _DAY,
    "m": 30 * _DAY,
    "y": 365 * _DAY,
}
_SAMPLES: Final = 4
"""Prices within a bar that its high and low are taken from."""

Value: TypeAlias = Callable[[World, Contract], str]


def contract_of(world: World, conidex: str) -> Contract:
    """The contract of `<conid>` or `<conid>@<exchange>`; raises `Declined` for one that is unknown."""
    conid = conidex.partition("@")[0]
    contract = world.contracts.get(int(conid)) if conid.isdecimal() else None
    if contract is None:
        message = f"Unknown contract: {conidex}"
        raise Declined(message)
    return contract


def written(contract: Contract, price: float) -> str:
    """A price with as many digits as its grid has, two at least."""
    digits = max(2, len(f"{contract.tick:.8f}".rstrip("0").partition(".")[2]))
    return f"{price:.{digits}f}"


def quote(world: World, contract: Contract, codes: Iterable[str]) -> dict[str, str]:
    """The values by code, as far as the world has them: of other codes nothing ever arrives."""
    known = ((code, _VALUES[code](world, contract)) for code in codes if code in _VALUES)
    return {code: value for code, value in known if value}


def _since_midnight(world: World) -> float:
    return world.clock.now() % _DAY


def _range(world: World, contract: Contract) -> list[float]:
    """Prices of the day so far, half an hour apart, and the one of now."""
    now = world.clock.now()
    steps = int(_since_midnight(world) // 1800) + 1
    start = now - _since_midnight(world)
    past = [world.price(contract.conid, start + 1800 * step) for step in range(steps)]
    return [*past, world.price(contract.conid)]


def _size(world: World, contract: Contract, salt: int) -> int:
    """A size that changes every five seconds."""
    return 100 * (1 + (contract.conid + salt + int(world.clock.now() // 5)) % 9)


def _volume(world: World, contract: Contract) -> int:
    return int(_since_midnight(world)) * (10 + contract.conid % 90)


def _short(number: float) -> str:
    """A number as the gateway shortens volumes."""
    for limit, letter in ((1e6, "M"), (1e3, "K")):
        if number >= limit:
            return f"{number / limit:.2f}{letter}"
    return f"{number:.0f}"


def _price(of: Callable[[World, Contract], float]) -> Value:
    return lambda world, contract: written(contract, of(world, contract))


def _last(world: World, contract: Contract) -> float:
    return world.price(contract.conid)


def _close(world: World, contract: Contract) -> float:
    return world.close_before(contract.conid)


def _change(world: World, contract: Contract) -> float:
    return _last(world, contract) - _close(world, contract)


def _percent(world: World, contract: Contract) -> str:
    return f"{100 * _change(world, contract) / _close(world, contract):.2f}%"


def _months(_: World, contract: Contract) -> str:
    if not contract.expiry:
        return ""
    return datetime.strptime(contract.expiry, "%Y%m%d").strftime("%b%y").upper()


_VALUES: Final[Mapping[str, Value]] = {
    "31": _price(_last),
    "55": lambda _, contract: contract.symbol,
    "58": lambda _, contract: contract.name,
    "70": _price(lambda world, contract: max(_range(world, contract))),
    "71": _price(lambda world, contract: min(_range(world, contract))),
    "82": _price(_change),
    "83": _percent,
    "84": _price(lambda world, contract: _last(world, contract) - contract.tick),
    "85": lambda world, contract: str(_size(world, contract, 1)),
    "86": _price(lambda world, contract: _last(world, contract) + contract.tick),
    "87": lambda world, contract: _short(_volume(world, contract)),
    "88": lambda world, contract: str(_size(world, contract, 2)),
    "201": lambda _, contract: contract.right,
    "6004": lambda _, contract: contract.exchange,
    "6008": lambda _, contract: str(contract.conid),
    "6070": lambda _, contract: contract.kind,
    "6072": _months,
    "6073": lambda _, contract: contract.expiry,
    "6457": lambda _, contract: str(contract.underlying or ""),
    "7051": lambda _, contract: contract.name,
    "7059": lambda world, contract: str(_size(world, contract, 3)),
    "7221": lambda _, contract: contract.exchange,
    "7295": _price(lambda world, contract: _range(world, contract)[0]),
    "7635": _price(_last),
    "7741": _price(_close),
    "7762": lambda world, contract: str(_volume(world, contract)),
}


def ladder(world: World, contract: Contract) -> list[dict[str, Any]]:
    """The book from the highest price down; the last trade is in its middle."""
    last = _last(world, contract)
    return [
        {"row": row, **_rung(world, contract, last, _LADDER_SIDE - row)}
        for row in range(2 * _LADDER_SIDE + 1)
    ]


def _rung(world: World, contract: Contract, last: float, above: int) -> dict[str, Any]:
    price = written(contract, last + above * contract.tick)
    size = str(_size(world, contract, above))
    if above == 0:
        return {"focus": 1, "price": f"{size} @ {price}"}
    return {"focus": 0, "price": price, "ask" if above > 0 else "bid": size}


def history(world: World, contract: Contract, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Bars up to now, shaped like the answer of the REST call; raises `Declined` where there are none."""
    period, length = str(arguments.get("period", "1w")), str(arguments.get("bar", "1d"))
    step = _span(length)
    end = world.clock.now()
    count = min(MOST_BARS, max(1, math.ceil(_span(period) / step)))
    first = end - end % step - (count - 1) * step
    bars = list(_bars(world, contract, first, step, count))
    return {
        "symbol": contract.symbol,
        "text": contract.name,
        "priceFactor": 100,
        "startTime": datetime.fromtimestamp(first, UTC).strftime("%Y%m%d-%H:%M:%S"),
        "high": _triple(max(bars, key=lambda bar: float(bar["h"])), "h", first),
        "low": _triple(min(bars, key=lambda bar: float(bar["l"])), "l", first),
        "timePeriod": period,
        "barLength": int(step),
        "mdAvailability": "S",
        "mktDataDelay": 0,
        "outsideRth": arguments.get("outsideRth") in (True, "true"),
        "volumeFactor": 1,
        "priceDisplayRule": 1,
        "priceDisplayValue": "2",
        "negativeCapable": False,
        "messageVersion": 2,
        "data": [_chosen(bar, str(arguments.get("format", "%o/%c/%h/%l/%v"))) for bar in bars],
        "points": len(bars) - 1,
        "travelTime": 2,
    }


def _span(text: str) -> float:
    """The seconds of `5min` or `1d`; units count in lower case only."""
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = text[len(number) :]
    if not number.isdecimal() or int(number) == 0 or unit not in _SECONDS:
        message = "Chart data unavailable"
        raise Declined(message)
    return int(number) * _SECONDS[unit]


def _bars(
    world: World, contract: Contract, first: float, step: float, count: int
) -> Iterator[dict[str, Any]]:
    now = world.clock.now()
    for start in (first + step * place for place in range(count)):
        end = min(start + step, now)
        times = [start + (end - start) * part / _SAMPLES for part in range(_SAMPLES + 1)]
        prices = [world.price(contract.conid, time) for time in times]
        yield {
            "o": prices[0],
            "c": prices[-1],
            "h": max(prices),
            "l": min(prices),
            "v": round((end - start) * (10 + contract.conid % 90), 2),
            "t": int(start * 1000),
        }


def _chosen(bar: Mapping[str, Any], form: str) -> dict[str, Any]:
    """What a format asks for; the time is always there."""
    return {name: value for name, value in bar.items() if name == "t" or f"%{name}" in form}


def _triple(bar: Mapping[str, Any], name: str, first: float) -> str:
    minutes = int((bar["t"] / 1000 - first) // 60)
    return f"{round(bar[name] * 100)}/{bar['v']:.0f}/{minutes}"
