"""What a scenario is, and what scenarios are made of: knobs that are turned, and faults."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from bezant.mock.faults import Fault
from bezant.mock.http import Reply, Request

if TYPE_CHECKING:
    from bezant.mock.gateway import MockGateway

Stop: TypeAlias = Callable[[], None]
Start: TypeAlias = Callable[["MockGateway"], Stop]
Change: TypeAlias = Callable[[Reply], Reply]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Something that goes wrong from when it is started until it is stopped.

    `start` gives what stops it. What has happened at once, such as a frame that was sent, stays so.
    """

    name: str
    summary: str
    start: Start


def setting(part: str, **values: object) -> Start:
    """Turn knobs of a part of the gateway, named by its attribute; stopped, they are as they were."""

    def start(gateway: "MockGateway") -> Stop:
        target = attrgetter(part)(gateway)
        before = {name: getattr(target, name) for name in values}
        _set(target, values)
        return partial(_set, target, before)

    return start


def _set(target: object, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(target, name, value)


def insisting(**rules: bool) -> Start:
    """Have the gateway insist on some of its rules."""

    def start(gateway: "MockGateway") -> Stop:
        before = gateway.state.rules
        gateway.state.rules = replace(before, **rules)
        return partial(_set, gateway.state, {"rules": before})

    return start


def at_once(act: Callable[["MockGateway"], object]) -> Start:
    """Let something happen that is over at once, and cannot be taken back."""

    def start(gateway: "MockGateway") -> Stop:
        act(gateway)
        return _nothing

    return start


def _nothing() -> None:
    """There is nothing to take back."""


def together(*starts: Start) -> Start:
    """Start several things, and stop them in the same order."""

    def start(gateway: "MockGateway") -> Stop:
        stops = [one(gateway) for one in starts]

        def stop() -> None:
            for one in stops:
                one()

        return stop

    return start


def spoiling(faults: Callable[[], Iterable[Fault]]) -> Start:
    """Spoil calls by faults, which are made anew for each start."""

    def start(gateway: "MockGateway") -> Stop:
        added = [gateway.faults.add(fault) for fault in faults()]

        def stop() -> None:
            for fault in added:
                gateway.faults.remove(fault)

        return stop

    return start


def answering(reply: Reply, *operations: str, times: int = 0) -> Start:
    """Answer operations so in place of carrying them out; all of them where none is named."""
    names = operations or ("",)
    return spoiling(lambda: [Fault(operation=name, reply=reply, times=times) for name in names])


def becoming(change: Change, *operations: str) -> Start:
    """Carry operations out, and make something else of their answers; of all where none is named."""

    def becomes(_: Request, reply: Reply) -> Reply:
        return change(reply)

    names = operations or ("",)
    return spoiling(lambda: [Fault(operation=name, becomes=becomes) for name in names])


def edited(edit: Callable[[Any], Any]) -> Change:
    """Make something else of the value of good answers in JSON; others stay as they are."""

    def change(reply: Reply) -> Reply:
        if reply.status != 200 or "json" not in reply.content_type:  # noqa: PLR2004
            return reply
        body = msgspec.json.encode(edit(msgspec.json.decode(reply.body)))
        return replace(reply, body=body)

    return change
