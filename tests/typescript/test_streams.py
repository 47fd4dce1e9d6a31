"""Streams at the mock gateway, with the WebSocket of the package `ws`, and with that of Node."""

import re

import pytest

from tests.typescript.gateways import gateways
from tests.typescript.project import Project

WAYS = {
    "ws": ((), {}),
    "global": (("--experimental-websocket",), {"BEZANT_SOCKET": "global"}),
}
TESTS = {"stream": 24, "subscriptions": 14, "lifetime": 17, "market": 10}
"""How many each file has."""


@pytest.mark.parametrize("name", TESTS)
@pytest.mark.parametrize("way", WAYS)
def test_streams(project: Project, way: str, name: str) -> None:
    flags, environment = WAYS[way]
    command = (*flags, "--test", "--test-reporter=spec", f"out/suite/{name}.test.js")
    with gateways() as made:
        printed = project.node(*command, **environment, BEZANT_GATEWAYS=made.address)
    counts = {word: int(n) for word, n in re.findall(r"^\S (\w+) (\d+)$", printed, re.M)}
    wanted = {"tests": TESTS[name], "pass": TESTS[name]}
    others = dict.fromkeys(("fail", "cancelled", "skipped", "todo"), 0)
    assert {word: counts[word] for word in (*wanted, *others)} == {**wanted, **others}
    assert made.served > TESTS[name] // 2
