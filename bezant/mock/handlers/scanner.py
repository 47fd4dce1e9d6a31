"""Market scanners: what they can look for, and the stocks that they find."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bezant.mock.call import Call, Handler, refuse
from bezant.mock.handlers import asked
from bezant.mock.handlers.quotes import Quote, compact, percent
from bezant.mock.world import Contract

_MOST_ROWS: Final = 50
_LOCATIONS: Final = ("STK.US", "STK.US.MAJOR")


def _gain(quote: Quote) -> float:
    return quote.change / quote.close


_SCANS: Final[Mapping[str, tuple[str, str, Callable[[Quote], float], Callable[[float], str]]]] = {
    "TOP_PERC_GAIN": ("Top % Gainers", "Chg%", _gain, percent),
    "TOP_PERC_LOSE": ("Top % Losers", "Chg%", lambda quote: -_gain(quote), lambda by: percent(-by)),
    "MOST_ACTIVE": ("Most Active", "Volume", lambda quote: quote.volume, compact),
}
_FILTERS: Final[Mapping[str, tuple[str, Callable[[Quote, float], bool]]]] = {
    "priceAbove": ("Price Above", lambda quote, bound: quote.last > bound),
    "priceBelow": ("Price Below", lambda quote, bound: quote.last < bound),
    "changePercAbove": ("Change (%) Above", lambda quote, bound: 100 * _gain(quote) > bound),
    "changePercBelow": ("Change (%) Below", lambda quote, bound: 100 * _gain(quote) < bound),
}


def _parameters(_: Call) -> Any:
    major = {"display_name": "Listed/NASDAQ", "type": "STK.US.MAJOR", "locations": []}
    return {
        "scan_type_list": [
            {"display_name": name, "code": code, "instruments": ["STK"]}
            for code, (name, *_) in _SCANS.items()
        ],
        "instrument_list": [{"display_name": "US Stocks", "type": "STK", "filters": [*_FILTERS]}],
        "filter_list": [
            {"group": code, "display_name": name, "code": code, "type": "non-range"}
            for code, (name, _) in _FILTERS.items()
        ],
        "location_tree": [
            {"display_name": "US Stocks", "type": "STK.US", "locations": [major]},
        ],
    }


def _run(call: Call) -> Any:
    """The first rows of a scan; what it cannot look for is refused."""
    body = call.body()
    scan = _SCANS.get(str(body.get("type")))
    if scan is None or body.get("instrument") != "STK" or body.get("location") not in _LOCATIONS:
        message = "Bad Request: no such scan"
        raise refuse(message)
    _, column, measure, written = scan
    world = call.state.world
    quotes = [
        Quote(world, item, world.selected) for item in world.contracts.values() if _is_us(item)
    ]
    passed = [quote for quote in quotes if _passes(quote, body.get("filter") or [])]
    passed.sort(key=measure, reverse=True)
    rows = [
        _row(number, quote.contract, written(measure(quote)))
        for number, quote in enumerate(passed[:_MOST_ROWS])
    ]
    if rows:
        rows[0]["column_name"] = column
    return {"contracts": rows, "scan_data_column_name": column}


def _is_us(contract: Contract) -> bool:
    return contract.kind == "STK" and contract.currency == "USD"


def _passes(quote: Quote, filters: list[Mapping[str, Any]]) -> bool:
    return all(_filter(item)(quote, _bound(item)) for item in filters)


def _filter(item: Mapping[str, Any]) -> Callable[[Quote, float], bool]:
    code = str(item.get("code"))
    if code not in _FILTERS:
        message = f"Bad Request: no filter {code}"
        raise refuse(message)
    return _FILTERS[code][1]


def _bound(item: Mapping[str, Any]) -> float:
    try:
        return float(asked.needed(item, "value"))
    except ValueError as error:
        message = f"Bad Request: value {item['value']}"
        raise refuse(message) from error


def _row(number: int, contract: Contract, shown: str) -> dict[str, Any]:
    return {
        "server_id": str(number),
        "symbol": contract.symbol,
        "conidex": str(contract.conid),
        "con_id": contract.conid,
        "available_chart_periods": "#R|1",
        "company_name": contract.name,
        "scan_data": shown,
        "contract_description_1": contract.symbol,
        "listing_exchange": contract.exchange,
        "sec_type": contract.kind,
    }


HANDLERS: Final[Mapping[str, Handler]] = {
    "get_iserver_scanner_params": _parameters,
    "post_iserver_scanner_run": _run,
}
