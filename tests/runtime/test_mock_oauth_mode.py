"""The mode of the mock that refuses what is neither signed nor has a token, and its credentials in files."""

import base64
import json
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from httpx2.websockets import WebSocketClient, WebSocketUpgradeError

from bezant.mock import MockGateway, Rules, credentials
from bezant.mock.clock import Clock
from bezant.mock.http import Reply, Request
from bezant.mock.oauth1 import ClientKeys, Consumer
from tests.runtime import bearing_client
from tests.runtime.bearing_client import HTTPS, Caller, detail
from tests.runtime.running_command import run, running
from tests.runtime.signing_client import ACCOUNTS, API, Client, Server, error, request

MODE = Rules(oauth=True)
INIT = f"{API}/iserver/auth/ssodh/init"
FLAGS = "?compete=true&publish=true"
ORDERS = f"{API}/iserver/account/orders"
TICKLE = f"{API}/tickle"
STREAM = f"{API}/ws"
OF_THE_GATEWAY = {"ssoExpires", "collission", "userId"}


@pytest.fixture
def server() -> Server:
    return Server(rules=MODE)


@pytest.fixture
def client(server: Server) -> Client:
    client = Client(server)
    client.begin()
    return client


@pytest.fixture
def caller() -> Caller:
    return Caller(rules=MODE)


def signed(client: Client, target: str, method: str = "GET", status: int = 200) -> Any:
    reply = client.server(client.by_token(target, method=method))
    assert reply.status == status, reply.body
    return json.loads(reply.body)


@contextmanager
def first_frame(gateway: MockGateway, query: str, session: str = "") -> Iterator[Any]:
    """A WebSocket with the cookie of a session, and what comes first on it."""
    with gateway, httpx2.Client(trust_env=False) as http:
        url = gateway.url.replace("http", "ws") + STREAM + query
        headers = {"Cookie": f"api={session}"}
        with WebSocketClient(http).connect(url, headers=headers) as stream:
            yield stream.receive_json(timeout=10)


def refused_stream(gateway: MockGateway, query: str) -> int:
    with pytest.raises(WebSocketUpgradeError) as caught, first_frame(gateway, query):
        pass
    return int(caught.value.response.status_code)


class TestUnsigned:
    @pytest.mark.parametrize(
        "target",
        [
            ACCOUNTS,
            f"{API}/portfolio/accounts",
            TICKLE,
            STREAM,
            f"{API}/sso/validate",
            f"{API}/no/such/path",
            "/%761/api/portfolio/accounts",
        ],
    )
    @pytest.mark.parametrize("authorization", ["", "Basic bTptCg=="])
    def test_calls(self, server: Server, target: str, authorization: str) -> None:
        reply = server(request("GET", target, authorization))
        assert error(reply) == "missing oauth_consumer_key"
        assert [row.status for row in server.gateway.arrived] == [401]

    def test_account_management(self, server: Server, client: Client) -> None:
        assert detail(server(request("GET", HTTPS, "")), 401) == "Access token invalid"
        # The hosts for it know OAuth 2.0 only.
        assert detail(server(client.by_token(HTTPS)), 401) == "Access token invalid"

    def test_requests_for_tokens_are_checked_by_themselves(
        self, server: Server, caller: Caller
    ) -> None:
        exchange = request("POST", f"{API}/oauth/live_session_token", "")
        assert error(server(exchange)) == "missing oauth_consumer_key"
        assert detail(caller.ask(grant_type="x"), 400).startswith("grant_type")
        assert detail(caller.send("POST", bearing_client.SESSIONS), 401) == "Access token invalid"

    @pytest.mark.parametrize("method", ["GET", "POST"])
    @pytest.mark.parametrize("path", ["/", "/sso/Login", "/sso/Dispatcher"])
    def test_there_is_no_page_to_log_in_at(self, server: Server, method: str, path: str) -> None:
        assert server(request(method, path, "")).status == 404
        assert not server.state.session.logged_in

    def test_steering_is_open(self, server: Server) -> None:
        assert server(request("GET", "/mock/clock", "")).status == 200

    @pytest.mark.parametrize(
        "query", ["", "?oauth_token=0123", "?oauth_token=", "?bearer_token=0123", "?bearer_token="]
    )
    def test_streams(self, server: Server, query: str) -> None:
        assert refused_stream(server.gateway, query) == 401

    def test_streams_need_a_live_session_token(self, server: Server) -> None:
        query = f"?oauth_token={server.consumer.access_token}"
        assert refused_stream(server.gateway, query) == 401
        Client(server).begin()
        server.oauth.expire()
        assert refused_stream(server.gateway, query) == 401


class TestSigned:
    def test_the_token_is_the_login_and_no_more(self, server: Server) -> None:
        assert not server.state.session.logged_in
        client = Client(server)
        client.begin()
        assert server.state.session.logged_in
        assert signed(client, ACCOUNTS, status=400)["error"] == "Bad Request: no bridge"
        assert signed(client, INIT + FLAGS, "POST")["authenticated"] is True
        assert signed(client, ACCOUNTS)["accounts"]

    def test_until_a_list_of_orders_and_a_stream(self, server: Server, client: Client) -> None:
        signed(client, INIT + FLAGS, "POST")
        tickle = signed(client, TICKLE, "POST")
        assert tickle["iserver"]["authStatus"]["authenticated"] is True
        assert OF_THE_GATEWAY.isdisjoint(tickle)
        signed(client, ACCOUNTS)
        assert signed(client, ORDERS)["orders"] == []
        query = f"?oauth_token={client.token}"
        with first_frame(server.gateway, query, tickle["session"]) as frame:
            assert (frame["topic"], frame["success"]) == ("system", "mockuser1")
        assert server.gateway.errors == []


