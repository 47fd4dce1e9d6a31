"""What a scenario is, and the faults that several of them are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bezant.mock.faults import Fault
from bezant.mock.http import Reply

if TYPE_CHECKING:
    from bezant.mock.gateway import MockGateway

Start: TypeAlias = Callable[["MockGateway"], None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Something that goes wrong from when it is started."""

    name: str
    summary: str
    start: Start


def answering(reply: Reply, *operations: str, times: int = 0) -> Start:
    """Answer operations so in place of carrying them out; all of them where none is named."""

    def start(gateway: "MockGateway") -> None:
        for operation in operations or ("",):
            gateway.faults.add(Fault(operation=operation, reply=reply, times=times))

    return start


def becoming(change: Callable[[Reply], Reply], *operations: str) -> Start:
    """Carry operations out, and make something else of their answers; of all where none is named."""

    def start(gateway: "MockGateway") -> None:
        for operation in operations or ("",):
            gateway.faults.add(Fault(operation=operation, becomes=change))

    return start
