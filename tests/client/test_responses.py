"""What came beside the value: status, bytes, timing; raw answers, calls by id."""

from typing import Any

import anyio
import pytest
from bezant_api import errors

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
