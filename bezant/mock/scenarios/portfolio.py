"""Scenarios of portfolios, of their performance, and of what is about the account: alerts and messages."""

from typing import Final

from bezant.mock.http import error_reply, json_reply
from bezant.mock.scenarios.scenario import Scenario, answering

_FAILED: Final = error_reply("Internal Server Error", 500)
_PERFORMANCE: Final = ("post_pa_performance", "post_pa_allperiods", "post_pa_transactions")
_ALLOCATION: Final = ("get_portfolio_allocation", "post_portfolio_allocation")
_POSITIONS: Final = ("get_portfolio_positions_by_page_id", "get_portfolio2_positions")
_ALERT: Final = "post_iserver_account_alert"
_NOT_SET: Final = {
    "request_id": None,
    "order_id": 0,
    "success": False,
    "text": "Alert was not submitted",
    "order_status": None,
    "warning_message": None,
}

SCENARIOS: Final = (
    Scenario(
        "positions-empty-first",
        "The first list of positions is empty though there are some.",
        answering(json_reply([]), *_POSITIONS, times=1),
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
    Scenario(
        "alerts-forbidden",
        "Alerts cannot be made, as on paper accounts: 403.",
        answering(error_reply("Forbidden", 403), _ALERT),
    ),
    Scenario(
        "alerts-fail",
        "Alerts are not made, and only `success` in the answer says so.",
        answering(json_reply(_NOT_SET), _ALERT),
    ),
    Scenario(
        "messages-not-set-up",
        "Nobody has set messages up: their count fails with 423.",
        answering(error_reply("Locked", 423), "get_fyi_unreadnumber"),
    ),
)
