"""The grammar of what clients write to the WebSocket: `TOPIC+TARGET+{JSON}`."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

Frame: TypeAlias = dict[str, Any]
"""What is sent back, as JSON."""


class Declined(Exception):
    """A message that is answered with an error; its text is what the client is told."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a client."""

    topic: str
    target: tuple[str, ...]
    arguments: dict[str, Any]

    @property
    def name(self) -> str:
        """The message without its arguments: the topic of the frames that answer it."""
        return "+".join((self.topic, *self.target))

    def part(self, place: int) -> str:
        """One part of the target; raises `Declined` where it is missing."""
        if place >= len(self.target):
            message = f"Bad request: {self.name} has no target"
            raise Declined(message)
        return self.target[place]

    def texts(self, name: str) -> list[str]:
        """An argument that is a list of texts; an absent one is empty."""
        value = self.arguments.get(name, [])
        if not isinstance(value, list):
            message = f"Bad request: {name} is no list"
            raise Declined(message)
        return [str(item) for item in value]


def parse(text: str) -> Message:
    """Take a message apart; raises `Declined` where its arguments are no JSON."""
    head, brace, tail = text.partition("{")
    topic, *target = head.removesuffix("+").split("+")
    return Message(topic, tuple(target), _object(brace + tail) if brace else {})


def _object(text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        message = f"Bad request: {error}"
        raise Declined(message) from error


def error_frame(text: str) -> Frame:
    """The frame that says what went wrong."""
    return {"topic": "error", "error": text}
