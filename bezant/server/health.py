"""Whether the gateway behind the sidecar can be used, and if not, why and what to do about it."""

import time
from dataclasses import dataclass, field
from typing import Any, Final

import anyio
from bezant_api import AsyncClient, BezantError, errors

PROBE_SECONDS: Final = 5.0
KEPT_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`ready`, or the reason in a word and what to do in a sentence."""

    reason: str = ""
    message: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether calls can be made."""
        return not self.reason

    def body(self) -> dict[str, Any]:
        """What is answered."""
        if self.is_ready:
            return {"status": "ready"}
        return {"status": "not_ready", "reason": self.reason, "message": self.message}


READY: Final = Verdict()
DRAINING: Final = Verdict("draining", "The sidecar is ending.")


@dataclass(eq=False)
class Health:
    """Asks the gateway, once for all who want to know within a second."""

    client: AsyncClient
    is_draining: bool = False
    _verdict: Verdict = field(default=READY, init=False)
    _asked_at: float = field(default=-KEPT_SECONDS, init=False)
    _lock: anyio.Lock | None = field(default=None, init=False)

    async def verdict(self) -> Verdict:
        """What is the case now, or was a second ago."""
        if self.is_draining:
            return DRAINING
        self._lock = self._lock or anyio.Lock()
        async with self._lock:
            if time.monotonic() - self._asked_at >= KEPT_SECONDS:
                self._verdict = await self._asked()
                self._asked_at = time.monotonic()
        return self._verdict

    async def _asked(self) -> Verdict:
        try:
            status = await self.client.session.status(timeout=PROBE_SECONDS)
        except BezantError as error:
            return self._failed(error)
        if not status.connected and not status.authenticated:
            return self._no_login()
        if status.competing:
            message = (
                "Another login of the user has the brokerage session: end it, or take it over."
            )
            return Verdict("competing", message)
        if not status.authenticated:
            message = (
                "There is no brokerage session: POST /v1/api/iserver/auth/ssodh/init opens one."
            )
            return Verdict("no_brokerage_session", message)
        if status.established is False:
            return Verdict("not_established", "The brokerage session is being opened: wait.")
        return READY

    def _failed(self, error: BezantError) -> Verdict:
        if isinstance(error, errors.NotAuthenticated):
            return self._no_login()
        if isinstance(error, errors.Maintenance):
            return Verdict("maintenance", "IBKR's servers are maintained: wait.")
        if isinstance(error, errors.TransportError):
            message = f"No answer from {self.client.settings.origin}: start the gateway there."
            return Verdict("unreachable", message)
        if isinstance(error, errors.RateLimited):
            return Verdict(
                "rate_limited", "The gateway refuses calls for some time: call less often."
            )
        return Verdict("failing", f"The gateway says no: {type(error).__name__}.")

    def _no_login(self) -> Verdict:
        message = f"Nobody is logged in: open {self.client.settings.origin} in a browser here."
        return Verdict("not_logged_in", message)
