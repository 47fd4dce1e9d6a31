"""How contracts are described: names, exchanges, industries, and the rules of their prices."""

from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from bezant.mock.world import Contract


class Industry(NamedTuple):
    """What a company does, from the widest term to the narrowest."""

    sector: str
    group: str
    category: str


INDUSTRIES: Final = {
    "AAPL": Industry("Technology", "Computers", "Computers"),
    "AMD": Industry("Technology", "Semiconductors", "Electronic Compo-Semicon"),
    "IBKR": Industry("Financial", "Diversified Finan Serv", "Finance-Invest Bnkr/Brkr"),
    "IBM": Industry("Technology", "Computers", "Computer Services"),
    "MSFT": Industry("Technology", "Software", "Applications Software"),
}
_FUNDS: Final = ("SPY", "QQQ")
_EXCHANGES: Final = {
    "STK": "SMART,AMEX,NYSE,CBOE,PHLX,ISE,CHX,ARCA,NASDAQ,DRCTEDGE,BEX,BATS,EDGEA,BYX,IEX",
    "OPT": "SMART,AMEX,CBOE,PHLX,PSE,ISE,BOX,BATS,NASDAQOM,CBOE2,NASDAQBX,MIAX,GEMINI,EDGX",
}
OPTION_EXCHANGES: Final = _EXCHANGES["OPT"].replace(",", ";")
_SMART_KINDS: Final = ("STK", "OPT", "BOND")


def industry(contract: Contract) -> Industry | None:
    """What the company of a contract does, where that is known."""
    return INDUSTRIES.get(contract.symbol) if contract.kind in ("STK", "OPT") else None


def is_home(contract: Contract) -> bool:
    """Whether a contract is listed in the United States."""
    return contract.currency == "USD"


def exchanges(contract: Contract) -> str:
    """Where a contract can be traded."""
    return (
        _EXCHANGES.get(contract.kind, contract.exchange) if is_home(contract) else contract.exchange
    )


def routing(contract: Contract) -> str:
    """The exchange that orders go to by themselves."""
    is_smart = contract.kind in _SMART_KINDS and is_home(contract)
    return "SMART" if is_smart else contract.exchange


def listing(contract: Contract) -> str:
    """The exchange of the listing."""
    return "AMEX" if contract.kind == "OPT" else contract.exchange


def expiry(contract: Contract) -> date:
    """The day on which a contract ends."""
    return datetime.strptime(contract.expiry, "%Y%m%d").date()


def last_trading_day(contract: Contract) -> str:
    """The last day of trading: futures end the day after it."""
    if contract.kind != "FUT":
        return contract.expiry
    return f"{expiry(contract) - timedelta(days=1):%Y%m%d}"


def short_name(contract: Contract) -> str:
    """What positions call a contract, such as `SPY    JAN2025 440 C [SPY   250117C00440000 100]`."""
    if contract.kind == "CASH":
        return contract.name
    if not contract.expiry or contract.kind == "BOND":
        return contract.symbol
    month = f"{expiry(contract):%b%Y}".upper()
    if contract.kind == "FUT":
        return f"{contract.symbol:<9}{month}"
    code = (
        f"{contract.symbol:<6}{contract.expiry[2:]}{contract.right}{contract.strike * 1000:08.0f}"
    )
    strike = f"{contract.strike:g} {contract.right}"
    return f"{contract.symbol:<6} {month} {strike} [{code} {contract.multiplier:g}]"


def full_name(contract: Contract) -> str:
    """A contract's name with its terms, such as `SPY Jan17'25 440 Call`."""
    if contract.kind == "BOND":
        return f"{contract.symbol} {contract.coupon:g} {expiry(contract):%m/%d/%y}"
    if not contract.expiry:
        return contract.symbol
    terms = f"{contract.symbol} {expiry(contract):%b%d'%y}"
    return f"{terms} {contract.strike:g} {side(contract)}" if contract.right else terms


def side(contract: Contract) -> str:
    """`Call` or `Put`."""
    return "Call" if contract.right == "C" else "Put"


def kind_of_stock(contract: Contract) -> str:
    """`ETF` or `COMMON`; empty where it is no stock."""
    if contract.kind != "STK":
        return ""
    return "ETF" if contract.symbol in _FUNDS else "COMMON"


def increments(contract: Contract) -> list[dict[str, float]]:
    """The steps of a contract's prices."""
    return [{"lowerEdge": 0.0, "increment": contract.tick}]


def definition(contract: Contract, has_options: bool) -> dict[str, Any]:
    """What both positions and definitions say of a contract, in the names that they share."""
    known = industry(contract)
    step = {"decimalDigits": contract.digits, "lowerEdge": 0.0, "wholeDigits": 4}
    return {
        "incrementRules": increments(contract),
        "displayRule": {"magnification": 0, "displayRuleStep": [step]},
        "time": 64,
        "allExchanges": exchanges(contract),
        "listingExchange": listing(contract),
        "countryCode": "US" if is_home(contract) else "",
        "name": contract.name,
        "assetClass": contract.kind,
        "expiry": contract.expiry or None,
        "lastTradingDay": last_trading_day(contract) or None,
        "group": known.group if known else None,
        "sector": known.sector if known else None,
        "sectorGroup": known.category if known else None,
        "putOrCall": contract.right or None,
        "strike": f"{contract.strike:g}",
        "ticker": contract.symbol,
        "undConid": contract.underlying,
        "multiplier": contract.multiplier,
        "type": kind_of_stock(contract),
        "hasOptions": has_options,
        "fullName": full_name(contract),
        "isUS": is_home(contract),
        "isEventContract": False,
    }
