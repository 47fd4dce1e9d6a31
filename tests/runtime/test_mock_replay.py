"""Recorded answers of the mock: which request gets which, and what is said of a folder that is wrong."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from bezant_api import Client

from bezant.mock import Fault, MockGateway, Rules
from bezant.mock.http import Reply, Request
from bezant.mock.replay import BadRecording
from bezant.mock.world import PAPER
from tests.conftest import SHARED
from tests.runtime.running_command import run, running

API = "/v1/api"
JSON = "application/json; charset=utf-8"
RULES = "/forecast/contract/rules"
RECORDINGS = SHARED / "recordings"
Record = Callable[..., Path]


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Writes a recording; a number says of which file, in their order."""

    def write(path: str, body: Any, number: int = 0, /, **changed: Any) -> Path:
        row = {"method": "GET", "path": path, "status": 200, "content_type": JSON, "body": body}
        file = tmp_path / f"folder-{number // 10}" / f"recording-{number:02d}.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps({**row, **changed}, indent=1))
        return file

    return write


def ask(gateway: MockGateway, path: str, method: str = "GET", **body: Any) -> Reply:
    content = json.dumps(body).encode() if body else b""
    headers = {"user-agent": "tests", "content-length": str(len(content))}
    return anyio.run(gateway.app.respond, Request(method, path, headers, content))


def value(gateway: MockGateway, path: str, method: str = "GET", **body: Any) -> Any:
    return json.loads(ask(gateway, path, method, **body).body)


@pytest.fixture
def replayed(tmp_path: Path) -> Callable[[], MockGateway]:
    return lambda: MockGateway(replay=tmp_path, rules=Rules(preflights=False))


Replayed = Callable[[], MockGateway]


class TestWhichAnswer:
    def test_others_are_the_mocks_own(self, record: Record, replayed: Replayed) -> None:
        record("/iserver/accounts", {"accounts": ["U1"]})
        gateway = replayed()
        assert value(gateway, f"{API}/iserver/accounts") == {"accounts": ["U1"]}
        assert value(gateway, f"{API}/portfolio/accounts")[0]["id"] == PAPER

    @pytest.mark.parametrize("base", ["", API])
    @pytest.mark.parametrize("end", ["", "/"])
    def test_with_or_without_the_base(
        self, record: Record, replayed: Replayed, base: str, end: str
    ) -> None:
        record(f"{base}/portfolio/accounts{end}", [])
        gateway = replayed()
        assert value(gateway, f"{API}/portfolio/accounts") == []
        assert ask(gateway, "/portfolio/accounts").status == 404

    def test_account_management_has_no_base(self, record: Record, replayed: Replayed) -> None:
        record("/gw/api/v1/accounts", {"mine": 1})
        assert value(replayed(), "/gw/api/v1/accounts") == {"mine": 1}

    def test_the_method_matters(self, record: Record, replayed: Replayed) -> None:
        record("/iserver/auth/status", {"mine": 1}, method="POST")
        gateway = replayed()
        assert value(gateway, f"{API}/iserver/auth/status", "POST") == {"mine": 1}
        assert value(gateway, f"{API}/iserver/auth/status")["authenticated"] is True

    def test_the_same_path_goes_before_the_same_operation(
        self, record: Record, replayed: Replayed
    ) -> None:
        record("/portfolio/U1234567/ledger", "another's")
        record(f"/portfolio/{PAPER}/ledger", "mine", 1)
        gateway = replayed()
        assert value(gateway, f"{API}/portfolio/{PAPER}/ledger") == "mine"
        assert value(gateway, f"{API}/portfolio/%55{PAPER[1:]}/ledger") == "another's"
        assert value(gateway, f"{API}/portfolio/%44{PAPER[1:]}/ledger") == "mine"

    def test_of_the_same_operation_the_most_alike(self, record: Record, replayed: Replayed) -> None:
        for number, page in enumerate((9, 0, 1)):
            record(f"/portfolio/U1234567/positions/{page}", page, number)
        gateway = replayed()
        pages = [value(gateway, f"{API}/portfolio/{PAPER}/positions/{page}") for page in (0, 1, 5)]
        assert pages == [0, 1, 9]

    def test_a_query_has_to_be_in_the_request(self, record: Record, replayed: Replayed) -> None:
        record(f"{RULES}?conid=1", "one")
        record(f"{RULES}?conid=1&a=%20", "both", 1)
        gateway = replayed()
        address = f"{API}{RULES}"
        assert value(gateway, f"{address}?conid=1&more=2") == "one"
        assert value(gateway, f"{address}?a=+&conid=1") == "both"
        assert value(gateway, f"{address}?conid=12") not in ("one", "both")
        record(RULES, "any", 2)
        gateway = replayed()
        assert value(gateway, f"{address}?conid=1") == "one"
        assert value(gateway, f"{address}?conid=12") == value(gateway, address) == "any"

    def test_several_come_in_their_order_and_the_last_repeats(
        self, record: Record, replayed: Replayed
    ) -> None:
        for number in (2, 10, 1):
            record("/portfolio/U1234567/ledger", number, number)
        gateway = replayed()
        for account in (PAPER, "DU2"):
            address = f"{API}/portfolio/{account}/ledger"
            assert [value(gateway, address) for _ in range(4)] == [1, 2, 10, 10]

    def test_what_is_no_operation(self, record: Record, replayed: Replayed) -> None:
        record("/one/user", {"mine": 1})
        gateway = replayed()
        assert value(gateway, f"{API}/one/user") == {"mine": 1}
        assert ask(gateway, f"{API}/one/other").status == 404
        assert ask(gateway, f"{API}/one%2Fuser").status == 404
        assert gateway.app.replay.others == [f"GET {API}/one/user"]


