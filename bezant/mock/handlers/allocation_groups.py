"""Groups of accounts that orders are allocated to, what their accounts are worth, and their presets."""

from collections.abc import Mapping
from typing import Any, Final

from bezant.mock.allocation_groups import COMPUTED, METHODS, Group
from bezant.mock.call import Call, Handler
from bezant.mock.figures import Figures
from bezant.mock.handlers import asked

_PRESET_METHODS: Final = ("AvailableEquity", *METHODS[1:])
"""Presets spell the first method out."""
_DONE: Final = {"success": True}


def _accounts(call: Call) -> Any:
    world = call.state.world
    return {"accounts": [_worth(Figures(world, account.id)) for account in world.accounts]}


def _worth(figures: Figures) -> dict[str, Any]:
    total = figures.total()
    amounts = {"NetLiquidation": total.net, "AvailableEquity": total.available}
    data = [{"value": f"{amount:.2f}", "key": key} for key, amount in amounts.items()]
    return {"data": data, "name": figures.account}


def _all(call: Call) -> Any:
    groups = call.state.allocation_groups.groups.values()
    return {
        "data": [
            {"allocation_method": group.method, "size": len(group.shares), "name": group.name}
            for group in groups
        ]
    }


def _single(call: Call) -> Any:
    group = _named(call, asked.needed(call.body(), "name"))
    return {
        "name": group.name,
        "accounts": [_share(name, amount) for name, amount in group.shares.items()],
        "default_method": group.method,
    }


def _share(name: str, amount: float | None) -> dict[str, Any]:
    return {"name": name} if amount is None else {"amount": amount, "name": name}


def _create(call: Call) -> Any:
    group = _wanted(call)
    _refuse_taken(call, group.name)
    call.state.allocation_groups.groups[group.name] = group
    return _DONE


def _modify(call: Call) -> Any:
    """Replace a whole group; `prev_name` is its name so far where that changes."""
    group = _wanted(call)
    before = str(call.body().get("prev_name") or group.name)
    _named(call, before)
    if group.name != before:
        _refuse_taken(call, group.name)
    call.state.allocation_groups.replace(before, group)
    return _DONE


def _delete(call: Call) -> Any:
    group = _named(call, asked.needed(call.body(), "name"))
    del call.state.allocation_groups.groups[group.name]
    return _DONE


def _named(call: Call, name: object) -> Group:
    groups = call.state.allocation_groups.groups
    asked.insist(str(name) in groups, f"no group {name}")
    return groups[str(name)]


def _refuse_taken(call: Call, name: str) -> None:
    asked.insist(name not in call.state.allocation_groups.groups, f"there is a group {name}")


def _wanted(call: Call) -> Group:
    """The group that a body describes."""
    body = call.body()
    method = asked.needed(body, "default_method")
    asked.insist(method in METHODS, f"no method {method}")
    rows = asked.needed(body, "accounts")
    asked.insist(isinstance(rows, list), "accounts is no list")
    shares = dict(_account(call, row, method) for row in rows)
    asked.insist(bool(shares), "accounts are required")
    return Group(str(asked.needed(body, "name")), method, shares)


def _account(call: Call, row: Any, method: str) -> tuple[str, float | None]:
    """An account of a group with its share, which computed methods do without."""
    asked.insist(isinstance(row, dict), "no account of a group")
    account = asked.known_account(call, asked.needed(row, "name"), 400)
    if method in COMPUTED:
        return account.id, None
    amount = asked.needed(row, "amount")
    asked.insist(isinstance(amount, int | float), f"amount is no number: {amount}")
    return account.id, amount


def _presets(call: Call) -> Any:
    return call.state.allocation_groups.presets


def _set_presets(call: Call) -> Any:
    """Change what the body names; the other presets stay."""
    presets = call.state.allocation_groups.presets
    wanted = call.body()
    for name, value in wanted.items():
        asked.insist(name in presets, f"no preset {name}")
        is_method = name == "default_method_for_all"
        asked.insist(
            value in _PRESET_METHODS if is_method else isinstance(value, bool), f"{name} {value}"
        )
    presets |= wanted
    return _DONE


HANDLERS: Final[Mapping[str, Handler]] = {
    "get_iserver_account_allocation_accounts": _accounts,
    "get_iserver_account_allocation_group": _all,
    "post_iserver_account_allocation_group": _create,
    "put_iserver_account_allocation_group": _modify,
    "post_iserver_account_allocation_group_delete": _delete,
    "post_iserver_account_allocation_group_single": _single,
    "get_iserver_account_allocation_presets": _presets,
    "post_iserver_account_allocation_presets": _set_presets,
}
