"""Scenarios of finding contracts, and of when they trade."""

from typing import Any, Final

from bezant.mock.http import error_reply, json_reply
from bezant.mock.scenarios.scenario import Scenario, answering, becoming, edited

_SEARCH: Final = "get_iserver_secdef_search"
_STRIKES: Final = "get_iserver_secdef_strikes"
_INFO: Final = "get_iserver_secdef_info"
_SCHEDULE: Final = "get_trsrv_secdef_schedule"


def _single_sessions(venues: Any) -> Any:
    """Days with one session have it without the list."""
    for venue in venues:
        for day in venue["schedules"]:
            if len(day["sessions"]) == 1:
                [day["sessions"]] = day["sessions"]
    return venues


SCENARIOS: Final = (
    Scenario(
        "unknown-symbols",
        "No symbol is found: an error with status 200.",
        answering(json_reply({"error": "No symbol found"}), _SEARCH),
    ),
    Scenario(
        "no-strikes",
        "Months have no strikes, as before the search for their underlying.",
        answering(json_reply({"call": [], "put": []}), _STRIKES),
    ),
    Scenario(
        "no-contracts",
        "Derivatives are not found: 500.",
        answering(error_reply("no contracts retrieved", 500), _INFO),
    ),
    Scenario(
        "single-sessions",
        "Days with one trading session have an object in place of a list.",
        becoming(edited(_single_sessions), _SCHEDULE),
    ),
)