class TestBearing:
    def test_until_a_list_of_orders_and_a_stream(self, caller: Caller) -> None:
        token = caller.session(alternativeIps=["127.0.0.1"])
        call = {"bearer": token, "kind": "application/json"}
        assert caller.send("GET", ACCOUNTS, **call).status == 400
        flags = json.dumps({"publish": True, "compete": True})
        assert json.loads(caller.send("POST", INIT, flags, **call).body)["authenticated"] is True
        tickle = json.loads(caller.send("POST", TICKLE, **call).body)
        assert OF_THE_GATEWAY.isdisjoint(tickle)
        assert caller.send("GET", ACCOUNTS, **call).status == 200
        assert json.loads(caller.send("GET", ORDERS, **call).body)["orders"] == []
        query = f"?bearer_token={token}"
        with first_frame(caller.gateway, query, tickle["session"]) as frame:
            assert (frame["topic"], frame["success"]) == ("system", "mockuser1")
        assert caller.gateway.errors == []


def test_a_gateway_of_this_machine_verifies_what_streams_say_as_well() -> None:
    gateway = MockGateway()
    assert refused_stream(gateway, "?oauth_token=0123") == 401
    assert refused_stream(gateway, "?bearer_token=0123") == 401
    with first_frame(gateway, "", gateway.session.token) as frame:
        assert frame["topic"] == "system"


# --- The files of the command --------------------------------------------------------------------


class Remote(Server):
    """A gateway in another process, with a consumer of which only the files are known."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url.removesuffix(API)
        self.clock = Clock()
        known = json.loads(Path(folder, "credentials.json").read_text())
        keys = ClientKeys(
            signature=_key(folder / "private_signature.pem"),
            encryption=_key(folder / "private_encryption.pem"),
        )
        self.consumer = Consumer(
            key=known["consumer_key"],
            signature_key=keys.signature.public_key(),
            encryption_key=keys.encryption.public_key(),
            prime=_prime(folder / "dhparam.pem"),
            access_token=known["access_token"],
            encrypted_secret=known["access_token_secret"],
            client_keys=keys,
        )
        assert known["realm"] == self.consumer.realm

    def __call__(self, request: Request) -> Reply:
        """Send a request through a socket."""
        headers = {"Authorization": request.headers["authorization"]}
        answer = httpx2.request(
            request.method, self.url + request.target, headers=headers, trust_env=False
        )
        return Reply(answer.status_code, answer.content, answer.headers["content-type"])


def _key(file: Path) -> Any:
    return load_pem_private_key(file.read_bytes(), None)


def _prime(file: Path) -> int:
    """A prime with 2048 bits, and a generator that is 2."""
    begin, *lines, end = file.read_text().splitlines()
    assert (begin, end) == ("-----BEGIN DH PARAMETERS-----", "-----END DH PARAMETERS-----")
    assert max(map(len, lines)) == 64
    content = base64.b64decode("".join(lines))
    assert content[:8].hex() == "308201080282" + "0101"
    assert content[265:].hex() == "020102"
    return int.from_bytes(content[8:265], "big")


def modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


def test_the_command_writes_what_clients_need(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "oauth"
    with running("--oauth", str(folder)) as (_, url, _):
        assert httpx2.get(f"{url}/portfolio/accounts", trust_env=False).status_code == 401
        client = Client(Remote(url, folder))
        client.begin()
        signed(client, INIT + FLAGS, "POST")
        signed(client, ACCOUNTS)
        assert signed(client, ORDERS)["orders"] == []
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert modes(folder) == dict.fromkeys(credentials.FILES, 0o600)


def test_the_files_of_oauth_2(tmp_path: Path, caller: Caller) -> None:
    credentials.write(tmp_path, Consumer.made(), caller.client)
    known = json.loads(Path(tmp_path, "credentials.json").read_text())
    caller.key = _key(tmp_path / "client.pem")
    caller.header["kid"] = known["client_key_id"]
    assert known["client_id"] == caller.client.id
    assert caller.token(" ".join(known["scopes"]))
    caller.clock.advance(1)  # an assertion is good for one token only
    assert caller.session(credential=known["credential"])


def test_no_secret_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "oauth"
    with running("--oauth", str(folder)) as (process, _, before):
        process.terminate()
        assert process.stderr is not None
        said = before + process.stderr.read()
    known = json.loads(Path(folder, "credentials.json").read_text())
    secrets = [known["consumer_key"], known["access_token"], known["access_token_secret"]]
    assert [secret for secret in secrets if secret in said] == []
    assert [name for name in credentials.FILES if name not in said] == []


@pytest.mark.parametrize("name", credentials.FILES)
def test_no_file_is_overwritten(tmp_path: Path, name: str) -> None:
    Path(tmp_path, name).write_text("mine")
    ended = run("mock", "--port", "0", "--oauth", str(tmp_path))
    assert (ended.returncode, ended.stdout) == (3, "")
    (line,) = [line for line in ended.stderr.splitlines() if line.startswith("Error: ")]
    assert re.match(rf"Error: {re.escape(str(tmp_path / name))}: .*--oauth", line)
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert Path(tmp_path, name).read_text() == "mine"


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    ended = run("mock", "--port", "0", "--oauth", str(file))
    assert ended.returncode == 3
    assert str(file) in ended.stderr
    assert "Traceback" not in ended.stderr
