"""Calls of the TypeScript client, by the runner of Node: at the mock gateway, and at servers that answer unlike it."""

import re

import pytest

from tests.typescript.gateways import gateways
from tests.typescript.project import Project

TESTS = {"calls": 31, "client": 15}
"""How many each file has."""


@pytest.mark.parametrize("name", TESTS)
def test_calls(project: Project, name: str) -> None:
    command = ("--test", "--test-reporter=spec", f"out/suite/{name}.test.js")
    with gateways() as made:
        printed = project.node(*command, BEZANT_GATEWAYS=made.address)
    counts = dict(re.findall(r"^\S (tests|pass|fail|skipped|todo) (\d+)$", printed, re.M))
    passed = str(TESTS[name])
    assert counts == {"tests": passed, "pass": passed, "fail": "0", "skipped": "0", "todo": "0"}
