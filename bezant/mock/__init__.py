"""A gateway to build and test against: it behaves as IBKR's does, and has no account behind it."""

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
