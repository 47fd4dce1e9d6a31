"""What came beside the value: status, bytes, timing; raw answers, downloads, calls by id."""

from pathlib import Path
from typing import Any

import anyio
import pytest
from bezant_api import AsyncClient, Client, errors

from tests.client.drive import Loopback, loopback
from tests.client.scripted import answer, scripted, scripted_async


def test_a_response_has_value_status_headers_bytes_and_timing() -> None:
    raw = answer({"USD": {"cashbalance": 1.5}}, X_Request_Id="r-7")._replace(elapsed=0.25)
    client, _ = scripted([raw])
    response = client.with_response(client.portfolio.ledger, "U1")
    assert response.value["USD"].cashbalance == 1.5
    assert (response.status, response.request_id, response.elapsed) == (200, "r-7", 0.25)
    assert response.headers["x-request-id"] == "r-7"
    assert response.body == raw.body
    assert response.json() == {"USD": {"cashbalance": 1.5}}


def test_unknown_fields_are_reachable() -> None:
    client, _ = scripted([answer({"USD": {"brandnew": {"a": 1}, "cashbalance": 2.0}})])
    response = client.with_response(client.portfolio.ledger, "U1")
    assert response.unknown_fields() == ["/USD/brandnew"]
    assert response.json()["USD"]["brandnew"] == {"a": 1}


def test_unknown_fields_are_counted_when_asked_for() -> None:
    drifts: list[Any] = []
    steps = [answer({"USD": {"brandnew": 1}})]
    client, _ = scripted(steps, on_drift=drifts.append, report_unknown=True, mode="strict")
    client.portfolio.ledger("U1")
    assert [(drift.pointer, drift.kind, drift.got) for drift in drifts] == [
        ("/USD/brandnew", "unknown", 1)
    ]


def test_raw_gives_what_came_whatever_it_says() -> None:
    client, _ = scripted([answer({"error": "no bridge"}, 400)])
    raw = client.raw(client.portfolio.ledger, "U1")
    assert (raw.status, raw.body) == (400, b'{"error":"no bridge"}')
    assert "no bridge" not in repr(raw)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_asynchronous_twins(backend: str) -> None:
    async def main() -> None:
        client, _ = scripted_async([answer({"USD": {}}), answer({}, 400)])
        response = await client.with_response(client.portfolio.ledger, "U1")
        assert response.status == 200
        assert (await client.raw(client.portfolio.ledger, "U1")).status == 400

    anyio.run(main, backend=backend)


def test_only_methods_of_one_call_can_be_asked_so() -> None:
    client, script = scripted([])
    for wrong in (print, client.portfolio.iter_positions, client.request):
        with pytest.raises(TypeError, match="a method that makes one call"):
            client.with_response(wrong, "U1")
    assert script.sent == []


def test_a_call_by_id_is_the_call_of_its_method() -> None:
    client, script = scripted([answer({}), answer({})])
    by_id = client.request("get_portfolio_ledger", account_id="U1", headers={"X-A": "1"})
    assert type(by_id) is type(client.portfolio.ledger("U1", headers={"X-A": "1"}))
    assert script.sent[0] == script.sent[1]


def test_a_call_by_id_takes_fields_of_its_body() -> None:
    client, script = scripted([answer({"set": True})] * 2)
    client.request("post_iserver_account", acct_id="U1")
    client.request("post_iserver_account", body={"acctId": "U1"})
    assert script.sent[0].body == script.sent[1].body == b'{"acctId":"U1"}'


@pytest.mark.parametrize(
    ("operation", "arguments", "message"),
    [
        (
            "get_portfolio_leger",
            {},
            "no operation 'get_portfolio_leger' - perhaps get_portfolio_ledger",
        ),
        ("get_portfolio_ledger", {"acount": 1}, "no argument acount; it takes account_id"),
        ("get_portfolio_ledger", {}, "account_id is required"),
    ],
)
def test_a_wrong_call_by_id_says_what_is_right(
    operation: str, arguments: dict[str, Any], message: str
) -> None:
    client, _ = scripted([])
    with pytest.raises(errors.ArgumentError, match=message):
        client.request(operation, **arguments)


@pytest.fixture
def server() -> Any:
    with loopback() as state:
        yield state


PDF = bytes(range(256)) * 4096


def statement(client: Any) -> tuple[Any, dict[str, Any]]:
    """A method whose answer is a file, with arguments for it."""
    return client.reports.create_tax_forms if False else client.portfolio.ledger, {
        "account_id": "U1"
    }


def test_a_download_appears_when_it_is_complete(server: Loopback, tmp_path: Path) -> None:
    server.will_answer(200, "application/pdf", PDF)
    with Client(server.url) as client:
        method, arguments = statement(client)
        with client.download(method, **arguments) as file:
            assert file.headers["content-type"] == "application/pdf"
            assert file.save(tmp_path / "a.pdf") == len(PDF)
        with client.download(method, **arguments) as file:
            assert b"".join(file) == PDF
    assert (tmp_path / "a.pdf").read_bytes() == PDF
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_asynchronous_download(server: Loopback, tmp_path: Path, backend: str) -> None:
    server.will_answer(200, "application/pdf", PDF)

    async def main() -> int:
        async with AsyncClient(server.url) as client:
            method, arguments = statement(client)
            async with await client.download(method, **arguments) as file:
                return await file.save(tmp_path / "a.pdf")

    assert anyio.run(main, backend=backend) == len(PDF)
    assert (tmp_path / "a.pdf").read_bytes() == PDF


def test_a_refused_download_is_the_error_of_its_method(server: Loopback) -> None:
    server.will_answer(404, "application/json", b'{"error": "no such statement"}')
    with Client(server.url) as client:
        method, arguments = statement(client)
        with pytest.raises(errors.NotFound, match="no such statement"):
            client.download(method, **arguments)


def test_a_refused_asynchronous_download_is_the_error_of_its_method(server: Loopback) -> None:
    server.will_answer(404, "application/json", b'{"error": "no such statement"}')

    async def main() -> None:
        async with AsyncClient(server.url) as client:
            method, arguments = statement(client)
            with pytest.raises(errors.NotFound, match="no such statement"):
                await client.download(method, **arguments)

    anyio.run(main)
