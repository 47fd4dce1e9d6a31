"""What the gateway asks before it takes an order: which questions, in which order, and their answers.

A question has to be answered by the very next request; any other makes it void.
"""

import random
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from bezant.mock.clock import Clock
from bezant.mock.orders.refusals import bare, refuse, reject
from bezant.mock.orders.ticket import AT_ONCE, STOPS, Ticket
from bezant.mock.world import Contract

Rows: TypeAlias = list[dict[str, Any]]

BAND: Final = 0.03
"""How far a limit may be from the market before `o163` asks."""
CAP: Final = 0.10
"""How far it may be before `o10153` says that a cap is put on it."""
SIZE_LIMIT: Final = 10_000
VALUE_LIMIT: Final = 1_000_000
UNSEEN: Final = ("FUT",)
"""Kinds for which the user has no market data: futures need a subscription."""
MOST_SUPPRESSED: Final = 51
LATE_SECONDS: Final = 60.0
"""After this long a question has lapsed, and its answer fails with 503."""

_TEXTS: Final = {
    "o163": "the price is more than the precautionary limit of 3% away from the market.",
    "o354": "there are no market data for this instrument, so the fill may surprise you.",
    "o383": f"the size is beyond the precautionary limit of {SIZE_LIMIT}.",
    "o403": "the order triggers and fills immediately at the present price.",
    "o451": f"the total value is beyond the precautionary limit of {VALUE_LIMIT} USD.",
    "o2165": "fractions of a share do not trade outside of regular hours.",
    "o10151": "market orders fill at whatever price there is, which may be far from the last one.",
    "o10152": "a stop order becomes a market order once it is active.",
    "o10153": "to keep the market orderly a <b>mandatory cap</b> is put on the price.",
    "o10164": "cash quantities are filled on a best-effort basis and are not guaranteed.",
    "o10223": "the cash quantity is converted into a quantity at the present price.",
}
_OTHER: Final = "the order needs your attention."


@dataclass(frozen=True, slots=True)
class Question:
    """One question about one ticket."""

    id: str
    about: str

    @property
    def text(self) -> str:
        """What is asked, in the half-HTML of the gateway."""
        why = _TEXTS.get(self.id, _OTHER)
        return (
            f"<h4>Confirm order</h4>The following order <b>{self.about}</b>: {why}\n"
            "Are you sure you want to submit this order?"
        )


def of(ticket: Ticket, contract: Contract, quantity: float, price: float) -> Iterator[str]:
    """The ids of the questions that a ticket raises, in the order of asking."""
    distance = abs((ticket.limit or price) / price - 1)
    value = quantity * (ticket.limit or price) * (contract.multiplier or 1.0)
    is_fraction = quantity % 1 != 0 and contract.kind == "STK"
    asked = (
        ("o163", distance > BAND),
        ("o354", contract.kind in UNSEEN),
        ("o383", quantity > SIZE_LIMIT and contract.kind != "CASH"),
        ("o451", value > VALUE_LIMIT),
        ("o10153", distance > CAP),
        ("o10164", ticket.cash is not None),
        ("o10223", ticket.cash is not None),
        ("o2165", is_fraction and ticket.is_outside_hours),
        ("o10151", ticket.type in AT_ONCE),
        ("o10152", ticket.type in STOPS),
        ("o403", _is_beyond(ticket, price)),
    )
    return (name for name, is_asked in asked if is_asked)


def _is_beyond(ticket: Ticket, price: float) -> bool:
    """Whether a stop is on the wrong side of the market already."""
    if ticket.type not in STOPS or ticket.trigger is None:
        return False
    return ticket.sign * (price - ticket.trigger) >= 0


@dataclass(frozen=True, slots=True)
class _Pending:
    """A question that waits for its answer; the first of `left` is the one that was asked."""

    id: str
    asked_at: float
    left: tuple[Question, ...]
    carry_out: Callable[[], Rows]


@dataclass(slots=True)
class Asker:
    """Asks one question after another, and then does what was asked about."""

    clock: Clock
    random: random.Random
    suppressed: set[str] = field(default_factory=set)
    _pending: _Pending | None = None

    def ask(self, questions: Iterable[Question], carry_out: Callable[[], Rows]) -> Rows:
        """Ask the first question that is not suppressed; without any, carry it out."""
        left = tuple(item for item in questions if item.id not in self.suppressed)
        if not left:
            return carry_out()
        name = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        self._pending = _Pending(name, self.clock.now(), left, carry_out)
        return [_row(name, left[0])]

    def reply(self, name: str, confirmed: bool) -> Rows:
        """Answer the question that waits; raises `Refused` where it is void, or declined."""
        pending, self._pending = self._pending, None
        if pending is None or pending.id != name:
            message = f"reply id not found: '{name}'"
            raise bare(message, 400)
        if self.clock.now() - pending.asked_at > LATE_SECONDS:
            message = "service unavailable"
            raise refuse(message, 503)
        if not confirmed:
            message = "Order not confirmed"
            raise reject(message)
        return self.ask(pending.left[1:], pending.carry_out)

    def forget(self) -> None:
        """Make the question that waits void."""
        self._pending = None

    def suppress(self, names: Iterable[str]) -> None:
        """Ask these no more."""
        self.suppressed |= set(names)


def _row(name: str, question: Question) -> dict[str, Any]:
    return {
        "id": name,
        "message": [question.text],
        "isSuppressed": False,
        "messageIds": [question.id],
        "messageOptions": ["Yes", "No"],
    }
