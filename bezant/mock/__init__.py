"""A gateway to build and test against: it behaves as IBKR's does, and has no account behind it.

Names load what they need when they are first used: pytest imports this package wherever `bezant` is
installed, for its fixture.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bezant.mock.clock import Clock
    from bezant.mock.faults import Arrived, Fault
    from bezant.mock.gateway import MockGateway
    from bezant.mock.http import Ending, Reply, json_reply, text_reply
    from bezant.mock.state import Rules

__all__ = [
    "Arrived",
    "Clock",
    "Ending",
    "Fault",
    "MockGateway",
    "Reply",
    "Rules",
    "json_reply",
    "text_reply",
]

_HOMES = {
    "Arrived": "faults",
    "Clock": "clock",
    "Ending": "http",
    "Fault": "faults",
    "MockGateway": "gateway",
    "Reply": "http",
    "Rules": "state",
    "json_reply": "http",
    "text_reply": "http",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
