"""Market data: snapshots, which fill up from call to call, and their end."""

from collections.abc import Mapping
from typing import Any, Final

from bezant.mock import quotes
from bezant.mock.call import Call, Handler, Refused, refuse
from bezant.mock.handlers import asked, history, scanner
from bezant.mock.http import json_reply

_MOST_CONTRACTS: Final = 100
_MOST_FIELDS: Final = 50
_SUBSCRIPTION: Final = "snapshot"


def _snapshot(call: Call) -> Any:
    """Rows of the contracts that there are; unknown ones are left out (observed on the live API)."""
    conids = [
        asked.integer(text, "conids")
        for text in asked.listed(str(asked.needed(call.query, "conids")))
    ]
    codes = asked.listed(call.query.get("fields", ""))
    _limit("conids", len(conids), _MOST_CONTRACTS)
    _limit("fields", len(codes), _MOST_FIELDS)
    known = [conid for conid in dict.fromkeys(conids) if conid in call.state.world.contracts]
    return [_row(call, conid, codes) for conid in known]


def _limit(name: str, count: int, most: int) -> None:
    if count > most:
        message = f"Bad Request: more than {most} {name}"
        raise refuse(message)


def _row(call: Call, conid: int, codes: list[str]) -> dict[str, Any]:
    """The first call subscribes and gets nothing yet, the second a half, the third everything."""
    stub: dict[str, Any] = {"conid": conid, "conidEx": str(conid)}
    times = asked.times(call, _SUBSCRIPTION, conid)
    if times == 1 or not _is_open(call, conid):
        return stub
    world = call.state.world
    arrived = codes if times >= asked.COMPLETE else codes[: (len(codes) + 1) // 2]
    return {
        **stub,
        "_updated": call.state.clock.milliseconds(),
        "server_id": "q0",
        "6119": "q0",
        quotes.AVAILABILITY: quotes.availability(world, conid),
        **quotes.values(world, world.selected, conid, arrived),
    }


def _is_open(call: Call, conid: int) -> bool:
    """Derivatives have no data before their underlying was searched (documented)."""
    underlying = call.state.world.contracts[conid].underlying
    is_searched = underlying in asked.before(call).searched
    return is_searched or not underlying or not call.state.rules.preflights


def _unsubscribe(call: Call) -> Any:
    conid = asked.integer(asked.needed(call.body(), "conid"), "conid")
    if not asked.before(call).forget(_SUBSCRIPTION, conid):
        raise Refused(json_reply({"error": "unknown"}, 500))
    return {"success": True}


def _unsubscribe_all(call: Call) -> Any:
    asked.before(call).forget_all(_SUBSCRIPTION)
    return {"unsubscribed": True}


HANDLERS: Final[Mapping[str, Handler]] = {
    "get_iserver_marketdata_snapshot": _snapshot,
    "post_iserver_marketdata_unsubscribe": _unsubscribe,
    "get_iserver_marketdata_unsubscribeall": _unsubscribe_all,
    **history.HANDLERS,
    **scanner.HANDLERS,
}
