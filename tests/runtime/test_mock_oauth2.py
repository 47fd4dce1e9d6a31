"""OAuth 2.0 of the mock, against a client of its own that shares no code with it."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from bezant.mock.http import Request
from bezant.mock.oauth2 import scopes_of
from tests.runtime.bearing_client import (
    ACCOUNTS,
    FORM,
    HOME,
    HTTPS,
    SCOPES,
    SESSIONS,
    SIGNED,
    TOKEN,
    Caller,
    detail,
)
from tests.runtime.judged import DOCUMENT, START, assert_fits


@pytest.fixture
def caller() -> Caller:
    return Caller()


class TestToken:
    def test_answer(self, caller: Caller) -> None:
        answer = json.loads(caller.ask().body)
        assert len(answer.pop("access_token")) == 64
        assert answer == {"token_type": "Bearer", "scope": SCOPES, "expires_in": 86_399}

    @pytest.mark.parametrize(
        ("changed", "reason"),
        [
            ({"iss": "other"}, "unknown client"),
            ({"iss": None}, "unknown client"),
            ({"iss": ["BezantMock"]}, "unknown client"),
            ({"sub": "other"}, "unknown client"),
            ({"aud": "/other"}, "client_assertion: aud is not /token"),
            ({"aud": None}, "client_assertion: aud is not /token"),
            ({"iat": START + 1}, "client_assertion: not good yet"),
            ({"iat": None}, "client_assertion: iat is missing"),
            ({"exp": START}, "client_assertion: expired"),
            ({"exp": None}, "client_assertion: exp is missing"),
            ({"exp": "soon"}, "client_assertion: iat and exp are no numbers"),
        ],
    )
    def test_claims(self, caller: Caller, changed: dict[str, Any], reason: str) -> None:
        assert detail(caller.ask(caller.assertion(**changed)), 400) == reason

    @pytest.mark.parametrize(
        ("changed", "reason"),
        [
            ({"alg": "none"}, "client_assertion: alg is not RS256"),
            ({"alg": "HS256"}, "client_assertion: alg is not RS256"),
            ({"kid": "other"}, "client_assertion: unknown kid"),
        ],
    )
    def test_header(self, caller: Caller, changed: dict[str, Any], reason: str) -> None:
        caller.header |= changed
        assert detail(caller.ask(), 400) == reason

    def test_signed_by_another_key(self, caller: Caller) -> None:
        caller.key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
        assert detail(caller.ask(), 400) == "client_assertion: bad signature"

    def test_claims_that_were_changed(self, caller: Caller) -> None:
        head, _, signature = caller.assertion().split(".")
        _, claims, _ = caller.assertion(exp=START + 1000).split(".")
        reply = caller.ask(f"{head}.{claims}.{signature}")
        assert detail(reply, 400) == "client_assertion: bad signature"

    @pytest.mark.parametrize("text", ["x", "a.b.c", "..", "e30.W10.AA", "e30.e30", "\xe9.e30.AA"])
    def test_what_is_no_jwt(self, caller: Caller, text: str) -> None:
        assert detail(caller.ask(text), 400) == "client_assertion: no signed JWT"

    def test_expires(self, caller: Caller) -> None:
        assertion = caller.assertion()
        caller.clock.advance(20)
        assert detail(caller.ask(assertion), 400) == "client_assertion: expired"
        caller.oauth.leeway_seconds = 1
        assert caller.ask(assertion).status == 200

    def test_is_good_once(self, caller: Caller) -> None:
        assertion = caller.assertion()
        assert caller.ask(assertion).status == 200
        assert detail(caller.ask(assertion), 400) == "client_assertion: used before"
        caller.oauth.refuses_reuse = False
        assert caller.ask(assertion).status == 200

    @pytest.mark.parametrize(
        "name", ["client_assertion_type", "client_assertion", "grant_type", "scope"]
    )
    def test_form_is_complete(self, caller: Caller, name: str) -> None:
        assert detail(caller.ask(**{name: ""}), 400) == f"{name}: missing"

    @pytest.mark.parametrize("name", ["client_assertion_type", "grant_type"])
    def test_form_has_fixed_values(self, caller: Caller, name: str) -> None:
        assert detail(caller.ask(**{name: "other"}), 400).startswith(f"{name}: not ")

    def test_body_is_a_form(self, caller: Caller) -> None:
        reply = caller.send("POST", TOKEN, "{}", kind="application/json")
        assert detail(reply, 400) == f"the body is not {FORM}"

    def test_scopes_are_those_of_the_client(self, caller: Caller) -> None:
        caller.client.scopes = frozenset({"echo.read"})
        assert detail(caller.ask(), 400) == "a scope is not allowed to this client"
        assert caller.ask(scope="echo.read").status == 200


class TestManagement:
    def test_echo(self, caller: Caller) -> None:
        reply = caller.send("GET", f"{HTTPS}?a=1", bearer=caller.token())
        assert_fits("get_echo_https", reply.body)
        assert json.loads(reply.body) == {
            "requestMethod": "GET",
            "securityPolicy": "HTTPS",
            "queryParameters": {"a": "1"},
        }

    def test_signed_echo(self, caller: Caller) -> None:
        body = caller.signed({"iss": caller.client.id})
        reply = caller.send("POST", SIGNED, body, caller.token())
        assert_fits("post_echo_signed_jwt", reply.body)
        assert json.loads(reply.body)["securityPolicy"] == "SIGNED_JWT"

    @pytest.mark.parametrize("scheme", ["", "Basic eDp5"])
    @pytest.mark.parametrize(
        ("method", "path"), [("GET", HTTPS), ("POST", SIGNED), ("POST", SESSIONS)]
    )
    def test_needs_a_bearer(self, caller: Caller, method: str, path: str, scheme: str) -> None:
        request = Request(method, path, {"authorization": scheme}, b"")
        assert caller.oauth.authorize(request) is None
        assert detail(caller.send(method, path, "x"), 401) == "Access token invalid"

    def test_unknown_bearer(self, caller: Caller) -> None:
        reply = caller.send("GET", "/gw/api/v1/accounts", bearer="other")
        assert detail(reply, 401) == "Access token invalid"

    def test_missing_scope(self, caller: Caller) -> None:
        token = caller.token("echo.read")
        reply = caller.send("POST", SESSIONS, caller.body(), token)
        assert detail(reply, 403) == "needs the scope sso-sessions.write"
        reply = caller.send("GET", "/gw/api/v1/forms", bearer=token)
        assert detail(reply, 403) == "needs the scope accounts.read or forms.read"
        reply = caller.send("GET", "/g%77/api/v1/forms", bearer=token)
        assert detail(reply, 403) == "needs the scope accounts.read or forms.read"
        assert caller.send("GET", HTTPS, bearer=token).status == 200

    def test_token_expires(self, caller: Caller) -> None:
        token = caller.token()
        caller.clock.advance(86_398)
        assert caller.send("GET", HTTPS, bearer=token).status == 200
        caller.clock.advance(1)
        assert detail(caller.send("GET", HTTPS, bearer=token), 401) == "Access token expired"

    def test_token_of_a_session_is_none_of_management(self, caller: Caller) -> None:
        reply = caller.send("GET", HTTPS, bearer=caller.session())
        assert detail(reply, 401) == "Access token invalid"

    def test_body_of_another_key(self, caller: Caller) -> None:
        token = caller.token()
        caller.key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
        reply = caller.send("POST", SIGNED, caller.signed({"iss": caller.client.id}), token)
        assert detail(reply, 400) == "payload: bad signature"


class TestSession:
    def test_serves_the_trading_api(self, caller: Caller) -> None:
        token = caller.session()
        assert caller.send("GET", ACCOUNTS, bearer=token).status == 200

    def test_logs_in(self, caller: Caller) -> None:
        caller.state.session.expire()
        caller.session()
        assert caller.state.session.logged_in

    def test_access_token_does_not_serve_the_trading_api(self, caller: Caller) -> None:
        reply = caller.send("GET", ACCOUNTS, bearer=caller.token())
        assert detail(reply, 401) == "Access token invalid"

    def test_expires(self, caller: Caller) -> None:
        token = caller.session()
        caller.clock.advance(86_400)
        assert detail(caller.send("GET", ACCOUNTS, bearer=token), 401) == "Access token expired"

    def test_wrong_address(self, caller: Caller) -> None:
        token = caller.session(ip="192.0.2.1")
        wrong = "the session was opened for another address"
        assert detail(caller.send("GET", ACCOUNTS, bearer=token), 401) == wrong
        reply = caller.send("GET", ACCOUNTS, bearer=token, peer="192.0.2.1:1")
        assert reply.status == 200

    def test_other_addresses(self, caller: Caller) -> None:
        token = caller.session(ip="192.0.2.1", alternativeIps=["192.0.2.2", HOME])
        assert caller.send("GET", ACCOUNTS, bearer=token).status == 200

    def test_address_that_is_configured(self, caller: Caller) -> None:
        caller.client.ip = "203.0.113.5"
        token = caller.session(ip="203.0.113.5")
        reply = caller.send("GET", ACCOUNTS, bearer=token, peer="127.0.0.1:1")
        assert reply.status == 200

    @pytest.mark.parametrize(
        ("changed", "reason"),
        [
            ({"ip": None}, "ip: missing"),
            ({"ip": "home"}, "ip: no address"),
            ({"alternativeIps": ["home"]}, "ip: no address"),
            ({"alternativeIps": HOME}, "alternativeIps: no list"),
            ({"credential": None}, "credential: missing"),
            ({"credential": "other"}, "credential: unknown user"),
            ({"credential": ["mockuser1"]}, "credential: unknown user"),
            ({"service": None}, "service: missing"),
            ({"service": "OTHER"}, "service: not AM.LOGIN"),
            ({"iss": "other"}, "iss: not the client"),
            ({"iat": None}, "iat: missing"),
            ({"iat": START + 1}, "payload: not good yet"),
            ({"exp": None}, "exp: missing"),
            ({"exp": START}, "payload: expired"),
        ],
    )
    def test_claims(self, caller: Caller, changed: dict[str, Any], reason: str) -> None:
        reply = caller.send("POST", SESSIONS, caller.body(**changed), caller.token())
        assert detail(reply, 400) == reason

    @pytest.mark.parametrize("body", ["", '{"ip": "198.51.100.7"}', "a.b.c"])
    def test_body_is_a_signed_jwt(self, caller: Caller, body: str) -> None:
        reply = caller.send("POST", SESSIONS, body, caller.token())
        assert detail(reply, 400) == "payload: no signed JWT"


def test_without_a_bearer_is_no_business_of_it(caller: Caller) -> None:
    assert caller.send("GET", ACCOUNTS).status == 200


def test_scopes_are_those_of_the_document() -> None:
    paths: dict[str, Any] = json.loads(Path(DOCUMENT).read_bytes())["paths"]
    found = [
        (scopes_of(method.upper(), path), frozenset(operation["x-ib-gateway-allowed-scopes"]))
        for path, item in paths.items()
        if path.startswith("/gw/")
        for method, operation in item.items()
        if operation.get("x-ib-gateway-allowed-scopes")
    ]
    assert len(found) > 40
    assert [pair for pair in found if pair[0] != pair[1]] == []


def test_secrets_are_not_shown(caller: Caller) -> None:
    token = caller.session()
    shown = repr(caller.oauth) + repr(caller.client)
    assert caller.client.id in shown
    assert token not in shown
    assert "RSAPrivateKey" not in shown
