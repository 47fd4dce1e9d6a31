"""Scenarios of OAuth: what clients see whose requests are right and refused all the same."""

import pytest

from bezant.mock.scenarios.oauth import AHEAD_SECONDS
from tests.runtime import bearing_client, signing_client
from tests.runtime.bearing_client import Caller, detail
from tests.runtime.signing_client import Client, Server, error


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def client(server: Server) -> Client:
    client = Client(server)
    client.begin()
    return client


@pytest.fixture
def caller() -> Caller:
    return Caller()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("invalid-consumer", "invalid consumer"),
        ("invalid-signature", "invalid signature"),
        ("used-nonce", "invalid nonce"),
        ("old-timestamp", "invalid timestamp"),
        ("wrong-realm", "invalid realm"),
        ("live-session-token-expired", "live session token expired"),
        ("server-clock-ahead", "invalid timestamp"),
    ],
)
def test_signed_requests_are_refused(
    server: Server, client: Client, name: str, reason: str
) -> None:
    assert server(client.by_token(signing_client.ACCOUNTS)).status == 200
    server.gateway.start(name)
    assert error(server(client.by_token(signing_client.ACCOUNTS))) == reason
    server.gateway.stop(name)
    if name == "live-session-token-expired":
        client.begin()
    assert server(client.by_token(signing_client.ACCOUNTS)).status == 200


def test_no_secret_no_token(server: Server, client: Client) -> None:
    server.gateway.start("no-access-secret")
    assert error(server(client.challenge(5))) == "No access secret key found"
    server.gateway.stop("no-access-secret")
    assert client.begin()


def test_a_clock_that_is_ahead_is_known_by_its_measure(server: Server, client: Client) -> None:
    server.gateway.start("server-clock-ahead")
    corrected = str(int(server.clock.now() + AHEAD_SECONDS))
    signed = client.by_token(signing_client.ACCOUNTS, oauth_timestamp=corrected)
    assert server(signed).status == 200


@pytest.mark.parametrize("attempt", range(4))
def test_secrets_that_are_padded(server: Server, attempt: int) -> None:
    server.gateway.start("padded-secret")
    client = Client(server)
    client.begin(1_000 + attempt)
    assert client.shared.bit_length() % 8 == 0
    assert server(client.by_token(signing_client.ACCOUNTS)).status == 200


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("wrong-audience", "client_assertion: aud is not /elsewhere"),
        ("server-clock-ahead", "client_assertion: expired"),
    ],
)
def test_assertions_are_refused(caller: Caller, name: str, reason: str) -> None:
    caller.gateway.start(name)
    assert detail(caller.ask(), 400) == reason
    caller.gateway.stop(name)
    assert caller.token()


def test_tokens_without_scopes(caller: Caller) -> None:
    token = caller.token()
    assert caller.send("GET", bearing_client.HTTPS, bearer=token).status == 200
    caller.gateway.start("missing-scope")
    refused = caller.send("GET", bearing_client.HTTPS, bearer=token)
    assert detail(refused, 403) == "needs the scope echo.read"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("other-address", "the session was opened for another address"),
        ("session-token-expired", "Access token expired"),
    ],
)
def test_trading_sessions_are_refused(caller: Caller, name: str, reason: str) -> None:
    token = caller.session()
    assert caller.send("GET", bearing_client.ACCOUNTS, bearer=token).status == 200
    caller.gateway.start(name)
    assert detail(caller.send("GET", bearing_client.ACCOUNTS, bearer=token), 401) == reason
