"""How a brokerage session is opened and taken, and what goes wrong with that."""

import pytest

from bezant.mock.clock import Clock
from bezant.mock.session import FORCE_COMPETE, InitFailure, Session
from tests.runtime.login import (
    NO_BRIDGE,
    NO_SERVER,
    NOON,
    NOT_AUTHENTICATED,
    heard,
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


def test_another_login_contends_and_then_has_the_session(session: Session) -> None:
    frames = heard(session)
    session.compete()
    assert frames == [(True, True, True), (False, True, True)]
    assert refusal(session) == NOT_AUTHENTICATED
    assert words(session.status()) == (False, True, True)
    assert session.tickle()["collission"] is True


def test_a_session_may_stay_contended(session: Session, clock: Clock) -> None:
    session.contended_seconds = 30
    session.compete()
    assert session.authenticated
    assert session.competing
    assert session.check("brokerage") is None
    clock.advance(31)
    assert not session.authenticated


def test_a_contended_session_is_kept_when_the_other_leaves(session: Session, clock: Clock) -> None:
    session.contended_seconds = 30
    session.compete()
    frames = heard(session)
    session.leave()
    assert frames == [(True, False, True)]
    clock.advance(60)
    assert session.authenticated
    assert not session.competing


def test_an_init_without_compete_leaves_the_session_to_the_other(session: Session) -> None:
    session.compete()
    assert words(session.init(publish=True, compete=False)) == (False, True, True)
    assert refusal(session) == NOT_AUTHENTICATED
    session.leave()
    assert words(session.status()) == (False, False, True)
    assert words(session.init(publish=True, compete=False)) == (True, False, True)


def test_an_init_with_compete_takes_the_session_back_for_good(
    session: Session, clock: Clock
) -> None:
    session.compete()
    frames = heard(session)
    assert words(session.init(publish=True, compete=True)) == (True, False, True)
    clock.advance(60)
    assert session.check("brokerage") is None
    assert frames == [(True, False, True)]


def test_an_init_needs_publish(session: Session) -> None:
    session.lose_brokerage()
    status, body = refused_init(session, publish=False)
    assert status == 500
    assert body["error"]
    assert not session.authenticated


@pytest.mark.parametrize(
    ("failure", "answer"),
    [
        (InitFailure.NO_TOKEN, (500, {"error": "failed to generate sso dh token"})),
        (InitFailure.GONE, (410, None)),
    ],
)
def test_an_init_may_fail_forever(session: Session, failure: InitFailure, answer: object) -> None:
    session.lose_brokerage()
    session.init_failure = failure
    assert [refused_init(session) for _ in range(3)] == [answer] * 3
    assert not session.authenticated
    session.init_failure = None
    session.init(publish=True, compete=True)
    assert session.authenticated


def test_an_init_may_fail_some_times(session: Session) -> None:
    session.lose_brokerage()
    session.init_failure = InitFailure.GONE
    session.failing_inits = 2
    assert [refused_init(session)[0] for _ in range(2)] == [410, 410]
    assert words(session.init(publish=True, compete=True)) == (True, False, True)


def test_a_failed_init_leaves_an_open_session_alone(session: Session) -> None:
    session.accounts_queried = True
    session.init_failure = InitFailure.NO_TOKEN
    refused_init(session)
    assert session.authenticated
    assert session.accounts_queried


def test_a_forced_session_is_opened_by_compete_only(clock: Clock) -> None:
    session = Session(clock, force_compete=True)
    assert session.status()["fail"] == FORCE_COMPETE
    answer = session.init(publish=True, compete=False)
    assert words(answer) == (False, False, True)
    assert "fail" not in answer
    assert session.status()["fail"] == FORCE_COMPETE
    assert words(session.init(publish=True, compete=True)) == (True, False, True)
    assert session.status()["fail"] == ""


def test_an_init_may_need_some_polls(session: Session) -> None:
    session.lose_brokerage()
    session.polls_until_open = 2
    frames = heard(session)
    assert words(session.init(publish=True, compete=True)) == (False, False, True)
    assert refusal(session) == NO_BRIDGE
    assert session.tickle()["iserver"]["authStatus"]["authenticated"] is False
    assert [session.status()["authenticated"] for _ in range(4)] == [False, False, True, True]
    assert session.check("brokerage") is None
    assert frames == [(True, False, True)]


def test_a_session_may_be_lost_while_it_opens(session: Session) -> None:
    session.polls_until_open = 2
    session.init(publish=True, compete=True)
    session.compete()
    assert [session.status()["authenticated"] for _ in range(3)] == [False] * 3
    assert refusal(session) == NOT_AUTHENTICATED


def test_status_may_deny_the_session_until_a_tickle(clock: Clock) -> None:
    session = Session(clock, denies_until_tickle=True)
    assert [words(session.status()) for _ in range(2)] == [(False, False, True)] * 2
    assert session.check("brokerage") is None
    session.tickle()
    assert words(session.status()) == (True, False, True)
    session.login()
    assert words(session.status()) == (False, False, True)
    session.init(publish=True, compete=True)
    assert words(session.status()) == (True, False, True)


def test_an_open_session_may_not_be_established_at_first(session: Session) -> None:
    session.unestablished_polls = 2
    first = session.init(publish=True, compete=True)
    polled = [session.status() for _ in range(2)]
    for body in (first, *polled):
        assert (body["authenticated"], body["established"]) == (True, False)
        assert body["serverInfo"] == NO_SERVER
    assert session.status()["established"] is True
    assert session.status()["serverInfo"] != NO_SERVER


def test_a_session_that_is_not_established_has_no_bridge(clock: Clock) -> None:
    session = Session(clock, unestablished_polls=1)
    assert session.authenticated
    assert not session.established
    assert refusal(session) == NO_BRIDGE
    session.status()
    assert session.established
    assert session.check("brokerage") is None


def test_older_gateways_do_not_say_established(session: Session) -> None:
    session.has_established = False
    assert "established" not in session.status()
    assert "established" not in session.init(publish=True, compete=True)
    assert "established" not in session.tickle()["iserver"]["authStatus"]
    assert session.status()["authenticated"] is True


def test_there_may_be_no_bridge_for_a_while_after_an_init(session: Session, clock: Clock) -> None:
    session.bridge_seconds = 2
    assert session.check("brokerage") is None
    assert words(session.init(publish=True, compete=True)) == (True, False, True)
    assert refusal(session) == NO_BRIDGE
    assert session.check("login") is None
    clock.advance(2)
    assert session.check("brokerage") is None


def test_a_login_has_its_bridge_at_once(session: Session) -> None:
    session.bridge_seconds = 2
    session.init(publish=True, compete=True)
    session.login()
    assert session.check("brokerage") is None
