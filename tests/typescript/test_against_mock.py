"""Every operation by the TypeScript client against the mock gateway: the same answers as by the Python client."""

from pathlib import Path
from typing import Any

from bezant_api import NEVER, OPERATIONS, ApiError, Client

from bezant.mock import MockGateway, Rules
from tests.client.drive import Call, Document
from tests.runtime.test_mock_gateway import KNOWN, START
from tests.typescript.drive import driver, entry_of, registry
from tests.typescript.project import ROOT, Project

DOCUMENT = Path(ROOT / "spec" / "normalized" / "openapi.json")


def _given(call: Call, operation: dict[str, Any]) -> dict[str, Any] | None:
    places = {"path": call.path, "query": call.query, "header": call.headers}
    given = {
        p["argument"]: KNOWN.get(p["name"], places[p["location"]][p["name"]])
        for p in operation["parameters"]
    }
    given |= {"body": call.body} if call.body_type else {}
    return given if operation["parameters"] or operation["body"] else None


def _by_python(calls: list[Call]) -> dict[str, int]:
    """The status of each call: 0 where no answer came."""
    statuses = {}
    with MockGateway(seed=3, start=START, rules=Rules(preflights=False)) as gateway:
        with Client(gateway.url, retry=NEVER) as client:
            for call in calls:
                operation = OPERATIONS[call.id]
                places = {"path": call.path, "query": call.query, "header": call.headers}
                given = {
                    p.argument: KNOWN.get(p.name, places[p.location][p.name])
                    for p in operation.parameters
                }
                given |= {"body": call.body} if call.body_type else {}
                gateway.session.login()
                try:
                    client.request(call.id, **given)
                    statuses[call.id] = 200
                except ApiError as error:
                    statuses[call.id] = error.status if error.status != 200 else -200
        assert gateway.errors == []
    return statuses


def _by_node(project: Project, calls: list[Call]) -> dict[str, int]:
    operations = registry(project)
    statuses = {}
    with MockGateway(seed=3, start=START, rules=Rules(preflights=False)) as gateway:
        with driver(project, gateway.url) as node:
            for call in calls:
                operation = operations[call.id]
                gateway.session.login()
                found = node.call(
                    entry_of(operation["resource"]), operation["name"], _given(call, operation)
                )
                status = found["status"]
                refused = "error" in found and status == 200
                statuses[call.id] = -200 if refused else (200 if "error" not in found else status)
        assert gateway.errors == []
    return statuses


def test_every_operation(project: Project) -> None:
    calls = list(Document(DOCUMENT).calls())
    python, node = _by_python(calls), _by_node(project, calls)
    assert node == python
    assert len(python) == len(OPERATIONS)
