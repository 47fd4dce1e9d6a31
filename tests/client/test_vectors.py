"""Requests and answers, against vectors that every client of the project is held to."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest
from bezant_api import NEVER, OPERATIONS, BezantError, Client
from bezant_api.core.operation import Operation

from tests.client.drive import Arrived, Loopback, loopback

FOLDER = Path(__file__).parents[1] / "vectors"
REQUESTS = json.loads((FOLDER / "wire.json").read_text("utf-8"))
ANSWERS = json.loads((FOLDER / "answers.json").read_text("utf-8"))


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as state:
        state.will_answer(200, "application/json", b"{}")
        yield state


@pytest.mark.parametrize("vector", REQUESTS, ids=lambda vector: str(vector["name"]))
def test_requests(vector: dict[str, Any], server: Loopback) -> None:
    operation = OPERATIONS[vector["operation"]]
    error = ""
    with Client(server.url, retry=NEVER) as client:
        try:
            client.request(operation.id, **arguments(vector, operation))
        except BezantError as raised:
            error = type(raised).__name__
    assert judged(vector["expect"], server.arrived, error) == []


def arguments(vector: dict[str, Any], operation: Operation[Any]) -> dict[str, Any]:
    """Arguments of the client by the wire names of a vector; what a vector leaves out is left out."""
    places = {(p.location, p.name): p.argument for p in operation.parameters}
    given = {
        places[location, name]: value
        for location in ("path", "query", "header")
        for name, value in vector.get(location, {}).items()
    }
    return given | ({"body": vector["body"]} if "body" in vector else {})


def judged(expect: dict[str, Any], arrived: list[Arrived], error: str) -> list[str]:
    """What is wrong with what arrived, or with the error in place of it."""
    if "error" in expect:
        wrong = error != expect["error"] or arrived
        return [f"{error or 'no error'}, {len(arrived)} arrived"] if wrong else []
    if len(arrived) != 1:
        return [f"{len(arrived)} requests arrived, {error or 'no error'}"]
    (request,) = arrived
    body = request.body.decode()
    found = {
        "target": request.target,
        "method": request.method,
        "body": body,
        "json": json.loads(body) if "json" in expect else None,
        "form": dict(parse_qsl(body, strict_parsing="form" in expect)),
        "headers": {name: request.headers.get(name) for name in expect.get("headers", {})},
    }
    return [f"{part} is {found[part]!r}" for part in expect if found[part] != expect[part]]


@pytest.mark.parametrize("vector", ANSWERS, ids=lambda vector: str(vector["name"]))
def test_answers(vector: dict[str, Any], server: Loopback) -> None:
    will_answer(server, vector)
    expect = vector["expect"]
    with Client(server.url, retry=NEVER) as client:
        if "value" in expect:
            answer = client.with_response(client.portfolio.ledger, "U1")
            assert {"value": plain(answer)} == expect
            return
        with pytest.raises(BezantError) as raised:
            client.portfolio.ledger("U1")
    assert shown(raised.value, expect) == expect
    assert str(raised.value).count("(masked)") == str(expect.get("reason")).count("(masked)")


def will_answer(server: Loopback, vector: dict[str, Any]) -> None:
    """Let a server answer as a vector says."""
    encoded = vector.get("base64")
    body = base64.b64decode(encoded) if encoded else vector["body"].encode()
    server.will_answer(vector["status"], vector["type"], body, **vector.get("headers", {}))


def plain(answer: Any) -> Any:
    """The whole value as JSON, with the fields that the type does not know."""
    if isinstance(answer.value, dict):
        return answer.json()
    return msgspec.to_builtins(answer.value)


def shown(error: Any, expect: dict[str, Any]) -> dict[str, Any]:
    """Of an error what a vector speaks about."""
    reason = getattr(error, "message", getattr(error, "reason", ""))
    if isinstance(error, ValueError) or not hasattr(error, "message"):
        reason = reason[: len(expect.get("reason", ""))]
    found = {
        "error": type(error).__name__,
        "reason": reason.rstrip("."),
        "status": getattr(error, "status", None),
        "retryable": error.is_retryable,
    }
    return {key: found[key] for key in expect}
