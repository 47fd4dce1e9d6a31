"""OAuth 1.0a of the mock, against a client that shares no code with it."""

import hmac
import json
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl, quote

import pytest

from bezant.mock.http import Request
from bezant.mock.oauth1 import Consumer as Registered
from bezant.mock.signing import QuerySigning, parse_header, signed_bytes
from tests.runtime.judged import START, assert_fits
from tests.runtime.signing_client import ACCOUNTS, API, LIVE, ORIGIN, Client, Server, error, request

REQUEST, ACCESS = "request_token", "access_token"
QUERY = "?conids=265598,8314&fields=31,84&name=a%20b"
SECRET = bytes(range(32))


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def client(server: Server) -> Client:
    client = Client(server)
    client.begin()
    return client


class TestLiveSessionToken:
    def test_lasts_a_day(self, server: Server, client: Client) -> None:
        assert client.begin()["live_session_token_expiration"] == (START + 86_400) * 1000
        server.oauth.tells_computation = True
        assert client.begin()["live_session_token_expiration"] == START * 1000

    def test_logs_in(self, server: Server) -> None:
        server.state.session.expire()
        server.consumer.is_paper = False
        Client(server).begin()
        assert server.state.session.logged_in
        assert not server.state.session.paper

    @pytest.mark.parametrize(
        ("exponent", "bits", "digits", "half", "live"),
        [
            pytest.param(
                2051, 2048, 512, 497, "d98e06099900518f820128fe112f55eb6b045cda", id="zero-in-front"
            ),
            pytest.param(
                2050, 2042, 511, 496, "df6889b1674a67e858e40e19bedb3f72bfbbf30a", id="odd-hex"
            ),
            pytest.param(
                2131, 2044, 511, 512, "fae1d0ef71e6f53089ce6a207247229d4d257e53", id="odd-hex-again"
            ),
            pytest.param(
                2172, 2038, 510, 512, "f7839debab8c17a45af0b04ea3d585464c1c8a9d", id="one-byte-less"
            ),
            pytest.param(
                2254,
                2040,
                510,
                512,
                "eab716d60a59e6c10f21a4a1df7e785dd90d0dde",
                id="one-byte-less-zero-in-front",
            ),
        ],
    )
    def test_vectors(
        self, server: Server, exponent: int, bits: int, digits: int, half: int, live: str
    ) -> None:
        server.oauth.exponent = exponent
        server.consumer.renew_secret(SECRET)
        client = Client(server)
        answer = client.begin(1_000_003)
        assert client.shared.bit_length() == bits
        assert len(f"{client.shared:x}") == digits
        assert len(answer["diffie_hellman_response"]) == half
        assert client.live.hex() == live
        assert server(client.by_token(ACCOUNTS)).status == 200

    def test_replaces_the_one_before(self, server: Server, client: Client) -> None:
        before = client.live
        client.begin()
        client.live, after = before, client.live
        assert error(server(client.by_token(ACCOUNTS))) == "invalid signature"
        client.live = after
        assert server(client.by_token(ACCOUNTS)).status == 200

    def test_needs_a_secret(self, server: Server, client: Client) -> None:
        server.consumer.secret = b""
        assert error(server(client.challenge(7))) == "No access secret key found"

    def test_needs_the_prepended_secret(self, server: Server, client: Client) -> None:
        values = client.values(
            "RSA-SHA256", oauth_token=client.token, diffie_hellman_challenge="abc"
        )
        assert error(server(client.by_key(LIVE, values))) == "invalid signature"

    @pytest.mark.parametrize("sent", ["", "0", "1", "0x2", "-2", "no hex"])
    def test_challenges_that_are_none(self, server: Server, client: Client, sent: str) -> None:
        reply = server(client.challenge(7, diffie_hellman_challenge=sent))
        assert error(reply) == "invalid diffie_hellman_challenge"

    def test_challenges_that_give_the_secret_away(self, server: Server, client: Client) -> None:
        for number in (client.prime - 1, client.prime):
            reply = server(client.challenge(7, diffie_hellman_challenge=f"{number:x}"))
            assert error(reply) == "invalid diffie_hellman_challenge"

    def test_needs_a_header(self, server: Server) -> None:
        reply = server(request("POST", f"{API}/oauth/{LIVE}", ""))
        assert error(reply) == "missing oauth_consumer_key"


