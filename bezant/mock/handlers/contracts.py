"""Contracts: the search by symbol, and from it the way to strikes and derivatives."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bezant.mock import descriptions
from bezant.mock.call import Call, Handler, refuse
from bezant.mock.handlers import asked, definitions, rules, schedules
from bezant.mock.world import Contract, World

_UNDERLYINGS: Final = ("STK", "IND")
_OPTION_KINDS: Final = ("OPT", "FOP", "WAR")
_ISSUERS: Final = {"IBM": ("e1400789", "International Business Machines Corp")}
_BOND_PLACEHOLDER: Final = "2147483647"
_COLUMN_MATURITY: Final = 27
_COLUMN_COUPON: Final = 25
_COLUMN_CURRENCY: Final = 5


def _search(call: Call) -> Any:
    """GET: a symbol that nothing has is an error with status 200 (observed on the live API)."""
    wanted = dict(call.query)
    found = _found(call, wanted, asked.is_true(wanted.get("name")))
    return found or {"error": "No symbol found"}


def _search_by_body(call: Call) -> Any:
    """POST: the document knows no error here, so what nothing has is an empty list."""
    wanted = call.body()
    return _found(call, wanted, wanted.get("name") is True)


def _found(call: Call, wanted: Mapping[str, Any], by_name: bool) -> list[dict[str, Any]]:
    symbol = str(asked.needed(wanted, "symbol"))
    kind = wanted.get("secType") or ""
    if kind not in ("", *_UNDERLYINGS, "BOND"):
        message = f"Bad Request: secType {kind}"
        raise refuse(message)
    world = call.state.world
    kinds = [item for item in _UNDERLYINGS if kind in ("", item)]
    matches = [item for item in _matches(world, symbol, by_name) if item.kind in kinds]
    _remember(call, matches, by_name)
    rows = [_row(world, contract, by_name) for contract in matches]
    return rows if kind in _UNDERLYINGS or by_name else [*rows, *_issuers(symbol)]


def _matches(world: World, symbol: str, by_name: bool) -> Iterator[Contract]:
    wanted = symbol.upper()
    for contract in world.contracts.values():
        if wanted in contract.name if by_name else wanted == contract.symbol:
            yield contract


def _remember(call: Call, matches: list[Contract], by_name: bool) -> None:
    """Derivatives may be asked for now; a search by name closes them again (documented)."""
    conids = {contract.conid for contract in matches}
    before = asked.before(call)
    before.searched = before.searched - conids if by_name else before.searched | conids


def _row(world: World, contract: Contract, by_name: bool) -> dict[str, Any]:
    header = f"{contract.name} - {contract.exchange}"
    row = {
        "conid": str(contract.conid),
        "companyHeader": header,
        "companyName": contract.name,
        "symbol": contract.symbol,
        "description": contract.exchange,
        "restricted": None,
    }
    if by_name:
        return row
    ends = sorted({item.expiry for item in _derivatives(world, contract.conid, "OPT")})
    sections = [{"secType": contract.kind}, *_sections(world, contract.conid)]
    options = ";".join(ends) or None
    return {**row, "fop": None, "opt": options, "war": None, "sections": sections}


def _sections(world: World, conid: int) -> Iterator[dict[str, str]]:
    for kind in ("OPT", "FUT"):
        found = sorted(_derivatives(world, conid, kind), key=lambda item: item.expiry)
        if found:
            months = ";".join(dict.fromkeys(item.month for item in found))
            places = descriptions.OPTION_EXCHANGES if kind == "OPT" else found[0].exchange
            yield {"secType": kind, "months": months, "exchange": places}


def _derivatives(world: World, conid: int, kind: str) -> list[Contract]:
    every = world.contracts.values()
    return [item for item in every if item.underlying == conid and item.kind == kind]


def _issuers(symbol: str) -> Iterator[dict[str, Any]]:
    if symbol.upper() in _ISSUERS:
        issuer, name = _ISSUERS[symbol.upper()]
        yield {
            "issuers": [{"id": issuer, "name": name}],
            "bondid": 1,
            "conid": _BOND_PLACEHOLDER,
            "companyHeader": "Corporate Fixed Income",
            "companyName": None,
            "symbol": None,
            "description": None,
            "restricted": None,
            "fop": None,
            "opt": None,
            "war": None,
            "sections": [{"secType": "BOND"}],
        }


def _strikes(call: Call) -> Any:
    """Strikes of all expiries in a month; nothing before the search, and nothing is an answer."""
    conid = asked.integer(asked.needed(call.query, "conid"), "conid")
    kind = asked.needed(call.query, "sectype")
    month = asked.needed(call.query, "month")
    if kind not in _OPTION_KINDS:
        message = f"Bad Request: sectype {kind}"
        raise refuse(message)
    found = _opened(call, conid, kind, month)
    return {name: _sides(found, name[0].upper()) for name in ("call", "put")}


def _sides(found: list[Contract], right: str) -> list[float]:
    return sorted({item.strike for item in found if item.right == right})


def _opened(call: Call, conid: int, kind: str, month: str) -> list[Contract]:
    """The derivatives of a month, as far as the underlying was searched."""
    is_searched = conid in asked.before(call).searched or not call.state.rules.preflights
    found = _derivatives(call.state.world, conid, kind) if is_searched else []
    return [item for item in found if item.month == month]


def _info(call: Call) -> Any:
    query = call.query
    if query.get("issuerId"):
        return [_informed(item) for item in _bonds(call.state.world, query["issuerId"])]
    conid = asked.needed(query, "conid")
    kind = query.get("sectype") or "STK"
    if kind in _UNDERLYINGS:
        return _informed(asked.contract(call, conid))
    found = _opened(call, asked.integer(conid, "conid"), kind, asked.needed(query, "month"))
    if kind in _OPTION_KINDS:
        found = _at_strike(found, asked.needed(query, "strike"), query.get("right", ""))
    return [_informed(item) for item in found]


def _at_strike(found: list[Contract], strike: str, right: str) -> list[Contract]:
    try:
        wanted = float(strike)
    except ValueError as error:
        message = f"Bad Request: strike {strike}"
        raise refuse(message) from error
    return [item for item in found if item.strike == wanted and right in ("", item.right)]


def _informed(contract: Contract) -> dict[str, Any]:
    row = {
        "conid": contract.conid,
        "ticker": contract.symbol,
        "symbol": contract.symbol,
        "secType": contract.kind,
        "listingExchange": descriptions.listing(contract),
        "exchange": descriptions.routing(contract),
        "companyName": contract.name,
        "currency": contract.currency,
        "validExchanges": descriptions.exchanges(contract),
        "priceRendering": None,
        "maturityDate": contract.expiry or None,
        "right": contract.right or "?",
        "strike": contract.strike,
    }
    return {**row, **_terms(contract)} if contract.expiry else row


def _terms(contract: Contract) -> dict[str, Any]:
    ends = f"{descriptions.expiry(contract):%b %d '%y}".upper()
    terms = f"{ends} {contract.strike:g} {descriptions.side(contract)}"
    return {
        "desc1": contract.symbol,
        "desc2": terms if contract.right else ends,
        "multiplier": f"{contract.multiplier:g}",
        "tradingClass": contract.symbol,
        "cusip": None,
        "coupon": f"{contract.coupon:g}" if contract.coupon else "No Coupon",
    }


def _bonds(world: World, issuer: str) -> list[Contract]:
    symbols = {symbol for symbol, (known, _) in _ISSUERS.items() if known == issuer}
    every = world.contracts.values()
    return [item for item in every if item.kind == "BOND" and item.symbol in symbols]


def _bond_filters(call: Call) -> Any:
    """What bonds of an issuer can be filtered by; an unknown issuer has nothing (documented)."""
    found = _bonds(call.state.world, asked.needed(call.query, "issuerId"))
    ends = {item.expiry[:6]: f"{descriptions.expiry(item):%b %Y}" for item in found}
    maturities = [{"text": text, "value": value} for value, text in sorted(ends.items())]
    coupons = [{"value": f"{coupon:g}"} for coupon in sorted({item.coupon for item in found})]
    currencies = [{"value": currency} for currency in sorted({item.currency for item in found})]
    columns = (
        ("Maturity Date", _COLUMN_MATURITY, maturities),
        ("Coupon", _COLUMN_COUPON, coupons),
        ("Currency", _COLUMN_CURRENCY, currencies),
    )
    filters = [
        {"displayText": text, "columnId": column, "options": options}
        for text, column, options in columns
        if options
    ]
    return {"bondFilters": filters}


HANDLERS: Final[Mapping[str, Handler]] = {
    "get_iserver_secdef_bond_filters": _bond_filters,
    "get_iserver_secdef_info": _info,
    "get_iserver_secdef_search": _search,
    "post_iserver_secdef_search": _search_by_body,
    "get_iserver_secdef_strikes": _strikes,
    **definitions.HANDLERS,
    **rules.HANDLERS,
    **schedules.HANDLERS,
}