class TestAnswers:
    @pytest.mark.parametrize(
        ("body", "kind", "sent"),
        [
            ({"a": [1.5, None, "é"]}, JSON, b'{"a":[1.5,null,"\\u00e9"]}'),
            ("Success", JSON, b'"Success"'),
            ("Success", "text/plain", b"Success"),
            ("<p>é</p>", "text/html; charset=utf-8", "<p>é</p>".encode()),
            ("", JSON, b""),
            (None, JSON, b""),
            ("", "", b""),
        ],
    )
    def test_bodies(
        self, record: Record, replayed: Replayed, body: Any, kind: str, sent: bytes
    ) -> None:
        record("/portfolio/accounts", body, status=418, content_type=kind)
        answer = ask(replayed(), f"{API}/portfolio/accounts")
        assert (answer.status, answer.body, answer.content_type) == (418, sent, kind)

    def test_numbers_stay_as_they_were_written(self, record: Record, replayed: Replayed) -> None:
        file = record("/portfolio/accounts", "here")
        number = b"[1.10, 1e400, 123456789012345678901234567890]"
        file.write_bytes(file.read_bytes().replace(b'"here"', number))
        sent = ask(replayed(), f"{API}/portfolio/accounts").body
        assert sent == number.replace(b" ", b"")


class TestGates:
    def test_what_comes_before_holds(self, record: Record, tmp_path: Path) -> None:
        record(f"/portfolio/{PAPER}/ledger", "mine")
        record("/portfolio/accounts", "accounts", 1)
        gateway = MockGateway(replay=tmp_path, rules=Rules(pacing=True))
        address = f"{API}/portfolio/{PAPER}/ledger"
        fault = Fault(operation="get_portfolio_ledger", status=503, times=1)
        bare = Request("GET", address, {}, b"")
        assert anyio.run(gateway.app.respond, bare).status == 403
        assert ask(gateway, address).status == 400
        # A recorded list of accounts counts as having asked for it.
        assert value(gateway, f"{API}/portfolio/accounts") == "accounts"
        assert value(gateway, address) == "mine"
        gateway.faults.add(fault)
        assert ask(gateway, address).status == 503
        gateway.pacing.lock()
        assert ask(gateway, address).status == 429
        seen = gateway.arrived.of("get_portfolio_ledger")
        assert [row.status for row in seen] == [400, 200, 503, 429]

    def test_the_session_comes_before(self, record: Record, replayed: Replayed) -> None:
        record("/portfolio/accounts", [])
        gateway = replayed()
        gateway.session.expire()
        assert ask(gateway, f"{API}/portfolio/accounts").status == 401

    @pytest.mark.parametrize("status", [200, 500])
    def test_a_session_that_is_opened(
        self, record: Record, replayed: Replayed, status: int
    ) -> None:
        record("/iserver/auth/ssodh/init", {"mine": 1}, method="POST", status=status)
        gateway = replayed()
        gateway.session.lose_brokerage()
        address = f"{API}/iserver/auth/ssodh/init"
        answer = value(gateway, address, "POST", publish=True, compete=True)
        assert answer == {"mine": 1}
        assert gateway.session.authenticated is (status == 200)

    def test_a_recorded_order_is_not_in_the_book(self, record: Record, replayed: Replayed) -> None:
        record("/iserver/account/U1/orders", [{"order_id": "7"}], method="POST")
        gateway = replayed()
        ticket = {"conid": 265598, "side": "BUY", "orderType": "MKT", "quantity": 1, "tif": "DAY"}
        answer = value(gateway, f"{API}/iserver/account/{PAPER}/orders", "POST", orders=[ticket])
        assert answer == [{"order_id": "7"}]
        assert list(gateway.book.visible()) == []


