"""What goes wrong by name: each scenario turns knobs that are there without it.

Several may be started one after another. Of two that spoil the same calls, the first one does.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from bezant.mock.scenarios import (
    market,
    orders,
    portfolio,
    session,
    stream,
    transport,
)
from bezant.mock.scenarios.scenario import Scenario

__all__ = ["ALL", "Scenario", "UnknownScenario", "find", "unknown"]

ALL: Final[tuple[Scenario, ...]] = (
    *session.SCENARIOS,
    *transport.SCENARIOS,
    *market.SCENARIOS,
    *orders.SCENARIOS,
    *portfolio.SCENARIOS,
    *stream.SCENARIOS,
)

_BY_NAME: Final = {scenario.name: scenario for scenario in ALL}


class UnknownScenario(ValueError):
    """No scenario has this name."""


def find(name: str) -> Scenario:
    """The scenario with a name. Raises `UnknownScenario`, which lists names like it."""
    found = _BY_NAME.get(name)
    if found is None:
        message = unknown("scenario", name, _BY_NAME)
        raise UnknownScenario(message)
    return found


def unknown(what: str, name: str, names: Iterable[str]) -> str:
    """Say that there is no such name, and which are near it."""
    near = get_close_matches(name, list(names), n=4, cutoff=0.5)
    said = f"no {what} is named {name!r}"
    return f"{said}; near it: {', '.join(near)}" if near else said
