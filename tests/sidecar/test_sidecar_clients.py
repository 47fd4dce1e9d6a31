"""The clients of Python and TypeScript on the sidecar: only their base URL is another one."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from bezant_api import NEVER, OPERATIONS, ApiError, AsyncClient, Client
from bezant_api.sidecar import PassThrough, create_app

from bezant.mock import MockGateway, Rules
from tests.client.drive import Call, Document
from tests.runtime.judged import DOCUMENT
from tests.runtime.test_mock_gateway import KNOWN, START
from tests.sidecar.serving import served
from tests.typescript.conftest import project  # noqa: F401  # a fixture
from tests.typescript.drive import driver, entry_of, registry
from tests.typescript.project import Project

CALLS = list(Document(DOCUMENT).calls())


@contextmanager
def gateway() -> Iterator[MockGateway]:
    with MockGateway(seed=3, start=START, rules=Rules(preflights=False)) as made:
        yield made
        assert made.errors == []


@contextmanager
def passing(to: MockGateway) -> Iterator[str]:
    with served(create_app(PassThrough(AsyncClient(to.url)))) as url:
        yield url


def given(call: Call, named: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    """Arguments from the wire name, location and argument of each parameter."""
    places = {"path": call.path, "query": call.query, "header": call.headers}
    found = {
        argument: KNOWN.get(name, places[location][name]) for name, location, argument in named
    }
    return found | ({"body": call.body} if call.body_type else {})


def by_python(to: MockGateway, url: str) -> dict[str, int]:
    """The status of each call; errors inside good answers count apart."""
    statuses = {}
    with Client(url, retry=NEVER) as client:
        for call in CALLS:
            to.session.login()
            named = ((p.name, p.location, p.argument) for p in OPERATIONS[call.id].parameters)
            try:
                client.request(call.id, **given(call, named))
                statuses[call.id] = 200
            except ApiError as error:
                statuses[call.id] = error.status if error.status != 200 else -200
    return statuses


def by_node(to: MockGateway, url: str, project: Project) -> dict[str, int]:  # noqa: F811
    known = registry(project)
    statuses = {}
    with driver(project, url) as node:
        for call in CALLS:
            operation = known[call.id]
            named = [(p["name"], p["location"], p["argument"]) for p in operation["parameters"]]
            arguments = given(call, named) if named or operation["body"] else None
            to.session.login()
            found = node.call(entry_of(operation["resource"]), operation["name"], arguments)
            is_refused = "error" in found
            statuses[call.id] = found["status"] if is_refused else 200
            if is_refused and found["status"] == 200:
                statuses[call.id] = -200
    return statuses


@pytest.fixture(scope="module")
def direct() -> dict[str, int]:
    with gateway() as made:
        return by_python(made, made.url)


def test_python(direct: dict[str, int]) -> None:
    with gateway() as made, passing(made) as url:
        assert by_python(made, url) == direct
    assert len(direct) == len(OPERATIONS)
    assert list(direct.values()).count(200) > 130


def test_typescript(direct: dict[str, int], project: Project) -> None:  # noqa: F811
    with gateway() as made, passing(made) as url:
        assert by_node(made, url, project) == direct
