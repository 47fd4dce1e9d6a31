"""Fields of market data by their codes, written as the live API writes them: as text.

Used wherever a contract's market data is shown; what has no value for a contract is left out, which is
not the same as zero.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from bezant.mock import descriptions
from bezant.mock.figures import Figures
from bezant.mock.world import Contract, Holding, World

AVAILABILITY: Final = "6509"
USUAL_AVAILABILITY: Final = "RpB"
_NO_DATA: Final = ("N", "O")
_DAY: Final = 86_400.0
_YEAR_DAYS: Final = 365
_DAY_SAMPLES: Final = 96
_YEAR_SAMPLES: Final = 730
_UNITS: Final = (("T", 1e12), ("B", 1e9), ("M", 1e6), ("K", 1e3))


@dataclass
class Quote:
    """What is known of a contract at the time of the call, from the view of an account."""

    world: World
    contract: Contract
    account: str

    @cached_property
    def now(self) -> float:
        """The time."""
        return self.world.clock.now()

    @cached_property
    def midnight(self) -> float:
        """When the day began, UTC."""
        return self.now - self.now % _DAY

    @cached_property
    def last(self) -> float:
        """The last price."""
        return self.world.price(self.contract.conid, self.now)

    @cached_property
    def close(self) -> float:
        """The close of the day before."""
        return self.world.price(self.contract.conid, self.midnight)

    @property
    def change(self) -> float:
        """Change since the close of the day before."""
        return self.last - self.close

    @property
    def bid(self) -> float:
        """Highest bid: a tick below the last price."""
        return self.last - self.contract.tick

    @property
    def ask(self) -> float:
        """Lowest ask: a tick above the last price."""
        return self.last + self.contract.tick

    @cached_property
    def day(self) -> list[float]:
        """Prices since the day began, the last one among them."""
        return self._prices(self.midnight, _DAY_SAMPLES)

    @cached_property
    def year(self) -> list[float]:
        """Prices of the last 52 weeks; those of the day are among them."""
        return [*self._prices(self.now - _YEAR_DAYS * _DAY, _YEAR_SAMPLES), *self.day]

    @property
    def volume(self) -> float:
        """How much was traded since the day began."""
        return self.world.volume(self.contract.conid, self.midnight, self.now)

    def size(self, salt: int) -> int:
        """A number of shares or contracts at a price."""
        return 100 * (1 + (self.contract.conid * salt + int(self.now)) % 17)

    @cached_property
    def holding(self) -> Holding | None:
        """What the account holds of it, if it holds any."""
        return self.world.holdings[self.account].get(self.contract.conid)

    def position(self, of: Callable[[Figures, Holding], float]) -> float | None:
        """A figure of the position, if there is one."""
        figures = Figures(self.world, self.account)
        return None if self.holding is None else of(figures, self.holding)

    def _prices(self, begin: float, samples: int) -> list[float]:
        step = (self.now - begin) / samples
        times = (begin + step * number for number in range(samples))
        return [*(self.world.price(self.contract.conid, time) for time in times), self.last]


Field = Callable[[Quote], str | int | None]


def price(quote: Quote, value: float) -> str:
    """A price with the digits of its contract."""
    return f"{value:.{quote.contract.digits}f}"


def compact(value: float) -> str:
    """A number with a letter for its size: `50.1M`."""
    for letter, unit in _UNITS:
        if abs(value) >= unit:
            return f"{value / unit:.1f}{letter}"
    return f"{value:.0f}"


def percent(value: float) -> str:
    """A fraction in percent."""
    return f"{100 * value:.2f}%"


def _last(quote: Quote) -> str:
    """The last price; with the letter `C` it is the close of the day before."""
    prefix = quote.world.prefixes.get(quote.contract.conid, "")
    return prefix + price(quote, quote.close if prefix == "C" else quote.last)


def _money(of: Callable[[Figures, Holding], float]) -> Field:
    def field(quote: Quote) -> str | None:
        amount = quote.position(of)
        return None if amount is None else f"{amount:.2f}"

    return field


def _position(quote: Quote) -> str | None:
    return None if quote.holding is None else f"{quote.holding.quantity:,g}"


def _open_profit(quote: Quote) -> str | None:
    amount = quote.position(Figures.unrealized)
    return None if amount is None else compact(amount)


def _profit_percent(quote: Quote) -> str | None:
    cost = quote.position(_cost)
    return percent((quote.position(Figures.unrealized) or 0.0) / abs(cost)) if cost else None


def _weight(quote: Quote) -> str | None:
    value = quote.position(lambda figures, item: figures.in_base(item, figures.value(item)))
    return (
        None if value is None else percent(value / Figures(quote.world, quote.account).total().net)
    )


def _cost(_: Figures, holding: Holding) -> float:
    return holding.value(holding.cost)


def _months(quote: Quote) -> str | None:
    every = quote.world.contracts.values()
    found = [item for item in every if item.underlying == quote.contract.conid]
    months = dict.fromkeys(item.month for item in sorted(found, key=lambda item: item.expiry))
    return ";".join(months) or None


def _of_stock(field: Field) -> Field:
    return lambda quote: field(quote) if quote.contract.kind == "STK" else None


FIELDS: Final[Mapping[str, Field]] = {
    "31": _last,
    "55": lambda quote: quote.contract.symbol,
    "58": lambda quote: descriptions.full_name(quote.contract),
    "70": lambda quote: price(quote, max(quote.day)),
    "71": lambda quote: price(quote, min(quote.day)),
    "73": _money(Figures.value),
    "74": _money(lambda _, holding: holding.cost),
    "75": _money(Figures.unrealized),
    "76": _position,
    "77": _open_profit,
    "78": _money(Figures.daily),
    "79": _money(lambda _, holding: holding.realized),
    "80": _profit_percent,
    "82": lambda quote: f"{quote.change:+.{quote.contract.digits}f}",
    "83": lambda quote: percent(quote.change / quote.close),
    "84": lambda quote: price(quote, quote.bid),
    "85": lambda quote: f"{quote.size(3):,}",
    "86": lambda quote: price(quote, quote.ask),
    "87": lambda quote: compact(quote.volume),
    "88": lambda quote: f"{quote.size(5):,}",
    "201": lambda quote: quote.contract.right or None,
    "6004": lambda quote: descriptions.routing(quote.contract),
    "6008": lambda quote: quote.contract.conid,
    "6070": lambda quote: quote.contract.kind,
    "6072": _months,
    "6073": lambda quote: quote.contract.expiry or None,
    "6457": lambda quote: quote.contract.underlying or None,
    "7051": lambda quote: quote.contract.name,
    "7057": _of_stock(lambda _: "EZ"),
    "7058": _of_stock(lambda _: "Z"),
    "7059": lambda quote: f"{quote.size(7):,}",
    "7068": _of_stock(lambda _: "EZ"),
    "7094": lambda quote: f"{quote.contract.conid}@{descriptions.routing(quote.contract)}",
    "7184": lambda quote: "0" if quote.contract.kind == "IND" else "1",
    "7219": lambda quote: descriptions.short_name(quote.contract),
    "7220": lambda quote: descriptions.full_name(quote.contract),
    "7221": lambda quote: descriptions.listing(quote.contract),
    "7280": lambda quote: getattr(descriptions.industry(quote.contract), "group", None),
    "7281": lambda quote: getattr(descriptions.industry(quote.contract), "category", None),
    "7282": lambda quote: compact(quote.world.volume(quote.contract.conid, 0.0, 90 * _DAY) / 90),
    "7292": _money(_cost),
    "7293": lambda quote: price(quote, max(quote.year)),
    "7294": lambda quote: price(quote, min(quote.year)),
    "7295": lambda quote: price(quote, quote.close),  # the market does not pause: open is close
    "7296": lambda quote: price(quote, quote.last),
    "7635": lambda quote: price(quote, quote.last),
    "7636": _of_stock(lambda quote: compact(10.0 * quote.volume)),
    "7637": _of_stock(lambda _: "0.25%"),
    "7639": _weight,
    "7644": _of_stock(lambda _: "Shortable"),
    "7682": lambda quote: f"{quote.change:+.{quote.contract.digits}f}",
    "7714": lambda quote: descriptions.last_trading_day(quote.contract) or None,
    "7741": lambda quote: price(quote, quote.close),
    "7762": lambda quote: f"{quote.volume:.0f}",
    "7768": lambda _: "1",
    "7920": _money(Figures.daily),
    "7921": _money(_cost),
}
"""Other codes never arrive, as on the live API those that a contract does not have."""


def availability(world: World, conid: int) -> str:
    """Field 6509: whether a contract's data is live, late or missing."""
    return world.availability.get(conid, USUAL_AVAILABILITY)


def values(world: World, account: str, conid: int, codes: Iterable[str]) -> dict[str, str | int]:
    """The values of fields of a contract; none at all where its data needs a subscription."""
    if availability(world, conid).startswith(_NO_DATA):
        return {}
    quote = Quote(world, world.contracts[conid], account)
    known = (code for code in codes if code in FIELDS and code not in world.withheld)
    found = ((code, FIELDS[code](quote)) for code in known)
    return {code: value for code, value in found if value is not None}
