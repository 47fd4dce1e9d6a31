"""The vectors that every client is held to, with the TypeScript client: requests, answers, values."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.client.drive import Loopback, loopback
from tests.client.test_values import VECTORS
from tests.client.test_vectors import ANSWERS, FOLDER, REQUESTS, judged, will_answer
from tests.typescript.drive import Driver, driver, entry_of, registry
from tests.typescript.project import Project

CHANNELS = json.loads((FOLDER / "channels.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def server() -> Iterator[Loopback]:
    with loopback() as state:
        yield state


@pytest.fixture(scope="module")
def node(project: Project, server: Loopback) -> Iterator[Driver]:
    with driver(project, server.url) as process:
        yield process


@pytest.fixture(scope="module")
def operations(project: Project) -> dict[str, Any]:
    return registry(project)


@pytest.mark.parametrize("vector", REQUESTS, ids=lambda vector: str(vector["name"]))
def test_requests(
    vector: dict[str, Any], server: Loopback, node: Driver, operations: dict[str, Any]
) -> None:
    server.will_answer(200, "application/json", b"{}")
    server.arrived.clear()
    operation = operations[vector["operation"]]
    places = {(p["location"], p["name"]): p["argument"] for p in operation["parameters"]}
    given = {
        places[location, name]: value
        for location in ("path", "query", "header")
        for name, value in vector.get(location, {}).items()
    }
    given |= {"body": vector["body"]} if "body" in vector else {}
    takes = operation["parameters"] or operation["body"]
    found = node.call(entry_of(operation["resource"]), operation["name"], given if takes else None)
    assert judged(vector["expect"], server.arrived, found.get("error", "")) == []


@pytest.mark.parametrize("vector", ANSWERS, ids=lambda vector: str(vector["name"]))
def test_answers(vector: dict[str, Any], server: Loopback, node: Driver) -> None:
    will_answer(server, vector)
    found = node.call("portfolio", "ledger", {"accountId": "U1"}, isExplained=True)
    expect = vector["expect"]
    if "value" in expect:
        assert found.get("value") == expect["value"], found
        assert found["isAbsent"] == (expect["value"] is None)
        return
    length = len(expect.get("reason", "")) if found["error"] == "HtmlPage" else None
    shown = {
        "error": found["error"],
        "reason": found["reason"][:length].rstrip("."),
        "status": found.get("status"),
        "retryable": found["isRetryable"],
    }
    assert {key: shown[key] for key in expect} == expect


def test_without_explanations_errors_are_those_of_the_status(
    server: Loopback, node: Driver
) -> None:
    body = b'{"error": "Bad Request: no bridge"}'
    server.will_answer(400, "application/json", body, x_request_id="r1")
    plain = node.call("portfolio", "ledger", {"accountId": "U1"})
    assert (plain["error"], plain["hint"], plain["requestId"]) == ("BadRequest", "", "r1")
    explained = node.call("portfolio", "ledger", {"accountId": "U1"}, isExplained=True)
    assert explained["error"] == "NoBrokerageSession"
    assert explained["hint"] in explained["message"]
    assert "ssodh/init" in explained["hint"]
    assert explained["requestId"] == "r1"


def test_not_a_number_is_read_as_null_by_those_who_ask_for_it(
    server: Loopback, node: Driver
) -> None:
    server.will_answer(
        200, "application/json", b'{"a": NaN, "b": "NaN, -Infinity", "c": [-Infinity]}'
    )
    assert node.call("portfolio", "ledger", {"accountId": "U1"})["error"] == "DecodeError"
    lenient = node.call("portfolio", "ledger", {"accountId": "U1"}, isLenient=True)
    assert lenient["value"] == {"a": None, "b": "NaN, -Infinity", "c": [None]}


# --- Channels ------------------------------------------------------------------------------------

_SPEAK = """
const channels = await import('bezant-client/channels')
for (const { name, options, last } of JSON.parse(process.argv[1])) {
  const { key, begin, end } = options ? channels[name](options) : channels[name]()
  console.log(JSON.stringify({ key, begin: begin ?? null, end: end?.(last) ?? null }))
}
console.log(JSON.stringify(Object.keys(channels).sort()))
"""


def test_channels(project: Project) -> None:
    vectors = [{**vector, "name": _camel(vector["topic"])} for vector in CHANNELS]
    *printed, names = project.node(
        "--input-type=module", "--eval", _SPEAK, json.dumps(vectors)
    ).splitlines()
    for vector, line in zip(vectors, printed, strict=True):
        assert json.loads(line) == {part: vector[part] for part in ("key", "begin", "end")}
    assert json.loads(names) == sorted({vector["name"] for vector in vectors})


# --- Values --------------------------------------------------------------------------------------

_READ = """
const values = await import('bezant-client/values')
const vectors = JSON.parse(process.argv[1])
const camel = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase())
const read = (reader, value) => {
  try {
    return values[camel(reader)](value)
  } catch (error) {
    return error instanceof RangeError && /^no (number|amount|time): /.test(error.message) ? 'error' : String(error)
  }
}
for (const [reader, rows] of Object.entries(vectors)) {
  for (const [given] of rows) console.log(JSON.stringify({ reader, given, found: read(reader, given) }))
}
console.log(JSON.stringify(Object.keys(values).sort()))
"""


def test_values(project: Project) -> None:
    printed = project.node("--input-type=module", "--eval", _READ, json.dumps(VECTORS)).splitlines()
    rows = [(reader, *row) for reader, rows in VECTORS.items() for row in rows]
    assert len(printed) == len(rows) + 1 > 80
    for (reader, given, expected), line in zip(rows, printed, strict=False):
        found = json.loads(line)
        assert (found["reader"], found["given"]) == (reader, given)
        assert _same(found["found"], expected), (reader, given, found["found"], expected)
    assert json.loads(printed[-1]) == sorted(_camel(reader) for reader in VECTORS)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(map(str.capitalize, rest))


def _same(found: Any, expected: Any) -> bool:
    """Numbers are JavaScript's, times are instants, and a pair is an object."""
    if isinstance(expected, list):
        return (
            isinstance(found, dict)
            and len(found) == len(expected)
            and all(map(_same, found.values(), expected))
        )
    if expected is None or expected == "error" or not isinstance(found, float | int | str):
        return bool(found == expected)
    if isinstance(found, str) and found.endswith("Z"):
        return datetime.fromisoformat(found) == datetime.fromisoformat(expected)
    return found == (float(expected) if isinstance(found, float | int) else expected)
