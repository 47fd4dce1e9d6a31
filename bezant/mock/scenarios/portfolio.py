"""Scenarios of portfolios and of their performance."""

from typing import TYPE_CHECKING, Any, Final

from bezant.mock.faults import Fault
from bezant.mock.http import Reply, Request, error_reply, json_reply
from bezant.mock.scenarios.scenario import (
    Scenario,
    answering,
    becoming,
    edited,
    spoiling,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

_FAILED: Final = error_reply("Internal Server Error", 500)
_PERFORMANCE: Final = ("post_pa_performance", "post_pa_allperiods", "post_pa_transactions")
_ALLOCATION: Final = ("get_portfolio_allocation", "post_portfolio_allocation")
_POSITIONS: Final = ("get_portfolio_positions_by_page_id", "get_portfolio2_positions")
_INVALIDATE: Final = "post_portfolio_positions_invalidate"


def _cache() -> "Iterable[Fault]":
    """Positions stay what they were when they were first asked for, until that is invalidated."""
    kept: dict[str, Reply] = {}

    def remembered(request: Request, reply: Reply) -> Reply:
        return kept.setdefault(request.target, reply)

    def forgotten(_: Request, reply: Reply) -> Reply:
        kept.clear()
        return reply

    yield Fault(operation=_POSITIONS[0], becomes=remembered)
    yield Fault(operation=_INVALIDATE, becomes=forgotten)


def _with_segments(rows: Any) -> Any:
    """The same positions again, under the account's segment of commodities."""
    return {**rows, **{f"{account}C": held for account, held in rows.items()}}


def _blank(ledger: Any) -> Any:
    """The sum of all currencies names none."""
    return {**ledger, "BASE": {**ledger["BASE"], "currency": ""}}


SCENARIOS: Final = (
    Scenario(
        "accounts-empty-first",
        "The first list of the portfolio's accounts is empty, as in a session that is brand-new.",
        answering(json_reply([]), "get_portfolio_accounts", times=1),
    ),
    Scenario(
        "positions-empty-first",
        "The first list of positions is empty though there are some.",
        answering(json_reply([]), *_POSITIONS, times=1),
    ),
    Scenario(
        "stale-positions",
        "Pages of positions do not change until they are invalidated.",
        spoiling(_cache),
    ),
    Scenario(
        "segment-keys",
        "Positions of a contract come under the account and under its segment of commodities.",
        becoming(edited(_with_segments), "get_portfolio_positions_by_conid"),
    ),
    Scenario(
        "blank-currency",
        "The ledger's sum of all currencies has an empty currency.",
        becoming(edited(_blank), "get_portfolio_ledger"),
    ),
    Scenario(
        "profits-empty-first",
        "The first answer about profit and loss has no rows.",
        answering(json_reply({"upnl": {}}), "get_iserver_account_pnl_partitioned", times=1),
    ),
    Scenario(
        "allocation-fails",
        "Allocations fail with 500, as before positions are loaded.",
        answering(_FAILED, *_ALLOCATION),
    ),
    Scenario(
        "combinations-fail",
        "Positions in combinations fail with 500.",
        answering(_FAILED, "get_portfolio_combo_positions"),
    ),
    Scenario(
        "performance-fails", "Performance is out of order: 500.", answering(_FAILED, *_PERFORMANCE)
    ),
)
