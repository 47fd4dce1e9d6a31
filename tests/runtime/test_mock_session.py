"""The mock gateway's session: every transition and every knob, on a clock that only tests move."""

from typing import Any

import pytest

from bezant.mock.call import Refused
from bezant.mock.clock import Clock
from bezant.mock.session import MissingLogin, Session
from tests.runtime.login import (
    NO_BRIDGE,
    NO_SERVER,
    NOON,
    NOT_AUTHENTICATED,
    TIERS,
    eastern,
    heard,
    keep_using,
    refusal,
    refused_init,
    words,
)


@pytest.fixture
def clock() -> Clock:
    return Clock(start=NOON)


@pytest.fixture
def session(clock: Clock) -> Session:
    return Session(clock)


def test_a_new_session_is_open_and_refuses_nothing(session: Session) -> None:
    assert session.logged_in
    assert session.authenticated
    assert session.established
    assert session.connected
    assert not session.competing
    assert [session.check(tier) for tier in TIERS] == [None, None, None]
    status = session.status()
    assert words(status) == (True, False, True)
    assert status["established"] is True
    assert status["fail"] == ""
    assert status["serverInfo"]["serverName"]


def test_a_logout_ends_everything_that_needs_a_login(session: Session) -> None:
    frames = heard(session)
    assert session.logout() == {"status": True}
    assert session.check("none") is None
    assert refusal(session, "login") == (401, None)
    assert refusal(session, "brokerage") == (401, None)
    assert set(session.status()) == {"authenticated", "competing", "connected", "MAC"}
    assert words(session.status()) == (False, False, False)
    assert session.cookies() == {}
    assert frames == [(False, False, False)]


@pytest.mark.parametrize("call", ["tickle", "validate", "logout"])
def test_calls_of_a_login_are_refused_without_one(session: Session, call: str) -> None:
    session.expire()
    with pytest.raises(Refused) as caught:
        getattr(session, call)()
    assert caught.value.reply.status == 401
    assert refused_init(session) == (401, None)


@pytest.mark.parametrize(
    ("how", "location"),
    [(MissingLogin.LOGIN, "/sso/Login"), (MissingLogin.DISPATCHER, "/sso/Dispatcher")],
)
def test_a_missing_login_may_be_a_redirect(
    session: Session, how: MissingLogin, location: str
) -> None:
    session.missing_login = how
    assert session.check("login") is None
    session.expire()
    reply = session.check("login")
    assert reply is not None
    assert reply.status == 302
    assert dict(reply.headers)["Location"].partition("?")[0] == location
    assert session.check("none") is None


def test_a_login_after_an_expiry_opens_everything_again(session: Session) -> None:
    session.expire()
    frames = heard(session)
    session.login()
    assert session.check("brokerage") is None
    assert frames == [(True, False, True)]


def test_an_expiry_without_a_login_is_none(session: Session) -> None:
    session.expire()
    frames = heard(session)
    session.expire()
    assert frames == []


def test_a_login_may_leave_the_brokerage_session_to_an_init(clock: Clock) -> None:
    session = Session(clock, opens_at_login=False)
    assert words(session.status()) == (False, False, True)
    assert session.status()["serverInfo"] == NO_SERVER
    assert session.check("login") is None
    clock.advance(100)
    assert refusal(session) == NO_BRIDGE
    assert words(session.init(publish=True, compete=False)) == (True, False, True)
    assert session.check("brokerage") is None


def test_a_login_leaves_nothing_of_the_brokerage_session_before(session: Session) -> None:
    session.accounts_queried = True
    session.opens_at_login = False
    session.login()
    assert not session.authenticated
    assert not session.accounts_queried
    assert refusal(session) == NO_BRIDGE


def test_a_lost_brokerage_session_is_not_authenticated(session: Session) -> None:
    frames = heard(session)
    session.lose_brokerage()
    session.lose_brokerage()
    assert refusal(session) == NOT_AUTHENTICATED
    assert session.check("login") is None
    assert words(session.status()) == (False, False, True)
    assert frames == [(False, False, True)]
    session.init(publish=True, compete=False)
    assert session.check("brokerage") is None
    assert frames == [(False, False, True), (True, False, True)]


def test_the_brokerage_session_ends_after_five_idle_minutes(session: Session, clock: Clock) -> None:
    frames = heard(session)
    clock.advance(299)
    assert session.check("brokerage") is None
    clock.advance(2)
    assert refusal(session) == NOT_AUTHENTICATED
    assert session.logged_in
    assert frames == [(False, False, True)]


def test_the_login_ends_after_six_idle_minutes(session: Session, clock: Clock) -> None:
    frames = heard(session)
    clock.advance(359)
    assert session.check("login") is None
    clock.advance(2)
    assert refusal(session, "login") == (401, None)
    assert frames == [(False, False, True), (False, False, False)]