class TestWrongFolders:
    @pytest.mark.parametrize(
        ("changed", "where"),
        [
            ({"method": "FETCH"}, "$.method"),
            ({"method": "get"}, "$.method"),
            ({"path": "https://127.0.0.1/v1/api/tickle"}, "$.path"),
            ({"status": 99}, "$.status"),
            ({"status": 600}, "$.status"),
            ({"status": "200"}, "$.status"),
            ({"status": True}, "$.status"),
            ({"content_type": None}, "$.content_type"),
            ({"content_type": "a\r\nb: c"}, "$.content_type"),
            ({"content_type": "a\n"}, "$.content_type"),
            ({"content_type": "text/html", "body": {}}, "$.body"),
        ],
    )
    def test_members(
        self, record: Record, replayed: Replayed, changed: dict[str, Any], where: str
    ) -> None:
        record("/tickle", {})
        file = record("/tickle", {}, 1, **changed)
        with pytest.raises(BadRecording) as caught:
            replayed()
        assert str(caught.value).startswith(f"{file}: ")
        assert f"`{where}`" in str(caught.value)
        assert str(caught.value).endswith("method, path, status, content_type and body")

    @pytest.mark.parametrize("name", ["method", "path", "status", "content_type", "body"])
    def test_missing_members(self, record: Record, replayed: Replayed, name: str) -> None:
        file = record("/tickle", {})
        row = json.loads(file.read_text())
        del row[name]
        file.write_text(json.dumps(row))
        with pytest.raises(BadRecording, match=f"missing required field `{name}`"):
            replayed()

    @pytest.mark.parametrize(
        "content", [b"", b"no JSON", b"[]", b'{"method": "GET"', b'{"a": "\xff"}']
    )
    def test_no_json(self, record: Record, replayed: Replayed, content: bytes) -> None:
        file = record("/tickle", {})
        file.write_bytes(content)
        with pytest.raises(BadRecording, match=re.escape(f"{file}: ")):
            replayed()

    def test_no_recording_and_no_folder(self, tmp_path: Path) -> None:
        Path(tmp_path, "README.md").write_text("")
        for folder in (tmp_path, tmp_path / "none", tmp_path / "README.md"):
            with pytest.raises(BadRecording, match=f"^{re.escape(str(folder))}: "):
                MockGateway(replay=folder)


def test_by_the_command(record: Record, tmp_path: Path) -> None:
    record("/iserver/accounts", {"accounts": ["U7654321"]})
    record("/iserver/accounts", {"accounts": ["U7654321"]}, 1)
    record("/one/user", {}, 2)
    with running("--replay", str(tmp_path)) as (_, url, said), Client(url) as client:
        assert client.accounts.brokerage().accounts == ["U7654321"]
        assert "3 recordings of 1 operations are replayed" in said
        assert f"no operation: GET {API}/one/user" in said


def test_the_command_refuses_a_wrong_folder(record: Record, tmp_path: Path) -> None:
    file = record("/tickle", {}, status="none")
    ended = run("mock", "--port", "0", "--replay", str(tmp_path))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "--replay" in ended.stderr
    assert str(file) in ended.stderr
    assert "$.status" in ended.stderr


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not beside the project")
def test_all_recordings_of_the_live_api() -> None:
    files = sorted(RECORDINGS.rglob("*.json"))
    rules = Rules(preflights=False)
    with (
        MockGateway(replay=RECORDINGS, rules=rules) as gateway,
        httpx2.Client(base_url=gateway.url, trust_env=False) as http,
    ):
        for file in files:
            row = json.loads(file.read_text("utf-8"))
            answer = http.request(row["method"], row["path"])
            seen = (answer.status_code, answer.headers["content-type"], answer.json())
            assert seen == (row["status"], row["content_type"], row["body"]), file
        assert gateway.errors == []
        assert gateway.app.replay.others == []
    assert files
