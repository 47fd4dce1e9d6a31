"""Alerts: making, changing and showing them. What is read has other names than what is written."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from bezant.mock.alerts import Alert, Condition
from bezant.mock.call import Call, Handler, refuse
from bezant.mock.handlers import asked

_ALL: Final = 0
"""In place of an id: every alert that can be deleted."""
_ID_NAMES: Final = ("orderId", "alertId", "order_id")
"""What a body that changes an alert may call its id."""
_FLAGS: Final = (0, 1)
_NEEDED_FLAGS: Final = ("alertRepeatable", "outsideRth")
_OTHER_FLAGS: Final = ("sendMessage", "showPopup", "iTWSOrdersOnly")
_TIME: Final = "%Y%m%d-%H:%M:%S"
_TYPES: Final = (1, 3, 4, 5, 6, 7, 8, 9)
_OF_CONTRACT: Final = (1, 6)
"""Conditions on a price and on a volume: they need a contract that there is."""
_OF_TIME: Final = 3


def _list(call: Call) -> Any:
    account = asked.account(call)
    alerts = call.state.alerts.alerts.values()
    return [_listed(alert) for alert in alerts if alert.account == account.id]


def _listed(alert: Alert) -> dict[str, Any]:
    return {
        "order_id": alert.id,
        "account": alert.account,
        "alert_name": alert.name,
        "alert_active": int(alert.is_active),
        "order_time": datetime.fromtimestamp(alert.made_at, UTC).strftime(_TIME),
        "alert_triggered": False,
        "alert_repeatable": int(alert.repeats),
    }


def _detail(call: Call) -> Any:
    """One alert; an id that there is not is an error with status 200 (observed on the live API)."""
    asked.insist(call.query.get("type") == "Q", "type has to be Q")
    number = asked.integer(call.path["alertId"], "alertId")
    alert = call.state.alerts.find(number)
    return {"error": f"no alert {number}"} if alert is None else _detailed(call, alert)


def _assistant(call: Call) -> Any:
    return _detailed(call, call.state.alerts.assistant)


def _detailed(call: Call, alert: Alert) -> dict[str, Any]:
    is_assistant = alert is call.state.alerts.assistant
    listed = _listed(alert)
    zones = [item.zone for item in alert.conditions if item.zone]
    return {
        **{name: listed[name] for name in listed if name != "order_time"},
        "tif": alert.tif,
        "expire_time": alert.expires,
        "alert_email": alert.email,
        "alert_send_message": int(alert.sends_mail),
        "alert_message": alert.message,
        "alert_show_popup": int(alert.pops_up),
        "alert_play_audio": None,
        "order_status": "Submitted" if alert.is_active else "PreSubmitted",
        "fg_color": "#FFFFFF",
        "bg_color": "#0000CC",
        "order_not_editable": False,
        "itws_orders_only": int(alert.is_for_mobile_only),
        "alert_mta_currency": "USD" if is_assistant else None,
        "alert_mta_defaults": "STATE=0,MIN_LOSS=0,MIN_PROFIT=0" if is_assistant else None,
        "tool_id": alert.id if is_assistant else None,
        "time_zone": zones[0] if zones else None,
        "alert_default_type": None,
        "condition_size": len(alert.conditions),
        "condition_outside_rth": int(alert.counts_outside_hours),
        "conditions": [_shown(call, item) for item in alert.conditions],
    }


def _shown(call: Call, condition: Condition) -> dict[str, Any]:
    return {
        "condition_type": condition.type,
        "conidex": condition.conidex,
        "contract_description_1": _symbol(call, condition.conidex),
        "condition_operator": condition.operator,
        "condition_trigger_method": condition.method,
        "condition_value": condition.value,
        "condition_logic_bind": condition.bind,
        "condition_time_zone": condition.zone,
    }


def _symbol(call: Call, conidex: str) -> str:
    conid = conidex.partition("@")[0]
    contract = call.state.world.contracts.get(int(conid)) if conid.isdecimal() else None
    return contract.symbol if contract else "Unknown"


def _save(call: Call) -> Any:
    """Make an alert, or change the one whose id the body has; the body is the whole alert in any case."""
    body = call.body()
    wanted = _wanted(call, asked.account(call).id, body)
    number = next((asked.integer(body[name], name) for name in _ID_NAMES if body.get(name)), 0)
    if not number:
        return _saved(call.state.alerts.make(wanted).id)
    before = _known(call, number)
    if wanted.name != before.name:
        return {**_saved(number), "success": False, "text": "The name of an alert cannot change"}
    call.state.alerts.change(number, lambda _: _keeping(before, wanted))
    return _saved(number)


def _keeping(before: Alert, wanted: Alert) -> Alert:
    """An alert as wanted, with what a change leaves as it was."""
    return replace(
        wanted,
        id=before.id,
        account=before.account,
        made_at=before.made_at,
        is_active=before.is_active,
    )


def _saved(number: int) -> dict[str, Any]:
    return {
        "request_id": None,
        "order_id": number,
        "success": True,
        "text": "Submitted",
        "order_status": None,
        "warning_message": None,
    }


def _wanted(call: Call, account: str, body: Mapping[str, Any]) -> Alert:
    """The alert that a body describes."""
    for name in _NEEDED_FLAGS:
        asked.needed(body, name)
    flags = {name: body.get(name, 0) for name in (*_NEEDED_FLAGS, *_OTHER_FLAGS)}
    for name, value in flags.items():
        asked.insist(value in _FLAGS, f"{name} has to be 0 or 1")
    tif = asked.needed(body, "tif")
    asked.insist(tif in ("GTC", "GTD"), f"tif {tif}")
    return Alert(
        account=account,
        name=str(asked.needed(body, "alertName")),
        message=str(asked.needed(body, "alertMessage")),
        tif=tif,
        expires=_expiry(body) if tif == "GTD" else None,
        email=str(asked.needed(body, "email")) if flags["sendMessage"] else body.get("email"),
        repeats=bool(flags["alertRepeatable"]),
        sends_mail=bool(flags["sendMessage"]),
        pops_up=bool(flags["showPopup"]),
        counts_outside_hours=bool(flags["outsideRth"]),
        is_for_mobile_only=bool(flags["iTWSOrdersOnly"]),
        conditions=_conditions(call, body),
    )


def _expiry(body: Mapping[str, Any]) -> str:
    text = str(asked.needed(body, "expireTime"))
    try:
        datetime.strptime(text, _TIME)
    except ValueError as error:
        message = f"Bad Request: expireTime {text}"
        raise refuse(message) from error
    return text


def _conditions(call: Call, body: Mapping[str, Any]) -> tuple[Condition, ...]:
    rows = body.get("conditions")
    asked.insist(isinstance(rows, list) and rows != [], "conditions are required")
    return tuple(_condition(call, row) for row in rows or ())


def _condition(call: Call, row: Any) -> Condition:
    asked.insist(isinstance(row, dict), "a condition is no object")
    kind, bind = asked.needed(row, "type"), asked.needed(row, "logicBind")
    operator, conidex = asked.needed(row, "operator"), str(asked.needed(row, "conidex"))
    asked.insist(kind in _TYPES, f"type {kind}")
    asked.insist(bind in ("a", "o", "n"), f"logicBind {bind}")
    asked.insist(operator in (">=", "<="), f"operator {operator}")
    if kind in _OF_CONTRACT:
        asked.contract(call, conidex.partition("@")[0])
    if kind == _OF_TIME:
        asked.needed(row, "timeZone")
    return Condition(
        type=kind,
        conidex=conidex,
        value=str(asked.needed(row, "value")),
        bind=bind,
        operator=operator,
        method=str(asked.needed(row, "triggerMethod")),
        zone=row.get("timeZone"),
    )


def _activate(call: Call) -> Any:
    body = call.body()
    is_active = asked.needed(body, "alertActive")
    asked.insist(is_active in _FLAGS, "alertActive has to be 0 or 1")
    alert = _known(call, asked.integer(asked.needed(body, "alertId"), "alertId"))
    call.state.alerts.change(alert.id, lambda found: replace(found, is_active=bool(is_active)))
    return _requested(alert.id)


def _delete(call: Call) -> Any:
    """Delete an alert, or with the id 0 all of the account; the assistant's cannot be."""
    account = asked.account(call)
    number = asked.integer(call.path["alertId"], "alertId")
    alerts = call.state.alerts
    if number == _ALL:
        alerts.delete_all(account.id)
        return _requested(number)
    alert = _known(call, number)
    if alert is alerts.assistant:
        refused = {"success": False, "text": "The alert of the assistant cannot be deleted"}
        return {**_requested(number), **refused}
    alerts.delete(number)
    return _requested(number)


def _requested(number: int) -> dict[str, Any]:
    return {
        "request_id": None,
        "order_id": number,
        "success": True,
        "text": "Request was submitted",
        "failure_list": None,
    }


def _known(call: Call, number: int) -> Alert:
    """An alert of the account of the path, or the assistant's; there being none is a server error."""
    account = asked.account(call)
    alerts = call.state.alerts
    alert = alerts.find(number)
    if alert is None or (alert.account != account.id and alert is not alerts.assistant):
        message = f"no alert {number}"
        raise refuse(message, 500)
    return alert


HANDLERS: Final[Mapping[str, Handler]] = {
    "get_iserver_account_alerts": _list,
    "get_iserver_account_alert_by_alert_id": _detail,
    "get_iserver_account_mta": _assistant,
    "post_iserver_account_alert": _save,
    "post_iserver_account_alert_activate": _activate,
    "delete_iserver_account_alert_by_alert_id": _delete,
}
