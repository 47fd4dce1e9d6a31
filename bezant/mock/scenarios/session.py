"""Scenarios of the login and of the brokerage session on it."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from bezant.mock.faults import Fault
from bezant.mock.http import Reply, Request, json_reply
from bezant.mock.scenarios.scenario import (
    Scenario,
    Start,
    Stop,
    insisting,
    setting,
    together,
)
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


def _ending(end: Callable[["MockGateway"], object]) -> Start:
    """End something of the session; stopped, somebody logs in again."""

    def start(gateway: "MockGateway") -> Stop:
        end(gateway)
        return gateway.session.login

    return start


def _at_login(**knobs: object) -> Start:
    """Turn knobs that are looked at when somebody logs in, and log in; who is logged out stays so."""

    def log_in_again(gateway: "MockGateway") -> Stop:
        def again() -> None:
            if gateway.session.logged_in:
                gateway.session.login()

        again()
        return again

    return together(setting("session", **knobs), log_in_again)


def _expire(gateway: "MockGateway") -> None:
    gateway.session.expire()


def _lose_brokerage(gateway: "MockGateway") -> None:
    gateway.session.lose_brokerage()


def _compete(seconds: float) -> Start:
    """Let another login of the user contend for the brokerage session, and have it after a time."""

    def start(gateway: "MockGateway") -> Stop:
        gateway.session.compete()
        return gateway.session.leave

    return together(setting("session", contended_seconds=seconds), start)


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


def _maintenance(gateway: "MockGateway") -> Stop:
    gateway.session.begin_maintenance(MAINTENANCE_SECONDS)

    def stop() -> None:
        gateway.session.begin_maintenance(0)
        gateway.session.login()

    return stop


def _log_out(gateway: "MockGateway") -> None:
    if gateway.session.logged_in:
        gateway.session.logout()


def _becoming(change: Callable[["MockGateway", Reply], Reply]) -> Start:
    """Make something else of every answer, out of the session."""

    def start(gateway: "MockGateway") -> Stop:
        def becomes(_: Request, reply: Reply) -> Reply:
            return change(gateway, reply)

        fault = gateway.faults.add(Fault(becomes=becomes))
        return lambda: gateway.faults.remove(fault)

    return start


def _rotated(gateway: "MockGateway", reply: Reply) -> Reply:
    gateway.session.rotate_cookies()
    pairs = gateway.session.cookies().items()
    return reply.having(*(("Set-Cookie", f"{name}={value}; Path=/") for name, value in pairs))


def _doubled(gateway: "MockGateway", reply: Reply) -> Reply:
    value = gateway.session.cookies().get("JSESSIONID", "")
    first, second = f"JSESSIONID={value}; Path=/", "JSESSIONID=0.mock2; Path=/v1/api"
    return reply.having(("Set-Cookie", first), ("Set-Cookie", second))


def _no_accounts(gateway: "MockGateway") -> Stop:
    def is_competing(_: Request) -> bool:
        return gateway.session.competing

    fault = Fault(operation="get_iserver_accounts", reply=json_reply({}), when=is_competing)
    gateway.session.compete()
    gateway.faults.add(fault)

    def stop() -> None:
        gateway.faults.remove(fault)
        gateway.session.leave()

    return stop


def _select_other(gateway: "MockGateway") -> Stop:
    """Select the account that is not selected."""
    before = gateway.world.selected
    others = [account.id for account in gateway.world.accounts if account.id != before]
    gateway.world.selected = others[0]

    def stop() -> None:
        gateway.world.selected = before

    return stop


SCENARIOS: Final = (
    Scenario("not-logged-in", "Nobody is logged in: 401 without a body.", _ending(_expire)),
    Scenario(
        "redirected-to-login",
        "Nobody is logged in: calls are redirected to /sso/Login.",
        together(setting("session", missing_login=MissingLogin.LOGIN), _ending(_expire)),
    ),
    Scenario(
        "redirected-to-dispatcher",
        "Nobody is logged in: calls are redirected to /sso/Dispatcher.",
        together(setting("session", missing_login=MissingLogin.DISPATCHER), _ending(_expire)),
    ),
    Scenario(
        "no-bridge",
        f"No brokerage session until an init, and for {BRIDGE_SECONDS:g} s after it: 400, no bridge.",
        _at_login(opens_at_login=False, bridge_seconds=BRIDGE_SECONDS),
    ),
    Scenario(
        "slow-opening",
        f"No brokerage session until an init and {POLLS} answers of status.",
        _at_login(opens_at_login=False, polls_until_open=POLLS),
    ),
    Scenario(
        "status-denies-until-tickle",
        "Status says that the session is not authenticated until a tickle, though it is.",
        _at_login(denies_until_tickle=True),
    ),
    Scenario(
        "competitor-holds",
        "Another login has taken the brokerage session; only an init with compete takes it back.",
        _compete(0.0),
    ),
    Scenario(
        "competitor-comes",
        f"Another login contends for the brokerage session and has it after {CONTENDED_SECONDS:g} s.",
        _compete(CONTENDED_SECONDS),
    ),
    Scenario(
        "force-compete",
        "Status says in `fail` that only an init with compete opens the session.",
        _at_login(force_compete=True),
    ),
    Scenario(
        "init-without-token",
        "The brokerage session is lost, and init fails with 500: no token.",
        together(setting("session", init_failure=InitFailure.NO_TOKEN), _ending(_lose_brokerage)),
    ),
    Scenario(
        "init-gone",
        "The brokerage session is lost, and init fails with 410.",
        together(setting("session", init_failure=InitFailure.GONE), _ending(_lose_brokerage)),
    ),
    Scenario(
        "not-established",
        f"Authenticated, but not established and of no use before {POLLS} answers of status.",
        _at_login(unestablished_polls=POLLS),
    ),
    Scenario(
        "old-gateway", "Status has no `established`.", setting("session", has_established=False)
    ),
    Scenario(
        "brokerage-lost",
        "The brokerage session has ended, the login has not: 401, not authenticated.",
        _ending(_lose_brokerage),
    ),
    Scenario(
        "brokerage-idle",
        "Five minutes without a call: no brokerage session.",
        _ending(_brokerage_idle),
    ),
    Scenario("login-idle", "Six minutes without a call: no login either.", _ending(_login_idle)),
    Scenario("midnight-reset", "It is midnight in New York: every login ends.", _ending(_midnight)),
    Scenario(
        "maintenance",
        f"The servers are maintained for {MAINTENANCE_SECONDS:g} s: 503 with a page.",
        _maintenance,
    ),
    Scenario("logged-out", "The user has logged out.", _ending(_log_out)),
    Scenario("rotating-cookies", "Every answer sets new cookies.", _becoming(_rotated)),
    Scenario(
        "duplicate-cookie", "Answers set JSESSIONID twice, for two paths.", _becoming(_doubled)
    ),
    Scenario(
        "tickle-fails",
        "A tickle is answered by an error with status 200.",
        setting("session", tickle_fails=True),
    ),
    Scenario(
        "oauth-tickle",
        "A tickle leaves out what only the gateway knows.",
        setting("session", oauth_tickle=True),
    ),
    Scenario(
        "no-accounts-while-competing",
        "Another login has the brokerage session, and the list of accounts is an empty object.",
        _no_accounts,
    ),
    Scenario(
        "accounts-first",
        "400 for what needs the accounts to be asked for before.",
        insisting(preflights=True),
    ),
    Scenario(
        "other-account-selected",
        "Another account is selected: orders of the others are not available, 503.",
        together(_select_other, setting("book", shows_selected_only=True)),
    ),
)
