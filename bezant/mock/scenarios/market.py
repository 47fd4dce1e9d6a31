"""Scenarios of market data."""

from typing import TYPE_CHECKING, Final

from bezant.mock.http import error_reply, json_reply
from bezant.mock.scenarios.scenario import Scenario, Start, Stop, answering, insisting, setting

if TYPE_CHECKING:
    from bezant.mock.gateway import MockGateway

WITHHELD: Final = "84"
"""The code of the bid."""
_HISTORY: Final = "get_iserver_marketdata_history"
_UNSUBSCRIBE: Final = "post_iserver_marketdata_unsubscribe"


def _of_all(knob: str, letters: str) -> Start:
    """Say something about the data of all contracts, for as long as it is not stopped."""

    def start(gateway: "MockGateway") -> Stop:
        said = dict.fromkeys(gateway.world.contracts, letters)
        return setting("world", **{knob: said})(gateway)

    return start


def _available(letters: str) -> Start:
    return _of_all("availability", letters)


def _marked(letter: str) -> Start:
    return _of_all("prefixes", letter)


SCENARIOS: Final = (
    Scenario(
        "warm-ups",
        "Snapshots fill up over three calls, and lists of orders and executions over two.",
        insisting(warm_ups=True),
    ),
    Scenario(
        "withheld-field",
        f"One field never arrives in snapshots and streams: {WITHHELD}, the bid.",
        setting("world", withheld=frozenset({WITHHELD})),
    ),
    Scenario("delayed-data", "Market data is 15 minutes late, by what it says.", _available("DPB")),
    Scenario("frozen-data", "Market data is of the last close, by what it says.", _available("ZB")),
    Scenario(
        "frozen-delayed-data",
        "Market data is of the last close and late, by what it says.",
        _available("YB"),
    ),
    Scenario(
        "streaming-data",
        "Market data is `S`, which the live API says and no page explains.",
        _available("S"),
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
    Scenario(
        "no-chart",
        "Bars cannot be had.",
        answering(json_reply({"error": "Chart data unavailable"}, 500), _HISTORY),
    ),
    Scenario(
        "nothing-to-unsubscribe",
        "Whatever is unsubscribed was not subscribed: 500.",
        answering(json_reply({"error": "unknown"}, 500), _UNSUBSCRIBE),
    ),
    Scenario(
        "scans-cut-short",
        "Scans give two rows at most.",
        setting("world", scan_rows=2),
    ),
)
