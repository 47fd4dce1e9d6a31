"""What streams show of contracts: which one is meant, its book, and its bars."""

from collections.abc import Mapping
from typing import Any, Final

from bezant.mock import bars
from bezant.mock.quotes import Quote, price
from bezant.mock.stream_message import Declined
from bezant.mock.world import Contract, World

_LADDER_SIDE: Final = 5
"""Rows of a book on each side of the last trade."""
_ALL: Final = "%o/%c/%h/%l/%v"


def contract_of(world: World, conidex: str) -> Contract:
    """The contract of `<conid>` or `<conid>@<exchange>`; raises `Declined` for one that is unknown."""
    conid = conidex.partition("@")[0]
    contract = world.contracts.get(int(conid)) if conid.isdecimal() else None
    if contract is None:
        message = f"Unknown contract: {conidex}"
        raise Declined(message)
    return contract


def ladder(quote: Quote) -> list[dict[str, Any]]:
    """The book from the highest price down; the last trade is in its middle."""
    rows = range(2 * _LADDER_SIDE + 1)
    return [{"row": row, **_rung(quote, _LADDER_SIDE - row)} for row in rows]


def _rung(quote: Quote, above: int) -> dict[str, Any]:
    shown = price(quote, quote.last + above * quote.contract.tick)
    size = str(quote.size(above + _LADDER_SIDE + 1))
    if above == 0:
        return {"focus": 1, "price": f"{size} @ {shown}"}
    return {"focus": 0, "price": shown, "ask" if above > 0 else "bid": size}


def history(world: World, contract: Contract, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Bars shaped like the answer of the REST call; raises `Declined` where there are none."""
    period, bar = str(arguments.get("period", "")), str(arguments.get("bar", ""))
    try:
        chart = bars.chart(world, contract, period, bar)
    except (bars.NoChart, bars.BadChart) as error:
        raise Declined(str(error)) from error
    form = str(arguments.get("format", _ALL))
    return {
        **chart,
        "outsideRth": arguments.get("outsideRth") in (True, "true"),
        "data": [_chosen(row, form) for row in chart["data"]],
    }


def _chosen(bar: Mapping[str, Any], form: str) -> dict[str, Any]:
    """What a format asks for; the time is always there."""
    return {name: value for name, value in bar.items() if name == "t" or f"%{name}" in form}
