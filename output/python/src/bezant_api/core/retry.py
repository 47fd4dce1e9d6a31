"""When a call is made again: reads may be, whatever changes something is not."""

from __future__ import annotations

import random
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from .errors import TransportError
from .flow import Wait

if TYPE_CHECKING:
    from .flow import Flow, Proceed
    from .transport import RawResponse, Request

_LIMITED = 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often and how soon a failed read is made again.

    Calls that change something are never made again, whatever is set here: an order that timed out
    may have been placed. `idempotent` adds the calls of which a repeat changes nothing more, such as
    opening the brokerage session. Waits are `random() * min(cap, base * 2**n)` seconds ("full
    jitter"), at least what `Retry-After` asks for, and none begins that would pass the `deadline`,
    in seconds from the first attempt. A 429 is only tried again after a stated `Retry-After`:
    calling into IBKR's penalty box prolongs it.
    """

    attempts: int = 3
    base: float = 0.25
    cap: float = 4.0
    deadline: float = 30.0
    statuses: frozenset[int] = frozenset((429, 500, 502, 503, 504))
    idempotent: bool = False

    def allows(self, request: Request) -> bool:
        """Whether a request may be made more than once."""
        kinds = ("safe", "idempotent") if self.idempotent else ("safe",)
        return self.attempts > 1 and request.operation.idempotency in kinds

    def delay(self, attempt: int, response: RawResponse | None) -> float | None:
        """Seconds to wait after an attempt, counted from 1; `None` when it was the last word."""
        if response is not None and response.status not in self.statuses:
            return None
        asked = _retry_after(response)
        if response is not None and response.status == _LIMITED and asked is None:
            return None
        jitter = random.random() * min(self.cap, self.base * 2 ** (attempt - 1))  # noqa: S311
        return max(asked or 0.0, float(jitter))

    def __call__(self, request: Request, proceed: Proceed) -> Flow[RawResponse]:
        """Make a request until it is answered, or given up."""
        if not self.allows(request):
            return (yield from proceed(request))
        started = monotonic()
        for attempt in range(1, self.attempts):
            response = failure = None
            try:
                response = yield from proceed(request)
            except TransportError as error:
                if not error.is_retryable:
                    raise
                failure = error
            wait = self.delay(attempt, response)
            if wait is None or monotonic() - started + wait > self.deadline:
                return _given_up(response, failure)
            yield Wait(wait)
        return (yield from proceed(request))


NEVER = Retry(attempts=1)
"""Makes every call once."""


def _given_up(response: RawResponse | None, failure: TransportError | None) -> RawResponse:
    if response is None:
        raise failure or AssertionError
    return response


def _retry_after(response: RawResponse | None) -> float | None:
    """The seconds that a server asks for, also when it names a time; `None` when it does not."""
    stated = response.headers.get("retry-after", "") if response is not None else ""
    if stated.strip().isdigit():
        return float(stated)
    if not stated:
        return None
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, (parsedate_to_datetime(stated) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
