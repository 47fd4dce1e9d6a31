"""The gateway's session: the login, the brokerage session on it, and what ends or refuses them.

Owns who is logged in, until when, and what a call is told that comes at the wrong time. Time comes from
the clock and moves nothing by itself: each method first catches up on what has ended meanwhile.
"""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from bezant.mock.call import Refused
from bezant.mock.clock import Clock
from bezant.mock.http import Reply, error_reply, json_reply, redirect, text_reply

Tier: TypeAlias = Literal["none", "login", "brokerage"]
"""What an operation needs."""

BROKERAGE_IDLE_SECONDS: Final = 300.0
LOGIN_IDLE_SECONDS: Final = 360.0
COUNTDOWN_SECONDS: Final = 600.0
"""What `ssoExpires` and `EXPIRES` count down from."""
RESET_ZONE: Final = "America/New_York"
"""Every login ends at this zone's midnight."""

FORCE_COMPETE: Final = "Force compete capability must be used together with compete flag"
_MAC: Final = "AA:BB:CC:DD:EE:FF"
_HARDWARE: Final = f"mock1234|{_MAC}"
_SERVER: Final = {
    "serverName": "MockServer01",
    "serverVersion": "Build 10.44.1d, Mar 3, 2026 1:55:32 PM",
}
_NO_SERVER: Final = {"serverName": None, "serverVersion": None}
_FEATURES: Final = {
    "env": "PROD",
    "wlms": True,
    "realtime": True,
    "bond": True,
    "optionChains": True,
    "calendar": True,
    "newMf": True,
}
_MAINTENANCE_PAGE: Final = (
    "<html><head><title>Site Maintenance</title></head>"
    "<body><h1>The system is down for maintenance</h1></body></html>\n"
)


class MissingLogin(StrEnum):
    """How a call is answered when nobody is logged in."""

    EMPTY = "empty"
    """401 without a body."""
    LOGIN = "login"
    """A redirect to `/sso/Login`."""
    DISPATCHER = "dispatcher"
    """A redirect to `/sso/Dispatcher`."""


class InitFailure(StrEnum):
    """Why the brokerage session cannot be opened."""

    NO_TOKEN = "no token"  # noqa: S105  # the name of a failure
    """500, as for users who are not entitled to it."""
    GONE = "gone"
    """410 without a body, as from a host that does not serve the user."""


class Phase(StrEnum):
    """How far the brokerage session of a login is."""

    UNOPENED = "unopened"
    OPENING = "opening"
    OPEN = "open"
    LOST = "lost"


