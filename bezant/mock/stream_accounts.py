"""What the stream says of accounts: profit and loss, balances and ledgers, in whole frames' rows."""

from collections.abc import Mapping
from typing import Any, Final

from bezant.mock import ledger as ledgers
from bezant.mock.figures import Figures, Segment
from bezant.mock.world import BASE, Account, World

_LEDGER_NAMES: Final = {
    "cashbalance": "cashbalance",
    "settledcash": "settledCash",
    "stockmarketvalue": "stockMarketValue",
    "stockoptionmarketvalue": "optionMarketValue",
    "corporatebondsmarketvalue": "corporateBondsMarketValue",
    "netliquidationvalue": "netLiquidationValue",
    "realizedpnl": "realizedPnl",
    "unrealizedpnl": "unrealizedPnl",
}
"""How the stream spells what a ledger has."""
_LEDGER_ZEROS: Final = (
    "cashBalanceFXSegment",
    "commodityMarketValue",
    "dividends",
    "funds",
    "interest",
    "issueOptionsMarketValue",
    "moneyFunds",
    "tBillsMarketValue",
    "tBondsMarketValue",
    "warrantsMarketValue",
)
_NOT_STREAMED: Final = "el"


def pnl(world: World) -> dict[str, dict[str, Any]]:
    """Profit and loss by account and segment, without what only HTTP has."""
    return {
        name: {key: value for key, value in row.items() if key != _NOT_STREAMED}
        for name, row in ledgers.profits(world).items()
    }


def summary(world: World, account: Account) -> dict[str, dict[str, Any]]:
    """Balances by key: those of the account, and of its segments of securities and commodities."""
    figures = Figures(world, account.id)
    parts = {"": figures.total(), "-S": figures.securities(), "-C": figures.commodities()}
    texts = {"AccountCode": account.id, "AccountType": "INDIVIDUAL"}
    return {
        **{name: {"value": text, "severity": 0} for name, text in texts.items()},
        **{
            name + suffix: _amount(amount, account)
            for suffix, part in parts.items()
            for name, amount in _balances(part).items()
        },
    }


def _balances(part: Segment) -> dict[str, float]:
    return {
        "NetLiquidation": part.net,
        "TotalCashValue": part.cash,
        "GrossPositionValue": part.gross,
        "AvailableFunds": part.available,
        "ExcessLiquidity": part.excess,
        "BuyingPower": part.power,
        "InitMarginReq": part.initial,
        "MaintMarginReq": part.maintenance,
        "AccruedCash": 0.0,
    }


def _amount(amount: float, account: Account) -> dict[str, Any]:
    return {"monetaryValue": round(amount, 2), "currency": account.currency, "severity": 0}


def ledger(world: World, account: Account) -> dict[str, dict[str, Any]]:
    """Cash and values by `LedgerList` and currency; the base adds the others up."""
    figures = Figures(world, account.id)
    rows = {
        f"LedgerList{name}": _row(account, name, world.rate(name), ledgers.amounts(figures, name))
        for name in figures.currencies()
    }
    whole = _row(account, "BASE", world.rate(BASE), ledgers.in_base(figures))
    return {**rows, "LedgerListBASE": whole}


def _row(
    account: Account, currency: str, rate: float, amounts: Mapping[str, float]
) -> dict[str, Any]:
    return {
        "acctCode": account.id,
        "secondKey": currency,
        "exchangeRate": rate,
        **{name: amounts[key] for key, name in _LEDGER_NAMES.items()},
        "marketValue": round(sum(amounts[key] for key in ledgers.KINDS), 2),
        **dict.fromkeys(_LEDGER_ZEROS, 0.0),
        "severity": 0,
    }
