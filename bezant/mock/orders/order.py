"""One order and what has become of it."""

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bezant.mock.orders.ticket import AT_CLOSE, STOPS, TOUCHED, TRAILING, Ticket
from bezant.mock.world import Contract

NEVER = math.inf
DAY = 86_400.0


class Status(StrEnum):
    """States of an order, by their names on the wire."""

    INACTIVE = "Inactive"
    PENDING_SUBMIT = "PendingSubmit"
    PRE_SUBMITTED = "PreSubmitted"
    SUBMITTED = "Submitted"
    FILLED = "Filled"
    PENDING_CANCEL = "PendingCancel"
    CANCELLED = "Cancelled"


@dataclass(slots=True, kw_only=True)
class Order:
    """An order. Times are in seconds since 1970; `next_at` is when something may happen to it next."""

    id: int
    ticket: Ticket
    contract: Contract
    quantity: float
    placed_at: float
    next_at: float
    session: int
    """The brokerage session that it was last active in."""
    parent: "Order | None" = None
    group: str = ""
    """Orders of one group cancel each other when one of them fills."""
    status: Status = Status.INACTIVE
    trigger: float | None = None
    """The price that wakes it up; it moves with the market where the order trails."""
    is_triggered: bool = False
    filled: float = 0.0
    paid: float = 0.0
    """Sum of price times quantity over its fills."""
    changed_at: float = 0.0
    is_watching: bool = False
    """Whether it waits for a price rather than for a time."""
    cancel_at: float = NEVER
    reason: str = ""
    """Why the system cancelled it."""
    told: dict[str, Any] = field(default_factory=dict)
    """What listeners know of it."""

    @property
    def is_open(self) -> bool:
        """Whether it may still fill."""
        return self.status not in (Status.FILLED, Status.CANCELLED)

    @property
    def remaining(self) -> float:
        """What is still to be filled."""
        return round(self.quantity - self.filled, 8)

    @property
    def average(self) -> float | None:
        """The price paid for one, on average."""
        return self.paid / self.filled if self.filled else None

    @property
    def limit(self) -> float | None:
        """The worst price that it takes; that of a trailing order keeps its distance to the trigger."""
        ticket = self.ticket
        if ticket.limit is None or ticket.type not in TRAILING or self.trigger is None:
            return ticket.limit
        return self.trigger + ticket.limit - (ticket.trigger or 0.0)

    @property
    def ready_at(self) -> float:
        """When it may go to the exchange: once its parent has filled, or at the end of the day, UTC."""
        if self.parent is not None and self.parent.status is not Status.FILLED:
            return NEVER
        if self.ticket.type in AT_CLOSE:
            return self.placed_at - self.placed_at % DAY + DAY
        return self.placed_at

    def takes(self, price: float) -> bool:
        """Whether it fills at a price."""
        return self.limit is None or self.ticket.sign * (self.limit - price) >= 0

    def is_woken(self, price: float) -> bool:
        """Whether a price triggers it; once triggered, it stays so. A trailing trigger follows."""
        if self.ticket.type not in STOPS | TOUCHED:
            return True
        if self.ticket.type in TRAILING:
            self._follow(price)
        if self.trigger is not None and not self.is_triggered:
            beyond = self.ticket.sign * (price - self.trigger)
            self.is_triggered = (beyond if self.ticket.type in STOPS else -beyond) >= 0
        return self.is_triggered

    def _follow(self, price: float) -> None:
        """Let the trigger follow a price that moves in favour of the order."""
        ticket = self.ticket
        distance = ticket.trail or 0.0
        if ticket.is_trail_percent:
            distance *= price / 100
        wanted = price + ticket.sign * distance
        if self.trigger is None or ticket.sign * (self.trigger - wanted) > 0:
            self.trigger = wanted
