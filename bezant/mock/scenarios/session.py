"""Scenarios of the login and of the brokerage session on it."""

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from bezant.mock.faults import Fault
from bezant.mock.http import Reply, json_reply
from bezant.mock.scenarios.scenario import Scenario
from bezant.mock.session import (
    BROKERAGE_IDLE_SECONDS,
    LOGIN_IDLE_SECONDS,
    RESET_ZONE,
    InitFailure,
    MissingLogin,
)

if TYPE_CHECKING:
    from bezant.mock.gateway import MockGateway

MAINTENANCE_SECONDS: Final = 600.0
CONTENDED_SECONDS: Final = 2.0
BRIDGE_SECONDS: Final = 2.0
POLLS: Final = 3
_CALL_SECONDS: Final = 240.0


def _log_in_again(gateway: "MockGateway") -> None:
    """Let knobs count that are looked at when somebody logs in; who is logged out stays so."""
    if gateway.session.logged_in:
        gateway.session.login()


def _not_logged_in(gateway: "MockGateway") -> None:
    gateway.session.expire()


def _sent_to_login(gateway: "MockGateway") -> None:
    gateway.session.missing_login = MissingLogin.LOGIN
    gateway.session.expire()


def _sent_to_dispatcher(gateway: "MockGateway") -> None:
    gateway.session.missing_login = MissingLogin.DISPATCHER
    gateway.session.expire()


def _no_bridge(gateway: "MockGateway") -> None:
    gateway.session.opens_at_login = False
    gateway.session.bridge_seconds = BRIDGE_SECONDS
    _log_in_again(gateway)


def _slow_opening(gateway: "MockGateway") -> None:
    gateway.session.opens_at_login = False
    gateway.session.polls_until_open = POLLS
    _log_in_again(gateway)


def _status_denies(gateway: "MockGateway") -> None:
    gateway.session.denies_until_tickle = True
    _log_in_again(gateway)


def _competitor_holds(gateway: "MockGateway") -> None:
    gateway.session.contended_seconds = 0.0
    gateway.session.compete()


def _competitor_comes(gateway: "MockGateway") -> None:
    gateway.session.contended_seconds = CONTENDED_SECONDS
    gateway.session.compete()


def _force_compete(gateway: "MockGateway") -> None:
    gateway.session.force_compete = True
    _log_in_again(gateway)


def _no_token(gateway: "MockGateway") -> None:
    gateway.session.init_failure = InitFailure.NO_TOKEN
    gateway.session.lose_brokerage()


def _gone(gateway: "MockGateway") -> None:
    gateway.session.init_failure = InitFailure.GONE
    gateway.session.lose_brokerage()


def _not_established(gateway: "MockGateway") -> None:
    gateway.session.unestablished_polls = POLLS
    _log_in_again(gateway)


def _old_gateway(gateway: "MockGateway") -> None:
    gateway.session.has_established = False


def _brokerage_lost(gateway: "MockGateway") -> None:
    gateway.session.lose_brokerage()


def _brokerage_idle(gateway: "MockGateway") -> None:
    gateway.session.touch()
    gateway.clock.advance(BROKERAGE_IDLE_SECONDS)
    gateway.session.settle()


def _login_idle(gateway: "MockGateway") -> None:
    gateway.clock.advance(LOGIN_IDLE_SECONDS)
    gateway.session.settle()


def _midnight(gateway: "MockGateway") -> None:
    """Let somebody use the session until midnight, or it would end for being idle."""
    zone = ZoneInfo(RESET_ZONE)
    now = gateway.clock.now()
    tomorrow = datetime.fromtimestamp(now, zone).date() + timedelta(days=1)
    left = datetime.combine(tomorrow, time(), zone).timestamp() - now
    while left > 0:
        gateway.session.touch()
        gateway.clock.advance(min(left, _CALL_SECONDS))
        left -= _CALL_SECONDS
    gateway.session.settle()


def _maintenance(gateway: "MockGateway") -> None:
    gateway.session.begin_maintenance(MAINTENANCE_SECONDS)


def _logged_out(gateway: "MockGateway") -> None:
    if gateway.session.logged_in:
        gateway.session.logout()


