"""Time as the mock gateway knows it: real, and moved on by tests."""

import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Clock:
    """Seconds since 1970, UTC. `advance` moves all timeouts, resets and expiries on at once.

    A clock that stands still moves by `advance` alone: prices do not change between two calls.
    """

    start: float | None = None
    """The time at the start; the real one when it is left out."""
    stands_still: bool = False
    _began: float = field(default_factory=time.monotonic)
    _ahead: float = 0.0

    def __post_init__(self) -> None:
        if self.start is None:
            self.start = time.time()

    def now(self) -> float:
        """The time."""
        passed = 0.0 if self.stands_still else time.monotonic() - self._began
        return (self.start or 0.0) + passed + self._ahead

    def milliseconds(self) -> int:
        """The time in whole milliseconds."""
        return int(self.now() * 1000)

    def advance(self, seconds: float) -> None:
        """Let time pass; it does not run backwards."""
        if seconds < 0:
            message = f"time does not run backwards: {seconds}"
            raise ValueError(message)
        self._ahead += seconds
