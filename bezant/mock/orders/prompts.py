"""Prompts about orders that the gateway sends by itself, and the answers that clients chose."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bezant.mock.orders.refusals import refuse


@dataclass(slots=True)
class Prompts:
    """Prompts by the id of their request. `tell` passes each on to listeners as `prompt`."""

    random: random.Random
    tell: Callable[[str, dict[str, Any]], None]
    asked: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    """What was answered, by the id of the request."""

    def ask(self, order_id: int, text: str, options: Sequence[str] = ("Yes", "No")) -> str:
        """Send a prompt; gives the id that its answer has to repeat."""
        name = str(self.random.randint(10_000_000, 99_999_999))
        prompt = {
            "orderId": order_id,
            "reqId": name,
            "text": text,
            "options": list(options),
            "type": "NOTIFICATION",
            "messageId": "",
            "prompt": True,
            "dismissable": [],
        }
        self.asked[name] = prompt
        self.tell("prompt", prompt)
        return name

    def answer(self, name: str, text: str) -> None:
        """Take an answer. One to a prompt that nobody knows is taken as well, as the gateway does."""
        prompt = self.asked.get(name)
        if prompt is not None and text not in prompt["options"]:
            message = f"Bad Request: {text!r} is none of the options"
            raise refuse(message)
        self.answers[name] = text
