"""Every route of the sidecar, through a socket: what a backend gets, and what its clients get of it."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import httpx2
import msgspec
import pytest
from bezant_api import OPERATIONS
from bezant_api.sidecar import Backend, Unimplemented, create_app
from bezant_api.sidecar.route_tree import RouteTree
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.responses import Response

from tests.client.drive import Call, Document, expected_query, lost, text
from tests.runtime.judged import DOCUMENT
from tests.sidecar.serving import http, served

CALLS = {call.id: call for call in Document(DOCUMENT).calls()}
JWT = "application/jwt"


def target(operation: Any) -> str:
    return f"{operation.resource}_{operation.name}"


class Recording:
    """What backends were asked: the arguments by the name of the method."""

    def __init__(self) -> None:
        self.asked: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {}

    def backend(self, answers: dict[str, Any]) -> Backend:
        """A backend that implements every operation, and answers what it is told."""

        def method(name: str) -> Any:
            async def answer(_: Any, *args: Any, **kwargs: Any) -> Any:
                self.asked[name] = (args, kwargs)
                return answers[name]

            return answer

        names = [target(operation) for operation in OPERATIONS.values()]
        kind = type("Everything", (Unimplemented,), {name: method(name) for name in names})
        made: Backend = kind()
        return made


RECORDING = Recording()


@pytest.fixture(scope="module")
def everything() -> Iterator[httpx2.Client]:
    answers = {
        target(OPERATIONS[name]): None if not call.content_type else call.answer
        for name, call in CALLS.items()
    }
    with served(create_app(RECORDING.backend(answers))) as url, http(url) as client:
        yield client


@pytest.fixture(scope="module")
def nothing() -> Iterator[httpx2.Client]:
    with served(create_app(Unimplemented())) as url, http(url) as client:
        yield client


def send(client: httpx2.Client, call: Call) -> httpx2.Response:
    path = call.target_path
    for name, value in call.path.items():
        path = path.replace(f"{{{name}}}", quote(text(value), safe=""))
    query = urlencode(list(expected_query(call)))
    headers = {name: text(value) for name, value in call.headers.items()}
    if call.body_type:
        headers["content-type"] = call.body_type
    return client.request(call.method, f"{path}?{query}", content=body_of(call), headers=headers)


def body_of(call: Call) -> bytes:
    if "json" in call.body_type:
        return json.dumps(call.body).encode()
    if "form" in call.body_type:
        return urlencode({key: text(value) for key, value in call.body.items()}).encode()
    return str(call.body).encode() if call.body_type else b""


@pytest.mark.parametrize("name", list(OPERATIONS))
def test_arguments_arrive_and_answers_come_back(everything: httpx2.Client, name: str) -> None:
    call, operation = CALLS[name], OPERATIONS[name]
    response = send(everything, call)
    assert response.status_code == call.status, response.text
    args, kwargs = RECORDING.asked[target(operation)]
    places = {"path": call.path, "query": call.query, "header": call.headers}
    in_path = [p for p in operation.parameters if p.location == "path"]
    assert list(args[: len(in_path)]) == [call.path[p.name] for p in in_path]
    others = [p for p in operation.parameters if p.location != "path"]
    assert kwargs == {p.argument: places[p.location][p.name] for p in others}
    assert (operation.body is None) is (len(args) == len(in_path))
    if operation.body is not None and "json" in call.body_type:
        assert list(lost(args[-1], call.body, "")) == []
    if call.content_type and "json" in call.content_type:
        assert response.json() == call.answer
    elif call.content_type:
        assert response.text == str(call.answer)
    else:
        assert response.content == b""


@pytest.mark.parametrize("name", list(OPERATIONS))
def test_what_is_not_implemented_says_so(nothing: httpx2.Client, name: str) -> None:
    response = send(nothing, CALLS[name])
    assert response.status_code == 501
    problem = response.json()
    assert problem.pop("request_id") == response.headers["x-request-id"]
    assert problem == {
        "code": "not_implemented",
        "message": f"{name} is not implemented by this backend",
    }


def test_there_is_one_route_for_each_operation() -> None:
    app = create_app(Unimplemented())
    [tree] = [route for route in app.router.routes if isinstance(route, RouteTree)]
    routes: list[APIRoute] = tree.routes
    found = {route.operation_id: (route.methods, route.path, route.name) for route in routes}
    assert found == {
        name: ({op.method}, op.base_path + op.path, target(op)) for name, op in OPERATIONS.items()
    }
    assert len(routes) == len(OPERATIONS)


def test_a_router_for_each_tag() -> None:
    from bezant_api.sidecar.routers import NAMES, portfolio

    assert set(NAMES) == {operation.resource for operation in OPERATIONS.values()}
    assert isinstance(portfolio.router, APIRouter)


# --- A backend of one's own ----------------------------------------------------------------------


class Own(Unimplemented):
    """Gives all kinds of values."""

    async def portfolio_ledger(self, account_id: str) -> Any:
        return Response(b'{"as":"it is"}', 203, media_type="application/json")

    async def session_tickle(self) -> Any:
        return b'{"session":"of bytes"}'

    async def notifications_delete_device(self, device_id: str) -> Any:
        return None

    async def market_data_snapshot(self, *, conids: list[int], fields: Any = None) -> Any:
        if fields:
            raise ZeroDivisionError
        return msgspec.Raw(json.dumps([{"conid": conid} for conid in conids]).encode())


@pytest.fixture(scope="module")
def own() -> Iterator[httpx2.Client]:
    with served(create_app(Own())) as url, http(url) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/v1/api/portfolio/U1/ledger", 203, b'{"as":"it is"}'),
        ("POST", "/v1/api/tickle", 200, b'{"session":"of bytes"}'),
        ("DELETE", "/v1/api/fyi/deliveryoptions/1", 200, b""),
        (
            "GET",
            "/v1/api/iserver/marketdata/snapshot?conids=1,2",
            200,
            b'[{"conid": 1}, {"conid": 2}]',
        ),
    ],
)
def test_values_become_answers(
    own: httpx2.Client, method: str, path: str, status: int, body: bytes
) -> None:
    response = own.request(method, path)
    assert (response.status_code, response.content) == (status, body)


def test_bugs_of_a_backend_are_not_told(own: httpx2.Client) -> None:
    response = own.get("/v1/api/iserver/marketdata/snapshot?conids=1&fields=31")
    assert response.status_code == 500
    assert response.json()["code"] == "internal_error"
    assert "Zero" not in response.text