def _rotating_cookies(gateway: "MockGateway") -> None:
    def rotated(reply: Reply) -> Reply:
        gateway.session.rotate_cookies()
        pairs = gateway.session.cookies().items()
        return reply.having(*(("Set-Cookie", f"{name}={value}; Path=/") for name, value in pairs))

    gateway.faults.add(Fault(becomes=rotated))


def _duplicate_cookie(gateway: "MockGateway") -> None:
    def doubled(reply: Reply) -> Reply:
        value = gateway.session.cookies().get("JSESSIONID", "")
        first, second = f"JSESSIONID={value}; Path=/", "JSESSIONID=0.mock2; Path=/v1/api"
        return reply.having(("Set-Cookie", first), ("Set-Cookie", second))

    gateway.faults.add(Fault(becomes=doubled))


def _tickle_fails(gateway: "MockGateway") -> None:
    gateway.session.tickle_fails = True


def _oauth_tickle(gateway: "MockGateway") -> None:
    gateway.session.oauth_tickle = True


def _no_accounts(gateway: "MockGateway") -> None:
    gateway.session.compete()
    gateway.faults.add(
        Fault(
            operation="get_iserver_accounts",
            reply=json_reply({}),
            when=lambda _: gateway.session.competing,
        )
    )


SCENARIOS: Final = (
    Scenario("not-logged-in", "Nobody is logged in: 401 without a body.", _not_logged_in),
    Scenario(
        "redirected-to-login",
        "Nobody is logged in: calls are redirected to /sso/Login.",
        _sent_to_login,
    ),
    Scenario(
        "redirected-to-dispatcher",
        "Nobody is logged in: calls are redirected to /sso/Dispatcher.",
        _sent_to_dispatcher,
    ),
    Scenario(
        "no-bridge",
        f"No brokerage session until an init, and for {BRIDGE_SECONDS:g} s after it: 400, no bridge.",
        _no_bridge,
    ),
    Scenario(
        "slow-opening",
        f"No brokerage session until an init and {POLLS} answers of status.",
        _slow_opening,
    ),
    Scenario(
        "status-denies-until-tickle",
        "Status says that the session is not authenticated until a tickle, though it is.",
        _status_denies,
    ),
    Scenario(
        "competitor-holds",
        "Another login has taken the brokerage session; only an init with compete takes it back.",
        _competitor_holds,
    ),
    Scenario(
        "competitor-comes",
        f"Another login contends for the brokerage session and has it after {CONTENDED_SECONDS:g} s.",
        _competitor_comes,
    ),
    Scenario(
        "force-compete",
        "Status says in `fail` that only an init with compete opens the session.",
        _force_compete,
    ),
    Scenario(
        "init-without-token",
        "The brokerage session is lost, and init fails with 500: no token.",
        _no_token,
    ),
    Scenario("init-gone", "The brokerage session is lost, and init fails with 410.", _gone),
    Scenario(
        "not-established",
        f"Authenticated, but not established and of no use before {POLLS} answers of status.",
        _not_established,
    ),
    Scenario("old-gateway", "Status has no `established`.", _old_gateway),
    Scenario(
        "brokerage-lost",
        "The brokerage session has ended, the login has not: 401, not authenticated.",
        _brokerage_lost,
    ),
    Scenario(
        "brokerage-idle", "Five minutes without a call: no brokerage session.", _brokerage_idle
    ),
    Scenario("login-idle", "Six minutes without a call: no login either.", _login_idle),
    Scenario("midnight-reset", "It is midnight in New York: every login ends.", _midnight),
    Scenario(
        "maintenance",
        f"The servers are maintained for {MAINTENANCE_SECONDS:g} s: 503 with a page.",
        _maintenance,
    ),
    Scenario("logged-out", "The user has logged out.", _logged_out),
    Scenario("rotating-cookies", "Every answer sets new cookies.", _rotating_cookies),
    Scenario("duplicate-cookie", "Answers set JSESSIONID twice, for two paths.", _duplicate_cookie),
    Scenario("tickle-fails", "A tickle is answered by an error with status 200.", _tickle_fails),
    Scenario("oauth-tickle", "A tickle leaves out what only the gateway knows.", _oauth_tickle),
    Scenario(
        "no-accounts-while-competing",
        "Another login has the brokerage session, and the list of accounts is an empty object.",
        _no_accounts,
    ),
)
