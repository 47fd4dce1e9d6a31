"""Messages for the user (FYI): their settings, disclaimers and deliveries, and the messages themselves."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from bezant.mock import pages
from bezant.mock.call import Call, Handler, Refused
from bezant.mock.handlers import asked
from bezant.mock.http import Reply
from bezant.mock.notifications import KINDS, Device, Message

_PAGE: Final = 10
_TOOK_MILLISECONDS: Final = 10
_DONE: Final = {"V": 1, "T": _TOOK_MILLISECONDS}


def _settings(call: Call) -> Any:
    return [_setting(call, code) for code in KINDS]


def _setting(call: Call, code: str) -> dict[str, Any]:
    chosen = call.state.notifications
    return {
        "FC": code,
        "H": int(code in chosen.disclaimers_read),
        "A": int(code not in chosen.switched_off),
        "FD": f"Messages of the kind: {KINDS[code]}.",
        "FN": KINDS[code],
    }


def _set(call: Call) -> Any:
    """Switch a kind on or off; a code that there is not is accepted too (observed on the live API)."""
    is_enabled = call.body().get("enabled")
    asked.insist(isinstance(is_enabled, bool), "enabled has to be true or false")
    switched_off = call.state.notifications.switched_off
    (switched_off.discard if is_enabled else switched_off.add)(call.path["typecode"])
    return _DONE


def _disclaimer(call: Call) -> Any:
    code = _code(call)
    text = f"Messages about {KINDS[code]} are for information only; they are no advice."
    return {"FC": code, "DT": text}


def _read_disclaimer(call: Call) -> Any:
    call.state.notifications.disclaimers_read.add(_code(call))
    return _DONE


def _code(call: Call) -> str:
    """The code of the path, which has to be one that there is."""
    code = call.path["typecode"]
    asked.insist(code in KINDS, f"unknown typecode {code}")
    return code


def _deliveries(call: Call) -> Any:
    chosen = call.state.notifications
    devices = [
        {"NM": device.name, "I": device.id, "UI": device.ui_name, "A": int(device.is_enabled)}
        for device in chosen.devices.values()
    ]
    return {"E": devices, "M": int(chosen.sends_mail)}


def _set_mail(call: Call) -> Any:
    """The switch is in the query; the body is not looked at."""
    call.state.notifications.sends_mail = asked.is_true(str(asked.needed(call.query, "enabled")))
    return _DONE


def _add_device(call: Call) -> Any:
    body = call.body()
    device = Device(
        id=str(asked.needed(body, "deviceId")),
        name=str(body.get("deviceName", "")),
        ui_name=str(body.get("uiName", "")),
        is_enabled=bool(body.get("enabled", True)),
    )
    call.state.notifications.add_device(device)
    return _DONE


def _delete_device(call: Call) -> Any:
    """Success has no body; for an unknown device there is a page (observed on the live API)."""
    if call.state.notifications.devices.pop(call.path["deviceId"], None) is None:
        raise Refused(pages.unknown())
    return Reply()


def _messages(call: Call) -> Any:
    """The newest messages, or those that follow an id: ten at most."""
    most = asked.integer(call.query.get("max") or _PAGE, "max")
    asked.insist(most > 0, f"max {most}")
    chosen = call.state.notifications
    after = call.query.get("id")
    found = chosen.older_than(after) if after else chosen.messages
    return _page(_wanted(call, found), min(most, _PAGE))


def _older(call: Call) -> Any:
    found = call.state.notifications.older_than(str(asked.needed(call.query, "id")))
    return _page(found, _PAGE)


def _wanted(call: Call, messages: Iterable[Message]) -> list[Message]:
    """Messages of the kinds that the query includes, without those that it excludes."""
    included = asked.listed(call.query.get("include", "")) or KINDS
    excluded = asked.listed(call.query.get("exclude", ""))
    return [item for item in messages if item.kind in included and item.kind not in excluded]


def _page(messages: list[Message], most: int) -> list[dict[str, Any]]:
    return [
        {
            "R": int(message.is_read),
            # A number with a fraction, as text (observed on the live API).
            "D": f"{message.at}.0",
            "MS": message.title,
            "MD": message.text,
            "ID": message.id,
            "HT": 0,
            "FC": message.kind,
        }
        for message in messages[:most]
    ]


def _read(call: Call) -> Any:
    number = call.path["notificationID"]
    asked.insist(call.state.notifications.read(number), f"no message {number}")
    return {**_DONE, "P": {"R": 1, "ID": number}}


def _unread(call: Call) -> Any:
    return {"BN": call.state.notifications.unread}


HANDLERS: Final[Mapping[str, Handler]] = {
    "get_fyi_settings": _settings,
    "post_fyi_settings_by_typecode": _set,
    "get_fyi_disclaimer_by_typecode": _disclaimer,
    "put_fyi_disclaimer_by_typecode": _read_disclaimer,
    "get_fyi_deliveryoptions": _deliveries,
    "put_fyi_deliveryoptions_email": _set_mail,
    "post_fyi_deliveryoptions_device": _add_device,
    "delete_fyi_deliveryoptions_by_device_id": _delete_device,
    "get_fyi_notifications": _messages,
    "get_fyi_notifications_more": _older,
    "put_fyi_notifications_by_notification_id": _read,
    "get_fyi_unreadnumber": _unread,
}
