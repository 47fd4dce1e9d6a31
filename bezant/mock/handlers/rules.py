"""What a contract is to traders: its details, the orders that it takes, and the algorithms for them."""

from collections.abc import Mapping
from typing import Any, Final

from bezant.mock import descriptions
from bezant.mock.call import Call, Handler, refuse
from bezant.mock.handlers import asked
from bezant.mock.world import Contract

_MOST_ALGORITHMS: Final = 8
_LOT: Final = 100
_ORDER_TYPES: Final = (
    *("limit", "midprice", "market", "stop", "stop_limit", "mit", "lit", "trailing_stop"),
    *("trailing_stop_limit", "relative", "marketonclose", "limitonclose"),
)
_OUTSIDE_HOURS: Final = ("limit", "stop_limit", "lit", "trailing_stop_limit", "relative")
_FRACTIONS: Final = (
    *("limit", "market", "stop", "stop_limit", "mit", "lit", "trailing_stop"),
    "trailing_stop_limit",
)
_TIMES_IN_FORCE: Final = (
    "IOC/MARKET,LIMIT,RELATIVE,MIDPRICE,STOP,STOP_LIMIT,TRAILING_STOP,o",
    "GTC/o,a",
    "OPG/LIMIT,MARKET,a",
    "GTD/o,a",
    "DAY/o,a",
)
_ALGORITHMS: Final[Mapping[str, tuple[str, tuple[Mapping[str, Any], ...]]]] = {
    "Adaptive": (
        "Adaptive",
        (
            {
                "guiRank": 1,
                "defaultValue": "Normal",
                "name": "Adaptive order priority/urgency",
                "id": "adaptivePriority",
                "legalStrings": ["Urgent", "Normal", "Patient"],
                "required": "true",
                "valueClassName": "String",
            },
        ),
    ),
    "Vwap": (
        "VWAP",
        (
            {
                "guiRank": 1,
                "minValue": 0.01,
                "maxValue": 50,
                "name": "Max Percentage",
                "description": "From 0.01 to 50.0",
                "id": "maxPctVol",
                "valueClassName": "Double",
            },
            {
                "guiRank": 2,
                "defaultValue": False,
                "name": "Attempt to never take liquidity",
                "id": "noTakeLiq",
                "valueClassName": "Boolean",
            },
        ),
    ),
    "Twap": ("TWAP", ()),
}


def _info(call: Call) -> Any:
    contract = asked.contract(call, call.path["conid"])
    world = call.state.world
    known = descriptions.industry(contract)
    return {
        "cfi_code": "",
        "symbol": contract.symbol,
        "cusip": None,
        "expiry_full": contract.expiry or None,
        "con_id": contract.conid,
        "maturity_date": contract.expiry or None,
        "industry": known.group if known else "",
        "instrument_type": contract.kind,
        "has_related_contracts": contract.conid in world.optioned,
        "trading_class": contract.symbol,
        "valid_exchanges": descriptions.exchanges(contract),
        "allow_sell_long": False,
        "is_zero_commission_security": False,
        "local_symbol": descriptions.full_name(contract),
        "contract_clarification_type": None,
        "classifier": None,
        "currency": contract.currency,
        "text": None,
        "underlying_con_id": contract.underlying,
        "r_t_h": True,
        "multiplier": f"{contract.multiplier:g}" if contract.multiplier else None,
        "underlying_issuer": None,
        "contract_month": contract.expiry[:6] or None,
        "company_name": contract.name,
        "smart_available": descriptions.routing(contract) == "SMART",
        "exchange": descriptions.routing(contract),
        "category": known.category if known else "",
        "strike": f"{contract.strike:g}" if contract.strike else None,
        "right": contract.right or None,
    }


def _info_and_rules(call: Call) -> Any:
    contract = asked.contract(call, call.path["conid"])
    given = {name: value for name, value in _info(call).items() if value is not None}
    return {**given, "rules": _rules(call, contract)}


def _rules_by_body(call: Call) -> Any:
    return _rules(call, asked.contract(call, asked.needed(call.body(), "conid")))


def _rules(call: Call, contract: Contract) -> dict[str, Any]:
    world = call.state.world
    price = world.price(contract.conid)
    is_stock = contract.kind == "STK"
    size = _LOT if is_stock else 1
    return {
        "algoEligible": is_stock,
        "overnightEligible": is_stock,
        "allOrNoneEligible": is_stock,
        "costReport": False,
        "canTradeAcctIds": [account.id for account in world.accounts],
        "error": None,
        "orderTypes": _ORDER_TYPES,
        "ibAlgoTypes": _OUTSIDE_HOURS if is_stock else (),
        "fraqTypes": _FRACTIONS if is_stock else (),
        "forceOrderPreview": False,
        "cqtTypes": _FRACTIONS if is_stock else (),
        "orderDefaults": {"LMT": {"LP": f"{price:.{contract.digits}f}"}},
        "orderTypesOutside": _OUTSIDE_HOURS,
        "defaultSize": size,
        "cashSize": 0.0,
        "sizeIncrement": size,
        "tifTypes": _TIMES_IN_FORCE,
        "tifDefaults": {"TIF": "DAY", "DEFAULT_ACCT": world.selected, "SIZE": f"{size:.2f}"},
        "limitPrice": price,
        "stopprice": price,
        "orderOrigination": None,
        "preview": True,
        "displaySize": None,
        "fraqInt": 4 if is_stock else 0,
        "cashCcy": contract.currency,
        "cashQtyIncr": 500,
        "priceMagnifier": None,
        "negativeCapable": False,
        "incrementType": 1,
        "incrementRules": descriptions.increments(contract),
        "hasSecondary": True,
        "increment": contract.tick,
        "incrementDigits": contract.digits,
    }


def _algorithms(call: Call) -> Any:
    """Algorithms for a contract; the first call finds none yet (documented)."""
    contract = asked.contract(call, call.path["conid"], 503)
    wanted = asked.listed(call.query.get("algos", ""), ";")
    if len(wanted) > _MOST_ALGORITHMS:
        message = f"Bad Request: more than {_MOST_ALGORITHMS} algos"
        raise refuse(message)
    is_first = asked.times(call, "algorithms", contract.conid) == 1
    if contract.kind != "STK" or is_first:
        return {"algos": []}
    shown = [name for name in _ALGORITHMS if name in wanted or not wanted]
    return {"algos": [_algorithm(call, name) for name in shown]}


def _algorithm(call: Call, key: str) -> dict[str, Any]:
    name, parameters = _ALGORITHMS[key]
    row: dict[str, Any] = {"name": name, "id": key}
    if call.query.get("addParams") != "1":
        return row
    hidden = () if call.query.get("addDescription") == "1" else ("description",)
    row["parameters"] = [
        {key: value for key, value in parameter.items() if key not in hidden}
        for parameter in parameters
    ]
    return row


HANDLERS: Final[Mapping[str, Handler]] = {
    "post_iserver_contract_rules": _rules_by_body,
    "get_iserver_contract_algos": _algorithms,
    "get_iserver_contract_info": _info,
    "get_iserver_contract_info_and_rules": _info_and_rules,
}
