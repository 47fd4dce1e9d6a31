"""Every operation, called over a socket by the TypeScript client: what arrives is what the document says."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.client.drive import Call, Document, Loopback, judge, loopback, prepare
from tests.typescript.drive import Driver, driver, entry_of, registry
from tests.typescript.project import ROOT, Project

OPERATION_COUNT = 173


@pytest.fixture(scope="module")
def operations(project: Project) -> dict[str, Any]:
    return registry(project)


def test_every_operation(project: Project, operations: dict[str, Any]) -> None:
    document = Document(ROOT / "spec" / "normalized" / "openapi.json")
    problems: dict[str, list[str]] = {}
    with loopback() as server, driver(project, server.url) as node:
        for call in document.calls():
            prepare(server, call)
            result = _made(node, call, operations[call.id])
            arrived = server.arrived.pop()
            assert server.arrived == []
            problems[call.key] = list(judge(call, arrived, result, operations[call.id]))
    assert len(problems) == len(operations) == OPERATION_COUNT
    assert {key: found for key, found in problems.items() if found} == {}


def _made(node: Driver, call: Call, operation: dict[str, Any]) -> Any:
    found = node.call(
        entry_of(operation["resource"]), operation["name"], _arguments(call, operation)
    )
    if "error" in found:
        says_no = call.answer.get("error") or call.answer.get("success") is False
        return found["body"] if says_no else f"raised {found['message']}"
    return base64.b64decode(found["bytes"]) if "bytes" in found else found.get("value")


def _arguments(call: Call, operation: dict[str, Any]) -> dict[str, Any] | None:
    places = {"path": call.path, "query": call.query, "header": call.headers}
    given = {p["argument"]: places[p["location"]][p["name"]] for p in operation["parameters"]}
    given |= {"body": call.body} if call.body_type else {}
    return given if operation["parameters"] or operation["body"] else None


def test_request_by_id_sends_the_same(project: Project, operations: dict[str, Any]) -> None:
    """The registry's way and the function's way write the same request."""
    document = Document(ROOT / "spec" / "normalized" / "openapi.json")
    wanted = {
        "get_iserver_secdef_search",
        "get_portfolio_positions_by_page_id",
        "post_iserver_account_orders",
    }
    calls = [call for call in document.calls() if call.id in wanted]
    script = Path(project.folder / "by-id.mjs")
    script.write_text(
        "import { createClient } from 'bezant-client'\n"
        "import { request } from 'bezant-client/registry'\n"
        "const [, , baseUrl, id, args] = process.argv\n"
        "await request(createClient({ baseUrl, retry: false }), id, JSON.parse(args)).catch(() => 0)\n"
    )
    with loopback() as server, driver(project, server.url) as node:
        for call in calls:
            prepare(server, call)
            _made(node, call, operations[call.id])
            project.node(
                script, server.url, call.id, json.dumps(_arguments(call, operations[call.id]))
            )
            first, second = _taken(server)
            assert (first.method, first.target) == (second.method, second.target)
            assert first.body == second.body
    assert len(calls) == len(wanted)


def _taken(server: Loopback) -> list[Any]:
    taken, server.arrived[:] = list(server.arrived), []
    return taken
