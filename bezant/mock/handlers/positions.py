"""Positions in both of their forms: by pages with much detail, and at once with little."""

from collections.abc import Mapping
from typing import Any, Final

from bezant.mock import descriptions
from bezant.mock.call import Call, Handler, refuse
from bezant.mock.figures import Figures
from bezant.mock.handlers import asked
from bezant.mock.world import Holding, World

PAGE: Final = 100
_DESCRIBED: Final = "description"


def _row(figures: Figures, holding: Holding) -> dict[str, Any]:
    """A position before its contract's details are there."""
    contract = holding.contract
    return {
        "acctId": figures.account,
        "conid": contract.conid,
        "contractDesc": descriptions.short_name(contract),
        "position": holding.quantity,
        "mktPrice": figures.world.price(contract.conid),
        "mktValue": figures.value(holding),
        "currency": contract.currency,
        "avgCost": holding.cost * contract.factor,
        "avgPrice": holding.cost,
        "realizedPnl": round(holding.realized, 2),
        "unrealizedPnl": figures.unrealized(holding),
        "exchs": None,
        "expiry": None,
        "putOrCall": None,
        "multiplier": None,
        "strike": 0.0,
        "exerciseStyle": None,
        "conExchMap": [],
        "assetClass": contract.kind,
        "undConid": contract.underlying,
        "model": "",
    }


def _detailed(world: World, row: dict[str, Any]) -> dict[str, Any]:
    contract = world.contracts[row["conid"]]
    details = descriptions.definition(contract, contract.conid in world.optioned)
    underlying = world.contracts.get(contract.underlying)
    if underlying is not None:
        details |= {"undComp": underlying.name, "undSym": underlying.symbol}
    return {**row, **details, "pageSize": PAGE}


def _answered(call: Call, rows: list[dict[str, Any]], waits: bool = False) -> list[dict[str, Any]]:
    """Rows with details where a call before has had them loaded (observed on the live API)."""
    counts = {row["conid"]: asked.times(call, _DESCRIBED, row["conid"]) for row in rows}
    world = call.state.world
    return [_detailed(world, row) if waits or counts[row["conid"]] > 1 else row for row in rows]


def _page(call: Call) -> Any:
    account = asked.account(call)
    page = asked.integer(call.path["pageId"], "pageId")
    if page < 0:
        message = f"Bad Request: page {page}"
        raise refuse(message)
    figures = Figures(call.state.world, account.id)
    rows = [_row(figures, holding) for holding in _held(call, figures)]
    _sort(call.state.world, rows, call.query.get("sort", ""), call.query.get("direction", "a"))
    shown = rows[page * PAGE : (page + 1) * PAGE]
    return _answered(call, shown, asked.is_true(call.query.get("waitForSecDef")))


def _held(call: Call, figures: Figures) -> list[Holding]:
    """What is held in a model; there are none, so all of it is held outside."""
    return [] if call.query.get("model") else list(figures.holdings())


def _sort(world: World, rows: list[dict[str, Any]], member: str, direction: str) -> None:
    """Sort by a member; without one that positions have the order is that of the contracts."""
    if member:
        rows.sort(key=lambda row: _order(_detailed(world, row).get(member)))
    if direction == "d":
        rows.reverse()


def _order(value: Any) -> tuple[bool, float, str]:
    """Numbers before text, nothing last."""
    is_number = isinstance(value, int | float)
    return value is None, float(value) if is_number else 0.0, "" if is_number else str(value)


def _by_conid(call: Call) -> Any:
    conid = asked.integer(call.path["conid"], "conid")
    found: dict[str, list[dict[str, Any]]] = {}
    for account in call.state.world.accounts:
        rows = _of_contract(Figures(call.state.world, account.id), conid)
        if rows:
            found[account.id] = rows
    every = [row for rows in found.values() for row in rows]
    _answered(call, every)
    return found


def _of_contract(figures: Figures, conid: int) -> list[dict[str, Any]]:
    held = (holding for holding in figures.holdings() if holding.contract.conid == conid)
    return [_row(figures, holding) for holding in held]


def _position(call: Call) -> Any:
    figures = Figures(call.state.world, asked.account(call).id)
    return _answered(call, _of_contract(figures, asked.integer(call.path["conid"], "conid")))


def _at_once(call: Call) -> Any:
    figures = Figures(call.state.world, asked.account(call).id)
    rows = [_current(figures, holding) for holding in _held(call, figures)]
    return rows[::-1] if call.query.get("direction") == "d" else rows


def _current(figures: Figures, holding: Holding) -> dict[str, Any]:
    contract = holding.contract
    known = descriptions.industry(contract)
    return {
        "position": holding.quantity,
        "conid": str(contract.conid),
        "avgCost": holding.cost * contract.factor,
        "avgPrice": holding.cost,
        "currency": contract.currency,
        "description": descriptions.full_name(contract),
        "isLastToLoq": False,
        "marketPrice": figures.world.price(contract.conid),
        "marketValue": figures.value(holding),
        "realizedPnl": round(holding.realized, 2),
        "secType": contract.kind,
        "timestamp": int(figures.world.clock.now()),
        "unrealizedPnl": figures.unrealized(holding),
        "assetClass": contract.kind,
        "sector": known.sector if known else "",
        "group": known.group if known else "",
        "model": "",
    }


def _combinations(call: Call) -> Any:
    """Positions in combinations; nobody holds any."""
    asked.account(call)
    return []


def _invalidate(call: Call) -> Any:
    """Drop the cache: the next answers are as the first ones were."""
    asked.account(call)
    asked.before(call).forget_all(_DESCRIBED)
    return {"message": "success"}


HANDLERS: Final[Mapping[str, Handler]] = {
    "get_portfolio_positions_by_conid": _by_conid,
    "get_portfolio_combo_positions": _combinations,
    "get_portfolio_position_by_conid": _position,
    "post_portfolio_positions_invalidate": _invalidate,
    "get_portfolio_positions_by_page_id": _page,
    "get_portfolio2_positions": _at_once,
}
