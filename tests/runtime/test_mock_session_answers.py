"""What the mock gateway's session answers, and that it fits the document."""

import random
from typing import Any

import pytest
from bezant_api import OPERATIONS

from bezant.mock.call import Refused
from bezant.mock.clock import Clock
from bezant.mock.handlers.session import HANDLERS
from bezant.mock.http import json_reply
from bezant.mock.session import FORCE_COMPETE, Session
from bezant.mock.state import State
from tests.runtime.login import (
    NOON,
    TICKLE,
    answer,
    answer_pointer,
    eastern,
    heard,
    misfits,
    schema_of,
    words,
)


@pytest.fixture
def clock() -> Clock:
    return Clock(start=NOON)


@pytest.fixture
def session(clock: Clock) -> Session:
    return Session(clock)


def test_a_tickle_tells_the_token_and_the_state(session: Session) -> None:
    body = session.tickle()
    assert list(body) == ["session", "ssoExpires", "collission", "userId", "hmds", "iserver"]
    assert body["session"] == session.token
    assert body["hmds"] == {"error": "no bridge"}
    assert words(body["iserver"]["authStatus"]) == (True, False, True)


def test_a_tickle_renews_the_countdown(session: Session, clock: Clock) -> None:
    clock.advance(200)
    assert 395_000 < session.tickle()["ssoExpires"] <= 400_000
    clock.advance(60)
    assert 535_000 < session.tickle()["ssoExpires"] <= 540_000


def test_the_countdown_ends_at_midnight_at_the_latest() -> None:
    session = Session(Clock(start=eastern(2026, 3, 4, 23, 58)))
    assert 115_000 < session.tickle()["ssoExpires"] <= 120_000
    assert 115_000 < session.validate()["EXPIRES"] <= 120_000


def test_a_tickle_may_fail_under_status_200(session: Session) -> None:
    session.tickle_fails = True
    assert session.tickle() == {"error": "failed to process request"}
    session.tickle_fails = False
    assert "session" in session.tickle()


def test_a_failed_tickle_does_not_end_the_denial_of_status(clock: Clock) -> None:
    session = Session(clock, denies_until_tickle=True, tickle_fails=True)
    session.tickle()
    assert session.status()["authenticated"] is False


def test_a_tickle_under_oauth_is_shorter(session: Session) -> None:
    session.oauth_tickle = True
    assert list(session.tickle()) == ["session", "hmds", "iserver"]


def test_a_tickle_tells_of_open_history_until_the_session_is_new(session: Session) -> None:
    session.history_open = True
    assert session.tickle()["hmds"] == {"authStatus": [{"authenticated": True, "connected": True}]}
    session.init(publish=True, compete=True)
    assert session.tickle()["hmds"] == {"error": "no bridge"}


def test_validate_tells_paper_from_live(session: Session) -> None:
    assert session.validate()["LOGIN_TYPE"] == 2
    session.login(paper=False)
    assert session.validate()["LOGIN_TYPE"] == 1
    session.login()
    assert session.validate()["LOGIN_TYPE"] == 1
    session.login(paper=True)
    assert session.validate()["LOGIN_TYPE"] == 2


def test_validate_tells_times(session: Session, clock: Clock) -> None:
    clock.advance(100)
    session.touch()
    clock.advance(50)
    body = session.validate()
    assert body["AUTH_TIME"] == pytest.approx(NOON * 1000, abs=5000)
    assert body["lastAccessed"] == pytest.approx((NOON + 100) * 1000, abs=5000)
    assert 445_000 < body["EXPIRES"] <= 450_000


def test_the_token_is_new_at_each_login_and_at_nothing_else(session: Session) -> None:
    first = session.token
    assert len(first) == 32
    assert int(first, 16)
    session.init(publish=True, compete=True)
    session.rotate_cookies()
    assert session.token == first
    session.login()
    assert session.token != first


def test_cookies_rotate_except_for_the_token(session: Session) -> None:
    first = session.cookies()
    assert list(first) == ["x-sess-uuid", "JSESSIONID", "api"]
    assert session.cookies() == first
    session.rotate_cookies()
    second = session.cookies()
    assert first["api"] == second["api"] == session.token
    assert first["JSESSIONID"] != second["JSESSIONID"]
    assert first["x-sess-uuid"] != second["x-sess-uuid"]


def test_ids_come_from_the_chance_alone(clock: Clock) -> None:
    everybodys = random.getstate()
    first = Session(clock, random.Random(5))
    again = Session(Clock(start=NOON + 1000), random.Random(5))
    other = Session(clock, random.Random(6))
    assert first.cookies() == again.cookies()
    assert first.token != other.token
    assert Session(clock).token == Session(clock).token
    assert random.getstate() == everybodys


@pytest.mark.parametrize(
    "change",
    [
        lambda session: session.init(publish=True, compete=True),
        lambda session: session.lose_brokerage(),
        lambda session: session.compete(),
    ],
    ids=["init", "loss", "competition"],
)
def test_a_new_brokerage_session_knows_no_accounts(session: Session, change: Any) -> None:
    session.accounts_queried = session.portfolio_queried = True
    change(session)
    assert not session.accounts_queried
    assert session.portfolio_queried