class TestRequests:
    @pytest.mark.parametrize("signing", list(QuerySigning))
    def test_all_ways_to_sign_a_query(
        self, server: Server, client: Client, signing: QuerySigning
    ) -> None:
        target = f"{API}/iserver/marketdata/snapshot{QUERY}"
        assert server.oauth.authorize(client.by_token(target, signing.value)) is None
        assert server.oauth.last is not None
        assert server.oauth.last.query is signing
        assert server.oauth.last.consumer is server.consumer

    def test_merged_as_the_rfc_escapes_it(self, server: Server, client: Client) -> None:
        target = f"{API}/iserver/marketdata/snapshot{QUERY}"
        values = client.values("HMAC-SHA256", oauth_token=client.token)
        pairs = [*values.items(), *parse_qsl(QUERY[1:])]
        text = "&".join(sorted(f"{key}={quote(value, safe='')}" for key, value in pairs))
        url = f"{ORIGIN}{API}/iserver/marketdata/snapshot"
        base = f"GET&{quote(url, safe='')}&{quote(text, safe='')}"
        made = hmac.digest(client.live, base.encode(), "sha256")
        signed = request("GET", target, client.header(values, made))
        assert server.oauth.verify(signed).query is QuerySigning.MERGED

    def test_without_a_query(self, server: Server, client: Client) -> None:
        assert server.oauth.verify(client.by_token(ACCOUNTS)).query is None

    @pytest.mark.parametrize("origin", ["https://127.0.0.1:5001", "http://127.0.0.1:5001", ORIGIN])
    def test_addresses_that_may_be_signed(
        self, server: Server, client: Client, origin: str
    ) -> None:
        assert server(client.by_token(ACCOUNTS, origin=origin)).status == 200

    @pytest.mark.parametrize("origin", ["https://127.0.0.1:5002", "https://1.api.ibkr.com"])
    def test_addresses_that_may_not(self, server: Server, client: Client, origin: str) -> None:
        assert error(server(client.by_token(ACCOUNTS, origin=origin))) == "invalid signature"

    def test_realm_in_front(self, server: Server, client: Client) -> None:
        signed = client.by_token(ACCOUNTS)
        rest = signed.headers["authorization"].removeprefix("OAuth ")
        rows = sorted(rest.split(", "), key=lambda row: not row.startswith("realm"))
        assert server(request("GET", ACCOUNTS, f"OAuth {', '.join(rows)}")).status == 200

    def test_without_a_header_are_no_business_of_it(self, server: Server) -> None:
        assert server.oauth.authorize(request("GET", ACCOUNTS, "")) is None
        assert server.oauth.authorize(request("GET", ACCOUNTS, "Bearer abc")) is None

    def test_the_method_is_signed(self, server: Server, client: Client) -> None:
        signed = client.by_token(ACCOUNTS).headers["authorization"]
        reply = server.oauth.authorize(request("POST", ACCOUNTS, signed))
        assert error(reply) == "invalid signature"

    def test_the_path_is_signed(self, server: Server, client: Client) -> None:
        signed = client.by_token(ACCOUNTS).headers["authorization"]
        reply = server.oauth.authorize(request("GET", f"{API}/portfolio/accounts", signed))
        assert error(reply) == "invalid signature"


