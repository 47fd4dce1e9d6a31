"""The portfolio: its accounts, their ledgers and summaries, and how their value is spread."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from bezant_api import example

from bezant.mock import descriptions, ledger
from bezant.mock.call import Call, Handler
from bezant.mock.figures import Figures, Segment
from bezant.mock.handlers import asked, positions
from bezant.mock.world import Account, Holding

_SUBACCOUNTS_PAGE: Final = 20
_OPENED: Final = 1769922000000
_PARENT: Final = {
    "mmc": [],
    "accountId": "",
    "isMParent": False,
    "isMChild": False,
    "isMultiplex": False,
}
_NO_POSITIONS: Final = (
    *("cashbalancefxsegment", "commoditymarketvalue", "cryptocurrencyvalue", "dividends", "funds"),
    *("futureoptionmarketvalue", "interest", "issueroptionsmarketvalue", "moneyfunds"),
    *("tbillsmarketvalue", "tbondsmarketvalue", "warrantsmarketvalue"),
)


def _described(account: Account, has_access: bool) -> dict[str, Any]:
    return {
        "id": account.id,
        "PrepaidCrypto-Z": False,
        "PrepaidCrypto-P": False,
        "brokerageAccess": has_access,
        "accountId": account.id,
        "accountVan": account.id,
        "accountTitle": account.title,
        "displayName": account.title,
        "accountAlias": None,
        "accountStatus": _OPENED,
        "currency": account.currency,
        "type": "DEMO",
        "tradingType": "STKNOPT",
        "businessType": "INDEPENDENT",
        "category": "",
        "ibEntity": "IBLLC-US",
        "faclient": False,
        "clearingStatus": "O",
        "covestor": False,
        "noClientTrading": False,
        "trackVirtualFXPortfolio": False,
        "acctCustType": "INDIVIDUAL",
        "parent": _PARENT,
        "desc": account.id,
    }


def _accounts(call: Call) -> Any:
    call.state.session.portfolio_queried = True
    return [_described(account, has_access=True) for account in call.state.world.accounts]


def _subaccounts(call: Call) -> Any:
    call.state.session.portfolio_queried = True
    return [_described(account, has_access=False) for account in call.state.world.accounts]


def _subaccounts_paged(call: Call) -> Any:
    """A bare list (observed on the live API), although the documentation has one in an object."""
    rows = _subaccounts(call)
    page = asked.integer(call.query.get("page", "0"), "page")
    first = page * _SUBACCOUNTS_PAGE
    return rows[first : first + _SUBACCOUNTS_PAGE]


def _meta(call: Call) -> Any:
    return _described(asked.account(call), has_access=False)


def _ledger(call: Call) -> Any:
    figures = Figures(call.state.world, asked.account(call).id)
    rows = {name: _row(figures, name) for name in figures.currencies()}
    rows[figures.base]["endofbundle"] = 1
    return {**rows, "BASE": _entry(figures, "BASE", ledger.in_base(figures), 1.0)}


def _row(figures: Figures, currency: str) -> dict[str, Any]:
    amounts = ledger.amounts(figures, currency)
    return _entry(figures, currency, amounts, figures.world.rate(currency))


def _entry(
    figures: Figures, currency: str, amounts: Mapping[str, float], rate: float
) -> dict[str, Any]:
    return {
        **amounts,
        "futuresonlypnl": amounts["futuremarketvalue"],
        **dict.fromkeys(_NO_POSITIONS, 0.0),
        "acctcode": figures.account,
        "currency": currency,
        "exchangerate": rate,
        "key": "LedgerList",
        "secondkey": currency,
        "sessionid": 1,
        "severity": 0,
        "timestamp": int(figures.world.clock.now()),
    }


def _summary(call: Call) -> Any:
    account = asked.account(call)
    figures = Figures(call.state.world, account.id)
    known = {
        **_keyed("", figures.total()),
        **_keyed("-c", figures.commodities()),
        **_keyed("-s", figures.securities()),
    }
    texts = {"accountcode": account.id, "accounttype": "INDIVIDUAL"}
    timestamp = call.state.clock.milliseconds()
    return {
        name: _value(row, known.get(name, 0.0), texts.get(name, row["value"]), timestamp)
        for name, row in example("get_portfolio_summary").body.items()
    }


def _value(row: Mapping[str, Any], amount: float, text: str | None, timestamp: int) -> Any:
    """A row as the documented one, with this account's amount."""
    currency = row["currency"]
    shown = amount if currency is not None else 0.0
    return {**row, "amount": round(shown, 2), "value": text, "timestamp": timestamp}


def _keyed(suffix: str, part: Segment) -> dict[str, float]:
    """The amounts of a segment by the keys of the summary."""
    amounts: dict[str, float] = {
        "netliquidation": part.net,
        "equitywithloanvalue": part.net,
        "previousdayequitywithloanvalue": part.before,
        "totalcashvalue": part.cash,
        "grosspositionvalue": part.gross,
        "buyingpower": part.power,
        "regtequity": part.net,
        "regtmargin": part.regulation_t,
        "sma": part.net - part.regulation_t,
        "availabletotrade": part.available,
        "availabletowithdraw": max(0.0, min(part.cash, part.available)),
    }
    for kind in ("", "full", "lookahead"):
        amounts |= {
            f"{kind}availablefunds": part.available,
            f"{kind}excessliquidity": part.excess,
            f"{kind}initmarginreq": part.initial,
            f"{kind}maintmarginreq": part.maintenance,
        }
    return {f"{name}{suffix}": amount for name, amount in amounts.items()}


def _allocation(call: Call) -> Any:
    account = asked.account(call)
    return _spread(call, [] if call.query.get("model") else [account])


def _consolidated(call: Call) -> Any:
    return _spread(call, asked.accounts(call, call.body().get("acctIds")))


def _spread(call: Call, accounts: Iterable[Account]) -> Any:
    """How the value of accounts is spread over kinds and industries, long and short apart."""
    answer: dict[str, Any] = {
        key: {"long": {}, "short": {}} for key in ("assetClass", "sector", "group")
    }
    for account in accounts:
        figures = Figures(call.state.world, account.id)
        for holding in figures.holdings():
            amount = figures.in_base(holding, figures.value(holding))
            for key, label in _labels(holding):
                _add(answer[key], label, amount)
        for currency in figures.currencies():
            amount = figures.cash(currency) * figures.world.rate(currency)
            _add(answer["assetClass"], "CASH", amount)
    return answer


def _labels(holding: Holding) -> Iterator[tuple[str, str]]:
    known = descriptions.industry(holding.contract)
    yield "assetClass", holding.contract.kind
    yield "sector", known.sector if known else "Others"
    yield "group", known.group if known else "Others"


def _add(sides: dict[str, dict[str, float]], label: str, amount: float) -> None:
    if amount:
        side = sides["long" if amount > 0 else "short"]
        side[label] = round(side.get(label, 0.0) + amount, 2)


HANDLERS: Final[Mapping[str, Handler]] = {
    "get_portfolio_accounts": _accounts,
    "post_portfolio_allocation": _consolidated,
    "get_portfolio_subaccounts": _subaccounts,
    "get_portfolio_subaccounts2": _subaccounts_paged,
    "get_portfolio_allocation": _allocation,
    "get_portfolio_ledger": _ledger,
    "get_portfolio_meta": _meta,
    "get_portfolio_summary": _summary,
    **positions.HANDLERS,
}
