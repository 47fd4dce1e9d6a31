"""Streams: `suite/stream.test.ts` with the WebSocket of the package `ws`, and with that of Node."""

import re

import pytest

from tests.typescript.project import SUITE, Project

WAYS = {
    "ws": ((), {}),
    "global": (("--experimental-websocket",), {"BEZANT_SOCKET": "global"}),
}


@pytest.mark.parametrize("way", WAYS)
def test_streams(project: Project, way: str) -> None:
    flags, environment = WAYS[way]
    command = (*flags, "--test", "--test-reporter=spec", "out/suite/stream.test.js")
    printed = project.node(*command, **environment)
    counts = {name: int(n) for name, n in re.findall(r"^\S (\w+) (\d+)$", printed, re.M)}
    # One test is for the one way, another for the other.
    written = (SUITE / "stream.test.ts").read_text().count("check('") - 1
    assert written > 40
    wanted = {"tests": written, "pass": written, "fail": 0, "cancelled": 0, "skipped": 0, "todo": 0}
    assert {name: counts[name] for name in wanted} == wanted
