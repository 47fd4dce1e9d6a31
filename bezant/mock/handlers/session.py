"""Handlers of the trading session; what they say is the session's own."""

from collections.abc import Mapping
from typing import Any, Final

from bezant.mock.call import Call, Handler


def _status(call: Call) -> Any:
    return call.state.session.status()


def _init(call: Call) -> Any:
    return call.state.session.init(_flag(call, "publish"), _flag(call, "compete"))


def _tickle(call: Call) -> Any:
    return call.state.session.tickle()


def _logout(call: Call) -> Any:
    return call.state.session.logout()


def _validate(call: Call) -> Any:
    return call.state.session.validate()


def _flag(call: Call, name: str) -> bool:
    """A flag of the body; the gateway takes it from the query as well, and older clients rely on that."""
    return call.body().get(name) is True or call.query.get(name) == "true"


HANDLERS: Final[Mapping[str, Handler]] = {
    "post_iserver_auth_status": _status,
    "get_iserver_auth_status": _status,
    "post_iserver_auth_ssodh_init": _init,
    "post_tickle": _tickle,
    "get_tickle": _tickle,
    "post_logout": _logout,
    "get_sso_validate": _validate,
}
