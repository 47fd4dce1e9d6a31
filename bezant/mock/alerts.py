"""The user's alerts: what the gateway remembers of them.

No alert is ever triggered here: the mock does not watch prices for them.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from bezant.mock.clock import Clock

_FIRST_IDS: Final = (1_000_000_000, 1_900_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What triggers an alert; `conidex` is a contract id and an exchange, `*@*` means all."""

    type: int
    conidex: str
    value: str
    bind: str = "n"
    operator: str | None = None
    method: str | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert. `expires` is `YYYYMMDD-HH:mm:ss`, UTC, or None; `made_at` seconds since 1970."""

    id: int = 0
    account: str
    name: str
    message: str | None = None
    tif: str = "GTC"
    expires: str | None = None
    email: str | None = None
    is_active: bool = True
    repeats: bool = False
    sends_mail: bool = False
    pops_up: bool = False
    counts_outside_hours: bool = False
    is_for_mobile_only: bool = False
    conditions: tuple[Condition, ...] = ()
    made_at: float = 0.0


@dataclass(slots=True)
class Alerts:
    """Alerts by id, the oldest first, and beside them the one of the mobile trading assistant."""

    clock: Clock
    random: random.Random
    account: str
    """Account of the assistant's alert."""
    alerts: dict[int, Alert] = field(default_factory=dict)
    assistant: Alert = field(init=False)
    """The alert of the mobile trading assistant: each login has one, and keeps it."""
    _last_id: int = field(init=False)

    def __post_init__(self) -> None:
        self._last_id = self.random.randint(*_FIRST_IDS)
        self.assistant = Alert(
            id=self._last_id,
            account=self.account,
            name="MTA (AutoAlert)",
            email="mock@example.com",
            repeats=True,
            sends_mail=True,
            conditions=(Condition(type=5, conidex="*@*", value="*"),),
            made_at=self.clock.now(),
        )

    def find(self, id: int) -> Alert | None:
        """An alert by its id, the assistant's among them."""
        return self.assistant if id == self.assistant.id else self.alerts.get(id)

    def make(self, wanted: Alert) -> Alert:
        """Take a new alert on, with an id of its own."""
        self._last_id += 1
        self.alerts[self._last_id] = replace(wanted, id=self._last_id, made_at=self.clock.now())
        return self.alerts[self._last_id]

    def change(self, id: int, change: Callable[[Alert], Alert]) -> Alert:
        """Change an alert that there is; its id and time stay."""
        if id == self.assistant.id:
            self.assistant = change(self.assistant)
            return self.assistant
        self.alerts[id] = change(self.alerts[id])
        return self.alerts[id]

    def delete(self, id: int) -> None:
        """Forget an alert that there is, and is not the assistant's."""
        del self.alerts[id]

    def delete_all(self, account: str) -> None:
        """Forget all alerts of an account; the assistant's stays."""
        self.alerts = {
            number: item for number, item in self.alerts.items() if item.account != account
        }
