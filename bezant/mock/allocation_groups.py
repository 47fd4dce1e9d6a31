"""Groups of accounts that advisors allocate orders to: what the gateway remembers of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

COMPUTED: Final = ("A", "E", "N")
"""Methods whose shares are computed: available equity, equal, net liquidation value."""
METHODS: Final = (*COMPUTED, "C", "P", "R", "S")
"""And those whose shares the user gives: cash, percent, ratio, shares."""


@dataclass(frozen=True, slots=True)
class Group:
    """One group; `shares` are the amounts by account, None where the method computes them."""

    name: str
    method: str
    shares: Mapping[str, float | None]


@dataclass(slots=True)
class AllocationGroups:
    """The groups by name, and what holds for all of them; there are none at the start."""

    groups: dict[str, Group] = field(default_factory=dict)
    presets: dict[str, Any] = field(
        default_factory=lambda: {
            "group_auto_close_positions": False,
            "default_method_for_all": "AvailableEquity",
            "profiles_auto_close_positions": False,
            "strict_credit_check": False,
            "group_proportional_allocation": False,
        }
    )

    def replace(self, name: str, group: Group) -> None:
        """Put a group in the place of the one with a name, which may be another than its own."""
        renamed = {key: group if key == name else old for key, old in self.groups.items()}
        self.groups = {item.name: item for item in renamed.values()}
