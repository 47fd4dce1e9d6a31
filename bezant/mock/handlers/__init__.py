"""What operations answer, by operation id; an operation without a handler answers with its example."""

from collections.abc import Mapping
from importlib import import_module
from typing import Final

from bezant.mock.call import Handler

_AREAS: Final = ("session", "accounts", "portfolio", "contracts", "market_data")


def _all() -> Mapping[str, Handler]:
    found: dict[str, Handler] = {}
    for area in _AREAS:
        found |= import_module(f"bezant.mock.handlers.{area}").HANDLERS
    return found


HANDLERS: Final = _all()
