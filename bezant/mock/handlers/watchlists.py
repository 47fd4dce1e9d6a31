"""Watchlists: making, showing and deleting them."""

from collections.abc import Mapping
from typing import Any, Final

from bezant.mock import descriptions
from bezant.mock.call import Call, Handler
from bezant.mock.handlers import asked
from bezant.mock.watchlists import BLANK, Watchlist

_SHOWN: Final = "watchlist"


def _all(call: Call) -> Any:
    lists = call.state.watchlists.lists.values()
    data = {"scanners_only": False, "show_scanners": False, "bulk_delete": False}
    return {
        "data": {**data, "user_lists": list(map(_listed, lists))},
        "action": "content",
        "MID": "1",
    }


def _listed(found: Watchlist) -> dict[str, Any]:
    return {
        "is_open": False,
        "read_only": False,
        "name": found.name,
        "modified": found.modified,
        "id": found.id,
        "type": "watchlist",
    }


def _show(call: Call) -> Any:
    """The first call of a brokerage session has the contracts found, the next one shows them whole."""
    name = str(asked.needed(call.query, "id"))
    lists = call.state.watchlists.lists
    asked.insist(name in lists, f"no watchlist {name}")
    is_first = asked.times(call, _SHOWN, int(name)) == 1
    return _head(lists[name], [_row(call, conid, is_first) for conid in lists[name].rows])


def _head(found: Watchlist, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": found.id,
        "hash": str(found.modified),
        "name": found.name,
        "readOnly": False,
        "instruments": rows,
    }


def _row(call: Call, conid: str, is_first: bool) -> dict[str, Any]:
    if conid == BLANK:
        return {"H": ""}
    contract = call.state.world.contracts.get(int(conid))
    row = {"C": conid, "conid": int(conid), "name": contract.name if contract else ""}
    if contract is None or is_first:
        return row
    return {
        "ST": contract.kind,
        **row,
        "fullName": descriptions.full_name(contract),
        "assetClass": contract.kind,
        "ticker": contract.symbol,
        "chineseName": "",
    }


def _create(call: Call) -> Any:
    """Make a list, or overwrite the one of that id; its contracts come with the next look at it."""
    body = call.body()
    name = str(asked.needed(body, "id"))
    asked.insist(_is_number(name), f"id is no number: {name}")
    rows = body.get("rows")
    asked.insist(isinstance(rows, list), "rows are required")
    conids = tuple(map(_conid, rows or ()))
    return _head(call.state.watchlists.save(name, str(asked.needed(body, "name")), conids), [])


def _conid(row: Any) -> str:
    """The contract id of a row, known or not; a row with nothing but `H` is blank."""
    asked.insist(isinstance(row, dict) and ("C" in row or "H" in row), f"no row of a list: {row}")
    if "C" not in row:
        return BLANK
    conid = str(row["C"])
    asked.insist(_is_number(conid), f"C is no number: {conid}")
    return conid


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _delete(call: Call) -> Any:
    """Deleted is also what there was not (observed on the live API)."""
    name = str(asked.needed(call.query, "id"))
    call.state.watchlists.delete(name)
    return {"data": {"deleted": name}, "action": "context", "MID": "2"}


HANDLERS: Final[Mapping[str, Handler]] = {
    "get_iserver_watchlists": _all,
    "get_iserver_watchlist": _show,
    "post_iserver_watchlist": _create,
    "delete_iserver_watchlist": _delete,
}