@pytest.mark.parametrize(
    "change", [Session.login, Session.logout, Session.expire], ids=["login", "logout", "expiry"]
)
def test_a_new_login_knows_no_accounts_at_all(session: Session, change: Any) -> None:
    session.accounts_queried = session.portfolio_queried = True
    change(session)
    assert not session.accounts_queried
    assert not session.portfolio_queried


def test_an_idle_timeout_forgets_the_accounts(session: Session, clock: Clock) -> None:
    session.accounts_queried = session.portfolio_queried = True
    clock.advance(301)
    session.settle()
    assert (session.accounts_queried, session.portfolio_queried) == (False, True)


def test_brokerage_sessions_are_counted(session: Session) -> None:
    first = session.sessions_opened
    session.lose_brokerage()
    assert session.sessions_opened == first
    session.init(publish=True, compete=True)
    session.init(publish=True, compete=True)
    session.login()
    assert session.sessions_opened == first + 3


def test_an_init_that_changes_nothing_visible_is_not_announced(session: Session) -> None:
    frames = heard(session)
    session.init(publish=True, compete=True)
    assert frames == []


def test_a_frame_tells_why_the_session_is_not_open(session: Session) -> None:
    session.force_compete = True
    frames: list[dict[str, Any]] = []
    session.listeners.append(frames.append)
    session.lose_brokerage()
    session.init(publish=True, compete=True)
    session.expire()
    assert [frame["fail"] for frame in frames] == [FORCE_COMPETE, "", ""]


def test_a_frame_has_what_the_stream_declares(session: Session) -> None:
    frames: list[dict[str, Any]] = []
    session.listeners.append(frames.append)
    session.lose_brokerage()
    session.init(publish=True, compete=True)
    lost, opened = frames
    assert "serverName" not in lost
    assert opened["serverName"]
    declared = schema_of("streamedStatusData")
    for frame in frames:
        assert set(frame) <= set(declared["properties"])
        assert misfits("/components/schemas/streamedStatusData", frame) == []


INIT = {"publish": True, "compete": True}
SITUATIONS = {
    "usual": {},
    "unopened": {"opens_at_login": False},
    "denied": {"denies_until_tickle": True},
    "unestablished": {"unestablished_polls": 9, "polls_until_open": 9},
    "older": {"has_established": False},
    "forced": {"force_compete": True},
    "failing tickle": {"tickle_fails": True},
    "OAuth": {"oauth_tickle": True, "paper": False},
}


@pytest.mark.parametrize("operation", HANDLERS)
@pytest.mark.parametrize("knobs", SITUATIONS.values(), ids=SITUATIONS)
def test_every_answer_is_as_the_document_and_the_client_want_it(
    clock: Clock, operation: str, knobs: dict[str, Any]
) -> None:
    state = State(clock=clock)
    state.session = Session(clock, **knobs)
    value = answer(state, operation, INIT if operation.endswith("init") else {})
    body = json_reply(value).body
    assert misfits(answer_pointer(operation), value) == []
    OPERATIONS[operation].decode(200, "application/json", body, mode="strict", report_unknown=True)


@pytest.mark.parametrize("operation", ["post_iserver_auth_status", "get_iserver_auth_status"])
def test_the_status_without_a_login_fits_too(clock: Clock, operation: str) -> None:
    state = State(clock=clock)
    state.session.expire()
    value = answer(state, operation)
    assert misfits(answer_pointer(operation), value) == []
    decoded = OPERATIONS[operation].decode(
        200, "application/json", json_reply(value).body, mode="strict"
    )
    assert (decoded.authenticated, decoded.established) == (False, None)


@pytest.mark.parametrize("is_oauth", [False, True])
def test_a_tickle_fits_its_own_branch_of_the_union(session: Session, is_oauth: bool) -> None:
    """Any object fits the other branch, so the union alone would say nothing."""
    session.oauth_tickle = is_oauth
    session.history_open = is_oauth
    assert misfits(TICKLE, session.tickle()) == []


@pytest.mark.parametrize(
    "damage", [{"ssoExpires": "soon"}, {"iserver": {"authStatus": {"MAC": None}}}]
)
def test_a_damaged_answer_would_be_noticed(session: Session, damage: dict[str, Any]) -> None:
    assert misfits(TICKLE, {**session.tickle(), **damage})


@pytest.mark.parametrize(
    ("body", "query", "opens"),
    [
        ({"publish": True, "compete": True}, "", True),
        ({"publish": True, "compete": False}, "", False),
        ({"publish": True}, "", False),
        (None, "?compete=true&publish=true", True),
        (None, "?compete=false&publish=true", False),
    ],
)
def test_the_flags_of_an_init_come_from_body_or_query(
    clock: Clock, body: object, query: str, opens: bool
) -> None:
    state = State(clock=clock)
    state.session.compete()
    value = answer(state, "post_iserver_auth_ssodh_init", body, query)
    assert value["authenticated"] is opens


@pytest.mark.parametrize("body", [None, {}, {"compete": True}, {"publish": False}])
def test_an_init_that_does_not_say_publish_fails(clock: Clock, body: object) -> None:
    with pytest.raises(Refused) as caught:
        answer(State(clock=clock), "post_iserver_auth_ssodh_init", body)
    assert caught.value.reply.status == 500


def test_a_logout_by_its_handler_ends_the_login(clock: Clock) -> None:
    state = State(clock=clock)
    assert answer(state, "post_logout") == {"status": True}
    assert not state.session.logged_in
