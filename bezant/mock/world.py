"""The market behind the mock gateway: accounts, contracts, prices, and what the accounts hold.

The same seed gives the same world. Prices follow the simulated clock and nothing else: the price of a contract
at a time is always the same.
"""

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from bezant.mock.clock import Clock

PAPER: Final = "DU1234567"
SECOND: Final = "DU7654321"
USER: Final = "mock1234"
BASE: Final = "USD"
MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Account:
    """One account; `cash` is its money by currency before any trade."""

    id: str
    title: str
    cash: Mapping[str, float]
    currency: str = BASE


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One instrument. `price` is what it costs on average, `volatility` how far it strays within hours."""

    conid: int
    symbol: str
    name: str
    kind: str = "STK"
    exchange: str = "NASDAQ"
    currency: str = BASE
    price: float
    volatility: float = 0.01
    tick: float = 0.01
    multiplier: float = 0.0
    underlying: int = 0
    expiry: str = ""
    """`YYYYMMDD`; empty where it never ends."""
    strike: float = 0.0
    right: str = ""
    """`C` or `P` of an option."""
    coupon: float = 0.0
    """Yearly interest of a bond in percent."""

    @property
    def factor(self) -> float:
        """What a price is multiplied with to get the value of one contract."""
        return self.multiplier or 1.0

    @property
    def digits(self) -> int:
        """How many digits prices have after the point, at least two."""
        return max(2, len(f"{self.tick:.8f}".rstrip("0").partition(".")[2]))

    @property
    def month(self) -> str:
        """Month of the expiry as searches write it, such as `JAN27`; empty where it never ends."""
        return f"{MONTHS[int(self.expiry[4:6]) - 1]}{self.expiry[2:4]}" if self.expiry else ""


@dataclass(slots=True)
class Asked:
    """What calls of one brokerage session have asked for, where later answers depend on it."""

    session: int = 0
    searched: set[int] = field(default_factory=set)
    """Underlyings that were searched by symbol: their derivatives may be asked for."""
    _times: dict[tuple[str, int], int] = field(default_factory=dict)

    def again(self, what: str, conid: int) -> int:
        """Count a call about a contract: 1 for the first."""
        key = (what, conid)
        self._times[key] = self._times.get(key, 0) + 1
        return self._times[key]

    def forget(self, what: str, conid: int) -> bool:
        """Begin to count anew; whether there was anything to forget."""
        return self._times.pop((what, conid), 0) > 0

    def forget_all(self, what: str) -> None:
        """Begin to count anew for all contracts."""
        self._times = {key: count for key, count in self._times.items() if key[0] != what}


@dataclass(slots=True)
class Holding:
    """How much of a contract an account holds; `cost` is the price paid for one, on average."""

    contract: Contract
    quantity: float
    cost: float
    realized: float = 0.0
    """Profit of what was closed since the start, in the currency of the contract."""

    def value(self, price: float) -> float:
        """What it is worth at a price, in the currency of the contract, to the cent."""
        return round(self.quantity * price * self.contract.factor, 2)

    def trade(self, quantity: float, price: float) -> None:
        """Buy, or with a negative quantity sell."""
        closing = 0.0
        if self.quantity * quantity < 0:
            closing = math.copysign(min(abs(quantity), abs(self.quantity)), quantity)
        self.realized += -closing * (price - self.cost) * self.contract.factor
        opening = quantity - closing
        after = self.quantity + quantity
        if opening and after:
            kept = self.quantity + closing
            self.cost = (kept * self.cost + opening * price) / (kept + opening)
        self.quantity = after


_STOCKS: Final = (
    (265598, "AAPL", "APPLE INC", "NASDAQ", 189.1),
    (756733, "SPY", "SS SPDR S&P 500 ETF TRUST-US", "ARCA", 512.4),
    (320227571, "QQQ", "INVESCO QQQ TRUST SERIES 1", "NASDAQ", 438.2),
    (4391, "AMD", "ADVANCED MICRO DEVICES", "NASDAQ", 172.6),
    (43645865, "IBKR", "INTERACTIVE BROKERS GRO-CL A", "NASDAQ", 112.3),
    (8314, "IBM", "INTL BUSINESS MACHINES CORP", "NYSE", 188.9),
    (272093, "MSFT", "MICROSOFT CORP", "NASDAQ", 415.3),
)
_ABROAD: Final = (
    (273982664, "AAPL", "APPLE INC", "IBIS", "EUR", 174.3),
    (41645598, "IBM", "INTL BUSINESS MACHINES CORP", "LSE", "GBP", 149.4),
)
"""Listings that make symbols ambiguous."""
_CURRENCIES: Final = ((12087792, "EUR", 1.0850), (12087797, "GBP", 1.2640))
_FILLERS: Final = 240
"""Small companies that fill pages of positions."""
_FILLER_CONID: Final = 900_000_000


def _stocks() -> Iterator[Contract]:
    for conid, symbol, name, exchange, price in _STOCKS:
        yield Contract(conid=conid, symbol=symbol, name=name, exchange=exchange, price=price)
    for number in range(_FILLERS):
        symbol = f"MOCK{number}"
        name = f"MOCK COMPANY {number}"
        price = 5.0 + number / 2
        yield Contract(conid=_FILLER_CONID + number, symbol=symbol, name=name, price=price)


def _abroad() -> Iterator[Contract]:
    for conid, symbol, name, exchange, currency, price in _ABROAD:
        yield Contract(
            conid=conid,
            symbol=symbol,
            name=name,
            exchange=exchange,
            currency=currency,
            price=price,
        )


def _indices() -> Iterator[Contract]:
    yield Contract(
        conid=11004968,
        symbol="ES",
        name="E-mini S&P 500",
        kind="IND",
        exchange="CME",
        price=5231.4,
    )


def _bonds() -> Iterator[Contract]:
    for conid, expiry, coupon, price in (
        (700000001, "20390515", 4.15, 94.2),
        (700000002, "20320515", 3.3, 96.8),
    ):
        yield Contract(
            conid=conid,
            symbol="IBM",
            name="INTL BUSINESS MACHINES CORP",
            kind="BOND",
            exchange="SMART",
            price=price,
            volatility=0.002,
            multiplier=10.0,  # a price is a percentage of the face value of 1000
            expiry=expiry,
            coupon=coupon,
        )


def _currencies() -> Iterator[Contract]:
    for conid, symbol, price in _CURRENCIES:
        yield Contract(
            conid=conid,
            symbol=symbol,
            name=f"{symbol}.{BASE}",
            kind="CASH",
            exchange="IDEALPRO",
            price=price,
            volatility=0.001,
            tick=0.00005,
        )


def _futures() -> Iterator[Contract]:
    for conid, expiry, price in ((495512563, "20270319", 5312.25), (495512557, "20261218", 5250.5)):
        yield Contract(
            conid=conid,
            symbol="ES",
            name="E-mini S&P 500",
            kind="FUT",
            exchange="CME",
            price=price,
            tick=0.25,
            multiplier=50.0,
            underlying=11004968,
            expiry=expiry,
        )


def _options() -> Iterator[Contract]:
    """Calls and puts on AAPL for two expiries of one month: weeklies share it."""
    number = 800_000_000
    for expiry in ("20270108", "20270115"):
        for strike in range(170, 215, 5):
            for right in ("C", "P"):
                number += 1
                inner = max(0.0, (189.1 - strike) * (1 if right == "C" else -1))
                yield Contract(
                    conid=number,
                    symbol="AAPL",
                    name="APPLE INC",
                    kind="OPT",
                    exchange="SMART",
                    price=round(inner + 4.5, 2),
                    volatility=0.03,
                    multiplier=100.0,
                    underlying=265598,
                    expiry=expiry,
                    strike=float(strike),
                    right=right,
                )


@dataclass(slots=True)
class World:
    """Accounts, contracts by id, and holdings by account and contract id."""

    seed: int
    clock: Clock
    accounts: list[Account] = field(init=False)
    contracts: dict[int, Contract] = field(init=False)
    optioned: frozenset[int] = field(init=False)
    """What there are options on."""
    holdings: dict[str, dict[int, Holding]] = field(init=False)
    cash: dict[str, dict[str, float]] = field(init=False)
    """Money by account and currency, as trades have left it."""
    selected: str = PAPER
    """The account that calls without one are about."""
    prefixes: dict[int, str] = field(default_factory=dict)
    """Letter before the last price by contract id: `C` makes it the close of the day before, `H` a halt."""
    availability: dict[int, str] = field(default_factory=dict)
    """Field 6509 by contract id where it is not the usual one; `N` and `O` leave a snapshot without prices."""
    withheld: frozenset[str] = frozenset()
    """Codes of market data that never arrive."""
    scan_rows: int = 50
    """How many rows a scan gives at most."""
    asked: Asked = field(default_factory=Asked)

    def __post_init__(self) -> None:
        self.accounts = [
            Account(PAPER, "Mock Trader", {BASE: 1_000_000.0, "EUR": 25_000.0}),
            Account(SECOND, "Mock Investor", {BASE: 50_000.0}),
        ]
        home = (*_stocks(), *_currencies(), *_futures(), *_options())
        every = (*home, *_abroad(), *_indices(), *_bonds())
        self.contracts = {contract.conid: contract for contract in every}
        self.optioned = frozenset(item.underlying for item in every if item.kind == "OPT")
        self.holdings = {PAPER: dict(self._held()), SECOND: {}}
        self.cash = {account.id: dict(account.cash) for account in self.accounts}

    def _held(self) -> Iterator[tuple[int, Holding]]:
        chance = random.Random(self.seed)  # noqa: S311  # a world for tests, not a secret
        kinds = ("STK", "OPT")
        for contract in self.contracts.values():
            is_home = contract.currency == BASE
            if is_home and contract.kind in kinds and contract.right != "P":
                quantity = float(chance.randint(1, 40) * 10)
                cost = round(contract.price * chance.uniform(0.8, 1.1), 4)
                yield contract.conid, Holding(contract, quantity, cost)

    def account(self, name: str) -> Account | None:
        """An account by its id."""
        return next((account for account in self.accounts if account.id == name), None)

    def price(self, conid: int, at: float | None = None) -> float:
        """The price of a contract now, or at a time, on its grid of ticks; `KeyError` for an unknown one."""
        contract = self.contracts[conid]
        hours = (self.clock.now() if at is None else at) / _HOUR
        phase = (conid * 2654435761 + self.seed) % 6283 / 1000
        wave = math.sin(hours + phase) + 0.5 * math.sin(7.3 * hours + 2 * phase)
        raw = contract.price * (1 + contract.volatility * wave / 1.5)
        return round(round(raw / contract.tick) * contract.tick, 6)

    def rate(self, currency: str, at: float | None = None) -> float:
        """What one unit of a currency is worth in the base currency; `KeyError` for an unknown one."""
        if currency == BASE:
            return 1.0
        conids = {symbol: conid for conid, symbol, _ in _CURRENCIES}
        return self.price(conids[currency], at)

    def volume(self, conid: int, begin: float, end: float) -> float:
        """How much is traded between two times; volumes of adjoining times add up."""
        pace = 1000.0 * (conid % 1997 + 3)
        first, last = begin / _HOUR, end / _HOUR
        return pace * (last - first + (math.cos(first + conid) - math.cos(last + conid)) / 2)

    def in_session(self, number: int) -> Asked:
        """What this brokerage session has asked for; what an earlier one asked for is forgotten."""
        if self.asked.session != number:
            self.asked = Asked(number)
        return self.asked

    def close_before(self, conid: int) -> float:
        """The price at the end of the day before, UTC."""
        now = self.clock.now()
        return self.price(conid, now - now % (24 * _HOUR))

    def trade(self, account: str, conid: int, quantity: float, price: float) -> None:
        """Let an account buy, or with a negative quantity sell; its money follows."""
        contract = self.contracts[conid]
        held = self.holdings[account].setdefault(conid, Holding(contract, 0.0, 0.0))
        held.trade(quantity, price)
        self.pay(account, contract.currency, -quantity * price * contract.factor)
        if contract.kind == "CASH":
            self.pay(account, contract.symbol, quantity)

    def pay(self, account: str, currency: str, amount: float) -> None:
        """Give an account money, or with a negative amount take it."""
        money = self.cash[account]
        money[currency] = money.get(currency, 0.0) + amount