def test_both_ends_are_told_in_their_order_when_nobody_looked(
    session: Session, clock: Clock
) -> None:
    frames = heard(session)
    clock.advance(3600)
    session.settle()
    assert frames == [(False, False, True), (False, False, False)]


@pytest.mark.parametrize(
    ("look", "usual", "ended"),
    [
        (lambda session: session.logged_in, True, False),
        (lambda session: session.authenticated, True, False),
        (lambda session: session.connected, True, False),
        (lambda session: words(session.status()), (True, False, True), (False, False, False)),
        (lambda session: bool(session.cookies()), True, False),
    ],
    ids=["logged_in", "authenticated", "connected", "status", "cookies"],
)
def test_whoever_looks_sees_what_has_ended(
    session: Session, clock: Clock, look: Any, usual: object, ended: object
) -> None:
    assert look(session) == usual
    clock.advance(361)
    assert look(session) == ended


def test_competition_ends_with_the_login(session: Session, clock: Clock) -> None:
    session.compete()
    assert session.competing
    clock.advance(361)
    assert not session.competing


def test_a_late_login_is_told_after_the_end_before_it(session: Session, clock: Clock) -> None:
    frames = heard(session)
    clock.advance(361)
    session.login()
    assert frames == [(False, False, True), (False, False, False), (True, False, True)]


@pytest.mark.parametrize(
    "call",
    [Session.touch, Session.tickle, lambda session: session.init(publish=True, compete=False)],
    ids=["touch", "tickle", "init"],
)
def test_a_call_keeps_the_session_alive(session: Session, clock: Clock, call: Any) -> None:
    opened = session.token
    for _ in range(5):
        clock.advance(250)
        call(session)
        assert session.authenticated
    assert session.token == opened


def test_looking_is_no_call(session: Session, clock: Clock) -> None:
    clock.advance(250)
    session.status()
    session.check("brokerage")
    clock.advance(100)
    assert not session.authenticated


def test_a_call_that_comes_too_late_keeps_nothing(session: Session, clock: Clock) -> None:
    clock.advance(400)
    session.touch()
    assert not session.logged_in
    session.touch()
    assert not session.logged_in


def test_a_login_that_is_not_tickled_is_renewed_by_calls(session: Session, clock: Clock) -> None:
    keep_using(session, clock, 720)
    assert session.tickle()["ssoExpires"] > 300_000


@pytest.mark.parametrize(
    ("login", "hours"),
    [
        ((2026, 3, 4, 12), 12),
        ((2026, 3, 4, 23), 1),
        ((2026, 3, 8, 0), 23),
        ((2026, 11, 1, 0), 25),
    ],
    ids=["noon", "evening", "a day of 23 hours", "a day of 25 hours"],
)
def test_every_login_ends_at_midnight_of_the_east_coast(login: tuple[int, ...], hours: int) -> None:
    clock = Clock(start=eastern(*login))
    session = Session(clock)
    frames = heard(session)
    keep_using(session, clock, hours * 3600 - 10)
    assert session.authenticated
    assert frames == []
    clock.advance(20)
    assert refusal(session, "login") == (401, None)
    assert frames == [(False, False, False)]


def test_a_login_after_midnight_lasts_until_the_next(session: Session, clock: Clock) -> None:
    keep_using(session, clock, 13 * 3600)
    assert not session.logged_in
    session.login()
    keep_using(session, clock, 22 * 3600)
    assert session.logged_in
    keep_using(session, clock, 3600)
    assert not session.logged_in


def test_maintenance_refuses_all_calls_and_leaves_the_login(session: Session, clock: Clock) -> None:
    frames = heard(session)
    session.begin_maintenance(120)
    for tier in TIERS:
        reply = session.check(tier)
        assert reply is not None
        assert (reply.status, reply.content_type) == (503, "text/html; charset=utf-8")
        assert b"maintenance" in reply.body
    with pytest.raises(Refused) as caught:
        session.init(publish=True, compete=True)
    assert caught.value.reply.status == 503
    clock.advance(121)
    assert session.check("login") is None
    assert refusal(session) == NOT_AUTHENTICATED
    assert frames == [(False, False, False), (False, False, True)]


def test_maintenance_is_told_without_a_brokerage_session_too(session: Session) -> None:
    session.lose_brokerage()
    frames = heard(session)
    session.begin_maintenance(120)
    assert frames == [(False, False, False)]


def test_a_login_during_maintenance_opens_no_brokerage_session(
    session: Session, clock: Clock
) -> None:
    session.begin_maintenance(120)
    session.login()
    assert not session.connected
    clock.advance(121)
    assert session.connected
    assert not session.authenticated