@dataclass(slots=True)
class Session:
    """A login and its brokerage session; a new one is open, as after a login in the browser.

    What is public and has a default is a knob. Those of an opening (`polls_until_open`,
    `unestablished_polls`, `bridge_seconds`) and of a login (`opens_at_login`, `denies_until_tickle`)
    are looked at when it happens; the others hold at once.
    """

    clock: Clock
    chance: random.Random = field(
        default_factory=lambda: random.Random(0)  # noqa: S311  # ids for tests, no secrets
    )
    """What ids and cookies are drawn from."""
    username: str = "mockuser1"
    user_id: int = 123456789
    paper: bool = True
    """Whether the login is to the paper account."""

    missing_login: MissingLogin = MissingLogin.EMPTY
    """How a call without a login is answered."""
    opens_at_login: bool = True
    """Whether a login opens the brokerage session too, as the gateway does it."""
    denies_until_tickle: bool = False
    """Whether status says after a login that there is no brokerage session, until a tickle or an init."""
    polls_until_open: int = 0
    """How many answers of status still say after an init that it has not worked; nothing else counts."""
    unestablished_polls: int = 0
    """How many answers of status say that an open session is not established; it is not usable before."""
    bridge_seconds: float = 0.0
    """How long calls are refused after an init with `no bridge`; one to three seconds where it happens."""
    has_established: bool = True
    """Whether status has `established`; older gateways leave it out."""
    init_failure: InitFailure | None = None
    """Why an init fails."""
    failing_inits: int | None = None
    """How many more calls of init fail for `init_failure`; all of them when it is None."""
    force_compete: bool = False
    """Whether only an init with `compete` opens the session; until then `fail` in status says so."""
    contended_seconds: float = 0.0
    """How long the session stays authenticated while another login contends for it."""
    tickle_fails: bool = False
    """Whether a tickle is answered by an error with status 200."""
    oauth_tickle: bool = False
    """Whether a tickle leaves out what only the gateway knows, as under OAuth."""

    listeners: list[Callable[[dict[str, Any]], None]] = field(default_factory=list)
    """Called with the `args` of an `sts` frame when authenticated, competing or connected change."""
    accounts_queried: bool = field(default=False, init=False)
    """Whether `/iserver/accounts` was asked for in this brokerage session."""
    portfolio_queried: bool = field(default=False, init=False)
    """Whether the portfolio's accounts were asked for in this login."""
    history_open: bool = field(default=False, init=False)
    """Whether the historical data service was opened in this brokerage session."""
    sessions_opened: int = field(default=0, init=False)
    """How many brokerage sessions there were; what hangs on one is over when this has changed."""
    token: str = field(default="", init=False)
    """Id of the login, the WebSocket's credential; worth something only while logged in."""

    _logged_in: bool = field(default=False, init=False)
    _phase: Phase = field(default=Phase.UNOPENED, init=False)
    _has_competitor: bool = field(default=False, init=False)
    _denying: bool = field(default=False, init=False)
    _polls_left: int = field(default=0, init=False)
    _unestablished: int = field(default=0, init=False)
    _login_at: float = field(default=0.0, init=False)
    _last_call: float = field(default=0.0, init=False)
    _renewed_at: float = field(default=0.0, init=False)
    _reset_at: float = field(default=math.inf, init=False)
    _taken_at: float = field(default=math.inf, init=False)
    _bridge_at: float = field(default=0.0, init=False)
    _maintained_until: float = field(default=-math.inf, init=False)
    _announced: tuple[bool, bool, bool] = field(default=(False, False, False), init=False)
    _cookies: dict[str, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.login()

    @property
    def logged_in(self) -> bool:
        """Whether there is a login."""
        self.settle()
        return self._logged_in

    @property
    def authenticated(self) -> bool:
        """Whether the brokerage session is open."""
        self.settle()
        return self._phase is Phase.OPEN

    @property
    def established(self) -> bool:
        """Whether the open session has the data of its accounts too."""
        return self.authenticated and not self._unestablished

    @property
    def competing(self) -> bool:
        """Whether another login of the user holds the brokerage session or contends for it."""
        self.settle()
        return self._logged_in and self._has_competitor

    @property
    def connected(self) -> bool:
        """Whether the login reaches the broker."""
        return self.logged_in and not self.in_maintenance

    @property
    def in_maintenance(self) -> bool:
        """Whether the servers are being maintained."""
        return self.clock.now() < self._maintained_until

    def settle(self) -> None:
        """Catch up on what has ended since the last look, in its order; listeners hear of it."""
        now = self.clock.now()
        for due, end in sorted(self._ends(), key=lambda pair: pair[0]):
            if due <= now:
                end()
        self._announce()

    def login(self, paper: bool | None = None) -> None:
        """Log in, to the paper account or the live one; None means the one of the last login."""
        self.settle()
        self.paper = self.paper if paper is None else paper
        self._logged_in = True
        self._login_at = self._last_call = self._renewed_at = self.clock.now()
        self._reset_at = _next_midnight(self._login_at)
        self.portfolio_queried = False
        self.token = self._hex(32)
        self.rotate_cookies()
        self._forget_brokerage(Phase.UNOPENED)
        if self.opens_at_login and not self.force_compete and not self.in_maintenance:
            self._open()
        self._denying = self.denies_until_tickle
        self._announce()

    def logout(self) -> dict[str, Any]:
        """End the login because the user wants it; gives the answer of `/logout`."""
        self._require_login()
        self.expire()
        return {"status": True}

    def expire(self) -> None:
        """End the login and what is on it."""
        if not self._logged_in:
            return
        self._logged_in = False
        self.portfolio_queried = False
        self._cookies = {}
        self._forget_brokerage(Phase.UNOPENED)
        self._announce()

    def init(self, publish: bool, compete: bool) -> dict[str, Any]:
        """Open the brokerage session anew; gives the answer of `ssodh/init` or raises `Refused`."""
        self._require_login()
        self.touch()
        self._refuse_init(publish)
        if compete or not (self._has_competitor or self.force_compete):
            self._open()
            self._bridge_at = self.clock.now() + self.bridge_seconds
            self._begin_polls()
        self._announce()
        return self._report(self._phase is Phase.OPEN)

    def lose_brokerage(self) -> None:
        """End the brokerage session; the login stays."""
        if self._phase in (Phase.OPENING, Phase.OPEN):
            self._forget_brokerage(Phase.LOST)
            self._announce()

    def tickle(self) -> dict[str, Any]:
        """Keep the session alive; gives the answer of `/tickle`."""
        self._require_login()
        self.touch()
        if self.tickle_fails:
            return {"error": "failed to process request"}
        self._denying = False
        body = self._tickled()
        self._renewed_at = self.clock.now()
        return body

    def touch(self) -> None:
        """Count a call: the idle timeouts begin anew."""
        self.settle()
        if not self._logged_in:
            return
        self._last_call = self.clock.now()
        if self._expires() == 0:  # a login in use is renewed before it runs out
            self._renewed_at = self._last_call

    def status(self) -> dict[str, Any]:
        """The answer of `auth/status`; counts as one of the polls that an opening may need."""
        self.settle()
        if not self._logged_in:
            return {"authenticated": False, "competing": False, "connected": False, "MAC": _MAC}
        is_open = self._phase is Phase.OPEN and not self._denying
        body = {**self._report(is_open), "fail": self._fail()}
        self._count_poll()
        return body

    def validate(self) -> dict[str, Any]:
        """The answer of `/sso/validate`: whose login it is, of which kind, and how long it lasts."""
        self._require_login()
        return {
            "USER_ID": self.user_id,
            "USER_NAME": self.username,
            "RESULT": True,
            "AUTH_TIME": int(self._login_at * 1000),
            "SF_ENABLED": False,
            "IS_FREE_TRIAL": False,
            "CREDENTIAL": self.username,
            "IP": "127.0.0.1",
            "EXPIRES": self._expires(),
            "QUALIFIED_FOR_MOBILE_AUTH": None,
            "LANDING_APP": "UNIVERSAL",
            "IS_MASTER": False,
            "lastAccessed": int(self._last_call * 1000),
            "LOGIN_TYPE": 2 if self.paper else 1,
            "PAPER_USER_NAME": self.username,
            "features": dict(_FEATURES),
            "region": "NJ",
        }

    def compete(self) -> None:
        """Let another login of the user take the brokerage session, after `contended_seconds`."""
        self.settle()
        self._has_competitor = True
        self._announce()  # a frame of its own: the session is contended for before it is lost
        self._taken_at = self.clock.now() + self.contended_seconds
        self.settle()

    def leave(self) -> None:
        """Let the other login go; what it took stays lost until an init."""
        self.settle()
        self._has_competitor = False
        self._taken_at = math.inf
        self._announce()

    def begin_maintenance(self, seconds: float) -> None:
        """Refuse everything for some time. The brokerage session ends; the login outlasts it."""
        self.settle()
        self._maintained_until = self.clock.now() + seconds
        self.lose_brokerage()
        self._announce()

    def check(self, tier: Tier) -> Reply | None:
        """What refuses a call that needs this much of a session; None when nothing does."""
        self.settle()
        if self.in_maintenance:
            return text_reply(_MAINTENANCE_PAGE, 503, "text/html")
        if tier == "none":
            return None
        if not self._logged_in:
            return self._without_login()
        return self._without_brokerage() if tier == "brokerage" else None

    def cookies(self) -> dict[str, str]:
        """The cookies of the login by name; none without one."""
        self.settle()
        return dict(self._cookies)

    def renew_token(self) -> None:
        """Give the login another id; that of an earlier tickle is worth nothing then."""
        self.token = self._hex(32)
        self.rotate_cookies()

    def rotate_cookies(self) -> None:
        """Give the cookies new values, except for `api`, which is the login's token."""
        self._cookies = {
            "x-sess-uuid": f"0.{self._hex(8)}.{self._hex(8)}",
            "JSESSIONID": f"{self._hex(32).upper()}.mock1",
            "api": self.token,
        }

    def _ends(self) -> Iterator[tuple[float, Callable[[], None]]]:
        """What ends when, as far as it is known now."""
        yield self._taken_at, self.lose_brokerage
        yield self._last_call + BROKERAGE_IDLE_SECONDS, self.lose_brokerage
        yield self._last_call + LOGIN_IDLE_SECONDS, self.expire
        yield self._reset_at, self.expire

    def _open(self) -> None:
        self._forget_brokerage(Phase.OPEN)
        self._has_competitor = False
        self._unestablished = self.unestablished_polls
        self.sessions_opened += 1

    def _begin_polls(self) -> None:
        self._polls_left = self.polls_until_open
        if self._polls_left:
            self._phase = Phase.OPENING

    def _count_poll(self) -> None:
        if self._phase is Phase.OPENING:
            self._polls_left -= 1
            self._phase = Phase.OPENING if self._polls_left else Phase.OPEN
            self._announce()
        elif self._phase is Phase.OPEN and self._unestablished:
            self._unestablished -= 1

    def _forget_brokerage(self, phase: Phase) -> None:
        self._phase = phase
        self._denying = False
        self._bridge_at = 0.0
        self._taken_at = math.inf
        self.accounts_queried = False
        self.history_open = False

    def _require_login(self) -> None:
        refused = self.check("login")
        if refused is not None:
            raise Refused(refused)

    def _refuse_init(self, publish: bool) -> None:
        if not publish:
            raise Refused(error_reply("Internal Server Error", 500))
        if self.init_failure is None or self.failing_inits == 0:
            return
        if self.failing_inits is not None:
            self.failing_inits -= 1
        if self.init_failure is InitFailure.GONE:
            raise Refused(Reply(410))
        raise Refused(json_reply({"error": "failed to generate sso dh token"}, 500))

    def _without_login(self) -> Reply:
        if self.missing_login is MissingLogin.LOGIN:
            return redirect("/sso/Login?forwardTo=22&RL=1&ip2loc=on")
        if self.missing_login is MissingLogin.DISPATCHER:
            return redirect("/sso/Dispatcher")
        return Reply(401)

    def _without_brokerage(self) -> Reply | None:
        """A session that was lost is not authenticated; one that is not there yet has no bridge."""
        if self._phase is Phase.LOST:
            return error_reply("not authenticated", 401)
        is_bridged = self._phase is Phase.OPEN and self.clock.now() >= self._bridge_at
        if is_bridged and not self._unestablished:
            return None
        return error_reply("Bad Request: no bridge", 400)

    def _report(self, is_open: bool) -> dict[str, Any]:
        is_established = is_open and not self._unestablished
        body = {
            "authenticated": is_open,
            "established": is_established,
            "competing": self._has_competitor,
            "connected": not self.in_maintenance,
            "message": "",
            "MAC": _MAC,
            "serverInfo": dict(_SERVER if is_established else _NO_SERVER),
            "hardware_info": _HARDWARE,
        }
        if not self.has_established:
            del body["established"]
        return body

    def _fail(self) -> str:
        is_forced = self._logged_in and self.force_compete
        return FORCE_COMPETE if is_forced and self._phase is not Phase.OPEN else ""

    def _tickled(self) -> dict[str, Any]:
        gateway = {
            "ssoExpires": self._expires(),
            "collission": self._has_competitor,
            "userId": self.user_id,
        }
        state = {"authenticated": True, "connected": True}
        return {
            "session": self.token,
            **({} if self.oauth_tickle else gateway),
            "hmds": {"authStatus": [state]} if self.history_open else {"error": "no bridge"},
            "iserver": {"authStatus": self._report(self._phase is Phase.OPEN)},
        }

    def _expires(self) -> int:
        """Milliseconds until the login ends if nobody tickles; the midnight reset may come first."""
        until = min(self._renewed_at + COUNTDOWN_SECONDS, self._reset_at)
        return max(0, int((until - self.clock.now()) * 1000))

    def _announce(self) -> None:
        """Tell the listeners when something has changed that they are told."""
        is_connected = self._logged_in and not self.in_maintenance
        is_competing = self._logged_in and self._has_competitor
        now = (self._phase is Phase.OPEN, is_competing, is_connected)
        if now == self._announced:
            return
        self._announced = now
        for listener in tuple(self.listeners):
            listener(self._frame(*now))

    def _frame(self, authenticated: bool, competing: bool, connected: bool) -> dict[str, Any]:
        frame = {
            "authenticated": authenticated,
            "competing": competing,
            "connected": connected,
            "message": "",
            "fail": self._fail(),
            "username": self.username,
        }
        return {**frame, **_SERVER} if authenticated else frame

    def _hex(self, digits: int) -> str:
        return f"{self.chance.getrandbits(4 * digits):0{digits}x}"


def _next_midnight(now: float) -> float:
    """The first midnight after a time; computed by the calendar, since days have 23 to 25 hours."""
    zone = ZoneInfo(RESET_ZONE)
    tomorrow = datetime.fromtimestamp(now, zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone).timestamp()
