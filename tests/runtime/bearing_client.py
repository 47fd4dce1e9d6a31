"""A client of OAuth 2.0 that shares no code with the mock, and a gateway for it without a socket."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

import anyio
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bezant.mock import MockGateway, Rules
from bezant.mock.http import Reply, Request
from bezant.mock.oauth2 import ASSERTION, Client
from tests.runtime.judged import START, assert_fits

TOKEN = "/oauth2/api/v1/token"
SESSIONS = "/gw/api/v1/sso-sessions"
HTTPS = "/gw/api/v1/echo/https"
SIGNED = "/gw/api/v1/echo/signed-jwt"
ACCOUNTS = "/v1/api/iserver/accounts"
FORM = "application/x-www-form-urlencoded"
SCOPES = "sso-sessions.write echo.read echo.write"
HOME = "198.51.100.7"


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


class Caller:
    """A client and the gateway that it calls."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.gateway = MockGateway(start=START, stands_still=True, rules=rules)
        self.clock, self.state = self.gateway.clock, self.gateway.state
        self.oauth = self.gateway.oauth2
        self.client = self.oauth.add(Client.made())
        self.key: Any = load_pem_private_key(self.client.private_pem(), None)
        self.header: dict[str, Any] = {"typ": "JWT", "alg": "RS256", "kid": self.client.key_id}

    def send(
        self,
        method: str,
        target: str,
        body: str = "",
        bearer: str = "",
        kind: str = "application/jwt",
        peer: str = f"{HOME}:50000",
    ) -> Reply:
        headers = {
            "user-agent": "tests",
            "content-length": str(len(body)),
            "content-type": kind,
            "authorization": f"Bearer {bearer}" if bearer else "",
        }
        request = Request(method, target, headers, body.encode(), peer)
        return anyio.run(self.gateway.app.respond, request)

    def signed(self, claims: dict[str, Any]) -> str:
        """A JWT; claims that are None are left out."""
        there = {name: value for name, value in claims.items() if value is not None}
        parts = [encoded(json.dumps(part).encode()) for part in (self.header, there)]
        text = ".".join(parts)
        made = self.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{text}.{encoded(made)}"

    def assertion(self, **changed: Any) -> str:
        now = int(self.clock.now())
        name = self.client.id
        claims = {"iss": name, "sub": name, "aud": "/token", "iat": now - 10, "exp": now + 20}
        return self.signed({**claims, **changed})

    def ask(self, assertion: str = "", scope: str = SCOPES, **changed: str) -> Reply:
        form = {
            "client_assertion_type": ASSERTION,
            "client_assertion": assertion or self.assertion(),
            "grant_type": "client_credentials",
            "scope": scope,
        }
        return self.send("POST", TOKEN, urlencode({**form, **changed}), kind=FORM)

    def token(self, scope: str = SCOPES) -> str:
        reply = self.ask(scope=scope)
        assert reply.status == 200, reply.body
        assert_fits("post_token", reply.body)
        return str(json.loads(reply.body)["access_token"])

    def body(self, **changed: Any) -> str:
        now = int(self.clock.now())
        claims = {
            "ip": HOME,
            "credential": "mockuser1",
            "service": "AM.LOGIN",
            "iss": self.client.id,
            "iat": now,
            "exp": now + 86_400,
        }
        return self.signed({**claims, **changed})

    def session(self, **changed: Any) -> str:
        reply = self.send("POST", SESSIONS, self.body(**changed), self.token())
        assert reply.status == 200, reply.body
        assert_fits("post_sso_sessions", reply.body)
        answer = json.loads(reply.body)
        assert (answer["active"], answer["token_type"]) == (True, "Bearer")
        return str(answer["access_token"])


def detail(reply: Reply, status: int) -> str:
    """What a problem says, or the field and what is wrong with it."""
    assert reply.status == status, reply.body
    assert reply.content_type == "application/problem+json"
    body = json.loads(reply.body)
    assert body["status"] == status
    assert body["title"] == {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden"}[status]
    if body["type"] == "/simple":
        return str(body["detail"])
    assert body["type"] == "/invalid-argument"
    (argument,) = body["invalidArguments"]
    return f"{argument['field']}: {argument['description']}"
