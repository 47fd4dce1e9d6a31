"""Profits and ledgers of accounts: the rows that both HTTP and the stream show, each in its own spelling."""

from typing import Any, Final

from bezant.mock.figures import Figures
from bezant.mock.world import World

KINDS: Final = {
    "stockmarketvalue": "STK",
    "stockoptionmarketvalue": "OPT",
    "futuremarketvalue": "FUT",
    "corporatebondsmarketvalue": "BOND",
}
"""Kinds of positions by the name of their value in a ledger."""


def profits(world: World) -> dict[str, dict[str, Any]]:
    """Profit and loss by account and segment: `DU1234567.Core`."""
    return {f"{item.id}.Core": _profit(Figures(world, item.id)) for item in world.accounts}


def _profit(figures: Figures) -> dict[str, Any]:
    """`uel` is the excess liquidity to the last digit, `el` to the cent; `dpl` is of the day."""
    total = figures.total()
    profits = ((item, figures.unrealized(item)) for item in figures.holdings())
    return {
        "rowType": 1,
        "dpl": round(total.net - total.before, 2),
        "nl": round(total.net, 2),
        "upl": figures.total_in_base(profits),
        "uel": total.excess,
        "el": round(total.excess, 2),
        "mv": round(total.value, 2),
    }


def amounts(figures: Figures, currency: str) -> dict[str, float]:
    """The amounts of one currency, in it, by their names in the ledger."""
    cash = figures.cash(currency)
    held = {name: figures.positions(currency, kind) for name, kind in KINDS.items()}
    return {
        "cashbalance": cash,
        "settledcash": cash,
        **held,
        "netliquidationvalue": round(cash + sum(held.values()), 2),
        "realizedpnl": figures.realized(currency),
        "unrealizedpnl": figures.open_profit(currency),
    }


def in_base(figures: Figures) -> dict[str, float]:
    """The amounts of all currencies together, in the base currency."""
    names = figures.currencies()
    rows = {name: amounts(figures, name) for name in names}
    return {
        key: round(sum(row[key] * figures.world.rate(name) for name, row in rows.items()), 2)
        for key in rows[figures.base]
    }
