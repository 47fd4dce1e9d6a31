"""Scenarios of market data."""

from typing import TYPE_CHECKING, Final

from bezant.mock.http import error_reply, json_reply
from bezant.mock.scenarios.scenario import Scenario, Start, answering

if TYPE_CHECKING:
    from bezant.mock.gateway import MockGateway

_HISTORY: Final = "get_iserver_marketdata_history"


def _available(letters: str) -> Start:
    """Say of all contracts how live their data is."""

    def start(gateway: "MockGateway") -> None:
        gateway.world.availability.update(dict.fromkeys(gateway.world.contracts, letters))

    return start


def _marked(letter: str) -> Start:
    """Put a letter before the last price of all contracts."""

    def start(gateway: "MockGateway") -> None:
        gateway.world.prefixes.update(dict.fromkeys(gateway.world.contracts, letter))

    return start


SCENARIOS: Final = (
    Scenario("delayed-data", "Market data is 15 minutes late, by what it says.", _available("DPB")),
    Scenario("frozen-data", "Market data is of the last close, by what it says.", _available("ZB")),
    Scenario(
        "frozen-delayed-data",
        "Market data is of the last close and late, by what it says.",
        _available("YB"),
    ),
    Scenario("no-market-data", "No market data without a subscription.", _available("N")),
    Scenario(
        "unsigned-agreement",
        "No market data before the yearly agreement is signed.",
        _available("O"),
    ),
    Scenario("close-prices", "Last prices are of the day before: `C189.10`.", _marked("C")),
    Scenario("halted", "Trading is halted: `H189.10`.", _marked("H")),
    Scenario(
        "history-not-ready",
        "The first call for bars fails with 500.",
        answering(error_reply("Internal Server Error", 500), _HISTORY, times=1),
    ),
    Scenario(
        "history-not-found",
        "The first call for bars fails with 404.",
        answering(error_reply("Not Found", 404), _HISTORY, times=1),
    ),
    Scenario(
        "no-history",
        "There are no bars.",
        answering(json_reply({"error": "No data."}, 500), _HISTORY),
    ),
)
