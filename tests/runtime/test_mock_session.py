"""The mock gateway's session: every transition and every knob, on a clock that only tests move."""

import json
import random
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bezant_api import OPERATIONS

from bezant.mock.call import Call, Refused
from bezant.mock.clock import Clock
from bezant.mock.handlers.session import HANDLERS
from bezant.mock.http import Reply, Request, json_reply
from bezant.mock.session import FORCE_COMPETE, InitFailure, MissingLogin, Session, Tier
from bezant.mock.state import State
from normalizer import fit
from normalizer.document import Json, join, read
from normalizer.structure import Document

DOCUMENT = Document(read(Path(__file__).parents[2] / "spec/normalized/openapi.json"))
TICKLE = "/components/schemas/successfulTickleResponse"
EASTERN = ZoneInfo("America/New_York")
TIERS: tuple[Tier, ...] = ("none", "login", "brokerage")
NOT_AUTHENTICATED = (401, {"error": "not authenticated", "statusCode": 401})
NO_BRIDGE = (400, {"error": "Bad Request: no bridge", "statusCode": 400})
NO_SERVER = {"serverName": None, "serverVersion": None}


def eastern(*when: int) -> float:
    return datetime(*when, tzinfo=EASTERN).timestamp()  # type: ignore[arg-type,misc]


NOON = eastern(2026, 3, 4, 12)


@pytest.fixture
def clock() -> Clock:
    return Clock(start=NOON)


@pytest.fixture
def session(clock: Clock) -> Session:
    return Session(clock)


def heard(session: Session) -> list[tuple[bool, bool, bool]]:
    """What listeners are told from now on: authenticated, competing, connected."""
    frames: list[tuple[bool, bool, bool]] = []
    session.listeners.append(
        lambda args: frames.append((args["authenticated"], args["competing"], args["connected"]))
    )
    return frames


def refusal(session: Session, tier: Tier = "brokerage") -> tuple[int, Any]:
    reply = session.check(tier)
    assert reply is not None
    return plain(reply)


def plain(reply: Reply) -> tuple[int, Any]:
    return reply.status, json.loads(reply.body) if reply.body else None


def refused_init(session: Session, publish: bool = True, compete: bool = True) -> tuple[int, Any]:
    with pytest.raises(Refused) as caught:
        session.init(publish, compete)
    return plain(caught.value.reply)


def keep_using(session: Session, clock: Clock, seconds: float) -> None:
    """Let time pass with a call every four minutes."""
    while seconds > 0:
        clock.advance(min(240.0, seconds))
        session.touch()
        seconds -= 240.0


def schema_of(name: str) -> Any:
    return DOCUMENT.root["components"]["schemas"][name]


def misfits(pointer: str, value: Json) -> list[str]:
    return [misfit.summary for misfit in fit.judge(DOCUMENT, pointer, value, "").misfits]


def answer_pointer(operation: str) -> str:
    for path, item in DOCUMENT.root["paths"].items():
        for method, declared in item.items():
            if isinstance(declared, dict) and declared.get("operationId") == operation:
                where = ("paths", path, method, "responses", "200", "content")
                return join("", *where, "application/json", "schema")
    message = f"no such operation: {operation}"
    raise LookupError(message)


def answer(state: State, operation: str, body: object = None, query: str = "") -> Any:
    declared = OPERATIONS[operation]
    sent = json.dumps(body).encode() if body is not None else b""
    target = f"{declared.base_path}{declared.path}{query}"
    call = Call(declared, Request(declared.method, target, {}, sent), {}, state)
    return HANDLERS[operation](call)


def words(body: dict[str, Any]) -> tuple[bool, bool, bool]:
    return body["authenticated"], body["competing"], body["connected"]


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