class TestRefusals:
    def test_unknown_consumer_in_full(self, server: Server, client: Client) -> None:
        client.key = "SOMEOTHER"
        reply = server(client.by_token(ACCOUNTS))
        assert json.loads(reply.body) == {
            "error": "id: 1, error: invalid consumer",
            "statusCode": 401,
        }

    def test_inactive_consumer(self, server: Server, client: Client) -> None:
        server.consumer.is_active = False
        assert error(server(client.by_token(ACCOUNTS))) == "invalid consumer"
        assert error(server(client.challenge(7))) == "invalid consumer"

    def test_wrong_realm(self, server: Server, client: Client) -> None:
        client.realm = "test_realm"
        assert error(server(client.by_token(ACCOUNTS))) == "invalid realm"
        assert error(server(client.challenge(7))) == "invalid realm"

    def test_realm_of_the_test_consumer(self) -> None:
        client = Client(Server("TESTCONS"))
        client.begin()
        client.realm = "limited_poa"
        assert error(client.server(client.challenge(7))) == "invalid realm"

    def test_bad_signature(self, server: Server, client: Client) -> None:
        client.live = bytes(20)
        assert error(server(client.by_token(ACCOUNTS))) == "invalid signature"

    @pytest.mark.parametrize("signature", ["AAAA", "%", "no base64", "\xe9"])
    def test_signatures_that_are_none(self, server: Server, client: Client, signature: str) -> None:
        values = client.values("HMAC-SHA256", oauth_token=client.token)
        rows = {**values, "realm": client.realm, "oauth_signature": signature}
        header = "OAuth " + ", ".join(f'{key}="{value}"' for key, value in rows.items())
        assert error(server(request("GET", ACCOUNTS, header))) == "invalid signature"

    def test_signed_by_another_key(self, server: Server, client: Client) -> None:
        client.signature_key = client.encryption_key
        assert error(server(client.challenge(7))) == "invalid signature"

    def test_wrong_method(self, server: Server, client: Client) -> None:
        signed = client.by_token(ACCOUNTS, oauth_signature_method="RSA-SHA256")
        assert error(server(signed)) == "invalid signature method"
        signed = client.challenge(7, oauth_signature_method="HMAC-SHA256")
        assert error(server(signed)) == "invalid signature method"

    def test_unknown_token(self, server: Server, client: Client) -> None:
        client.token = "0" * 20
        assert error(server(client.by_token(ACCOUNTS))) == "invalid token"
        assert error(server(client.challenge(7))) == "invalid token"

    def test_without_a_live_session_token(self, server: Server) -> None:
        assert error(server(Client(server).by_token(ACCOUNTS))) == "no live session token"

    def test_expired_live_session_token(self, server: Server, client: Client) -> None:
        server.clock.advance(86_399)
        assert server.oauth.authorize(client.by_token(ACCOUNTS)) is None
        server.clock.advance(1)
        assert error(server(client.by_token(ACCOUNTS))) == "live session token expired"
        client.begin()
        assert server.oauth.authorize(client.by_token(ACCOUNTS)) is None

    def test_header_that_is_broken(self, server: Server) -> None:
        reply = server.oauth.authorize(request("GET", ACCOUNTS, 'OAuth realm="limited_poa", x'))
        assert error(reply) == "missing oauth_consumer_key"

    @pytest.mark.parametrize("name", ["oauth_nonce", "oauth_timestamp", "oauth_signature_method"])
    def test_what_is_missing(self, server: Server, client: Client, name: str) -> None:
        assert error(server(client.by_token(ACCOUNTS, **{name: ""}))) == f"missing {name}"


class TestReplay:
    def test_reused_nonce(self, server: Server, client: Client) -> None:
        assert server.oauth.authorize(client.by_token(ACCOUNTS, oauth_nonce="once")) is None
        server.clock.advance(300)
        assert error(server(client.by_token(ACCOUNTS, oauth_nonce="once"))) == "invalid nonce"
        server.clock.advance(1)
        assert server.oauth.authorize(client.by_token(ACCOUNTS, oauth_nonce="once")) is None

    def test_same_request_again(self, server: Server, client: Client) -> None:
        signed = client.by_token(ACCOUNTS)
        assert server(signed).status == 200
        assert error(server(signed)) == "invalid nonce"
        server.clock.advance(301)
        assert error(server(signed)) == "invalid timestamp"

    def test_exchange_again(self, server: Server, client: Client) -> None:
        signed = client.challenge(7)
        assert server(signed).status == 200
        assert error(server(signed)) == "invalid nonce"

    def test_a_bad_signature_uses_no_nonce_up(self, server: Server, client: Client) -> None:
        live, client.live = client.live, bytes(20)
        later = str(int(START) + 100)
        signed = client.by_token(ACCOUNTS, oauth_nonce="mine", oauth_timestamp=later)
        assert error(server(signed)) == "invalid signature"
        client.live = live
        assert server(client.by_token(ACCOUNTS, oauth_nonce="mine")).status == 200

    def test_timestamps_do_not_run_backwards(self, server: Server, client: Client) -> None:
        server.clock.advance(10)
        assert server(client.by_token(ACCOUNTS)).status == 200
        before = str(int(START) + 9)
        signed = client.by_token(ACCOUNTS, oauth_timestamp=before)
        assert error(server(signed)) == "invalid timestamp"
        server.oauth.requires_order = False
        assert server(signed).status == 200

    @pytest.mark.parametrize("away", [-301, 301])
    def test_timestamps_are_fresh(self, server: Server, client: Client, away: int) -> None:
        server.oauth.requires_order = False
        then = str(int(START) + away)
        assert error(server(client.by_token(ACCOUNTS, oauth_timestamp=then))) == "invalid timestamp"
        server.oauth.window_seconds = 301
        assert server(client.by_token(ACCOUNTS, oauth_timestamp=then)).status == 200

    @pytest.mark.parametrize("written", ["179000000", "1790000000000", "1790000000.0", "now"])
    def test_timestamps_have_ten_digits(self, server: Server, client: Client, written: str) -> None:
        signed = client.by_token(ACCOUNTS, oauth_timestamp=written)
        assert error(server(signed)) == "invalid timestamp"


