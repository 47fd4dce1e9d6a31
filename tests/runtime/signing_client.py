"""A client of OAuth 1.0a that shares no code with the mock, and a gateway for it without a socket."""

import base64
import hmac
import json
import secrets
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus

import anyio
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bezant.mock import MockGateway, Rules
from bezant.mock.http import Reply, Request
from bezant.mock.oauth1 import Consumer as Registered
from tests.runtime.judged import START, assert_fits

ORIGIN = "https://api.ibkr.com"
API = "/v1/api"
LIVE = "live_session_token"
ACCOUNTS = f"{API}/iserver/accounts"
Changed = dict[str, str]


class Server:
    """A gateway with one consumer, asked as a real one is: the signature first, then the operation."""

    def __init__(self, key: str = "BEZANTMCK", rules: Rules | None = None) -> None:
        self.gateway = MockGateway(start=START, stands_still=True, rules=rules)
        self.clock, self.state = self.gateway.clock, self.gateway.state
        self.oauth = self.gateway.oauth1
        self.consumer = self.oauth.add(Registered.made(key))

    def __call__(self, request: Request) -> Reply:
        return anyio.run(self.gateway.app.respond, request)


class Client:
    """The client's side."""

    def __init__(self, server: Server) -> None:
        consumer = server.consumer
        keys = consumer.client_keys
        assert keys is not None
        self.server, self.key, self.prime = server, consumer.key, consumer.prime
        self.signature_key: Any = load_pem_private_key(keys.signature_pem(), None)
        self.encryption_key: Any = load_pem_private_key(keys.encryption_pem(), None)
        self.token, self.encrypted = consumer.access_token, consumer.encrypted_secret
        self.realm = "test_realm" if self.key == "TESTCONS" else "limited_poa"
        self.live = b""
        self.shared = 0

    def secret(self) -> bytes:
        decrypted = self.encryption_key.decrypt(
            base64.b64decode(self.encrypted), padding.PKCS1v15()
        )
        return bytes(decrypted)

    def values(self, method: str, **more: str) -> Changed:
        return {
            "oauth_consumer_key": self.key,
            "oauth_nonce": secrets.token_hex(16),
            "oauth_signature_method": method,
            "oauth_timestamp": str(int(self.server.clock.now())),
            **more,
        }

    def by_key(self, name: str, values: Changed, prepend: str = "", realm: str = "") -> Request:
        """A request for a token."""
        path = f"{API}/oauth/{name}"
        text = "&".join(sorted(f"{key}={value}" for key, value in values.items()))
        base = f"{prepend}POST&{quote_plus(ORIGIN + path)}&{quote(text)}"
        made = self.signature_key.sign(base.encode(), padding.PKCS1v15(), hashes.SHA256())
        return request("POST", path, self.header(values, made, realm))

    def by_token(
        self,
        target: str,
        signing: str = "left out",
        origin: str = ORIGIN,
        method: str = "GET",
        **changed: str,
    ) -> Request:
        """Any other request."""
        values = {**self.values("HMAC-SHA256", oauth_token=self.token), **changed}
        path, _, query = target.partition("?")
        pairs = list(values.items()) + (parse_qsl(query) if signing == "merged" else [])
        url = target if signing == "in the url" else path
        text = "&".join(sorted(f"{key}={value}" for key, value in pairs))
        base = f"{method}&{quote_plus(origin + url)}&{quote_plus(text)}"
        made = hmac.digest(self.live, base.encode(), "sha256")
        return request(method, target, self.header(values, made))

    def header(self, values: Changed, signature: bytes, realm: str = "") -> str:
        signed = quote_plus(base64.b64encode(signature).decode())
        rows = {**values, "oauth_signature": signed, "realm": realm or self.realm}
        return "OAuth " + ", ".join(f'{key}="{value}"' for key, value in sorted(rows.items()))

    def challenge(self, exponent: int, realm: str = "", **changed: str) -> Request:
        sent = f"{pow(2, exponent, self.prime):x}"
        values = self.values("RSA-SHA256", oauth_token=self.token, diffie_hellman_challenge=sent)
        return self.by_key(LIVE, {**values, **changed}, self.secret().hex(), realm)

    def begin(self, exponent: int = 0) -> dict[str, Any]:
        """Get a live session token, which is held against its signature."""
        exponent = exponent or secrets.randbits(256)
        reply = self.server(self.challenge(exponent))
        assert reply.status == 200, reply.body
        assert_fits("post_oauth_live_session_token", reply.body)
        answer: dict[str, Any] = json.loads(reply.body)
        self.shared = pow(int(answer["diffie_hellman_response"], 16), exponent, self.prime)
        digits = f"{self.shared:x}"
        key = bytes.fromhex("0" * (len(digits) % 2) + digits)
        key = b"\0" + key if self.shared.bit_length() % 8 == 0 else key
        self.live = hmac.digest(key, self.secret(), "sha1")
        proof = hmac.new(self.live, self.key.encode(), "sha1").hexdigest()
        assert proof == answer["live_session_token_signature"]
        return answer


def request(method: str, target: str, authorization: str, **headers: str) -> Request:
    fixed = {"user-agent": "tests", "content-length": "0", "host": "127.0.0.1:5001"}
    return Request(method, target, {**fixed, "authorization": authorization, **headers}, b"")


def error(reply: Reply | None) -> str:
    """Why a request was refused."""
    assert reply is not None
    assert reply.status == 401, reply.body
    body = json.loads(reply.body)
    assert body["statusCode"] == 401
    number, reason = body["error"].removeprefix("id: ").split(", error: ")
    assert number.isdigit()
    return str(reason)
