"""Streams with the WebSocket of the package `ws`, and with that of Node: on the mock, and on a scripted gateway."""

import re

import pytest

from tests.typescript.gateways import gateways
from tests.typescript.project import Project

WAYS = {
    "ws": ((), {}),
    "global": (("--experimental-websocket",), {"BEZANT_SOCKET": "global"}),
}


def _passed(project: Project, way: str, name: str, **environment: str) -> int:
    """How many tests of a file have passed; all have to."""
    flags, chosen = WAYS[way]
    command = (*flags, "--test", "--test-reporter=spec", f"out/suite/{name}.test.js")
    printed = project.node(*command, **chosen, **environment)
    counts = {word: int(n) for word, n in re.findall(r"^\S (\w+) (\d+)$", printed, re.M)}
    others = {word: counts[word] for word in ("fail", "cancelled", "skipped", "todo")}
    assert others == dict.fromkeys(others, 0)
    assert counts["tests"] == counts["pass"]
    return counts["pass"]


@pytest.mark.parametrize("way", WAYS)
def test_against_the_mock(project: Project, way: str) -> None:
    with gateways() as made:
        passed = _passed(project, way, "stream", BEZANT_GATEWAYS=made.address)
    assert passed == 27
    assert made.served > 20


@pytest.mark.parametrize("way", WAYS)
def test_against_a_script(project: Project, way: str) -> None:
    assert _passed(project, way, "subscriptions") == 26
