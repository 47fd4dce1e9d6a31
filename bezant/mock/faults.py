"""What goes wrong on purpose."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from bezant.mock.http import Ending, Reply, Request, error_reply


@dataclass(slots=True, kw_only=True)
class Fault:
    """Something that goes wrong with calls.

    `operation` is the id of those it concerns, all where it is empty. With a `status` the call is not
    carried out and answered so; without one it is carried out, and then its answer is late (`delay`, in
    seconds), cut in its middle or dropped: an order is then placed, and nobody says so.
    """

    operation: str = ""
    status: int = 0
    message: str = "service unavailable"
    reply: Reply | None = None
    """In place of an error with `status` and `message`; the call is not carried out."""
    delay: float = 0.0
    ending: Ending = Ending.WHOLE
    is_before: bool = False
    """Whether a dropped call is dropped before it is carried out."""
    becomes: Callable[[Request, Reply], Reply] | None = None
    """Makes something else of the answer to a request that was carried out."""
    when: Callable[[Request], bool] | None = None
    """Looks at each request that it may concern; only those that it says yes to are spoilt."""
    times: int = 0
    """How many calls it spoils; 0 for all."""
    spoilt: int = 0

    def concerns(self, operation_id: str, request: Request) -> bool:
        """Whether it still spoils calls of an operation, and this request of it."""
        is_left = not self.times or self.spoilt < self.times
        is_meant = is_left and self.operation in ("", operation_id)
        return is_meant and (self.when is None or self.when(request))

    def instead(self) -> Reply | None:
        """What is answered in place of carrying a call out."""
        if self.reply is not None:
            return self.reply
        if self.status:
            return error_reply(self.message, self.status)
        return Reply(ending=self.ending) if self.is_before else None


@dataclass(slots=True)
class Faults:
    """All faults; the first that concerns a call spoils it."""

    active: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> Fault:
        """Let something go wrong from now on."""
        self.active.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Let this go right again; one that is not there is none."""
        self.active = [one for one in self.active if one is not fault]

    def clear(self) -> None:
        """Let everything go right again."""
        self.active.clear()

    def of(self, operation_id: str, request: Request) -> Fault | None:
        """The fault that spoils a call; it counts as spoilt."""
        for fault in self.active:
            if fault.concerns(operation_id, request):
                fault.spoilt += 1
                return fault
        return None


def spoil(request: Request, reply: Reply, fault: Fault | None) -> Reply:
    """The answer to a request, as a fault leaves it."""
    if fault is None:
        return reply
    if fault.becomes is not None:
        reply = fault.becomes(request, reply)
    # What an answer is to end with may have been said by itself.
    ending = reply.ending if fault.ending is Ending.WHOLE else fault.ending
    return replace(reply, delay=reply.delay + fault.delay, ending=ending)


@dataclass(frozen=True, slots=True)
class Arrived:
    """One request that came, with the operation it meant and the status that it was answered with."""

    request: Request
    operation: str
    status: int


@dataclass(slots=True)
class Recorder:
    """What arrived, the newest last; the oldest are forgotten beyond the limit."""

    limit: int = 10_000
    _rows: list[Arrived] = field(default_factory=list)

    def add(self, row: Arrived) -> None:
        """Remember a request."""
        self._rows.append(row)
        if len(self._rows) > self.limit:
            del self._rows[: self.limit // 2]

    def of(self, operation_id: str) -> list[Arrived]:
        """The requests of one operation."""
        return [row for row in self._rows if row.operation == operation_id]

    def clear(self) -> None:
        """Forget everything."""
        self._rows.clear()

    def __iter__(self) -> Iterator[Arrived]:
        """All requests, the oldest first."""
        return iter(self._rows)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._rows)