class TestThirdParties:
    @pytest.mark.parametrize("key", ["TESTCONS", "0123456789abcdef012345678"])
    @pytest.mark.parametrize("callback", ["oob", "https://example.com/back"])
    def test_whole_login(self, key: str, callback: str) -> None:
        client = Client(Server(key))
        before = client.secret()
        token = _requested(client, callback)
        verifier = client.server.oauth.grant(token)
        reply = client.server(_verified(client, token, verifier))
        assert_fits("post_oauth_access_token", reply.body)
        answer = json.loads(reply.body)
        assert answer["is_paper"] is True
        assert answer["oauth_token"] == client.token
        client.encrypted = answer["oauth_token_secret"]
        assert client.secret() != before
        client.begin()
        assert client.server(client.by_token(ACCOUNTS)).status == 200
        again = client.server(_verified(client, token, verifier))
        assert error(again) == "invalid token"

    def test_needs_the_user(self) -> None:
        client = Client(Server("TESTCONS"))
        token = _requested(client)
        assert error(client.server(_verified(client, token, ""))) == "invalid verifier"
        client.server.oauth.grant(token)
        assert error(client.server(_verified(client, token, "0" * 20))) == "invalid verifier"

    def test_needs_a_callback(self) -> None:
        client = Client(Server("TESTCONS"))
        reply = client.server(client.by_key(REQUEST, client.values("RSA-SHA256")))
        assert error(reply) == "missing oauth_callback"

    def test_tokens_are_those_of_the_consumer(self) -> None:
        client = Client(Server("TESTCONS"))
        token = _requested(client)
        verifier = client.server.oauth.grant(token)
        other = Client(client.server)
        other.key = client.server.oauth.add(Registered.made("f" * 25)).key
        other.realm = "limited_poa"
        assert error(client.server(_verified(other, token, verifier))) == "invalid token"

    def test_nothing_is_prepended(self) -> None:
        client = Client(Server("TESTCONS"))
        values = client.values("RSA-SHA256", oauth_callback="oob")
        reply = client.server(client.by_key(REQUEST, values, client.secret().hex()))
        assert error(reply) == "invalid signature"

    @pytest.mark.parametrize("name", [REQUEST, ACCESS])
    def test_are_no_first_parties(self, server: Server, client: Client, name: str) -> None:
        values = client.values("RSA-SHA256", oauth_callback="oob")
        assert error(server(client.by_key(name, values))).startswith("first-party consumers")


def _requested(client: Client, callback: str = "oob") -> str:
    values = client.values("RSA-SHA256", oauth_callback=callback)
    reply = client.server(client.by_key(REQUEST, values))
    assert_fits("post_oauth_request_token", reply.body)
    token = str(json.loads(reply.body)["oauth_token"])
    assert len(token) == 20
    return token


def _verified(client: Client, token: str, verifier: str) -> Request:
    values = client.values("RSA-SHA256", oauth_token=token, oauth_verifier=verifier)
    return client.by_key(ACCESS, values)


def _texts(server: Server) -> list[Callable[[], str]]:
    oauth, consumer = server.oauth, server.consumer
    return [lambda: repr(oauth), lambda: repr(consumer), lambda: repr(consumer.client_keys)]


def test_secrets_are_not_shown(server: Server, client: Client) -> None:
    server(client.by_token(ACCOUNTS))
    shown = " ".join(text() for text in _texts(server))
    assert client.key in shown
    hidden = [client.token, client.encrypted, repr(client.secret()), repr(client.live)]
    assert not [text for text in hidden if text in shown]


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ('OAuth realm="x", a="b%2B"', {"realm": "x", "a": "b+"}),
        ('oauth a="1",b="2"', {"a": "1", "b": "2"}),
        ('OAuth a="1", a="2"', {}),
        ("OAuth a=1", {}),
        ('Basic a="1"', {}),
        ("OAuth ", {}),
    ],
)
def test_headers(header: str, values: Mapping[str, str]) -> None:
    assert parse_header(header) == values


def test_numbers_as_java_writes_them() -> None:
    assert signed_bytes(0x7F) == b"\x7f"
    assert signed_bytes(0x80) == b"\0\x80"
    assert signed_bytes(0xFFF) == b"\x0f\xff"
    assert signed_bytes(1 << 15) == b"\0\x80\0"
