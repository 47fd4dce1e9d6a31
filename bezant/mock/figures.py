"""What accounts are worth: one calculation behind all the answers that show amounts.

Market values are rounded to the cent before anything is summed, so that the sums of what clients see agree.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bezant.mock.world import Contract, Holding, World

INITIAL: Final = 0.25
MAINTENANCE: Final = 0.2
"""Margins, as a part of what positions are worth."""
_CHARGED: Final = {"FUT": 0.2, "CASH": 0.12}
"""Kinds of which only this part of the worth counts for margins."""
_REGULATION_T: Final = 0.5
_LEVERAGE: Final = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The amounts of one part of an account, in the base currency."""

    cash: float = 0.0
    value: float = 0.0
    """Market value of the positions; short ones count against it."""
    gross: float = 0.0
    """Market value of the positions regardless of their sign."""
    before: float = 0.0
    """Net liquidation at the close of the day before."""
    charged: float = 0.0
    """What margins are a part of; pairs of currencies count, which are in the cash already."""

    @property
    def net(self) -> float:
        """Net liquidation value."""
        return self.cash + self.value

    @property
    def initial(self) -> float:
        """Initial margin."""
        return self.charged * INITIAL

    @property
    def maintenance(self) -> float:
        """Maintenance margin."""
        return self.charged * MAINTENANCE

    @property
    def regulation_t(self) -> float:
        """Margin by regulation T."""
        return self.gross * _REGULATION_T

    @property
    def available(self) -> float:
        """Funds available for new positions."""
        return self.net - self.initial

    @property
    def excess(self) -> float:
        """Liquidity beyond the maintenance margin."""
        return self.net - self.maintenance

    @property
    def power(self) -> float:
        """Buying power."""
        return max(0.0, self.available) * _LEVERAGE

    @property
    def leverage(self) -> float:
        """Gross positions relative to what the segment is worth."""
        return self.gross / self.net if self.net else 0.0


@dataclass(slots=True)
class Figures:
    """One account's figures at the time of the call."""

    world: World
    account: str

    def holdings(self) -> Iterator[Holding]:
        """What is held, without currencies: those are cash."""
        return (holding for holding in self._every() if holding.contract.kind != "CASH")

    def _every(self) -> Iterator[Holding]:
        yield from self.world.holdings[self.account].values()

    def value(self, holding: Holding) -> float:
        """The market value of a position, in its currency."""
        return holding.value(self.world.price(holding.contract.conid))

    def unrealized(self, holding: Holding) -> float:
        """Profit of an open position, in its currency."""
        return round(self.value(holding) - holding.value(holding.cost), 2)

    def daily(self, holding: Holding) -> float:
        """Profit of an open position since the close of the day before, in its currency."""
        close = self.world.close_before(holding.contract.conid)
        return round(self.value(holding) - holding.value(close), 2)

    def in_base(self, holding: Holding, amount: float) -> float:
        """An amount of a position in the base currency."""
        return amount * self.world.rate(holding.contract.currency)

    def currencies(self) -> list[str]:
        """The currencies of money and positions, the base last, as the ledger has them."""
        base = self.base
        found = {name for name, amount in self.world.cash[self.account].items() if amount}
        found |= {holding.contract.currency for holding in self.holdings()}
        return [*sorted(found - {base}), base]

    @property
    def base(self) -> str:
        """The base currency."""
        return next(item.currency for item in self.world.accounts if item.id == self.account)

    def cash(self, currency: str) -> float:
        """The money in one currency."""
        return round(self.world.cash[self.account].get(currency, 0.0), 2)

    def positions(self, currency: str, kind: str) -> float:
        """Market value of one kind of positions in one currency."""
        return round(sum(map(self.value, self._of(currency, kind))), 2)

    def open_profit(self, currency: str) -> float:
        """Profit of the open positions in one currency."""
        return round(sum(map(self.unrealized, self._of(currency))), 2)

    def realized(self, currency: str) -> float:
        """Profit of what was closed, in one currency."""
        return round(sum(item.realized for item in self._of(currency)), 2)

    def securities(self) -> Segment:
        """The part of everything but futures; it has all the cash."""
        rates = {name: self.world.rate(name) for name in self.currencies()}
        cash = sum(self.cash(name) * rate for name, rate in rates.items())
        pairs = [item for item in self._every() if item.contract.kind == "CASH"]
        held = [item for item in self.holdings() if not _is_future(item)]
        return self._segment(held, cash, sum(map(self.charged, pairs)))

    def commodities(self) -> Segment:
        """The part of futures."""
        return self._segment([item for item in self.holdings() if _is_future(item)], 0.0)

    def total(self) -> Segment:
        """The whole account."""
        parts = (self.securities(), self.commodities())
        return Segment(
            cash=sum(part.cash for part in parts),
            value=sum(part.value for part in parts),
            gross=sum(part.gross for part in parts),
            before=sum(part.before for part in parts),
            charged=sum(part.charged for part in parts),
        )

    def charged(self, holding: Holding) -> float:
        """What of a position counts for margins, in the base currency."""
        return charge(holding.contract, self.in_base(holding, self.value(holding)))

    def total_in_base(self, amounts: Iterator[tuple[Holding, float]]) -> float:
        """The sum of amounts of positions in the base currency."""
        return round(sum(self.in_base(holding, amount) for holding, amount in amounts), 2)

    def _of(self, currency: str, kind: str = "") -> Iterator[Holding]:
        for holding in self.holdings():
            contract = holding.contract
            if contract.currency == currency and kind in ("", contract.kind):
                yield holding

    def _segment(self, holdings: list[Holding], cash: float, charged: float = 0.0) -> Segment:
        values = [self.in_base(item, self.value(item)) for item in holdings]
        gained = sum(self.in_base(item, self.daily(item)) for item in holdings)
        value = sum(values)
        return Segment(
            cash=cash,
            value=value,
            gross=sum(map(abs, values)),
            before=cash + value - gained,
            charged=charged + sum(map(self.charged, holdings)),
        )


def charge(contract: Contract, value: float) -> float:
    """What of the worth of a position counts for margins."""
    return abs(value) * _CHARGED.get(contract.kind, 1.0)


def _is_future(holding: Holding) -> bool:
    return holding.contract.kind == "FUT"
