"""Definitions of contracts by id, by symbol and by exchange, and the pairs and rates of currencies."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bezant.mock import descriptions
from bezant.mock.call import Call, Handler, refuse
from bezant.mock.handlers import asked
from bezant.mock.world import Contract

_MOST_DEFINITIONS: Final = 200


def _definitions(call: Call) -> Any:
    conids = [asked.integer(text, "conids") for text in asked.listed(_needed(call, "conids"))]
    if len(conids) > _MOST_DEFINITIONS:
        message = f"Bad Request: more than {_MOST_DEFINITIONS} conids"
        raise refuse(message)
    world = call.state.world
    found = [world.contracts[conid] for conid in conids if conid in world.contracts]
    return {
        "secdef": [
            {
                "conid": contract.conid,
                "currency": contract.currency,
                **descriptions.definition(contract, contract.conid in world.optioned),
            }
            for contract in found
        ]
    }


def _needed(call: Call, name: str) -> str:
    return str(asked.needed(call.query, name))


def _stocks(call: Call) -> Any:
    """Companies by symbol; symbols are in upper case, and one that nothing has gets an empty list."""
    symbols = asked.listed(_needed(call, "symbols"))
    return {symbol: list(_companies(call, symbol)) for symbol in symbols}


def _companies(call: Call, symbol: str) -> Iterator[dict[str, Any]]:
    listings = _of_symbol(call, symbol, "STK")
    for name in dict.fromkeys(contract.name for contract in listings):
        contracts = [
            {
                "conid": contract.conid,
                "exchange": contract.exchange,
                "isUS": descriptions.is_home(contract),
            }
            for contract in listings
            if contract.name == name
        ]
        yield {"name": name, "chineseName": "", "assetClass": "STK", "contracts": contracts}


def _of_symbol(call: Call, symbol: str, kind: str) -> list[Contract]:
    every = call.state.world.contracts.values()
    return [item for item in every if item.symbol == symbol and item.kind == kind]


def _futures(call: Call) -> Any:
    """Futures by root symbol, in no order; a symbol with a month is refused."""
    symbols = asked.listed(_needed(call, "symbols"))
    exchange = call.query.get("exchange")
    for symbol in symbols:
        if any(letter.isdigit() for letter in symbol):
            message = f"Bad Request: {symbol} is no root symbol"
            raise refuse(message)
    return {
        symbol: [
            _future(item)
            for item in _of_symbol(call, symbol, "FUT")
            if exchange in (None, "", item.exchange)
        ]
        for symbol in symbols
    }


def _future(contract: Contract) -> dict[str, Any]:
    last = int(descriptions.last_trading_day(contract))
    return {
        "symbol": contract.symbol,
        "conid": contract.conid,
        "underlyingConid": contract.underlying,
        "expirationDate": int(contract.expiry),
        "ltd": last,
        "shortFuturesCutOff": last,
        "longFuturesCutOff": last,
    }


def _conids(call: Call) -> Any:
    wanted = (_needed(call, "exchange"), call.query.get("assetClass") or "STK")
    return [
        {"ticker": item.symbol, "conid": item.conid, "exchange": item.exchange}
        for item in call.state.world.contracts.values()
        if (item.exchange, item.kind) == wanted
    ]


def _pairs(call: Call) -> Any:
    """Pairs with a currency on either side (observed on the live API)."""
    currency = _needed(call, "currency")
    every = call.state.world.contracts.values()
    pairs = [item for item in every if item.kind == "CASH"]
    return {
        currency: [
            {
                "symbol": item.name,
                "conid": item.conid,
                "ccyPair": item.symbol if item.currency == currency else item.currency,
            }
            for item in pairs
            if currency in (item.symbol, item.currency)
        ]
    }


def _rate(call: Call) -> Any:
    source, target = _needed(call, "source"), _needed(call, "target")
    world = call.state.world
    try:
        rate = world.rate(source) / world.rate(target)
    except KeyError as error:
        message = f"Bad Request: unknown currency {error.args[0]}"
        raise refuse(message) from error
    return {"rate": round(rate, 8)}


HANDLERS: Final[Mapping[str, Handler]] = {
    "get_iserver_currency_pairs": _pairs,
    "get_iserver_exchangerate": _rate,
    "get_trsrv_all_conids": _conids,
    "get_trsrv_futures": _futures,
    "get_trsrv_secdef": _definitions,
    "get_trsrv_stocks": _stocks,
}
