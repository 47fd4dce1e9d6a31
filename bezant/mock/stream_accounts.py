"""What the stream says of accounts: profit and loss, balances and ledgers, in whole frames' rows."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from bezant.mock.world import BASE, Account, Contract, Holding, World

_MARGIN_RATE: Final = 0.25
_LEVERAGE: Final = 4
_SEGMENTS: Final = ("", "-S", "-C")
_LEDGER_SUMS: Final[tuple[str, ...]] = (
    "cashbalance",
    "settledCash",
    "stockMarketValue",
    "optionMarketValue",
    "marketValue",
    "netLiquidationValue",
    "realizedPnl",
    "unrealizedPnl",
)
_LEDGER_ZEROS: Final = (
    "cashBalanceFXSegment",
    "commodityMarketValue",
    "corporateBondsMarketValue",
    "dividends",
    "funds",
    "interest",
    "issueOptionsMarketValue",
    "moneyFunds",
    "tBillsMarketValue",
    "tBondsMarketValue",
    "warrantsMarketValue",
)


def rate(world: World, currency: str) -> float:
    """The base currency for one unit of another."""
    if currency == BASE:
        return 1.0
    pairs = (one for one in world.contracts.values() if one.kind == "CASH")
    return next(world.price(pair.conid) for pair in pairs if pair.symbol == currency)


def _held(world: World, account: Account) -> Iterator[Holding]:
    return (held for held in world.holdings[account.id].values() if held.quantity)


def _sum(world: World, account: Account, of: Callable[[Contract], float]) -> float:
    """The positions times a price of one, in the base currency."""
    return sum(
        held.quantity * of(held.contract) * _factor(world, held.contract)
        for held in _held(world, account)
    )


def _factor(world: World, contract: Contract) -> float:
    return (contract.multiplier or 1.0) * rate(world, contract.currency)


def _value(world: World, account: Account) -> float:
    return _sum(world, account, lambda contract: world.price(contract.conid))


def _cost(world: World, account: Account) -> float:
    return sum(
        held.quantity * held.cost * _factor(world, held.contract) for held in _held(world, account)
    )


def _cash(world: World, account: Account) -> float:
    money = world.cash[account.id]
    return sum(amount * rate(world, currency) for currency, amount in money.items())


def pnl(world: World) -> dict[str, dict[str, Any]]:
    """Profit and loss by account and segment."""
    return {f"{account.id}.Core": _pnl_row(world, account) for account in world.accounts}


def _pnl_row(world: World, account: Account) -> dict[str, Any]:
    value = _value(world, account)
    before = _sum(world, account, lambda contract: world.close_before(contract.conid))
    worth = value + _cash(world, account)
    return {
        "rowType": 1,
        "dpl": round(value - before, 2),
        "nl": round(worth, 2),
        "upl": round(value - _cost(world, account), 2),
        "uel": worth - _MARGIN_RATE * abs(value),
        "mv": round(value, 2),
    }


def summary(world: World, account: Account) -> dict[str, dict[str, Any]]:
    """Balances by key; those of commodities are nothing."""
    value, cash = _value(world, account), _cash(world, account)
    free = cash + value - _MARGIN_RATE * abs(value)
    amounts = {
        "NetLiquidation": cash + value,
        "TotalCashValue": cash,
        "GrossPositionValue": abs(value),
        "AvailableFunds": free,
        "ExcessLiquidity": free,
        "BuyingPower": _LEVERAGE * free,
        "InitMarginReq": _MARGIN_RATE * abs(value),
        "MaintMarginReq": _MARGIN_RATE * abs(value),
        "AccruedCash": 0.0,
    }
    texts = {"AccountCode": account.id, "AccountType": "INDIVIDUAL"}
    return {
        **{name: {"value": text, "severity": 0} for name, text in texts.items()},
        **{
            name + segment: _amount(0.0 if segment == "-C" else amount, account)
            for name, amount in amounts.items()
            for segment in _SEGMENTS
        },
    }


def _amount(amount: float, account: Account) -> dict[str, Any]:
    return {"monetaryValue": round(amount, 2), "currency": account.currency, "severity": 0}


def ledger(world: World, account: Account) -> dict[str, dict[str, Any]]:
    """Cash and values by `LedgerList` and currency; the base adds the others up."""
    rows = {
        f"LedgerList{currency}": _ledger_row(world, account, currency)
        for currency in world.cash[account.id]
    }
    return {**rows, "LedgerListBASE": _base_row(world, account, list(rows.values()))}


def _ledger_row(world: World, account: Account, currency: str) -> dict[str, Any]:
    held = [one for one in _held(world, account) if one.contract.currency == currency]
    values = dict.fromkeys(("STK", "OPT", "FUT", "CASH"), 0.0)
    for one in held:
        price = world.price(one.contract.conid)
        values[one.contract.kind] += one.quantity * price * (one.contract.multiplier or 1.0)
    cost = sum(one.quantity * one.cost * (one.contract.multiplier or 1.0) for one in held)
    every = world.holdings[account.id].values()
    realized = sum(one.realized for one in every if one.contract.currency == currency)
    money = world.cash[account.id][currency]
    total = sum(values.values())
    amounts = (
        money,
        money,
        values["STK"],
        values["OPT"],
        total,
        money + total,
        realized,
        total - cost,
    )
    sums = dict(zip(_LEDGER_SUMS, amounts, strict=True))
    return _ledger_shape(account, currency, rate(world, currency), sums)


def _base_row(world: World, account: Account, rows: list[dict[str, Any]]) -> dict[str, Any]:
    sums = {name: sum(row[name] * row["exchangeRate"] for row in rows) for name in _LEDGER_SUMS}
    return _ledger_shape(account, "BASE", rate(world, BASE), sums)


def _ledger_shape(
    account: Account, currency: str, exchange: float, sums: dict[str, float]
) -> dict[str, Any]:
    return {
        "acctCode": account.id,
        "secondKey": currency,
        "exchangeRate": exchange,
        **{name: round(amount, 2) for name, amount in sums.items()},
        **dict.fromkeys(_LEDGER_ZEROS, 0.0),
        "severity": 0,
    }
