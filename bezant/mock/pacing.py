"""The published limits: who calls too often gets 429, and then nothing else for a while.

Counts on the simulated clock. Knows operations by what the registry says of their pace, and nothing else
of what they do.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bezant.mock.clock import Clock
from bezant.mock.http import Reply, json_reply

if TYPE_CHECKING:
    from bezant_api.core.operation import Operation

CALLS_A_SECOND: Final = 10
"""Of all operations together that have no limit of their own."""
BOX_SECONDS: Final = 900.0
_ROUNDING: Final = 1e-6
"""Times are seconds since 1970 in floats, which have no more digits to spare."""


@dataclass(slots=True)
class _Window:
    """At most `calls` in any stretch of `seconds`."""

    calls: int
    seconds: float
    _times: deque[float] = field(default_factory=deque)

    def takes(self, now: float) -> bool:
        """Count a call, unless it is one too many."""
        while self._times and now - self._times[0] >= self.seconds - _ROUNDING:
            self._times.popleft()
        if len(self._times) >= self.calls:
            return False
        self._times.append(now)
        return True


@dataclass(slots=True)
class _Bucket:
    """`calls` in `seconds` over time, and up to `burst` at once after a pause."""

    calls: int
    seconds: float
    burst: int
    _used: float = 0.0
    _seen: float = 0.0

    def takes(self, now: float) -> bool:
        """Count a call, unless it is one too many."""
        self._used = max(0.0, self._used - (now - self._seen) * self.calls / self.seconds)
        self._seen = now
        if self._used + 1 > self.burst + _ROUNDING:
            return False
        self._used += 1
        return True


@dataclass(slots=True)
class Pacing:
    """Counts calls and refuses those beyond the limits. Its public values may be changed at any time.

    All clients share one count and one box: they come from one address.
    """

    clock: Clock
    box_seconds: float = BOX_SECONDS
    """How long everything is refused after a violation; 0 for no longer than the limit itself."""
    box_prolongs: bool = False
    """Whether a call that comes in the meantime lets that time begin anew."""
    violations: int = 0
    """How many calls were one too many."""
    real: Callable[[], float] = time.monotonic
    """Real time, in which answers are late."""
    _boxed_until: float = 0.0
    _overall: _Window = field(default_factory=lambda: _Window(CALLS_A_SECOND, 1.0))
    _own: dict[str, _Window | _Bucket] = field(default_factory=dict)
    _ends: dict[str, list[float]] = field(default_factory=dict)

    @property
    def is_boxed(self) -> bool:
        """Whether everything is refused because of an earlier violation."""
        return self.clock.now() < self._boxed_until - _ROUNDING

    def lock(self) -> None:
        """Refuse everything from now on, as after a violation."""
        self._boxed_until = self.clock.now() + self.box_seconds

    def release(self) -> None:
        """Forget all calls, and the violations among them."""
        self._boxed_until = 0.0
        self._overall = _Window(CALLS_A_SECOND, 1.0)
        self._own.clear()
        self._ends.clear()

    def boxed(self) -> Reply | None:
        """What is answered to anything while everything is refused."""
        if not self.is_boxed:
            return None
        if self.box_prolongs:
            self.lock()
        return _too_many()

    def refuse(self, operation: "Operation[Any]") -> Reply | None:
        """Count a call; gives what is answered in its place where it is one too many."""
        refused = self.boxed()
        if refused is not None:
            return refused
        if self._takes(operation):
            return None
        self.violations += 1
        self.lock()
        return _too_many()

    def answered(self, operation: "Operation[Any]", delay: float) -> None:
        """Note that an answer is late: the call is under way for so many seconds of real time."""
        if delay and operation.pacing is not None and operation.pacing.concurrent:
            self._ends.setdefault(operation.id, []).append(self.real() + delay)

    def _takes(self, operation: "Operation[Any]") -> bool:
        pace = operation.pacing
        if pace is None:
            return self._overall.takes(self.clock.now())
        if pace.concurrent and self._under_way(operation.id) >= pace.concurrent:
            return False
        limit = self._limit(operation)
        return limit is None or limit.takes(self.clock.now())

    def _under_way(self, operation_id: str) -> int:
        now = self.real()
        ends = [end for end in self._ends.get(operation_id, ()) if end > now]
        self._ends[operation_id] = ends
        return len(ends)

    def _limit(self, operation: "Operation[Any]") -> _Window | _Bucket | None:
        """The count of an operation's own rule; none where only calls at the same time are limited."""
        pace = operation.pacing
        if pace is None or not pace.calls:
            return None
        if operation.id not in self._own:
            has_burst = pace.burst > pace.calls
            self._own[operation.id] = (
                _Bucket(pace.calls, pace.window, pace.burst)
                if has_burst
                else _Window(pace.calls, pace.window)
            )
        return self._own[operation.id]


def _too_many() -> Reply:
    """There is no Retry-After: nobody has ever seen one."""
    return json_reply({"error": "Too many requests"}, 429)
