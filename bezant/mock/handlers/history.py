"""Bars of the past over HTTP."""

from collections.abc import Mapping
from typing import Any, Final

from bezant.mock import bars
from bezant.mock.call import Call, Handler, Refused, refuse
from bezant.mock.handlers import asked
from bezant.mock.http import json_reply

_SERVER_ID: Final = "20477"


def _history(call: Call) -> Any:
    query = call.query
    conid = asked.integer(asked.needed(query, "conid"), "conid")
    contract = call.state.world.contracts.get(conid)
    if contract is None:
        raise _unavailable("No data.")
    if query.get("direction", "-1") != "-1":
        raise _unavailable("Chart data unavailable")
    period, bar, start = (query.get(name, "") for name in ("period", "bar", "startTime"))
    try:
        chart = bars.chart(call.state.world, contract, period, bar, start)
    except bars.NoChart as error:
        raise _unavailable(str(error)) from error
    except bars.BadChart as error:
        message = f"Bad Request: {error}"
        raise refuse(message) from error
    is_outside = asked.is_true(query.get("outsideRth"))
    return {"serverId": _SERVER_ID, **chart, "outsideRth": is_outside}


def _unavailable(reason: str) -> Refused:
    """Why there is no chart: an error without the usual status in it (observed on the live API)."""
    return Refused(json_reply({"error": reason}, 500))


HANDLERS: Final[Mapping[str, Handler]] = {"get_iserver_marketdata_history": _history}
