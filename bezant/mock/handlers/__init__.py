"""What operations answer, by operation id; an operation without a handler answers with its example."""

from collections.abc import Mapping
from importlib import import_module
from typing import Final

from bezant.mock.call import Handler

_AREAS: Final = (
    *("session", "accounts", "portfolio", "performance", "contracts", "market_data"),
    *("watchlists", "alerts", "notifications", "allocation_groups"),
)


def _all() -> Mapping[str, Handler]:
    found: dict[str, Handler] = {}
    for area in _AREAS:
        found |= import_module(f"bezant.mock.handlers.{area}").HANDLERS
    return found


HANDLERS: Final = _all()
