"""Whether the gateway behind the sidecar can be used, and if not, why and what to do about it.

Facts of the session are IBKR's: `connected` without `authenticated` means that the login is there and
the brokerage session is not; gateways without `established` mean by `authenticated` both.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import anyio
from bezant_api import AsyncClient, BezantError, errors
from bezant_api.models.session import SessionStatus

PROBE_SECONDS: Final = 5.0
KEPT_SECONDS: Final = 1.0
_FLAGS: Final = ("authenticated", "connected", "competing", "established")
_INIT: Final = "POST /v1/api/iserver/auth/ssodh/init"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`ready`, or the reason in a word and what to do in a sentence; `flags` are the gateway's own."""

    reason: str = ""
    message: str = ""
    flags: Mapping[str, bool] = field(default_factory=dict)

    @property
    def is_ready(self) -> bool:
        """Whether calls can be made."""
        return not self.reason

    def body(self) -> dict[str, Any]:
        """What is answered."""
        if self.is_ready:
            return {"status": "ready", **self.flags}
        return {
            "status": "not_ready",
            "reason": self.reason,
            "message": self.message,
            **self.flags,
        }


DRAINING: Final = Verdict("draining", "The sidecar is ending: ask the next one.")


@dataclass(eq=False)
class Health:
    """Asks the gateway, once for all who want to know within a second."""

    client: AsyncClient
    is_draining: bool = False
    _verdict: Verdict = field(default=DRAINING, init=False)
    _asked_at: float = field(default=-math.inf, init=False)
    _lock: anyio.Lock = field(default_factory=anyio.Lock, init=False)

    async def verdict(self) -> Verdict:
        """What is the case now, or was a second ago."""
        if self.is_draining:
            return DRAINING
        async with self._lock:
            if time.monotonic() - self._asked_at >= KEPT_SECONDS:
                self._verdict = await self._asked()
                self._asked_at = time.monotonic()
        return self._verdict

    async def _asked(self) -> Verdict:
        origin = self.client.settings.origin
        try:
            status = await self.client.session.status(timeout=PROBE_SECONDS)
        except BezantError as error:
            return _of_error(error, origin)
        # The client is lenient: what fits no type is what came.
        if not isinstance(status, SessionStatus):
            return _failing("no status")
        flags = {name: getattr(status, name) for name in _FLAGS}
        reason, message = _of_status(status, origin)
        return Verdict(reason, message, {name: on for name, on in flags.items() if on is not None})


def _of_status(status: SessionStatus, origin: str) -> tuple[str, str]:
    """Reason and message; both are empty where the session can be used."""
    if status.competing:
        message = (
            "Another login of the user has the brokerage session or wants it: end that one, or "
            f"take over by {_INIT} with compete true."
        )
        return "competing", message
    if not status.authenticated and not status.connected:
        return "not_logged_in", _log_in(origin)
    if not status.authenticated:
        how = " with compete true" if "compete" in (status.fail or "").lower() else ""
        return "no_brokerage_session", f"Open the brokerage session by {_INIT}{how}."
    if status.established is False:
        return "not_established", "The brokerage session is being opened: ask again in a second."
    return "", ""


def _of_error(error: BezantError, origin: str) -> Verdict:
    if isinstance(error, errors.TransportError):
        return _unreachable(error, origin)
    if isinstance(error, errors.NotAuthenticated):
        return Verdict("not_logged_in", _log_in(origin))
    if isinstance(error, errors.NoBrokerageSession):
        return Verdict("no_brokerage_session", f"Open the brokerage session by {_INIT}.")
    if isinstance(error, errors.Maintenance):
        return Verdict("maintenance", "IBKR's servers are being maintained: wait some minutes.")
    if isinstance(error, errors.RateLimited):
        return Verdict("rate_limited", errors.RateLimited.hint)
    return _failing(type(error).__name__)


def _failing(what: str) -> Verdict:
    message = f"The gateway answers {what} when it is asked for its status: look at its own log."
    return Verdict("failing", message)


def _unreachable(error: errors.TransportError, origin: str) -> Verdict:
    if "CERTIFICATE_VERIFY_FAILED" in error.reason:
        message = f"The certificate of {origin} is not trusted: install it, or use --no-verify-tls."
        return Verdict("untrusted", message)
    if isinstance(error, errors.RequestTimeout):
        message = f"{origin} did not answer within {PROBE_SECONDS:g} s: look at its own log."
        return Verdict("timeout", message)
    return Verdict("unreachable", f"No answer from {origin}: start the gateway there.")


def _log_in(origin: str) -> str:
    return f"Nobody is logged in: log in at {origin}/sso/Login in a browser on its machine."
