"""Market scanners: what they can look for, and the stocks that they find."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from bezant.mock.call import Call, Handler, refuse
from bezant.mock.handlers import asked
from bezant.mock.quotes import Quote, compact, percent
from bezant.mock.world import Contract, World

_LOCATIONS: Final = ("STK.US", "STK.US.MAJOR")
_MOST_HISTORICAL: Final = 250
_TIME: Final = "%Y%m%d-%H:%M:%S"


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
    code, filters = body.get("type"), body.get("filter") or []
    _check(body, code, body.get("location"))
    _, column, measure, written = _SCANS[str(code)]
    found = _found(call.state.world, str(code), filters)[: call.state.world.scan_rows]
    rows = [
        _row(number, quote.contract, written(measure(quote))) for number, quote in enumerate(found)
    ]
    if rows:
        rows[0]["column_name"] = column
    return {"contracts": rows, "scan_data_column_name": column}


def _check(body: Mapping[str, Any], code: object, location: object) -> None:
    is_known = code in _SCANS and location in _LOCATIONS
    asked.insist(is_known and body.get("instrument") == "STK", "no such scan")


def _found(world: World, code: str, filters: list[Mapping[str, Any]]) -> list[Quote]:
    """What passes the filters, in the order of a scan."""
    quotes = (
        Quote(world, item, world.selected) for item in world.contracts.values() if _is_us(item)
    )
    passed = [quote for quote in quotes if _passes(quote, filters)]
    return sorted(passed, key=_SCANS[code][2], reverse=True)


def _open_history(call: Call) -> Any:
    """Open the historical data service, until the brokerage session ends."""
    call.state.session.history_open = True
    return {"authenticated": True, "connected": True}


def _run_historical(call: Call) -> Any:
    """The same scans by the historical data service; it gives contract ids only, and numbers as text."""
    if not call.state.session.history_open and call.state.rules.preflights:
        message = "Not Found"
        raise refuse(message, 404)
    body = call.body()
    code, filters = body.get("scanCode"), body.get("filters")
    most = asked.integer(body.get("maxItems", _MOST_HISTORICAL), "maxItems")
    asked.insist(0 < most <= _MOST_HISTORICAL, f"maxItems {most}")
    asked.insist(body.get("secType") == "STK", "secType has to be STK")
    asked.insist(isinstance(filters, list), "filters are required")
    _check(body, code, body.get("locations"))
    found = _found(call.state.world, str(code), filters or [])
    at = datetime.fromtimestamp(call.state.clock.now(), UTC).strftime(_TIME)
    rows = [{"inScanTime": at, "contractID": str(item.contract.conid)} for item in found[:most]]
    return {
        "total": str(len(found)),
        "size": str(len(rows)),
        "offset": "0",
        "scanTime": at,
        "id": "scanner1",
        "Contracts": {"Contract": rows},
    }


def _is_us(contract: Contract) -> bool:
    return contract.kind == "STK" and contract.currency == "USD"


def _passes(quote: Quote, filters: list[Mapping[str, Any]]) -> bool:
    return all(_filter(item)(quote, _bound(item)) for item in filters)


def _filter(item: Mapping[str, Any]) -> Callable[[Quote, float], bool]:
    asked.insist(isinstance(item, dict), "a filter is no object")
    code = str(item.get("code"))
    asked.insist(code in _FILTERS, f"no filter {code}")
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
    "post_hmds_auth_init": _open_history,
    "post_hmds_scanner": _run_historical,
}
