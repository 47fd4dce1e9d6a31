"""Messages for the user (FYI), their kinds, and where they are sent: what the gateway remembers of them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from bezant.mock.clock import Clock

KINDS: Final = {
    "BA": "Borrow Availability",
    "CA": "Comparable Algo",
    "DA": "Dividends Advisory",
    "EA": "Upcoming Earnings",
    "MF": "Mutual Fund Advisory",
    "OE": "Option Expiration",
    "PR": "Portfolio Builder Rebalance",
    "SE": "Suspend Order on Economic Event",
    "SG": "Short Term Gain Turning Long Term",
    "SM": "System Messages",
    "T2": "Assignment Realizing Long-Term Gains",
    "TO": "Takeover",
    "UA": "User Alert",
    "M8": "M871 Trades",
    "PS": "Platform Use Suggestions",
    "DL": "Unexercised Option Loss Prevention Reminder",
    "PT": "Position Transfer",
    "CB": "Missing Cost Basis",
    "MS": "Milestones",
    "TD": "10% Deprecation Notice",
    "ST": "Save Taxes",
    "TI": "Trade Idea",
    "CT": "Cash Transfer",
}
"""Kinds of messages by their codes, in the published order."""
_HOURS_APART: Final = 7
_UNREAD_AT_START: Final = 4
_MESSAGES_AT_START: Final = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message. `at` is in whole seconds since 1970."""

    id: str
    kind: str
    at: int
    title: str
    text: str
    """HTML."""
    is_read: bool = False


@dataclass(frozen=True, slots=True)
class Device:
    """A device that messages are sent to."""

    id: str
    name: str
    ui_name: str
    is_enabled: bool


@dataclass(slots=True)
class Notifications:
    """Messages, the newest first, and what the user has chosen about them."""

    clock: Clock
    random: random.Random
    messages: list[Message] = field(init=False)
    switched_off: set[str] = field(default_factory=set)
    """Codes of the kinds that the user does not want."""
    disclaimers_read: set[str] = field(default_factory=set)
    """Codes of the kinds whose disclaimer the user has read."""
    devices: dict[str, Device] = field(default_factory=dict)
    sends_mail: bool = True

    def __post_init__(self) -> None:
        self.messages = list(self._first())
        self.add_device(Device("mock-device-1", "Mock phone", "Mock phone", True))

    def _first(self) -> Iterator[Message]:
        """The messages of the days before the start."""
        codes = list(KINDS)
        for number in range(_MESSAGES_AT_START):
            at = int(self.clock.now()) - (number + 1) * _HOURS_APART * 3600
            kind = codes[number % len(codes)]
            yield self._message(kind, at, is_read=number >= _UNREAD_AT_START)

    def _message(self, kind: str, at: int, is_read: bool) -> Message:
        return Message(
            id=f"{datetime.fromtimestamp(at, UTC):%Y%m%d}{self.random.randrange(10**8):08d}",
            kind=kind,
            at=at,
            title=f"IBKR FYI: {KINDS[kind]}",
            text=f"<p>A message of the mock gateway about: {KINDS[kind]}.</p>",
            is_read=is_read,
        )

    @property
    def unread(self) -> int:
        """How many messages have not been read."""
        return sum(not message.is_read for message in self.messages)

    def older_than(self, id: str) -> list[Message]:
        """The messages that follow the one with this id; none where there is no such message."""
        ids = [message.id for message in self.messages]
        return self.messages[ids.index(id) + 1 :] if id in ids else []

    def read(self, id: str) -> bool:
        """Mark a message as read; whether there is one with this id."""
        for place, message in enumerate(self.messages):
            if message.id == id:
                self.messages[place] = replace(message, is_read=True)
                return True
        return False

    def add_device(self, device: Device) -> None:
        """Send messages to a device as well, or change the one with the same id."""
        self.devices[device.id] = device
