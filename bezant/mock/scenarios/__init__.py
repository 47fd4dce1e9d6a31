"""What goes wrong by name: each scenario turns knobs that are there without it.

Several may be started one after another. Of two that spoil the same calls, the first one does.
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final

from bezant.mock.scenarios import (
    contracts,
    market,
    messages,
    oauth,
    orders,
    portfolio,
    session,
    stream,
    transport,
)
from bezant.mock.scenarios.scenario import Scenario, Stop

__all__ = ["ALL", "NotStarted", "Scenario", "Stop", "UnknownScenario", "find", "last", "unknown"]

ALL: Final[tuple[Scenario, ...]] = (
    *session.SCENARIOS,
    *oauth.SCENARIOS,
    *transport.SCENARIOS,
    *market.SCENARIOS,
    *contracts.SCENARIOS,
    *orders.SCENARIOS,
    *portfolio.SCENARIOS,
    *messages.SCENARIOS,
    *stream.SCENARIOS,
)

_BY_NAME: Final = {scenario.name: scenario for scenario in ALL}


class UnknownScenario(ValueError):
    """No scenario has this name."""


class NotStarted(ValueError):
    """The scenario is not going on."""


def find(name: str) -> Scenario:
    """The scenario with a name. Raises `UnknownScenario`, which lists names like it."""
    found = _BY_NAME.get(name)
    if found is None:
        message = unknown("scenario", name, _BY_NAME)
        raise UnknownScenario(message)
    return found


def last(started: Sequence[str], name: str) -> int:
    """The place of the latest start of a scenario. Raises `NotStarted`, which lists those going on."""
    places = [place for place, one in enumerate(started) if one == name]
    if not places:
        going_on = ", ".join(started) or "none"
        message = f"{find(name).name} is not going on; going on: {going_on}"
        raise NotStarted(message)
    return places[-1]


def unknown(what: str, name: str, names: Iterable[str]) -> str:
    """Say that there is no such name, and which are near it."""
    near = get_close_matches(name, list(names), n=4, cutoff=0.5)
    said = f"no {what} is named {name!r}"
    return f"{said}; near it: {', '.join(near)}" if near else said
