"""Accounts of the brokerage session: their list, the selected one, and what they are worth."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bezant.mock import ledger
from bezant.mock.account_list import listed
from bezant.mock.call import Call, Handler
from bezant.mock.figures import Figures, Segment
from bezant.mock.handlers import asked
from bezant.mock.world import Account

_SPELLED: Final = {
    "total_cash": "cashbalance",
    "settled_cash": "settledcash",
    "stock": "stockmarketvalue",
    "options": "stockoptionmarketvalue",
    "futures": "futuremarketvalue",
    "bonds": "corporatebondsmarketvalue",
    "net_liquidation": "netliquidationvalue",
    "unrealized_pnl": "unrealizedpnl",
    "realized_pnl": "realizedpnl",
}
"""How market values spell what a ledger has."""
_NOTHING_HELD: Final = (
    *("future_options", "funds", "dividends_receivable", "mutual_funds", "money_market"),
    *("Govt Bonds", "t_bills", "warrants", "issuer_option", "commodity", "Notional CFD", "cfd"),
    *("Cryptocurrency", "MTD Interest"),
)


def _accounts(call: Call) -> Any:
    call.state.session.accounts_queried = True
    return listed(call.state)


def _switch(call: Call) -> Any:
    account = _named(call)
    if account.id == call.state.world.selected:
        return {"success": "Account already set"}
    return _select(call, account)


def _switch_dynamic(call: Call) -> Any:
    return _select(call, _named(call))


def _named(call: Call) -> Account:
    """The account of a body; an unknown one is a server error (observed on the live API)."""
    return asked.known_account(call, asked.needed(call.body(), "acctId"), 500)


def _select(call: Call, account: Account) -> Any:
    call.state.world.selected = account.id
    return {"set": True, "acctId": account.id}


def _search(call: Call) -> Any:
    pattern = call.path["searchPattern"]
    names = [account.id for account in call.state.world.accounts]
    found = [name for name in names if pattern.strip("*").upper() in name]
    matched = [{"accountId": name, "alias": name, "allocationId": name} for name in found]
    return {"matchedAccounts": matched, "pattern": pattern}


def _owners(call: Call) -> Any:
    account = asked.account(call)
    first, _, last = account.title.partition(" ")
    entity = {"firstName": first, "lastName": last, "entityType": "INDIVIDUAL"}
    user = {
        "roleId": "OWNER",
        "hasRightCodeInd": True,
        "userName": call.state.session.username,
        "entity": {**entity, "entityName": account.title},
    }
    applicant = {"signatures": [account.title]}
    return {"accountId": account.id, "users": [user], "applicant": applicant}


def _profits(call: Call) -> Any:
    return {"upnl": ledger.profits(call.state.world)}


def _summary(call: Call) -> Any:
    figures = Figures(call.state.world, asked.account(call).id)
    total = figures.total()
    amounts = {
        "balance": total.net,
        "SMA": total.net - total.regulation_t,
        "buyingPower": total.power,
        "availableFunds": total.available,
        "excessLiquidity": total.excess,
        "netLiquidationValue": total.net,
        "equityWithLoanValue": total.net,
        "regTLoan": 0.0,
        "securitiesGVP": figures.securities().gross,
        "totalCashValue": total.cash,
        "accruedInterest": 0.0,
        "regTMargin": total.regulation_t,
        "initialMargin": total.initial,
        "maintenanceMargin": total.maintenance,
    }
    rounded = {name: round(amount, 2) for name, amount in amounts.items()}
    balances = _balances(figures, total.cash)
    return {"accountType": "", "status": "", **rounded, "cashBalances": balances}


def _balances(figures: Figures, total: float) -> list[dict[str, Any]]:
    amounts = {name: figures.cash(name) for name in figures.currencies()}
    amounts[f"Total (in {figures.base})"] = round(total, 2)
    return [
        {"currency": name, "balance": amount, "settledCash": amount}
        for name, amount in amounts.items()
    ]


def _funds(part: Segment, text: "_Text") -> dict[str, str]:
    available, excess = text(part.available), text(part.excess)
    return {
        "current_available": available,
        "current_excess": excess,
        "buying_power": text(part.power),
        "leverage": f"{part.leverage:.2f}",
        "look_ahead_available": available,
        "look_ahead_excess": excess,
    }


def _equities(part: Segment, text: "_Text") -> dict[str, str]:
    return {
        "net_liquidation": text(part.net),
        "equity_with_loan": text(part.net),
        "cash": text(part.cash),
        "MTD Interest": text(0.0),
        "previous_day_equity_with_loan": text(part.before),
    }


def _margins(part: Segment, text: "_Text") -> dict[str, str]:
    return {
        "current_initial": text(part.initial),
        "current_maint": text(part.maintenance),
        "look_ahead_initial": text(part.initial),
        "look_ahead_maint": text(part.maintenance),
        "RegT Margin": text(part.regulation_t),
    }


_Text = Callable[[float], str]


def _segments(row: Callable[[Segment, _Text], dict[str, str]]) -> Handler:
    """A handler with a row for each segment, its amounts as text with the currency."""

    def handler(call: Call) -> Any:
        figures = Figures(call.state.world, asked.account(call).id)

        def text(amount: float) -> str:
            return f"{_whole(amount)} {figures.base}"

        return {
            "total": row(figures.total(), text),
            "Crypto at Paxos": row(Segment(), text),
            "commodities": row(figures.commodities(), text),
            "securities": row(figures.securities(), text),
        }

    return handler


def _market_value(call: Call) -> Any:
    figures = Figures(call.state.world, asked.account(call).id)
    rows = {
        name: _values(ledger.amounts(figures, name), figures.world.rate(name))
        for name in figures.currencies()
    }
    return {**rows, f"Total (in {figures.base})": _values(ledger.in_base(figures), 1.0)}


def _values(amounts: Mapping[str, float], rate: float) -> dict[str, str]:
    return {
        **{name: _whole(amounts[key]) for name, key in _SPELLED.items()},
        **dict.fromkeys(_NOTHING_HELD, _whole(0.0)),
        "Exchange Rate": "1.00" if rate == 1.0 else f"{rate:.7g}",
    }


def _whole(amount: float) -> str:
    """An amount without cents and with commas, as the live API writes it."""
    return f"{round(amount):,}"


HANDLERS: Final[Mapping[str, Handler]] = {
    "get_acesws_signatures_and_owners": _owners,
    "post_iserver_account": _switch,
    "get_iserver_account_pnl_partitioned": _profits,
    "get_iserver_account_search_by_search_pattern": _search,
    "get_iserver_account_summary": _summary,
    "get_iserver_account_summary_available_funds": _segments(_funds),
    "get_iserver_account_summary_balances": _segments(_equities),
    "get_iserver_account_summary_margins": _segments(_margins),
    "get_iserver_account_summary_market_value": _market_value,
    "get_iserver_accounts": _accounts,
    "post_iserver_dynaccount": _switch_dynamic,
}
