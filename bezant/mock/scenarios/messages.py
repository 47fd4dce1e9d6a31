"""Scenarios of what is about the account: alerts, messages and watchlists."""

from typing import Final

from bezant.mock.http import error_reply, json_reply, text_reply
from bezant.mock.scenarios.scenario import Scenario, answering

_ALERT: Final = "post_iserver_account_alert"
_DELETE_ALERT: Final = "delete_iserver_account_alert_by_alert_id"
_DELETE_DEVICE: Final = "delete_fyi_deliveryoptions_by_device_id"
_NOT_DONE: Final = {"request_id": None, "order_id": 0, "success": False}
_NOT_SET: Final = {
    **_NOT_DONE,
    "text": "Alert was not submitted",
    "order_status": None,
    "warning_message": None,
}
_NOT_DELETED: Final = {**_NOT_DONE, "text": "Alert cannot be deleted", "failure_list": None}
_PAGE: Final = "<html><body><h1>Resource not found</h1></body></html>\n"


SCENARIOS: Final = (
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
        "alerts-undeletable",
        "Alerts cannot be deleted, as that of the mobile application; only `success` says so.",
        answering(json_reply(_NOT_DELETED), _DELETE_ALERT),
    ),
    Scenario(
        "messages-not-set-up",
        "Nobody has set messages up: their count fails with 423.",
        answering(error_reply("Locked", 423), "get_fyi_unreadnumber"),
    ),
    Scenario(
        "devices-unknown",
        "No device is known that messages could stop going to: 404 with a page.",
        answering(text_reply(_PAGE, 404, "text/html"), _DELETE_DEVICE),
    ),
    Scenario(
        "watchlists-busy",
        "Watchlists cannot be made, as after a burst of calls: 503.",
        answering(error_reply("service unavailable", 503), "post_iserver_watchlist"),
    ),
)
